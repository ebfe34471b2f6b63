/* SPDX-License-Identifier: MIT
 *
 * Reductions over axes, one row of REDUCTION each: the name, how elements are combined (see gm__reduction in
 * kernel/step.h), the kinds of dtypes it takes, the dtype of the result as in kernel/map_row.h (bool counts
 * as float32 where that is no bool), and what help tells. A way to combine that there is not yet is a row of
 * the table in kernel/fold.c. */
#include "graph/lower.h"
#include "kernel/map_row.h"

enum { AXIS, KEEPDIMS };

static const gm__attr_row attrs[] = {
    {"axis", GM__ATTR_INTEGERS, "null", "the axes to reduce; all of them when null, none when []", NULL},
    {"keepdims", GM__ATTR_BOOL, "false", "keep the reduced axes, with length 1", NULL},
};

static gm_dtype result_dtype(gm_dtype dtype, int result) {
  if (result == GM__TO_BOOL) return GM_BOOL;
  if (result == GM__TO_REAL && dtype == GM_COMPLEX64) return GM_FLOAT32;
  if (result == GM__TO_REAL && dtype == GM_COMPLEX128) return GM_FLOAT64;
  return dtype == GM_BOOL ? GM_FLOAT32 : dtype;
}

static gm_status infer(gm__infer *c, int result) {
  bool reduced[GM_MAX_RANK];
  GM_TRY(gm__infer_axes(c, AXIS, reduced));
  bool keep = c->attrs[KEEPDIMS].given && c->attrs[KEEPDIMS].flag;
  c->out[0].dtype = result_dtype(c->dtype[0], result);
  c->out[0].rank = 0;
  for (int a = 0; a < c->shape[0].rank; a++) {
    if (!reduced[a] || keep) GM_TRY(gm__infer_push(c, reduced[a] ? 1 : c->shape[0].dims[a]));
  }
  return GM_OK;
}

static gm_status flops(gm__infer *c, gm__dim *out) {
  return gm__dim_product(c->dims, c->shape[0].dims, c->shape[0].rank, out, c->error);
}

static void flag_axes(const gm__attr *axes, int rank, bool *reduced) {
  for (int a = 0; a < rank; a++) reduced[a] = !axes->given;
  for (int i = 0; axes->given && i < axes->count; i++) {
    reduced[axes->items[i] < 0 ? axes->items[i] + rank : axes->items[i]] = true;
  }
}

static void along(const gm__axes *c, int *out) {
  bool reduced[GM_MAX_RANK], keep = c->in.rank == c->out.rank;
  flag_axes(&c->attrs[AXIS], c->in.rank, reduced);
  for (int a = 0, at = 0; a < c->in.rank; a++) {
    out[a] = reduced[a] ? -1 : at;
    at += keep || !reduced[a];
  }
}

static gm_status lower(gm__lower *l, gm__reduction reduction) {
  gm__view in = l->in[0], out;
  bool reduced[GM_MAX_RANK];
  flag_axes(&l->attrs[AXIS], in.rank, reduced);
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

#define REDUCTION(word, reduction, accepted, result, about, formula_text, semantics)                         \
  static gm_status infer_##word(gm__infer *c) {                                                              \
    return infer(c, result);                                                                                 \
  }                                                                                                          \
  static gm_status lower_##word(gm__lower *l) {                                                              \
    return lower(l, reduction);                                                                              \
  }                                                                                                          \
  const gm__op gm__op_##word = {.name = #word,                                                               \
      .doc = about,                                                                                          \
      .formula = formula_text,                                                                               \
      .source = semantics,                                                                                   \
      .inputs = "x",                                                                                         \
      .kind = "reduce",                                                                                      \
      .min_inputs = 1,                                                                                       \
      .max_inputs = 1,                                                                                       \
      .results = 1,                                                                                          \
      .flags = GM__ACCUMULATES,                                                                              \
      .laws = (reduction) == GM__SUM ? GM__ADDS_UP : 0,                                                      \
      .kinds = accepted,                                                                                     \
      .attrs = attrs,                                                                                        \
      .attr_count = 2,                                                                                       \
      .example = "{" #word ": x, axis: -1, keepdims: true}",                                                 \
      .infer = infer_##word,                                                                                 \
      .flops = flops,                                                                                        \
      .along = along,                                                                                        \
      .lower = lower_##word};

REDUCTION(sum, GM__SUM, GM__NUMBERS, GM__SAME, "The sum over axes, in the dtype of x.",
    "out[i...] = sum_k... x[i..., k...]", "tf.keras.backend.sum")
REDUCTION(prod, GM__PROD, GM__NUMBERS, GM__SAME, "The product over axes, in the dtype of x; of nothing, 1.",
    "out[i...] = prod_k... x[i..., k...]", "tf.keras.backend.prod")
REDUCTION(max, GM__MAX, GM__INTEGERS | GM__REALS, GM__SAME,
    "The greatest over axes; NaN if there is one; of nothing, -inf or the smallest integer.",
    "out[i...] = max_k... x[i..., k...]", "tf.keras.backend.max")
REDUCTION(min, GM__MIN, GM__INTEGERS | GM__REALS, GM__SAME,
    "The least over axes; NaN if there is one; of nothing, inf or the greatest integer.",
    "out[i...] = min_k... x[i..., k...]", "tf.keras.backend.min")
REDUCTION(mean, GM__MEAN, GM__NUMBERS | GM__BOOLS, GM__SAME,
    "The mean over axes; of integers truncated toward zero, of bool as float32, of nothing NaN.",
    "out[i...] = sum_k... x[i..., k...] / count", "tf.keras.backend.mean")
REDUCTION(var, GM__VAR, GM__REALS | GM__COMPLEXES | GM__BOOLS, GM__TO_REAL,
    "The variance over axes, of the whole population; of complex numbers real, of bool as float32.",
    "out[i...] = sum_k... |x[i..., k...] - mean_k... x[i..., k...]|^2 / count", "tf.keras.backend.var")
REDUCTION(std, GM__STD, GM__REALS | GM__COMPLEXES | GM__BOOLS, GM__TO_REAL,
    "The standard deviation over axes, of the whole population: the square root of var.",
    "out[i...] = sqrt(var_k... x[i..., k...])", "tf.keras.backend.std")
REDUCTION(logsumexp, GM__LOGSUMEXP, GM__REALS, GM__SAME,
    "The logarithm of the sum of exponentials over axes, without overflow; of nothing, -inf.",
    "out[i...] = log(sum_k... exp(x[i..., k...]))", "tf.keras.backend.logsumexp")
REDUCTION(any, GM__ANY, GM__NUMBERS | GM__BOOLS, GM__TO_BOOL,
    "Is any element over axes not 0? NaN is not 0; of nothing, false.",
    "out[i...] = or_k... (x[i..., k...] != 0)", "tf.keras.backend.any")
REDUCTION(all, GM__ALL, GM__NUMBERS | GM__BOOLS, GM__TO_BOOL,
    "Are all elements over axes not 0? NaN is not 0; of nothing, true.",
    "out[i...] = and_k... (x[i..., k...] != 0)", "tf.keras.backend.all")
