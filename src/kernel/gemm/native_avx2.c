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
#include "kernel/gemm/native_tile.h"
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
#include "kernel/gemm/native_tile.h"

static const char *lacking(void) {
  return gm__cpu()->avx2 ? NULL : "this processor has no AVX2 with FMA";
}

NATIVE_PROVIDER(avx2)
