/* SPDX-License-Identifier: MIT
 *
 * Looking at a graph: nodes as text, and what printers and editors ask. */
#include "graph/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const gm__node *node_of(const gm_graph *graph, gm_node handle) {
  uint32_t id = gm__node_id(graph, handle);
  return id ? gm__node_of(graph, id) : NULL;
}

static gm__shape shape_of(const gm__node *node) {
  return (gm__shape){node->rank, node->dims};
}

/* ---- Names for messages ---- */

const char *gm__node_label(const gm_graph *graph, uint32_t id) {
  const gm__node *node = gm__node_of(graph, id);
  return node->name ? node->name : "a number";
}

static const char *label_at_place(const void *context, uint32_t place) {
  const gm_graph *graph = context;
  size_t low = 1, high = graph->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (graph->nodes[middle].place < place)
      low = middle + 1;
    else
      high = middle;
  }
  bool found = graph->count && graph->nodes[low].place == place;
  return found ? gm__node_label(graph, (uint32_t)low) : "another node";
}

gm__namer gm__graph_namer(const gm_graph *graph) {
  return (gm__namer){label_at_place, graph};
}

/* ---- Shapes ---- */

gm_node gm_node_named(const gm_graph *graph, const char *name) {
  if (!graph || !name) return (gm_node){0};
  return gm__handle(graph, gm__names_find(&graph->names, name, strlen(name)));
}

int gm_node_rank(const gm_graph *graph, gm_node handle) {
  const gm__node *node = node_of(graph, handle);
  return node ? node->rank : -1;
}

static const gm__dim *dim_at(const gm__node *node, int axis) {
  if (!node || axis < -node->rank || axis >= node->rank) return NULL;
  return &node->dims[axis < 0 ? axis + node->rank : axis];
}

int64_t gm_node_dim(const gm_graph *graph, gm_node handle, int axis) {
  const gm__dim *dim = dim_at(node_of(graph, handle), axis);
  return dim ? gm__dim_value(graph->dims, *dim) : -2;
}

gm_dtype gm_node_dtype(const gm_graph *graph, gm_node handle) {
  const gm__node *node = node_of(graph, handle);
  return node ? (gm_dtype)node->dtype : (gm_dtype)-1;
}

size_t gm_node_shape_text(const gm_graph *graph, gm_node handle, char *buffer, size_t size) {
  gm__text text = gm__text_into(buffer, size);
  const gm__node *node = node_of(graph, handle);
  if (node) gm__shape_text(graph->dims, shape_of(node), &text);
  return gm__text_end(&text);
}

size_t gm_node_dim_text(const gm_graph *graph, gm_node handle, int axis, char *buffer, size_t size) {
  gm__text text = gm__text_into(buffer, size);
  const gm__dim *dim = dim_at(node_of(graph, handle), axis);
  if (dim) gm__dim_text(graph->dims, *dim, &text);
  return gm__text_end(&text);
}

static void write_number(const gm__node *node, bool json, gm__text *text) {
  double value;
  int64_t integer;
  if (gm__node_number(node, &value, &integer)) {
    gm__text_int(text, integer);
  } else if (json && !(value - value == 0)) {
    gm__text_char(text, '"');
    gm__text_double(text, value);
    gm__text_char(text, '"');
  } else {
    gm__text_double(text, value);
  }
}

size_t gm_node_text(const gm_graph *graph, gm_node handle, char *buffer, size_t size) {
  gm__text text = gm__text_into(buffer, size);
  const gm__node *node = node_of(graph, handle);
  if (!node) {
    gm__text_add(&text, "<gm_node none>");
    return gm__text_end(&text);
  }
  gm__text_add(&text, "<gm_node ");
  if (node->name)
    gm__text_format(&text, "'%s'", node->name);
  else
    write_number(node, false, &text);
  gm__text_add(&text, " shape=");
  gm__shape_text(graph->dims, shape_of(node), &text);
  gm__text_format(&text, " dtype=%s>", gm_dtype_name((gm_dtype)node->dtype));
  return gm__text_end(&text);
}

/* ---- What stands in a graph ---- */

const char *gm_graph_name(const gm_graph *graph) {
  return graph && graph->name ? graph->name : "";
}

const char *gm_graph_doc(const gm_graph *graph) {
  return graph && graph->doc ? graph->doc : "";
}

size_t gm_graph_node_count(const gm_graph *graph) {
  return graph ? graph->count : 0;
}

gm_node gm_graph_node_at(const gm_graph *graph, size_t index) {
  return graph && index < graph->count ? gm__handle(graph, (uint32_t)index + 1) : (gm_node){0};
}

