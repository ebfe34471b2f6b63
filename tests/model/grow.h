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

/** A growth of a recipe that has its leaves. */
void growth_begin(growth *g, recipe *made);
void growth_end(growth *g);
/** Appends the step, if it is taken and of use. */
bool growth_try(growth *g, const recipe_step *step);
/** A node, more often a recent one. */
int growth_draw_input(const growth *g, draw *from);
/** Attributes that fit the step's inputs. */
void growth_choose(const growth *g, draw *from, recipe_step *step);
/** The node that a motif's letter, or step, stands for; letters that are not bound are drawn. */
#define MOTIF_STEPS 9
enum { UNBOUND = -100 };
typedef struct binding {
  int letters[3], results[MOTIF_STEPS], count;
} binding;
/** Appends the steps of a motif (see motif.c) as far as they are taken; false where one is not. */
bool growth_add_motif(growth *g, draw *from, const char *motif, binding *b);
/** Draws the leaves, begins, and grows expressions of linear algebra over three lengths. */
void growth_expressions(growth *g, recipe *made, draw *from, const int64_t lengths[3], gm_dtype dtype);
/** Tries one of the motifs. */
void growth_motif(growth *g, draw *from);

#endif
