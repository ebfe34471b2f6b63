/* SPDX-License-Identifier: MIT
 *
 * A random graph kept as a recipe, so that it can be built again: with symbols or with lengths, with its
 * leaves as they are or all as constants; evaluated by the model; and printed as a graph file. */
#ifndef GM_TESTS_RECIPE_H
#define GM_TESTS_RECIPE_H

#include "model/model.h"

#define RECIPE_LEAVES 8
#define RECIPE_STEPS 48
#define RECIPE_NODES (RECIPE_LEAVES + RECIPE_STEPS)
#define RECIPE_OUTPUTS RECIPE_NODES
#define LEAF_RANK 5

typedef enum source { FED, VARIABLE, CONSTANT } source;

typedef struct leaf {
  source source;
  gm_dtype dtype;
  bool positive, unit; /**< unit: whole numbers from -1 (or 0) to 1, where they are whole */
  int rank;
  int64_t dims[LEAF_RANK];
  int symbols[LEAF_RANK]; /**< 0: a number; else 'n', 'm' or 'k', for what is fed */
  uint64_t seed;          /**< of the values */
} leaf;

/** An operation on earlier nodes (leaves first), or on numbers: -1 - k is recipe_numbers[k]. */
typedef struct recipe_step {
  const char *op;
  int inputs[MODEL_INPUTS], count;
  char attributes[96];
} recipe_step;

typedef struct recipe {
  uint64_t seed;
  bool exact; /**< small integers, and operations that keep them */
  bool large; /**< thousands of elements: more than kernels take at once */
  int leaf_count, count, output_count;
  leaf leaves[RECIPE_LEAVES];
  recipe_step steps[RECIPE_STEPS];
  int outputs[RECIPE_OUTPUTS];
} recipe;

#define RECIPE_NUMBERS 6
extern const double recipe_numbers[RECIPE_NUMBERS];

/** The same recipe for the same seed. False, with what in `why`, when the library infers another shape or
 * dtype for a step than the model. */
bool recipe_grow(recipe *made, uint64_t seed, bool exact, char *why, size_t size);

/** The values of a leaf. */
cells recipe_leaf(const recipe *r, int leaf);
/** What step `step` computes from the values of the nodes before it; false where it does not, or where too
 * little of it is known, or too large, to be of use. */
bool recipe_evaluate_step(const recipe *r, int step, const field *values, field *out);
/** All nodes' values, leaves first; false, with nothing made, where a step has none. */
bool recipe_evaluate(const recipe *r, field *values);
void recipe_free_values(const recipe *r, field *values);
/** Is so little known of the element that comparing it tells nothing? */
bool is_vague(known x, gm_dtype dtype);

typedef enum recipe_form { WITH_SYMBOLS_OPEN, WITH_NUMBERS, AS_CONSTANTS } recipe_form;
gm_node recipe_add_leaf(const recipe *r, gm_graph *graph, recipe_form how, int leaf);
gm_node recipe_add_step(const recipe *r, gm_graph *graph, int step, const gm_node *nodes);
/** False, with the graph's error left, when the library refuses a step. */
bool recipe_build(const recipe *r, gm_graph *graph, recipe_form how, gm_node *nodes);

/** As a graph file that `gemmule run` takes. */
void recipe_print(const recipe *r);

#endif
