/* SPDX-License-Identifier: MIT
 *
 * The graph as an object, and the adding of nodes: sources and operations. A failed addition takes everything
 * back: memory, symbols, what was learnt, values. */
#include "graph/graph.h"

#include <stdio.h>
#include <string.h>

static atomic_uint next_tag;

/* ---- The object ---- */

static gm__body *body_new(void) {
  gm__body *body = gm__alloc_zero(1, sizeof *body);
  if (!body) return NULL;
  if (pthread_mutex_init(&body->lock, NULL) == 0) {
    atomic_init(&body->references, 1);
    return body;
  }
  gm__free(body);
  return NULL;
}

gm_graph *gm_graph_new(const gm_graph_options *options, gm_error *error) {
  gm_graph_options known = GM_GRAPH_OPTIONS_INIT;
  if (gm__options_read(&known, options, sizeof known, sizeof known, "gm_graph_options", error)) return NULL;
  gm_graph *graph = gm__alloc_zero(1, sizeof *graph);
  if (!graph) {
    gm__no_memory(error);
    return NULL;
  }
  graph->tag = 1 + atomic_fetch_add_explicit(&next_tag, 1, memory_order_relaxed) % 255;
  graph->max_nodes = known.max_nodes && known.max_nodes < GM__MAX_NODES ? known.max_nodes : GM__MAX_NODES;
  graph->body = body_new();
  graph->dims = gm__dims_new(error);
  graph->store = gm__store_new(error);
  bool grown = gm__grow((void **)&graph->nodes, &graph->capacity, 64, sizeof *graph->nodes);
  if (graph->body && graph->dims && graph->store && grown) return graph;
  gm_graph_free(graph);
  gm__no_memory(error);
  return NULL;
}

static void body_release(gm__body *body) {
  if (!body || atomic_fetch_sub_explicit(&body->references, 1, memory_order_acq_rel) != 1) return;
  body_release(body->parent);
  gm__arena_free(&body->arena);
  pthread_mutex_destroy(&body->lock);
  gm__free(body);
}

void gm__graph_share(gm_graph *graph, const gm_graph *from) {
  atomic_fetch_add_explicit(&from->body->references, 1, memory_order_relaxed);
  graph->body->parent = from->body;
  gm__store_release(graph->store);
  graph->store = gm__store_retain(from->store);
  graph->name = from->name;
  graph->doc = from->doc;
  graph->max_nodes = from->max_nodes;
}

void gm_graph_free(gm_graph *graph) {
  if (!graph) return;
  gm__names_free(&graph->names);
  gm__names_free(&graph->made_up);
  gm__dims_free(graph->dims);
  gm__store_release(graph->store);
  gm__free(graph->nodes);
  gm__free(graph->outputs);
  body_release(graph->body);
  gm__free(graph);
}

gm_status gm_graph_error(const gm_graph *graph, gm_error *error) {
  if (!graph) GM_FAIL(error, GM_BAD_ARGUMENT, "the graph is NULL");
  if (graph->error.status && error) *error = graph->error;
  return graph->error.status;
}

void gm_graph_clear_error(gm_graph *graph) {
  if (graph) memset(&graph->error, 0, sizeof graph->error);
}

gm_node gm__graph_failed(gm_graph *graph, const gm_error *error) {
  if (graph && graph->error.status == GM_OK) graph->error = *error;
  return (gm_node){0};
}

uint32_t gm__node_id(const gm_graph *graph, gm_node node) {
  if (!graph || node.id >> GM__INDEX_BITS != graph->tag) return 0;
  uint32_t id = node.id & GM__MAX_NODES;
  return id <= graph->count ? id : 0;
}

bool gm__node_copy(const gm_graph *graph, gm_node node, gm__node *out) {
  if (!graph) return false;
  pthread_mutex_lock(&graph->body->lock);
  uint32_t id = gm__node_id(graph, node);
  if (id) *out = graph->nodes[id];
  pthread_mutex_unlock(&graph->body->lock);
  return id != 0;
}

