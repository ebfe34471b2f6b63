/* SPDX-License-Identifier: MIT
 *
 * in_place. Law: a step that reads each element before it writes the same place may write over an operand
 * that nobody reads afterwards. Two such buffers become one, under the later number, so that a chain of
 * elementwise operations stays in one place. */
#include <stdio.h>
#include "plan/plan.h"

/** Is every read of the buffer by this step with the access of the write? */
static bool reads_alike(const gm__buffer *buffers, const gm__step *step, uint32_t buffer) {
  for (uint32_t i = 0; i < step->reads; i++) {
    if (gm__buffer_root(buffers, step->operands[i].buffer) == buffer && !(step->in_place >> i & 1))
      return false;
  }
  return true;
}

static bool joins(const gm__buffer *buffers, const gm__step *step, uint32_t at, uint32_t from, uint32_t to) {
  const gm__buffer *source = &buffers[from], *target = &buffers[to];
  if (source->kind != GM__BUFFER_TEMPORARY || source->kept || from >= to || source->last != at) return false;
  if (target->kind != GM__BUFFER_TEMPORARY && target->kind != GM__BUFFER_OUTPUT) return false;
  bool fits = target->kind == GM__BUFFER_TEMPORARY || source->bytes <= target->bytes;
  return target->first == at && fits && reads_alike(buffers, step, from);
}

uint32_t gm__in_place_join(gm__buffer *buffers, const gm__step *step, uint32_t at) {
  uint32_t to = step->in_place ? gm__buffer_root(buffers, step->operands[step->reads].buffer) : 0;
  for (uint32_t i = 0; i < step->reads && step->in_place; i++) {
    uint32_t from = gm__buffer_root(buffers, step->operands[i].buffer);
    if (!(step->in_place >> i & 1) || !joins(buffers, step, at, from, to)) continue;
    gm__buffer *source = &buffers[from], *target = &buffers[to];
    source->same = to;
    target->first = source->first;
    if (source->bytes > target->bytes) target->bytes = source->bytes;
    return i;
  }
  return UINT32_MAX;
}

static gm_status log_join(const gm_plan *plan, const gm__pass *pass, const gm__step *step,
    const gm__buffer *operand, gm__log *log, gm_error *error) {
  char cost[40], after[160];
  const char *label = gm__node_label(plan->graph, step->node);
  snprintf(cost, sizeof cost, "%zu", operand->bytes);
  snprintf(after, sizeof after, "in the place of %.128s", gm__node_label(plan->graph, operand->node));
  const gm__note note = {pass, label, label, after, "bytes", cost, "0"};
  return gm__log_add(log, &note, error);
}

static gm_status run(
    gm_plan *plan, const gm__pass *pass, gm__program *program, gm__log *log, gm_error *error) {
  for (size_t s = 0; s < program->step_count; s++) {
    const gm__step *step = &program->steps[s];
    uint32_t read = gm__in_place_join(program->buffers, step, (uint32_t)s);
    if (read == UINT32_MAX || !log) continue;
    GM_TRY(log_join(plan, pass, step, &program->buffers[step->operands[read].buffer], log, error));
  }
  return GM_OK;
}

const gm__pass gm__pass_in_place = {
    .name = "in_place", .law = "a value that nobody reads afterwards may be written over", .program = run};
