/* SPDX-License-Identifier: MIT
 *
 * Making buffers and steps: loops coalesced, operands addressed, costs counted. Products are in
 * lower_product.c, movements in lower_move.c. */
#include "graph/lower.h"

#include <string.h>
#include "base/checked.h"
#include "graph/lower_step.h"

void gm__program_free(gm__program *program) {
  gm__free(program->steps);
  gm__free(program->buffers);
  gm__free(program->packings);
  gm__arena_free(&program->arena);
  memset(program, 0, sizeof *program);
}

gm_status gm__program_buffer(gm__program *program, gm__buffer_kind kind, uint32_t index, size_t bytes,
    uint32_t *out, gm_error *error) {
  size_t count = program->buffer_count;
  if (!gm__grow((void **)&program->buffers, &program->buffer_capacity, count + 1, sizeof *program->buffers)) {
    return gm__no_memory(error);
  }
  *out = (uint32_t)count;
  program->buffers[program->buffer_count++] =
      (gm__buffer){.kind = kind, .index = index, .same = *out, .bytes = bytes, .first = UINT32_MAX};
  return GM_OK;
}

gm_status gm__lower_new(gm__lower *l, gm__view *view) {
  size_t bytes;
  GM_TRY(gm__shape_size(view->rank, view->dims, gm__dtype_bytes(view->dtype), NULL, &bytes, l->error));
  view->offset = 0;
  gm__view_pack(view);
  GM_TRY(gm__program_buffer(l->program, GM__BUFFER_TEMPORARY, 0, bytes, &view->buffer, l->error));
  l->program->buffers[view->buffer].node = l->node;
  return GM_OK;
}

/* ---- Steps ---- */

gm__operand gm__lower_operand(const gm__view *view) {
  return (gm__operand){
      view->buffer, (uint32_t)view->dtype, view->offset * (int64_t)gm__dtype_bytes(view->dtype)};
}

static void touch(gm__program *program, const gm__operand *operand, uint32_t step) {
  gm__buffer *buffer = &program->buffers[operand->buffer];
  if (buffer->first == UINT32_MAX) buffer->first = step;
  buffer->last = step;
}

gm_status gm__lower_step(gm__lower *l, const gm__kernel *kernel, const gm__operand *operands, int reads,
    int writes, const void *descriptor, size_t size, gm__step **out) {
  gm__program *p = l->program;
  size_t count = p->step_count, operand_count = (size_t)(reads + writes);
  if (!gm__grow((void **)&p->steps, &p->step_capacity, count + 1, sizeof *p->steps))
    return gm__no_memory(l->error);
  gm__step *step = &p->steps[count];
  *step = (gm__step){.kernel = kernel, .reads = (uint16_t)reads, .writes = (uint16_t)writes, .node = l->node};
  step->operands = gm__arena_copy(&p->arena, operands, operand_count * sizeof *operands);
  step->descriptor = gm__arena_copy(&p->arena, descriptor, size);
  if (!step->operands || !step->descriptor) return gm__no_memory(l->error);
  for (size_t i = 0; i < operand_count; i++) touch(p, &operands[i], (uint32_t)count);
  p->step_count++;
  *out = step;
  return GM_OK;
}

gm_status gm__lower_loops(gm__lower *l, const gm__nest *nest, gm__loops *out) {
  size_t rank = (size_t)nest->rank;
  int64_t *strides = gm__arena_alloc(&l->program->arena, rank * (size_t)nest->operands, sizeof *strides);
  const int64_t *dims = gm__arena_copy(&l->program->arena, nest->dims, rank * sizeof *dims);
  if (!strides || !dims) return gm__no_memory(l->error);
  for (int o = 0; o < nest->operands; o++)
    memcpy(strides + (size_t)o * rank, nest->strides[o], rank * sizeof *strides);
  *out = (gm__loops){nest->rank, dims, strides};
  return GM_OK;
}

int64_t gm__nest_count(const gm__nest *nest) {
  int64_t count = 1;
  for (int a = 0; a < nest->rank; a++) count *= nest->dims[a];
  return count;
}

double gm__lower_bytes(const gm__view *view) {
  double count = (double)gm__dtype_bytes(view->dtype);
  for (int a = 0; a < view->rank; a++) count *= view->strides[a] ? (double)view->dims[a] : 1;
  return count;
}

