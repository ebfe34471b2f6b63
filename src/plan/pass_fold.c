/* SPDX-License-Identifier: MIT
 *
 * fold. Law: what constants alone decide is computed once, when the plan is made, by the very steps that
 * would compute it in a run, so that no bit differs. Only where that makes nothing bigger: a result no larger
 * than its operands together, or of at most 64 KiB, and all of them within a budget of time and memory. What
 * is made of nothing (eye, arange, zeros_like) is never kept by itself, nor is a view; who reads them may be.
 * What fails is left to fail in the run. */
#include <string.h>
#include "base/checked.h"
#include "plan/lowering.h"

#define SMALL ((size_t)64 << 10)
#define MOST_BYTES ((size_t)64 << 20)
#define MOST_FLOPS 1e8

const gm__op gm__op_folded = {.name = "constant", .flags = GM__SOURCE, .results = 1, .max_inputs = 0};

/** What is known of a node: `constant` when its value is at hand, `lowered` when it has a view, `computed`
 * when steps made it, `read` when somebody needs it who is no constant that is kept. */
typedef struct state {
  bool constant, lowered, computed, read;
} state;

typedef struct folding {
  gm__lowering lowering;
  gm__program program;
  state *states; /* by node */
  char **bases;  /* by buffer: memory of this pass, or (owned is false) a value's */
  bool *owned;
  size_t base_count, base_capacity, owned_capacity;
  gm_error failure; /* of a step; such a node is no constant */
} folding;

/* ---- The memory of buffers ---- */

static gm_status add_base(folding *f, char *base, bool owned, gm_error *error) {
  size_t count = f->base_count + 1;
  if (!gm__grow((void **)&f->bases, &f->base_capacity, count, sizeof *f->bases) ||
      !gm__grow((void **)&f->owned, &f->owned_capacity, count, sizeof *f->owned)) {
    if (owned) gm__free(base);
    return gm__no_memory(error);
  }
  f->bases[f->base_count] = base;
  f->owned[f->base_count++] = owned;
  return GM_OK;
}

/** The memory of buffers that are new. */
static gm_status give_memory(folding *f, gm_error *error) {
  const gm_plan *plan = f->lowering.plan;
  while (f->base_count < f->program.buffer_count) {
    const gm__buffer *buffer = &f->program.buffers[f->base_count];
    bool owned = buffer->kind == GM__BUFFER_TEMPORARY;
    char *base = NULL;
    if (owned) base = gm__alloc_data(buffer->bytes);
    if (owned && !base) return gm__no_memory(error);
    if (buffer->kind == GM__BUFFER_FOLDED) base = plan->folded[buffer->index]->data;
    if (buffer->kind == GM__BUFFER_VALUE) {
      gm_tensor *value = gm__store_get(plan->graph->store, buffer->index);
      base = value->data;
      gm_tensor_free(value);
    }
    GM_TRY(add_base(f, base, owned, error));
  }
  return GM_OK;
}

/* ---- Which nodes ---- */

static size_t bytes_of(const gm_plan *plan, uint32_t id) {
  const gm__node *node = gm__node_of(plan->graph, id);
  int64_t dims[GM_MAX_RANK];
  size_t bytes;
  for (int a = 0; a < node->rank; a++) {
    dims[a] = gm__dim_value(plan->graph->dims, node->dims[a]);
    if (dims[a] < 0) return SIZE_MAX;
  }
  gm_status status =
      gm__shape_size(node->rank, dims, gm__dtype_bytes((gm_dtype)node->dtype), NULL, &bytes, NULL);
  return status ? SIZE_MAX : bytes;
}

static bool is_value(const gm__node *node) {
  return node->op == &gm__op_constant || node->op == &gm__op_number || node->op == &gm__op_folded;
}

/** Do constants alone decide it, and is it small enough, as the head says? */
static bool foldable(const folding *f, uint32_t id) {
  const gm_plan *plan = f->lowering.plan;
  const gm__node *node = gm__node_of(plan->graph, id);
  size_t operands = 0, bytes = bytes_of(plan, id);
  if (is_value(node)) return bytes != SIZE_MAX;
  if (node->op->flags & (GM__SOURCE | GM__RANDOM | GM__STATEFUL) || node->op->results != 1) return false;
  for (uint32_t i = 0; i < node->input_count; i++) {
    if (!f->states[node->inputs[i]].constant) return false;
    operands += bytes_of(plan, node->inputs[i]);
  }
  int64_t flops = node->flops == GM__DIM_AUTO ? -1 : gm__dim_value(plan->graph->dims, node->flops);
  bool fits = bytes <= operands || bytes <= SMALL;
  return fits && bytes <= MOST_BYTES - plan->fold_bytes && flops >= 0 &&
         (double)flops <= MOST_FLOPS - plan->fold_flops;
}

/* ---- Computing ---- */

static gm_status run_new(folding *f, size_t from) {
  const gm__run run = {f->bases, NULL, &f->failure};
  for (size_t i = from; i < f->program.step_count; i++) {
    const gm__step *step = &f->program.steps[i];
    f->lowering.plan->fold_flops += step->flops;
    GM_TRY(step->kernel->run(step, &run));
  }
  return GM_OK;
}

/** Constants and numbers are lowered when somebody first reads them. */
static gm_status lower_inputs(folding *f, const gm__node *node) {
  if (!f->lowering.held) GM_TRY(gm__lowering_begin(&f->lowering));
  for (uint32_t i = 0; i < node->input_count; i++) {
    state *input = &f->states[node->inputs[i]];
    if (!input->lowered) GM_TRY(gm__lowering_node(&f->lowering, node->inputs[i]));
    input->lowered = true;
  }
  return GM_OK;
}

