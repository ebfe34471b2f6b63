/* SPDX-License-Identifier: MIT
 *
 * order. Law: steps that do not wait for each other may run in any order; the same steps compute the same
 * bits. Among the order as written, greedy ones from either end, and one by need, that with the least memory
 * alive at once is taken, the written one unless another is better. What a step does at once, reading its
 * operands and writing its result, no order can lower: where that is the peak already, nothing is tried. */
#include <stdio.h>
#include <string.h>
#include "plan/step_order.h"

typedef struct ordering {
  const gm_plan *plan;
  const gm__program *program;
  gm__precedence precedence;
  gm__step *steps;     /* in the order that is tried */
  gm__buffer *buffers; /* a copy to try it on */
  uint32_t *order, *best_order;
  size_t before, best;
  gm_error *error;
} ordering;

/* ---- What an order needs ---- */

/** The steps in an order, but that those which run once stay in front. */
static void arrange(ordering *o, const uint32_t *order) {
  size_t count = o->program->step_count, at = 0;
  for (int once = 1; once >= 0; once--) {
    for (size_t i = 0; i < count; i++) {
      if (o->program->steps[order[i]].once == once) o->steps[at++] = o->program->steps[order[i]];
    }
  }
}

/** The peak of the steps in o->steps. */
static gm_status peak_of(ordering *o, size_t *peak) {
  const gm__program *p = o->program;
  bool in_place = gm__pass_enabled(o->plan, &gm__pass_in_place);
  memcpy(o->buffers, p->buffers, p->buffer_count * sizeof *o->buffers);
  gm__steps_set_lives(o->buffers, p->buffer_count, o->steps, p->step_count);
  for (uint32_t s = 0; in_place && s < p->step_count; s++) gm__in_place_join(o->buffers, &o->steps[s], s);
  return gm__memory_bound(o->buffers, p->buffer_count, p->step_count, peak, o->error);
}

/** Bytes of the temporary that an operand of a step is; 0 for others, and for one that stood there before. */
static size_t touched(const gm__program *program, const gm__step *step, int operand) {
  const gm__buffer *b = &program->buffers[step->operands[operand].buffer];
  bool counts = b->kind == GM__BUFFER_TEMPORARY;
  for (int o = 0; o < operand && counts; o++)
    counts = step->operands[o].buffer != step->operands[operand].buffer;
  return counts ? b->bytes : 0;
}

/** The most that one step touches, but for what could be written in place: no order needs less. */
static size_t floor_of(const gm__program *program) {
  size_t most = 0;
  for (size_t s = 0; s < program->step_count; s++) {
    const gm__step *step = &program->steps[s];
    size_t sum = 0, largest = 0;
    for (int o = 0; o < step->reads + step->writes; o++) {
      size_t bytes = touched(program, step, o);
      sum += bytes;
      if (bytes > largest) largest = bytes;
    }
    if (step->in_place) sum -= largest < sum - largest ? largest : sum - largest;
    if (sum > most) most = sum;
  }
  return most;
}

/* ---- Trying ---- */

static gm_status try_order(ordering *o) {
  size_t peak;
  arrange(o, o->order);
  GM_TRY(peak_of(o, &peak));
  if (peak >= o->best) return GM_OK;
  o->best = peak;
  uint32_t *kept = o->best_order;
  o->best_order = o->order;
  o->order = kept;
  return GM_OK;
}

/** The greedy order of the program run backwards, from the end to the beginning: what is born there dies
 * here.
 */
static gm_status order_backwards(ordering *o) {
  gm__precedence turned = o->precedence;
  size_t count = o->program->step_count;
  turned.after = o->precedence.before;
  turned.before = o->precedence.after;
  GM_TRY(gm__order_greedy(&turned, o->order, o->error));
  for (size_t i = 0; i < count / 2; i++) {
    uint32_t step = o->order[i];
    o->order[i] = o->order[count - 1 - i];
    o->order[count - 1 - i] = step;
  }
  return GM_OK;
}

static gm_status try_orders(ordering *o) {
  size_t count = o->program->step_count;
  o->steps = gm__alloc(count, sizeof *o->steps);
  o->buffers = gm__alloc(o->program->buffer_count, sizeof *o->buffers);
  o->order = gm__alloc(count, sizeof *o->order);
  o->best_order = gm__alloc(count, sizeof *o->best_order);
  if (!o->steps || !o->buffers || !o->order || !o->best_order) return gm__no_memory(o->error);
  memcpy(o->steps, o->program->steps, count * sizeof *o->steps);
  GM_TRY(peak_of(o, &o->before));
  o->best = o->before;
  if (o->before <= floor_of(o->program)) return GM_OK;
  GM_TRY(gm__precedence_of(o->program, &o->precedence, o->error));
  GM_TRY(gm__order_greedy(&o->precedence, o->order, o->error));
  GM_TRY(try_order(o));
  GM_TRY(order_backwards(o));
  GM_TRY(try_order(o));
  GM_TRY(gm__order_by_need(&o->precedence, o->order, o->error));
  return try_order(o);
}

static gm_status log_order(const ordering *o, const gm__pass *pass, gm__log *log) {
  char before[40], after[40];
  snprintf(before, sizeof before, "%zu", o->before);
  snprintf(after, sizeof after, "%zu", o->best);
  const gm__note note = {pass, NULL, "the steps as written", "another order", "bytes", before, after};
  return gm__log_add(log, &note, o->error);
}

static gm_status run(
    gm_plan *plan, const gm__pass *pass, gm__program *program, gm__log *log, gm_error *error) {
  ordering o = {.plan = plan, .program = program, .error = error};
  gm_status status = program->step_count > 2 ? try_orders(&o) : GM_OK;
  if (status == GM_OK && o.best < o.before) {
    arrange(&o, o.best_order);
    memcpy(program->steps, o.steps, program->step_count * sizeof *o.steps);
    gm__steps_set_lives(program->buffers, program->buffer_count, program->steps, program->step_count);
    if (log) status = log_order(&o, pass, log);
  }
  gm__precedence_free(&o.precedence);
  gm__free(o.best_order);
  gm__free(o.order);
  gm__free(o.buffers);
  gm__free(o.steps);
  return status;
}

const gm__pass gm__pass_order = {
    .name = "order", .law = "independent steps run in the order that needs least memory", .program = run};
