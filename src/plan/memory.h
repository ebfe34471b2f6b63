/* SPDX-License-Identifier: MIT
 *
 * The memory plan: blocks, each alive from one step to another, and two ways of giving them offsets. */
#ifndef GM_PLAN_MEMORY_H
#define GM_PLAN_MEMORY_H

#include "plan/plan.h"

typedef struct gm__block {
  size_t size, offset;  /* size: a multiple of the alignment, at least one */
  uint32_t first, last; /* the steps between which it is alive, both included */
  uint32_t buffer;
} gm__block;

/** Both set the offsets of all blocks so that none that are alive at once overlap. */
/** Greedily in several orders, and then by search, until `bound` is reached or the tries are used up; the
 * same blocks get the same offsets always. Time grows with the square of their number, the number of tries
 * falls with it. */
gm_status gm__memory_fit(gm__block *blocks, size_t count, size_t bound, gm_error *error);
/** One sweep over time, each block into a free segment of the best size class: near linear. */
gm_status gm__memory_sweep(gm__block *blocks, size_t count, gm_error *error);

#endif