static gm_status compute(folding *f, uint32_t id, gm_error *error) {
  gm_plan *plan = f->lowering.plan;
  size_t from = f->program.step_count;
  gm_status status = lower_inputs(f, gm__node_of(plan->graph, id));
  if (status == GM_OK) from = f->program.step_count;
  if (status == GM_OK) status = gm__lowering_node(&f->lowering, id);
  if (status == GM_OK) status = give_memory(f, &f->failure);
  if (status == GM_OK) status = run_new(f, from);
  if (status == GM_NO_MEMORY) return gm__no_memory(error);
  bool computed = f->program.step_count != from;
  f->states[id] = (state){.constant = status == GM_OK, .lowered = true, .computed = computed};
  if (computed) plan->fold_bytes += bytes_of(plan, id);
  return GM_OK;
}

/* ---- Keeping ---- */

/** Is the value worth keeping, and does it lie as the run would have it? */
static bool keepable(const folding *f, uint32_t id) {
  const gm_plan *plan = f->lowering.plan;
  gm__view view;
  if (!f->states[id].computed || gm__node_of(plan->graph, id)->op->flags & GM__FILL) return false;
  if (f->lowering.forms && f->lowering.raw[id]) return false;
  gm__lowering_view(&f->lowering, id, &view);
  return gm__lowering_whole(&f->lowering, &view, bytes_of(plan, id));
}

static gm_tensor *value_of(const folding *f, uint32_t id, gm_error *error) {
  gm__view view;
  gm__lowering_view(&f->lowering, id, &view);
  gm_tensor *value = gm_tensor_new(view.dtype, view.rank, view.dims, error);
  if (value) memcpy(value->data, f->bases[view.buffer], value->bytes);
  return value;
}

static gm_status log_folding(gm_plan *plan, const gm__pass *pass, uint32_t id, gm_error *error) {
  char cost[128];
  const char *label = gm__node_label(plan->graph, id);
  gm_node_flops_text(plan->graph, gm__handle(plan->graph, id), cost, sizeof cost);
  const gm__note note = {pass, label, label, "a constant", "flops", cost, "0"};
  return gm__log_add(&plan->log, &note, error);
}

static gm_status keep(folding *f, const gm__pass *pass, uint32_t id, gm_error *error) {
  gm_plan *plan = f->lowering.plan;
  size_t count = plan->folded_count;
  if (!gm__grow((void **)&plan->folded, &plan->folded_capacity, count + 1, sizeof *plan->folded)) {
    return gm__no_memory(error);
  }
  gm_tensor *value = value_of(f, id, error);
  if (!value) return GM_NO_MEMORY;
  plan->folded[plan->folded_count++] = value;
  GM_TRY(log_folding(plan, pass, id, error));
  gm__node *node = &plan->graph->nodes[id];
  node->op = &gm__op_folded;
  node->slot = (uint32_t)count;
  node->input_count = 0;
  plan->changed = true;
  return GM_OK;
}

/** Users before inputs: whoever is read and can be kept is kept, and needs its inputs no more. */
static gm_status keep_all(folding *f, const gm__pass *pass, gm_error *error) {
  const gm_plan *plan = f->lowering.plan;
  for (size_t i = 0; i < plan->output_count; i++) f->states[plan->outputs[i]].read = true;
  for (uint32_t id = (uint32_t)plan->graph->count; id > 0; id--) {
    const gm__node *node = gm__node_of(plan->graph, id);
    state *s = &f->states[id];
    if ((plan->unneeded && plan->unneeded[id]) || (s->constant && !s->read)) continue;
    if (s->constant && keepable(f, id))
      GM_TRY(keep(f, pass, id, error));
    else
      for (uint32_t i = 0; i < node->input_count; i++) f->states[node->inputs[i]].read = true;
  }
  return GM_OK;
}

/* ---- The pass ---- */

static gm_status fold(folding *f, const gm__pass *pass, gm_error *error) {
  const gm_plan *plan = f->lowering.plan;
  bool some = false;
  f->states = gm__alloc_zero(plan->graph->count + 1, sizeof *f->states);
  if (!f->states) return gm__no_memory(error);
  for (uint32_t id = 1; id <= plan->graph->count; id++) {
    if ((plan->unneeded && plan->unneeded[id]) || !foldable(f, id)) continue;
    if (is_value(gm__node_of(plan->graph, id)))
      f->states[id].constant = true;
    else
      GM_TRY(compute(f, id, error));
    some = some || f->states[id].computed;
  }
  return some ? keep_all(f, pass, error) : GM_OK;
}

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  folding f = {.lowering = {.plan = plan}};
  if (plan->known) return GM_OK;
  f.lowering.program = &f.program;
  f.lowering.error = &f.failure;
  gm_status status = fold(&f, pass, error);
  for (size_t i = 0; i < f.base_count; i++) {
    if (f.owned[i]) gm__free(f.bases[i]);
  }
  gm__free(f.bases);
  gm__free(f.owned);
  gm__free(f.states);
  gm__lowering_end(&f.lowering);
  gm__program_free(&f.program);
  return status;
}

const gm__pass gm__pass_fold = {
    .name = "fold", .law = "what constants alone decide is computed once", .graph = run};
