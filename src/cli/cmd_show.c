/* SPDX-License-Identifier: MIT
 *
 * gemmule show: a line a node, with what is known of its shape; then totals, and the symbols with what was
 * learnt. On a terminal it fits the width; elsewhere lines are whole. */
#include "cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const table_column columns[] = {{"NAME", 8, 0, true}, {"OP", 6, 0, false}, {"INPUTS", 6, 2, false},
    {"SHAPE", 10, 0, false}, {"DTYPE", 7, 0, false}, {"PARAMS", 6, 3, false}, {"FLOPS", 6, 1, false}};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* ---- Cells ---- */

static bool is_op(const gm_graph *graph, gm_node node, const char *op) {
  return strcmp(gm_node_op(graph, node), op) == 0;
}

static bool is_source(const gm_graph *graph, gm_node node) {
  return is_op(graph, node, "placeholder") || is_op(graph, node, "variable") ||
         is_op(graph, node, "constant");
}

static size_t plain_attributes(const gm_graph *graph, gm_node node, char *buffer, size_t size) {
  return gm_node_attributes_text(graph, node, 0, buffer, size);
}

/** Appends what the library's function says of the node. */
static void add(table *t, node_text_function *function, const gm_graph *graph, gm_node node) {
  size_t size = 64, length = function(graph, node, table_room(t, size), size);
  if (length >= size) function(graph, node, table_room(t, length + 1), length + 1);
  table_took(t, length);
}

/** "x, 0.5 {axis: 1}": the inputs, numbers by their value, and the attributes that are no defaults. */
static void add_inputs(table *t, const gm_graph *graph, gm_node node) {
  size_t from = t->used, count = gm_node_input_count(graph, node);
  for (size_t i = 0; i < count; i++) {
    gm_node input = gm_node_input(graph, node, i);
    const char *name = gm_node_name(graph, input);
    if (i) table_text(t, ", ");
    if (name)
      table_text(t, name);
    else
      add(t, plain_attributes, graph, input);
  }
  size_t before = t->used;
  if (before > from) table_text(t, " ");
  size_t at = t->used;
  add(t, plain_attributes, graph, node);
  if (t->used - at == 2) t->used = before;
  if (t->used == from) table_text(t, "-");
  table_end_cell(t);
}

static void add_cell(table *t, const char *text) {
  table_text(t, text);
  table_end_cell(t);
}

static void add_parameters(table *t, const gm_graph *graph, gm_node node) {
  char text[32];
  snprintf(text, sizeof text, "%" PRId64, parameters_of(graph, node));
  add_cell(t, text);
}

static const char *style_of(const gm_graph *graph, gm_node node) {
  return is_op(graph, node, "placeholder") ? "36" : is_source(graph, node) ? "33" : NULL;
}

static void add_node(table *t, const gm_graph *graph, gm_node node) {
  add_cell(t, gm_node_name(graph, node));
  table_style(t, style_of(graph, node));
  add_cell(t, gm_node_op(graph, node));
  add_inputs(t, graph, node);
  add(t, gm_node_shape_text, graph, node);
  table_end_cell(t);
  add_cell(t, gm_dtype_name(gm_node_dtype(graph, node)));
  if (is_op(graph, node, "variable"))
    add_parameters(t, graph, node);
  else
    add_cell(t, "-");
  if (is_source(graph, node))
    table_text(t, "-");
  else
    add(t, gm_node_flops_text, graph, node);
  table_end_cell(t);
}

static size_t print_nodes(output *out, const gm_graph *graph) {
  table t = {.columns = columns, .count = COLUMNS};
  for (size_t i = 0; i < gm_graph_node_count(graph); i++) {
    gm_node node = gm_graph_node_at(graph, i);
    if (gm_node_name(graph, node)) add_node(&t, graph, node);
  }
  table_print(out, &t);
  table_free(&t);
  return t.cells / COLUMNS;
}

/* ---- What stands around the table ---- */

static void print_title(output *out, const gm_graph *graph) {
  const char *name = gm_graph_name(graph), *doc = gm_graph_doc(graph);
  if (!*name && !*doc) return;
  put_styled(out, STYLE_BOLD, name);
  if (*name && *doc) put_text(out, ": ");
  put_wrapped(out, doc, columns_of(name, strlen(name)) + 2, 2, out->width);
  put_text(out, "\n");
}

