/* SPDX-License-Identifier: MIT
 *
 * Conversions between dtypes: a table of loops, one for each pair of real dtypes, generated below (I: the
 * source is an integer or bool, F: a float). Complex numbers go through blocks of their real parts. */
#include "base/loop.h"
#include "tensor/dtype.h"

enum { BLOCK = 256, REALS = 10 };

typedef uint8_t b1 __attribute__((may_alias));
typedef int8_t i1 __attribute__((may_alias));
typedef uint8_t u1 __attribute__((may_alias));
typedef int16_t i2 __attribute__((may_alias));
typedef int32_t i4 __attribute__((may_alias));
typedef int64_t i8 __attribute__((may_alias));
typedef uint16_t f2 __attribute__((may_alias));
typedef uint16_t bf __attribute__((may_alias));
typedef float f4 __attribute__((may_alias));
typedef double f8 __attribute__((may_alias));

typedef void loop(void *to, const void *from, size_t count);

/* An int64 as a double that rounds to any shorter format as the integer itself would: what does not fit is
 * kept in the last bit (rounding to odd). */
static inline double odd_double(int64_t value) {
  if (value > -(INT64_C(1) << 53) && value < INT64_C(1) << 53) return (double)value;
  int64_t kept = value & ~INT64_C(0x7FF);
  return (double)(kept == value ? kept : kept | 0x800);
}

/* Toward zero, saturated to [low, high - 1], whose bounds are exact doubles; NaN gives 0. */
#define SATURATING(name, type, low, high, most)                                                              \
  static inline type name(double x) {                                                                        \
    if (x >= (high)) return most;                                                                            \
    return x > (low) ? (type)x : x <= (low) ? (type)(low) : 0;                                               \
  }

SATURATING(to_int8, int8_t, -128, 128, INT8_MAX)
SATURATING(to_uint8, uint8_t, 0, 256, UINT8_MAX)
SATURATING(to_int16, int16_t, -32768, 32768, INT16_MAX)
SATURATING(to_int32, int32_t, -0x1p31, 0x1p31, INT32_MAX)
SATURATING(to_int64, int64_t, -0x1p63, 0x1p63, INT64_MAX)

/* clang-format off */

#define LOAD_b1(v) ((v) != 0)
#define LOAD_i1(v) (v)
#define LOAD_u1(v) (v)
#define LOAD_i2(v) (v)
#define LOAD_i4(v) (v)
#define LOAD_i8(v) (v)
#define LOAD_f2(v) gm__half_to_float(v)
#define LOAD_bf(v) gm__bfloat_to_float(v)
#define LOAD_f4(v) (v)
#define LOAD_f8(v) (v)

#define TO_b1_I(v) ((v) != 0)
#define TO_b1_F(v) ((v) != 0)
#define TO_i1_I(v) ((int8_t)(v))
#define TO_i1_F(v) to_int8((double)(v))
#define TO_u1_I(v) ((uint8_t)(v))
#define TO_u1_F(v) to_uint8((double)(v))
#define TO_i2_I(v) ((int16_t)(v))
#define TO_i2_F(v) to_int16((double)(v))
#define TO_i4_I(v) ((int32_t)(v))
#define TO_i4_F(v) to_int32((double)(v))
#define TO_i8_I(v) ((int64_t)(v))
#define TO_i8_F(v) to_int64((double)(v))
#define TO_f2_I(v) gm__double_to_half(odd_double((int64_t)(v)))
#define TO_f2_F(v) gm__double_to_half((double)(v))
#define TO_bf_I(v) gm__double_to_bfloat(odd_double((int64_t)(v)))
#define TO_bf_F(v) _Generic((v), float: gm__float_to_bfloat, double: gm__double_to_bfloat)(v)
#define TO_f4_I(v) ((float)(v))
#define TO_f4_F(v) ((float)(v))
#define TO_f8_I(v) ((double)(v))
#define TO_f8_F(v) ((double)(v))

#define PAIR(TO, FROM, KIND, WHOLE)                                                                          \
  static void FROM##_to_##TO(void *to, const void *from, size_t count) {                                     \
    TO *target = to;                                                                                         \
    const FROM *source = from;                                                                               \
    size_t whole = WHOLE(count);                                                                             \
    GM__VECTORISE                                                                                            \
    for (size_t i = 0; i < whole; i++) target[i] = TO_##TO##_##KIND(LOAD_##FROM(source[i]));                 \
    GM__SIMPLE                                                                                               \
    for (size_t i = whole; i < count; i++) target[i] = TO_##TO##_##KIND(LOAD_##FROM(source[i]));             \
  }

/* Where the machine has vectors of it, and where not. */
#define VECTORS(count) gm__whole_units(count)
#define SINGLY(count) (0 * (count))

#define PAIRS(TO, OF_I, OF_F)                                                                                \
  PAIR(TO, b1, I, OF_I) PAIR(TO, i1, I, OF_I) PAIR(TO, u1, I, OF_I) PAIR(TO, i2, I, OF_I)                    \
  PAIR(TO, i4, I, OF_I) PAIR(TO, i8, I, OF_I) PAIR(TO, f2, F, SINGLY) PAIR(TO, bf, F, OF_F)                  \
  PAIR(TO, f4, F, OF_F) PAIR(TO, f8, F, OF_F)