/* ---- Maps ---- */

/** Loops of a map have as many operands as the program has inputs; they are coalesced by hand here. */
static gm_status map_loops(gm__lower *l, const gm__view *views, int operands, gm__loops *out) {
  const gm__view *shape = &views[operands - 1];
  size_t rank = (size_t)shape->rank;
  int64_t *dims = gm__arena_alloc(&l->program->arena, rank, sizeof *dims);
  int64_t *strides = gm__arena_alloc(&l->program->arena, rank * (size_t)operands, sizeof *strides);
  if (!dims || !strides) return gm__no_memory(l->error);
  int kept = 0, axis_of[GM_MAX_RANK];
  for (int a = 0; a < shape->rank; a++) {
    if (shape->dims[a] == 1) continue;
    bool merges = kept > 0;
    for (int o = 0; o < operands && merges; o++) {
      merges = views[o].strides[axis_of[kept - 1]] == shape->dims[a] * views[o].strides[a];
    }
    if (!merges) dims[kept++] = 1;
    dims[kept - 1] *= shape->dims[a];
    axis_of[kept - 1] = a;
  }
  for (int o = 0; o < operands; o++) {
    for (int a = 0; a < kept; a++) strides[o * kept + a] = views[o].strides[axis_of[a]];
  }
  *out = (gm__loops){kept, dims, strides};
  return GM_OK;
}

static bool same_access(const gm__view *a, const gm__view *b) {
  if (a->offset != b->offset || gm__dtype_bytes(a->dtype) != gm__dtype_bytes(b->dtype)) return false;
  for (int i = 0; i < b->rank; i++) {
    if (b->dims[i] != 1 && a->strides[i] != b->strides[i]) return false;
  }
  return true;
}

/** What counts: conversions before an operation do not. */
static int operations_of(const gm__map_op *ops, int count) {
  int counted = 0;
  for (int i = 0; i < count; i++) counted += strcmp(ops[i].name, "cast") != 0;
  return counted ? counted : 1;
}

gm_status gm__lower_map(
    gm__lower *l, const gm__map_op *ops, int count, const gm__view *in, int inputs, const gm__view *out) {
  int64_t elements = gm__view_count(out);
  if (elements == 0) return GM_OK;
  gm__view views[GM__MAP_INPUTS + 1];
  gm__operand operands[GM__MAP_INPUTS + 1];
  double bytes = gm__lower_bytes(out);
  uint32_t in_place = 0;
  for (int i = 0; i < inputs; i++) {
    views[i] = in[i];
    gm__view_broadcast(&views[i], out->rank, out->dims);
    operands[i] = gm__lower_operand(&in[i]);
    bytes += gm__lower_bytes(&in[i]);
    if (same_access(&views[i], out)) in_place |= 1u << i;
  }
  views[inputs] = *out;
  operands[inputs] = gm__lower_operand(out);
  gm__map map = {.inputs = inputs, .count = count};
  gm__step *step;
  gm__map_op *program = gm__arena_copy(&l->program->arena, ops, (size_t)count * sizeof *ops);
  if (!program) return gm__no_memory(l->error);
  gm__map_allot(&map, program);
  GM_TRY(map_loops(l, views, inputs + 1, &map.loops));
  GM_TRY(gm__lower_step(l, &gm__kernel_map, operands, inputs, 1, &map, sizeof map, &step));
  step->in_place = in_place;
  step->flops = (double)elements * operations_of(ops, count);
  step->bytes = bytes;
  return GM_OK;
}

gm_status gm__lower_function(gm__lower *l, const char *name, gm_dtype dtype, const double *parameters,
    int parameter_count, const gm__view *in, int inputs, const gm__view *out) {
  gm_dtype result;
  gm__map_op op = {.function = gm__map_find(name, dtype, &result),
      .name = name,
      .arity = (uint8_t)inputs,
      .args = {0, 1, 2}};
  if (!op.function) GM_FAIL(l->error, GM_BAD_DTYPE, "%s: there is none for %s", name, gm_dtype_name(dtype));
  op.dtype = (uint8_t)result;
  op.parameters =
      gm__arena_copy(&l->program->arena, parameters, (size_t)parameter_count * sizeof *parameters);
  if (!op.parameters) return gm__no_memory(l->error);
  return gm__lower_map(l, &op, 1, in, inputs, out);
}

