/* SPDX-License-Identifier: MIT
 *
 * Feeding, binding, preparing and running. A warm run checks three words (ready, the store's version,
 * cancelled) and walks the steps. */
#include "exec/executor.h"

#include <string.h>
#include "base/pool.h"

/* ---- The object ---- */

static gm_status make_outputs(gm_executor *e, gm_error *error) {
  static const int64_t zeros[GM_MAX_RANK];
  static char nothing[GM__ALIGNMENT];
  for (size_t i = 0; i < e->plan->output_count; i++) {
    const gm__node *node = gm__node_of(e->plan->graph, e->plan->outputs[i]);
    e->outputs[i].tensor =
        gm_tensor_wrap((gm_dtype)node->dtype, node->rank, zeros, nothing, NULL, NULL, error);
    if (!e->outputs[i].tensor) return GM_NO_MEMORY;
  }
  return GM_OK;
}

static gm_status make(gm_executor *e, gm_error *error) {
  const gm_plan *plan = e->plan;
  e->feeds = gm__alloc_zero(plan->feed_count, sizeof *e->feeds);
  e->outputs = gm__alloc_zero(plan->output_count, sizeof *e->outputs);
  e->key = gm__alloc_zero(plan->key_length, sizeof *e->key);
  e->bounds = gm__alloc_zero(plan->key_length, sizeof *e->bounds);
  e->feed_buffers = gm__alloc_zero(plan->feed_count, sizeof *e->feed_buffers);
  bool held = e->feeds && e->outputs && e->key && e->bounds && e->feed_buffers;
  if (!held || !gm__values_reserve(&e->values, plan->graph->dims)) return gm__no_memory(error);
  return make_outputs(e, error);
}

gm_executor *gm_executor_new(gm_plan *plan, gm_error *error) {
  if (!plan) {
    gm__fail(error, GM_BAD_ARGUMENT, "the plan is NULL");
    return NULL;
  }
  gm_executor *e = gm__alloc_zero(1, sizeof *e);
  if (!e) {
    gm__no_memory(error);
    return NULL;
  }
  e->plan = gm__plan_retain(plan);
  atomic_init(&e->cancelled, false);
  if (make(e, error) == GM_OK) return e;
  gm_executor_free(e);
  return NULL;
}

void gm_executor_trim(gm_executor *e) {
  if (!e) return;
  gm__free(e->workspace);
  e->workspace = NULL;
  e->workspace_size = 0;
  for (size_t i = 0; e->outputs && i < e->plan->output_count; i++) {
    gm__free(e->outputs[i].memory);
    e->outputs[i].memory = NULL;
    e->outputs[i].capacity = 0;
  }
  e->ready = e->ran = e->settled = false;
}

void gm_executor_free(gm_executor *e) {
  if (!e) return;
  gm_executor_trim(e);
  gm__snapshot_drop(e);
  for (size_t i = 0; e->outputs && i < e->plan->output_count; i++) gm_tensor_free(e->outputs[i].tensor);
  gm__special_release(e->special);
  gm__values_free(&e->values);
  gm__free(e->feeds);
  gm__free(e->outputs);
  gm__free(e->key);
  gm__free(e->bounds);
  gm__free(e->bases);
  gm__free(e->feed_buffers);
  gm__free(e->held);
  gm_plan_free(e->plan);
  gm__free(e);
}

void gm_executor_cancel(gm_executor *e) {
  if (e) atomic_store_explicit(&e->cancelled, true, memory_order_release);
}

/* ---- Feeding and binding ---- */

static const gm__node *feed_node(const gm_executor *e, size_t feed) {
  return gm__node_of(e->plan->graph, e->plan->feeds[feed].node);
}

static const char *shape_text(const gm_executor *e, int rank, const int64_t *dims, char buffer[160]) {
  gm__text text = gm__text_into(buffer, 160);
  gm__shape_text(e->plan->graph->dims, (gm__shape){rank, dims}, &text);
  gm__text_end(&text);
  return buffer;
}

