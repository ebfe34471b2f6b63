/* SPDX-License-Identifier: MIT
 *
 * The oracle's reductions: over any axes, and softmax. The result is walked, and for each of its elements
 * those of the operand that belong to it. Bounds: 2·K·u·Σ|x| for a sum of K. */
#include "support/oracle.h"
#include "support/places.h"

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

/* ---- Others, each a formula over a list of elements ---- */

typedef struct list {
  gm_dtype dtype;
  int64_t count;
  cell at[256];
} list;

typedef cell formula(const list *x, double *bound);

static list elements_of(const cells *x, const reduction *r, int64_t target) {
  list made = {.dtype = x->dtype};
  int64_t index[GM_MAX_RANK] = {0};
  if (x->count == 0) return made;
  do {
    if (target_of(r, x, index) != target) continue;
    made.at[made.count++] = cell_rounded(x->at[cells_offset(x, index)], x->dtype);
  } while (next_index(x->rank, x->dims, index));
  return made;
}

static void reduce_by(draw *from, gm_dtype dtype, sample *made, gm_dtype result, formula *f) {
  int64_t dims[GM_MAX_RANK];
  const cells *x = sample_input(made, from, dtype, drawn_dims(from, 0, 4, dims), dims);
  reduction r = drawn_reduction(from, x);
  int rank = reduced_dims(&r, x, dims);
  write_axes(&r, x, from, made);
  sample_want(made, result, rank, dims);
  for (int64_t at = 0; at < made->want.count; at++) {
    list group = elements_of(x, &r, at);
    cell exact = f(&group, &made->bound[at]);
    made->want.at[at] = cell_rounded(exact, result);
    made->bound[at] += 2 * dtype_unit(result) * cell_size(exact) + dtype_least(result);
  }
}

static cell product(const list *x, double *bound) {
  cell all = {.re = 1, .whole = 1};
  for (int64_t i = 0; i < x->count; i++) all = cell_multiply(all, x->at[i]);
  *bound = 4 * (double)x->count * dtype_unit(x->dtype) * cell_size(all);
  return all;
}

static cell extreme(const list *x, bool least) {
  cell best = {.re = least ? INFINITY : -INFINITY, .whole = dtype_limit(x->dtype, !least)};
  bool whole = dtype_is_whole(x->dtype);
  for (int64_t i = 0; i < x->count; i++) {
    bool less = whole ? x->at[i].whole < best.whole : x->at[i].re < best.re;
    bool same = whole ? x->at[i].whole == best.whole : x->at[i].re == best.re;
    if (less == least && !same) best = x->at[i];
  }
  return whole ? (cell){.whole = best.whole} : (cell){.re = best.re};
}

static cell greatest(const list *x, double *bound) {
  *bound = 0;
  return extreme(x, false);
}

static cell least(const list *x, double *bound) {
  *bound = 0;
  return extreme(x, true);
}

static double part(const list *x, int64_t i) {
  return dtype_is_whole(x->dtype) ? (double)x->at[i].whole : x->at[i].re;
}

static cell variance(const list *x, double *bound) {
  double n = (double)x->count, re = 0, im = 0, spread = 0, size = 0;
  gm_dtype result = dtype_is_whole(x->dtype) ? GM_FLOAT32 : x->dtype;
  for (int64_t i = 0; i < x->count; i++) re += part(x, i) / n, im += x->at[i].im / n;
  for (int64_t i = 0; i < x->count; i++) {
    double a = part(x, i), b = x->at[i].im;
    spread += ((a - re) * (a - re) + (b - im) * (b - im)) / n;
    size += (a * a + b * b) / n;
  }
  *bound = 8 * (n + 4) * dtype_unit(result) * (spread + 4 * dtype_unit(result) * n * n * size);
  return (cell){.re = x->count == 0 ? NAN : spread};
}

static cell deviation(const list *x, double *bound) {
  double root = sqrt(variance(x, bound).re);
  *bound = *bound < root * root ? *bound / root : sqrt(*bound);
  return (cell){.re = root};
}

static cell log_of_sum(const list *x, double *bound) {
  double most = -INFINITY, sum = 0;
  for (int64_t i = 0; i < x->count; i++) most = fmax(most, x->at[i].re);
  for (int64_t i = 0; i < x->count; i++) sum += exp(x->at[i].re - most);
  double n = (double)x->count, result = x->count == 0 ? -INFINITY : most + log(sum);
  *bound = x->count == 0 ? 0 : 2 * (n + 8) * dtype_unit(x->dtype) * (1 + fabs(most));
  return (cell){.re = result};
}

static int64_t not_zero(const list *x) {
  int64_t count = 0;
  for (int64_t i = 0; i < x->count; i++) count += x->at[i].re != 0 || x->at[i].im != 0 || x->at[i].whole != 0;
  return count;
}

static cell some(const list *x, double *bound) {
  *bound = 0;
  return (cell){.whole = not_zero(x) > 0};
}

static cell every(const list *x, double *bound) {
  *bound = 0;
  return (cell){.whole = not_zero(x) == x->count};
}

static gm_dtype real_of(gm_dtype dtype) {
  if (dtype == GM_COMPLEX64 || dtype == GM_BOOL) return GM_FLOAT32;
  return dtype == GM_COMPLEX128 ? GM_FLOAT64 : dtype;
}

void make_prod(draw *from, gm_dtype dtype, sample *made) {
  reduce_by(from, dtype, made, dtype, product);
}
void make_max(draw *from, gm_dtype dtype, sample *made) {
  reduce_by(from, dtype, made, dtype, greatest);
}
void make_min(draw *from, gm_dtype dtype, sample *made) {
  reduce_by(from, dtype, made, dtype, least);
}
void make_var(draw *from, gm_dtype dtype, sample *made) {
  reduce_by(from, dtype, made, real_of(dtype), variance);
}
void make_std(draw *from, gm_dtype dtype, sample *made) {
  reduce_by(from, dtype, made, real_of(dtype), deviation);
}
void make_logsumexp(draw *from, gm_dtype dtype, sample *made) {
  reduce_by(from, dtype, made, dtype, log_of_sum);
}
void make_any(draw *from, gm_dtype dtype, sample *made) {
  reduce_by(from, dtype, made, GM_BOOL, some);
}
void make_all(draw *from, gm_dtype dtype, sample *made) {
  reduce_by(from, dtype, made, GM_BOOL, every);
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
