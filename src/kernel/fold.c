/* SPDX-License-Identifier: MIT
 *
 * One set of loops for each kind of accumulator and each way to combine two numbers. Integers of all widths
 * are accumulated in 64 bits, which gives the same as wrapping in their own width; their means in 128 bits.
 */
#include "kernel/fold.h"

#include <math.h>

__extension__ typedef __int128 wide;

#define ADD(a, x) ((a) + (x))
#define MULTIPLY(a, x) ((a) * (x))
#define WRAP_ADD(a, x) ((int64_t)((uint64_t)(a) + (uint64_t)(x)))
#define WRAP_MULTIPLY(a, x) ((int64_t)((uint64_t)(a) * (uint64_t)(x)))
#define GREATER(a, x) ((x) > (a) ? (x) : (a))
#define LESS(a, x) ((x) < (a) ? (x) : (a))
#define GREATER_OR_NAN(a, x) ((((x) > (a)) | ((x) != (x))) ? (x) : (a))
#define LESS_OR_NAN(a, x) ((((x) < (a)) | ((x) != (x))) ? (x) : (a))
#define OR(a, x) ((unsigned char)((a) | (x)))
#define AND(a, x) ((unsigned char)((a) & (x)))

/* `line` is for one column in contiguous memory: the lanes are kept in registers. */
#define FOLD(name, IN, ACC, STEP)                                                                            \
  static void name##_merge(void *into_, const void *from_, size_t count) {                                   \
    ACC *restrict into = into_;                                                                              \
    const ACC *restrict from = from_;                                                                        \
    for (size_t i = 0; i < count; i++) into[i] = STEP(into[i], from[i]);                                     \
  }                                                                                                          \
  static size_t name##_line(ACC *restrict acc, const IN *restrict data, size_t count) {                      \
    ACC lanes[GM__LANES];                                                                                    \
    size_t i = 0;                                                                                            \
    memcpy(lanes, acc, sizeof lanes);                                                                        \
    for (; i + GM__LANES <= count; i += GM__LANES)                                                           \
      for (size_t j = 0; j < GM__LANES; j++) lanes[j] = STEP(lanes[j], data[i + j]);                         \
    memcpy(acc, lanes, sizeof lanes);                                                                        \
    return i;                                                                                                \
  }                                                                                                          \
  static void name##_rows(void *acc_, const void *data_, int64_t stride, size_t rows, size_t width) {        \
    ACC *acc = acc_;                                                                                         \
    const IN *data = data_;                                                                                  \
    size_t row = width == 1 && stride == 1 && rows >= GM__LANES ? name##_line(acc, data, rows) : 0;          \
    for (; row < rows; row++) {                                                                              \
      ACC *restrict lane = acc + row % GM__LANES * width;                                                    \
      const IN *restrict from = data + (int64_t)row * stride;                                                \
      for (size_t i = 0; i < width; i++) lane[i] = STEP(lane[i], from[i]);                                   \
    }                                                                                                        \
  }

FOLD(add_float, float, float, ADD)
FOLD(add_double, double, double, ADD)
FOLD(add_integer, int64_t, int64_t, WRAP_ADD)
FOLD(add_wide, int64_t, wide, ADD)
FOLD(add_complex64, float _Complex, float _Complex, ADD)
FOLD(add_complex128, double _Complex, double _Complex, ADD)
FOLD(multiply_float, float, float, MULTIPLY)
FOLD(multiply_double, double, double, MULTIPLY)
FOLD(multiply_integer, int64_t, int64_t, WRAP_MULTIPLY)
FOLD(multiply_complex64, float _Complex, float _Complex, MULTIPLY)
FOLD(multiply_complex128, double _Complex, double _Complex, MULTIPLY)
FOLD(max_float, float, float, GREATER_OR_NAN)
FOLD(max_double, double, double, GREATER_OR_NAN)
FOLD(max_integer, int64_t, int64_t, GREATER)
FOLD(min_float, float, float, LESS_OR_NAN)
FOLD(min_double, double, double, LESS_OR_NAN)
FOLD(min_integer, int64_t, int64_t, LESS)
FOLD(any_bool, unsigned char, unsigned char, OR)
FOLD(all_bool, unsigned char, unsigned char, AND)

