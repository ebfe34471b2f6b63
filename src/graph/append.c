/* SPDX-License-Identifier: MIT
 *
 * Adding nodes, one at a time: their names, placeholders, values, numbers; and taking all back when that
 * fails: memory, symbols, what was learnt, values. */
#include "graph/append.h"

#include <stdio.h>
#include <string.h>

/* ---- Undo ---- */

gm__mark gm__mark_now(const gm_graph *graph) {
  return (gm__mark){gm__arena_now(&graph->body->arena), gm__dims_now(graph->dims),
      gm__store_count(graph->store), graph->count};
}

gm_status gm__undone(gm_graph *graph, gm__mark before, gm_status status) {
  if (status == GM_OK) return GM_OK;
  for (size_t id = graph->count; id > before.count; id--) {
    if (graph->nodes[id].name) gm__names_remove(&graph->names, graph->nodes[id].name);
  }
  pthread_mutex_lock(&graph->body->lock);
  graph->count = before.count;
  pthread_mutex_unlock(&graph->body->lock);
  gm__arena_rewind(&graph->body->arena, before.arena);
  gm__dims_rewind(graph->dims, before.dims);
  if (gm__store_count(graph->store) != before.slots) gm__store_shrink(graph->store, before.slots);
  return status;
}

/* ---- Names ---- */

gm_status gm__name_check(const char *name, gm_error *error) {
  const char *letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  size_t length = strlen(name);
  if (length > 127)
    GM_FAIL(error, GM_BAD_ARGUMENT, "the name '%.20s…' has %zu bytes: at most 127", name, length);
  size_t good = length && strchr(letters, name[0]) ? 1 : 0;
  while (good && good < length && (strchr(letters, name[good]) || strchr("0123456789-", name[good]))) good++;
  if (good == length && length) return GM_OK;
  GM_FAIL(
      error, GM_BAD_ARGUMENT, "'%.80s' is not a name: a letter or _, then letters, digits, _ and -", name);
}

gm_status gm__name_free(const gm_graph *graph, const char *name, gm_error *error) {
  GM_TRY(gm__name_check(name, error));
  uint32_t taken = gm__names_find(&graph->names, name, strlen(name));
  if (!taken) return GM_OK;
  gm_status status = gm__fail(
      error, GM_BAD_ARGUMENT, "the name '%s' is taken by a node '%s'", name, graph->nodes[taken].op->name);
  gm__error_node(error, name);
  return status;
}

static void make_up(const gm_graph *graph, const char *op, gm__chosen *out) {
  uint32_t number = gm__names_find(&graph->made_up, op, strlen(op));
  for (;; number++) {
    gm__text text = gm__text_into(out->text, sizeof out->text);
    gm__text_add(&text, op);
    if (number) gm__text_char(&text, '_');
    if (number) gm__text_int(&text, number);
    gm__text_end(&text);
    if (!gm__names_find(&graph->names, out->text, strlen(out->text))) break;
  }
  out->next = number + 1;
}

gm_status gm__choose_name(
    const gm_graph *graph, const gm__op *op, const char *name, gm__chosen *out, gm_error *error) {
  out->next = 0;
  if (name) GM_TRY(gm__name_free(graph, name, error));
  if (name)
    memcpy(out->text, name, strlen(name) + 1);
  else
    make_up(graph, op->name, out);
  return GM_OK;
}

gm_status gm__use_name(gm_graph *graph, const gm__op *op, const gm__chosen *name, gm_error *error) {
  return name->next == 0 || gm__names_put(&graph->made_up, op->name, name->next) ? GM_OK
                                                                                 : gm__no_memory(error);
}

gm_status gm__graph_set_node_name(gm_graph *graph, uint32_t id, const char *name, gm_error *error) {
  gm__node *node = &graph->nodes[id];
  if (!name) GM_FAIL(error, GM_BAD_ARGUMENT, "the name is NULL");
  if (!node->name)
    GM_FAIL(error, GM_BAD_ARGUMENT, "a number has no name: '%.80s' cannot be given to it", name);
  if (strcmp(node->name, name) == 0) return GM_OK;
  GM_TRY(gm__name_free(graph, name, error));
  char *copy = gm__arena_text(&graph->body->arena, name, strlen(name));
  if (!copy || !gm__names_put(&graph->names, copy, id)) return gm__no_memory(error);
  gm__names_remove(&graph->names, node->name);
  pthread_mutex_lock(&graph->body->lock);
  node->name = copy;
  pthread_mutex_unlock(&graph->body->lock);
  return GM_OK;
}

