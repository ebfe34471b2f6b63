/* SPDX-License-Identifier: MIT
 *
 * Lowering: a node's record makes steps from the views of its inputs; what results is kept as a view,
 * compactly, for the nodes that read it. */
#include "plan/lowering.h"

#include <string.h>
#include "base/checked.h"

/** Where a node's value lies: dims and strides have `rank` entries each. */
struct gm__held {
  int64_t *dims, *strides;
  int64_t offset;
  uint32_t buffer;
  uint8_t rank, dtype;
};

gm_status gm__lowering_begin(gm__lowering *s) {
  s->held = gm__arena_zero(&s->scratch, s->plan->graph->count + 1, sizeof *s->held);
  return s->held ? gm__forms_begin(s) : gm__no_memory(s->error);
}

void gm__lowering_end(gm__lowering *s) {
  gm__arena_free(&s->scratch);
}

gm_status gm__lowering_hold(gm__lowering *s, uint32_t id, const gm__view *view) {
  gm__held *h = &s->held[id];
  size_t rank = (size_t)view->rank;
  h->dims = gm__arena_alloc(&s->scratch, 2 * rank, sizeof *h->dims);
  if (!h->dims) return gm__no_memory(s->error);
  h->strides = h->dims + rank;
  memcpy(h->dims, view->dims, rank * sizeof *h->dims);
  memcpy(h->strides, view->strides, rank * sizeof *h->strides);
  h->offset = view->offset;
  h->buffer = view->buffer;
  h->rank = (uint8_t)rank;
  h->dtype = (uint8_t)view->dtype;
  return GM_OK;
}

void gm__lowering_view(const gm__lowering *s, uint32_t id, gm__view *view) {
  const gm__held *h = &s->held[id];
  view->buffer = h->buffer;
  view->dtype = (gm_dtype)h->dtype;
  view->rank = h->rank;
  view->offset = h->offset;
  memcpy(view->dims, h->dims, h->rank * sizeof *h->dims);
  memcpy(view->strides, h->strides, h->rank * sizeof *h->strides);
}

bool gm__lowering_whole(const gm__lowering *s, const gm__view *view, size_t bytes) {
  const gm__buffer *buffer = &s->program->buffers[view->buffer];
  return buffer->kind == GM__BUFFER_TEMPORARY && view->offset == 0 && buffer->bytes == bytes &&
         gm__view_contiguous(view);
}

gm_status gm__lowering_length(const gm__lowering *s, const gm__node *node, int axis, int64_t *out) {
  gm_status status = GM_OK;
  if (s->values)
    status = gm__dim_evaluate(s->plan->graph->dims, node->dims[axis], s->values, out, s->error);
  else
    *out = gm__dim_value(s->plan->graph->dims, node->dims[axis]);
  if (status && node->name) gm__error_node(s->error, node->name);
  return status;
}

/** The view of a contiguous value with the node's dtype and dims, in no buffer yet. */
static gm_status shape_of(const gm__lowering *s, const gm__node *node, gm__view *view, size_t *bytes) {
  view->dtype = (gm_dtype)node->dtype;
  view->rank = node->rank;
  view->offset = 0;
  view->buffer = 0;
  for (int a = 0; a < node->rank; a++) GM_TRY(gm__lowering_length(s, node, a, &view->dims[a]));
  GM_TRY(gm__shape_size(view->rank, view->dims, gm__dtype_bytes(view->dtype), NULL, bytes, s->error));
  gm__view_pack(view);
  return GM_OK;
}

/* ---- Sources ---- */

static uint32_t feed_index(const gm_plan *plan, uint32_t id) {
  size_t low = 0, high = plan->feed_count - 1;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (plan->feeds[middle].node < id)
      low = middle + 1;
    else
      high = middle;
  }
  return (uint32_t)low;
}

static gm_status lower_source(gm__lowering *s, uint32_t id) {
  const gm__node *node = gm__node_of(s->plan->graph, id);
  bool fed = node->op == &gm__op_placeholder;
  gm__buffer_kind kind = fed                          ? GM__BUFFER_FEED
                         : node->op == &gm__op_folded ? GM__BUFFER_FOLDED
                                                      : GM__BUFFER_VALUE;
  gm__view view;
  size_t bytes;
  GM_TRY(shape_of(s, node, &view, &bytes));
  GM_TRY(gm__program_buffer(
      s->program, kind, fed ? feed_index(s->plan, id) : node->slot, bytes, &view.buffer, s->error));
  s->program->buffers[view.buffer].node = id;
  gm__forms_settle(s, id, &view);
  return gm__lowering_hold(s, id, &view);
}

/* ---- Operations ---- */

/** Which inputs have a dim that is not known by now. */
static uint32_t open_inputs(const gm_graph *graph, const gm__node *node) {
  uint32_t open = 0;
  for (uint32_t i = 0; i < node->input_count && i < 32; i++) {
    const gm__node *input = gm__node_of(graph, node->inputs[i]);
    bool unknown = input->open;
    for (int a = 0; a < input->rank; a++) unknown = unknown || gm__dim_value(graph->dims, input->dims[a]) < 0;
    open |= unknown ? UINT32_C(1) << i : 0;
  }
  return open;
}

static gm_status lower_results(gm__lowering *s, uint32_t id, gm__view *in, gm__view *out) {
  const gm__node *node = gm__node_of(s->plan->graph, id);
  const gm_plan_options *options = &s->plan->options;
  GM_TRY(gm__forms_prepare(s, id));
  size_t bytes, before = s->program->step_count;
  for (uint32_t i = 0; i < node->input_count; i++) gm__lowering_view(s, node->inputs[i], &in[i]);
  for (int r = 0; r < node->op->results; r++) {
    GM_TRY(shape_of(s, gm__node_of(s->plan->graph, id + (uint32_t)r), &out[r], &bytes));
  }
  gm__lower l = {.op = node->op,
      .attrs = node->attrs,
      .in = in,
      .count = (int)node->input_count,
      .out = out,
      .program = s->program,
      .kernel = options->kernel,
      .exact = options->exact,
      .check_structure = options->check_structure,
      .keep_blas_threads = options->flags & GM_PLAN_KEEP_BLAS_THREADS,
      .open = open_inputs(s->plan->graph, node),
      .node = id,
      .error = s->error};
  gm_status status = gm__forms_lower(s, &l, in);
  if (status == GM_OK && node->op->flags & GM__VIEW) status = gm__views_settle(s, &l, before);
  if (status) gm__error_node(s->error, gm__node_label(s->plan->graph, id));
  GM_TRY(status);
  gm__forms_settle(s, id, out);
  for (int r = 0; r < node->op->results; r++) GM_TRY(gm__lowering_hold(s, id + (uint32_t)r, &out[r]));
  return GM_OK;
}

gm_status gm__lowering_node(gm__lowering *s, uint32_t id) {
  const gm__node *node = gm__node_of(s->plan->graph, id);
  if (node->op->flags & GM__SOURCE) return lower_source(s, id);
  if (node->result) return GM_OK;
  gm__view few[4], out[GM__MAX_RESULTS];
  if (node->input_count <= 4) return lower_results(s, id, few, out);
  gm__view *many = gm__alloc(node->input_count, sizeof *many);
  gm_status status = many ? lower_results(s, id, many, out) : gm__no_memory(s->error);
  gm__free(many);
  return status;
}
