/* SPDX-License-Identifier: MIT
 *
 * gemmule show --json: nodes, symbols, outputs and totals for programs. */
#include "cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Numbers ---- */

int64_t parameters_of(const gm_graph *graph, gm_node node) {
  int64_t count = 1;
  if (strcmp(gm_node_op(graph, node), "variable") != 0) return 0;
  for (int axis = 0; axis < gm_node_rank(graph, node); axis++) count *= gm_node_dim(graph, node, axis);
  return count;
}

int64_t all_parameters(const gm_graph *graph) {
  int64_t sum = 0;
  for (size_t i = 0; i < gm_graph_node_count(graph); i++)
    sum += parameters_of(graph, gm_graph_node_at(graph, i));
  return sum;
}

/* ---- The document ---- */

static void put_label(output *out, const gm_graph *graph, gm_node node) {
  char *label = label_text(graph, node, GM_TEXT_JSON);
  if (gm_node_name(graph, node))
    json_string(out, label);
  else
    put(out, "%s", label);
  free(label);
}

static void put_shape(output *out, const gm_graph *graph, gm_node node) {
  int rank = gm_node_rank(graph, node);
  put(out, ", \"shape\": [");
  for (int axis = 0; axis < rank; axis++) {
    char *text = dim_text(graph, node, axis);
    if (axis) put(out, ", ");
    if (gm_node_dim(graph, node, axis) >= 0)
      put(out, "%s", text);
    else
      json_string(out, text);
    free(text);
  }
  put(out, "], \"dims\": [");
  for (int axis = 0; axis < rank; axis++) {
    int64_t dim = gm_node_dim(graph, node, axis);
    put(out, axis ? ", " : "");
    if (dim >= 0)
      put(out, "%" PRId64, dim);
    else
      put(out, "null");
  }
  put(out, "]");
}

static void put_node(output *out, const gm_graph *graph, gm_node node) {
  char *attributes = attributes_text(graph, node, GM_TEXT_JSON),
       *flops = node_text(gm_node_flops_text, graph, node);
  put(out, "{\"name\": ");
  put_label(out, graph, node);
  put(out, ", \"op\": \"%s\", \"inputs\": [", gm_node_op(graph, node));
  for (size_t i = 0; i < gm_node_input_count(graph, node); i++) {
    if (i) put(out, ", ");
    put_label(out, graph, gm_node_input(graph, node, i));
  }
  put(out, "], \"attributes\": %s", attributes);
  put_shape(out, graph, node);
  put(out, ", \"dtype\": \"%s\", \"parameters\": %" PRId64 ", \"flops\": ",
      gm_dtype_name(gm_node_dtype(graph, node)), parameters_of(graph, node));
  if (strspn(flops, "0123456789") == strlen(flops))
    put(out, "%s", flops);
  else
    json_string(out, flops);
  put(out, "}");
  free(attributes);
  free(flops);
}

static void put_nodes(output *out, const gm_graph *graph) {
  bool first = true;
  put(out, ", \"nodes\": [");
  for (size_t i = 0; i < gm_graph_node_count(graph); i++) {
    gm_node node = gm_graph_node_at(graph, i);
    if (!gm_node_name(graph, node)) continue;
    put(out, first ? "\n" : ",\n");
    put_node(out, graph, node);
    first = false;
  }
  put(out, "]");
}

static void put_symbols(output *out, const gm_graph *graph) {
  size_t count = gm_graph_symbol_count(graph);
  bool first = true;
  put(out, ",\n\"symbols\": [");
  for (size_t i = 0; i < count; i++) {
    put(out, i ? ", " : "");
    json_string(out, gm_graph_symbol_name(graph, i));
  }
  put(out, "], \"learnt\": [");
  for (size_t i = 0; i < count; i++) {
    char *text = symbol_text(graph, i);
    if (*text && !first) put(out, ", ");
    if (*text) json_string(out, text);
    first = first && !*text;
    free(text);
  }
  put(out, "]");
}

static void put_outputs(output *out, const gm_graph *graph) {
  size_t count = gm_graph_outputs(graph, NULL, 0);
  gm_node *outputs = need(count, sizeof *outputs);
  gm_graph_outputs(graph, outputs, count);
  put(out, ", \"outputs\": [");
  for (size_t i = 0; i < count; i++) {
    put(out, i ? ", " : "");
    put_label(out, graph, outputs[i]);
  }
  put(out, "]");
  free(outputs);
}

void show_json(output *out, const gm_graph *graph) {
  char *flops = graph_flops_text(graph);
  json_head(out);
  put(out, ", \"graph\": ");
  json_string(out, gm_graph_name(graph));
  put(out, ", \"doc\": ");
  json_string(out, gm_graph_doc(graph));
  put_nodes(out, graph);
  put_symbols(out, graph);
  put_outputs(out, graph);
  put(out, ", \"parameters\": %" PRId64 ", \"flops\": ", all_parameters(graph));
  if (strspn(flops, "0123456789") == strlen(flops))
    put(out, "%s", flops);
  else
    json_string(out, flops);
  put(out, "}\n");
  free(flops);
}
