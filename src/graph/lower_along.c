/* SPDX-License-Identifier: MIT
 *
 * Steps along axes that are not reductions to numbers: places of extremes, running sums, normalisation. */
#include "graph/lower.h"
#include "graph/lower_step.h"

static double bytes_of(const gm__view *view) {
  return (double)gm__view_count(view) * (double)gm__dtype_bytes(view->dtype);
}

gm_status gm__lower_arg(
    gm__lower *l, gm__reduction which, int axis, const gm__view *in, const gm__view *out) {
  gm__nest outer = {.operands = 2};
  for (int a = 0, kept = 0; a < in->rank; a++) {
    if (a != axis) gm__nest_push(&outer, in->dims[a], (int64_t[]){in->strides[a], out->strides[kept++]});
  }
  if (gm__view_count(out) == 0) return GM_OK;
  gm__arg arg = {.length = in->dims[axis], .stride = in->strides[axis], .which = which};
  const gm__operand operands[2] = {gm__lower_operand(in), gm__lower_operand(out)};
  gm__step *step;
  GM_TRY(gm__lower_loops(l, &outer, &arg.outer));
  GM_TRY(gm__lower_step(l, &gm__kernel_arg, operands, 1, 1, &arg, sizeof arg, &step));
  step->flops = (double)gm__view_count(in);
  step->bytes = bytes_of(in) + bytes_of(out);
  return GM_OK;
}

gm_status gm__lower_scan(gm__lower *l, gm__reduction how, int axis, const gm__view *in, const gm__view *out) {
  gm__nest outer = {.operands = 2};
  for (int a = 0; a < in->rank; a++) {
    if (a != axis) gm__nest_push(&outer, in->dims[a], (int64_t[]){in->strides[a], out->strides[a]});
  }
  if (gm__view_count(out) == 0) return GM_OK;
  gm__scan scan = {
      .length = in->dims[axis], .stride_in = in->strides[axis], .stride_out = out->strides[axis], .how = how};
  const gm__operand operands[2] = {gm__lower_operand(in), gm__lower_operand(out)};
  gm__step *step;
  GM_TRY(gm__lower_loops(l, &outer, &scan.outer));
  GM_TRY(gm__lower_step(l, &gm__kernel_scan, operands, 1, 1, &scan, sizeof scan, &step));
  step->flops = (double)gm__view_count(in);
  step->bytes = bytes_of(in) + bytes_of(out);
  return GM_OK;
}

/** Complex elements are two floats each, which lie side by side. */
static gm__view parts_of(const gm__view *view) {
  gm__view parts = *view;
  if (!gm__dtype_is_complex(view->dtype)) return parts;
  parts.dtype = view->dtype == GM_COMPLEX64 ? GM_FLOAT32 : GM_FLOAT64;
  parts.offset *= 2;
  for (int a = 0; a < parts.rank; a++) parts.strides[a] *= 2;
  return parts;
}

static int64_t stride_of(const gm__view *weights, int axis) {
  return weights ? weights->strides[axis] : 0;
}

gm_status gm__lower_standardise(gm__lower *l, gm__reduction statistic, double epsilon, const bool *axes,
    const gm__view *in, const gm__view *gamma, const gm__view *beta, const gm__view *out) {
  gm__nest outer = {.operands = 2}, inner = {.operands = 4};
  gm__view x = parts_of(in), y = parts_of(out);
  if (gm__view_count(out) == 0) return GM_OK;
  gm__standardise d = {
      .inner_count = 1, .statistic = statistic, .epsilon = epsilon, .gamma = gamma, .beta = beta};
  for (int a = 0; a < x.rank; a++) {
    const int64_t strides[4] = {x.strides[a], y.strides[a], stride_of(gamma, a), stride_of(beta, a)};
    gm__nest_push(axes[a] ? &inner : &outer, x.dims[a], strides);
    if (axes[a]) d.inner_count *= x.dims[a];
  }
  if (x.dtype != in->dtype) {
    gm__nest_push(&inner, 2, (int64_t[]){1, 1, 0, 0});
    d.inner_count *= 2;
  }
  gm__operand operands[4];
  int reads = 0;
  operands[reads++] = gm__lower_operand(&x);
  if (gamma) operands[reads++] = gm__lower_operand(gamma);
  if (beta) operands[reads++] = gm__lower_operand(beta);
  operands[reads] = gm__lower_operand(&y);
  gm__step *step;
  GM_TRY(gm__lower_loops(l, &outer, &d.outer));
  GM_TRY(gm__lower_loops(l, &inner, &d.inner));
  GM_TRY(gm__lower_step(l, &gm__kernel_standardise, operands, reads, 1, &d, sizeof d, &step));
  step->flops = (double)gm__view_count(in);
  step->bytes = bytes_of(in) + bytes_of(out);
  return GM_OK;
}
