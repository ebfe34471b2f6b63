/* SPDX-License-Identifier: MIT
 *
 * Operands that are indices: integers of any width, read in blocks as int64. */
#ifndef GM_KERNEL_INDICES_H
#define GM_KERNEL_INDICES_H

#include "tensor/dtype.h"

/** How many indices a kernel holds at a time. */
#define GM__INDEX_BLOCK 256

/** Reads `count` integers of `dtype`, `stride` elements apart. */
void gm__indices_read(int64_t *to, const void *from, gm_dtype dtype, int64_t stride, int64_t count);

#endif
