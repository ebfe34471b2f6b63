/* SPDX-License-Identifier: MIT
 *
 * One set of loops for each kind of accumulator and each way to combine two numbers. Integers of all widths
 * are accumulated in 64 bits, which gives the same as wrapping in their own width; their means in 128 bits.
 * A reduction is a row of the table `folds`, its neutral element 0 unless gm__fold_neutral knows another. */
#include <complex.h>
#include <math.h>
#include "kernel/fold_loops.h"
#include "kernel/map_table.h"
#include "kernel/vector_math.h"

__extension__ typedef __int128 wide;

#define ADD(a, x, p) ((a) + (x))
#define MULTIPLY(a, x, p) ((a) * (x))
#define WRAP_ADD(a, x, p) ((int64_t)((uint64_t)(a) + (uint64_t)(x)))
#define WRAP_MULTIPLY(a, x, p) ((int64_t)((uint64_t)(a) * (uint64_t)(x)))
#define GREATER(a, x, p) ((x) > (a) ? (x) : (a))
#define LESS(a, x, p) ((x) < (a) ? (x) : (a))
#define GREATER_OR_NAN(a, x, p) ((((x) > (a)) | ((x) != (x))) ? (x) : (a))
#define LESS_OR_NAN(a, x, p) ((((x) < (a)) | ((x) != (x))) ? (x) : (a))
#define NOTE_GREATER(a, x, p) (found |= (x) != (x), GREATER(a, x, p))
#define NOTE_LESS(a, x, p) (found |= (x) != (x), LESS(a, x, p))
#define OR(a, x, p) ((unsigned char)((a) | (x)))
#define AND(a, x, p) ((unsigned char)((a) & (x)))

/* ---- One pass ---- */

#define PLAIN(name, IN, ACC, STEP) GM__FOLD(GM__CLONES_NONE, name, IN, ACC, IN, STEP, STEP)
#define SELDOM(name, IN, ACC, STEP) GM__FOLD_SELDOM(name, IN, ACC, IN, STEP, STEP)
GM__FOLD(GM__CLONES_FEW, add_float, float, float, float, ADD, ADD)
PLAIN(add_double, double, double, ADD)
PLAIN(add_integer, int64_t, int64_t, WRAP_ADD)
SELDOM(add_wide, int64_t, wide, ADD)
SELDOM(add_complex64, float _Complex, float _Complex, ADD)
SELDOM(add_complex128, double _Complex, double _Complex, ADD)
GM__FOLD(GM__CLONES_NONE, multiply_float, float, float, float, MULTIPLY, MULTIPLY)
PLAIN(multiply_double, double, double, MULTIPLY)
SELDOM(multiply_integer, int64_t, int64_t, WRAP_MULTIPLY)
SELDOM(multiply_complex64, float _Complex, float _Complex, MULTIPLY)
SELDOM(multiply_complex128, double _Complex, double _Complex, MULTIPLY)
PLAIN(max_integer, int64_t, int64_t, GREATER)
PLAIN(min_integer, int64_t, int64_t, LESS)
SELDOM(any_bool, unsigned char, unsigned char, OR)
SELDOM(all_bool, unsigned char, unsigned char, AND)

#define HAS_NAN(T, WORD)                                                                                     \
  GM__CLONES_FEW(has_nan_##T) static bool has_nan_##T(const T *x, size_t count) {                            \
    WORD found = 0;                                                                                          \
    for (size_t i = 0; i < count; i++) found |= x[i] != x[i];                                                \
    return found != 0;                                                                                       \
  }
HAS_NAN(float, int32_t)
HAS_NAN(double, int64_t)

/* The greatest and the least: NaN wins. Where there is none the simple comparison, one instruction, does;
 * else the careful one goes over the same elements again, which changes nothing else. */
