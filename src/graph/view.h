/* SPDX-License-Identifier: MIT
 *
 * Views: where a value lies in a buffer, by element strides. Transposes, reshapes and slices move no data
 * where a view says the same. All dims are known here. */
#ifndef GM_GRAPH_VIEW_H
#define GM_GRAPH_VIEW_H

#include "tensor/dtype.h"

typedef struct gm__view {
  uint32_t buffer;
  gm_dtype dtype;
  int rank;
  int64_t offset; /* elements from the buffer's start */
  int64_t dims[GM_MAX_RANK], strides[GM_MAX_RANK];
} gm__view;

/** Number of elements. */
int64_t gm__view_count(const gm__view *view);
/** Row-major strides for the view's dims. */
void gm__view_pack(gm__view *view);
bool gm__view_contiguous(const gm__view *view);
/** The same elements under other dims (as many); false when no strides can say it. */
bool gm__view_reshape(gm__view *view, int rank, const int64_t *dims);
/** Axis i of the result is axis order[i]. */
void gm__view_permute(gm__view *view, const int *order);
/** As NumPy broadcasts: leading axes added, length 1 repeated with stride 0. The dims must allow it. */
void gm__view_broadcast(gm__view *view, int rank, const int64_t *dims);

/** Axes of nested loops over up to four operands, being coalesced: strides[operand][axis]. */
#define GM__LOOP_OPERANDS 4
#define GM__LOOP_RANK (2 * GM_MAX_RANK)
typedef struct gm__nest {
  int rank, operands;
  int64_t dims[GM__LOOP_RANK], strides[GM__LOOP_OPERANDS][GM__LOOP_RANK];
} gm__nest;
/** Adds an axis inside the others, merging it with the last where all strides allow; length 1 adds nothing.
 */
void gm__nest_push(gm__nest *nest, int64_t dim, const int64_t *strides);

#endif
