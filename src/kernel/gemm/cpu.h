/* SPDX-License-Identifier: MIT
 *
 * What the processor has, asked once: CPUID costs microseconds in a virtual machine. */
#ifndef GM_KERNEL_GEMM_CPU_H
#define GM_KERNEL_GEMM_CPU_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gm__processor {
  bool avx2, avx512; /* avx2: with FMA and F16C; avx512: F, VL, DQ and BW */
  bool vnni;         /* avx512 with products of bytes */
  int64_t l1, l2;    /* bytes of the caches for data of a core */
} gm__processor;

/** Never NULL, the same at every call. */
const gm__processor *gm__cpu(void);

#endif
