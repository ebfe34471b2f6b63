/* SPDX-License-Identifier: MIT
 *
 * epilogue. Law: a map that alone reads a product, element by element and where it lies, may be done with it:
 * the product is made where the map's result goes, and the map's program goes over it there, with the same
 * bits. It is done where the product was, if all else that it reads is there by then; else where the map was,
 * if nothing is kept alive for longer. */
#include <stdio.h>
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

/** The map's input that is the whole product, read where the result is written; -1: none. */
static int product_of(const attacher *a, const gm__step *map, uint32_t *maker) {
  const gm__operand *out = &map->operands[map->reads];
  const gm__buffer *buffers = a->program->buffers;
  int found = -1;
  for (int i = 0; i < map->reads; i++) {
    const gm__operand *o = &map->operands[i];
    uint32_t writer = a->uses.writer[o->buffer];
    bool whole =
        map->in_place >> i & 1 && o->offset == 0 && buffers[o->buffer].bytes == buffers[out->buffer].bytes;
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

static gm_status attach(attacher *a, gm__step *product, const gm__step *map, int input, gm__step *both) {
  gm__arena *arena = &a->program->arena;
  gm__operand operands[GM__MAP_INPUTS + 4];
  int reads = product->reads;
  gm__gemm *gemm = gm__arena_copy(arena, product->descriptor, sizeof *gemm);
  gm__map *program = turned(arena, map->descriptor, input);
  if (!gemm || !program) return gm__no_memory(a->error);
  for (int i = 0; i < reads; i++) operands[i] = product->operands[i];
  for (int i = 1; i < map->reads; i++) operands[reads++] = map->operands[i == input ? 0 : i];
  operands[reads] = map->operands[map->reads];
  gm__step step = *product;
  step.operands = gm__arena_copy(arena, operands, (size_t)(reads + 1) * sizeof *operands);
  if (!step.operands) return gm__no_memory(a->error);
  gemm->epilogue = program;
  step.descriptor = gemm;
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
  gm__step *steps = a->program->steps, both;
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
