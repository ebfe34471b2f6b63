/* SPDX-License-Identifier: MIT
 *
 * Parts of values, as the slice pass sees them: which parts of a node are wanted, and what of its inputs
 * they are made of. A part of a node has a gm__part for each axis; lengths are those that are known. */
#ifndef GM_PLAN_SLICING_H
#define GM_PLAN_SLICING_H

#include "plan/plan.h"

/** A part that somebody wants. */
typedef struct gm__wish {
  const gm__part *parts;
  struct gm__wish *next;
  uint32_t built; /* its new node; 0: not yet */
} gm__wish;

/** What is wanted of a node: all of it, or parts. `sliced`: only the parts are computed. */
typedef struct gm__wishes {
  gm__wish *first;
  uint16_t count;
  bool whole, sliced;
} gm__wishes;

typedef struct gm__slicing {
  gm_plan *plan;
  const gm__node *nodes;
  gm__wishes *at; /* by node */
  gm__arena scratch;
  bool products; /* sums may be computed in parts, too */
  gm_error *error;
} gm__slicing;

bool gm__parts_whole(const gm__part *parts, int rank);
bool gm__parts_same(const gm__part *a, const gm__part *b, int rank);
/** Lengths of a node; -1 where they are not known. */
void gm__slicing_lengths(const gm__slicing *s, uint32_t id, int64_t *lengths);
/** What an index node reads of its input, in `parts`, and its axes: see `select` of the record. False for
 * other nodes, and while it depends on lengths that are not known. */
bool gm__slicing_select(const gm__slicing *s, uint32_t id, gm__part *parts, int *axes);
/** What an index node's input is asked for when `wanted` is asked of the node. */
void gm__slicing_compose(const gm__slicing *s, uint32_t id, const gm__part *wanted, gm__part *parts);
/** The axes of `wanted` that the node's inputs can be asked for; the others are whole in *pushed. Are there
 * any? */
bool gm__slicing_split(const gm__slicing *s, uint32_t id, const gm__part *wanted, gm__part *pushed);
/** What input `input` is asked for, when a part that split gave is asked of the node; false: nothing.
 * *offset: where the input begins on the axis along which they are joined; moved behind it. */
bool gm__slicing_input(const gm__slicing *s, uint32_t id, const gm__part *pushed, uint32_t input,
    int64_t *offset, gm__part *parts);
/** The cost of a part of a node (NULL: all of it), in units of its own. */
double gm__slicing_price(const gm__slicing *s, uint32_t id, const gm__part *parts);

#endif
