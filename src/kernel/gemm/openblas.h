/* SPDX-License-Identifier: MIT
 *
 * What the two files of OpenBLAS's providers share, without the types of cblas.h, which one of them alone
 * includes. */
#ifndef GM_KERNEL_GEMM_OPENBLAS_H
#define GM_KERNEL_GEMM_OPENBLAS_H

#include <limits.h>
#include "kernel/gemm/provider.h"

/** Lengths and strides as BLAS wants them. */
static inline bool gm__blas_fits(int64_t value) {
  return value >= 0 && value <= INT_MAX;
}
static inline int gm__blas_int(int64_t value) {
  return gm__blas_fits(value) ? (int)value : 0;
}

/** A matrix for BLAS: rows × columns, stored by rows, or (turned) by columns; leading dimension 0 for none.
 */
typedef struct gm__blas_matrix {
  bool turned;
  int leading;
} gm__blas_matrix;
gm__blas_matrix gm__blas_matrix_of(int64_t rows, int64_t columns, int64_t row, int64_t column);

/** Why a product is not taken: for its dtypes and lengths; for how its three matrices lie. */
const char *gm__blas_refuses_dtype(const gm__gemm *gemm);
const char *gm__blas_refuses_matrix(const gm__gemm *gemm);
gm_status gm__blas_prepare(bool keep_threads, gm_error *error);
/** Around every call. */
int gm__blas_enter(void);
void gm__blas_leave(int flavour);

/** The calls of one dtype, with every matrix by rows; `turned`: the transpose is meant. syrk writes the lower
 * triangle. There is no symv for complex numbers: NULL. */
typedef struct gm__blas_calls {
  void (*trmm)(bool left, bool lower, bool turned, int m, int n, double alpha, const void *a, int lda,
      void *b, int ldb);
  void (*trmv)(bool lower, bool turned, int n, const void *a, int lda, void *x, int step);
  void (*symm)(bool left, bool lower, int m, int n, const double factors[2], const void *a, int lda,
      const void *b, int ldb, void *c, int ldc);
  void (*syrk)(bool turned, int n, int k, double alpha, const void *a, int lda, void *c, int ldc);
  void (*symv)(bool lower, int n, const double factors[2], const void *a, int lda, const void *x, int x_step,
      void *y, int y_step);
} gm__blas_calls;
const gm__blas_calls *gm__blas_calls_of(gm_dtype dtype);

#endif
