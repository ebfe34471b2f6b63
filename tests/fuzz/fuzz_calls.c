/* SPDX-License-Identifier: MIT
 *
 * Sequences of calls of the C interface, chosen by the bytes: graphs are built with likely and unlikely
 * shapes and attributes, planned, fed, run and freed in any order. Facts: a builder that fails adds nothing
 * and leaves every shape as it was; a run gives the dims that were inferred; running again gives the same
 * bits; a plan without any pass agrees bit for bit with `exact` ones. */
#include "calls.h"

enum { CALLS = 100 };

/** Values stay as long as an executor may hold them. */
static void forget_values(state *s) {
  for (int i = 0; i < 2; i++) release(&s->slots[i]);
  for (int i = 0; i < s->value_count; i++) gm_tensor_free(s->values[i]);
  s->value_count = 0;
}

static void free_part(state *s, planned *p) {
  int which = (int)take_below(&s->from, 3);
  switch (take_below(&s->from, 4)) {
  case 0:
    gm_plan_free(p->plan[which]);
    p->plan[which] = NULL;
    break;
  case 1: start_graph(s); break;
  case 2: forget_values(s); break;
  default: release(p);
  }
}

/** Nothing where something is wanted: an answer, and no node more. */
static void call_with_nothing(const state *s) {
  gm_node none = {0}, node = s->count ? s->nodes[0] : none;
  gm_error error = {0};
  gm_tensor *value = NULL;
  size_t count = gm_graph_node_count(s->graph);
  NEED(gm_dot(NULL, node, node).id == 0 && gm_dot(s->graph, none, node).id == 0);
  NEED(gm_apply(s->graph, NULL, NULL, 0, NULL).id == 0 && gm_apply(s->graph, "add", NULL, 0, NULL).id == 0);
  NEED(gm_constant(s->graph, NULL, NULL).id == 0 && gm_variable(s->graph, NULL, NULL).id == 0);
  NEED(gm_graph_error(s->graph, &error) != GM_OK);
  fuzz_refused(&error);
  gm_graph_clear_error(s->graph);
  NEED(gm_graph_node_count(s->graph) == count);
  NEED(gm_eval(s->graph, none, &value, &error) != GM_OK && value == NULL);
  NEED(gm_plan_new(NULL, NULL, 0, NULL, &error) == NULL &&
       gm_plan_new(s->graph, &none, 1, NULL, NULL) == NULL);
  NEED(gm_executor_new(NULL, &error) == NULL && gm_executor_run(NULL, &error) != GM_OK);
  NEED(gm_node_rank(s->graph, none) == -1 && gm_node_dim(s->graph, none, 0) == -2);
  NEED(gm_node_text(s->graph, none, NULL, 0) == strlen("<gm_node none>"));
  gm_plan_free(NULL);
  gm_executor_free(NULL);
  gm_graph_free(NULL);
}

static void call(state *s, unsigned byte) {
  planned *p = &s->slots[byte >> 7];
  unsigned kind = byte & 0x7F;
  if (kind < 74) {
    add_node(s, kind < 10 ? kind : kind < 22 ? 0 : kind < 26 ? 2 : kind < 30 ? 6 : 9);
  } else if (kind < 80) {
    set_outputs(s);
  } else if (kind < 86) {
    set_variable(s);
  } else if (kind < 90) {
    evaluate(s);
  } else if (kind < 100) {
    make_plans(s, p);
  } else if (kind < 104) {
    print_plan(s, p);
  } else if (kind < 110) {
    feed_all(s, p);
  } else if (kind < 113) {
    feed_one(s, p);
  } else if (kind < 116) {
    bind_one(s, p);
  } else if (kind < 122) {
    run_all(p);
  } else if (kind < 123) {
    cancel(p);
  } else if (kind < 124 && p->executor[GIVEN]) {
    gm_executor_trim(p->executor[GIVEN]);
  } else if (kind < 126) {
    free_part(s, p);
  } else if (kind < 127) {
    fuzz_saves(s->graph);
  } else {
    call_with_nothing(s);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  state s = {.from = {data, data + size}};
  start_graph(&s);
  s.other = gm_graph_new(NULL, NULL);
  NEED(s.other != NULL);
  s.foreign = gm_integer(s.other, 1);
  for (int i = 0; i < CALLS && s.from.at < s.from.end; i++) call(&s, take(&s.from));
  forget_values(&s);
  gm_graph_free(s.graph);
  gm_graph_free(s.other);
  return 0;
}
