/* SPDX-License-Identifier: MIT
 *
 * The loops of map.def for float32 and float64; those of float32 serve float16 and bfloat16 too. */
#include <tgmath.h>
#include "kernel/map_table.h"
#include "kernel/vector_math.h"

/* Keras's relu, composed as Keras composes it; p is alpha, max_value (inf: none), threshold. A threshold
 * multiplies by the comparison, so that -inf below one is NaN. */
#define RELU(T)                                                                                              \
  GM__INLINE T relu_##T(T x, const double *p) {                                                              \
    T alpha = (T)p[0], most = (T)p[1], threshold = (T)p[2];                                                  \
    bool clips = p[1] < (double)INFINITY, leaks = !clips && threshold == 0;                                  \
    T kept = threshold != 0 ? x * (T)(x > threshold) : x < 0 ? 0 : x;                                        \
    T low = kept > most ? most : kept, clipped = clips && low < 0 ? 0 : low;                                 \
    T depth = threshold - x, negative = depth < 0 ? 0 : depth;                                               \
    T leaky = x > 0 ? x : alpha * x;                                                                         \
    T bent = leaks ? leaky : clipped - alpha * negative;                                                     \
    return alpha == 0 ? clipped : bent;                                                                      \
  }
RELU(float)
RELU(double)
#define gm__relu(x, p) _Generic((x), float : relu_float, double : relu_double)(x, p)

/* What else has no short expression, as Keras and TensorFlow compose it; p as map.def says. */
#define FUNCTIONS(T)                                                                                         \
  GM__INLINE T mod_##T(T x, T y) {                                                                           \
    T rest = fmod(x, y);                                                                                     \
    return ((rest != 0) & ((y < 0) != (rest < 0))) ? rest + y : rest;                                        \
  }                                                                                                          \
  GM__INLINE T clip_##T(T x, const double *p) {                                                              \
    T least = (T)p[0], most = (T)p[1];                                                                       \
    T low = ((x < most) | (x != x)) ? x : most;                                                              \
    return ((low > least) | (low != low)) ? low : least;                                                     \
  }                                                                                                          \
  GM__INLINE T hard_sigmoid_##T(T x) {                                                                       \
    T line = (T)0.2 * x + (T)0.5, low = line > 1 ? 1 : line;                                                 \
    return low < 0 ? 0 : low;                                                                                \
  }                                                                                                          \
  GM__INLINE T elu_##T(T x, const double *p) {                                                               \
    T below = (T)p[0] * gm__expm1(x);                                                                        \
    return x > 0 ? x : below;                                                                                \
  }                                                                                                          \
  GM__INLINE T gelu_##T(T x) {                                                                               \
    return (T)0.5 * x * (1 + gm__erf(x / (T)1.4142135623730951));                                            \
  }                                                                                                          \
  GM__INLINE T gelu_tanh_##T(T x) {                                                                          \
    return (T)0.5 * x * (1 + gm__tanh((T)0.7978845608028654 * (x + (T)0.044715 * (x * x * x))));             \
  }
FUNCTIONS(float)
FUNCTIONS(double)
#define BY_TYPE(x, name) _Generic((x), float : name##_float, double : name##_double)
#define gm__mod(x, y) BY_TYPE(x, mod)(x, y)
#define gm__clip(x, p) BY_TYPE(x, clip)(x, p)
#define gm__hard_sigmoid(x) BY_TYPE(x, hard_sigmoid)(x)
#define gm__elu(x, p) BY_TYPE(x, elu)(x, p)
#define gm__gelu(x) BY_TYPE(x, gelu)(x)
#define gm__gelu_tanh(x) BY_TYPE(x, gelu_tanh)(x)

#define LOOP(sets, function, ...) GM__CLONES_##sets(function) GM__MAP_LOOP(function, __VA_ARGS__)
#define GM_MAP(name, arity, kinds, result, properties, doc, formula, source, real, integer, complex_, sets)  \
  LOOP(sets, name##_float32, arity, float, float, unsigned, result, real)                                    \
  LOOP(sets##_64, name##_float64, arity, double, double, unsigned, result, real)
#include "kernel/map.def"
#undef GM_MAP

#define ENTRY(kinds, loop, dtype, result, arity, bytes)                                                      \
  GM__ENTRY((kinds)&GM__REALS, loop, dtype, GM__DTYPE_##result(dtype, dtype), arity, bytes,                  \
      sizeof(GM__OUT_##result(char[bytes], char[bytes])))
const gm__map_function gm__map_real[GM__MAP_ROWS][4] = {
#define GM_MAP(name, arity, kinds, result, ...)                                                              \
  {ENTRY(kinds, name##_float32, FLOAT16, result, arity, 2),                                                  \
      ENTRY(kinds, name##_float32, BFLOAT16, result, arity, 2),                                              \
      ENTRY(kinds, name##_float32, FLOAT32, result, arity, 4),                                               \
      ENTRY(kinds, name##_float64, FLOAT64, result, arity, 8)},
#include "kernel/map.def"
#undef GM_MAP
};
