/* SPDX-License-Identifier: MIT
 *
 * sum and mean over axes; a further reduction is one more record with its gm__reduction. */
#include "graph/lower.h"
#include "kernel/map_row.h"

enum { AXIS, KEEPDIMS };

static const gm__attr_row attrs[] = {
    {"axis", GM__ATTR_INTEGERS, "null", "the axes to reduce; all of them when null, none when []", NULL},
    {"keepdims", GM__ATTR_BOOL, "false", "keep the reduced axes, with length 1", NULL},
};

static gm_status infer(gm__infer *c) {
  bool reduced[GM_MAX_RANK];
  GM_TRY(gm__infer_axes(c, AXIS, reduced));
  bool keep = c->attrs[KEEPDIMS].given && c->attrs[KEEPDIMS].flag;
  c->out[0].dtype = c->dtype[0];
  c->out[0].rank = 0;
  for (int a = 0; a < c->shape[0].rank; a++) {
    if (!reduced[a] || keep) GM_TRY(gm__infer_push(c, reduced[a] ? 1 : c->shape[0].dims[a]));
  }
  return GM_OK;
}

static gm_status infer_mean(gm__infer *c) {
  GM_TRY(infer(c));
  if (c->dtype[0] == GM_BOOL) c->out[0].dtype = GM_FLOAT32;
  return GM_OK;
}

static gm_status flops(gm__infer *c, gm__dim *out) {
  return gm__dim_product(c->dims, c->shape[0].dims, c->shape[0].rank, out, c->error);
}

static gm_status lower_reduction(gm__lower *l, gm__reduction reduction) {
  gm__view in = l->in[0], out;
  bool reduced[GM_MAX_RANK] = {false};
  const gm__attr *axes = &l->attrs[AXIS];
  for (int a = 0; a < in.rank; a++) reduced[a] = !axes->given;
  for (int i = 0; axes->given && i < axes->count; i++) {
    reduced[axes->items[i] < 0 ? axes->items[i] + in.rank : axes->items[i]] = true;
  }
  GM_TRY(gm__lower_cast(l, &in, l->out[0].dtype));
  GM_TRY(gm__lower_new(l, &l->out[0]));
  out = l->out[0];
  out.rank = 0;
  int64_t stride = gm__view_count(&l->out[0]);
  for (int a = 0; a < in.rank; a++) {
    if (reduced[a]) continue;
    stride = in.dims[a] ? stride / in.dims[a] : 0;
    out.dims[out.rank] = in.dims[a];
    out.strides[out.rank++] = stride;
  }
  return gm__lower_reduce(l, reduction, reduced, &in, &out);
}

static gm_status lower_sum(gm__lower *l) {
  return lower_reduction(l, GM__SUM);
}

static gm_status lower_mean(gm__lower *l) {
  return lower_reduction(l, GM__MEAN);
}

const gm__op gm__op_sum = {
    .name = "sum",
    .doc = "The sum over axes, in the dtype of x.",
    .formula = "out[i...] = sum_k... x[i..., k...]",
    .source = "tf.keras.backend.sum",
    .inputs = "x",
    .kind = "reduce",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .kinds = GM__NUMBERS,
    .attrs = attrs,
    .attr_count = 2,
    .example = "{sum: x, axis: 0}",
    .infer = infer,
    .flops = flops,
    .lower = lower_sum,
};

const gm__op gm__op_mean = {
    .name = "mean",
    .doc = "The mean over axes; of integers truncated toward zero, of bool as float32.",
    .formula = "out[i...] = sum_k... x[i..., k...] / count",
    .source = "tf.keras.backend.mean",
    .inputs = "x",
    .kind = "reduce",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .kinds = GM__NUMBERS | GM__BOOLS,
    .attrs = attrs,
    .attr_count = 2,
    .example = "{mean: x, axis: -1, keepdims: true}",
    .infer = infer_mean,
    .flops = flops,
    .lower = lower_mean,
};
