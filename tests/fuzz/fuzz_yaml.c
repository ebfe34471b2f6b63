/* SPDX-License-Identifier: MIT
 *
 * Graph files. What is refused is refused with a sentence and a place inside the text; what is read prints,
 * saves, loads again as the same bytes, plans, and runs or says why not. */
#include "fuzz.h"

#include "run_graph.h"

enum { NODES_LOOKED_AT = 64, OUTPUTS = 8 };

static void look_at(const gm_graph *graph) {
  char text[256];
  for (size_t i = 0; i < gm_graph_node_count(graph) && i < NODES_LOOKED_AT; i++) {
    gm_node node = gm_graph_node_at(graph, i);
    NEED(gm_node_rank(graph, node) >= 0 && gm_node_rank(graph, node) <= GM_MAX_RANK);
    NEED(gm_node_shape_text(graph, node, text, sizeof text) >= 2);
    NEED(gm_node_text(graph, node, text, sizeof text) > 2);
    NEED(gm_node_attributes_text(graph, node, 0, text, sizeof text) > 0);
    NEED(gm_node_flops_text(graph, node, text, sizeof text) > 0);
  }
  for (size_t i = 0; i < gm_graph_symbol_count(graph) && i < NODES_LOOKED_AT; i++) {
    NEED(gm_graph_symbol_name(graph, i)[0] != 0);
    gm_graph_symbol_text(graph, i, text, sizeof text);
  }
}

/** The declared outputs, or the last nodes. */
static size_t choose_outputs(const gm_graph *graph, gm_node *outputs) {
  size_t count = gm_graph_outputs(graph, outputs, OUTPUTS), nodes = gm_graph_node_count(graph);
  if (count) return count < OUTPUTS ? count : OUTPUTS;
  for (; count < 3 && count < nodes; count++) outputs[count] = gm_graph_node_at(graph, nodes - 1 - count);
  return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  gm_error error = {0};
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  options.file_name = "input";
  gm_graph *graph = gm_graph_parse((const char *)data, size, &options, &error);
  if (!graph) {
    NEED(strcmp(error.file, "input") == 0 || error.status == GM_NO_MEMORY);
    fuzz_placed(&error, (const char *)data, size);
    return 0;
  }
  gm_node outputs[OUTPUTS];
  size_t count = choose_outputs(graph, outputs);
  look_at(graph);
  fuzz_saves(graph);
  if (count) fuzz_plan_and_run(graph, outputs, count);
  gm_graph_free(graph);
  return 0;
}
