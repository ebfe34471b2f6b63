/* SPDX-License-Identifier: MIT
 *
 * Folding rows of elements into accumulators: what reduce does, by kind of number. Accumulators are LANES ×
 * width numbers; row r of a leaf of the sum goes to lane r mod LANES, element by element of its width. Some
 * reductions need two passes: the first finds a pivot (a mean, a maximum), the second folds what lies about
 * it. */
#ifndef GM_KERNEL_FOLD_H
#define GM_KERNEL_FOLD_H

#include "kernel/step.h"

#define GM__LANES 16
/* The most elements of a leaf of one column. */
#define GM__LEAF 256

typedef struct gm__fold {
  gm_dtype load;   /* what elements are converted to before they are folded */
  gm_dtype result; /* what `finish` leaves */
  size_t size;     /* bytes of an accumulator */
  /** Folds `rows` rows of `width` contiguous elements, `stride` elements apart, from lane 0 on; `pivot` has
   * `width` numbers. */
  void (*rows)(void *acc, const void *data, int64_t stride, size_t rows, size_t width, const void *pivot);
  /** A whole leaf of one column in contiguous memory, as `rows` and the adding up of lanes would make it;
   * false when it leaves that to them: the greatest and the least with a NaN. NULL: always. */
  bool (*leaf)(void *acc, const void *data, size_t count, const void *neutral, const void *pivot);
  /** into[i] = into[i] ∘ from[i]. */
  void (*merge)(void *into, const void *from, size_t count);
  /** Accumulators to results, in place: the mean divides. NULL: nothing to do. */
  void (*finish)(void *acc, size_t width, int64_t count, const void *pivot);
  /** The reduction that finds the pivot: its fold loads the same dtype. NULL: one pass. */
  const gm__reduction *pivot;
} gm__fold;

/** The fold of a reduction for elements of `dtype`; NULL when there is none (the greatest of complex
 * numbers). */
const gm__fold *gm__fold_for(gm__reduction op, gm_dtype dtype);
/** Its neutral element, which is also the result for nothing; `value` has 16 bytes. */
void gm__fold_neutral(gm__reduction op, gm_dtype dtype, void *value);

#endif
