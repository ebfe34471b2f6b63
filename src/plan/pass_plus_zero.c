/* SPDX-License-Identifier: MIT
 *
 * plus_zero. Law: x + 0 is x, but for the sign of a zero: -0 + 0 is 0. (For integers it holds in every bit
 * and belongs to identity.) */
#include "plan/plan.h"

static gm_status visit(gm__rewrite *r, uint32_t id) {
  const gm__node *node = gm__node_of(r->plan->graph, id);
  if (!(node->op->laws & GM__PLUS_ZERO) || node->input_count != 2) return GM_OK;
  for (int at = 0; at < 2; at++) {
    double value;
    uint32_t other = node->inputs[1 - at];
    if (!gm__rewrite_alike(r, id, other)) continue;
    if (!gm__rewrite_uniform(r->plan, node->inputs[at], &value) || value != 0) continue;
    return gm__rewrite_replace(r, id, other);
  }
  return GM_OK;
}

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  return gm__rewrite_each(plan, pass, visit, NULL, error);
}

const gm__pass gm__pass_plus_zero = {
    .name = "plus_zero", .law = "x + 0 is x but for the sign of a zero", .may_round = true, .graph = run};
