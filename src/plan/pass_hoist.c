/* SPDX-License-Identifier: MIT
 *
 * hoist. Law: what variables and constants alone decide is the same from run to run. Such steps go to the
 * front, and run once for each set of values; what others read of them is kept in memory that nobody else
 * gets. A step is worth it when it computes something (a fill or a copy does not) and its result is at most
 * four times as large as its operands; what such steps read is computed with them. */
#include <stdio.h>
#include "plan/step_order.h"

/** A kept result has at most so many times the bytes of what it is made of. */
#define MOST_GROWTH 4
/** Writes nearly always stand before the reads of the same buffer: one walk is enough, a second one sees it.
 */
#define MOST_WALKS 4

typedef struct hoisting {
  gm_plan *plan;
  gm__program *program;
  bool *varies, *wanted; /* by buffer: it differs from run to run; a step that runs once reads or wants it */
  gm_error *error;
} hoisting;

static const gm__operand *written(const gm__step *step, int at) {
  return &step->operands[step->reads + at];
}

/* ---- What is decided before the run ---- */

static bool step_varies(const hoisting *h, const gm__step *step) {
  unsigned flags = gm__node_of(h->plan->graph, step->node)->op->flags;
  bool varies = flags & (GM__RANDOM | GM__STATEFUL | GM__READS_PHASE);
  for (int i = 0; i < step->reads + step->writes && !varies; i++)
    varies = h->varies[step->operands[i].buffer];
  return varies;
}

static bool walk(hoisting *h) {
  bool changed = false;
  for (size_t s = 0; s < h->program->step_count; s++) {
    const gm__step *step = &h->program->steps[s];
    if (!step_varies(h, step)) continue;
    for (int i = 0; i < step->writes; i++) {
      bool *varies = &h->varies[written(step, i)->buffer];
      changed = changed || !*varies;
      *varies = true;
    }
  }
  return changed;
}

/** Fills `varies`. Is it settled? */
static bool find_varying(hoisting *h) {
  for (size_t i = 0; i < h->program->buffer_count; i++) {
    gm__buffer_kind kind = h->program->buffers[i].kind;
    h->varies[i] = kind == GM__BUFFER_FEED || kind == GM__BUFFER_OUTPUT;
  }
  for (int i = 0; i < MOST_WALKS; i++) {
    if (!walk(h)) return true;
  }
  return false;
}

/* ---- Which steps ---- */

static bool is_worth(const hoisting *h, const gm__step *step) {
  const gm__buffer *buffers = h->program->buffers;
  double read = 0, made = 0;
  for (int i = 0; i < step->reads; i++) read += (double)buffers[step->operands[i].buffer].bytes;
  for (int i = 0; i < step->writes; i++) made += (double)buffers[written(step, i)->buffer].bytes;
  return step->flops > 0 && made <= MOST_GROWTH * read;
}

static void want(hoisting *h, const gm__step *step, int from, int to) {
  for (int i = from; i < to; i++) h->wanted[step->operands[i].buffer] = true;
}

/** Readers before writers. Are there any? */
static bool choose(hoisting *h) {
  bool some = false;
  for (size_t s = 0; s < h->program->step_count; s++) {
    const gm__step *step = &h->program->steps[s];
    if (!step_varies(h, step) && is_worth(h, step)) want(h, step, step->reads, step->reads + step->writes);
  }
  for (size_t s = h->program->step_count; s-- > 0;) {
    gm__step *step = &h->program->steps[s];
    for (int i = 0; i < step->writes && !step_varies(h, step); i++)
      step->once = step->once || h->wanted[written(step, i)->buffer];
    if (step->once) want(h, step, 0, step->reads);
    some = some || step->once;
  }
  return some;
}

/** What steps that run once made and others read, and the values that they read themselves. */
static void keep(hoisting *h) {
  for (size_t s = 0; s < h->program->step_count; s++) {
    const gm__step *step = &h->program->steps[s];
    for (int i = 0; i < step->reads; i++) {
      gm__buffer *buffer = &h->program->buffers[step->operands[i].buffer];
      bool made = buffer->kind == GM__BUFFER_TEMPORARY && h->wanted[step->operands[i].buffer];
      if (step->once ? buffer->kind == GM__BUFFER_VALUE : made && !h->varies[step->operands[i].buffer])
        buffer->kept = true;
    }
  }
}

static gm_status move_front(hoisting *h) {
  gm__program *program = h->program;
  gm__step *steps = gm__alloc(program->step_count, sizeof *steps);
  size_t at = 0;
  if (!steps) return gm__no_memory(h->error);
  for (int once = 1; once >= 0; once--) {
    for (size_t s = 0; s < program->step_count; s++) {
      if (program->steps[s].once == once) steps[at++] = program->steps[s];
    }
  }
  for (size_t s = 0; s < at; s++) program->steps[s] = steps[s];
  gm__free(steps);
  gm__steps_set_lives(program->buffers, program->buffer_count, program->steps, at);
  return GM_OK;
}

/* ---- The pass ---- */

static gm_status log_steps(const hoisting *h, const gm__pass *pass, gm__log *log) {
  for (size_t s = 0; log && s < h->program->step_count && h->program->steps[s].once; s++) {
    char cost[40];
    const gm__step *step = &h->program->steps[s];
    const char *label = gm__node_label(h->plan->graph, step->node);
    snprintf(cost, sizeof cost, "%.0f", step->flops);
    const gm__note note = {pass, label, label, "once for all runs", "flops", cost, "0"};
    GM_TRY(gm__log_add(log, &note, h->error));
  }
  return GM_OK;
}

static gm_status hoist(hoisting *h, const gm__pass *pass, gm__log *log) {
  if (!h->varies || !h->wanted) return gm__no_memory(h->error);
  if (!find_varying(h) || !choose(h)) return GM_OK;
  keep(h);
  GM_TRY(move_front(h));
  return log_steps(h, pass, log);
}

static gm_status run(
    gm_plan *plan, const gm__pass *pass, gm__program *program, gm__log *log, gm_error *error) {
  hoisting h = {.plan = plan, .program = program, .error = error};
  h.varies = gm__alloc_zero(program->buffer_count, sizeof *h.varies);
  h.wanted = gm__alloc_zero(program->buffer_count, sizeof *h.wanted);
  gm_status status = hoist(&h, pass, log);
  gm__free(h.varies);
  gm__free(h.wanted);
  return status;
}

const gm__pass gm__pass_hoist = {
    .name = "hoist", .law = "what variables and constants alone decide is computed once", .program = run};
