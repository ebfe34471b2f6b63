/* SPDX-License-Identifier: MIT
 *
 * --expect: numpy.allclose with NaN equal to NaN, with the elements that differ counted. Numbers are compared
 * as long doubles, which hold every integer and every float exactly; complex ones by the modulus of the
 * difference. */
#include "cli.h"

#include <complex.h>
#include <math.h>
#include <string.h>

static double from_half(uint16_t bits) {
  int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  double magnitude = exponent == 0    ? ldexp(mantissa, -24)
                     : exponent == 31 ? (mantissa ? (double)NAN : (double)INFINITY)
                                      : ldexp(mantissa + 1024, exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

static double from_bfloat(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, sizeof value);
  return (double)value;
}

#define ELEMENT(type) (((const type *)data)[index])

static long double complex element_at(const gm_tensor *tensor, int64_t index) {
  const void *data = gm_tensor_cdata(tensor);
  switch (gm_tensor_dtype(tensor)) {
  case GM_BOOL:
  case GM_UINT8: return ELEMENT(uint8_t);
  case GM_INT8: return ELEMENT(int8_t);
  case GM_INT16: return ELEMENT(int16_t);
  case GM_INT32: return ELEMENT(int32_t);
  case GM_INT64: return (long double)ELEMENT(int64_t);
  case GM_FLOAT16: return from_half(ELEMENT(uint16_t));
  case GM_BFLOAT16: return from_bfloat(ELEMENT(uint16_t));
  case GM_FLOAT32: return (long double)ELEMENT(float);
  case GM_FLOAT64: return ELEMENT(double);
  case GM_COMPLEX64: return ELEMENT(float complex);
  case GM_COMPLEX128: return ELEMENT(double complex);
  }
  return 0;
}

static bool has_nan(long double complex z) {
  return isnan(creall(z)) || isnan(cimagl(z));
}

static bool has_inf(long double complex z) {
  return isinf(creall(z)) || isinf(cimagl(z));
}

/** Whether the two are close; *apart is by how much they differ. */
static bool is_close(
    long double complex a, long double complex b, double rtol, double atol, long double *apart) {
  bool same = creall(a) == creall(b) && cimagl(a) == cimagl(b);
  *apart = same || (has_nan(a) && has_nan(b)) ? 0
           : has_nan(a) || has_nan(b)         ? (long double)INFINITY
                                              : cabsl(a - b);
  if (*apart == 0) return true;
  return !has_inf(a) && !has_inf(b) && *apart <= (long double)atol + (long double)rtol * cabsl(b);
}

static bool same_shape(const gm_tensor *a, const gm_tensor *b) {
  int rank = gm_tensor_rank(a);
  if (rank != gm_tensor_rank(b)) return false;
  return rank == 0 || memcmp(gm_tensor_dims(a), gm_tensor_dims(b), (size_t)rank * sizeof(int64_t)) == 0;
}

difference compare_tensors(const gm_tensor *value, const gm_tensor *expected, double rtol, double atol) {
  difference found = {gm_tensor_count(value), 0, 0, !same_shape(value, expected)};
  for (int64_t i = 0; i < found.elements && !found.shapes_differ; i++) {
    long double apart;
    found.differing += !is_close(element_at(value, i), element_at(expected, i), rtol, atol, &apart);
    if ((double)apart > found.largest) found.largest = (double)apart;
  }
  return found;
}
