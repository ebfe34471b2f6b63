/* SPDX-License-Identifier: MIT
 *
 * Orders of the steps of a program: which step waits for which, and two ways of choosing an order in which
 * little is alive at once. */
#ifndef GM_PLAN_STEP_ORDER_H
#define GM_PLAN_STEP_ORDER_H

#include "plan/plan.h"

/** The lives of buffers from the steps in their order; what is kept lives to the end. */
void gm__steps_set_lives(gm__buffer *buffers, size_t count, const gm__step *steps, size_t step_count);

/** Lists of numbers, one a row: row i is items[start[i]] … items[start[i + 1] - 1]. */
typedef struct gm__lists {
  uint32_t *start, *items;
} gm__lists;

/** What orders follow from. */
typedef struct gm__precedence {
  size_t steps, buffers;
  gm__lists after;   /* by step: the steps that wait for it */
  gm__lists before;  /* by step: those that it waits for */
  gm__lists touched; /* by step: the buffers that it touches, each once */
  gm__lists users;   /* by buffer: the steps that touch it */
  size_t *size;      /* by buffer: what it takes of the workspace, 0 for others than temporaries */
} gm__precedence;

/** A step waits for who wrote what it reads, and for who read or wrote what it writes. */
gm_status gm__precedence_of(const gm__program *program, gm__precedence *out, gm_error *error);
void gm__precedence_free(gm__precedence *p);

/** Always the step that is ready and adds least to what is alive, the earlier one of two. */
gm_status gm__order_greedy(const gm__precedence *p, uint32_t *order, gm_error *error);
/** From the last steps back: who needs most memory beyond what it leaves is computed first (Sethi and
 * Ullman's rule for trees). */
gm_status gm__order_by_need(const gm__precedence *p, uint32_t *order, gm_error *error);

#endif