gm_status gm__lower_cast(gm__lower *l, gm__view *view, gm_dtype dtype) {
  if (view->dtype == dtype) return GM_OK;
  gm__view out = *view;
  out.dtype = dtype;
  GM_TRY(gm__lower_new(l, &out));
  const gm__map_op op = {
      .function = gm__map_cast(view->dtype, dtype), .name = "cast", .arity = 1, .dtype = (uint8_t)dtype};
  GM_TRY(gm__lower_map(l, &op, 1, view, 1, &out));
  *view = out;
  return GM_OK;
}

/* ---- Reductions and their like ---- */

gm_status gm__lower_reduce(
    gm__lower *l, gm__reduction op, const bool *axes, const gm__view *in, const gm__view *out) {
  gm__nest outer = {.operands = 2}, inner = {.operands = 1};
  for (int a = 0, kept = 0; a < in->rank; a++) {
    if (axes[a])
      gm__nest_push(&inner, in->dims[a], &in->strides[a]);
    else
      gm__nest_push(&outer, in->dims[a], (int64_t[]){in->strides[a], out->strides[kept++]});
  }
  if (gm__nest_count(&outer) == 0) return GM_OK;
  gm__reduce reduce = {.op = op, .inner_count = gm__nest_count(&inner)};
  const gm__operand operands[2] = {gm__lower_operand(in), gm__lower_operand(out)};
  gm__step *step;
  GM_TRY(gm__lower_loops(l, &outer, &reduce.outer));
  GM_TRY(gm__lower_loops(l, &inner, &reduce.inner));
  GM_TRY(gm__lower_step(l, &gm__kernel_reduce, operands, 1, 1, &reduce, sizeof reduce, &step));
  step->flops = (double)gm__view_count(in);
  step->bytes = gm__lower_bytes(in) + gm__lower_bytes(out);
  return GM_OK;
}

gm_status gm__lower_softmax(gm__lower *l, int axis, const gm__view *in, const gm__view *out) {
  gm__nest outer = {.operands = 2};
  for (int a = 0; a < in->rank; a++) {
    if (a != axis) gm__nest_push(&outer, in->dims[a], (int64_t[]){in->strides[a], out->strides[a]});
  }
  if (gm__view_count(out) == 0) return GM_OK;
  gm__normalise softmax = {
      .length = in->dims[axis], .stride_in = in->strides[axis], .stride_out = out->strides[axis]};
  const gm__operand operands[2] = {gm__lower_operand(in), gm__lower_operand(out)};
  gm__step *step;
  GM_TRY(gm__lower_loops(l, &outer, &softmax.outer));
  GM_TRY(gm__lower_step(l, &gm__kernel_softmax, operands, 1, 1, &softmax, sizeof softmax, &step));
  step->in_place = same_access(in, out);
  step->flops = (double)gm__view_count(out);
  step->bytes = gm__lower_bytes(in) + gm__lower_bytes(out);
  return GM_OK;
}

gm_status gm__lower_structure(gm__lower *l, gm__form form, gm__structure declared, bool check,
    const gm__view *in, const gm__view *out) {
  gm__nest outer = {.operands = 2};
  const gm__view *to = out ? out : in;
  int r = in->rank - 2, c = in->rank - 1;
  for (int a = 0; a < r; a++) gm__nest_push(&outer, in->dims[a], (int64_t[]){in->strides[a], to->strides[a]});
  if (gm__view_count(in) == 0) return GM_OK;
  gm__structured d = {.form = form,
      .declared = declared,
      .rows = in->dims[r],
      .columns = in->dims[c],
      .from_row = in->strides[r],
      .from_column = in->strides[c],
      .to_row = to->strides[r],
      .to_column = to->strides[c],
      .check = check};
  const gm__operand operands[2] = {gm__lower_operand(in), gm__lower_operand(to)};
  gm__step *step;
  GM_TRY(gm__lower_loops(l, &outer, &d.outer));
  GM_TRY(gm__lower_step(l, &gm__kernel_structure, operands, 1, out != NULL, &d, sizeof d, &step));
  step->bytes = gm__lower_bytes(in) + (out ? gm__lower_bytes(out) : 0);
  return GM_OK;
}
