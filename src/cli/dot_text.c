/* SPDX-License-Identifier: MIT
 *
 * A graph in graphviz's language (DOT). Boxes are nodes: placeholders blue, variables yellow, constants grey,
 * what operations make white; outputs have a double green border and an arrow out; what no output needs is
 * dashed. Arrows carry shapes, and the dtype where it is not float32. Numbers stand in the box of the
 * operation that uses them. Labels are graphviz's HTML-like ones: everything that is no plain letter is an
 * entity. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/** Text that grows, as a stream. */
typedef struct drawing {
  output out;
  const gm_graph *graph;
  char *text;
  size_t length;
} drawing;

/* ---- Text ---- */

static void put_html(output *out, const char *text) {
  static const char special[] = "&<>\"'";
  static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  for (; *text; text++) {
    const char *found = strchr(special, *text);
    bool control = (unsigned char)*text < 0x20 || *text == 0x7F;
    if (found)
      put_text(out, entities[found - special]);
    else
      put_bytes(out, control ? " " : text, 1);
  }
}

/** A quoted string of DOT, in which only the quote and the backslash are special. */
static void put_quoted(output *out, const char *text) {
  put_text(out, "\"");
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') put_text(out, "\\");
    put_bytes(out, (unsigned char)*text < 0x20 ? " " : text, 1);
  }
  put_text(out, "\"");
}

/* ---- Nodes ---- */

static bool is_op(const drawing *d, gm_node node, const char *op) {
  return strcmp(gm_node_op(d->graph, node), op) == 0;
}

static bool is_number(const drawing *d, gm_node node) {
  return gm_node_name(d->graph, node) == NULL;
}

static bool is_source(const drawing *d, gm_node node) {
  return is_op(d, node, "placeholder") || is_op(d, node, "variable") || is_op(d, node, "constant");
}

static const char *look_of(const drawing *d, gm_node node) {
  if (is_op(d, node, "placeholder")) return "shape=box, fillcolor=\"#cfe2ff\", color=\"#3366aa\"";
  if (is_op(d, node, "variable")) return "shape=cylinder, fillcolor=\"#fff1c9\", color=\"#a07a20\"";
  if (is_op(d, node, "constant")) return "shape=note, fillcolor=\"#e8e8e8\", color=\"#777777\"";
  return "shape=box";
}

/** A made-up name is the operation's, with _1, _2, …: it says enough. */
static bool has_own_name(const drawing *d, gm_node node) {
  const char *name = gm_node_name(d->graph, node), *op = gm_node_op(d->graph, node);
  size_t length = strlen(op);
  if (strncmp(name, op, length) != 0) return true;
  if (name[length] == 0) return false;
  return name[length] != '_' || strspn(name + length + 1, "0123456789") != strlen(name + length + 1);
}

/** "(·, 0.5)" where the node uses numbers: they have no boxes of their own. */
static void put_numbers(drawing *d, gm_node node) {
  size_t count = gm_node_input_count(d->graph, node), numbers = 0;
  for (size_t i = 0; i < count; i++) numbers += is_number(d, gm_node_input(d->graph, node, i));
  if (numbers == 0) return;
  for (size_t i = 0; i < count; i++) {
    gm_node input = gm_node_input(d->graph, node, i);
    char *label = is_number(d, input) ? label_text(d->graph, input, 0) : NULL;
    put_text(&d->out, i ? ", " : "(");
    put_html(&d->out, label ? label : "·");
    free(label);
  }
  put_text(&d->out, ")");
}

static void put_small(drawing *d, const char *text) {
  put_text(&d->out, "<br/><font point-size=\"10\" color=\"#555555\">");
  put_html(&d->out, text);
  put_text(&d->out, "</font>");
}

static void put_op(drawing *d, gm_node node, bool small) {
  char *attributes = attributes_text(d->graph, node, 0);
  if (small) put_text(&d->out, "<br/><font point-size=\"10\" color=\"#555555\">");
  put_html(&d->out, gm_node_op(d->graph, node));
  put_numbers(d, node);
  if (small) put_text(&d->out, "</font>");
  if (strcmp(attributes, "{}") != 0) put_small(d, attributes);
  free(attributes);
}

static void put_label(drawing *d, gm_node node) {
  bool named = has_own_name(d, node);
  put_text(&d->out, "label=<");
  if (named) {
    put_text(&d->out, "<b>");
    put_html(&d->out, gm_node_name(d->graph, node));
    put_text(&d->out, "</b>");
  }
  put_op(d, node, named);
  put_text(&d->out, ">");
}

static void put_tip(drawing *d, gm_node node) {
  const char *doc = gm_node_doc(d->graph, node);
  char *shape = node_text(gm_node_shape_text, d->graph, node);
  char *tip = need_text("%s %s %s%s%s", gm_node_name(d->graph, node), shape,
      gm_dtype_name(gm_node_dtype(d->graph, node)), *doc ? ": " : "", doc);
  put_text(&d->out, ", tooltip=");
  put_quoted(&d->out, tip);
  free(tip);
  free(shape);
}

