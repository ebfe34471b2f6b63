/* SPDX-License-Identifier: MIT
 *
 * Short words for what every test of plans and executors does: tensors of few numbers, operations of one or
 * two inputs, a plan and its executor, outputs read as floats. Whatever cannot be made ends the test with the
 * library's own sentence. */
#ifndef GM_TESTS_BUILD_H
#define GM_TESTS_BUILD_H

#include <gemmule/gemmule.h>

/** float32, start, start + 1, …; rank 0 to 3, the lengths that follow. */
gm_tensor *ramp0(float start);
gm_tensor *ramp1(float start, int64_t a);
gm_tensor *ramp2(float start, int64_t a, int64_t b);
gm_tensor *ramp_like(float start, int rank, const int64_t *dims);

gm_node apply1(gm_graph *graph, const char *op, gm_node x, const char *attributes);
gm_node apply2(gm_graph *graph, const char *op, gm_node x, gm_node y, const char *attributes);

/** Outputs are planned with default options. */
gm_plan *plan_of(const gm_graph *graph, const gm_node *outputs, size_t count);
/** The same with passes switched off (NULL: none). */
gm_plan *plan_without(const gm_graph *graph, const gm_node *outputs, size_t count, const char *passes);
/** All passes, as `without` takes them; static. */
const char *every_pass(void);
/** An executor of a plan of its own. */
gm_executor *executor_of(const gm_graph *graph, const gm_node *outputs, size_t count);
void feed(gm_executor *executor, const char *name, const gm_tensor *value);
void run(gm_executor *executor);
/** The output's elements; it must be there and be float32. */
const float *floats(const gm_executor *executor, size_t index);

/** Same dtype, dims and bits; any NaN equals any other of its dtype. */
bool tensors_agree(const gm_tensor *a, const gm_tensor *b);

/** The text of a plan, freed by the caller; ends the test where there is none. */
char *plan_text(const gm_plan *plan, const char *dims, unsigned flags);
/** The steps of a plan's text, "gemm m=2 n=4 k=3; map add": kinds and descriptors. */
void plan_steps(const char *text, char *out, size_t size);

#endif
