/* SPDX-License-Identifier: MIT
 *
 * The order of a chain of products: which neighbours are multiplied first. */
#ifndef GM_PLAN_CHAIN_ORDER_H
#define GM_PLAN_CHAIN_ORDER_H

#include "base/alloc.h"
#include "plan/cost.h"

/** Up to so many factors the order is the best there is under the model; beyond, a heuristic's. */
#define GM__CHAIN_BEST 64

/** A factor of a chain, as it stands there: `key` stands for it and `turned` for its transpose; both are the
 * same for one that is symmetric. known: before the run. */
typedef struct gm__factor {
  int64_t rows, columns;
  uint64_t key, turned;
  gm__form form;
  bool known;
} gm__factor;

/** Intervals that cost nothing, since they are computed anyhow, by key. */
typedef struct gm__paid {
  const uint64_t *keys;
  size_t count;
  uint64_t except; /* and this one is not among them */
} gm__paid;

bool gm__paid_has(const gm__paid *paid, uint64_t key);

/** Merge i makes number count + i of numbers `left` and `right`; numbers below count are the factors. */
typedef struct gm__merge {
  int left, right;
} gm__merge;

/** The key of a sequence of factors, the same for the sequence that is its transpose; *turned: it is that of
 * the other one. */
uint64_t gm__chain_key(const gm__factor *factors, int count, bool *turned);
/** The cheapest order's cost, or infinity when out of memory. `merges` has count - 1 entries, or is NULL.
 * `twice`: the product is added to its transpose (the last merge makes both). */
double gm__chain_order(const gm__factor *factors, int count, gm_dtype dtype, const gm__paid *paid, bool twice,
    gm__arena *scratch, gm__merge *merges);
/** Does the last product of that order use what is known of its sides, their forms or that one is the other's
 * transpose? Such a product cannot add to what is there. */
bool gm__chain_formed(const gm__factor *factors, int count, const gm__merge *merges);
/** What a given order costs, nothing being paid or known; infinity when out of memory. */
double gm__chain_cost(
    const gm__factor *factors, int count, gm_dtype dtype, const gm__merge *merges, gm__arena *scratch);

#endif
