/* SPDX-License-Identifier: MIT
 *
 * transpose and permute_dimensions: the same elements under another order of axes, by strides alone. */
#include "graph/lower.h"

enum { PATTERN };

static const gm__attr_row attrs[] = {
    {"pattern", GM__ATTR_INTEGERS, NULL, "axis i of the result is axis pattern[i] of x", NULL}};

static gm_status order_of(const gm__infer *c, int *order) {
  int rank = c->shape[0].rank;
  bool seen[GM_MAX_RANK] = {false};
  const gm__attr *pattern = &c->attrs[PATTERN];
  if (pattern->count != rank) {
    char text[200];
    gm__text input = gm__text_into(text, sizeof text);
    gm__infer_input_text(c, 0, &input);
    gm__text_end(&input);
    return gm__infer_fail(c, GM_BAD_SHAPE, "attribute 'pattern' has %d %s, but %s has rank %d",
        pattern->count, pattern->count == 1 ? "axis" : "axes", text, rank);
  }
  for (int i = 0; i < rank; i++) {
    GM_TRY(gm__infer_axis(c, 0, pattern->items[i], rank, &order[i]));
    if (seen[order[i]])
      return gm__infer_fail(c, GM_BAD_SHAPE, "attribute 'pattern' names axis %d twice", order[i]);
    seen[order[i]] = true;
  }
  return GM_OK;
}

static gm_status infer_permute(gm__infer *c) {
  int order[GM_MAX_RANK];
  GM_TRY(order_of(c, order));
  gm__infer_like(c, 0);
  for (int i = 0; i < c->shape[0].rank; i++) c->out[0].dims[i] = c->shape[0].dims[order[i]];
  return GM_OK;
}

static gm_status infer_transpose(gm__infer *c) {
  int rank = c->shape[0].rank;
  gm__infer_like(c, 0);
  for (int i = 0; i < rank; i++) c->out[0].dims[i] = c->shape[0].dims[rank - 1 - i];
  return GM_OK;
}

static void reversed(const gm__attr *given, int rank, int *order) {
  (void)given;
  for (int i = 0; i < rank; i++) order[i] = rank - 1 - i;
}

static void permuted(const gm__attr *given, int rank, int *order) {
  const int64_t *pattern = given[PATTERN].items;
  for (int i = 0; i < rank; i++) order[i] = (int)(pattern[i] < 0 ? pattern[i] + rank : pattern[i]);
}

static gm_status lower(gm__lower *l) {
  int order[GM_MAX_RANK];
  l->op->order(l->attrs, l->in[0].rank, order);
  l->out[0] = l->in[0];
  gm__view_permute(&l->out[0], order);
  return GM_OK;
}

const gm__op gm__op_transpose = {
    .name = "transpose",
    .doc = "The axes in the opposite order.",
    .formula = "out[i, j, ..., n] = x[n, ..., j, i]",
    .source = "tf.keras.backend.transpose",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW,
    .infer = infer_transpose,
    .order = reversed,
    .lower = lower,
};

const gm__op gm__op_permute_dimensions = {
    .name = "permute_dimensions",
    .doc = "The axes in the order of a pattern.",
    .formula = "axis i of the result is axis pattern[i] of x",
    .source = "tf.keras.backend.permute_dimensions",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW,
    .attrs = attrs,
    .attr_count = 1,
    .example = "{permute_dimensions: x, pattern: [1, 0]}",
    .infer = infer_permute,
    .order = permuted,
    .lower = lower,
};
