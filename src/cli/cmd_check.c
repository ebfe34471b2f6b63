/* SPDX-License-Identifier: MIT
 *
 * gemmule check: does the file load? Every shape is checked by then. */
#include "cli.h"

static size_t count_named(const gm_graph *graph) {
  size_t named = 0;
  for (size_t i = 0; i < gm_graph_node_count(graph); i++) {
    named += gm_node_name(graph, gm_graph_node_at(graph, i)) != NULL;
  }
  return named;
}

static int run(cli *c) {
  gm_graph *graph;
  int code = load_graph(c, &graph);
  if (code) return code;
  size_t nodes = count_named(graph);
  if (c->args.json) {
    json_head(&c->out);
    put(&c->out, ", \"graph\": ");
    json_string(&c->out, gm_graph_name(graph));
    put(&c->out, ", \"nodes\": %zu}\n", nodes);
  } else {
    put(&c->out, "%s: ok, %zu node%s\n", c->args.operand, nodes, nodes == 1 ? "" : "s");
  }
  gm_graph_free(graph);
  return EXIT_OK;
}

extern const command command_check;
const command command_check = {
    .name = "check",
    .operand = "GRAPH.yaml",
    .summary = "Loads a graph, which checks every shape in it.",
    .example = "gemmule check digits.yaml",
    .options = OPT_DATA_ROOT | OPT_JSON | OPT_ALWAYS,
    .run = run,
};
