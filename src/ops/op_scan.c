/* SPDX-License-Identifier: MIT
 *
 * cumsum and cumprod: running sums and products along an axis. */
#include "graph/lower.h"
#include "kernel/map_row.h"

enum { AXIS };

static const gm__attr_row attrs[] = {{"axis", GM__ATTR_INTEGER, "0", "the axis to run along", NULL}};

static int64_t axis_of(const gm__attr *attr) {
  return attr[AXIS].given ? attr[AXIS].integer : 0;
}

static gm_status infer(gm__infer *c) {
  int axis;
  GM_TRY(gm__infer_axis(c, 0, axis_of(c->attrs), c->shape[0].rank, &axis));
  gm__infer_like(c, 0);
  return GM_OK;
}

static gm_status lower(gm__lower *l, gm__reduction how) {
  int64_t axis = axis_of(l->attrs);
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_scan(l, how, (int)(axis < 0 ? axis + l->in[0].rank : axis), &l->in[0], &l->out[0]);
}

/** Every axis but the one that counts as a whole. */
static void along(const gm__axes *c, int *out) {
  int64_t axis = axis_of(c->attrs);
  for (int a = 0; a < c->in.rank; a++) out[a] = a == axis || a == axis + c->in.rank ? -1 : a;
}

#define SCAN(word, how, about, formula_text, semantics)                                                      \
  static gm_status lower_##word(gm__lower *l) {                                                              \
    return lower(l, how);                                                                                    \
  }                                                                                                          \
  const gm__op gm__op_##word = {.name = #word,                                                               \
      .doc = about,                                                                                          \
      .formula = formula_text,                                                                               \
      .source = semantics,                                                                                   \
      .inputs = "x",                                                                                         \
      .kind = "scan",                                                                                        \
      .min_inputs = 1,                                                                                       \
      .max_inputs = 1,                                                                                       \
      .results = 1,                                                                                          \
      .flags = GM__ACCUMULATES,                                                                              \
      .kinds = GM__NUMBERS,                                                                                  \
      .attrs = attrs,                                                                                        \
      .attr_count = 1,                                                                                       \
      .example = "{" #word ": x, axis: -1}",                                                                 \
      .infer = infer,                                                                                        \
      .along = along,                                                                                        \
      .lower = lower_##word};

SCAN(cumsum, GM__SUM, "The running sum along an axis, in the dtype of x.",
    "out[..., i, ...] = sum_{k <= i} x[..., k, ...]", "tf.keras.backend.cumsum")
SCAN(cumprod, GM__PROD, "The running product along an axis, in the dtype of x.",
    "out[..., i, ...] = prod_{k <= i} x[..., k, ...]", "tf.keras.backend.cumprod")
