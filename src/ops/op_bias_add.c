/* SPDX-License-Identifier: MIT
 *
 * bias_add: a vector along the channel axis, or a bias with all axes but the first, as Keras reshapes it. */
#include "graph/lower.h"

enum { DATA_FORMAT };
enum { CHANNELS_LAST, CHANNELS_FIRST };

static const gm__attr_row attrs[] = {{"data_format", GM__ATTR_CHOICE, "channels_last",
    "which axis of x is the bias's last: its last, or its second", "channels_last,channels_first"}};

/** The axis of x that is axis `axis` of the bias. */
static int axis_of(const gm__attr *attr, int x_rank, int bias_rank, int axis) {
  bool first = attr[DATA_FORMAT].given && attr[DATA_FORMAT].integer == CHANNELS_FIRST;
  if (bias_rank == 1) return first ? 1 : x_rank - 1;
  if (!first) return axis + 1;
  return axis == bias_rank - 1 ? 1 : axis + 2;
}

static gm_status infer(gm__infer *c) {
  const gm__shape *x = &c->shape[0], *bias = &c->shape[1];
  if (x->rank < 2) return gm__infer_fail(c, GM_BAD_SHAPE, "x must have rank 2 or more, but has rank %d", x->rank);
  if (bias->rank != 1 && bias->rank != x->rank - 1) {
    return gm__infer_fail(c, GM_BAD_SHAPE, "the bias must have rank 1 or %d, but has rank %d", x->rank - 1, bias->rank);
  }
  for (int a = 0; a < bias->rank; a++) {
    bool repeats = bias->rank > 1 && bias->dims[a] == 1;
    int axis = axis_of(c->attrs, x->rank, bias->rank, a);
    if (!repeats) GM_TRY(gm__infer_equal(c, 0, axis, 1, a));
  }
  gm__infer_like(c, 0);
  return GM_OK;
}

static gm_status lower(gm__lower *l) {
  gm__view in[2] = {l->in[0], l->in[0]};
  const gm__view *bias = &l->in[1];
  in[1].buffer = bias->buffer;
  in[1].offset = bias->offset;
  for (int a = 0; a < in[1].rank; a++) in[1].strides[a] = 0;
  for (int a = 0; a < bias->rank; a++) {
    int axis = axis_of(l->attrs, l->in[0].rank, bias->rank, a);
    in[1].strides[axis] = bias->dims[a] == 1 ? 0 : bias->strides[a];
  }
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_function(l, "add", in[0].dtype, NULL, 0, in, 2, &l->out[0]);
}

const gm__op gm__op_bias_add = {
    .name = "bias_add",
    .doc = "Adds a bias along the channel axis.",
    .formula = "out[i..., c] = x[i..., c] + bias[c]",
    .source = "tf.keras.backend.bias_add",
    .inputs = "x, bias",
    .kind = "map",
    .min_inputs = 2,
    .max_inputs = 2,
    .results = 1,
    .kinds = GM__NUMBER_KINDS,
    .attrs = attrs,
    .attr_count = 1,
    .infer = infer,
    .lower = lower,
};