static gm_status check_feed(
    const gm_executor *e, const gm__node *node, const gm_tensor *value, gm_error *error) {
  char wanted[160], given[160];
  if (value->dtype != (gm_dtype)node->dtype) {
    gm__fail(error, GM_BAD_DTYPE, "the placeholder '%s' is %s, but is fed %s", node->name,
        gm_dtype_name((gm_dtype)node->dtype), gm_dtype_name(value->dtype));
  } else if (value->rank != node->rank) {
    gm__fail(error, GM_BAD_SHAPE, "the placeholder '%s' has shape %s, but is fed %s", node->name,
        shape_text(e, node->rank, node->dims, wanted), shape_text(e, value->rank, value->dims, given));
  } else {
    return GM_OK;
  }
  gm__error_node(error, node->name);
  return value->dtype != (gm_dtype)node->dtype ? GM_BAD_DTYPE : GM_BAD_SHAPE;
}

static bool same_dims(const gm_tensor *a, const gm_tensor *b) {
  return a && b && a->rank == b->rank && memcmp(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims) == 0;
}

static bool overlaps(const void *a, size_t a_bytes, const void *b, size_t b_bytes) {
  uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
  return a_bytes && b_bytes && x < y + b_bytes && y < x + a_bytes;
}

static bool any_bound(const gm_executor *e) {
  for (size_t i = 0; i < e->plan->output_count; i++) {
    if (e->outputs[i].bound) return true;
  }
  return false;
}

static void rebase_feed(gm_executor *e, size_t feed, const gm_tensor *value) {
  uint32_t buffer = e->feed_buffers[feed];
  if (buffer != UINT32_MAX) e->bases[buffer] = value->data;
}

gm_status gm_executor_feed(gm_executor *e, const char *placeholder, const gm_tensor *value, gm_error *error) {
  if (!e || !placeholder) GM_FAIL(error, GM_BAD_ARGUMENT, "the executor or the placeholder's name is NULL");
  uint32_t at = gm__names_find(&e->plan->placeholders, placeholder, strlen(placeholder));
  if (at == 0) GM_FAIL(error, GM_BAD_ARGUMENT, "the graph has no placeholder '%.80s'", placeholder);
  if (at == GM__NOT_NEEDED) return GM_OK;
  size_t feed = at - 1;
  if (value) GM_TRY(check_feed(e, feed_node(e, feed), value, error));
  bool same = same_dims(e->feeds[feed], value);
  e->feeds[feed] = value;
  if (same && e->ready && !any_bound(e))
    rebase_feed(e, feed, value);
  else
    e->ready = false;
  return GM_OK;
}

gm_status gm_executor_bind_output(gm_executor *e, size_t index, gm_tensor *value, gm_error *error) {
  if (!e) GM_FAIL(error, GM_BAD_ARGUMENT, "the executor is NULL");
  if (index >= e->plan->output_count) {
    GM_FAIL(error, GM_BAD_ARGUMENT, "there is no output %zu: the plan has %zu", index, e->plan->output_count);
  }
  const gm_tensor *own = e->outputs[index].tensor;
  if (value && value->dtype != own->dtype) {
    GM_FAIL(error, GM_BAD_DTYPE, "output %zu is %s, but the bound tensor is %s", index,
        gm_dtype_name(own->dtype), gm_dtype_name(value->dtype));
  }
  if (!value && !e->outputs[index].bound) return GM_OK;
  e->outputs[index].bound = value;
  e->ready = e->ran = false;
  return GM_OK;
}

/* ---- Preparing ---- */

static gm_status missing_feeds(const gm_executor *e, gm_error *error) {
  char list[400];
  gm__text text = gm__text_into(list, sizeof list);
  const char *first = NULL;
  for (size_t f = 0; f < e->plan->feed_count; f++) {
    const gm__node *node = feed_node(e, f);
    if (e->feeds[f]) continue;
    gm__text_format(&text, "%s'%s' ", first ? ", " : "", node->name);
    gm__shape_text(e->plan->graph->dims, (gm__shape){node->rank, node->dims}, &text);
    if (!first) first = node->name;
  }
  gm__text_end(&text);
  if (!first) return GM_OK;
  gm__fail(error, GM_UNBOUND, "not fed: %s", list);
  gm__error_node(error, first);
  return GM_UNBOUND;
}

