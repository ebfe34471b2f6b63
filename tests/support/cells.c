/* SPDX-License-Identifier: MIT
 *
 * Plain arrays of numbers: to and from tensors, rounding to each dtype, indices, generated values.
 * Rounding to a narrow float is written by its definition: to the nearest multiple of the step at that
 * magnitude, ties to even. */
#include "support/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DTYPES (GM_COMPLEX128 + 1)

static void *taken(size_t bytes) {
  void *memory = calloc(1, bytes == 0 ? 1 : bytes);
  if (memory == NULL) abort();
  return memory;
}

cells cells_new(gm_dtype dtype, int rank, const int64_t *dims) {
  cells made = {.dtype = dtype, .rank = rank, .count = 1};
  for (int axis = 0; axis < rank; axis++) {
    made.dims[axis] = dims[axis];
    made.count *= dims[axis];
  }
  made.at = taken((size_t)made.count * sizeof *made.at);
  return made;
}

cells cells_copy(const cells *from) {
  cells made = cells_new(from->dtype, from->rank, from->dims);
  if (from->count > 0) memcpy(made.at, from->at, (size_t)from->count * sizeof *from->at);
  return made;
}

void cells_free(cells *array) {
  free(array->at);
  array->at = NULL;
}

bool dtype_is_whole(gm_dtype dtype) {
  return dtype <= GM_INT64;
}

bool dtype_is_complex(gm_dtype dtype) {
  return dtype == GM_COMPLEX64 || dtype == GM_COMPLEX128;
}

static int digits_of(gm_dtype dtype) {
  static const int digits[DTYPES] = {[GM_FLOAT16] = 11,
      [GM_BFLOAT16] = 8,
      [GM_FLOAT32] = 24,
      [GM_FLOAT64] = 53,
      [GM_COMPLEX64] = 24,
      [GM_COMPLEX128] = 53};
  return digits[dtype];
}

double dtype_unit(gm_dtype dtype) {
  return dtype_is_whole(dtype) ? 0 : ldexp(1, -digits_of(dtype));
}

int dtype_named(const char *name) {
  for (int dtype = 0; dtype < DTYPES; dtype++)
    if (strcmp(gm_dtype_name((gm_dtype)dtype), name) == 0) return dtype;
  return -1;
}

/* ---- Rounding ---- */

static double rounded_narrow(double value, int digits, int least, double most) {
  if (isnan(value) || isinf(value) || value == 0) return value;
  int exponent;
  frexp(value, &exponent);
  double step = ldexp(1, exponent - digits < least ? least : exponent - digits);
  double result = nearbyint(value / step) * step;
  return fabs(result) > most ? copysign(INFINITY, value) : result;
}

static double rounded(double value, gm_dtype dtype) {
  if (dtype == GM_FLOAT16) return rounded_narrow(value, 11, -24, 65504);
  if (dtype == GM_BFLOAT16) return rounded_narrow(value, 8, -133, ldexp(255, 120));
  return dtype == GM_FLOAT32 || dtype == GM_COMPLEX64 ? (double)(float)value : value;
}

static int64_t wrapped(int64_t value, gm_dtype dtype) {
  switch (dtype) {
  case GM_BOOL: return value != 0;
  case GM_INT8: return (int8_t)value;
  case GM_UINT8: return (uint8_t)value;
  case GM_INT16: return (int16_t)value;
  case GM_INT32: return (int32_t)value;
  default: return value;
  }
}

cell cell_rounded(cell value, gm_dtype dtype) {
  if (dtype_is_whole(dtype)) return (cell){.whole = wrapped(value.whole, dtype)};
  return (cell){.re = rounded(value.re, dtype), .im = dtype_is_complex(dtype) ? rounded(value.im, dtype) : 0};
}

/* ---- Elements in memory ---- */

static double from_half(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double size = exponent == 31  ? (fraction == 0 ? INFINITY : NAN)
                : exponent == 0 ? ldexp(fraction, -24)
                                : ldexp(fraction + 1024, exponent - 25);
  return bits >> 15 ? -size : size;
}

static uint16_t to_half(double value) {
  uint16_t sign = signbit(value) ? 0x8000 : 0;
  value = fabs(rounded(value, GM_FLOAT16));
  if (isnan(value)) return sign | 0x7e00;
  if (isinf(value)) return sign | 0x7c00;
  if (value < ldexp(1, -14)) return sign | (uint16_t)ldexp(value, 24);
  int exponent;
  double fraction = frexp(value, &exponent);
  return (uint16_t)(sign | (exponent + 14) << 10 | ((int)ldexp(fraction, 11) - 1024));
}

static double from_bfloat(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, sizeof value);
  return (double)value;
}

