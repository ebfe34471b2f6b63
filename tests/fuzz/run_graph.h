/* SPDX-License-Identifier: MIT
 *
 * Planning and running a graph of which nothing is known, with values that fit its placeholders, and a bound
 * on what a run may cost. */
#ifndef GM_TESTS_RUN_GRAPH_H
#define GM_TESTS_RUN_GRAPH_H

#include "fuzz.h"

/** Element operations that a run may take. */
#define FUZZ_COST 2e6

/** Lengths of the symbols that make sense together. */
typedef struct lengths lengths;
/** Each named symbol gets `least` plus a few by its place; NULL when there is no memory. */
lengths *fuzz_lengths(const gm_graph *graph, int64_t least);
void fuzz_lengths_free(lengths *of);
/** The length of an axis, or 2 where that is not known. */
int64_t fuzz_length(const gm_graph *graph, gm_node node, int axis, const lengths *of);
/** A value for a placeholder; NULL when it is too large. */
gm_tensor *fuzz_value(const gm_graph *graph, gm_node node, const lengths *of);
/** What computing every node once takes, by a bound from above; infinite where that is not known. */
double fuzz_cost(const gm_graph *graph, const lengths *of);

/** Saved, loaded and saved again, a graph gives the same bytes. */
void fuzz_saves(const gm_graph *graph);
/** Plans, prints, runs twice with the same bits; or is refused as it should be. */
void fuzz_plan_and_run(const gm_graph *graph, const gm_node *outputs, size_t count);
/** Prints the plan, as text and as JSON, whole and cut. */
void fuzz_plan_text(const gm_plan *plan, const char *dims);

#endif
