/* SPDX-License-Identifier: MIT
 *
 * Faces: two axes of a movement, all that has to be chosen with care; the others are plain loops around them.
 */
#ifndef GM_KERNEL_FACE_H
#define GM_KERNEL_FACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Lengths, and strides in elements. */
typedef struct gm__face {
  int64_t rows, columns, from_row, from_column, to_row, to_column;
} gm__face;

/** Copies a face of elements of `size` bytes: runs by runs where both sides are contiguous along the columns;
 * by tiles of whole cache lines where one side is so along the rows and the other along the columns; along
 * the longer axis, in blocks, otherwise. */
void gm__face_copy(const gm__face *face, char *to, const char *from, size_t size);

/** memcpy without the call for what is short. */
static inline void gm__run_copy(char *to, const char *from, size_t bytes) {
  if (bytes > 256 || bytes < 16) {
    memcpy(to, from, bytes);
    return;
  }
  for (size_t at = 0; at + 16 <= bytes; at += 16) memcpy(to + at, from + at, 16);
  memcpy(to + bytes - 16, from + bytes - 16, 16);
}

#endif
