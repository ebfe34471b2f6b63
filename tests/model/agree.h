/* SPDX-License-Identifier: MIT
 *
 * A recipe's plans against the model: with all passes, with each alone off, with none, `exact` with and
 * without them; with symbols bound at run, with lengths written in, and with all leaves constants. */
#ifndef GM_TESTS_AGREE_H
#define GM_TESTS_AGREE_H

#include "model/recipe.h"

#define PASSES_MOST 64

/** What was compared: elements, and those of them that the model knows well. */
typedef struct tally {
  int64_t graphs, plans, elements, close, resized; /**< resized: runs at other lengths */
  int64_t by_op[MODEL_MOST];                       /**< those that are close, by the operation's row */
  int64_t rewritten[PASSES_MOST];                  /**< graphs whose plan tells a rewrite of the pass */
} tally;

/** Compares; what differs, in a sentence, otherwise. */
bool recipe_agrees(const recipe *r, tally *sum, char *why, size_t size);
/** The text, as JSON, of a plan for the recipe's lengths, which the caller frees: twice the same, and every
 * cost in numbers falls. NULL, and what is wrong, otherwise. */
char *explain(const recipe *r, const gm_graph *graph, const gm_node *outputs, char *why, size_t size);
/** Drops outputs and steps as long as something still differs. */
void recipe_shrink(recipe *r);
/** Grows and compares the recipe of a seed; prints what differs, the smallest recipe that does, and how to
 * run it again. */
bool seed_agrees(uint64_t seed, bool exact, tally *sum);
/** A crash from now on is told with the seed that ran. */
void seeds_tell_crashes(void);

#endif
