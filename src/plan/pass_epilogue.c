/* SPDX-License-Identifier: MIT
 *
 * epilogue. Law: a map that alone reads a product, element by element and where it lies, may be done with it:
 * the product is made where the map's result goes, and the map's program goes over it there, with the same
 * bits. It is done where the product was, if all else that it reads is there by then; else where the map was,
 * if nothing is kept alive for longer. Where the map's loops can be those over the product's batch, rows and
 * columns, a part of the product that is done is finished at once. */
#include <stdio.h>
#include <string.h>
#include "plan/step_uses.h"

typedef struct attacher {
  gm_plan *plan;
  const gm__pass *pass;
  gm__program *program;
  gm__log *log;
  gm__uses uses;
  gm_error *error;
} attacher;

static bool makes(const gm__step *maker, const gm__step *map) {
  return maker->kernel == &gm__kernel_gemm && maker->once == map->once;
}

static size_t size_of(const gm__operand *operand) {
  return gm__dtype_bytes((gm_dtype)operand->dtype);
}

/** Is an operand all of its buffer, read as the result, which is all of its own, is written? */
static bool is_whole(const gm__buffer *buffers, const gm__step *step, int i) {
  const gm__map *map = step->descriptor;
  const gm__operand *o = &step->operands[i], *out = &step->operands[step->reads];
  size_t rank = (size_t)map->loops.rank;
  const int64_t *strides = map->loops.strides;
  return o->offset == 0 && out->offset == 0 &&
         buffers[o->buffer].bytes / size_of(o) == buffers[out->buffer].bytes / size_of(out) &&
         memcmp(strides + (size_t)i * rank, strides + (size_t)map->inputs * rank, rank * sizeof *strides) ==
             0;
}

/** The map's input that is the whole product, read where the result is written; -1: none. */
static int product_of(const attacher *a, const gm__step *map, uint32_t *maker) {
  const gm__buffer *buffers = a->program->buffers;
  int found = -1;
  for (int i = 0; i < map->reads; i++) {
    const gm__operand *o = &map->operands[i];
    uint32_t writer = a->uses.writer[o->buffer];
    bool whole = is_whole(buffers, map, i);
    bool alone = buffers[o->buffer].kind == GM__BUFFER_TEMPORARY && a->uses.readers[o->buffer] == 1 &&
                 writer < GM__MANY_STEPS && makes(&a->program->steps[writer], map);
    if (!whole || !alone || (found >= 0 && writer <= *maker)) continue;
    found = i;
    *maker = writer;
  }
  for (int i = 0; i < map->reads && found >= 0; i++)
    if (i != found && map->operands[i].buffer == map->operands[found].buffer) return -1;
  return found;
}

/** Where the two are done as one: at the product, at the map, or nowhere. */
static uint32_t place_of(const attacher *a, const gm__step *map, int input, uint32_t maker, uint32_t at) {
  bool early = true;
  for (int i = 0; i < map->reads; i++) {
    uint32_t writer = a->uses.writer[map->operands[i].buffer];
    early = early && (i == input || writer == GM__NO_STEP || writer < maker);
  }
  if (early) return maker;
  bool next = gm__uses_nearest(&a->uses, at - 1) == maker;
  return next || gm__uses_held(a->program, &a->program->steps[maker], at) == 0 ? at : GM__NO_STEP;
}

/* ---- The step of both ---- */

/** The program with input `input` first. */
static gm__map *turned(gm__arena *arena, const gm__map *map, int input) {
  size_t rank = (size_t)map->loops.rank;
  gm__map *out = gm__arena_copy(arena, map, sizeof *map);
  gm__map_op *program = gm__arena_copy(arena, map->program, (size_t)map->count * sizeof *program);
  int64_t *strides =
      gm__arena_copy(arena, map->loops.strides, rank * (size_t)(map->inputs + 1) * sizeof *strides);
  if (!out || !program || !strides) return NULL;
  for (size_t a = 0; a < rank; a++) {
    strides[a] = map->loops.strides[(size_t)input * rank + a];
    strides[(size_t)input * rank + a] = map->loops.strides[a];
  }
  for (int i = 0; i < map->count; i++)
    for (int k = 0; k < program[i].arity; k++) {
      uint8_t *argument = &program[i].args[k];
      *argument = *argument == 0 ? (uint8_t)input : *argument == input ? 0 : *argument;
    }
  out->program = program;
  out->loops.strides = strides;
  return out;
}

