/* SPDX-License-Identifier: MIT
 *
 * Executors: bind buffers to a plan and run it. One thread at a time uses an executor; make one per thread.
 * A warm run (these dims prepared or run since the last variable was set) allocates nothing and takes no
 * lock. */
#ifndef GEMMULE_EXECUTOR_H
#define GEMMULE_EXECUTOR_H

#include <gemmule/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gm_executor gm_executor;

GM_API gm_executor *gm_executor_new(gm_plan *plan, gm_error *error);
GM_API void gm_executor_free(gm_executor *executor);
/** Borrows `value`, object and data, until the placeholder is fed again (NULL unfeeds) or the executor is
 * freed; copies nothing; its data may change between runs. Allocates nothing for a placeholder fed before. A
 * placeholder that the plan does not need is GM_OK and has no effect; a name that the graph lacks is
 * GM_BAD_ARGUMENT. */
GM_API gm_status gm_executor_feed(
    gm_executor *executor, const char *placeholder, const gm_tensor *value, gm_error *error);
/** The caller's own buffer for an output; NULL unbinds. Borrows `value`, object and data, until it is unbound
 * or the executor is freed. Its dtype must be the output's; its shape is checked, and an overlap with a feed
 * or another bound buffer refused, before anything is computed. */
GM_API gm_status gm_executor_bind_output(
    gm_executor *executor, size_t index, gm_tensor *value, gm_error *error);
/** Solves the dims from the feeds, specialises, allocates: the next run allocates nothing. Memory for data
 * that was prepared for the largest lengths is enough for smaller ones; lengths that the plan has not kept
 * cost their steps. */
GM_API gm_status gm_executor_prepare(gm_executor *executor, gm_error *error);
/** After prepare or run; NULL before, and for a bad index. Valid until the next prepare or run. */
GM_API const int64_t *gm_executor_output_dims(const gm_executor *executor, size_t index, int *rank);
GM_API gm_status gm_executor_run(gm_executor *executor, gm_error *error);
/** Valid until the next run, or a prepare for other feeds, bindings or dims; the bound tensor where one is
 * bound; NULL before the first run, after a failed one and for a bad index. */
GM_API const gm_tensor *gm_executor_output(const gm_executor *executor, size_t index);
/** From any thread or signal handler, while the executor lives: sets one lock-free flag. The run under way
 * returns GM_CANCELLED before its next step; where none is, or its last step is done, the next run that comes
 * as far as its first step does. Until then the flag stays, through prepare, trim and runs that fail before;
 * cancels that meet are one. Outputs are NULL after a cancelled run, what it wrote to bound buffers is
 * undefined, and the run after it is like any other. */
GM_API void gm_executor_cancel(gm_executor *executor);
/** Gives the workspace back; the next run allocates it again. Outputs become NULL. */
GM_API void gm_executor_trim(gm_executor *executor);

#ifdef __cplusplus
}
#endif

#endif
