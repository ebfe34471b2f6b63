/* SPDX-License-Identifier: MIT
 *
 * Specialising: dims are known, so every node is lowered to steps, outputs get buffers of their own, and
 * temporaries a place in the workspace. */
#include <string.h>
#include "base/checked.h"
#include "plan/lowering.h"

/* ---- Outputs ---- */

static gm_status copy_output(gm__lowering *s, uint32_t id, gm__view *view, uint32_t index, size_t bytes) {
  gm__view to = *view;
  gm__lower l = {.program = s->program, .node = id, .error = s->error};
  gm__view_pack(&to);
  to.offset = 0;
  GM_TRY(gm__program_buffer(s->program, GM__BUFFER_OUTPUT, index, bytes, &to.buffer, s->error));
  s->program->buffers[to.buffer].node = id;
  GM_TRY(gm__lower_copy(&l, view, &to));
  view->buffer = to.buffer;
  return GM_OK;
}

/** An output has its value's buffer itself, where that is the whole of a temporary that no output has yet. */
static gm_status lower_output(gm__lowering *s, gm__special *special, uint32_t index) {
  uint32_t id = s->plan->outputs[index];
  gm__view view;
  size_t bytes;
  GM_TRY(gm__forms_apply(s, id));
  gm__lowering_view(s, id, &view);
  GM_TRY(gm__shape_size(view.rank, view.dims, gm__dtype_bytes(view.dtype), NULL, &bytes, s->error));
  if (gm__lowering_whole(s, &view, bytes)) {
    s->program->buffers[view.buffer].kind = GM__BUFFER_OUTPUT;
    s->program->buffers[view.buffer].index = index;
  } else {
    GM_TRY(copy_output(s, id, &view, index, bytes));
  }
  special->output_buffers[index] = view.buffer;
  special->output_bytes[index] = bytes;
  special->outputs += bytes;
  special->output_dims[index] =
      gm__arena_copy(&s->program->arena, view.dims, (size_t)view.rank * sizeof *view.dims);
  return special->output_dims[index] ? GM_OK : gm__no_memory(s->error);
}

/* ---- The whole ---- */

static gm_status lower_all(gm__lowering *s, gm__special *special) {
  const gm_plan *plan = s->plan;
  GM_TRY(gm__lowering_begin(s));
  for (uint32_t id = 1; id <= plan->graph->count; id++) {
    if (gm__plan_computes(plan, id)) GM_TRY(gm__lowering_node(s, id));
  }
  for (uint32_t i = 0; i < plan->output_count; i++) GM_TRY(lower_output(s, special, i));
  return GM_OK;
}

/** Buffers that became one are one from here on: the others go, and what is left is numbered anew. */
static gm_status merge_buffers(gm__special *special, size_t output_count, gm_error *error) {
  gm__program *program = &special->program;
  gm__buffer *buffers = program->buffers;
  uint32_t *fresh = gm__alloc(program->buffer_count, sizeof *fresh), kept = 0;
  if (!fresh) return gm__no_memory(error);
  for (uint32_t i = 0; i < program->buffer_count; i++) fresh[i] = buffers[i].same == i ? kept++ : 0;
  for (size_t i = program->buffer_count; i-- > 0;) fresh[i] = fresh[buffers[i].same];
  for (uint32_t i = 0; i < program->buffer_count; i++) {
    if (buffers[i].same != i) continue;
    buffers[fresh[i]] = buffers[i];
    buffers[fresh[i]].same = fresh[i];
  }
  for (size_t s = 0; s < program->step_count; s++) {
    gm__operand *operands = (gm__operand *)(uintptr_t)program->steps[s].operands;
    int count = program->steps[s].reads + program->steps[s].writes;
    for (int o = 0; o < count; o++) operands[o].buffer = fresh[operands[o].buffer];
  }
  for (size_t i = 0; i < output_count; i++) special->output_buffers[i] = fresh[special->output_buffers[i]];
  for (size_t i = 0; i < program->packing_count; i++) {
    gm__packing *p = &program->packings[i];
    p->value = fresh[p->value], p->buffer = fresh[p->buffer];
  }
  program->buffer_count = kept;
  gm__free(fresh);
  return GM_OK;
}

static gm_status run_passes(gm_plan *plan, gm__special *special, gm__log *log, gm_error *error) {
  const gm__pass *pass;
  for (size_t i = 0; (pass = gm__pass_at(i)); i++) {
    if (pass->program && gm__pass_enabled(plan, pass))
      GM_TRY(pass->program(plan, pass, &special->program, log, error));
  }
  bool share = gm__pass_enabled(plan, &gm__pass_memory);
  GM_TRY(gm__memory_place(&special->program, share, special, error));
  if (log && share) GM_TRY(gm__memory_log(special, error));
  GM_TRY(merge_buffers(special, plan->output_count, error));
  const gm__step *steps = special->program.steps;
  while (special->once < special->program.step_count && steps[special->once].once) special->once++;
  for (size_t i = 0; i < special->program.step_count; i++) {
    special->flops += steps[i].flops;
    if (gm__step_gains(&steps[i])) special->gains += gm__step_time(&steps[i]);
  }
  for (size_t i = 0; i < special->program.packing_count; i++)
    special->packed += special->program.packings[i].bytes;
  return GM_OK;
}

