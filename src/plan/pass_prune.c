/* SPDX-License-Identifier: MIT
 *
 * prune. Law: a value that no output depends on need not be computed. What the outputs never named was left
 * out when the plan was made; this drops what other passes left without readers. */
#include <stdio.h>
#include "plan/plan.h"

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  gm_graph *graph = plan->graph;
  bool *needed = gm__graph_needed(graph, plan->outputs, plan->output_count);
  if (!needed) return gm__no_memory(error);
  plan->dead = needed;
  size_t dead = 0;
  for (uint32_t id = (uint32_t)graph->count; id > 0; id--) {
    needed[id] = !needed[id - gm__node_of(graph, id)->result];
    dead += needed[id];
  }
  if (dead == 0) return GM_OK;
  char before[64];
  snprintf(before, sizeof before, "%zu node%s without readers", dead, dead == 1 ? "" : "s");
  return gm__plan_note(plan, pass, NULL, before, "not computed", NULL, NULL, error);
}

const gm__pass gm__pass_prune = {
    .name = "prune", .law = "what no output depends on is not computed", .graph = run};