static gm_status keep_text(gm_graph *graph, const char *text, const char **out, gm_error *error) {
  char *copy = gm__arena_text(&graph->body->arena, text ? text : "", text ? strlen(text) : 0);
  if (!copy) return gm__no_memory(error);
  *out = copy;
  return GM_OK;
}

gm_status gm__graph_set_node_doc(gm_graph *graph, uint32_t id, const char *doc, gm_error *error) {
  const char *copy;
  GM_TRY(keep_text(graph, doc, &copy, error));
  pthread_mutex_lock(&graph->body->lock);
  graph->nodes[id].doc = copy;
  pthread_mutex_unlock(&graph->body->lock);
  return GM_OK;
}

gm_status gm_graph_set_name(gm_graph *graph, const char *name, gm_error *error) {
  if (!graph) GM_FAIL(error, GM_BAD_ARGUMENT, "the graph is NULL");
  return keep_text(graph, name, &graph->name, error);
}

gm_status gm_graph_set_doc(gm_graph *graph, const char *doc, gm_error *error) {
  if (!graph) GM_FAIL(error, GM_BAD_ARGUMENT, "the graph is NULL");
  return keep_text(graph, doc, &graph->doc, error);
}

/* ---- Adding a node ---- */

gm_status gm__reserve_nodes(gm_graph *graph, size_t more, gm_error *error) {
  if (more > graph->max_nodes || graph->count > graph->max_nodes - more) {
    GM_FAIL(error, GM_LIMIT, "the graph would have more than %zu nodes", graph->max_nodes);
  }
  pthread_mutex_lock(&graph->body->lock);
  bool grown =
      gm__grow((void **)&graph->nodes, &graph->capacity, graph->count + more + 1, sizeof *graph->nodes);
  pthread_mutex_unlock(&graph->body->lock);
  return grown ? GM_OK : gm__no_memory(error);
}

gm_status gm__append_node(
    gm_graph *graph, gm__node node, const gm__result *result, const char *name, gm_error *error) {
  gm__arena *arena = &graph->body->arena;
  uint32_t id = (uint32_t)graph->count + 1;
  node.place = id + graph->place_shift;
  node.rank = (uint8_t)result->rank;
  node.dtype = (uint8_t)result->dtype;
  node.dims = gm__arena_copy(arena, result->dims, (size_t)result->rank * sizeof *result->dims);
  node.name = name ? gm__arena_text(arena, name, strlen(name)) : NULL;
  if (!node.dims || (name && !node.name)) return gm__no_memory(error);
  if (name && !gm__names_put(&graph->names, node.name, id)) return gm__no_memory(error);
  pthread_mutex_lock(&graph->body->lock);
  graph->nodes[id] = node;
  graph->count = id;
  pthread_mutex_unlock(&graph->body->lock);
  return GM_OK;
}

/** No length is below 0: what an expression says of its symbols is demanded, for "n - 1" that n >= 1. */
static gm_status demand_lengths(const gm_graph *graph, const gm__result *result, gm_error *error) {
  uint32_t place = (uint32_t)graph->count + 1 + graph->place_shift;
  gm__namer namer = gm__graph_namer(graph);
  for (int i = 0; i < result->rank; i++) {
    if (gm__dim_known(result->dims[i])) continue;
    GM_TRY(gm__dims_at_least(graph->dims, result->dims[i], 0, place, (gm__place){place, i}, &namer, error));
  }
  return GM_OK;
}

static gm_status append_placeholder(
    gm_graph *graph, const char *name, gm_dtype dtype, const char *shape, gm_error *error) {
  gm__result result = {dtype, 0, {0}};
  gm__chosen called;
  gm__node node = {.op = &gm__op_placeholder};
  if (!gm__dtype_valid(dtype)) GM_FAIL(error, GM_BAD_DTYPE, "%d is not a dtype", (int)dtype);
  GM_TRY(gm__reserve_nodes(graph, 1, error));
  if (name) GM_TRY(gm__name_free(graph, name, error));
  GM_TRY(gm__shape_read(graph->dims, shape ? shape : "", false, &result.rank, result.dims, error));
  GM_TRY(gm__choose_name(graph, node.op, name, &called, error));
  GM_TRY(demand_lengths(graph, &result, error));
  GM_TRY(keep_text(graph, shape, &node.declared, error));
  GM_TRY(gm__append_node(graph, node, &result, called.text, error));
  return gm__use_name(graph, node.op, &called, error);
}

