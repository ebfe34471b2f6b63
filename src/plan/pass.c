/* SPDX-License-Identifier: MIT
 *
 * The table of passes, their switches, and the rounds in which they run: what one pass leaves may be food for
 * another, so they are repeated until nothing changes. */
#include "plan/plan.h"

#define GM_PASS(name) extern const gm__pass gm__pass_##name;
#include "plan/passes.def"
#undef GM_PASS

#define GM_PASS(name) &gm__pass_##name,
static const gm__pass *const passes[] = {
#include "plan/passes.def"
};
#undef GM_PASS

#define COUNT (sizeof passes / sizeof *passes)
/** Each round is linear; what is left to do after so many is left undone. */
#define ROUNDS 8

const gm__pass *gm__pass_at(size_t index) {
  return index < COUNT ? passes[index] : NULL;
}

const char *gm_pass_name(size_t index) {
  return index < COUNT ? passes[index]->name : NULL;
}

bool gm__pass_enabled(const gm_plan *plan, const gm__pass *pass) {
  size_t index = 0;
  while (passes[index] != pass) index++;
  return !(plan->without >> index & 1) && !(plan->options.exact && pass->may_round);
}

bool gm__plan_computes(const gm_plan *plan, uint32_t id) {
  return !(plan->pruned && plan->unneeded && plan->unneeded[id]);
}

/** Marks what no output depends on any more. */
static gm_status sweep(gm_plan *plan, gm_error *error) {
  bool *needed = gm__graph_needed(plan->graph, plan->outputs, plan->output_count);
  if (!needed) return gm__no_memory(error);
  gm__free(plan->unneeded);
  plan->unneeded = needed;
  for (uint32_t id = (uint32_t)plan->graph->count; id > 0; id--) {
    needed[id] = !needed[id - gm__node_of(plan->graph, id)->result];
  }
  return GM_OK;
}

static gm_status one_round(gm_plan *plan, gm_error *error) {
  bool changed = false;
  for (size_t i = 0; i < COUNT; i++) {
    if (!passes[i]->graph || !gm__pass_enabled(plan, passes[i])) continue;
    plan->changed = false;
    GM_TRY(passes[i]->graph(plan, passes[i], error));
    if (plan->changed) GM_TRY(sweep(plan, error));
    changed = changed || plan->changed;
  }
  plan->changed = changed;
  return GM_OK;
}

gm_status gm__passes_run(gm_plan *plan, gm_error *error) {
  plan->changed = true;
  for (int round = 0; round < ROUNDS && plan->changed; round++) GM_TRY(one_round(plan, error));
  for (size_t i = 0; i < COUNT; i++) {
    if (passes[i]->settle && gm__pass_enabled(plan, passes[i]))
      GM_TRY(passes[i]->settle(plan, passes[i], error));
  }
  return GM_OK;
}
