/* SPDX-License-Identifier: MIT
 *
 * argmax and argmin: where along an axis the extreme stands. The axis must not be empty. */
#include "graph/lower.h"
#include "kernel/map_row.h"

enum { AXIS };

static const gm__attr_row attrs[] = {
    {"axis", GM__ATTR_INTEGER, "-1", "the axis to search along; it is gone from the result", NULL}};

static int64_t axis_of(const gm__attr *attr) {
  return attr[AXIS].given ? attr[AXIS].integer : -1;
}

static gm_status demand_elements(gm__infer *c, int axis) {
  gm_error cause = {0};
  char shape[200];
  gm_status status = gm__dims_at_least(
      c->dims, c->written[0].dims[axis], 1, c->node, (gm__place){c->nodes[0], axis}, &c->namer, &cause);
  if (status == GM_OK) return GM_OK;
  if (status != GM_BAD_SHAPE) return gm__infer_fail(c, status, "%s", cause.message);
  gm__text text = gm__text_into(shape, sizeof shape);
  gm__infer_input_text(c, 0, &text);
  gm__text_end(&text);
  return gm__infer_fail(c, GM_BAD_SHAPE, "axis %d of %s is empty, so that nothing stands out", axis, shape);
}

static gm_status infer(gm__infer *c) {
  int axis;
  GM_TRY(gm__infer_axis(c, 0, axis_of(c->attrs), c->shape[0].rank, &axis));
  GM_TRY(demand_elements(c, axis));
  c->out[0].dtype = GM_INT64;
  c->out[0].rank = 0;
  for (int a = 0; a < c->shape[0].rank; a++) {
    if (a != axis) GM_TRY(gm__infer_push(c, c->shape[0].dims[a]));
  }
  return GM_OK;
}

static gm_status flops(gm__infer *c, gm__dim *out) {
  return gm__dim_product(c->dims, c->shape[0].dims, c->shape[0].rank, out, c->error);
}

static gm_status lower(gm__lower *l, gm__reduction which) {
  int64_t axis = axis_of(l->attrs);
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_arg(l, which, (int)(axis < 0 ? axis + l->in[0].rank : axis), &l->in[0], &l->out[0]);
}

static void along(const gm__axes *c, int *out) {
  int64_t axis = axis_of(c->attrs);
  if (axis < 0) axis += c->in.rank;
  for (int a = 0; a < c->in.rank; a++) out[a] = a == axis ? -1 : a - (a > axis);
}

#define ARG(word, which, about, formula_text, semantics)                                                     \
  static gm_status lower_##word(gm__lower *l) {                                                              \
    return lower(l, which);                                                                                  \
  }                                                                                                          \
  const gm__op gm__op_##word = {.name = #word,                                                               \
      .doc = about,                                                                                          \
      .formula = formula_text,                                                                               \
      .source = semantics,                                                                                   \
      .inputs = "x",                                                                                         \
      .kind = "arg",                                                                                         \
      .min_inputs = 1,                                                                                       \
      .max_inputs = 1,                                                                                       \
      .results = 1,                                                                                          \
      .kinds = GM__INTEGERS | GM__REALS | GM__BOOLS,                                                         \
      .attrs = attrs,                                                                                        \
      .attr_count = 1,                                                                                       \
      .example = "{" #word ": x, axis: -1}",                                                                 \
      .infer = infer,                                                                                        \
      .flops = flops,                                                                                        \
      .along = along,                                                                                        \
      .lower = lower_##word};

ARG(argmax, GM__MAX, "The index, an int64, of the greatest along an axis: the first of equals, or of NaNs.",
    "out[i...] = the least k with x[i..., k] = max_j x[i..., j]", "tf.keras.backend.argmax; NumPy for NaN")
ARG(argmin, GM__MIN, "The index, an int64, of the least along an axis: the first of equals, or of NaNs.",
    "out[i...] = the least k with x[i..., k] = min_j x[i..., j]", "tf.keras.backend.argmin; NumPy for NaN")
