/* SPDX-License-Identifier: MIT
 *
 * The loops of map.def for integers, which wrap (they are computed unsigned, in at least 32 bits, and cut),
 * and for bool, whose results are compared with 0. */
#include <math.h>
#include "kernel/map_table.h"

/* An expression is for signed and unsigned widths alike, so `x < 0` may stand where it never holds. */
#pragma GCC diagnostic ignored "-Wtype-limits"

static int64_t whole(double parameter) {
  int64_t out = 0;
  gm__convert(&out, GM_INT64, &parameter, GM_FLOAT64, 1);
  return out;
}

/* As relu in map_real.c; the parameters are whole numbers, and a max_value of inf is the largest. */
static __attribute__((noinline)) int64_t gm__relu(int64_t x, const double *p) {
  int64_t alpha = whole(p[0]), most = whole(p[1]), threshold = whole(p[2]);
  int64_t kept = threshold != 0 ? x * (x > threshold) : x < 0 ? 0 : x;
  int64_t low = kept > most ? most : kept, clipped = p[1] < (double)INFINITY && low < 0 ? 0 : low;
  int64_t depth = (int64_t)((uint64_t)threshold - (uint64_t)x), negative = depth < 0 ? 0 : depth;
  return (int64_t)((uint64_t)clipped - (uint64_t)alpha * (uint64_t)negative);
}

/* p: the bounds. They are within the dtype, and -inf and inf saturate. */
static int64_t gm__clip(int64_t x, const double *p) {
  int64_t least = whole(p[0]), most = whole(p[1]), low = x < most ? x : most;
  return low > least ? low : least;
}

static __attribute__((noinline)) int64_t gm__floor_divide(int64_t x, int64_t y) {
  if (y == 0) return 0;
  if (y == -1) return (int64_t)(0 - (uint64_t)x);
  int64_t quotient = x / y, rest = x % y;
  return quotient - (rest != 0 && (rest < 0) != (y < 0));
}

static __attribute__((noinline)) int64_t gm__mod(int64_t x, int64_t y) {
  if (y == 0 || y == -1) return 0;
  int64_t rest = x % y;
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

/* By squaring; the exponent is not negative. */
static __attribute__((noinline)) int64_t gm__power(int64_t x, int64_t exponent) {
  uint64_t power = 1, square = (uint64_t)x;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) power *= square;
    square *= square;
  }
  return (int64_t)power;
}

#define GM_MAP(name, arity, kinds, result, properties, doc, formula, source, real, integer, complex_, sets)  \
  GM__MAP_LOOP(name##_bool, arity, unsigned char, unsigned char, uint32_t, GM__TO_BOOL, integer)             \
  GM__MAP_LOOP(name##_int8, arity, int8_t, int8_t, uint32_t, result, integer)                                \
  GM__MAP_LOOP(name##_uint8, arity, uint8_t, uint8_t, uint32_t, result, integer)                             \
  GM__MAP_LOOP(name##_int16, arity, int16_t, int16_t, uint32_t, result, integer)                             \
  GM__MAP_LOOP(name##_int32, arity, int32_t, int32_t, uint32_t, result, integer)                             \
  GM__MAP_LOOP(name##_int64, arity, int64_t, int64_t, uint64_t, result, integer)
#include "kernel/map.def"
#undef GM_MAP

#define ENTRY(kinds, loop, dtype, result, arity, bytes)                                                      \
  GM__ENTRY((kinds)&GM__INTEGERS, loop, dtype, GM__DTYPE_##result(dtype, dtype), arity, bytes,               \
      sizeof(GM__OUT_##result(char[bytes], char[bytes])))
const gm__map_function gm__map_integer[GM__MAP_ROWS][6] = {
#define GM_MAP(name, arity, kinds, result, ...)                                                              \
  {GM__ENTRY((kinds)&GM__BOOLS, name##_bool, BOOL, GM_BOOL, arity, 1, 1),                                    \
      ENTRY(kinds, name##_int8, INT8, result, arity, 1),                                                     \
      ENTRY(kinds, name##_uint8, UINT8, result, arity, 1),                                                   \
      ENTRY(kinds, name##_int16, INT16, result, arity, 2),                                                   \
      ENTRY(kinds, name##_int32, INT32, result, arity, 4),                                                   \
      ENTRY(kinds, name##_int64, INT64, result, arity, 8)},
#include "kernel/map.def"
#undef GM_MAP
};
