/* SPDX-License-Identifier: MIT
 *
 * gemmule show: a line a node, with what is known of its shape; then totals, and the symbols with what was
 * learnt. */
#include "cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 7 };
typedef struct row {
  char *cell[COLUMNS];
} row;

/* ---- Numbers ---- */

static bool is_op(const gm_graph *graph, gm_node node, const char *op) {
  return strcmp(gm_node_op(graph, node), op) == 0;
}

static int64_t parameters_of(const gm_graph *graph, gm_node node) {
  int64_t count = 1;
  if (!is_op(graph, node, "variable")) return 0;
  for (int axis = 0; axis < gm_node_rank(graph, node); axis++) count *= gm_node_dim(graph, node, axis);
  return count;
}

static int64_t all_parameters(const gm_graph *graph) {
  int64_t sum = 0;
  for (size_t i = 0; i < gm_graph_node_count(graph); i++)
    sum += parameters_of(graph, gm_graph_node_at(graph, i));
  return sum;
}

static bool is_source(const gm_graph *graph, gm_node node) {
  return is_op(graph, node, "placeholder") || is_op(graph, node, "variable") ||
         is_op(graph, node, "constant");
}

/* ---- Text ---- */

/** "x, 0.5 {axis: 1}": the inputs, numbers by their value, and the attributes that are no defaults. */
static char *inputs_text(const gm_graph *graph, gm_node node) {
  char *text = need_text("%s", "");
  for (size_t i = 0; i < gm_node_input_count(graph, node); i++) {
    char *before = text, *input = label_text(graph, gm_node_input(graph, node, i), 0);
    text = need_text("%s%s%s", before, i ? ", " : "", input);
    free(before);
    free(input);
  }
  char *attributes = attributes_text(graph, node, 0), *before = text;
  bool none = strcmp(attributes, "{}") == 0;
  text = none ? need_text("%s", *before ? before : "-")
              : need_text("%s%s%s", before, *before ? " " : "", attributes);
  free(before);
  free(attributes);
  return text;
}

static void fill_row(const gm_graph *graph, gm_node node, row *to) {
  int64_t parameters = parameters_of(graph, node);
  bool source = is_source(graph, node), variable = is_op(graph, node, "variable");
  to->cell[0] = need_text("%s", gm_node_name(graph, node));
  to->cell[1] = need_text("%s", gm_node_op(graph, node));
  to->cell[2] = inputs_text(graph, node);
  to->cell[3] = node_text(gm_node_shape_text, graph, node);
  to->cell[4] = need_text("%s", gm_dtype_name(gm_node_dtype(graph, node)));
  to->cell[5] = variable ? need_text("%" PRId64, parameters) : need_text("-");
  to->cell[6] = source ? need_text("-") : node_text(gm_node_flops_text, graph, node);
}

static row *make_rows(const gm_graph *graph, size_t *count) {
  static const char *const titles[COLUMNS] = {"NAME", "OP", "INPUTS", "SHAPE", "DTYPE", "PARAMS", "FLOPS"};
  size_t nodes = gm_graph_node_count(graph);
  row *rows = need(nodes + 1, sizeof *rows);
  *count = 1;
  for (int i = 0; i < COLUMNS; i++) rows[0].cell[i] = need_text("%s", titles[i]);
  for (size_t i = 0; i < nodes; i++) {
    gm_node node = gm_graph_node_at(graph, i);
    if (gm_node_name(graph, node)) fill_row(graph, node, &rows[(*count)++]);
  }
  return rows;
}

static void print_rows(output *out, const row *rows, size_t count) {
  int width[COLUMNS] = {0};
  for (size_t i = 0; i < count * COLUMNS; i++) {
    int length = (int)strlen(rows[i / COLUMNS].cell[i % COLUMNS]);
    if (length > width[i % COLUMNS]) width[i % COLUMNS] = length;
  }
  for (size_t i = 0; i < count; i++) {
    for (int j = 0; j < COLUMNS - 1; j++) put(out, "%-*s  ", width[j], rows[i].cell[j]);
    put(out, "%s\n", rows[i].cell[COLUMNS - 1]);
  }
}

static void free_rows(row *rows, size_t count) {
  for (size_t i = 0; i < count * COLUMNS; i++) free(rows[i / COLUMNS].cell[i % COLUMNS]);
  free(rows);
}

static void print_title(output *out, const gm_graph *graph) {
  const char *name = gm_graph_name(graph), *doc = gm_graph_doc(graph);
  if (!*name && !*doc) return;
  put(out, "%s%s%s\n\n", name, *name && *doc ? ": " : "", doc);
}

static void print_symbols(output *out, const gm_graph *graph) {
  size_t count = gm_graph_symbol_count(graph);
  if (count) put(out, "symbols: ");
  for (size_t i = 0; i < count; i++) put(out, "%s%s", i ? ", " : "", gm_graph_symbol_name(graph, i));
  if (count) put(out, "\n");
  for (size_t i = 0; i < count; i++) {
    char *text = symbol_text(graph, i);
    if (*text) put(out, "  %s\n", text);
    free(text);
  }
}

static void print_totals(output *out, const gm_graph *graph, size_t nodes) {
  char *flops = graph_flops_text(graph);
  size_t count = gm_graph_outputs(graph, NULL, 0);
  gm_node *outputs = need(count, sizeof *outputs);
  gm_graph_outputs(graph, outputs, count);
  put(out, "\nnodes: %zu\nparameters: %" PRId64 "\nflops: %s\n", nodes, all_parameters(graph), flops);
  if (count) put(out, "outputs: ");
  for (size_t i = 0; i < count; i++) {
    char *label = label_text(graph, outputs[i], 0);
    put(out, "%s%s", i ? ", " : "", label);
    free(label);
  }
  if (count) put(out, "\n");
  free(outputs);
  free(flops);
}

static void show_text(output *out, const gm_graph *graph) {
  size_t count;
  row *rows = make_rows(graph, &count);
  print_title(out, graph);
  print_rows(out, rows, count);
  print_totals(out, graph, count - 1);
  print_symbols(out, graph);
  free_rows(rows, count);
}

/* ---- JSON ---- */

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

static void show_json(output *out, const gm_graph *graph) {
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

int cmd_show(cli *c) {
  gm_graph *graph;
  int code = load_graph(c, &graph);
  if (code) return code;
  if (c->args.json)
    show_json(&c->out, graph);
  else
    show_text(&c->out, graph);
  gm_graph_free(graph);
  return EXIT_OK;
}
