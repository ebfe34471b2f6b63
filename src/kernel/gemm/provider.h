/* SPDX-License-Identifier: MIT
 *
 * The providers of products that there are; provider.c puts them in order. */
#ifndef GM_KERNEL_GEMM_PROVIDER_H
#define GM_KERNEL_GEMM_PROVIDER_H

#include "kernel/step.h"

/** The reference: every dtype, all strides. */
extern const gm__provider gm__provider_loops;
/** Our own for floats, by what the processor has (the first two on x86-64 only). */
extern const gm__provider gm__provider_avx512, gm__provider_avx2, gm__provider_vector;
/** One row times a small matrix; not in the list. */
extern const gm__provider gm__provider_row;
/** A factor that is a narrow band; not in the list, as the next three. */
extern const gm__provider gm__provider_band;
/** OpenBLAS's for a triangular factor, a symmetric factor, a symmetric result. */
extern const gm__provider gm__provider_trmm, gm__provider_symm, gm__provider_syrk;
/** OpenBLAS's cblas, where the build has it (GM_HAVE_OPENBLAS). */
extern const gm__provider gm__provider_openblas;

/** The same product with rows and columns exchanged: Cᵗ = Bᵗ · Aᵗ, the operands change places. `forms` holds
 * its factors' forms. */
gm__gemm gm__gemm_transposed(const gm__gemm *gemm, gm__form forms[2]);

/** Is anything known of the factors or the result? */
static inline bool gm__gemm_formed(const gm__gemm *gemm) {
  return gemm->a_form != NULL || gemm->b_form != NULL || gemm->symmetric;
}
/** Which share of all multiplications is within the forms. */
double gm__gemm_share(const gm__gemm *gemm);

#endif