static uint16_t to_bfloat(double value) {
  float narrow = (float)rounded(value, GM_BFLOAT16);
  uint32_t bits;
  memcpy(&bits, &narrow, sizeof bits);
  return (uint16_t)(bits >> 16);
}

static cell element(gm_dtype dtype, const void *data, int64_t i) {
  switch (dtype) {
  case GM_BOOL: return (cell){.whole = ((const uint8_t *)data)[i]};
  case GM_INT8: return (cell){.whole = ((const int8_t *)data)[i]};
  case GM_UINT8: return (cell){.whole = ((const uint8_t *)data)[i]};
  case GM_INT16: return (cell){.whole = ((const int16_t *)data)[i]};
  case GM_INT32: return (cell){.whole = ((const int32_t *)data)[i]};
  case GM_INT64: return (cell){.whole = ((const int64_t *)data)[i]};
  case GM_FLOAT16: return (cell){.re = from_half(((const uint16_t *)data)[i])};
  case GM_BFLOAT16: return (cell){.re = from_bfloat(((const uint16_t *)data)[i])};
  case GM_FLOAT32: return (cell){.re = (double)((const float *)data)[i]};
  case GM_FLOAT64: return (cell){.re = ((const double *)data)[i]};
  case GM_COMPLEX64:
    return (cell){.re = (double)((const float *)data)[2 * i], .im = (double)((const float *)data)[2 * i + 1]};
  case GM_COMPLEX128:
    return (cell){.re = ((const double *)data)[2 * i], .im = ((const double *)data)[2 * i + 1]};
  }
  return (cell){0};
}

static void place(gm_dtype dtype, void *data, int64_t i, cell value) {
  switch (dtype) {
  case GM_BOOL: ((uint8_t *)data)[i] = value.whole != 0; break;
  case GM_INT8: ((int8_t *)data)[i] = (int8_t)value.whole; break;
  case GM_UINT8: ((uint8_t *)data)[i] = (uint8_t)value.whole; break;
  case GM_INT16: ((int16_t *)data)[i] = (int16_t)value.whole; break;
  case GM_INT32: ((int32_t *)data)[i] = (int32_t)value.whole; break;
  case GM_INT64: ((int64_t *)data)[i] = value.whole; break;
  case GM_FLOAT16: ((uint16_t *)data)[i] = to_half(value.re); break;
  case GM_BFLOAT16: ((uint16_t *)data)[i] = to_bfloat(value.re); break;
  case GM_FLOAT32: ((float *)data)[i] = (float)value.re; break;
  case GM_FLOAT64: ((double *)data)[i] = value.re; break;
  case GM_COMPLEX64:
    ((float *)data)[2 * i] = (float)value.re;
    ((float *)data)[2 * i + 1] = (float)value.im;
    break;
  case GM_COMPLEX128:
    ((double *)data)[2 * i] = value.re;
    ((double *)data)[2 * i + 1] = value.im;
    break;
  }
}

cells cells_of(const gm_tensor *tensor) {
  cells made = cells_new(gm_tensor_dtype(tensor), gm_tensor_rank(tensor), gm_tensor_dims(tensor));
  for (int64_t i = 0; i < made.count; i++) made.at[i] = element(made.dtype, gm_tensor_cdata(tensor), i);
  return made;
}

gm_tensor *cells_tensor(const cells *array) {
  gm_tensor *made = gm_tensor_new(array->dtype, array->rank, array->dims, NULL);
  if (made == NULL) abort();
  for (int64_t i = 0; i < array->count; i++) place(array->dtype, gm_tensor_data(made), i, array->at[i]);
  return made;
}

/* ---- Indices and generated values ---- */

int64_t cells_offset(const cells *array, const int64_t *index) {
  int64_t offset = 0;
  for (int axis = 0; axis < array->rank; axis++) offset = offset * array->dims[axis] + index[axis];
  return offset;
}

bool next_index(int rank, const int64_t *dims, int64_t *index) {
  for (int axis = rank - 1; axis >= 0; axis--) {
    if (++index[axis] < dims[axis]) return true;
    index[axis] = 0;
  }
  return false;
}

uint64_t draw_bits(draw *from) {
  uint64_t z = from->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

int64_t draw_below(draw *from, int64_t below) {
  return (int64_t)(draw_bits(from) % (uint64_t)below);
}

static cell drawn(draw *from, gm_dtype dtype) {
  cell value = {.whole = draw_below(from, dtype == GM_BOOL ? 2 : 19)};
  if (dtype != GM_BOOL && dtype != GM_UINT8) value.whole -= 9;
  value.re = (double)draw_below(from, 4000) / 1000 - 2;
  value.im = (double)draw_below(from, 4000) / 1000 - 2;
  return cell_rounded(value, dtype);
}

void draw_fill(draw *from, cells *array) {
  for (int64_t i = 0; i < array->count; i++) array->at[i] = drawn(from, array->dtype);
}