/* ---- Parts: the program over the axes of the product ---- */

/** The stride of each operand along an axis of the product that takes `length` steps of `step` elements of
 * the result: within one axis of the map. */
static bool along(const gm__loops *map, int operands, int64_t step, int64_t length, int64_t *out, int rank) {
  const int64_t *result = map->strides + (size_t)(operands - 1) * (size_t)map->rank;
  int axis = 0;
  for (int i = 0; i < operands; i++) out[i * rank] = 0;
  if (length == 1) return true;
  while (axis < map->rank && result[axis] > step) axis++;
  if (axis == map->rank || result[axis] <= 0 || step % result[axis] != 0) return false;
  int64_t times = step / result[axis];
  if (times > map->dims[axis] || length > map->dims[axis] / times) return false;
  for (int i = 0; i < operands; i++) out[i * rank] = times * map->strides[i * map->rank + axis];
  return true;
}

/** The same loops over the batch, m and n, where there are such. */
static gm_status cut(gm__arena *arena, gm__gemm *gemm, gm__map *map, gm_error *error) {
  int batch = gemm->batch.rank, rank = batch + 2, operands = map->inputs + 1;
  int64_t *dims = gm__arena_alloc(arena, (size_t)rank * (size_t)(operands + 1), sizeof *dims);
  if (!dims) return gm__no_memory(error);
  int64_t *strides = dims + rank;
  for (int i = 0; i < batch; i++) dims[i] = gemm->batch.dims[i];
  dims[batch] = gemm->m, dims[batch + 1] = gemm->n;
  gemm->by_parts = rank <= GM__LOOPS_RANK;
  for (int i = 0; i < rank && gemm->by_parts; i++) {
    int64_t step = i < batch ? gemm->batch.strides[2 * batch + i] : i == batch ? gemm->c_row : gemm->c_column;
    gemm->by_parts = along(&map->loops, operands, step, dims[i], strides + i, rank);
  }
  if (gemm->by_parts) map->loops = (gm__loops){rank, dims, strides};
  return GM_OK;
}

/** One that makes elements of another size needs a provider that has the product elsewhere, part by part, and
 * no half of it that is still to be mirrored. */
static bool fits(const gm__gemm *gemm, const gm__operand *product, const gm__operand *result) {
  if (size_of(product) == size_of(result)) return true;
  return gemm->by_parts && !gemm->symmetric && gemm->k > 0 && gemm->provider && gemm->provider->part;
}

/** *both->kernel stays NULL where they cannot be one. */
static gm_status attach(attacher *a, gm__step *product, const gm__step *map, int input, gm__step *both) {
  gm__arena *arena = &a->program->arena;
  gm__operand operands[GM__MAP_INPUTS + 5];
  int reads = product->reads;
  gm__gemm *gemm = gm__arena_copy(arena, product->descriptor, sizeof *gemm);
  gm__map *program = turned(arena, map->descriptor, input);
  if (!gemm || !program) return gm__no_memory(a->error);
  GM_TRY(cut(arena, gemm, program, a->error));
  if (!fits(gemm, &product->operands[reads], &map->operands[map->reads])) return GM_OK;
  for (int i = 0; i < reads; i++) operands[i] = product->operands[i];
  for (int i = 1; i < map->reads; i++) operands[reads++] = map->operands[i == input ? 0 : i];
  operands[reads] = map->operands[map->reads];
  gm__step step = *product;
  step.operands = gm__arena_copy(arena, operands, (size_t)(reads + 1) * sizeof *operands);
  if (!step.operands) return gm__no_memory(a->error);
  gemm->epilogue = program;
  step.descriptor = gemm;
  if (size_of(&product->operands[product->reads]) != size_of(&operands[reads])) step.in_place = 0;
  step.reads = (uint16_t)reads;
  step.node = map->node;
  step.flops += map->flops;
  step.bytes += map->bytes - 2 * (double)a->program->buffers[map->operands[input].buffer].bytes;
  *both = step;
  return GM_OK;
}

