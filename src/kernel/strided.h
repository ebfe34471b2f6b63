/* SPDX-License-Identifier: MIT
 *
 * Moving runs of elements by their bytes, whatever their dtype: the inner loop of every movement. */
#ifndef GM_KERNEL_STRIDED_H
#define GM_KERNEL_STRIDED_H

#include <stddef.h>
#include <stdint.h>

/** Copies `count` elements of `size` bytes; strides in elements. The runs do not overlap, unless they are the
 * same one. */
void gm__strided_copy(
    void *to, int64_t to_stride, const void *from, int64_t from_stride, size_t count, size_t size);
/** Writes one value of `size` bytes (at most 16) `count` times. */
void gm__strided_fill(void *to, int64_t stride, const void *value, size_t count, size_t size);

#endif