/** "title: one, two" */
static void print_list(output *out, const char *title, const char *words) {
  put(out, "%s: ", title);
  put_wrapped(out, words, (int)strlen(title) + 2, 2, out->width);
}

static void print_symbols(output *out, const gm_graph *graph) {
  size_t count = gm_graph_symbol_count(graph);
  word_list names;
  list_begin(&names);
  for (size_t i = 0; i < count; i++) list_add(&names, gm_graph_symbol_name(graph, i));
  list_end(&names);
  if (count) print_list(out, "symbols", names.text);
  free(names.text);
  for (size_t i = 0; i < count; i++) {
    char *text = symbol_text(graph, i);
    if (*text) put_text(out, "  ");
    if (*text) put_wrapped(out, text, 2, 4, out->width);
    free(text);
  }
}

static void print_outputs(output *out, const gm_graph *graph) {
  size_t count = gm_graph_outputs(graph, NULL, 0);
  gm_node *outputs = need(count, sizeof *outputs);
  gm_graph_outputs(graph, outputs, count);
  word_list labels;
  list_begin(&labels);
  for (size_t i = 0; i < count; i++) {
    char *label = label_text(graph, outputs[i], 0);
    list_add(&labels, label);
    free(label);
  }
  list_end(&labels);
  if (count) print_list(out, "outputs", labels.text);
  free(labels.text);
  free(outputs);
}

static void show_text(output *out, const gm_graph *graph) {
  print_title(out, graph);
  size_t nodes = print_nodes(out, graph);
  char *flops = graph_flops_text(graph);
  put(out, "\nnodes: %zu\nparameters: %" PRId64 "\n", nodes, all_parameters(graph));
  print_list(out, "flops", flops);
  free(flops);
  print_outputs(out, graph);
  print_symbols(out, graph);
}

/* ---- Names, for completion and scripts ---- */

static const char *const kinds[] = {"nodes", "placeholders", "variables", "constants", "symbols", "outputs"};
enum { NODES, PLACEHOLDERS, VARIABLES, CONSTANTS, SYMBOLS, OUTPUTS, KINDS };

static int find_kind(const cli *c, int *kind) {
  char near[NEAR_ROOM];
  for (*kind = 0; *kind < KINDS; ++*kind) {
    if (strcmp(c->args.names, kinds[*kind]) == 0) return EXIT_OK;
  }
  return say_usage(
      c, "--names does not know '%s'%s", c->args.names, near_text(near, c->args.names, kinds, KINDS));
}

static void put_name(output *out, const char *name) {
  if (name) put(out, "%s\n", name);
}

static void list_outputs(output *out, const gm_graph *graph) {
  size_t count = gm_graph_outputs(graph, NULL, 0);
  gm_node *outputs = need(count, sizeof *outputs);
  gm_graph_outputs(graph, outputs, count);
  for (size_t i = 0; i < count; i++) put_name(out, gm_node_name(graph, outputs[i]));
  free(outputs);
}

static void list_names(output *out, const gm_graph *graph, int kind) {
  static const char *const ops[] = {NULL, "placeholder", "variable", "constant"};
  for (size_t i = 0; kind < SYMBOLS && i < gm_graph_node_count(graph); i++) {
    gm_node node = gm_graph_node_at(graph, i);
    if (kind == NODES || is_op(graph, node, ops[kind])) put_name(out, gm_node_name(graph, node));
  }
  for (size_t i = 0; kind == SYMBOLS && i < gm_graph_symbol_count(graph); i++)
    put_name(out, gm_graph_symbol_name(graph, i));
  if (kind == OUTPUTS) list_outputs(out, graph);
}

static int run(cli *c) {
  gm_graph *graph;
  int kind = 0, code = c->args.names ? find_kind(c, &kind) : EXIT_OK;
  if (code == EXIT_OK) code = load_graph(c, &graph);
  if (code) return code;
  if (c->args.names)
    list_names(&c->out, graph, kind);
  else if (c->args.json)
    show_json(&c->out, graph);
  else
    show_text(&c->out, graph);
  gm_graph_free(graph);
  return EXIT_OK;
}

extern const command command_show;
const command command_show = {
    .name = "show",
    .operand = "GRAPH.yaml",
    .summary = "Prints the nodes of a graph with their shapes, parameters and flops.",
    .example = "gemmule show digits.yaml",
    .options = OPT_DATA_ROOT | OPT_NAMES | OPT_JSON | OPT_ALWAYS,
    .run = run,
};
