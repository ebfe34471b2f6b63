/* SPDX-License-Identifier: MIT
 *
 * in_place. Law: a step that reads each element before it writes the same place may write over an operand
 * that nobody reads afterwards. Two such buffers become one, under the later number. */
#include "plan/plan.h"

static uint32_t root(const gm__program *program, uint32_t buffer) {
  while (program->buffers[buffer].same != buffer) buffer = program->buffers[buffer].same;
  return buffer;
}

/** Is every read of the buffer by this step with the access of the write? */
static bool reads_alike(const gm__program *program, const gm__step *step, uint32_t buffer) {
  for (uint32_t i = 0; i < step->reads; i++) {
    if (root(program, step->operands[i].buffer) == buffer && !(step->in_place >> i & 1)) return false;
  }
  return true;
}

static bool joins(const gm__program *program, const gm__step *step, uint32_t at, uint32_t from, uint32_t to) {
  const gm__buffer *source = &program->buffers[from], *target = &program->buffers[to];
  if (source->kind != GM__BUFFER_TEMPORARY || from >= to || source->last != at) return false;
  if (target->kind != GM__BUFFER_TEMPORARY && target->kind != GM__BUFFER_OUTPUT) return false;
  bool fits = target->kind == GM__BUFFER_TEMPORARY || source->bytes <= target->bytes;
  return target->first == at && fits && reads_alike(program, step, from);
}

static gm_status run(gm_plan *plan, gm__program *program, gm_error *error) {
  (void)plan;
  (void)error;
  for (size_t s = 0; s < program->step_count; s++) {
    const gm__step *step = &program->steps[s];
    uint32_t to = step->in_place ? root(program, step->operands[step->reads].buffer) : 0;
    for (uint32_t i = 0; i < step->reads && step->in_place; i++) {
      uint32_t from = root(program, step->operands[i].buffer);
      if (!(step->in_place >> i & 1) || !joins(program, step, (uint32_t)s, from, to)) continue;
      gm__buffer *source = &program->buffers[from], *target = &program->buffers[to];
      source->same = to;
      target->first = source->first;
      if (source->bytes > target->bytes) target->bytes = source->bytes;
      break;
    }
  }
  return GM_OK;
}

const gm__pass gm__pass_in_place = {
    .name = "in_place", .law = "a value that nobody reads afterwards may be written over", .program = run};
