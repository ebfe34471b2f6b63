/* SPDX-License-Identifier: MIT
 *
 * The providers of products that there are; provider.c puts them in order. */
#ifndef GM_KERNEL_GEMM_PROVIDER_H
#define GM_KERNEL_GEMM_PROVIDER_H

#include "kernel/step.h"

/** The reference: every dtype, all strides. */
extern const gm__provider gm__provider_loops;
/** One row times a small matrix; not in the list. */
extern const gm__provider gm__provider_row;
/** OpenBLAS's cblas, where the build has it (GM_HAVE_OPENBLAS). */
extern const gm__provider gm__provider_openblas;

#endif