static void read_key(gm_executor *e) {
  for (size_t f = 0; f < e->plan->feed_count; f++) {
    const gm__node *node = feed_node(e, f);
    uint32_t key = e->plan->feeds[f].key;
    for (uint32_t a = 0; a < node->rank; a++) {
      e->key[key + a] = e->feeds[f]->dims[a];
      e->bounds[key + a] = (gm__bound){node->dims[a], e->feeds[f]->dims[a], {node->place, (int)a}};
    }
  }
}

/** The specialisation for the fed dims: the present one, one of the cache, or a new one. */
static gm_status choose_special(gm_executor *e, gm__special **out, gm_error *error) {
  gm_plan *plan = e->plan;
  read_key(e);
  *out = e->special;
  if (e->special && memcmp(e->special->key, e->key, plan->key_length * sizeof *e->key) == 0) return GM_OK;
  *out = gm__plan_find(plan, e->key);
  if (*out) return GM_OK;
  gm__namer namer = gm__graph_namer(plan->graph);
  gm__values_clear(&e->values, plan->graph->dims);
  GM_TRY(gm__dims_solve(plan->graph->dims, &e->values, e->bounds, plan->key_length, &namer, error));
  GM_TRY(gm__special_new(plan, &e->values, e->key, false, out, error));
  gm__plan_keep(plan, *out);
  return GM_OK;
}

static void take_special(gm_executor *e, gm__special *special) {
  if (special == e->special) return;
  gm__special_release(e->special);
  e->special = special;
  e->settled = false;
  gm__snapshot_drop(e);
}

static gm_status check_bound(const gm_executor *e, size_t index, gm_error *error) {
  const gm_tensor *bound = e->outputs[index].bound;
  int rank = e->outputs[index].tensor->rank;
  const int64_t *dims = e->special->output_dims[index];
  if (bound->rank != rank || memcmp(bound->dims, dims, (size_t)rank * sizeof *dims) != 0) {
    char wanted[160], given[160];
    GM_FAIL(error, GM_BAD_SHAPE, "output %zu has shape %s, but the bound tensor %s", index,
        shape_text(e, rank, dims, wanted), shape_text(e, bound->rank, bound->dims, given));
  }
  for (size_t f = 0; f < e->plan->feed_count; f++) {
    if (!overlaps(bound->data, bound->bytes, e->feeds[f]->data, e->feeds[f]->bytes)) continue;
    GM_FAIL(error, GM_BAD_ARGUMENT, "the tensor bound to output %zu overlaps the feed '%s'", index,
        feed_node(e, f)->name);
  }
  for (size_t i = 0; i < index; i++) {
    const gm_tensor *other = e->outputs[i].bound;
    if (!other || !overlaps(bound->data, bound->bytes, other->data, other->bytes)) continue;
    GM_FAIL(error, GM_BAD_ARGUMENT, "the tensors bound to outputs %zu and %zu overlap", i, index);
  }
  return GM_OK;
}

/** Memory for `bytes` or more. What is too small goes before anything larger is asked for: the two are never
 * there together. */
static gm_status fit(void **memory, size_t *capacity, size_t bytes, gm_error *error) {
  if (*memory && bytes <= *capacity) return GM_OK;
  gm__free(*memory);
  *capacity = 0;
  *memory = gm__alloc_data(bytes);
  if (!*memory) return gm__no_memory(error);
  *capacity = bytes;
  return GM_OK;
}

/** The address of an output: the bound tensor's, or memory of its own, grown as needed. */
static gm_status place_output(gm_executor *e, size_t index, void **data, gm_error *error) {
  gm__out *out = &e->outputs[index];
  size_t bytes = e->special->output_bytes[index];
  if (out->bound) {
    *data = out->bound->data;
    return check_bound(e, index, error);
  }
  GM_TRY(fit(&out->memory, &out->capacity, bytes, error));
  *data = out->memory;
  return GM_OK;
}

static gm_status place_outputs(gm_executor *e, gm_error *error) {
  for (size_t i = 0; i < e->plan->output_count; i++) {
    gm_tensor *tensor = e->outputs[i].tensor;
    GM_TRY(place_output(e, i, &tensor->data, error));
    memcpy(tensor->dims, e->special->output_dims[i], (size_t)tensor->rank * sizeof *tensor->dims);
    tensor->bytes = e->special->output_bytes[i];
    tensor->count = (int64_t)(tensor->bytes / gm__dtype_bytes(tensor->dtype));
    e->bases[e->special->output_buffers[i]] = tensor->data;
  }
  return GM_OK;
}