static void put_node(drawing *d, size_t index, bool is_output, bool needed) {
  gm_node node = gm_graph_node_at(d->graph, index);
  put(&d->out, "  n%u [", (unsigned)node.id);
  put_label(d, node);
  put(&d->out, ", %s", look_of(d, node));
  if (is_output) put_text(&d->out, ", peripheries=2, color=\"#2a7f3f\"");
  if (!is_source(d, node) || !needed)
    put(&d->out, ", style=\"filled%s%s\"", is_source(d, node) ? "" : ",rounded", needed ? "" : ",dashed");
  if (gm_node_input_count(d->graph, node) > 1) put_text(&d->out, ", ordering=in");
  put_tip(d, node);
  put_text(&d->out, "];\n");
}

/* ---- Arrows ---- */

static void put_arrow_label(drawing *d, gm_node from) {
  char *shape = node_text(gm_node_shape_text, d->graph, from);
  gm_dtype dtype = gm_node_dtype(d->graph, from);
  put_text(&d->out, " [label=<&#160;");
  put_html(&d->out, shape);
  if (dtype != GM_FLOAT32) put(&d->out, " %s", gm_dtype_name(dtype));
  put_text(&d->out, ">];\n");
  free(shape);
}

static void put_arrows(drawing *d, gm_node node) {
  for (size_t i = 0; i < gm_node_input_count(d->graph, node); i++) {
    gm_node input = gm_node_input(d->graph, node, i);
    if (is_number(d, input)) continue;
    put(&d->out, "  n%u -> n%u", (unsigned)input.id, (unsigned)node.id);
    put_arrow_label(d, input);
  }
}

static void put_output(drawing *d, gm_node node, size_t index) {
  put(&d->out, "  o%zu [label=\"output\", shape=plain, fontcolor=\"#2a7f3f\"];\n", index);
  put(&d->out, "  n%u -> o%zu", (unsigned)node.id, index);
  put_arrow_label(d, node);
}

/* ---- The graph ---- */

static void put_head(drawing *d) {
  const char *name = gm_graph_name(d->graph), *doc = gm_graph_doc(d->graph);
  put_text(&d->out, "digraph ");
  put_quoted(&d->out, *name ? name : "graph");
  put_text(
      &d->out, " {\n  graph [rankdir=TB, nodesep=0.3, ranksep=0.35, fontname=\"Helvetica,Arial,sans-serif\"");
  if (*name || *doc) {
    put_text(&d->out, ", labelloc=t, label=<<b>");
    put_html(&d->out, *name ? name : "graph");
    put_text(&d->out, "</b>");
    if (*doc) put_small(d, doc);
    put_text(&d->out, ">");
  }
  put_text(&d->out,
      "];\n  node [fontname=\"Helvetica,Arial,sans-serif\", fontsize=12, style=filled, fillcolor=white, "
      "color=\"#444444\", margin=\"0.12,0.06\", height=0.3];\n"
      "  edge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=10, fontcolor=\"#333333\", "
      "color=\"#666666\", "
      "arrowsize=0.7];\n");
}

static bool is_among(gm_node node, const gm_node *nodes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (nodes[i].id == node.id) return true;
  }
  return false;
}

static void put_graph(drawing *d, const gm_node *outputs, size_t count, const bool *needed) {
  put_head(d);
  for (size_t i = 0; i < gm_graph_node_count(d->graph); i++) {
    gm_node node = gm_graph_node_at(d->graph, i);
    if (!is_number(d, node)) put_node(d, i, is_among(node, outputs, count), count == 0 || needed[i]);
  }
  for (size_t i = 0; i < gm_graph_node_count(d->graph); i++) {
    gm_node node = gm_graph_node_at(d->graph, i);
    if (!is_number(d, node)) put_arrows(d, node);
  }
  for (size_t i = 0; i < count; i++) {
    if (!is_number(d, outputs[i]) && !is_among(outputs[i], outputs, i)) put_output(d, outputs[i], i);
  }
  put_text(&d->out, "}\n");
}

char *dot_text(const gm_graph *graph, size_t *length) {
  drawing d = {.graph = graph};
  size_t count = gm_graph_outputs(graph, NULL, 0);
  gm_node *outputs = need(count, sizeof *outputs);
  gm_graph_outputs(graph, outputs, count);
  bool *needed = needed_nodes(graph, outputs, count);
  d.out.file = open_memstream(&d.text, &d.length);
  if (!d.out.file) no_memory();
  put_graph(&d, outputs, count, needed);
  if (fclose(d.out.file) != 0 || d.out.error) no_memory();
  free(needed);
  free(outputs);
  *length = d.length;
  return d.text;
}
