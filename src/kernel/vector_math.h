/* SPDX-License-Identifier: MIT
 *
 * Elementary functions for the loops of map.def and softmax, of float or double by their argument: no
 * branches, no calls, no fused multiply-add, so that an element has the same bits in a vector, alone, and on
 * every CPU. NaN, infinities, -0.0 and subnormals as in C's functions. Errors, in units in the last place of
 * the exact result (tests/unit/test_vector_math.c measures them over all magnitudes):
 *
 *              exp  expm1  tanh  sigmoid  log   log1p  softplus  erf
 *     float    1.0  1.6    1.4   2.4      0.9   1.3    2.0       1.3
 *     double   1.0  2.0    1.4   2.4      0.9   1.3    2.0       that of libm, which it calls
 *
 * log1p is for arguments >= 0. */
#ifndef GM_KERNEL_VECTOR_MATH_H
#define GM_KERNEL_VECTOR_MATH_H

#include "kernel/vector_double.h"
#include "kernel/vector_float.h"

GM__INLINE double gm__erf_f64(double x) {
  return erf(x);
}

#define GM__BY_TYPE(x, name) _Generic((x), float : name##_f32, double : name##_f64)(x)
#define gm__exp(x) GM__BY_TYPE(x, gm__exp)
#define gm__expm1(x) GM__BY_TYPE(x, gm__expm1)
#define gm__tanh(x) GM__BY_TYPE(x, gm__tanh)
#define gm__sigmoid(x) GM__BY_TYPE(x, gm__sigmoid)
#define gm__log(x) GM__BY_TYPE(x, gm__log)
#define gm__log1p(x) GM__BY_TYPE(x, gm__log1p)
#define gm__softplus(x) GM__BY_TYPE(x, gm__softplus)
#define gm__erf(x) GM__BY_TYPE(x, gm__erf)

#endif
