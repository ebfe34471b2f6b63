/* SPDX-License-Identifier: MIT
 *
 * Random graphs of all operations there are, kept as a script, so that the same graph can be built again:
 * with symbols or with lengths, on placeholders or on variables. What the library refuses when a script is
 * grown is left out of it. */
#ifndef GM_TESTS_RANDOM_GRAPH_H
#define GM_TESTS_RANDOM_GRAPH_H

#include "support/cells.h"

#define SCRIPT_STEPS 256
#define SCRIPT_SOURCES 4

/** A node: an operation on earlier ones (sources first), with its attributes. */
typedef struct script_step {
  const char *op;
  int inputs[3], count;
  char attributes[56];
} script_step;

typedef struct script {
  int count;
  script_step steps[SCRIPT_STEPS];
} script;

/** Is the operation among those that are drawn? */
bool script_draws(const char *op);
/** Grows a script of up to `steps` operations; the sources are float32 with the shapes below. */
void script_grow(script *made, draw *from, int steps);

/** The sources, "a" (n, 3), "b" (3, n), "c" (3,) and "d" (n, 1, 3), as placeholders. */
void script_place(gm_graph *graph, const char *length, gm_node *nodes);
/** Builds the script on placeholders;
 *  `length` "n" for symbols, "5" for numbers. nodes[i] is the node of step i. False, with the graph's error
 *  left, when the library refuses a step. */
bool script_build(const script *from, gm_graph *graph, const char *length, gm_node *nodes);
/** The same on variables that hold `values`. */
bool script_build_on(
    const script *from, gm_graph *graph, gm_tensor *const values[SCRIPT_SOURCES], gm_node *nodes);
/** The length of n that the graph learnt, or else `wanted`. */
int64_t script_length(const gm_graph *graph, int64_t wanted);
/** Values for the sources with n = `length`: small multiples of 1/4, so that sums and products are exact. */
void script_values(draw *from, int64_t length, gm_tensor *values[SCRIPT_SOURCES]);
extern const char *const script_sources[SCRIPT_SOURCES];

#endif
