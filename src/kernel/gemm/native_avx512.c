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
#include "kernel/gemm/native_tile.h"
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
#include "kernel/gemm/native_tile.h"

static const char *lacking(void) {
  return gm__cpu()->avx512 ? NULL : "this processor has no AVX-512 (F, VL, DQ, BW)";
}

NATIVE_PROVIDER(avx512)
