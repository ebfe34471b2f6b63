/* SPDX-License-Identifier: MIT
 *
 * The public builders of sources. Each keeps the first failure in the graph and returns {0}. */
#include "graph/graph.h"

#include <string.h>

static gm_node finished(gm_graph *graph, gm_status status, uint32_t id, const gm_error *error) {
  return status ? gm__graph_failed(graph, error) : gm__handle(graph, id);
}

gm_node gm_placeholder(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape) {
  gm_error error = {0};
  uint32_t id = 0;
  if (!graph) return (gm_node){0};
  gm_status status = gm__graph_placeholder(graph, name, dtype, shape, &id, &error);
  return finished(graph, status, id, &error);
}

static gm_node copied(gm_graph *graph, const gm__op *source, const char *name, const gm_tensor *value) {
  gm_error error = {0};
  uint32_t id = 0;
  if (!graph) return (gm_node){0};
  gm_status status = value ? GM_OK : gm__fail(&error, GM_BAD_ARGUMENT, "%s: the value is NULL", source->name);
  gm_tensor *copy = status ? NULL : gm__tensor_copy(value, &error);
  if (copy)
    status = gm__graph_value(graph, source, name, copy, NULL, &id, &error);
  else if (!status)
    status = error.status;
  gm_tensor_free(copy);
  return finished(graph, status, id, &error);
}

gm_node gm_variable(gm_graph *graph, const char *name, const gm_tensor *value) {
  return copied(graph, &gm__op_variable, name, value);
}

gm_node gm_constant(gm_graph *graph, const char *name, const gm_tensor *value) {
  return copied(graph, &gm__op_constant, name, value);
}

gm_node gm_number(gm_graph *graph, double value) {
  gm_error error = {0};
  uint32_t id = 0;
  if (!graph) return (gm_node){0};
  gm_status status = gm__graph_number(graph, value, NULL, &id, &error);
  return finished(graph, status, id, &error);
}

gm_node gm_integer(gm_graph *graph, int64_t value) {
  gm_error error = {0};
  uint32_t id = 0;
  if (!graph) return (gm_node){0};
  gm_status status = gm__graph_number(graph, 0, &value, &id, &error);
  return finished(graph, status, id, &error);
}

/* ---- Initialisers ---- */

static gm_status fill(gm_tensor *value, double number, gm_error *error) {
  unsigned char element[16] = {0};
  size_t size = gm__dtype_bytes(value->dtype);
  if (!gm__element_from_double(element, value->dtype, number)) {
    GM_FAIL(
        error, GM_BAD_ARGUMENT, "the value %.17g cannot be held by %s", number, gm_dtype_name(value->dtype));
  }
  char *to = value->data;
  for (int64_t i = 0; i < value->count; i++) memcpy(to + (size_t)i * size, element, size);
  return GM_OK;
}

static gm_status initialise(gm_tensor *value, const gm__init *init, gm_error *error) {
  switch (init->kind) {
  case GM__INIT_ONES: return fill(value, 1, error);
  case GM__INIT_CONSTANT: return fill(value, init->a, error);
  case GM__INIT_UNIFORM: return gm_tensor_random_uniform(value, init->a, init->b, init->seed, error);
  case GM__INIT_NORMAL: return gm_tensor_random_normal(value, init->a, init->b, init->seed, error);
  case GM__INIT_VALUE:
  case GM__INIT_ZEROS: break;
  }
  return GM_OK;
}

static gm_status known_shape(const gm_graph *graph, int rank, const gm__dim *dims, gm_error *error) {
  gm__shape shape = {rank, dims};
  for (int a = 0; a < rank; a++) {
    if (gm__dim_known(dims[a])) continue;
    char text[160];
    gm__text out = gm__text_into(text, sizeof text);
    gm__shape_text(graph->dims, shape, &out);
    gm__text_end(&out);
    GM_FAIL(error, GM_BAD_SHAPE, "a variable's shape must be known, but is %s", text);
  }
  return GM_OK;
}

static gm_status make_value(gm_graph *graph, gm_dtype dtype, const char *shape, const gm__init *init,
    gm_tensor **value, gm_error *error) {
  gm__dim dims[GM_MAX_RANK];
  int rank = 0;
  gm__dims_mark mark = gm__dims_now(graph->dims);
  if (!gm__dtype_valid(dtype)) GM_FAIL(error, GM_BAD_DTYPE, "%d is not a dtype", (int)dtype);
  gm_status status = gm__shape_read(graph->dims, shape ? shape : "", false, &rank, dims, error);
  if (status == GM_OK) status = known_shape(graph, rank, dims, error);
  gm__dims_rewind(graph->dims, mark);
  GM_TRY(status);
  gm_error made = {0};
  *value = gm_tensor_new(dtype, rank, dims, &made);
  if (!*value) {
    if (error) *error = made;
    return made.status;
  }
  return initialise(*value, init, error);
}

