/* SPDX-License-Identifier: MIT
 *
 * prologue. Law: a reduction to one result may make each element, by the map that it alone reads, when it
 * comes to it: the elements and the order in which they are added are the same, and memory is read once and
 * never written. */
#include <stdio.h>
#include "plan/step_uses.h"

typedef struct joiner {
  gm_plan *plan;
  const gm__pass *pass;
  gm__program *program;
  gm__log *log;
  gm__uses uses;
  gm_error *error;
} joiner;

/** The step before `at`, if it is a map along one axis that this reduction of all alone reads. */
static bool may_join(const joiner *j, uint32_t at) {
  const gm__step *step = &j->program->steps[at], *maker = step - 1;
  const gm__reduce *how = step->descriptor;
  if (at == 0 || step->kernel != &gm__kernel_reduce || maker->kernel != &gm__kernel_map) return false;
  const gm__map *map = maker->descriptor;
  const gm__operand *made = &maker->operands[maker->reads];
  const gm__buffer *buffer = &j->program->buffers[made->buffer];
  bool all = how->outer.rank == 0 && how->inner.rank == 1 && how->inner.strides[0] == 1;
  bool alone = buffer->kind == GM__BUFFER_TEMPORARY && j->uses.readers[made->buffer] == 1 &&
               j->uses.writer[made->buffer] == at - 1 && step->operands[0].buffer == made->buffer;
  return all && alone && step->once == maker->once && made->offset == step->operands[0].offset &&
         !how->prologue && map->loops.rank == 1 && map->loops.dims[0] == how->inner_count &&
         map->loops.strides[map->inputs] == 1 && how->inner_count >= 2 * GM__REDUCE_CHUNK &&
         gm__reduces_once(how->op, (gm_dtype)made->dtype);
}

/** The map for so many elements. */
static const gm__map *piece(const joiner *j, const gm__map *map, int64_t count) {
  gm__arena *arena = &j->program->arena;
  gm__map *fresh = gm__arena_copy(arena, map, sizeof *map);
  if (fresh) fresh->loops.dims = gm__arena_copy(arena, &count, sizeof count);
  return fresh && fresh->loops.dims ? fresh : NULL;
}

static gm_status join(const joiner *j, const gm__step *maker, gm__step *step) {
  const gm__map *map = maker->descriptor;
  gm__arena *arena = &j->program->arena;
  gm__reduce how = *(const gm__reduce *)step->descriptor;
  size_t reads = maker->reads;
  double between =
      2 * (double)how.inner_count * (double)gm__dtype_bytes((gm_dtype)maker->operands[reads].dtype);
  int64_t rest = how.inner_count % GM__REDUCE_CHUNK;
  how.prologue = piece(j, map, GM__REDUCE_CHUNK);
  how.rest = piece(j, map, rest ? rest : GM__REDUCE_CHUNK);
  gm__operand *operands = gm__arena_alloc(arena, reads + 1, sizeof *operands);
  step->descriptor = gm__arena_copy(arena, &how, sizeof how);
  if (!how.prologue || !how.rest || !operands || !step->descriptor) return gm__no_memory(j->error);
  for (size_t i = 0; i < reads; i++) operands[i] = maker->operands[i];
  operands[reads] = step->operands[step->reads];
  step->operands = operands;
  step->reads = maker->reads;
  step->flops += maker->flops;
  step->bytes += maker->bytes - between;
  return GM_OK;
}

static gm_status log_join(const joiner *j, uint32_t maker, const gm__step *step, double bytes) {
  char names[300], before[40], after[40];
  const gm_graph *graph = j->plan->graph;
  const char *node = gm__node_label(graph, step->node);
  snprintf(names, sizeof names, "%.120s, %.120s", gm__node_label(graph, maker), node);
  snprintf(before, sizeof before, "%.0f", bytes);
  snprintf(after, sizeof after, "%.0f", step->bytes);
  const gm__note note = {j->pass, node, names, "one reduction", "bytes", before, after};
  return gm__log_add(j->log, &note, j->error);
}

static gm_status join_at(joiner *j, uint32_t at) {
  gm__step *step = &j->program->steps[at], *maker = step - 1;
  if (!may_join(j, at)) return GM_OK;
  double bytes = maker->bytes + step->bytes;
  GM_TRY(join(j, maker, step));
  j->uses.gone[at - 1] = true;
  return j->log ? log_join(j, maker->node, step, bytes) : GM_OK;
}

static gm_status run(
    gm_plan *plan, const gm__pass *pass, gm__program *program, gm__log *log, gm_error *error) {
  joiner j = {.plan = plan, .pass = pass, .program = program, .log = log, .error = error};
  gm_status status = gm__uses_of(program, &j.uses, error);
  for (size_t s = 1; s < program->step_count && status == GM_OK; s++) status = join_at(&j, (uint32_t)s);
  if (status == GM_OK) gm__uses_settle(&j.uses, program);
  gm__uses_free(&j.uses);
  return status;
}

const gm__pass gm__pass_prologue = {
    .name = "prologue", .law = "a reduction of all makes its elements as it reads them", .program = run};
