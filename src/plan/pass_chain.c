/* SPDX-License-Identifier: MIT
 *
 * chain. Law: a product of several matrices may be multiplied in any order, (XY)ᵗ is YᵗXᵗ, and what occurs
 * several times, up to the transpose, needs to be computed once. Products and sums are read into the normal
 * form (algebra.h), weighed in groups together with the laws of sums, and what is cheaper than what was
 * written is built in its place. Where lengths are not known yet, the choice waits for them. */
#include <stdio.h>
#include "plan/algebra_emit.h"
#include "plan/algebra_text.h"

typedef struct choosing {
  gm__algebra a;
  gm__group *groups;
  gm__emitter *emitters; /* by group */
  size_t count;
  bool some;
} choosing;

/* ---- The log ---- */

static void said(gm__text *text, const gm__algebra *a, uint32_t node, bool many) {
  if (many && text->length) gm__text_add(text, "; ");
  if (many) gm__text_format(text, "%.60s = ", gm__node_label(a->plan->graph, node));
}

static gm_status log_choice(
    choosing *c, const gm__pass *pass, const gm__group *group, const gm__state *state) {
  gm__algebra *a = &c->a;
  char before[600], after[600], costs[2][40];
  gm__text was = gm__text_into(before, sizeof before), is = gm__text_into(after, sizeof after);
  uint32_t node = 0;
  for (size_t i = 0; i < group->count; i++) {
    const gm__def def = a->defs.at[group->defs[i]];
    if (!def.root) continue;
    node = def.node;
    said(&was, a, node, group->roots > 1);
    said(&is, a, node, group->roots > 1);
    gm__written_text(a, node, &was);
    GM_TRY(gm__chosen_text(a, group, state, group->defs[i], &is));
  }
  GM_TRY(gm__shared_text(a, group, state, &is));
  gm__text_end(&was);
  gm__text_end(&is);
  snprintf(costs[0], sizeof costs[0], "%.0f", group->written);
  snprintf(costs[1], sizeof costs[1], "%.0f", state->cost);
  const gm__note note = {state->distributed ? &gm__pass_sums : pass, gm__node_label(a->plan->graph, node),
      before, after, "ns", costs[0], costs[1]};
  return gm__log_add(&a->plan->log, &note, a->error);
}

/* ---- Choosing ---- */

static gm_status choose(choosing *c, const gm__pass *pass, size_t at) {
  gm__algebra *a = &c->a;
  gm__group *group = &c->groups[at];
  if (!group->roots || group->count > GM__MOST_DEFS || gm__group_simple(a, group)) return GM_OK;
  if (group->open) {
    a->plan->waits = true;
    return GM_OK;
  }
  gm__state *state = gm__arena_alloc(&a->scratch, 1, sizeof *state);
  if (!state) return gm__no_memory(a->error);
  gm__group_written(a, group);
  GM_TRY(gm__state_search(a, group, state));
  if (!gm__state_pays(group, state)) return GM_OK;
  c->emitters[at] = (gm__emitter){.a = a, .group = group, .state = state};
  c->some = true;
  return log_choice(c, pass, group, state);
}

static gm_status choose_all(choosing *c, const gm__pass *pass) {
  GM_TRY(gm__algebra_groups(&c->a, &c->groups, &c->count));
  c->emitters = gm__arena_zero(&c->a.scratch, c->count, sizeof *c->emitters);
  if (!c->emitters) return gm__no_memory(c->a.error);
  for (size_t i = 0; i < c->count; i++) GM_TRY(choose(c, pass, i));
  return GM_OK;
}

/* ---- Building ---- */

static gm_status visit(gm__rebuild *r, uint32_t id) {
  choosing *c = r->context;
  uint32_t def = c->a.def_of[id], fresh;
  if (!def || !c->a.defs.at[def - 1].root) return GM_OK;
  gm__emitter *e = &c->emitters[c->a.defs.at[def - 1].group];
  if (!e->state) return GM_OK;
  e->rebuild = r;
  GM_TRY(gm__emit_def(e, def - 1, &fresh));
  gm__rebuild_replace(r, fresh);
  return GM_OK;
}

static gm_status run_all(choosing *c, const gm__pass *pass, gm_error *error) {
  GM_TRY(gm__algebra_facts(&c->a));
  GM_TRY(gm__algebra_read(&c->a));
  if (c->a.open && c->a.defs.count > 0) c->a.plan->waits = true;
  if (c->a.defs.count == 0) return GM_OK;
  GM_TRY(choose_all(c, pass));
  if (c->some) GM_TRY(gm__rebuild_each(c->a.plan, pass, visit, c, error));
  return c->a.starved ? gm__no_memory(error) : GM_OK;
}

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  choosing c = {.a = {.plan = plan, .error = error}};
  gm__algebra_switches(&c.a);
  gm_status status = run_all(&c, pass, error);
  for (size_t i = 0; c.emitters && i < c.count; i++) gm__emitter_free(&c.emitters[i]);
  gm__algebra_free(&c.a);
  return status;
}

const gm__pass gm__pass_chain = {.name = "chain",
    .law = "products in the cheapest order, repeated ones once",
    .may_round = true,
    .graph = run};
