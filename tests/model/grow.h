/* SPDX-License-Identifier: MIT
 *
 * What growing a recipe needs: two graphs that each step is tried on, with numbers and with symbols, and the
 * values so far. */
#ifndef GM_TESTS_GROW_H
#define GM_TESTS_GROW_H

#include "model/recipe.h"

typedef struct growth {
  recipe *made;
  gm_graph *graphs[2];
  gm_node nodes[2][RECIPE_NODES];
  field values[RECIPE_NODES];
  char mistyped[128]; /**< the first operation whose shape or dtype is not the model's */
} growth;

/** Appends the step, if it is taken and of use. */
bool growth_try(growth *g, const recipe_step *step);
/** A node, more often a recent one. */
int growth_draw_input(const growth *g, draw *from);
/** Attributes that fit the step's inputs. */
void growth_choose(const growth *g, draw *from, recipe_step *step);
/** Tries one of the motifs. */
void growth_motif(growth *g, draw *from);

#endif