static gm_status log_epilogue(
    const attacher *a, uint32_t product, const gm__step *both, double bytes_before) {
  char names[200], after[200], cost_before[40], cost_after[40];
  gm__text text = gm__text_into(after, sizeof after), list = gm__text_into(names, sizeof names);
  const char *label = gm__node_label(a->plan->graph, both->node);
  gm__text_format(&list, "%s, %s", gm__node_label(a->plan->graph, product), label);
  gm__text_end(&list);
  gm__text_add(&text, "one product, then ");
  gm__map_text(((const gm__gemm *)both->descriptor)->epilogue, &text);
  gm__text_end(&text);
  snprintf(cost_before, sizeof cost_before, "%.0f", bytes_before);
  snprintf(cost_after, sizeof cost_after, "%.0f", both->bytes);
  const gm__note note = {a->pass, label, names, after, "bytes", cost_before, cost_after};
  return gm__log_add(a->log, &note, a->error);
}

/* ---- The pass ---- */

/** Lives and uses after steps `maker` and `at` became one at `place`. */
static void note_attached(attacher *a, uint32_t value, uint32_t maker, uint32_t at, uint32_t place) {
  gm__buffer *buffers = a->program->buffers;
  const gm__step *both = &a->program->steps[place];
  uint32_t result = both->operands[both->reads].buffer;
  a->uses.gone[place == at ? maker : at] = true;
  a->uses.writer[result] = place;
  if (value < result) buffers[value].same = result;
  for (int i = 0; i < both->reads; i++) {
    gm__buffer *b = &buffers[both->operands[i].buffer];
    if (b->last < place) b->last = place;
  }
}

static gm_status attach_to(attacher *a, uint32_t at) {
  gm__step *steps = a->program->steps, both = {0};
  uint32_t maker = GM__NO_STEP;
  const gm__map *map = steps[at].descriptor;
  if (steps[at].kernel != &gm__kernel_map || map->inputs > GM__MAP_INPUTS) return GM_OK;
  int input = product_of(a, &steps[at], &maker);
  if (input < 0 || ((const gm__gemm *)steps[maker].descriptor)->epilogue) return GM_OK;
  uint32_t place = place_of(a, &steps[at], input, maker, at), product = steps[maker].node;
  uint32_t value = steps[at].operands[input].buffer;
  double bytes = steps[maker].bytes + steps[at].bytes;
  if (place == GM__NO_STEP) return GM_OK;
  GM_TRY(attach(a, &steps[maker], &steps[at], input, &both));
  if (!both.kernel) return GM_OK;
  steps[place] = both;
  note_attached(a, value, maker, at, place);
  return a->log ? log_epilogue(a, product, &both, bytes) : GM_OK;
}

static gm_status run(
    gm_plan *plan, const gm__pass *pass, gm__program *program, gm__log *log, gm_error *error) {
  attacher a = {.plan = plan, .pass = pass, .program = program, .log = log, .error = error};
  gm_status status = gm__uses_of(program, &a.uses, error);
  for (size_t s = 0; s < program->step_count && status == GM_OK; s++)
    if (!a.uses.gone[s]) status = attach_to(&a, (uint32_t)s);
  if (status == GM_OK) gm__uses_settle(&a.uses, program);
  gm__uses_free(&a.uses);
  return status;
}

const gm__pass gm__pass_epilogue = {
    .name = "epilogue", .law = "what alone reads a product is done with it", .program = run};
