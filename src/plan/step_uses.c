/* SPDX-License-Identifier: MIT
 *
 * Writers and readers of buffers, and which steps are left. */
#include "plan/step_uses.h"

#include <string.h>
#include "plan/step_order.h"

bool gm__operand_repeats(const gm__operand *operands, int operand) {
  for (int o = 0; o < operand; o++)
    if (operands[o].buffer == operands[operand].buffer) return true;
  return false;
}

gm_status gm__uses_of(const gm__program *program, gm__uses *uses, gm_error *error) {
  uses->writer = gm__alloc(program->buffer_count, sizeof *uses->writer);
  uses->readers = gm__alloc_zero(program->buffer_count, sizeof *uses->readers);
  uses->gone = gm__alloc_zero(program->step_count, sizeof *uses->gone);
  if (!uses->writer || !uses->readers || !uses->gone) return gm__no_memory(error);
  memset(uses->writer, 0xff, program->buffer_count * sizeof *uses->writer);
  for (uint32_t s = 0; s < program->step_count; s++) {
    const gm__step *step = &program->steps[s];
    for (int o = 0; o < step->reads; o++)
      uses->readers[step->operands[o].buffer] += !gm__operand_repeats(step->operands, o);
    for (int o = step->reads; o < step->reads + step->writes; o++) {
      uint32_t *writer = &uses->writer[step->operands[o].buffer];
      *writer = *writer == GM__NO_STEP ? s : GM__MANY_STEPS;
    }
  }
  return GM_OK;
}

void gm__uses_free(gm__uses *uses) {
  gm__free(uses->gone);
  gm__free(uses->readers);
  gm__free(uses->writer);
}

size_t gm__uses_held(const gm__program *program, const gm__step *step, uint32_t at) {
  size_t bytes = 0;
  for (int i = 0; i < step->reads; i++) {
    const gm__buffer *b = &program->buffers[step->operands[i].buffer];
    if (b->kind == GM__BUFFER_TEMPORARY && b->last < at && !gm__operand_repeats(step->operands, i))
      bytes += b->bytes;
  }
  return bytes;
}

uint32_t gm__uses_nearest(const gm__uses *uses, uint32_t at) {
  while (at != GM__NO_STEP && uses->gone[at]) at--;
  return at;
}

void gm__uses_settle(const gm__uses *uses, gm__program *program) {
  size_t kept = 0;
  for (size_t s = 0; s < program->step_count; s++)
    if (!uses->gone[s]) program->steps[kept++] = program->steps[s];
  if (kept == program->step_count) return;
  program->step_count = kept;
  gm__steps_set_lives(program->buffers, program->buffer_count, program->steps, kept);
}
