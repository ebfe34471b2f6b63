/* SPDX-License-Identifier: MIT
 *
 * share. Law: the same operation with the same attributes on the same inputs has the same value; the inputs
 * of a commutative operation may stand in any order. Equal nodes are found by hashing, inputs before users,
 * so that equal trees fold from the leaves up. Random and stateful nodes are never shared. */
#include <stdlib.h>
#include <string.h>
#include "plan/plan.h"

typedef struct sharing {
  gm_plan *plan;
  const gm__pass *pass;
  uint32_t *table, *stand_in; /* stand_in[id]: the node to read instead */
  size_t mask;
  gm_error *error;
} sharing;

static bool shareable(const gm__node *node) {
  if (node->op == &gm__op_number) return true;
  return !(node->op->flags & (GM__SOURCE | GM__RANDOM | GM__STATEFUL)) && node->op->results == 1;
}

static bool same_number(const gm__node *a, const gm__node *b) {
  return a->dtype == b->dtype && memcmp(&a->init->a, &b->init->a, sizeof a->init->a) == 0 &&
         a->init->b == b->init->b && a->init->seed == b->init->seed;
}

static bool swapped(const gm__node *a, const gm__node *b) {
  return (a->op->flags & GM__COMMUTES) && a->input_count == 2 && a->inputs[0] == b->inputs[1] &&
         a->inputs[1] == b->inputs[0];
}

static bool same(const gm__node *a, const gm__node *b) {
  if (a->op != b->op || a->input_count != b->input_count || a->dtype != b->dtype) return false;
  if (a->op == &gm__op_number) return same_number(a, b);
  if (memcmp(a->inputs, b->inputs, a->input_count * sizeof *a->inputs) != 0 && !swapped(a, b)) return false;
  for (int i = 0; i < a->op->attr_count; i++) {
    if (!gm__attr_equal(&a->op->attrs[i], &a->attrs[i], &b->attrs[i])) return false;
  }
  return true;
}

static uint64_t hash_of(const gm__node *node) {
  uint64_t hash = gm__hash(GM__HASH_SEED, &node->op, sizeof node->op);
  if (node->op == &gm__op_number) return gm__hash(hash, &node->init->a, sizeof node->init->a);
  uint64_t inputs = 0;
  for (uint32_t i = 0; i < node->input_count; i++) {
    bool ordered = !(node->op->flags & GM__COMMUTES);
    inputs += gm__hash(ordered ? GM__HASH_SEED + i : GM__HASH_SEED, &node->inputs[i], sizeof node->inputs[i]);
  }
  hash = gm__hash(hash, &inputs, sizeof inputs);
  for (int i = 0; i < node->op->attr_count; i++) {
    hash = gm__attr_hash(hash, &node->op->attrs[i], &node->attrs[i]);
  }
  return hash;
}

static gm_status log_sharing(const sharing *s, uint32_t id, uint32_t stand_in) {
  gm_graph *graph = s->plan->graph;
  if (!gm__node_of(graph, id)->name) return GM_OK;
  char cost[128];
  gm_node_flops_text(graph, gm__handle(graph, id), cost, sizeof cost);
  return gm__plan_note(s->plan, s->pass, gm__node_label(graph, id), gm__node_label(graph, id),
      gm__node_label(graph, stand_in), cost, "0", s->error);
}

/** Enters a node, or finds the earlier one that equals it. */
static gm_status enter(const sharing *s, uint32_t id) {
  const gm_graph *graph = s->plan->graph;
  const gm__node *node = gm__node_of(graph, id);
  size_t at = (size_t)hash_of(node) & s->mask;
  for (; s->table[at]; at = (at + 1) & s->mask) {
    if (!same(gm__node_of(graph, s->table[at]), node)) continue;
    s->stand_in[id] = s->table[at];
    return log_sharing(s, id, s->table[at]);
  }
  s->table[at] = id;
  return GM_OK;
}

static gm_status share(const sharing *s) {
  gm_graph *graph = s->plan->graph;
  for (uint32_t id = 1; id <= graph->count; id++) {
    const gm__node *node = gm__node_of(graph, id);
    uint32_t *inputs = (uint32_t *)(uintptr_t)node->inputs;
    s->stand_in[id] = id;
    for (uint32_t i = 0; i < node->input_count; i++) inputs[i] = s->stand_in[inputs[i]];
    if (shareable(node)) GM_TRY(enter(s, id));
  }
  for (size_t i = 0; i < s->plan->output_count; i++) s->plan->outputs[i] = s->stand_in[s->plan->outputs[i]];
  return GM_OK;
}

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  size_t size = 16;
  while (size < 2 * (plan->graph->count + 1)) size *= 2;
  sharing s = {plan, pass, gm__alloc_zero(size, sizeof *s.table),
      gm__alloc_zero(plan->graph->count + 1, sizeof *s.stand_in), size - 1, error};
  gm_status status = s.table && s.stand_in ? share(&s) : gm__no_memory(error);
  gm__free(s.stand_in);
  gm__free(s.table);
  return status;
}

const gm__pass gm__pass_share = {
    .name = "share", .law = "equal operations on equal inputs have one value", .graph = run};
