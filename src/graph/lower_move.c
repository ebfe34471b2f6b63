/* SPDX-License-Identifier: MIT
 *
 * Steps that move elements or make them from nothing: copies, fills, repetitions, rows chosen by index,
 * ranges. */
#include "graph/lower.h"

#include <math.h>
#include "graph/lower_step.h"

/* ---- Copies ---- */

static gm_status copy(gm__lower *l, const gm__nest *nest, const gm__view *from, const gm__view *to) {
  if (gm__nest_count(nest) == 0) return GM_OK;
  gm__copy copy = {.size = gm__dtype_bytes(to->dtype)};
  const gm__operand operands[2] = {gm__lower_operand(from), gm__lower_operand(to)};
  gm__step *step;
  GM_TRY(gm__lower_loops(l, nest, &copy.loops));
  GM_TRY(gm__lower_step(l, &gm__kernel_copy, operands, 1, 1, &copy, sizeof copy, &step));
  step->bytes = gm__lower_bytes(from) + gm__lower_bytes(to);
  return GM_OK;
}

gm_status gm__lower_copy(gm__lower *l, const gm__view *from, const gm__view *to) {
  gm__nest nest = {.operands = 2};
  for (int a = 0; a < to->rank; a++) {
    gm__nest_push(&nest, to->dims[a], (int64_t[]){from->strides[a], to->strides[a]});
  }
  return copy(l, &nest, from, to);
}

gm_status gm__lower_contiguous(gm__lower *l, gm__view *view) {
  if (gm__view_contiguous(view)) return GM_OK;
  gm__view to = *view;
  GM_TRY(gm__lower_new(l, &to));
  GM_TRY(gm__lower_copy(l, view, &to));
  *view = to;
  return GM_OK;
}

gm_status gm__lower_reshape(gm__lower *l, gm__view *view, int rank, const int64_t *dims) {
  if (gm__view_reshape(view, rank, dims)) return GM_OK;
  GM_TRY(gm__lower_contiguous(l, view));
  gm__view_reshape(view, rank, dims);
  return GM_OK;
}

gm_status gm__lower_repeat(
    gm__lower *l, const int64_t *whole, const int64_t *each, const gm__view *from, const gm__view *to) {
  gm__nest nest = {.operands = 2};
  if (gm__view_count(to) == 0) return GM_OK;
  for (int a = 0; a < from->rank; a++) {
    int64_t stride = to->strides[a];
    gm__nest_push(&nest, whole[a], (int64_t[]){0, stride * each[a] * from->dims[a]});
    gm__nest_push(&nest, from->dims[a], (int64_t[]){from->strides[a], stride * each[a]});
    gm__nest_push(&nest, each[a], (int64_t[]){0, stride});
  }
  return copy(l, &nest, from, to);
}

/* ---- Fills ---- */

static gm_status fill(gm__lower *l, const gm__view *to, gm__fill *fill) {
  gm__nest nest = {.operands = 1};
  for (int a = 0; a < to->rank; a++) gm__nest_push(&nest, to->dims[a], &to->strides[a]);
  if (gm__nest_count(&nest) == 0) return GM_OK;
  fill->size = gm__dtype_bytes(to->dtype);
  const gm__operand operand = gm__lower_operand(to);
  gm__step *step;
  GM_TRY(gm__lower_loops(l, &nest, &fill->loops));
  GM_TRY(gm__lower_step(l, &gm__kernel_fill, &operand, 0, 1, fill, sizeof *fill, &step));
  step->bytes = gm__lower_bytes(to);
  return GM_OK;
}

gm_status gm__lower_zero(gm__lower *l, const gm__view *to) {
  gm__fill zero = {.size = 0};
  return fill(l, to, &zero);
}

gm_status gm__lower_fill(gm__lower *l, const gm__view *to, double value) {
  gm__fill filled = {.size = 0};
  if (!gm__element_from_double(filled.value, to->dtype, value)) {
    GM_FAIL(l->error, GM_INTERNAL, "%s: %s cannot hold the value", l->op->name, gm_dtype_name(to->dtype));
  }
  return fill(l, to, &filled);
}

gm_status gm__lower_broadcast(gm__lower *l, double value) {
  gm__view one = {.dtype = l->out[0].dtype}, *out = &l->out[0];
  GM_TRY(gm__lower_new(l, &one));
  GM_TRY(gm__lower_fill(l, &one, value));
  gm__view_broadcast(&one, out->rank, out->dims);
  *out = one;
  return GM_OK;
}

/* ---- By index, and from nothing ---- */

/** Whole numbers up to here are exact in a double. */
#define EXACT 9007199254740992.0

/** The loops over indices: operands {indices, to}, the latter's leading axes. */
static gm_status positions(gm__lower *l, const gm__view *indices, const gm__view *to, gm__loops *out) {
  gm__nest nest = {.operands = 2};
  for (int a = 0; a < indices->rank; a++) {
    gm__nest_push(&nest, indices->dims[a], (int64_t[]){indices->strides[a], to->strides[a]});
  }
  return gm__lower_loops(l, &nest, out);
}

gm_status gm__lower_gather(gm__lower *l, const gm__view *from, const gm__view *indices, const gm__view *to) {
  gm__gather gather = {
      .length = from->dims[0], .stride = from->strides[0], .size = gm__dtype_bytes(to->dtype)};
  gm__nest row = {.operands = 2};
  if (gm__view_count(indices) == 0) return GM_OK;
  for (int a = 1; a < from->rank; a++) {
    gm__nest_push(&row, from->dims[a], (int64_t[]){from->strides[a], to->strides[indices->rank + a - 1]});
  }
  const gm__operand operands[3] = {
      gm__lower_operand(from), gm__lower_operand(indices), gm__lower_operand(to)};
  gm__step *step;
  GM_TRY(positions(l, indices, to, &gather.positions));
  GM_TRY(gm__lower_loops(l, &row, &gather.row));
  GM_TRY(gm__lower_step(l, &gm__kernel_gather, operands, 2, 1, &gather, sizeof gather, &step));
  step->bytes = gm__lower_bytes(indices) + 2 * gm__lower_bytes(to);
  return GM_OK;
}

gm_status gm__lower_one_hot(gm__lower *l, const gm__view *indices, const gm__view *to) {
  gm__one_hot d = {.classes = to->dims[indices->rank]};
  if (gm__view_count(to) == 0) return GM_OK;
  const gm__operand operands[2] = {gm__lower_operand(indices), gm__lower_operand(to)};
  gm__step *step;
  GM_TRY(positions(l, indices, to, &d.positions));
  GM_TRY(gm__lower_step(l, &gm__kernel_one_hot, operands, 1, 1, &d, sizeof d, &step));
  step->bytes = gm__lower_bytes(indices) + gm__lower_bytes(to);
  return GM_OK;
}

gm_status gm__lower_range(gm__lower *l, double start, double by, const gm__view *to) {
  double last = start + (double)to->dims[0] * by;
  bool whole = start == floor(start) && by == floor(by) && fmax(fabs(start), fabs(last)) <= EXACT;
  const gm__range range = {start, by, to->dims[0], whole};
  if (range.count == 0) return GM_OK;
  const gm__operand operand = gm__lower_operand(to);
  gm__step *step;
  GM_TRY(gm__lower_step(l, &gm__kernel_range, &operand, 0, 1, &range, sizeof range, &step));
  step->bytes = gm__lower_bytes(to);
  return GM_OK;
}
