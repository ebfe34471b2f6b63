/* SPDX-License-Identifier: MIT
 *
 * concatenate: each input is copied into its part of the result. */
#include "graph/lower.h"

enum { AXIS };

static const gm__attr_row attrs[] = {{"axis", GM__ATTR_INTEGER, "-1", "the axis along which to join", NULL}};

/** Keras takes a negative axis modulo the rank. */
static int64_t axis_of(const gm__attr *attr, int rank) {
  int64_t axis = attr[AXIS].given ? attr[AXIS].integer : -1;
  return axis < 0 && rank > 0 ? (axis % rank + rank) % rank : axis;
}

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

static gm_status infer(gm__infer *c) {
  int axis, rank = c->shape[0].rank;
  GM_TRY(gm__infer_axis(c, 0, axis_of(c->attrs, rank), rank, &axis));
  gm__infer_like(c, 0);
  for (int i = 1; i < c->count; i++) {
    for (int a = 0; a < rank; a++) {
      if (a != axis) GM_TRY(gm__infer_equal(c, 0, a, i, a));
    }
    GM_TRY(
        gm__dim_add(c->dims, c->out[0].dims[axis], c->shape[i].dims[axis], &c->out[0].dims[axis], c->error));
  }
  return GM_OK;
}

static gm_status lower(gm__lower *l) {
  int64_t axis = axis_of(l->attrs, l->out[0].rank);
  GM_TRY(gm__lower_new(l, &l->out[0]));
  gm__view part = l->out[0];
  for (int i = 0; i < l->count; i++) {
    part.dims[axis] = l->in[i].dims[axis];
    GM_TRY(gm__lower_copy(l, &l->in[i], &part));
    part.offset += part.dims[axis] * part.strides[axis];
  }
  return GM_OK;
}

static int joined(const gm__attr *given, int rank) {
  return (int)axis_of(given, rank);
}

const gm__op gm__op_concatenate = {
    .name = "concatenate",
    .doc = "Joins tensors along an axis.",
    .formula = "out[..., i, ...] = the i-th slice of all inputs, one after the other",
    .source = "tf.keras.backend.concatenate",
    .inputs = "x, y, ...",
    .kind = "copy",
    .min_inputs = 1,
    .max_inputs = GM__ANY_COUNT,
    .results = 1,
    .laws = GM__KEEPS,
    .attrs = attrs,
    .attr_count = 1,
    .example = "{concatenate: [x, x], axis: 0}",
    .ranks = ranks,
    .infer = infer,
    .joined = joined,
    .lower = lower,
};
