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

int cmd_check(cli *c) {
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
    put(&c->out, "%s: ok, %zu node%s\n", c->args.graph, nodes, nodes == 1 ? "" : "s");
  }
  gm_graph_free(graph);
  return EXIT_OK;
}