#define EXTREME(name, T, WORD, QUICK, NOTING, CAREFUL)                                                       \
  GM__FOLD_MERGE(name, T, CAREFUL)                                                                           \
  GM__FOLD_LEAF(GM__CLONES_FEW, name##_quick, T, T, T, QUICK, QUICK)                                         \
  GM__FOLD_ROWS(GM__CLONES_NONE, name##_careful, T, T, T, CAREFUL, int, (void)0)                             \
  GM__FOLD_ROWS(GM__CLONES_NONE, name, T, T, T, NOTING, WORD,                                                \
      if (found) name##_careful_rows(                                                                        \
          acc, data, dense ? (int64_t)width : stride, dense ? rows *GM__LANES : rows, width, pivot))         \
  static bool name##_leaf(                                                                                   \
      void *acc, const void *data, size_t count, const void *neutral, const void *pivot) {                   \
    return !has_nan_##T(data, count) && name##_quick_leaf(acc, data, count, neutral, pivot);                 \
  }
EXTREME(max_float, float, int32_t, GREATER, NOTE_GREATER, GREATER_OR_NAN)
EXTREME(max_double, double, int64_t, GREATER, NOTE_GREATER, GREATER_OR_NAN)
EXTREME(min_float, float, int32_t, LESS, NOTE_LESS, LESS_OR_NAN)
EXTREME(min_double, double, int64_t, LESS, NOTE_LESS, LESS_OR_NAN)

/* ---- About a pivot, and squares ---- */

#define NORM(z, re, im) (re(z) * re(z) + im(z) * im(z))
#define SQUARE(a, x, p) ((a) + (x) * (x))
#define SQUARE_C64(a, x, p) ((a) + NORM(x, crealf, cimagf))
#define SQUARE_C128(a, x, p) ((a) + NORM(x, creal, cimag))
#define SPREAD(a, x, p) SQUARE(a, (x) - (p), 0)
#define SPREAD_C64(a, x, p) SQUARE_C64(a, (x) - (p), 0)
#define SPREAD_C128(a, x, p) SQUARE_C128(a, (x) - (p), 0)
/* A maximum that is infinite or NaN is not subtracted. */
#define FINITE(p) (fabs((double)(p)) < (double)INFINITY ? (p) : 0)

GM__FOLD(GM__CLONES_FEW, square_float, float, float, float, SQUARE, ADD)
GM__FOLD(GM__CLONES_NONE, square_double, double, double, double, SQUARE, ADD)
GM__FOLD(GM__CLONES_FEW, spread_float, float, float, float, SPREAD, ADD)
GM__FOLD(GM__CLONES_NONE, spread_double, double, double, double, SPREAD, ADD)
GM__FOLD_SELDOM(spread_complex64, float _Complex, float, float _Complex, SPREAD_C64, ADD)
GM__FOLD_SELDOM(spread_complex128, double _Complex, double, double _Complex, SPREAD_C128, ADD)
/* As many rows as there is room for: all exponentials, then their sums. */
#define EXPONENTIALS(T, column)                                                                              \
  GM__FOLD_MERGE(exp_##T, T, ADD)                                                                            \
  static void exp_##T##_rows(                                                                                \
      void *acc, const void *data_, int64_t stride, size_t rows, size_t width, const void *pivot) {          \
    T values[GM__LEAF], *lanes = acc;                                                                        \
    const T *data = data_, *p = pivot;                                                                       \
    for (size_t done = 0, part; done < rows; done += part) {                                                 \
      part = rows - done < GM__LEAF / width ? rows - done : GM__LEAF / width;                                \
      for (size_t row = 0; row < part; row++)                                                                \
        for (size_t i = 0; i < width; i++)                                                                   \
          values[row * width + i] = data[(int64_t)(done + row) * stride + (int64_t)i] - FINITE(p[i]);        \
      gm__map_apply(&gm__map_real[GM__MAP_exp][column], values, &(const void *){values}, part *width, NULL); \
      for (size_t row = 0; row < part; row++)                                                                \
        for (size_t i = 0; i < width; i++)                                                                   \
          lanes[(done + row) % GM__LANES * width + i] += values[row * width + i];                            \
    }                                                                                                        \
  }                                                                                                          \
  static bool exp_##T##_leaf(                                                                                \
      void *acc, const void *data, size_t count, const void *neutral, const void *pivot) {                   \
    T values[GM__LEAF];                                                                                      \
    double below = FINITE(*(const T *)pivot);                                                                \
    gm__map_apply(&gm__map_real[GM__MAP_exp_below][column], values, &data, count, &below);                   \
    return add_##T##_leaf(acc, values, count, neutral, NULL);                                                \
  }
