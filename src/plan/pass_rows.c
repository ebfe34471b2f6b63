/* SPDX-License-Identifier: MIT
 *
 * rows. Law: maps and reductions that follow each other over the same rows compute each row from that row
 * alone, so they may run a block of rows after the other, with the same bits: memory is read once and written
 * once, and what lies between stays in the cache. A group begins with a reduction, and grows to both sides.
 */
#include <stdio.h>
#include "plan/row_group.h"

typedef struct grouper {
  gm_plan *plan;
  const gm__pass *pass;
  gm__log *log;
  gm__uses uses;
  gm__row_group group;
  gm_error *error;
} grouper;

static void grow(grouper *g, uint32_t from, uint32_t floor) {
  gm__row_group *group = &g->group;
  const gm__program *p = group->program;
  group->first = from;
  group->count = 1;
  group->rows = gm__step_rows(&p->steps[from]);
  while (group->first > floor && gm__row_group_takes(group, group->first - 1)) {
    group->first--;
    group->count++;
  }
  while (
      group->first + group->count < p->step_count && gm__row_group_takes(group, group->first + group->count))
    group->count++;
}

static gm_status log_group(const grouper *g, const gm__step *made) {
  char names[600], after[60], cost_before[40], cost_after[40];
  gm__text text = gm__text_into(names, sizeof names);
  const gm__row_group *group = &g->group;
  double before = 0;
  for (uint32_t i = 0; i < group->count; i++) {
    const gm__step *step = &group->program->steps[group->first + i];
    gm__text_format(&text, "%s%s", i ? ", " : "", gm__node_label(g->plan->graph, step->node));
    before += step->bytes;
  }
  gm__text_end(&text);
  snprintf(after, sizeof after, "%lld rows by %lld", (long long)group->rows,
      (long long)((const gm__rows *)made->descriptor)->block);
  snprintf(cost_before, sizeof cost_before, "%.0f", before);
  snprintf(cost_after, sizeof cost_after, "%.0f", made->bytes);
  const gm__note note = {
      g->pass, gm__node_label(g->plan->graph, made->node), names, after, "bytes", cost_before, cost_after};
  return gm__log_add(g->log, &note, g->error);
}

/** *floor: the first step that is in no group yet. */
static gm_status group_at(grouper *g, uint32_t at, uint32_t *floor) {
  gm__row_group *group = &g->group;
  gm__step *steps = group->program->steps, made;
  bool done = false;
  if (steps[at].kernel != &gm__kernel_reduce || gm__step_rows(&steps[at]) < 2) return GM_OK;
  grow(g, at, *floor);
  if (group->count > 1) GM_TRY(gm__row_group_end(group, &made, &done, g->error));
  if (!done) return GM_OK;
  *floor = group->first + group->count;
  if (g->log) GM_TRY(log_group(g, &made));
  for (uint32_t s = group->first; s + 1 < *floor; s++) g->uses.gone[s] = true;
  steps[*floor - 1] = made;
  return GM_OK;
}

static gm_status run(
    gm_plan *plan, const gm__pass *pass, gm__program *program, gm__log *log, gm_error *error) {
  grouper g = {.plan = plan, .pass = pass, .log = log, .error = error};
  uint32_t floor = 0;
  gm_status status = gm__uses_of(program, &g.uses, error);
  g.group = (gm__row_group){.program = program, .uses = &g.uses};
  for (uint32_t s = 0; s < program->step_count && status == GM_OK; s++)
    if (s >= floor) status = group_at(&g, s, &floor);
  if (status == GM_OK) gm__uses_settle(&g.uses, program);
  gm__uses_free(&g.uses);
  return status;
}

const gm__pass gm__pass_rows = {
    .name = "rows", .law = "steps over the same rows run block by block of these", .program = run};
