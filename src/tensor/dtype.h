/* SPDX-License-Identifier: MIT
 *
 * The dtypes: one row each, and the conversions between them. */
#ifndef GM_TENSOR_DTYPE_H
#define GM_TENSOR_DTYPE_H

#include <string.h>
#include <gemmule/tensor.h>
#include "base/error.h"

#define GM__DTYPES 12

/** How a dtype is computed with. */
typedef enum gm__kind {
  GM__KIND_BOOL,
  GM__KIND_INT,
  GM__KIND_UINT,
  GM__KIND_FLOAT,
  GM__KIND_COMPLEX
} gm__kind;

typedef struct gm__dtype {
  const char *name, *npy;        /* npy: "<f4" */
  uint8_t size, alignment, kind; /* kind: gm__kind */
} gm__dtype;

/** The row of a valid dtype. */
const gm__dtype *gm__dtype_row(gm_dtype dtype);
bool gm__dtype_valid(gm_dtype dtype);
/** By name ("float32"); false for an unknown one. */
bool gm__dtype_named(const char *name, size_t length, gm_dtype *dtype);
static inline size_t gm__dtype_bytes(gm_dtype dtype) {
  return gm__dtype_row(dtype)->size;
}
static inline bool gm__dtype_is_float(gm_dtype dtype) {
  return gm__dtype_row(dtype)->kind == GM__KIND_FLOAT;
}
static inline bool gm__dtype_is_complex(gm_dtype dtype) {
  return gm__dtype_row(dtype)->kind == GM__KIND_COMPLEX;
}
/** Signed or unsigned, not bool. */
static inline bool gm__dtype_is_integer(gm_dtype dtype) {
  return gm__dtype_row(dtype)->kind == GM__KIND_INT || gm__dtype_row(dtype)->kind == GM__KIND_UINT;
}

/** float16 and bfloat16 in their bits; rounding half to even; double goes there in one rounding. */
float gm__half_to_float(uint16_t bits);
uint16_t gm__float_to_half(float value);
uint16_t gm__double_to_half(double value);
static inline float gm__bfloat_to_float(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, 4);
  return value;
}
uint16_t gm__float_to_bfloat(float value);
uint16_t gm__double_to_bfloat(double value);

/** Converts `count` contiguous elements. Float to integer: NaN to 0, otherwise toward zero and saturating;
 * integer to integer wraps; anything to bool: != 0; complex to real drops the imaginary part. `to` and `from`
 * may be equal where an element does not get larger; otherwise no overlap. */
void gm__convert(void *to, gm_dtype to_dtype, const void *from, gm_dtype from_dtype, size_t count);

/** Writes one element from a double or an int64. false when the dtype cannot hold it: a fraction or an
 * out-of-range number for an integer, a finite number that rounds to infinity for a float; bool takes 0
 * and 1. */
bool gm__element_from_double(void *element, gm_dtype dtype, double value);
bool gm__element_from_integer(void *element, gm_dtype dtype, int64_t value);
/** One element as a double (the real part of a complex one). */
double gm__element_to_double(const void *element, gm_dtype dtype);

#endif
