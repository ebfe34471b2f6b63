/* SPDX-License-Identifier: MIT
 *
 * Who writes and who reads each buffer of a program, while passes take steps into one another. */
#ifndef GM_PLAN_STEP_USES_H
#define GM_PLAN_STEP_USES_H

#include "plan/plan.h"

#define GM__NO_STEP UINT32_MAX
#define GM__MANY_STEPS (UINT32_MAX - 1)

typedef struct gm__uses {
  uint32_t *writer;  /* by buffer: the step, or one of the two above */
  uint32_t *readers; /* by buffer: how many steps read it */
  bool *gone;        /* by step: it is run no more */
} gm__uses;

/** gm__uses_free in any case. */
gm_status gm__uses_of(const gm__program *program, gm__uses *uses, gm_error *error);
void gm__uses_free(gm__uses *uses);
/** Is the operand's buffer that of an earlier one? */
bool gm__operand_repeats(const gm__operand *operands, int operand);
/** Bytes of temporaries that the step reads and nobody reads from step `at` on. */
size_t gm__uses_held(const gm__program *program, const gm__step *step, uint32_t at);
/** The nearest step from `at` down that is not gone; GM__NO_STEP: none. */
uint32_t gm__uses_nearest(const gm__uses *uses, uint32_t at);
/** Takes the steps that are gone out of the program. */
void gm__uses_settle(const gm__uses *uses, gm__program *program);

#endif
