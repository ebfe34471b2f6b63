/* SPDX-License-Identifier: MIT
 *
 * Adding an operation's node: counts, dtypes, ranks, attributes and dims are checked in this order, numbers
 * take the dtype of the others, and what fails is undone. */
#include <stdio.h>
#include <string.h>
#include "graph/append.h"

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
  gm__chosen name;
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

/** The dtype that numbers take among the inputs that share one: that of the first which is no number, else
 * their widest. */
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
    GM_TRY(gm__append_number(c->graph, (gm_dtype)dtype, &init, &c->inputs[i], c->error));
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
    if (r) GM_TRY(gm__name_free(c->graph, name, c->error));
    GM_TRY(gm__append_node(c->graph, node, &c->out[r], name, c->error));
  }
  return GM_OK;
}

static gm_status apply(call *c, const uint32_t *inputs, const char *name) {
  gm__arena *arena = &c->graph->body->arena;
  GM_TRY(check_count(c->op, c->count, c->error));
  GM_TRY(gm__reserve_nodes(c->graph, (size_t)c->op->results, c->error));
  GM_TRY(gm__choose_name(c->graph, c->op, name, &c->name, c->error));
  c->inputs = gm__arena_copy(arena, inputs, c->count * sizeof *inputs);
  c->attrs = gm__arena_zero(arena, (size_t)c->op->attr_count, sizeof *c->attrs);
  if (!c->inputs || !c->attrs) return gm__no_memory(c->error);
  GM_TRY(told(c, type_numbers(c)));
  GM_TRY(told(c, infer_with_scratch(c)));
  GM_TRY(gm__reserve_nodes(c->graph, (size_t)c->op->results, c->error));
  GM_TRY(append_results(c));
  return gm__use_name(c->graph, c->op, &c->name, c->error);
}

static gm_status apply_undone(
    call *c, const uint32_t *inputs, const char *name, uint32_t *out, gm_error *error) {
  gm_error unused;
  gm__mark before = gm__mark_now(c->graph);
  c->error = error ? error : &unused;
  gm_status status = apply(c, inputs, name);
  *out = status ? 0 : (uint32_t)c->graph->count - (uint32_t)c->op->results + 1;
  return gm__undone(c->graph, before, status);
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
