/* SPDX-License-Identifier: MIT
 *
 * The provider "avx512": native products by AVX-512, whose masks take the columns that do not fill a vector.
 */
#include <immintrin.h>
#include "kernel/clones.h"
#include "kernel/gemm/cpu.h"
#include "kernel/gemm/native_provider.h"

#define WIDE 4
#define COLUMN_VECTORS 1
#define MOST_ROWS                                                                                            \
  { 16, 8, 8, 6 }
#define SHAPES(ROW)                                                                                          \
  GM__SHAPES_8(ROW, 1) ROW(16, 1) GM__SHAPES_8(ROW, 2) GM__SHAPES_8(ROW, 3) GM__SHAPES_6(ROW, 4)
#define LOAD_WORDS(p) _mm256_loadu_si256((const __m256i *)(p))
#define NARROW_SIZES .lanes = 16, .vectors = WIDE, .rows = {4, 6}
#define NARROW_SHAPES(ROW) GM__SHAPES_4(ROW, 1) GM__SHAPES_6(ROW, 4)

#define NAME(x) x##_float
#define T float
#define VECTOR __m512
#define MASK __mmask16
#define LANES 16
#define ZERO _mm512_setzero_ps()
#define SET(x) _mm512_set1_ps(x)
#define LOAD(p) _mm512_loadu_ps(p)
#define STORE(p, x) _mm512_storeu_ps(p, x)
#define FUSED(x, y, z) _mm512_fmadd_ps(x, y, z)
#define MASK_OF(count) ((__mmask16)((1u << (count)) - 1))
#define LOAD_PART(p, mask) _mm512_maskz_loadu_ps(mask, p)
#define STORE_PART(p, mask, x) _mm512_mask_storeu_ps(p, mask, x)
#define CHOOSE(mask, x, y) _mm512_mask_mov_ps(y, mask, x)
#define TOTAL(x) gm__total_float(_mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1)))
#include "kernel/gemm/native_tile.h"
#undef NAME
#define NAME(x) x##_narrow
#define B_BYTES 32
#define LOAD_B(p)                                                                                            \
  (t->half ? _mm512_cvtph_ps(LOAD_WORDS(p))                                                                  \
           : _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(LOAD_WORDS(p)), 16)))
#include "kernel/gemm/narrow_tile.h"
#include "kernel/gemm/native_undef.h"

#define NAME(x) x##_double
#define T double
#define VECTOR __m512d
#define MASK __mmask8
#define LANES 8
#define ZERO _mm512_setzero_pd()
#define SET(x) _mm512_set1_pd(x)
#define LOAD(p) _mm512_loadu_pd(p)
#define STORE(p, x) _mm512_storeu_pd(p, x)
#define FUSED(x, y, z) _mm512_fmadd_pd(x, y, z)
#define MASK_OF(count) ((__mmask8)((1u << (count)) - 1))
#define LOAD_PART(p, mask) _mm512_maskz_loadu_pd(mask, p)
#define STORE_PART(p, mask, x) _mm512_mask_storeu_pd(p, mask, x)
#define CHOOSE(mask, x, y) _mm512_mask_mov_pd(y, mask, x)
#define TOTAL(x) gm__total_double(_mm256_add_pd(_mm512_castpd512_pd256(x), _mm512_extractf64x4_pd(x, 1)))
#include "kernel/gemm/native_tile.h"
#include "kernel/gemm/native_undef.h"

/* ---- Integers ---- */

typedef uint32_t whole_vector __attribute__((vector_size(64)));

#define NAME(x) x##_bytes
#define T uint32_t
#define VECTOR whole_vector
#define LANES 16
#define B_BYTES 64
#define ZERO ((whole_vector){0})
#define SET(x) ((whole_vector)_mm512_set1_epi32((int)(x)))
#define LOAD(p) ((whole_vector)_mm512_loadu_si512(p))
#define STORE(p, x) _mm512_storeu_si512(p, (__m512i)(x))
#define LOAD_B(p) LOAD(p)
#define FUSED(x, y, z) ((whole_vector)_mm512_dpbusd_epi32((__m512i)(z), (__m512i)(x), (__m512i)(y)))
#include "kernel/gemm/narrow_tile.h"

static uint32_t sum_bytes(const void *bytes, size_t count) {
  const char *at = bytes;
  __m512i sums = _mm512_setzero_si512(), ones = _mm512_set1_epi8(1);
  for (; count >= 64; count -= 64, at += 64) sums = _mm512_dpbusd_epi32(sums, _mm512_loadu_si512(at), ones);
  const __mmask64 mask = (UINT64_C(1) << count) - 1;
  sums = _mm512_dpbusd_epi32(sums, _mm512_maskz_loadu_epi8(mask, at), ones);
  return (uint32_t)_mm512_reduce_add_epi32(sums);
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
static const gm__narrow narrow_int8 = {
    .group = 4, .size = 1, NARROW_SIZES, .sums_b = true, .tiles = tiles_bytes, .bring_a = gm__bring_flipped};
static const gm__narrow narrow_uint8 = {.group = 4,
    .size = 1,
    NARROW_SIZES,
    .sum_a = sum_bytes,
    .tiles = tiles_bytes,
    .bring_b = gm__bring_flipped};

static const char *lacking_bytes(void) {
  return gm__cpu()->vnni ? NULL : "this processor has no AVX-512 VNNI";
}

static const char *lacking(void) {
  return gm__cpu()->avx512 ? NULL : "this processor has no AVX-512 (F, VL, DQ, BW)";
}

NATIVE_PROVIDER(avx512)
