/* SPDX-License-Identifier: MIT
 *
 * softmax along one axis. A vector has one too, unlike in Keras. */
#include "graph/lower.h"

enum { AXIS };

static const gm__attr_row attrs[] = {{"axis", GM__ATTR_INTEGER, "-1", "the axis that sums to 1", NULL}};

static int64_t axis_of(const gm__attr *attr) {
  return attr[AXIS].given ? attr[AXIS].integer : -1;
}

static gm_status infer(gm__infer *c) {
  int axis;
  GM_TRY(gm__infer_axis(c, 0, axis_of(c->attrs), c->shape[0].rank, &axis));
  gm__infer_like(c, 0);
  return GM_OK;
}

static gm_status lower(gm__lower *l) {
  int64_t axis = axis_of(l->attrs);
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_softmax(l, (int)(axis < 0 ? axis + l->in[0].rank : axis), &l->in[0], &l->out[0]);
}

/** Every axis but the one that counts as a whole. */
static void along(const gm__axes *c, int *out) {
  int64_t axis = axis_of(c->attrs);
  for (int a = 0; a < c->in.rank; a++) out[a] = a == axis || a == axis + c->in.rank ? -1 : a;
}

const gm__op gm__op_softmax = {
    .name = "softmax",
    .doc = "Exponentials that sum to 1 along an axis.",
    .formula = "out[..., i] = exp(x[..., i] - max_j x[..., j]) / sum_j exp(x[..., j] - max_j x[..., j])",
    .source = "tf.keras.backend.softmax; rank 1 too",
    .inputs = "x",
    .kind = "softmax",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__ACCUMULATES,
    .kinds = GM__REAL_KINDS,
    .attrs = attrs,
    .attr_count = 1,
    .example = "{softmax: x, axis: -1}",
    .infer = infer,
    .along = along,
    .lower = lower,
};
