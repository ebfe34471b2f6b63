/* SPDX-License-Identifier: MIT
 *
 * bias_add: a vector along the channel axis, or a bias with all axes but the first, as Keras reshapes it. */
#include "graph/lower.h"

enum { DATA_FORMAT };
enum { CHANNELS_LAST, CHANNELS_FIRST };

static const gm__attr_row attrs[] = {{"data_format", GM__ATTR_CHOICE, "channels_last",
    "which axis of x is the bias's last: its last, or its second", "channels_last,channels_first"}};

static bool channels_first(const gm__attr *attr) {
  return attr[DATA_FORMAT].given && attr[DATA_FORMAT].integer == CHANNELS_FIRST;
}

/** The bias under other dims, aligned with x's last axes: (c) as it is, or (c, 1, …, 1) when channels come
 * first; with more axes as Keras reshapes it then, the last length in front and the elements in their order.
 * `from[i]` is the axis of the bias that gives length i, or -1 for 1. Returns the rank. */
static int aligned(const gm__attr *attr, int x_rank, int bias_rank, int *from) {
  bool first = channels_first(attr);
  int rank = bias_rank > 1 ? bias_rank : first ? x_rank - 1 : 1;
  for (int i = 0; i < rank; i++) {
    if (bias_rank == 1)
      from[i] = i == 0 ? 0 : -1;
    else
      from[i] = !first ? i : i == 0 ? bias_rank - 1 : i - 1;
  }
  return rank;
}

static const char *input_text(const gm__infer *c, int input, char buffer[200]) {
  gm__text text = gm__text_into(buffer, 200);
  gm__infer_input_text(c, input, &text);
  gm__text_end(&text);
  return buffer;
}

static gm_status too_few_axes(const gm__infer *c, const char *when, int least) {
  char x[200];
  return gm__infer_fail(
      c, GM_BAD_SHAPE, "x must have rank %d or more%s, but is %s", least, when, input_text(c, 0, x));
}

static gm_status ranks(const gm__infer *c) {
  char x[200], other[200];
  int rank = c->shape[0].rank, bias = c->shape[1].rank;
  if (rank < 2) return too_few_axes(c, "", 2);
  if (bias == 1 || bias == rank - 1) return GM_OK;
  input_text(c, 0, x);
  input_text(c, 1, other);
  if (rank == 2)
    return gm__infer_fail(c, GM_BAD_SHAPE, "the bias of %s must have rank 1, but is %s", x, other);
  return gm__infer_fail(
      c, GM_BAD_SHAPE, "the bias of %s must have rank 1 or %d, but is %s", x, rank - 1, other);
}

/** A vector has the length of its axis; a bias with more axes broadcasts. */
static gm_status infer_vector(gm__infer *c, int axis) {
  gm__infer_like(c, 0);
  return gm__infer_equal(c, 0, axis, 1, 0);
}

static gm_status infer(gm__infer *c) {
  int from[GM_MAX_RANK], x_rank = c->shape[0].rank;
  gm__dim dims[GM_MAX_RANK], written[GM_MAX_RANK];
  if (channels_first(c->attrs) && x_rank < 3) return too_few_axes(c, " where channels come first", 3);
  int rank = aligned(c->attrs, x_rank, c->shape[1].rank, from);
  if (c->shape[1].rank == 1) return infer_vector(c, x_rank - rank);
  for (int i = 0; i < rank; i++) {
    dims[i] = c->shape[1].dims[from[i]];
    written[i] = c->written[1].dims[from[i]];
  }
  gm__infer inner = *c;
  inner.shape = (const gm__shape[]){c->shape[0], {rank, dims}};
  inner.written = (const gm__shape[]){c->written[0], {rank, written}};
  c->out[0].dtype = c->dtype[0];
  return gm__infer_broadcast(&inner);
}

static gm_status lower(gm__lower *l) {
  int from[GM_MAX_RANK];
  int64_t dims[GM_MAX_RANK];
  gm__view in[2] = {l->in[0], l->in[1]};
  int rank = aligned(l->attrs, in[0].rank, in[1].rank, from);
  for (int i = 0; i < rank; i++) dims[i] = from[i] < 0 ? 1 : in[1].dims[from[i]];
  GM_TRY(gm__lower_contiguous(l, &in[1]));
  gm__view_reshape(&in[1], rank, dims);
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
    .ranks = ranks,
    .infer = infer,
    .lower = lower,
};
