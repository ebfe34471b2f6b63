/* SPDX-License-Identifier: MIT
 *
 * What the files of the instruction sets share: the shapes of tiles, and NATIVE_PROVIDER(name), which makes a
 * provider of native_float, native_double and lacking(), why this processor cannot run them (NULL: it can).
 */
#ifndef GM_KERNEL_GEMM_NATIVE_PROVIDER_H
#define GM_KERNEL_GEMM_NATIVE_PROVIDER_H

#include "kernel/gemm/native.h"

/* Loops that are to vanish: over the rows and vectors of a tile. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#define GM__SHAPES_6(ROW, vectors)                                                                           \
  ROW(1, vectors) ROW(2, vectors) ROW(3, vectors) ROW(4, vectors) ROW(5, vectors) ROW(6, vectors)
#define GM__SHAPES_8(ROW, vectors) GM__SHAPES_6(ROW, vectors) ROW(7, vectors) ROW(8, vectors)

#define NATIVE_PROVIDER(instructions)                                                                        \
  static const gm__native *native_of(const gm__gemm *gemm) {                                                 \
    return gemm->in == GM_FLOAT64 ? &native_double : &native_float;                                          \
  }                                                                                                          \
  static const char *refuses(const gm__gemm *gemm) {                                                         \
    const char *why = lacking();                                                                             \
    return why != NULL ? why : gm__native_refuses(gemm);                                                     \
  }                                                                                                          \
  static void part(const gm__gemm_call *call, const gm__gemm_part *of) {                                     \
    gm__native_part(native_of(call->gemm), call, of);                                                        \
  }                                                                                                          \
  static bool series(const gm__gemm_call *first, int64_t count, const int64_t steps[3]) {                    \
    return gm__native_series(native_of(first->gemm), first, count, steps);                                   \
  }                                                                                                          \
  static void grain(const gm__gemm *gemm, int threads, int64_t *rows, int64_t *columns) {                    \
    gm__native_grain(native_of(gemm), gemm, threads, rows, columns);                                         \
  }                                                                                                          \
  static size_t packed_bytes(const gm__gemm *gemm) {                                                         \
    return gm__native_packed_bytes(native_of(gemm), gemm);                                                   \
  }                                                                                                          \
  static void pack(const gm__gemm *gemm, const void *b, void *packed, int64_t column, int64_t end) {         \
    gm__native_pack(native_of(gemm), gemm, b, packed, column, end);                                          \
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
      .any_strides = true};

#endif
