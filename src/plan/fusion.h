/* SPDX-License-Identifier: MIT
 *
 * A map that takes in the maps that it reads: the program of one goes before that of the other, and its
 * operands are reached by the loops of the one that reads it. Made on the stack; a step when it is done. */
#ifndef GM_PLAN_FUSION_H
#define GM_PLAN_FUSION_H

#include "plan/plan.h"

/** The greatest rank of fused loops. */
#define GM__FUSION_RANK 8
/** Where the result stands among the operands, and the number of the first register of a result. */
#define GM__FUSION_OUT GM__MAP_INPUTS

/** strides: in elements, by operand and axis. Registers: 0 … GM__MAP_INPUTS - 1 are the inputs,
 * GM__MAP_INPUTS + i the result of instruction i. */
typedef struct gm__fusion {
  int inputs, count, rank;
  gm__operand operands[GM__MAP_INPUTS + 1];
  int64_t dims[GM__FUSION_RANK], strides[GM__MAP_INPUTS + 1][GM__FUSION_RANK];
  gm__map_op ops[GM__MAP_PROGRAM];
  double flops;
} gm__fusion;

/** Begins with a map step; false where it has more inputs or axes than a fusion. */
bool gm__fusion_begin(gm__fusion *f, const gm__step *step);
/** Takes in the map step `maker`, which writes the whole of what input `input` reads. false, and nothing is
 * changed but how axes are split: the axes of the two do not match, something would be computed more than
 * once, or a limit is exceeded. */
bool gm__fusion_absorb(gm__fusion *f, int input, const gm__step *maker);
/** Which inputs may be written over: those that are read where the result is written. */
uint32_t gm__fusion_in_place(const gm__fusion *f);
/** The bytes that it moves; what is repeated counts once. */
double gm__fusion_bytes(const gm__fusion *f);
/** Makes `step`, whose kernel and node stay, a step of it. */
gm_status gm__fusion_end(gm__fusion *f, gm__program *program, gm__step *step, gm_error *error);

#endif
