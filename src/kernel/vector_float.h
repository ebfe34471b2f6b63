/* SPDX-License-Identifier: MIT
 *
 * Elementary functions of float32 without branches or calls, so that loops over them become vectors: argument
 * reduction, a polynomial, and selections at the end. See vector_math.h for the errors. Polynomials: exp,
 * tanh after Cephes (S. Moshier), log after fdlibm (Sun), erf after N. Juffa. */
#ifndef GM_KERNEL_VECTOR_FLOAT_H
#define GM_KERNEL_VECTOR_FLOAT_H

#include <math.h>
#include <string.h>
#include "kernel/clones.h"

GM__INLINE uint32_t gm__bits_f32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

GM__INLINE float gm__from_bits_f32(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

GM__INLINE float gm__abs_f32(float x) {
  return gm__from_bits_f32(gm__bits_f32(x) & UINT32_C(0x7fffffff));
}

/* |x| with the sign of y. */
GM__INLINE float gm__sign_f32(float x, float y) {
  uint32_t sign = gm__bits_f32(y) & UINT32_C(0x80000000);
  return gm__from_bits_f32((gm__bits_f32(x) & UINT32_C(0x7fffffff)) | sign);
}

/* Adding it rounds to a whole number, which then stands in the low bits. */
#define GM__ROUND_F32 0x1.8p23f

/* 2^n of a whole number n in [-126, 127]. */
GM__INLINE float gm__power_of_two_f32(float n) {
  return gm__from_bits_f32((gm__bits_f32(n + GM__ROUND_F32) + 127) << 23);
}

/* x = n ln 2 + r, |r| <= ln 2 / 2; returns e^r - 1. */
GM__INLINE float gm__reduced_exp_f32(float x, float *n) {
  *n = (x * 0x1.715476p+0f + GM__ROUND_F32) - GM__ROUND_F32;
  float r = (x - *n * 0x1.63p-1f) - *n * -0x1.bd0106p-13f;
  float q = 1.9875691500e-4f;
  q = q * r + 1.3981999507e-3f;
  q = q * r + 8.3334519073e-3f;
  q = q * r + 4.1665795894e-2f;
  q = q * r + 1.6666665459e-1f;
  q = q * r + 5.0000001201e-1f;
  return q * (r * r) + r;
}

/* Two factors, since 2^n alone may be too large or too small. */
GM__INLINE float gm__scaled_f32(float x, float n) {
  float half = (n * 0.5f + GM__ROUND_F32) - GM__ROUND_F32;
  return x * gm__power_of_two_f32(half) * gm__power_of_two_f32(n - half);
}

GM__INLINE float gm__clamped_exp_f32(float x) {
  float low = x < -104.0f ? -104.0f : x;
  return low > 89.0f ? 89.0f : low;
}

GM__INLINE float gm__exp_f32(float x) {
  float n, p = gm__reduced_exp_f32(gm__clamped_exp_f32(x), &n);
  return gm__scaled_f32(1.0f + p, n);
}

GM__INLINE float gm__expm1_f32(float x) {
  float n, p = gm__reduced_exp_f32(gm__clamped_exp_f32(x), &n);
  float whole = gm__scaled_f32(1.0f + p, n);
  float least = n < -60.0f ? -60.0f : n, near = least > 60.0f ? 60.0f : least;
  float power = gm__power_of_two_f32(near), close = power * p + (power - 1.0f);
  float result = x > 30.0f ? whole : close;
  return x == 0 ? x : result;
}

GM__INLINE float gm__tanh_f32(float x) {
  float z = x * x, p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  float size = gm__abs_f32(x), small = p * z * size + size;
  float capped = size > 20.0f ? 20.0f : size;
  float large = 1.0f - 2.0f / (gm__exp_f32(capped + capped) + 1.0f);
  return gm__sign_f32(size < 0.625f ? small : large, x);
}

GM__INLINE float gm__sigmoid_f32(float x) {
  float e = gm__exp_f32(-gm__abs_f32(x)), above = x < 0 ? e : 1.0f;
  return above / (1.0f + e);
}

GM__INLINE float gm__log_f32(float x) {
  float wide = x * 0x1p25f, normal = x < 0x1p-126f ? wide : x, shift = x < 0x1p-126f ? -152.0f : -127.0f;
  uint32_t bits = gm__bits_f32(normal) + (UINT32_C(0x3f800000) - UINT32_C(0x3f3504f3));
  float k = (float)(int32_t)(bits >> 23) + shift;
  float f = gm__from_bits_f32((bits & UINT32_C(0x007fffff)) + UINT32_C(0x3f3504f3)) - 1.0f;
  float s = f / (2.0f + f), z = s * s, w = z * z;
  float odd = w * (0xccce13.0p-25f + w * 0xf89e26.0p-26f), even = z * (0xaaaaaa.0p-24f + w * 0x91e9ee.0p-25f);
  float half = 0.5f * f * f;
  float result = k * 6.9313812256e-01f - ((half - (s * (half + (odd + even)) + k * 9.0580006145e-06f)) - f);
  float finite = x < INFINITY ? result : x, positive = x < 0 ? NAN : finite;
  return x == 0 ? -INFINITY : positive;
}

/* For x >= 0: the logarithm of the rounded sum, and what rounding it lost. */
GM__INLINE float gm__log1p_f32(float x) {
  float sum = 1.0f + x;
  float lost = x < INFINITY ? x - (sum - 1.0f) : 0.0f;
  return gm__log_f32(sum) + lost / sum;
}

GM__INLINE float gm__softplus_f32(float x) {
  return (x > 0 ? x : 0.0f) + gm__log1p_f32(gm__exp_f32(-gm__abs_f32(x)));
}

GM__INLINE float gm__erf_f32(float x) {
  float size = gm__abs_f32(x), t = size > 4.0f ? 4.0f : size, s = x * x, u = t * t;
  float far = (-1.72853470e-5f * t + 3.83197126e-4f) * u + (-3.88396438e-3f * t + 2.42546219e-2f);
  far = far * t - 1.06777877e-1f;
  far = far * t - 6.34846687e-1f;
  far = far * t - 1.28717512e-1f;
  far = gm__sign_f32(1.0f - gm__exp_f32(far * t - t), x);
  float near = -5.96761703e-4f;
  near = near * s + 4.99119423e-3f;
  near = near * s - 2.67681349e-2f;
  near = near * s + 1.12819925e-1f;
  near = near * s - 3.76125336e-1f;
  near = near * s + 1.28379166e-1f;
  near = near * x + x;
  return size > 0.927734375f ? far : near;
}

#endif
