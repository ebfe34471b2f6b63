/* SPDX-License-Identifier: MIT
 *
 * What the files of the instruction sets share: the shapes of tiles, and NATIVE_PROVIDER(name), which makes a
 * provider of native_float, native_double, narrow_bfloat, narrow_half, narrow_int8, narrow_uint8, and
 * lacking() and lacking_bytes(), why this processor cannot run them, or the last two (NULL: it can).
 */
#ifndef GM_KERNEL_GEMM_NATIVE_PROVIDER_H
#define GM_KERNEL_GEMM_NATIVE_PROVIDER_H

#include "kernel/gemm/narrow.h"

/* Loops that are to vanish: over the rows and vectors of a tile. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* What was loaded is kept in a register, and loads in their order, which is that of memory: those that
 * prefetch in hardware look at it. */
#if defined(__x86_64__)
#define HELD(vector) __asm__ volatile("" : "+v"(vector))
#elif defined(__aarch64__)
#define HELD(vector) __asm__ volatile("" : "+w"(vector))
#else
#define HELD(vector) (void)(vector)
#endif

#define GM__SHAPES_4(ROW, vectors) ROW(1, vectors) ROW(2, vectors) ROW(3, vectors) ROW(4, vectors)
#if defined(__AVX2__)
#include <immintrin.h>
static inline float gm__total_float(__m256 x) {
  __m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  y = _mm_add_ps(y, _mm_movehl_ps(y, y));
  return _mm_cvtss_f32(_mm_add_ss(y, _mm_shuffle_ps(y, y, 1)));
}
static inline double gm__total_double(__m256d x) {
  __m128d y = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1));
  return _mm_cvtsd_f64(_mm_add_sd(y, _mm_unpackhi_pd(y, y)));
}
#endif

#define GM__SHAPES_6(ROW, vectors)                                                                           \
  ROW(1, vectors) ROW(2, vectors) ROW(3, vectors) ROW(4, vectors) ROW(5, vectors) ROW(6, vectors)
#define GM__SHAPES_8(ROW, vectors) GM__SHAPES_6(ROW, vectors) ROW(7, vectors) ROW(8, vectors)

#define NATIVE_PROVIDER(instructions)                                                                        \
  static const gm__native *native_of(const gm__gemm *gemm) {                                                 \
    return gemm->in == GM_FLOAT64 ? &native_double : &native_float;                                          \
  }                                                                                                          \
  static const gm__narrow *narrow_of(const gm__gemm *gemm) {                                                 \
    switch (gemm->in) {                                                                                      \
    case GM_BFLOAT16: return &narrow_bfloat;                                                                 \
    case GM_FLOAT16: return &narrow_half;                                                                    \
    case GM_INT8: return &narrow_int8;                                                                       \
    case GM_UINT8: return &narrow_uint8;                                                                     \
    default: return NULL;                                                                                    \
    }                                                                                                        \
  }                                                                                                          \
  static const char *refuses(const gm__gemm *gemm) {                                                         \
    const char *why = lacking();                                                                             \
    if (why == NULL) why = gm__native_refuses(gemm);                                                         \
    return why == NULL && gm__dtype_is_integer(gemm->in) ? lacking_bytes() : why;                            \
  }                                                                                                          \
  static void part(const gm__gemm_call *call, const gm__gemm_part *of) {                                     \
    const gm__narrow *narrow = narrow_of(call->gemm);                                                        \
    if (narrow != NULL)                                                                                      \
      gm__narrow_part(narrow, call, of);                                                                     \
    else                                                                                                     \
      (gm__gemm_formed(call->gemm) ? gm__native_form_part : gm__native_part)(                                \
          native_of(call->gemm), call, of);                                                                  \
  }                                                                                                          \
  static bool series(const gm__gemm_call *first, int64_t count, const int64_t steps[3]) {                    \
    return narrow_of(first->gemm) == NULL && !gm__gemm_formed(first->gemm) &&                                \
           gm__native_series(native_of(first->gemm), first, count, steps);                                   \
  }                                                                                                          \
  static void grain(const gm__gemm *gemm, int threads, int64_t *rows, int64_t *columns) {                    \
    gm__native_grain(native_of(gemm), gemm, threads, rows, columns);                                         \
  }                                                                                                          \
  static size_t packed_bytes(const gm__gemm *gemm) {                                                         \
    const gm__narrow *narrow = narrow_of(gemm);                                                              \
    return narrow != NULL ? gm__narrow_packed_bytes(narrow, gemm)                                            \
                          : gm__native_packed_bytes(native_of(gemm), gemm);                                  \
  }                                                                                                          \
  static void pack(const gm__gemm *gemm, const void *b, void *packed, int64_t column, int64_t end) {         \
    const gm__narrow *narrow = narrow_of(gemm);                                                              \
    if (narrow != NULL)                                                                                      \
      gm__narrow_pack(narrow, gemm, b, packed, column, end);                                                 \
    else                                                                                                     \
      gm__native_pack(native_of(gemm), gemm, b, packed, column, end);                                        \
  }                                                                                                          \
  const gm__provider gm__provider_##instructions = {.name = #instructions,                                   \
      .lacks = lacking,                                                                                      \
      .refuses = refuses,                                                                                    \
      .part = part,                                                                                          \
      .series = series,                                                                                      \
      .grain = grain,                                                                                        \
      .packed_bytes = packed_bytes,                                                                          \
      .pack = pack,                                                                                          \
      .repeatable = true,                                                                                    \
      .share = gm__gemm_share,                                                                               \
      .any_strides = true};

#endif
