/* SPDX-License-Identifier: MIT
 *
 * The oracle's elementwise operations: one operand or two with NumPy's broadcasting, one formula an element.
 * The bounds allow two units of rounding for arithmetic, eight for the functions of the C library. */
#include "support/oracle_elementwise.h"

#include <math.h>
#include <stdio.h>

/* ---- Two operands ---- */

static int broadcast_pair(draw *from, int64_t *a, int *a_rank, int64_t *b, int *b_rank, int64_t *dims) {
  int rank = drawn_dims(from, 0, 4, dims);
  *a_rank = draw_below(from, 3) == 0 ? (int)draw_below(from, rank + 1) : rank;
  *b_rank = *a_rank == rank && draw_below(from, 2) == 0 ? (int)draw_below(from, rank + 1) : rank;
  for (int i = 0; i < rank; i++) {
    int64_t which = draw_below(from, 6);
    if (i >= rank - *a_rank) a[i - rank + *a_rank] = which == 0 && i >= rank - *b_rank ? 1 : dims[i];
    if (i >= rank - *b_rank) b[i - rank + *b_rank] = which == 1 && i >= rank - *a_rank ? 1 : dims[i];
  }
  return rank;
}

cell at_broadcast(const cells *array, int rank, const int64_t *index) {
  int64_t own[GM_MAX_RANK];
  for (int axis = 0; axis < array->rank; axis++)
    own[axis] = array->dims[axis] == 1 ? 0 : index[rank - array->rank + axis];
  return array->at[cells_offset(array, own)];
}

void pairwise(sample *made, gm_dtype dtype, int rank, const int64_t *dims, cell (*formula)(cell, cell)) {
  int64_t index[GM_MAX_RANK] = {0}, at = 0;
  sample_want(made, dtype, rank, dims);
  if (made->want.count == 0) return;
  do {
    cell a = at_broadcast(&made->inputs[0], rank, index), b = at_broadcast(&made->inputs[1], rank, index);
    cell exact = formula(a, b);
    made->want.at[at] = cell_rounded(exact, dtype);
    double size = dtype_is_complex(dtype) ? cell_size(exact) + cell_size(a) * cell_size(b) : cell_size(exact);
    made->bound[at++] = 4 * dtype_unit(dtype) * size + dtype_least(dtype);
  } while (next_index(rank, dims, index));
}

int drawn_pair(draw *from, gm_dtype dtype, sample *made, int64_t *dims) {
  int64_t a[GM_MAX_RANK], b[GM_MAX_RANK];
  int a_rank, b_rank, rank = broadcast_pair(from, a, &a_rank, b, &b_rank, dims);
  sample_input(made, from, dtype, a_rank, a);
  sample_input(made, from, dtype, b_rank, b);
  return rank;
}

void binary(draw *from, gm_dtype dtype, sample *made, cell (*formula)(cell, cell)) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_pair(from, dtype, made, dims);
  pairwise(made, dtype, rank, dims, formula);
}

void make_add(draw *from, gm_dtype dtype, sample *made) {
  binary(from, dtype, made, cell_add);
}
void make_subtract(draw *from, gm_dtype dtype, sample *made) {
  binary(from, dtype, made, cell_subtract);
}
void make_multiply(draw *from, gm_dtype dtype, sample *made) {
  binary(from, dtype, made, cell_multiply);
}

static cell quotient(cell a, cell b) {
  double size = b.re * b.re + b.im * b.im;
  return b.im == 0 && a.im == 0
             ? (cell){.re = a.re / b.re}
             : (cell){.re = (a.re * b.re + a.im * b.im) / size, .im = (a.im * b.re - a.re * b.im) / size};
}

static cell whole_quotient(cell a, cell b) {
  return (cell){.re = (double)a.whole / (double)b.whole};
}

static void keep_from_zero(cells *divisor) {
  for (int64_t i = 0; i < divisor->count; i++) {
    cell *it = &divisor->at[i];
    if (!dtype_is_whole(divisor->dtype) && fabs(it->re) < 0.25) it->re = 0.5;
  }
}

void make_divide(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_pair(from, dtype, made, dims);
  bool wide = dtype == GM_INT32 || dtype == GM_INT64;
  keep_from_zero(&made->inputs[1]);
  pairwise(made,
      !dtype_is_whole(dtype) ? dtype
      : wide                 ? GM_FLOAT64
                             : GM_FLOAT32,
      rank, dims, dtype_is_whole(dtype) ? whole_quotient : quotient);
}

/* ---- One operand ---- */

void each(draw *from, gm_dtype dtype, sample *made, cell (*formula)(cell, const ramp *), const ramp *shape,
    double units) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, 0, 4, dims);
  const cells *x = sample_input(made, from, dtype, rank, dims);
  sample_want(made, dtype, rank, dims);
  for (int64_t i = 0; i < x->count; i++) {
    cell exact = formula(x->at[i], shape);
    made->want.at[i] = cell_rounded(exact, dtype);
    made->bound[i] = units * dtype_unit(dtype) * cell_size(exact) + dtype_least(dtype);
  }
}

static cell negated(cell x, const ramp *unused) {
  (void)unused;
  return cell_subtract((cell){-0.0, -0.0, 0}, x);
}

static cell ramped(cell x, const ramp *shape) {
  double value = x.whole != 0 ? (double)x.whole : x.re;
  double kept = fmin(value > shape->threshold ? fmax(value, 0) : 0, shape->most);
  double result = kept - shape->slope * fmax(shape->threshold - value, 0);
  return (cell){.re = result, .whole = (int64_t)result};
}

static cell exponential(cell x, const ramp *unused) {
  (void)unused;
  return (cell){.re = exp(x.re)};
}

static cell hyperbolic(cell x, const ramp *unused) {
  (void)unused;
  return (cell){.re = tanh(x.re)};
}

static cell logistic(cell x, const ramp *unused) {
  (void)unused;
  return (cell){.re = 1 / (1 + exp(-x.re))};
}

void make_negative(draw *from, gm_dtype dtype, sample *made) {
  each(from, dtype, made, negated, NULL, 0);
}
void make_exp(draw *from, gm_dtype dtype, sample *made) {
  each(from, dtype, made, exponential, NULL, 8);
}
void make_tanh(draw *from, gm_dtype dtype, sample *made) {
  each(from, dtype, made, hyperbolic, NULL, 8);
}
void make_sigmoid(draw *from, gm_dtype dtype, sample *made) {
  each(from, dtype, made, logistic, NULL, 8);
}

void make_relu(draw *from, gm_dtype dtype, sample *made) {
  ramp shape = {0, INFINITY, 0};
  if (!dtype_is_whole(dtype) && draw_below(from, 2) == 0) {
    shape = (ramp){0.25, 1.5, 0.5};
    snprintf(made->attributes, sizeof made->attributes, "{alpha: 0.25, max_value: 1.5, threshold: 0.5}");
  }
  each(from, dtype, made, ramped, &shape, 6);
  for (int64_t i = 0; i < made->want.count; i++) made->bound[i] += dtype_unit(dtype) * shape.slope * 4;
}

/* ---- bias_add ---- */

void make_bias_add(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, 2, 4, dims);
  sample_input(made, from, dtype, rank, dims);
  sample_input(made, from, dtype, 1, &dims[rank - 1]);
  pairwise(made, dtype, rank, dims, cell_add);
}
