/* SPDX-License-Identifier: MIT
 *
 * The functions of vector_float.h once more, for float64. exp: the Taylor polynomial of degree 13, enough on
 * |r| <= ln 2 / 2; tanh after Cephes, log after fdlibm. */
#ifndef GM_KERNEL_VECTOR_DOUBLE_H
#define GM_KERNEL_VECTOR_DOUBLE_H

#include <math.h>
#include <string.h>
#include "kernel/clones.h"

GM__INLINE uint64_t gm__bits_f64(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

GM__INLINE double gm__from_bits_f64(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

GM__INLINE double gm__abs_f64(double x) {
  return gm__from_bits_f64(gm__bits_f64(x) & UINT64_C(0x7fffffffffffffff));
}

GM__INLINE double gm__sign_f64(double x, double y) {
  uint64_t sign = gm__bits_f64(y) & UINT64_C(0x8000000000000000);
  return gm__from_bits_f64((gm__bits_f64(x) & UINT64_C(0x7fffffffffffffff)) | sign);
}

#define GM__ROUND_F64 0x1.8p52

/* 2^n of a whole number n in [-1022, 1023]. */
GM__INLINE double gm__power_of_two_f64(double n) {
  return gm__from_bits_f64((gm__bits_f64(n + GM__ROUND_F64) + 1023) << 52);
}

GM__INLINE double gm__reduced_exp_f64(double x, double *n) {
  *n = (x * 0x1.71547652b82fep+0 + GM__ROUND_F64) - GM__ROUND_F64;
  double r = (x - *n * 6.93147180369123816490e-01) - *n * 1.90821492927058770002e-10;
  double q = 1.0 / 6227020800.0;
  q = q * r + 1.0 / 479001600.0;
  q = q * r + 1.0 / 39916800.0;
  q = q * r + 1.0 / 3628800.0;
  q = q * r + 1.0 / 362880.0;
  q = q * r + 1.0 / 40320.0;
  q = q * r + 1.0 / 5040.0;
  q = q * r + 1.0 / 720.0;
  q = q * r + 1.0 / 120.0;
  q = q * r + 1.0 / 24.0;
  q = q * r + 1.0 / 6.0;
  q = q * r + 0.5;
  return q * (r * r) + r;
}

GM__INLINE double gm__scaled_f64(double x, double n) {
  double half = (n * 0.5 + GM__ROUND_F64) - GM__ROUND_F64;
  return x * gm__power_of_two_f64(half) * gm__power_of_two_f64(n - half);
}

GM__INLINE double gm__clamped_exp_f64(double x) {
  double low = x < -746.0 ? -746.0 : x;
  return low > 710.0 ? 710.0 : low;
}

GM__INLINE double gm__exp_f64(double x) {
  double n, p = gm__reduced_exp_f64(gm__clamped_exp_f64(x), &n);
  return gm__scaled_f64(1.0 + p, n);
}

GM__INLINE double gm__expm1_f64(double x) {
  double n, p = gm__reduced_exp_f64(gm__clamped_exp_f64(x), &n);
  double whole = gm__scaled_f64(1.0 + p, n);
  double least = n < -100.0 ? -100.0 : n, near = least > 100.0 ? 100.0 : least;
  double power = gm__power_of_two_f64(near), close = power * p + (power - 1.0);
  double result = x > 60.0 ? whole : close;
  return x == 0 ? x : result;
}

GM__INLINE double gm__tanh_f64(double x) {
  double z = x * x, p = -9.64399179425052238628e-1, q = z + 1.12811678491632931402e2;
  p = p * z - 9.92877231001918586564e1;
  p = p * z - 1.61468768441708447952e3;
  q = q * z + 2.23548839060100448583e3;
  q = q * z + 4.84406305325125486048e3;
  double size = gm__abs_f64(x), small = size * z * (p / q) + size;
  double capped = size > 40.0 ? 40.0 : size;
  double large = 1.0 - 2.0 / (gm__exp_f64(capped + capped) + 1.0);
  return gm__sign_f64(size < 0.625 ? small : large, x);
}

GM__INLINE double gm__sigmoid_f64(double x) {
  double e = gm__exp_f64(-gm__abs_f64(x)), above = x < 0 ? e : 1.0;
  return above / (1.0 + e);
}

/* The exponent becomes a double by its bits: there are no vectors of conversions from int64. */
GM__INLINE double gm__log_f64(double x) {
  const uint64_t root = UINT64_C(0x3fe6a09e) << 32, one = UINT64_C(0x3ff00000) << 32;
  double wide = x * 0x1p54, normal = x < 0x1p-1022 ? wide : x, shift = x < 0x1p-1022 ? 1077.0 : 1023.0;
  uint64_t bits = gm__bits_f64(normal) + (one - root);
  double k = gm__from_bits_f64(bits >> 52 | UINT64_C(0x4330000000000000)) - (0x1p52 + shift);
  double f = gm__from_bits_f64((bits & UINT64_C(0x000fffffffffffff)) + root) - 1.0;
  double s = f / (2.0 + f), z = s * s, w = z * z, half = 0.5 * f * f;
  double odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  double even =
      z * (6.666666666666735130e-01 +
              w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  double low = s * (half + (odd + even)) + k * 1.90821492927058770002e-10;
  double result = k * 6.93147180369123816490e-01 - ((half - low) - f);
  double finite = x < (double)INFINITY ? result : x, positive = x < 0 ? (double)NAN : finite;
  return x == 0 ? -(double)INFINITY : positive;
}

GM__INLINE double gm__log1p_f64(double x) {
  double sum = 1.0 + x;
  double lost = x < (double)INFINITY ? x - (sum - 1.0) : 0.0;
  return gm__log_f64(sum) + lost / sum;
}

GM__INLINE double gm__softplus_f64(double x) {
  return (x > 0 ? x : 0.0) + gm__log1p_f64(gm__exp_f64(-gm__abs_f64(x)));
}

#endif