/** Which buffers hold values of the store. */
static gm_status list_values(gm__special *special, gm_error *error) {
  gm__program *program = &special->program;
  for (size_t i = 0; i < program->buffer_count; i++)
    special->value_count += program->buffers[i].kind == GM__BUFFER_VALUE;
  special->value_buffers =
      gm__arena_alloc(&program->arena, special->value_count, sizeof *special->value_buffers);
  special->value_slots = gm__arena_alloc(&program->arena, special->value_count, sizeof *special->value_slots);
  if (!special->value_buffers || !special->value_slots) return gm__no_memory(error);
  for (uint32_t i = 0, at = 0; i < program->buffer_count; i++) {
    if (program->buffers[i].kind != GM__BUFFER_VALUE) continue;
    special->value_buffers[at] = i;
    special->value_slots[at++] = program->buffers[i].index;
  }
  return GM_OK;
}

static gm_status lower_plan(
    gm_plan *plan, const gm__values *values, gm__special *special, gm__log *log, gm_error *error) {
  gm__lowering s = {.plan = plan, .values = values, .program = &special->program, .log = log, .error = error};
  gm_status status = lower_all(&s, special);
  gm__lowering_end(&s);
  return status ? status : run_passes(plan, special, log, error);
}

/** Steps and buffers name the nodes of the plan's own graph. */
static void name_origins(const gm_plan *plan, const gm_plan *known, gm__program *program) {
  for (size_t i = 0; i < program->step_count; i++)
    program->steps[i].node = gm__known_origin(plan, known, program->steps[i].node);
  for (size_t i = 0; i < program->buffer_count; i++)
    program->buffers[i].node = gm__known_origin(plan, known, program->buffers[i].node);
}

/** Where a pass waits for the dims, it has its turn now. */
static gm_status lower_known(
    gm_plan *plan, const gm__values *values, gm__special *special, gm__log *log, gm_error *error) {
  gm_plan known;
  if (!plan->waits) return lower_plan(plan, values, special, log, error);
  gm_status status = gm__known_plan(plan, values, log, &known, error);
  if (status == GM_OK) status = lower_plan(&known, values, special, log, error);
  if (status == GM_OK) name_origins(plan, &known, &special->program);
  gm__known_free(&known);
  return status;
}

static gm_status fill(gm_plan *plan, const gm__values *values, const int64_t *key, bool logged,
    gm__special *special, gm_error *error) {
  gm__arena *arena = &special->program.arena;
  special->key = gm__arena_copy(arena, key, plan->key_length * sizeof *key);
  special->output_buffers = gm__arena_alloc(arena, plan->output_count, sizeof *special->output_buffers);
  special->output_dims = gm__arena_alloc(arena, plan->output_count, sizeof *special->output_dims);
  special->output_bytes = gm__arena_alloc(arena, plan->output_count, sizeof *special->output_bytes);
  bool stored = special->key && special->output_buffers && special->output_dims && special->output_bytes;
  if (!stored) return gm__no_memory(error);
  GM_TRY(lower_known(plan, values, special, logged ? &special->log : NULL, error));
  return list_values(special, error);
}

gm_status gm__special_new(gm_plan *plan, const gm__values *values, const int64_t *key, bool logged,
    gm__special **out, gm_error *error) {
  gm_error unused;
  gm__special *special = gm__alloc_zero(1, sizeof *special);
  *out = NULL;
  if (!special) return gm__no_memory(error);
  atomic_init(&special->references, 1);
  gm_status status = fill(plan, values, key, logged, special, error ? error : &unused);
  if (status) {
    gm__special_release(special);
    return status;
  }
  *out = special;
  return GM_OK;
}

void gm__special_release(gm__special *special) {
  if (!special || atomic_fetch_sub_explicit(&special->references, 1, memory_order_acq_rel) != 1) return;
  gm__program_free(&special->program);
  gm__log_free(&special->log);
  gm__free(special);
}

/* ---- The cache ---- */

static gm__special *find(const gm_plan *plan, const int64_t *key) {
  for (size_t i = 0; i < plan->cached; i++) {
    if (memcmp(plan->cache[i]->key, key, plan->key_length * sizeof *key) == 0) return plan->cache[i];
  }
  return NULL;
}

gm__special *gm__plan_find(gm_plan *plan, const int64_t *key) {
  pthread_mutex_lock(&plan->lock);
  gm__special *found = find(plan, key);
  if (found) {
    found->used = ++plan->clock;
    atomic_fetch_add_explicit(&found->references, 1, memory_order_relaxed);
  }
  pthread_mutex_unlock(&plan->lock);
  return found;
}

/** A place in the cache; *dropped is the one that stood there. */
static size_t make_room(gm_plan *plan, gm__special **dropped) {
  size_t at = 0;
  if (plan->cached < plan->cache_limit) return plan->cached++;
  for (size_t i = 1; i < plan->cached; i++) {
    if (plan->cache[i]->used < plan->cache[at]->used) at = i;
  }
  *dropped = plan->cache[at];
  return at;
}

void gm__plan_keep(gm_plan *plan, gm__special *special) {
  gm__special *dropped = NULL;
  pthread_mutex_lock(&plan->lock);
  if (!find(plan, special->key)) {
    plan->cache[make_room(plan, &dropped)] = special;
    special->used = ++plan->clock;
    atomic_fetch_add_explicit(&special->references, 1, memory_order_relaxed);
  }
  pthread_mutex_unlock(&plan->lock);
  gm__special_release(dropped);
}