gm_status gm__graph_initialised(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape,
    const gm__init *init, uint32_t *out, gm_error *error) {
  gm_tensor *value = NULL;
  gm_status status = make_value(graph, dtype, shape, init, &value, error);
  if (status && name) gm__error_node(error, name);
  if (status == GM_OK) status = gm__graph_value(graph, &gm__op_variable, name, value, init, out, error);
  gm_tensor_free(value);
  return status;
}

static gm_node initialised(
    gm_graph *graph, const char *name, gm_dtype dtype, const char *shape, gm__init init) {
  gm_error error = {0};
  uint32_t id = 0;
  if (!graph) return (gm_node){0};
  gm_status status = gm__graph_initialised(graph, name, dtype, shape, &init, &id, &error);
  return finished(graph, status, id, &error);
}

gm_node gm_zeros(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape) {
  return initialised(graph, name, dtype, shape, (gm__init){GM__INIT_ZEROS, 0, 0, 0});
}

gm_node gm_ones(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape) {
  return initialised(graph, name, dtype, shape, (gm__init){GM__INIT_ONES, 0, 0, 0});
}

gm_node gm_full(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape, double value) {
  return initialised(graph, name, dtype, shape, (gm__init){GM__INIT_CONSTANT, value, 0, 0});
}

gm_node gm_random_uniform_variable(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape,
    double low, double high, uint64_t seed) {
  return initialised(graph, name, dtype, shape, (gm__init){GM__INIT_UNIFORM, low, high, seed});
}

gm_node gm_random_normal_variable(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape,
    double mean, double scale, uint64_t seed) {
  return initialised(graph, name, dtype, shape, (gm__init){GM__INIT_NORMAL, mean, scale, seed});
}

/* ---- Values ---- */

static gm_status value_node(
    const gm_graph *graph, gm_node handle, bool constants, gm__node *node, gm_error *error) {
  if (!gm__node_copy(graph, handle, node)) GM_FAIL(error, GM_BAD_ARGUMENT, "not a node of this graph");
  if (node->op == &gm__op_variable || (constants && node->op == &gm__op_constant)) return GM_OK;
  const char *name = node->name ? node->name : "a number";
  gm__fail(error, GM_BAD_ARGUMENT, "'%s' is no variable, but a node '%s'", name, node->op->name);
  gm__error_node(error, name);
  return GM_BAD_ARGUMENT;
}

gm_status gm_variable_get(const gm_graph *graph, gm_node variable, gm_tensor **value, gm_error *error) {
  gm__node node;
  if (!value) GM_FAIL(error, GM_BAD_ARGUMENT, "there is nowhere to put the value");
  *value = NULL;
  GM_TRY(value_node(graph, variable, true, &node, error));
  gm_error made = {0};
  gm_tensor *held = gm__store_get(graph->store, node.slot);
  *value = gm__tensor_copy(held, &made);
  gm_tensor_free(held);
  if (!*value && error) *error = made;
  return *value ? GM_OK : made.status;
}

static gm_status same_type(
    const gm_graph *graph, const gm__node *node, const gm_tensor *value, gm_error *error) {
  char is[160], must[160];
  gm__text text = gm__text_into(is, sizeof is);
  if (value->dtype != (gm_dtype)node->dtype) {
    GM_FAIL(error, GM_BAD_DTYPE, "the variable '%s' is %s, but the value is %s", node->name,
        gm_dtype_name((gm_dtype)node->dtype), gm_dtype_name(value->dtype));
  }
  if (value->rank == node->rank && memcmp(value->dims, node->dims, node->rank * sizeof *value->dims) == 0)
    return GM_OK;
  gm__shape_text(graph->dims, (gm__shape){value->rank, value->dims}, &text);
  gm__text_end(&text);
  text = gm__text_into(must, sizeof must);
  gm__shape_text(graph->dims, (gm__shape){node->rank, node->dims}, &text);
  gm__text_end(&text);
  GM_FAIL(error, GM_BAD_SHAPE, "the variable '%s' has shape %s, but the value %s", node->name, must, is);
}

gm_status gm_variable_set(gm_graph *graph, gm_node variable, const gm_tensor *value, gm_error *error) {
  gm__node node;
  GM_TRY(value_node(graph, variable, false, &node, error));
  if (!value) GM_FAIL(error, GM_BAD_ARGUMENT, "the value is NULL");
  gm_status status = same_type(graph, &node, value, error);
  if (status) gm__error_node(error, node.name);
  GM_TRY(status);
  gm_error made = {0};
  gm_tensor *copy = gm__tensor_copy(value, &made);
  if (!copy) {
    if (error) *error = made;
    return made.status;
  }
  gm__store_set(graph->store, node.slot, copy);
  gm_tensor_free(copy);
  return GM_OK;
}