#define MEAN(name, T, R)                                                                                     \
  static void mean_##name(void *acc, size_t width, int64_t count) {                                          \
    T *value = acc;                                                                                          \
    for (size_t i = 0; i < width; i++) value[i] = value[i] / (R)count;                                       \
  }
MEAN(float, float, float)
MEAN(double, double, double)
MEAN(complex64, float _Complex, float)
MEAN(complex128, double _Complex, double)

/* The results are narrower than the accumulators that they replace, so result i never covers one still to
 * come. */
static void mean_wide(void *acc, size_t width, int64_t count) {
  for (size_t i = 0; i < width; i++) {
    wide sum;
    memcpy(&sum, (char *)acc + i * sizeof sum, sizeof sum);
    int64_t value = count == 0 ? 0 : (int64_t)(sum / count);
    memcpy((char *)acc + i * sizeof value, &value, sizeof value);
  }
}

#define ROW(load, acc, name, finish)                                                                         \
  { GM_##load, GM_##load, sizeof(acc), name##_rows, name##_merge, finish }

/* Kinds of numbers, as columns of the table. */
enum { BOOLS, INTEGERS, FLOATS, DOUBLES, COMPLEX64S, COMPLEX128S, KINDS };

static const gm__fold folds[][KINDS] = {
    [GM__SUM] = {ROW(INT64, int64_t, add_integer, NULL), ROW(INT64, int64_t, add_integer, NULL),
        ROW(FLOAT32, float, add_float, NULL), ROW(FLOAT64, double, add_double, NULL),
        ROW(COMPLEX64, float _Complex, add_complex64, NULL),
        ROW(COMPLEX128, double _Complex, add_complex128, NULL)},
    [GM__MEAN] = {ROW(INT64, wide, add_wide, mean_wide), ROW(INT64, wide, add_wide, mean_wide),
        ROW(FLOAT32, float, add_float, mean_float), ROW(FLOAT64, double, add_double, mean_double),
        ROW(COMPLEX64, float _Complex, add_complex64, mean_complex64),
        ROW(COMPLEX128, double _Complex, add_complex128, mean_complex128)},
    [GM__PROD] = {ROW(BOOL, unsigned char, all_bool, NULL), ROW(INT64, int64_t, multiply_integer, NULL),
        ROW(FLOAT32, float, multiply_float, NULL), ROW(FLOAT64, double, multiply_double, NULL),
        ROW(COMPLEX64, float _Complex, multiply_complex64, NULL),
        ROW(COMPLEX128, double _Complex, multiply_complex128, NULL)},
    [GM__MAX] = {ROW(BOOL, unsigned char, any_bool, NULL), ROW(INT64, int64_t, max_integer, NULL),
        ROW(FLOAT32, float, max_float, NULL), ROW(FLOAT64, double, max_double, NULL)},
    [GM__MIN] = {ROW(BOOL, unsigned char, all_bool, NULL), ROW(INT64, int64_t, min_integer, NULL),
        ROW(FLOAT32, float, min_float, NULL), ROW(FLOAT64, double, min_double, NULL)},
};
static const gm__fold any = ROW(BOOL, unsigned char, any_bool, NULL);
static const gm__fold all = ROW(BOOL, unsigned char, all_bool, NULL);

static int kind_of(gm_dtype dtype) {
  switch (gm__dtype_row(dtype)->kind) {
  case GM__KIND_BOOL: return BOOLS;
  case GM__KIND_FLOAT: return dtype == GM_FLOAT64 ? DOUBLES : FLOATS;
  case GM__KIND_COMPLEX: return dtype == GM_COMPLEX64 ? COMPLEX64S : COMPLEX128S;
  default: return INTEGERS;
  }
}

const gm__fold *gm__fold_for(gm__reduction op, gm_dtype dtype) {
  if (op == GM__ANY) return &any;
  if (op == GM__ALL) return &all;
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