EXPONENTIALS(float, 2)
EXPONENTIALS(double, 3)

/* ---- From accumulators to results ---- */

#define FINISH(name, T, P, e)                                                                                \
  static void name(void *acc, size_t width, int64_t count, const void *pivot) {                              \
    T *value = acc;                                                                                          \
    const P *p = pivot;                                                                                      \
    (void)p, (void)count;                                                                                    \
    for (size_t i = 0; i < width; i++) value[i] = e;                                                         \
  }
FINISH(mean_float, float, float, value[i] / (float)count)
FINISH(mean_double, double, double, value[i] / (double)count)
FINISH(mean_complex64, float _Complex, float, value[i] / (float)count)
FINISH(mean_complex128, double _Complex, double, value[i] / (double)count)
FINISH(root_float, float, float, sqrtf(value[i] / (float)count))
FINISH(root_double, double, double, sqrt(value[i] / (double)count))
FINISH(log_float, float, float, logf(value[i]) + FINITE(p[i]))
FINISH(log_double, double, double, log(value[i]) + FINITE(p[i]))

/* The results are narrower than the accumulators that they replace, so result i never covers one still to
 * come. */
static void mean_wide(void *acc, size_t width, int64_t count, const void *pivot) {
  (void)pivot;
  for (size_t i = 0; i < width; i++) {
    wide sum;
    memcpy(&sum, (char *)acc + i * sizeof sum, sizeof sum);
    int64_t value = count == 0 ? 0 : (int64_t)(sum / count);
    memcpy((char *)acc + i * sizeof value, &value, sizeof value);
  }
}

/* ---- The table ---- */

static const gm__reduction about_mean = GM__MEAN, about_max = GM__MAX;