gm_status gm__graph_placeholder(
    gm_graph *graph, const char *name, gm_dtype dtype, const char *shape, uint32_t *out, gm_error *error) {
  gm__mark before = gm__mark_now(graph);
  gm_status status = append_placeholder(graph, name, dtype, shape, error);
  if (status && name) gm__error_node(error, name);
  *out = (uint32_t)graph->count;
  return gm__undone(graph, before, status);
}

static gm_status append_value(gm_graph *graph, const gm__op *source, const char *name, gm_tensor *value,
    const gm__init *init, gm_error *error) {
  gm__result result = {value->dtype, value->rank, {0}};
  gm__chosen called = {.next = 0};
  gm__node node = {.op = source};
  memcpy(result.dims, value->dims, (size_t)value->rank * sizeof *value->dims);
  GM_TRY(gm__reserve_nodes(graph, 1, error));
  bool number = source == &gm__op_number;
  if (!number) GM_TRY(gm__choose_name(graph, source, name, &called, error));
  node.init = gm__arena_copy(&graph->body->arena, init, sizeof *init);
  if (!node.init) return gm__no_memory(error);
  GM_TRY(gm__store_add(graph->store, value, &node.slot, error));
  GM_TRY(gm__append_node(graph, node, &result, number ? NULL : called.text, error));
  return gm__use_name(graph, source, &called, error);
}

gm_status gm__graph_value(gm_graph *graph, const gm__op *source, const char *name, gm_tensor *value,
    const gm__init *init, uint32_t *out, gm_error *error) {
  gm__mark before = gm__mark_now(graph);
  const gm__init given = {GM__INIT_VALUE, 0, 0, 0};
  gm_status status = append_value(graph, source, name, value, init ? init : &given, error);
  *out = (uint32_t)graph->count;
  return gm__undone(graph, before, status);
}

/* ---- Numbers ---- */

bool gm__node_number(const gm__node *node, double *value, int64_t *integer) {
  *value = node->init->a;
  *integer = (int64_t)node->init->seed;
  return node->init->b != 0;
}

static bool write_number(gm_tensor *value, const gm__init *init) {
  if (init->b != 0) return gm__element_from_integer(value->data, value->dtype, (int64_t)init->seed);
  return gm__element_from_double(value->data, value->dtype, init->a);
}

gm_status gm__append_number(
    gm_graph *graph, gm_dtype dtype, const gm__init *init, uint32_t *out, gm_error *error) {
  gm_tensor *value = gm_tensor_new(dtype, 0, NULL, error);
  if (!value) return error ? error->status : GM_NO_MEMORY;
  gm_status status = GM_OK;
  if (!write_number(value, init)) {
    char digits[64];
    gm__text text = gm__text_into(digits, sizeof digits);
    if (init->b != 0)
      gm__text_int(&text, (int64_t)init->seed);
    else
      gm__text_double(&text, init->a);
    gm__text_end(&text);
    status =
        gm__fail(error, GM_BAD_ARGUMENT, "the number %s cannot be held by %s", digits, gm_dtype_name(dtype));
  }
  if (status == GM_OK) status = gm__graph_value(graph, &gm__op_number, NULL, value, init, out, error);
  gm_tensor_free(value);
  return status;
}

static gm_dtype natural_dtype(const gm__init *init) {
  float narrow = 0;
  return gm__element_from_double(&narrow, GM_FLOAT32, init->a) ? GM_FLOAT32 : GM_FLOAT64;
}

gm_status gm__graph_number(
    gm_graph *graph, double value, const int64_t *integer, uint32_t *out, gm_error *error) {
  gm__init init = {GM__INIT_CONSTANT, integer ? (double)*integer : value, integer != NULL,
      integer ? (uint64_t)*integer : 0};
  return gm__append_number(graph, natural_dtype(&init), &init, out, error);
}
