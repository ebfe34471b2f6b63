/* SPDX-License-Identifier: MIT
 *
 * The provider "avx2": native products by AVX2 and FMA. */
#include <immintrin.h>
#include "kernel/clones.h"
#include "kernel/gemm/cpu.h"
#include "kernel/gemm/native_provider.h"

#define WIDE 2
#define COLUMN_VECTORS 2
#define MOST_ROWS                                                                                            \
  { 8, 6 }
#define LOAD_WORDS(p) _mm_loadu_si128((const __m128i *)(p))
#define NARROW_SIZES .lanes = 8, .vectors = WIDE, .rows = {4, 6}
#define NARROW_SHAPES(ROW) GM__SHAPES_4(ROW, 1) GM__SHAPES_6(ROW, 2)
#define SHAPES(ROW) GM__SHAPES_8(ROW, 1) GM__SHAPES_6(ROW, 2)

/* Ones, then zeros: from 8 - count on, a mask. */
static const int32_t ones[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

#define NAME(x) x##_float
#define T float
#define VECTOR __m256
#define MASK __m256i
#define LANES 8
#define ZERO _mm256_setzero_ps()
#define SET(x) _mm256_set1_ps(x)
#define LOAD(p) _mm256_loadu_ps(p)
#define STORE(p, x) _mm256_storeu_ps(p, x)
#define FUSED(x, y, z) _mm256_fmadd_ps(x, y, z)
#define MASK_OF(count) _mm256_loadu_si256((const __m256i *)(ones + 8 - (count)))
#define LOAD_PART(p, mask) _mm256_maskload_ps(p, mask)
#define STORE_PART(p, mask, x) _mm256_maskstore_ps(p, mask, x)
#define CHOOSE(mask, x, y) _mm256_blendv_ps(y, x, _mm256_castsi256_ps(mask))
#define TOTAL(x) gm__total_float(x)
#include "kernel/gemm/native_tile.h"
#undef NAME
#define NAME(x) x##_narrow
#define B_BYTES 16
#define LOAD_B(p)                                                                                            \
  (t->half ? _mm256_cvtph_ps(LOAD_WORDS(p))                                                                  \
           : _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(LOAD_WORDS(p)), 16)))
#include "kernel/gemm/narrow_tile.h"
#include "kernel/gemm/native_undef.h"

#define NAME(x) x##_double
#define T double
#define VECTOR __m256d
#define MASK __m256i
#define LANES 4
#define ZERO _mm256_setzero_pd()
#define SET(x) _mm256_set1_pd(x)
#define LOAD(p) _mm256_loadu_pd(p)
#define STORE(p, x) _mm256_storeu_pd(p, x)
#define FUSED(x, y, z) _mm256_fmadd_pd(x, y, z)
#define MASK_OF(count) _mm256_loadu_si256((const __m256i *)(ones + 8 - 2 * (count)))
#define LOAD_PART(p, mask) _mm256_maskload_pd(p, mask)
#define STORE_PART(p, mask, x) _mm256_maskstore_pd(p, mask, x)
#define CHOOSE(mask, x, y) _mm256_blendv_pd(y, x, _mm256_castsi256_pd(mask))
#define TOTAL(x) gm__total_double(x)
#include "kernel/gemm/native_tile.h"
#include "kernel/gemm/native_undef.h"

/* ---- Integers ---- */

typedef uint32_t whole_vector __attribute__((vector_size(32)));

#define NAME(x) x##_pairs
#define T uint32_t
#define VECTOR whole_vector
#define LANES 8
#define B_BYTES 32
#define ZERO ((whole_vector){0})
#define SET(x) ((whole_vector)_mm256_set1_epi32((int)(x)))
#define LOAD(p) ((whole_vector)_mm256_loadu_si256((const __m256i *)(p)))
#define STORE(p, x) _mm256_storeu_si256((__m256i *)(p), (__m256i)(x))
#define LOAD_B(p) LOAD(p)
#define FUSED(x, y, z) ((z) + (whole_vector)_mm256_madd_epi16((__m256i)(x), (__m256i)(y)))
#include "kernel/gemm/narrow_tile.h"

void gm__bring_half_float_f16c(void *to_, const void *from_, size_t count) {
  float *to = to_;
  const uint16_t *from = from_;
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(from + i))));
  for (; i < count; i++) to[i] = _cvtsh_ss(from[i]);
}

void gm__bring_float_half_f16c(void *to_, const void *from_, size_t count) {
  uint16_t *to = to_;
  const float *from = from_;
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm_storeu_si128(
        (__m128i *)(to + i), _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT));
  for (; i < count; i++) to[i] = _cvtss_sh(from[i], _MM_FROUND_TO_NEAREST_INT);
}

static const gm__narrow narrow_bfloat = {.group = 1,
    .size = 2,
    NARROW_SIZES,
    .tiles = tiles_narrow,
    .column = column_float,
    .bring_a = gm__bring_bfloat_float,
    .bring_c = gm__bring_float_bfloat};
static const gm__narrow narrow_half = {.half = true,
    .group = 1,
    .size = 2,
    NARROW_SIZES,
    .tiles = tiles_narrow,
    .column = column_float,
    .bring_a = gm__bring_half_float_f16c,
    .bring_c = gm__bring_float_half_f16c};
static const gm__narrow narrow_int8 = {.group = 2,
    .size = 2,
    NARROW_SIZES,
    .tiles = tiles_pairs,
    .bring_a = gm__bring_int8_16,
    .bring_b = gm__bring_int8_16};
static const gm__narrow narrow_uint8 = {.group = 2,
    .size = 2,
    NARROW_SIZES,
    .tiles = tiles_pairs,
    .bring_a = gm__bring_uint8_16,
    .bring_b = gm__bring_uint8_16};

static const char *lacking_bytes(void) {
  return NULL;
}

static const char *lacking(void) {
  return gm__cpu()->avx2 ? NULL : "this processor has no AVX2 with FMA";
}

NATIVE_PROVIDER(avx2)