const char *gm_node_name(const gm_graph *graph, gm_node handle) {
  const gm__node *node = node_of(graph, handle);
  return node ? node->name : NULL;
}

const char *gm_node_op(const gm_graph *graph, gm_node handle) {
  const gm__node *node = node_of(graph, handle);
  return node ? node->op->name : NULL;
}

const char *gm_node_doc(const gm_graph *graph, gm_node handle) {
  const gm__node *node = node_of(graph, handle);
  return node && node->doc ? node->doc : "";
}

size_t gm_node_input_count(const gm_graph *graph, gm_node handle) {
  const gm__node *node = node_of(graph, handle);
  return node ? node->input_count : 0;
}

gm_node gm_node_input(const gm_graph *graph, gm_node handle, size_t index) {
  const gm__node *node = node_of(graph, handle);
  return node && index < node->input_count ? gm__handle(graph, node->inputs[index]) : (gm_node){0};
}

static void write_attributes(const gm_graph *graph, const gm__node *node, bool json, gm__text *text) {
  bool first = true;
  gm__text_char(text, '{');
  for (int i = 0; i < node->op->attr_count; i++) {
    const gm__attr_row *row = &node->op->attrs[i];
    if (gm__attr_is_initial(row, &node->attrs[i])) continue;
    gm__text_format(text, json ? "%s\"%s\": " : "%s%s: ", first ? "" : ", ", row->name);
    gm__attr_text(row, &node->attrs[i], graph->dims, json, text);
    first = false;
  }
  gm__text_char(text, '}');
}

size_t gm_node_attributes_text(
    const gm_graph *graph, gm_node handle, unsigned flags, char *buffer, size_t size) {
  gm__text text = gm__text_into(buffer, size);
  const gm__node *node = node_of(graph, handle);
  bool json = flags & GM_TEXT_JSON;
  if (node && node->op == &gm__op_number)
    write_number(node, json, &text);
  else if (node)
    write_attributes(graph, node, json, &text);
  return gm__text_end(&text);
}

/* ---- Costs ---- */

static gm_status resolve_shape(
    gm__dims *table, const gm__node *node, gm__arena *scratch, gm__shape *out, gm_error *error) {
  gm__dim *dims = gm__arena_alloc(scratch, node->rank, sizeof *dims);
  if (!dims) return gm__no_memory(error);
  for (int a = 0; a < node->rank; a++) GM_TRY(gm__dim_resolve(table, node->dims[a], &dims[a], error));
  *out = (gm__shape){node->rank, dims};
  return GM_OK;
}

gm_status gm__node_infer(
    const gm_graph *graph, gm__dims *dims, uint32_t id, gm__arena *scratch, gm__infer *out, gm_error *error) {
  const gm__node *node = gm__node_of(graph, id);
  size_t count = node->input_count;
  gm__shape *shapes = gm__arena_alloc(scratch, count, sizeof *shapes), shape = {0, NULL};
  gm_dtype *dtypes = gm__arena_alloc(scratch, count, sizeof *dtypes);
  uint32_t *places = gm__arena_alloc(scratch, count, sizeof *places);
  gm__result *result = gm__arena_alloc(scratch, GM__MAX_RESULTS, sizeof *result);
  if (!shapes || !dtypes || !places || !result) return gm__no_memory(error);
  for (size_t i = 0; i < count; i++) {
    const gm__node *input = gm__node_of(graph, node->inputs[i]);
    GM_TRY(resolve_shape(dims, input, scratch, &shapes[i], error));
    dtypes[i] = (gm_dtype)input->dtype;
    places[i] = input->place;
  }
  GM_TRY(resolve_shape(dims, node, scratch, &shape, error));
  result->dtype = (gm_dtype)node->dtype;
  result->rank = node->rank;
  memcpy(result->dims, shape.dims, (size_t)node->rank * sizeof *shape.dims);
  *out = (gm__infer){.op = node->op,
      .attrs = node->attrs,
      .count = (int)count,
      .shape = shapes,
      .written = shapes,
      .dtype = dtypes,
      .out = result,
      .dims = dims,
      .nodes = places,
      .node = node->place,
      .name = gm__node_label(graph, id),
      .namer = gm__graph_namer(graph),
      .error = error};
  return GM_OK;
}

gm_status gm__infer_flops(gm__infer *c, gm__dim *flops) {
  *flops = 0;
  if (c->op->flags & (GM__SOURCE | GM__VIEW)) return GM_OK;
  if (c->op->flops) return c->op->flops(c, flops);
  if (!c->op->product) return gm__dim_product(c->dims, c->out->dims, c->out->rank, flops, c->error);
  gm__dim mnkb[4], all;
  GM_TRY(c->op->product(c, mnkb));
  GM_TRY(gm__dim_product(c->dims, mnkb, 4, &all, c->error));
  return gm__dim_mul(c->dims, 2, all, flops, c->error);
}