static void set_bases(gm_executor *e) {
  const gm__program *program = &e->special->program;
  for (size_t f = 0; f < e->plan->feed_count; f++) e->feed_buffers[f] = UINT32_MAX;
  for (size_t i = 0; i < program->buffer_count; i++) {
    const gm__buffer *buffer = &program->buffers[i];
    if (buffer->kind == GM__BUFFER_TEMPORARY) e->bases[i] = (char *)e->workspace + buffer->offset;
    if (buffer->kind == GM__BUFFER_FOLDED) e->bases[i] = e->plan->folded[buffer->index]->data;
    if (buffer->kind != GM__BUFFER_FEED) continue;
    e->feed_buffers[buffer->index] = (uint32_t)i;
    e->bases[i] = e->feeds[buffer->index]->data;
  }
}

/** A workspace in whole pages: the few bytes by which alignment makes smaller lengths need more are there. */
static size_t pages(size_t bytes) {
  const size_t page = 4096;
  return bytes > SIZE_MAX - page ? bytes : (bytes + page - 1) / page * page;
}

static gm_status ready(gm_executor *e, gm_error *error) {
  gm__special *special = NULL;
  e->solved = false;
  GM_TRY(missing_feeds(e, error));
  GM_TRY(choose_special(e, &special, error));
  take_special(e, special);
  size_t count = special->program.buffer_count;
  if (!gm__grow((void **)&e->bases, &e->base_capacity, count, sizeof *e->bases)) return gm__no_memory(error);
  GM_TRY(fit(&e->workspace, &e->workspace_size, pages(special->workspace), error));
  set_bases(e);
  GM_TRY(place_outputs(e, error));
  e->pool = gm__plan_pool(e->plan, special);
  e->ready = e->solved = true;
  return GM_OK;
}

gm_status gm_executor_prepare(gm_executor *e, gm_error *error) {
  if (!e) GM_FAIL(error, GM_BAD_ARGUMENT, "the executor is NULL");
  if (!e->ready) {
    e->ran = false;
    GM_TRY(ready(e, error));
  }
  return gm__snapshot_take(e, error);
}

/* ---- Running ---- */

/** Was the run cancelled? Forgets it. */
static bool cancelled(gm_executor *e) {
  if (!atomic_load_explicit(&e->cancelled, memory_order_relaxed)) return false;
  atomic_store_explicit(&e->cancelled, false, memory_order_relaxed);
  return true;
}

static gm_status run_steps(gm_executor *e, gm_error *error) {
  const gm__program *program = &e->special->program;
  const gm__run run = {e->bases, &e->pool, error};
  size_t from = e->settled ? e->special->once : 0, count = program->step_count;
  for (size_t i = from;; i++) {
    e->settled = e->settled || i == e->special->once;
    if (cancelled(e))
      GM_FAIL(error, GM_CANCELLED, "the run was cancelled after %zu of %zu steps", i - from, count - from);
    if (i == count) return GM_OK;
    gm_status status = gm__step_run(&program->steps[i], &run);
    if (status == GM_OK) continue;
    gm__error_node(error, gm__node_label(e->plan->graph, program->steps[i].node));
    return status;
  }
}

gm_status gm_executor_run(gm_executor *e, gm_error *error) {
  if (!e) GM_FAIL(error, GM_BAD_ARGUMENT, "the executor is NULL");
  e->ran = false;
  if (!e->ready) GM_TRY(ready(e, error));
  GM_TRY(gm__snapshot_take(e, error));
  gm__pool_enter(&e->pool);
  gm_status status = run_steps(e, error);
  gm__pool_leave(&e->pool);
  e->ran = status == GM_OK;
  return status;
}

const gm_tensor *gm_executor_output(const gm_executor *e, size_t index) {
  if (!e || index >= e->plan->output_count || !e->ran) return NULL;
  return e->outputs[index].bound ? e->outputs[index].bound : e->outputs[index].tensor;
}

const int64_t *gm_executor_output_dims(const gm_executor *e, size_t index, int *rank) {
  if (rank) *rank = -1;
  if (!e || index >= e->plan->output_count || !e->solved) return NULL;
  if (rank) *rank = e->outputs[index].tensor->rank;
  return e->special->output_dims[index];
}
