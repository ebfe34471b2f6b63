/* SPDX-License-Identifier: MIT
 *
 * prune. Law: a value that no output depends on need not be computed. What the outputs never named was left
 * out when the plan was made; this drops what other passes left without readers. */
#include <stdio.h>
#include "plan/plan.h"

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  size_t unneeded = 0;
  plan->pruned = true;
  for (uint32_t id = 1; plan->unneeded && id <= plan->graph->count; id++) unneeded += plan->unneeded[id];
  if (unneeded == 0) return GM_OK;
  char before[64];
  snprintf(before, sizeof before, "%zu node%s without readers", unneeded, unneeded == 1 ? "" : "s");
  const gm__note note = {pass, NULL, before, "not computed", NULL, NULL, NULL};
  return gm__log_add(&plan->log, &note, error);
}

const gm__pass gm__pass_prune = {
    .name = "prune", .law = "what no output depends on is not computed", .settle = run};
