/* SPDX-License-Identifier: MIT
 *
 * Lines: runs of elements at any stride, brought together and converted to the dtype that they are computed
 * in, and back. */
#ifndef GM_KERNEL_LINE_H
#define GM_KERNEL_LINE_H

#include "kernel/step.h"

/** The most bytes of a line, before and after its conversion. */
enum { GM__LINE_BYTES = 4096 };

/** Where a line lies: its first element, its dtype and the stride in elements. */
typedef struct gm__line {
  char *at;
  gm_dtype dtype;
  int64_t stride;
} gm__line;

/** The dtype in which a number is computed: int64 for integers and bool, float32 for the half types. */
gm_dtype gm__line_wide(gm_dtype dtype);
/** `count` elements as contiguous numbers of `wide`, in `room` (GM__LINE_BYTES). */
void gm__line_load(void *room, gm_dtype wide, const gm__line *line, size_t count);
/** The same, or where the line lies if it is contiguous and of that dtype. */
const void *gm__line_see(void *room, gm_dtype wide, const gm__line *line, size_t count);
/** Converts `values` and puts them where the line lies. */
void gm__line_store(const gm__line *line, const void *values, gm_dtype wide, size_t count);

#endif