gm_status gm__graph_ids(
    const gm_graph *graph, const gm_node *nodes, size_t count, uint32_t *ids, gm_error *error) {
  for (size_t i = 0; i < count; i++) {
    if (nodes[i].id == 0) {
      if (gm_graph_error(graph, error)) return graph->error.status;
      GM_FAIL(error, GM_BAD_ARGUMENT, "node %zu is {0}: no node", i);
    }
    ids[i] = gm__node_id(graph, nodes[i]);
    if (!ids[i]) GM_FAIL(error, GM_BAD_ARGUMENT, "node %zu is not a node of this graph", i);
  }
  return GM_OK;
}

/* ---- Undo ---- */

typedef struct mark {
  gm__arena_mark arena;
  gm__dims_mark dims;
  uint32_t slots;
  size_t count;
} mark;

static mark now(const gm_graph *graph) {
  return (mark){gm__arena_now(&graph->body->arena), gm__dims_now(graph->dims), gm__store_count(graph->store),
      graph->count};
}

static gm_status undone(gm_graph *graph, mark before, gm_status status) {
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

static gm_status name_free(const gm_graph *graph, const char *name, gm_error *error) {
  GM_TRY(gm__name_check(name, error));
  uint32_t taken = gm__names_find(&graph->names, name, strlen(name));
  if (!taken) return GM_OK;
  gm_status status = gm__fail(
      error, GM_BAD_ARGUMENT, "the name '%s' is taken by a node '%s'", name, graph->nodes[taken].op->name);
  gm__error_node(error, name);
  return status;
}

/** A new node's name; next: the number to try then, 0 for a name that was given. */
typedef struct chosen {
  char text[160];
  uint32_t next;
} chosen;

static void make_up(const gm_graph *graph, const char *op, chosen *out) {
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

/** Chooses the name that a new node of `op` will have: the given one, checked, or one made up. */
static gm_status choose_name(
    const gm_graph *graph, const gm__op *op, const char *name, chosen *out, gm_error *error) {
  out->next = 0;
  if (name) GM_TRY(name_free(graph, name, error));
  if (name)
    memcpy(out->text, name, strlen(name) + 1);
  else
    make_up(graph, op->name, out);
  return GM_OK;
}

/** Once the node stands: a call that fails uses up no number. */
static gm_status use_name(gm_graph *graph, const gm__op *op, const chosen *name, gm_error *error) {
  return name->next == 0 || gm__names_put(&graph->made_up, op->name, name->next) ? GM_OK
                                                                                 : gm__no_memory(error);
}

gm_status gm__graph_set_node_name(gm_graph *graph, uint32_t id, const char *name, gm_error *error) {
  gm__node *node = &graph->nodes[id];
  if (!name) GM_FAIL(error, GM_BAD_ARGUMENT, "the name is NULL");
  if (!node->name)
    GM_FAIL(error, GM_BAD_ARGUMENT, "a number has no name: '%.80s' cannot be given to it", name);
  if (strcmp(node->name, name) == 0) return GM_OK;
  GM_TRY(name_free(graph, name, error));
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

static gm_status reserve(gm_graph *graph, size_t more, gm_error *error) {
  if (more > graph->max_nodes || graph->count > graph->max_nodes - more) {
    GM_FAIL(error, GM_LIMIT, "the graph would have more than %zu nodes", graph->max_nodes);
  }
  pthread_mutex_lock(&graph->body->lock);
  bool grown =
      gm__grow((void **)&graph->nodes, &graph->capacity, graph->count + more + 1, sizeof *graph->nodes);
  pthread_mutex_unlock(&graph->body->lock);
  return grown ? GM_OK : gm__no_memory(error);
}

/** Appends a node with a result's shape. The name (NULL: a number) is copied and entered last. */
static gm_status append(
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

static gm_status append_placeholder(
    gm_graph *graph, const char *name, gm_dtype dtype, const char *shape, gm_error *error) {
  gm__result result = {dtype, 0, {0}};
  chosen called;
  gm__node node = {.op = &gm__op_placeholder};
  if (!gm__dtype_valid(dtype)) GM_FAIL(error, GM_BAD_DTYPE, "%d is not a dtype", (int)dtype);
  GM_TRY(reserve(graph, 1, error));
  if (name) GM_TRY(name_free(graph, name, error));
  GM_TRY(gm__shape_read(graph->dims, shape ? shape : "", false, &result.rank, result.dims, error));
  GM_TRY(choose_name(graph, node.op, name, &called, error));
  GM_TRY(keep_text(graph, shape, &node.declared, error));
  GM_TRY(append(graph, node, &result, called.text, error));
  return use_name(graph, node.op, &called, error);
}

gm_status gm__graph_placeholder(
    gm_graph *graph, const char *name, gm_dtype dtype, const char *shape, uint32_t *out, gm_error *error) {
  mark before = now(graph);
  gm_status status = append_placeholder(graph, name, dtype, shape, error);
  if (status && name) gm__error_node(error, name);
  *out = (uint32_t)graph->count;
  return undone(graph, before, status);
}

static gm_status append_value(gm_graph *graph, const gm__op *source, const char *name, gm_tensor *value,
    const gm__init *init, gm_error *error) {
  gm__result result = {value->dtype, value->rank, {0}};
  chosen called = {.next = 0};
  gm__node node = {.op = source};
  memcpy(result.dims, value->dims, (size_t)value->rank * sizeof *value->dims);
  GM_TRY(reserve(graph, 1, error));
  bool number = source == &gm__op_number;
  if (!number) GM_TRY(choose_name(graph, source, name, &called, error));
  node.init = gm__arena_copy(&graph->body->arena, init, sizeof *init);
  if (!node.init) return gm__no_memory(error);
  GM_TRY(gm__store_add(graph->store, value, &node.slot, error));
  GM_TRY(append(graph, node, &result, number ? NULL : called.text, error));
  return use_name(graph, source, &called, error);
}

gm_status gm__graph_value(gm_graph *graph, const gm__op *source, const char *name, gm_tensor *value,
    const gm__init *init, uint32_t *out, gm_error *error) {
  mark before = now(graph);
  const gm__init given = {GM__INIT_VALUE, 0, 0, 0};
  gm_status status = append_value(graph, source, name, value, init ? init : &given, error);
  *out = (uint32_t)graph->count;
  return undone(graph, before, status);
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

static gm_status append_number(
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
  return append_number(graph, natural_dtype(&init), &init, out, error);
}

/* ---- Operations ---- */

/** Everything that one call of gm__graph_apply needs. */
typedef struct call {
  gm_graph *graph;
  const gm__op *op;
  uint32_t *inputs; /* in the arena */
  size_t count;
  gm__attr *attrs;
  gm__shape *shapes, *written;
  gm_dtype *dtypes;
  uint32_t *places;
  gm__result out[GM__MAX_RESULTS];
  gm__dim flops;
  chosen name;
  const gm__value *values; /* the attributes as written, or NULL */
  const char *text;        /* and `text`, which is read when their turn comes */
  gm_error *error;
} call;

static gm_status check_count(const gm__op *op, size_t count, gm_error *error) {
  if (count >= (size_t)op->min_inputs && count <= (size_t)op->max_inputs) return GM_OK;
  const char *bound = op->min_inputs == op->max_inputs ? ""
                      : count < (size_t)op->min_inputs ? "at least "
                                                       : "at most ";
  int wanted = count < (size_t)op->min_inputs ? op->min_inputs : op->max_inputs;
  GM_FAIL(error, GM_BAD_ARGUMENT, "%s takes %s%d input%s, but got %zu", op->name, bound, wanted,
      wanted == 1 ? "" : "s", count);
}

/** The dtype that numbers take among the inputs that share one: that of the first which is no number, else their
 *  widest. */
static int decided_dtype(const call *c) {
  int widest = GM_FLOAT32;
  for (size_t i = 0; i < c->count; i++) {
    const gm__node *node = gm__node_of(c->graph, c->inputs[i]);
    if (!gm__op_shares_dtype(c->op, i)) continue;
    if (node->op != &gm__op_number) return node->dtype;
    if (node->dtype > widest) widest = node->dtype;
  }
  return widest;
}

/** The dtype of a number that takes nobody's: whole ones are integers. */
static int own_dtype(const gm__node *number) {
  double unused;
  int64_t value;
  if (!gm__node_number(number, &unused, &value)) return number->dtype;
  return value >= INT32_MIN && value <= INT32_MAX ? GM_INT32 : GM_INT64;
}

static gm_status type_numbers(call *c) {
  int decided = decided_dtype(c);
  for (size_t i = 0; i < c->count; i++) {
    const gm__node *node = gm__node_of(c->graph, c->inputs[i]);
    if (node->op != &gm__op_number) continue;
    int dtype = gm__op_shares_dtype(c->op, i) ? decided : own_dtype(node);
    if (node->dtype == dtype) continue;
    gm__init init = *node->init;
    GM_TRY(append_number(c->graph, (gm_dtype)dtype, &init, &c->inputs[i], c->error));
  }
  return GM_OK;
}

static gm_status resolve_inputs(call *c, gm__dim *dims) {
  for (size_t i = 0; i < c->count; i++) {
    const gm__node *node = gm__node_of(c->graph, c->inputs[i]);
    for (int a = 0; a < node->rank; a++) {
      GM_TRY(gm__dim_resolve(c->graph->dims, node->dims[a], &dims[a], c->error));
    }
    c->shapes[i] = (gm__shape){node->rank, dims};
    c->written[i] = (gm__shape){node->rank, node->dims};
    c->dtypes[i] = (gm_dtype)node->dtype;
    c->places[i] = node->place;
    dims += node->rank;
  }
  return GM_OK;
}

static gm__infer infer_of(call *c) {
  return (gm__infer){.op = c->op,
      .attrs = c->attrs,
      .count = (int)c->count,
      .shape = c->shapes,
      .written = c->written,
      .dtype = c->dtypes,
      .out = c->out,
      .dims = c->graph->dims,
      .nodes = c->places,
      .node = (uint32_t)c->graph->count + 1 + c->graph->place_shift,
      .name = c->name.text,
      .namer = gm__graph_namer(c->graph),
      .error = c->error};
}

static gm_status read_attributes(call *c) {
  gm__arena scratch = {0};
  gm__value *read = NULL;
  gm_status status = c->values ? GM_OK : gm__value_read(&scratch, c->text, &read, c->error);
  if (status == GM_OK) {
    status = gm__attrs_read(c->op->name, c->op->attrs, c->op->attr_count, c->values ? c->values : read,
        c->graph->dims, &c->graph->body->arena, c->attrs, c->error);
  }
  gm__arena_free(&scratch);
  return status;
}

/** A message that does not begin with the operation gets it; the node is the new one. */
static gm_status told(const call *c, gm_status status) {
  size_t length = strlen(c->op->name);
  if (status == GM_OK || status == GM_NO_MEMORY) return status;
  gm_error cause = *c->error;
  if (strncmp(cause.message, c->op->name, length) != 0 || cause.message[length] != ':') {
    gm__fail(c->error, status, "%s: %s", c->op->name, cause.message);
    gm__error_axes(c->error, cause.axis[0], cause.value[0], cause.axis[1], cause.value[1]);
    gm__error_place(c->error, cause.file, cause.line, cause.column);
  }
  gm__error_node(c->error, c->name.text);
  return status;
}

static gm_status infer(call *c) {
  gm__infer infer = infer_of(c);
  if (!(c->op->flags & GM__MIXED_DTYPES)) GM_TRY(gm__infer_same_dtype(&infer));
  for (int i = 0; i < (c->op->flags & GM__MIXED_DTYPES ? 1 : (int)c->count) && i < (int)c->count; i++) {
    if (gm__op_shares_dtype(c->op, (size_t)i)) GM_TRY(gm__infer_kinds(&infer, i));
  }
  if (c->op->ranks) GM_TRY(c->op->ranks(&infer));
  GM_TRY(read_attributes(c));
  GM_TRY(c->op->infer(&infer));
  gm_error beyond = {0};
  infer.error = &beyond;
  gm_status status = gm__infer_flops(&infer, &c->flops);
  if (status == GM_NO_MEMORY) *c->error = beyond;
  if (status) c->flops = GM__DIM_AUTO;
  return status == GM_NO_MEMORY ? status : GM_OK;
}

static gm_status infer_with_scratch(call *c) {
  size_t ranks = 0;
  for (size_t i = 0; i < c->count; i++) ranks += gm__node_of(c->graph, c->inputs[i])->rank;
  gm__dim *dims = gm__alloc(ranks, sizeof *dims);
  c->shapes = gm__alloc(c->count, sizeof *c->shapes);
  c->written = gm__alloc(c->count, sizeof *c->written);
  c->dtypes = gm__alloc(c->count, sizeof *c->dtypes);
  c->places = gm__alloc(c->count, sizeof *c->places);
  bool held = dims && c->shapes && c->written && c->dtypes && c->places;
  gm_status status = held ? resolve_inputs(c, dims) : gm__no_memory(c->error);
  if (status == GM_OK) status = infer(c);
  gm__free(c->places);
  gm__free(c->dtypes);
  gm__free(c->written);
  gm__free(c->shapes);
  gm__free(dims);
  return status;
}

static gm_status append_results(call *c) {
  gm__node node = {.op = c->op,
      .inputs = c->inputs,
      .input_count = (uint32_t)c->count,
      .attrs = c->attrs,
      .flops = c->flops};
  for (int r = 0; r < c->op->results; r++) {
    char numbered[192];
    const char *name = r ? numbered : c->name.text;
    node.result = (uint16_t)r;
    if (r) snprintf(numbered, sizeof numbered, "%.120s_%d", c->name.text, r);
    if (r) GM_TRY(name_free(c->graph, name, c->error));
    GM_TRY(append(c->graph, node, &c->out[r], name, c->error));
  }
  return GM_OK;
}

static gm_status apply(call *c, const uint32_t *inputs, const char *name) {
  gm__arena *arena = &c->graph->body->arena;
  GM_TRY(check_count(c->op, c->count, c->error));
  GM_TRY(reserve(c->graph, (size_t)c->op->results, c->error));
  GM_TRY(choose_name(c->graph, c->op, name, &c->name, c->error));
  c->inputs = gm__arena_copy(arena, inputs, c->count * sizeof *inputs);
  c->attrs = gm__arena_zero(arena, (size_t)c->op->attr_count, sizeof *c->attrs);
  if (!c->inputs || !c->attrs) return gm__no_memory(c->error);
  GM_TRY(told(c, type_numbers(c)));
  GM_TRY(told(c, infer_with_scratch(c)));
  GM_TRY(reserve(c->graph, (size_t)c->op->results, c->error));
  GM_TRY(append_results(c));
  return use_name(c->graph, c->op, &c->name, c->error);
}

static gm_status apply_undone(
    call *c, const uint32_t *inputs, const char *name, uint32_t *out, gm_error *error) {
  gm_error unused;
  mark before = now(c->graph);
  c->error = error ? error : &unused;
  gm_status status = apply(c, inputs, name);
  *out = status ? 0 : (uint32_t)c->graph->count - (uint32_t)c->op->results + 1;
  return undone(c->graph, before, status);
}

gm_status gm__graph_apply(gm_graph *graph, const gm__op *op, const uint32_t *inputs, size_t count,
    const gm__value *attrs, const char *name, uint32_t *out, gm_error *error) {
  call c = {.graph = graph, .op = op, .count = count, .values = attrs};
  return apply_undone(&c, inputs, name, out, error);
}

gm_status gm__graph_apply_text(gm_graph *graph, const gm__op *op, const uint32_t *inputs, size_t count,
    const char *attrs, uint32_t *out, gm_error *error) {
  call c = {.graph = graph, .op = op, .count = count, .text = attrs};
  return apply_undone(&c, inputs, NULL, out, error);
}

/* ---- Outputs ---- */

gm_status gm_graph_set_outputs(gm_graph *graph, const gm_node *outputs, size_t count, gm_error *error) {
  if (!graph) GM_FAIL(error, GM_BAD_ARGUMENT, "the graph is NULL");
  if (count && !outputs) GM_FAIL(error, GM_BAD_ARGUMENT, "the outputs are NULL");
  uint32_t *ids = gm__alloc(count, sizeof *ids);
  if (!ids) return gm__no_memory(error);
  gm_status status = gm__graph_ids(graph, outputs, count, ids, error);
  if (status) {
    gm__free(ids);
    return status;
  }
  gm__free(graph->outputs);
  graph->outputs = ids;
  graph->output_count = count;
  return GM_OK;
}

size_t gm_graph_outputs(const gm_graph *graph, gm_node *outputs, size_t capacity) {
  if (!graph) return 0;
  for (size_t i = 0; i < graph->output_count && i < capacity && outputs; i++) {
    outputs[i] = gm__handle(graph, graph->outputs[i]);
  }
  return graph->output_count;
}