#define ROW(load, result, acc, name, leaf, finish, pivot)                                                    \
  { GM_##load, GM_##result, sizeof(acc), name##_rows, leaf, name##_merge, finish, pivot }
#define BOOLS(name) ROW(BOOL, BOOL, unsigned char, name, NULL, NULL, NULL)
#define INTEGERS(name) ROW(INT64, INT64, int64_t, name##_integer, name##_integer_leaf, NULL, NULL)
#define multiply_integer_leaf NULL
#define FLOATS(name, finish, pivot)                                                                          \
  ROW(FLOAT32, FLOAT32, float, name##_float, name##_float_leaf, finish##_float, pivot)
#define DOUBLES(name, finish, pivot)                                                                         \
  ROW(FLOAT64, FLOAT64, double, name##_double, name##_double_leaf, finish##_double, pivot)
#define NORMS64(name, finish, pivot)                                                                         \
  ROW(COMPLEX64, FLOAT32, float, name##_complex64, NULL, finish##_float, pivot)
#define NORMS128(name, finish, pivot)                                                                        \
  ROW(COMPLEX128, FLOAT64, double, name##_complex128, NULL, finish##_double, pivot)
#define none_float NULL
#define none_double NULL

/* Kinds of numbers, as columns of the table. */
enum { BOOL, INTEGER, FLOAT, DOUBLE, COMPLEX64, COMPLEX128, KINDS };

static const gm__fold folds[GM__REDUCTIONS][KINDS] = {
    [GM__SUM] = {INTEGERS(add), INTEGERS(add), FLOATS(add, none, NULL), DOUBLES(add, none, NULL),
        ROW(COMPLEX64, COMPLEX64, float _Complex, add_complex64, NULL, NULL, NULL),
        ROW(COMPLEX128, COMPLEX128, double _Complex, add_complex128, NULL, NULL, NULL)},
    [GM__MEAN] = {FLOATS(add, mean, NULL), ROW(INT64, INT64, wide, add_wide, NULL, mean_wide, NULL),
        FLOATS(add, mean, NULL), DOUBLES(add, mean, NULL),
        ROW(COMPLEX64, COMPLEX64, float _Complex, add_complex64, NULL, mean_complex64, NULL),
        ROW(COMPLEX128, COMPLEX128, double _Complex, add_complex128, NULL, mean_complex128, NULL)},
    [GM__PROD] = {BOOLS(all_bool), INTEGERS(multiply), FLOATS(multiply, none, NULL),
        DOUBLES(multiply, none, NULL),
        ROW(COMPLEX64, COMPLEX64, float _Complex, multiply_complex64, NULL, NULL, NULL),
        ROW(COMPLEX128, COMPLEX128, double _Complex, multiply_complex128, NULL, NULL, NULL)},
    [GM__MAX] = {BOOLS(any_bool), INTEGERS(max), FLOATS(max, none, NULL), DOUBLES(max, none, NULL)},
    [GM__MIN] = {BOOLS(all_bool), INTEGERS(min), FLOATS(min, none, NULL), DOUBLES(min, none, NULL)},
    [GM__ANY] = {BOOLS(any_bool), BOOLS(any_bool), BOOLS(any_bool), BOOLS(any_bool), BOOLS(any_bool),
        BOOLS(any_bool)},
    [GM__ALL] = {BOOLS(all_bool), BOOLS(all_bool), BOOLS(all_bool), BOOLS(all_bool), BOOLS(all_bool),
        BOOLS(all_bool)},
    [GM__VAR] = {FLOATS(spread, mean, &about_mean), [FLOAT] = FLOATS(spread, mean, &about_mean),
        DOUBLES(spread, mean, &about_mean), NORMS64(spread, mean, &about_mean),
        NORMS128(spread, mean, &about_mean)},
    [GM__STD] = {FLOATS(spread, root, &about_mean), [FLOAT] = FLOATS(spread, root, &about_mean),
        DOUBLES(spread, root, &about_mean), NORMS64(spread, root, &about_mean),
        NORMS128(spread, root, &about_mean)},
    [GM__LOGSUMEXP] = {[FLOAT] = FLOATS(exp, log, &about_max), DOUBLES(exp, log, &about_max)},
    [GM__SUM_SQUARE] = {[FLOAT] = FLOATS(square, none, NULL), DOUBLES(square, none, NULL)},
    [GM__MEAN_SQUARE] = {[FLOAT] = FLOATS(square, mean, NULL), DOUBLES(square, mean, NULL)},
};

static int kind_of(gm_dtype dtype) {
  switch (gm__dtype_row(dtype)->kind) {
  case GM__KIND_BOOL: return BOOL;
  case GM__KIND_FLOAT: return dtype == GM_FLOAT64 ? DOUBLE : FLOAT;
  case GM__KIND_COMPLEX: return dtype == GM_COMPLEX64 ? COMPLEX64 : COMPLEX128;
  default: return INTEGER;
  }
}

const gm__fold *gm__fold_for(gm__reduction op, gm_dtype dtype) {
  const gm__fold *fold = &folds[op][kind_of(dtype)];
  return fold->rows != NULL ? fold : NULL;
}

/* The least or the greatest value of an integer dtype. */
static int64_t limit(gm_dtype dtype, bool least) {
  unsigned bits = 8 * (unsigned)gm__dtype_bytes(dtype);
  if (gm__dtype_row(dtype)->kind == GM__KIND_UINT) return least ? 0 : (int64_t)((UINT64_C(1) << bits) - 1);
  int64_t most = (int64_t)(UINT64_MAX >> (65 - bits));
  return least ? -most - 1 : most;
}

void gm__fold_neutral(gm__reduction op, gm_dtype dtype, void *value) {
  const gm__fold *fold = gm__fold_for(op, dtype);
  bool one = op == GM__PROD || op == GM__ALL || op == GM__MIN;
  double infinity = op == GM__MAX ? -INFINITY : INFINITY;
  int64_t number = one;
  memset(value, 0, 16);
  if (op != GM__MAX && op != GM__MIN) {
    if (one) gm__convert(value, fold->load, &number, GM_INT64, 1);
  } else if (gm__dtype_is_integer(dtype)) {
    number = limit(dtype, op == GM__MAX);
    memcpy(value, &number, sizeof number);
  } else if (fold->load == GM_BOOL) {
    memcpy(value, &one, 1);
  } else {
    gm__convert(value, fold->load, &infinity, GM_FLOAT64, 1);
  }
}