#define ROW(TO)                                                                                              \
  { b1_to_##TO, i1_to_##TO, u1_to_##TO, i2_to_##TO, i4_to_##TO,                                              \
    i8_to_##TO, f2_to_##TO, bf_to_##TO, f4_to_##TO, f8_to_##TO }

PAIRS(b1, VECTORS, VECTORS) PAIRS(i1, VECTORS, SINGLY) PAIRS(u1, VECTORS, SINGLY) PAIRS(i2, VECTORS, SINGLY)
PAIRS(i4, VECTORS, SINGLY) PAIRS(i8, VECTORS, SINGLY) PAIRS(f2, SINGLY, SINGLY) PAIRS(bf, SINGLY, SINGLY)
PAIRS(f4, VECTORS, VECTORS) PAIRS(f8, VECTORS, VECTORS)

/* By target, then source, both in the order of gm_dtype. */
static loop *const loops[REALS][REALS] = {
  ROW(b1), ROW(i1), ROW(u1), ROW(i2), ROW(i4), ROW(i8), ROW(f2), ROW(bf), ROW(f4), ROW(f8)
};

/* clang-format on */

static gm_dtype part_of(gm_dtype dtype) {
  return dtype == GM_COMPLEX64 ? GM_FLOAT32 : dtype == GM_COMPLEX128 ? GM_FLOAT64 : dtype;
}

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

static void complex_to_bool(unsigned char *to, const unsigned char *from, gm_dtype part, size_t count) {
  unsigned char parts[2 * BLOCK];
  for (size_t done = 0; done < count; done += BLOCK) {
    size_t block = least(count - done, BLOCK);
    loops[GM_BOOL][part](parts, from + done * 2 * gm__dtype_bytes(part), 2 * block);
    for (size_t i = 0; i < block; i++) to[done + i] = parts[2 * i] | parts[2 * i + 1];
  }
}

static void complex_to_real(
    unsigned char *to, gm_dtype to_dtype, const unsigned char *from, gm_dtype part, size_t count) {
  _Alignas(16) unsigned char reals[BLOCK * sizeof(double)];
  size_t size = gm__dtype_bytes(part);
  for (size_t done = 0; done < count; done += BLOCK) {
    size_t block = least(count - done, BLOCK);
    for (size_t i = 0; i < block; i++) memcpy(reals + i * size, from + (done + i) * 2 * size, size);
    loops[to_dtype][part](to + done * gm__dtype_bytes(to_dtype), reals, block);
  }
}

static void real_to_complex(
    unsigned char *to, gm_dtype part, const unsigned char *from, gm_dtype from_dtype, size_t count) {
  _Alignas(16) unsigned char reals[BLOCK * sizeof(double)];
  size_t size = gm__dtype_bytes(part);
  for (size_t done = 0; done < count; done += BLOCK) {
    size_t block = least(count - done, BLOCK);
    loops[part][from_dtype](reals, from + done * gm__dtype_bytes(from_dtype), block);
    for (size_t i = 0; i < block; i++) {
      memcpy(to + (done + i) * 2 * size, reals + i * size, size);
      memset(to + ((done + i) * 2 + 1) * size, 0, size);
    }
  }
}

void gm__convert(void *to, gm_dtype to_dtype, const void *from, gm_dtype from_dtype, size_t count) {
  bool to_complex = gm__dtype_is_complex(to_dtype), from_complex = gm__dtype_is_complex(from_dtype);
  gm_dtype to_part = part_of(to_dtype), from_part = part_of(from_dtype);
  if (count == 0) return;
  if (to_dtype == from_dtype)
    memmove(to, from, count * gm__dtype_bytes(to_dtype));
  else if (to_complex == from_complex)
    loops[to_part][from_part](to, from, to_complex ? 2 * count : count);
  else if (to_complex)
    real_to_complex(to, to_part, from, from_dtype, count);
  else if (to_dtype == GM_BOOL)
    complex_to_bool(to, from, from_part, count);
  else
    complex_to_real(to, to_dtype, from, from_part, count);
}

/* Whether an integer dtype, or bool, holds the number. */
static bool within(gm_dtype dtype, int64_t value) {
  if (dtype == GM_BOOL) return value == 0 || value == 1;
  int bits = 8 * (int)gm__dtype_bytes(dtype);
  if (gm__dtype_row(dtype)->kind == GM__KIND_UINT) return value >= 0 && value < INT64_C(1) << bits;
  return bits == 64 || (value >= -(INT64_C(1) << (bits - 1)) && value < INT64_C(1) << (bits - 1));
}

static bool is_exact(gm_dtype dtype) {
  return gm__dtype_row(dtype)->kind <= GM__KIND_UINT;
}

bool gm__element_from_double(void *element, gm_dtype dtype, double value) {
  if (is_exact(dtype)) {
    if (!(value >= -0x1p63 && value < 0x1p63) || (double)(int64_t)value != value) return false;
    return gm__element_from_integer(element, dtype, (int64_t)value);
  }
  gm__convert(element, dtype, &value, GM_FLOAT64, 1);
  return !__builtin_isinf(gm__element_to_double(element, dtype)) || __builtin_isinf(value);
}

bool gm__element_from_integer(void *element, gm_dtype dtype, int64_t value) {
  if (is_exact(dtype) && !within(dtype, value)) return false;
  gm__convert(element, dtype, &value, GM_INT64, 1);
  return is_exact(dtype) || !__builtin_isinf(gm__element_to_double(element, dtype));
}

double gm__element_to_double(const void *element, gm_dtype dtype) {
  double value;
  gm__convert(&value, GM_FLOAT64, element, dtype, 1);
  return value;
}
