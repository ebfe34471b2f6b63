/* SPDX-License-Identifier: MIT
 *
 * The table of dtypes, and the two 16-bit floats in their bits: one routine narrows a float64 to either, by
 * integer arithmetic, so that there is one rounding and no dependence on the floating-point environment. */
#include "tensor/dtype.h"

typedef struct narrow {
  int fraction_bits, exponent_bits;
} narrow;

enum { WIDE_FRACTION = 52, WIDE_BIAS = 1023, WIDE_EXPONENT = 0x7FF };

static const gm__dtype rows[GM__DTYPES] = {
    [GM_BOOL] = {"bool", "|b1", 1, 1, GM__KIND_BOOL},
    [GM_INT8] = {"int8", "|i1", 1, 1, GM__KIND_INT},
    [GM_UINT8] = {"uint8", "|u1", 1, 1, GM__KIND_UINT},
    [GM_INT16] = {"int16", "<i2", 2, 2, GM__KIND_INT},
    [GM_INT32] = {"int32", "<i4", 4, 4, GM__KIND_INT},
    [GM_INT64] = {"int64", "<i8", 8, 8, GM__KIND_INT},
    [GM_FLOAT16] = {"float16", "<f2", 2, 2, GM__KIND_FLOAT},
    [GM_BFLOAT16] = {"bfloat16", "|V2", 2, 2, GM__KIND_FLOAT},
    [GM_FLOAT32] = {"float32", "<f4", 4, 4, GM__KIND_FLOAT},
    [GM_FLOAT64] = {"float64", "<f8", 8, 8, GM__KIND_FLOAT},
    [GM_COMPLEX64] = {"complex64", "<c8", 8, 4, GM__KIND_COMPLEX},
    [GM_COMPLEX128] = {"complex128", "<c16", 16, 8, GM__KIND_COMPLEX},
};

static const narrow half = {10, 5}, bfloat = {7, 8};

bool gm__dtype_valid(gm_dtype dtype) {
  return (unsigned)dtype < GM__DTYPES;
}

const gm__dtype *gm__dtype_row(gm_dtype dtype) {
  return &rows[dtype];
}

const char *gm_dtype_name(gm_dtype dtype) {
  return gm__dtype_valid(dtype) ? rows[dtype].name : NULL;
}

size_t gm_dtype_size(gm_dtype dtype) {
  return gm__dtype_valid(dtype) ? rows[dtype].size : 0;
}

bool gm__dtype_named(const char *name, size_t length, gm_dtype *dtype) {
  for (int i = 0; i < GM__DTYPES; i++)
    if (strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0) {
      *dtype = (gm_dtype)i;
      return true;
    }
  return false;
}

/* value / 2^shift, half to even; 1 <= shift. */
static uint64_t shift_rounded(uint64_t value, int shift) {
  if (shift > 63) return 0;
  uint64_t quotient = value >> shift;
  uint64_t rest = value & ((UINT64_C(1) << shift) - 1), middle = UINT64_C(1) << (shift - 1);
  return quotient + (rest > middle || (rest == middle && (quotient & 1) != 0));
}

/* The bits without the sign: a carry out of the fraction runs into the exponent, and from there to infinity.
 */
static uint64_t narrowed(uint64_t fraction, int exponent, narrow to) {
  int shift = WIDE_FRACTION - to.fraction_bits;
  int biased = exponent - WIDE_BIAS + (1 << (to.exponent_bits - 1)) - 1;
  uint64_t infinity = ((UINT64_C(1) << to.exponent_bits) - 1) << to.fraction_bits;
  if (exponent == WIDE_EXPONENT && fraction != 0)
    return infinity | UINT64_C(1) << (to.fraction_bits - 1) | fraction >> shift;
  if (biased >= (1 << to.exponent_bits) - 1) return infinity;
  if (exponent == 0) return 0;
  if (biased > 0) return shift_rounded((uint64_t)biased << WIDE_FRACTION | fraction, shift);
  return shift_rounded(UINT64_C(1) << WIDE_FRACTION | fraction, shift + 1 - biased);
}

static uint16_t narrow_double(double value, narrow to) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint64_t fraction = bits & ((UINT64_C(1) << WIDE_FRACTION) - 1);
  int exponent = (int)(bits >> WIDE_FRACTION & WIDE_EXPONENT);
  return (uint16_t)(narrowed(fraction, exponent, to) | (bits >> 63) << 15);
}

uint16_t gm__double_to_half(double value) {
  return narrow_double(value, half);
}

uint16_t gm__float_to_half(float value) {
  return narrow_double((double)value, half);
}

uint16_t gm__double_to_bfloat(double value) {
  return narrow_double(value, bfloat);
}

uint16_t gm__float_to_bfloat(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (value != value) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

float gm__half_to_float(uint16_t bits) {
  uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
  uint32_t rest = bits & 0x7FFF;
  uint32_t wide = rest << 13;
  if (rest >= 0x7C00)
    wide |= 0x7F800000 | (rest > 0x7C00 ? 0x400000 : 0);
  else if (rest >= 0x0400)
    wide += (uint32_t)(127 - 15) << 23;
  else {
    float small = (float)rest * 0x1p-24F;
    memcpy(&wide, &small, sizeof wide);
  }
  wide |= sign;
  float value;
  memcpy(&value, &wide, sizeof value);
  return value;
}