static void write_flops(const gm__dims *dims, gm__dim flops, gm__text *text) {
  if (flops == GM__DIM_AUTO)
    gm__text_char(text, '?');
  else
    gm__dim_text(dims, flops, text);
}

size_t gm_node_flops_text(const gm_graph *graph, gm_node handle, char *buffer, size_t size) {
  gm__text text = gm__text_into(buffer, size);
  const gm__node *node = node_of(graph, handle);
  if (node) write_flops(graph->dims, node->flops, &text);
  return gm__text_end(&text);
}

bool *gm__graph_needed(const gm_graph *graph, const uint32_t *outputs, size_t count) {
  bool *needed = gm__alloc_zero(graph->count + 1, sizeof *needed);
  if (!needed) return NULL;
  for (size_t i = 0; i < count; i++) needed[outputs[i]] = true;
  for (size_t id = graph->count; id > 0; id--) {
    const gm__node *node = gm__node_of(graph, (uint32_t)id);
    if (!needed[id]) continue;
    needed[id - node->result] = true;
    for (uint32_t i = 0; i < node->input_count; i++) needed[node->inputs[i]] = true;
  }
  return needed;
}

static int by_word(const void *a, const void *b) {
  gm__dim x = *(const gm__dim *)a, y = *(const gm__dim *)b;
  return (x > y) - (x < y);
}

/** The flops of each node that counts, as words of `dims`; false where one is unknown. */
static bool collect_flops(
    const gm_graph *graph, const bool *needed, gm__dims *dims, gm__dim *all, size_t *count) {
  *count = 0;
  for (uint32_t id = 1; id <= graph->count; id++) {
    const gm__node *node = gm__node_of(graph, id);
    if (node->result != 0 || !(needed[id] || graph->output_count == 0)) continue;
    if (node->flops == GM__DIM_AUTO || gm__dim_resolve(dims, node->flops, &all[*count], NULL)) return false;
    ++*count;
  }
  return true;
}

/** Equal terms are counted and multiplied: a long graph has few that differ. */
static gm__dim sum_words(gm__dims *dims, gm__dim *all, size_t count) {
  gm__dim sum = 0, part;
  qsort(all, count, sizeof *all, by_word);
  for (size_t from = 0, to; from < count; from = to) {
    for (to = from + 1; to < count && all[to] == all[from];) to++;
    if (gm__dim_mul(dims, all[from], (gm__dim)(to - from), &part, NULL)) return GM__DIM_AUTO;
    if (gm__dim_add(dims, sum, part, &sum, NULL)) return GM__DIM_AUTO;
  }
  return sum;
}

static gm__dim sum_flops(const gm_graph *graph, const bool *needed, gm__dims *dims) {
  size_t count = 0;
  gm__dim *all = gm__alloc(graph->count + 1, sizeof *all), sum = GM__DIM_AUTO;
  if (all && collect_flops(graph, needed, dims, all, &count)) sum = sum_words(dims, all, count);
  gm__free(all);
  return sum;
}

size_t gm_graph_flops_text(const gm_graph *graph, char *buffer, size_t size) {
  gm__text text = gm__text_into(buffer, size);
  if (!graph) return gm__text_end(&text);
  gm__dims *dims = gm__dims_copy(graph->dims, NULL, NULL, NULL);
  bool *needed = gm__graph_needed(graph, graph->outputs, graph->output_count);
  gm__dim sum = dims && needed ? sum_flops(graph, needed, dims) : GM__DIM_AUTO;
  write_flops(dims, sum, &text);
  gm__free(needed);
  gm__dims_free(dims);
  return gm__text_end(&text);
}

/* ---- Symbols ---- */

size_t gm_graph_symbol_count(const gm_graph *graph) {
  return graph ? gm__symbol_count(graph->dims) : 0;
}

const char *gm_graph_symbol_name(const gm_graph *graph, size_t index) {
  return graph && index < gm__symbol_count(graph->dims) ? gm__symbol_name(graph->dims, index) : NULL;
}

size_t gm_graph_symbol_text(const gm_graph *graph, size_t index, char *buffer, size_t size) {
  gm__text text = gm__text_into(buffer, size);
  gm__namer namer = graph ? gm__graph_namer(graph) : (gm__namer){0};
  if (graph && index < gm__symbol_count(graph->dims)) gm__symbol_text(graph->dims, index, &namer, &text);
  return gm__text_end(&text);
}
