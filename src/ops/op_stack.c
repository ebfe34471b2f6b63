/* SPDX-License-Identifier: MIT
 *
 * stack: each input is copied to its place along a new axis. */
#include "graph/lower.h"

enum { AXIS };

static const gm__attr_row attrs[] = {
    {"axis", GM__ATTR_INTEGER, "0", "where the new axis will be in the result", NULL}};

static gm_status ranks(const gm__infer *c) {
  for (int i = 1; i < c->count; i++) {
    if (c->shape[i].rank == c->shape[0].rank) continue;
    char a[200], b[200];
    gm__text first = gm__text_into(a, sizeof a), other = gm__text_into(b, sizeof b);
    gm__infer_input_text(c, 0, &first);
    gm__infer_input_text(c, i, &other);
    gm__text_end(&first);
    gm__text_end(&other);
    return gm__infer_fail(c, GM_BAD_SHAPE, "the ranks must be the same, but %s and %s differ", a, b);
  }
  return GM_OK;
}

static int64_t axis_of(const gm__attr *attr) {
  return attr[AXIS].given ? attr[AXIS].integer : 0;
}

static gm_status infer(gm__infer *c) {
  int axis, rank = c->shape[0].rank;
  GM_TRY(gm__infer_axis(c, 0, axis_of(c->attrs), rank + 1, &axis));
  for (int i = 1; i < c->count; i++) {
    for (int a = 0; a < rank; a++) GM_TRY(gm__infer_equal(c, 0, a, i, a));
  }
  c->out[0].dtype = c->dtype[0];
  c->out[0].rank = 0;
  for (int a = 0; a <= rank; a++) {
    GM_TRY(gm__infer_push(c, a == axis ? c->count : c->shape[0].dims[a - (a > axis)]));
  }
  return GM_OK;
}

static gm_status lower(gm__lower *l) {
  int64_t axis = axis_of(l->attrs), rank = l->out[0].rank;
  if (axis < 0) axis += rank;
  GM_TRY(gm__lower_new(l, &l->out[0]));
  gm__view part = l->out[0];
  part.rank--;
  for (int64_t a = axis; a < part.rank; a++) {
    part.dims[a] = part.dims[a + 1];
    part.strides[a] = part.strides[a + 1];
  }
  for (int i = 0; i < l->count; i++) {
    GM_TRY(gm__lower_copy(l, &l->in[i], &part));
    part.offset += l->out[0].strides[axis];
  }
  return GM_OK;
}

static int joined(const gm__attr *given, int rank) {
  int64_t axis = axis_of(given);
  return (int)(axis < 0 ? axis + rank : axis);
}

const gm__op gm__op_stack = {
    .name = "stack",
    .doc = "Joins tensors of one shape along a new axis.",
    .formula = "out[..., i, ...] = the i-th input[..., ...]",
    .source = "tf.keras.backend.stack",
    .inputs = "x, y, ...",
    .kind = "copy",
    .min_inputs = 1,
    .max_inputs = GM__ANY_COUNT,
    .results = 1,
    .attrs = attrs,
    .attr_count = 1,
    .example = "{stack: [x, x], axis: 0}",
    .ranks = ranks,
    .infer = infer,
    .joined = joined,
    .flops = gm__infer_no_flops,
    .lower = lower,
};
