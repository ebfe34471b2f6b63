/* SPDX-License-Identifier: MIT
 *
 * The oracle's reductions: sums and means over any axes, and softmax. The result is walked, and for each of
 * its elements those of the operand that belong to it. Bounds: 2·K·u·Σ|x| for a sum of K. */
#include "support/oracle.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct reduction {
  bool over[GM_MAX_RANK];
  bool keep;
  int64_t length;
} reduction;

static void write_axes(const reduction *r, const cells *x, draw *from, sample *made) {
  char axes[64] = "";
  int listed = 0;
  for (int axis = 0; axis < x->rank; axis++) {
    if (!r->over[axis]) continue;
    size_t at = strlen(axes);
    int shown = draw_below(from, 2) == 0 ? axis : axis - x->rank;
    snprintf(axes + at, sizeof axes - at, "%s%d", listed++ == 0 ? "" : ", ", shown);
  }
  const char *keep = r->keep ? ", keepdims: true" : "";
  if (listed == x->rank && draw_below(from, 2) == 0)
    snprintf(made->attributes, sizeof made->attributes, "{axis: null%s}", keep);
  else
    snprintf(made->attributes, sizeof made->attributes, "{axis: [%s]%s}", axes, keep);
}

static reduction drawn_reduction(draw *from, const cells *x) {
  reduction made = {.keep = draw_below(from, 2) == 0, .length = 1};
  for (int axis = 0; axis < x->rank; axis++) {
    made.over[axis] = draw_below(from, 2) == 0;
    if (made.over[axis]) made.length *= x->dims[axis];
  }
  return made;
}

static int reduced_dims(const reduction *r, const cells *x, int64_t *dims) {
  int rank = 0;
  for (int axis = 0; axis < x->rank; axis++)
    if (!r->over[axis] || r->keep) dims[rank++] = r->over[axis] ? 1 : x->dims[axis];
  return rank;
}

static int64_t target_of(const reduction *r, const cells *x, const int64_t *index) {
  int64_t at = 0;
  for (int axis = 0; axis < x->rank; axis++)
    if (!r->over[axis]) at = at * x->dims[axis] + index[axis];
  return at;
}

static void sum_into(sample *made, const reduction *r) {
  const cells *x = &made->inputs[0];
  int64_t index[GM_MAX_RANK] = {0};
  if (x->count == 0) return;
  do {
    int64_t at = target_of(r, x, index);
    cell value = x->at[cells_offset(x, index)];
    made->want.at[at] = cell_add(made->want.at[at], value);
    made->bound[at] += 2 * (double)r->length * dtype_unit(x->dtype) * cell_size(value);
  } while (next_index(x->rank, x->dims, index));
}

static reduction drawn_sum(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, 0, 4, dims);
  while (rank > 0 && dtype_is_whole(dtype) && dims[0] * (rank > 1 ? dims[1] : 1) > 13) rank--;
  if (dtype_is_whole(dtype) && rank > 2) rank = 2;
  const cells *x = sample_input(made, from, dtype, rank, dims);
  reduction r = drawn_reduction(from, x);
  rank = reduced_dims(&r, x, dims);
  write_axes(&r, x, from, made);
  sample_want(made, dtype, rank, dims);
  sum_into(made, &r);
  return r;
}

void make_sum(draw *from, gm_dtype dtype, sample *made) {
  drawn_sum(from, dtype, made);
  for (int64_t i = 0; i < made->want.count; i++) made->want.at[i] = cell_rounded(made->want.at[i], dtype);
}

static bool mean_is_defined(const sample *made, const reduction *r) {
  return r->length > 0 || !dtype_is_whole(made->want.dtype);
}

void make_mean(draw *from, gm_dtype dtype, sample *made) {
  reduction r = drawn_sum(from, dtype, made);
  while (!mean_is_defined(made, &r)) {
    sample_free(made);
    r = drawn_sum(from, dtype, made);
  }
  for (int64_t i = 0; i < made->want.count; i++) {
    cell sum = made->want.at[i];
    double length = (double)r.length;
    cell mean = {
        .re = sum.re / length, .im = sum.im / length, .whole = r.length > 0 ? sum.whole / r.length : 0};
    made->want.at[i] = cell_rounded(mean, dtype);
    made->bound[i] = made->bound[i] / length + 2 * dtype_unit(dtype) * cell_size(mean) + dtype_least(dtype);
  }
}

/* ---- softmax ---- */

static void normalise(sample *made, int64_t first, int64_t step, int64_t length) {
  const cells *x = &made->inputs[0];
  double most = -INFINITY, sum = 0;
  for (int64_t k = 0; k < length; k++) most = fmax(most, x->at[first + k * step].re);
  for (int64_t k = 0; k < length; k++) sum += exp(x->at[first + k * step].re - most);
  for (int64_t k = 0; k < length; k++) {
    int64_t at = first + k * step;
    double value = exp(x->at[at].re - most) / sum;
    double units = 2 * (double)length + 8 + fabs(x->at[at].re - most);
    made->want.at[at] = cell_rounded((cell){.re = value}, x->dtype);
    made->bound[at] = units * dtype_unit(x->dtype) * value + dtype_least(x->dtype);
  }
}

void make_softmax(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], step = 1;
  int rank = drawn_dims(from, 1, 4, dims), axis = (int)draw_below(from, rank);
  const cells *x = sample_input(made, from, dtype, rank, dims);
  if (axis != rank - 1 || draw_below(from, 2) == 0)
    snprintf(made->attributes, sizeof made->attributes, "{axis: %d}",
        draw_below(from, 2) == 0 ? axis : axis - rank);
  sample_want(made, dtype, rank, dims);
  for (int after = axis + 1; after < rank; after++) step *= dims[after];
  for (int64_t first = 0; first < x->count; first++)
    if (first / step % dims[axis] == 0) normalise(made, first, step, dims[axis]);
}
