/* SPDX-License-Identifier: MIT
 *
 * The provider "vector": native products by vectors of 16 bytes as compilers have them for any processor,
 * NEON among them, whose multiplications and additions are fused; others round each multiplication. */
#include "kernel/clones.h"
#include "kernel/gemm/native_provider.h"

typedef float float_vector __attribute__((vector_size(16), aligned(4), may_alias));
typedef double double_vector __attribute__((vector_size(16), aligned(8), may_alias));

#if defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#define FUSED_float(x, y, z) ((float_vector)vfmaq_f32((float32x4_t)(z), (float32x4_t)(x), (float32x4_t)(y)))
#define FUSED_double(x, y, z) ((double_vector)vfmaq_f64((float64x2_t)(z), (float64x2_t)(x), (float64x2_t)(y)))
#define WIDE 4
#define MOST_ROWS                                                                                            \
  { 8, 8, 6, 6 }
#define SHAPES(ROW) GM__SHAPES_8(ROW, 1) GM__SHAPES_8(ROW, 2) GM__SHAPES_6(ROW, 3) GM__SHAPES_6(ROW, 4)
#else
#define FUSED_float(x, y, z) ((x) * (y) + (z))
#define FUSED_double(x, y, z) ((x) * (y) + (z))
#define WIDE 2
#define MOST_ROWS                                                                                            \
  { 6, 6 }
#define SHAPES(ROW) GM__SHAPES_6(ROW, 1) GM__SHAPES_6(ROW, 2)
#endif
#define COLUMN_VECTORS 4
#define MASK int
#define MASK_OF(count) (count)

GM__INLINE float_vector load_float(const float *p, int count) {
  if (count == 4) return *(const float_vector *)p;
  return (float_vector){p[0], count > 1 ? p[1] : 0, count > 2 ? p[2] : 0, 0};
}
GM__INLINE double_vector load_double(const double *p, int count) {
  return count == 2 ? *(const double_vector *)p : (double_vector){p[0], 0};
}
GM__INLINE void store_float(float *p, int count, float_vector x) {
  if (count == 4)
    *(float_vector *)p = x;
  else
    for (int i = 0; i < count; i++) p[i] = x[i];
}
GM__INLINE void store_double(double *p, int count, double_vector x) {
  p[0] = x[0];
  if (count == 2) p[1] = x[1];
}

GM__INLINE float_vector choose_float(int count, float_vector x, float_vector y) {
  for (int i = count; i < 4; i++) x[i] = y[i];
  return x;
}
GM__INLINE double_vector choose_double(int count, double_vector x, double_vector y) {
  for (int i = count; i < 2; i++) x[i] = y[i];
  return x;
}

#define NAME(x) x##_float
#define T float
#define VECTOR float_vector
#define LANES 4
#define ZERO ((float_vector){0})
#define SET(x) ((float_vector){x, x, x, x})
#define LOAD(p) (*(const float_vector *)(p))
#define STORE(p, x) (*(float_vector *)(p) = (x))
#define FUSED(x, y, z) FUSED_float(x, y, z)
#define LOAD_PART(p, mask) load_float(p, mask)
#define STORE_PART(p, mask, x) store_float(p, mask, x)
#define CHOOSE(mask, x, y) choose_float(mask, x, y)
#define TOTAL(x) (((x)[0] + (x)[2]) + ((x)[1] + (x)[3]))
#include "kernel/gemm/native_tile.h"
#include "kernel/gemm/native_undef.h"

#define MASK int
#define MASK_OF(count) (count)
#define NAME(x) x##_double
#define T double
#define VECTOR double_vector
#define LANES 2
#define ZERO ((double_vector){0})
#define SET(x) ((double_vector){x, x})
#define LOAD(p) (*(const double_vector *)(p))
#define STORE(p, x) (*(double_vector *)(p) = (x))
#define FUSED(x, y, z) FUSED_double(x, y, z)
#define LOAD_PART(p, mask) load_double(p, mask)
#define STORE_PART(p, mask, x) store_double(p, mask, x)
#define CHOOSE(mask, x, y) choose_double(mask, x, y)
#define TOTAL(x) ((x)[0] + (x)[1])
#include "kernel/gemm/native_tile.h"

/* Narrow dtypes are widened in packing. */
static const gm__narrow narrow_bfloat = {.group = 1,
    .size = 4,
    .lanes = 4,
    .vectors = WIDE,
    .rows = {6, 6},
    .tiles = tiles_float,
    .column = column_float,
    .bring_a = gm__bring_bfloat_float,
    .bring_b = gm__bring_bfloat_float,
    .bring_c = gm__bring_float_bfloat};
static const gm__narrow narrow_half = {.group = 1,
    .size = 4,
    .lanes = 4,
    .vectors = WIDE,
    .rows = {6, 6},
    .tiles = tiles_float,
    .column = column_float,
    .bring_a = gm__bring_half_float,
    .bring_b = gm__bring_half_float,
    .bring_c = gm__bring_float_half};
static const gm__narrow narrow_int8 = {0}, narrow_uint8 = {0};

static const char *lacking_bytes(void) {
  return "products of integers need instructions of AVX-512 or AVX2";
}

static const char *lacking(void) {
  return NULL;
}

NATIVE_PROVIDER(vector)
