/* SPDX-License-Identifier: MIT
 *
 * States of the normal form and their prices. Definitions that have an interval or a bracket in common form a
 * group; each group is weighed by itself. */
#ifndef GM_PLAN_ALGEBRA_STATE_H
#define GM_PLAN_ALGEBRA_STATE_H

#include "plan/algebra.h"

/** Larger groups stay as they were written. */
#define GM__MOST_DEFS 128

/** Intervals that are computed once and shared: the letters of one of them. */
#define GM__MOST_SHARED 16
typedef struct gm__shared {
  uint32_t first, count;
  uint64_t key;
} gm__shared;

/** A definition that has another variant than it was read with. */
#define GM__MOST_CHOICES 16
typedef struct gm__choice {
  uint32_t def, sum;
} gm__choice;

/** What one law changes: variants of one definition, or of several together. */
#define GM__MOST_TOGETHER 4
typedef struct gm__move {
  gm__choice at[GM__MOST_TOGETHER];
  size_t count;
} gm__move;

typedef struct gm__state {
  gm__choice choices[GM__MOST_CHOICES];
  size_t choice_count;
  double cost;
  gm__shared shared[GM__MOST_SHARED];
  size_t shared_count;
  bool distributed; /* a law of sums was used */
} gm__state;

/** The definitions of a group: `defs`, roots and brackets, ascending. */
typedef struct gm__group {
  const uint32_t *defs;
  size_t count, roots;
  gm_dtype dtype;
  double written; /* the cost of the nodes as they were written */
  bool open;      /* a length is not known yet */
} gm__group;

/** Joins definitions; groups[i] for i < *count, in the scratch arena. */
gm_status gm__algebra_groups(gm__algebra *a, gm__group **groups, size_t *count);
/** Nothing to choose: one product of two. */
bool gm__group_simple(const gm__algebra *a, const gm__group *group);
/** Prices what was written: each node that was read into the group once. */
void gm__group_written(gm__algebra *a, gm__group *group);
/** Is the best state worth having in the place of what was written? */
static inline bool gm__state_pays(const gm__group *group, const gm__state *best) {
  return best->cost < group->written * (1 - 1e-6);
}
/** Prices a state, and chooses what is shared. When memory runs out the algebra is starved. */
void gm__state_price(gm__algebra *a, const gm__group *group, gm__state *state);
/** The cheapest state that moves reach from the one that was written. */
gm_status gm__state_search(gm__algebra *a, const gm__group *group, gm__state *best);
/** The intervals that a definition reads at no cost: those that are shared, and roots that are chains. Lives
 * in the scratch arena. NULL keys: out of memory. */
gm__paid gm__state_paid(gm__algebra *a, const gm__group *group, const gm__state *state);
/** The cheapest order of a term's letters, in the scratch arena; cost: INFINITY when out of memory, and then
 * the algebra is starved. formed: its last product uses forms. */
typedef struct gm__ordered {
  gm__factor *factors;
  gm__merge *merges;
  double cost;
  bool formed;
} gm__ordered;
gm__ordered gm__term_order(
    gm__algebra *a, const gm__term *term, gm_dtype dtype, const gm__paid *paid, bool twice);
/** The same under a state, which may not read the interval with the key `except`. */
gm__ordered gm__state_order(gm__algebra *a, const gm__group *group, const gm__state *state,
    const gm__term *term, uint64_t except, bool twice);
/** Transposes are looked for among so many terms. */
#define GM__MOST_PAIRED 32
/** The later term of a sum that is the transpose of term `at`, with the same coefficient, or (sum.count)
 * none: unless others share the chain, both are made by one symmetric update. */
uint32_t gm__term_partner(const gm__algebra *a, gm__sum sum, uint32_t at);
/** Is the term a chain alone, the whole value of its definition? */
bool gm__term_plain(const gm__term *term);
/** The key of a root that is one chain; 0 for others. */
uint64_t gm__state_root_key(gm__algebra *a, const gm__state *state, uint32_t def);
/** Where a scalar is multiplied in: the smallest letter, or -1 for the result, which is smaller. *elements:
 * how many that has. */
int gm__term_smallest(const gm__algebra *a, const gm__term *term, double *elements);
/** The key of a term's letters. 0: out of memory. */
uint64_t gm__term_key(gm__algebra *a, const gm__letter *letters, uint32_t count);
/** The variant of a definition. */
gm__sum gm__state_sum(const gm__algebra *a, const gm__state *state, uint32_t def);
/** The definitions that the roots need, roots first, in the scratch arena; NULL: out of memory. */
uint32_t *gm__state_reach(gm__algebra *a, const gm__group *group, const gm__state *state, size_t *count);

/** Writes to `found` (room for `most`) what is one law of sums away from `state`: a factor taken out, a
 * bracket multiplied out. (pass_sums.c) */
gm_status gm__sums_moves(gm__algebra *a, const gm__group *group, const gm__state *state, gm__move *found,
    size_t most, size_t *count);

#endif
