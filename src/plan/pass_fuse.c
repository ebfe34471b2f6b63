/* SPDX-License-Identifier: MIT
 *
 * fuse. Law: what one elementwise step alone reads of another, it can compute itself, element by element,
 * with the same bits. The steps are walked from the last to the first; each takes in the makers of what it
 * reads, the latest first, as long as they are read by nobody else, the axes match and no more memory is
 * alive meanwhile. */
#include <stdio.h>
#include "plan/fusion.h"
#include "plan/step_uses.h"

typedef struct fuser {
  gm_plan *plan;
  const gm__pass *pass;
  gm__program *program;
  gm__log *log;
  gm__uses uses;
  bool once;       /* the present step runs once */
  uint32_t before; /* the nearest step before the present one that is not gone, or GM__NO_STEP */
  gm__fusion fusion;
  gm_error *error;
} fuser;

/* ---- Memory ---- */

/** Could the maker write over a temporary that dies with it? */
static bool writes_over(const fuser *f, const gm__step *maker, uint32_t maker_at) {
  for (int i = 0; i < maker->reads; i++) {
    const gm__buffer *b = &f->program->buffers[maker->operands[i].buffer];
    if (maker->in_place >> i & 1 && b->kind == GM__BUFFER_TEMPORARY && b->last <= maker_at) return true;
  }
  return false;
}

/** Is no more alive, at any step, than without? Next to each other the two may hold all that they read, if
 * what was written in place still is; else what is held for longer must be no more than the value that is not
 * made. */
static bool fits(const fuser *f, int input, const gm__step *maker, uint32_t maker_at, uint32_t at) {
  const gm__buffer *value = &f->program->buffers[f->fusion.operands[input].buffer];
  const gm__buffer *result = &f->program->buffers[f->fusion.operands[GM__FUSION_OUT].buffer];
  size_t held = gm__uses_held(f->program, maker, at);
  bool kept = gm__fusion_in_place(&f->fusion) >> input & 1, over = writes_over(f, maker, maker_at);
  bool next = maker_at == f->before, output = result->kind == GM__BUFFER_OUTPUT;
  if (held == 0 || (next && output)) return true;
  if (next && result->bytes <= value->bytes && (kept || !over)) return true;
  return held <= value->bytes && (output || !kept || over);
}

/* ---- Taking in ---- */

/** The step whose result input `input` is, if it may be taken in; GM__NO_STEP otherwise. */
static uint32_t maker_of(const fuser *f, int input) {
  uint32_t buffer = f->fusion.operands[input].buffer, writer = f->uses.writer[buffer];
  bool alone = f->uses.readers[buffer] == 1 && f->program->buffers[buffer].kind == GM__BUFFER_TEMPORARY;
  if (!alone || writer == GM__NO_STEP || writer == GM__MANY_STEPS) return GM__NO_STEP;
  for (int i = 0; i < f->fusion.inputs; i++)
    if (i != input && f->fusion.operands[i].buffer == buffer) return GM__NO_STEP;
  const gm__step *maker = &f->program->steps[writer];
  return maker->kernel == &gm__kernel_map && maker->once == f->once ? writer : GM__NO_STEP;
}

/** Bit i: read i of the maker is the first of its buffer, and the fusion reads that too. */
static uint32_t shared_reads(const fuser *f, const gm__step *maker) {
  uint32_t shared = 0;
  for (int i = 0; i < maker->reads; i++)
    for (int k = 0; k < f->fusion.inputs && !gm__operand_repeats(maker->operands, i); k++)
      if (f->fusion.operands[k].buffer == maker->operands[i].buffer) shared |= 1u << i;
  return shared;
}

/** What the maker read, the step `at` reads from now on; the maker's own result is gone. */
static void note_taken(fuser *f, uint32_t value, uint32_t maker, uint32_t shared, uint32_t at) {
  const gm__step *step = &f->program->steps[maker];
  gm__buffer *buffers = f->program->buffers;
  uint32_t result = f->fusion.operands[GM__FUSION_OUT].buffer;
  for (int i = 0; i < step->reads; i++) {
    uint32_t read = step->operands[i].buffer;
    f->uses.readers[read] -= shared >> i & 1;
    if (buffers[read].last < at) buffers[read].last = at;
  }
  if (value < result) buffers[value].same = result;
  f->uses.gone[maker] = true;
  f->before = gm__uses_nearest(&f->uses, f->before);
}

static bool take(fuser *f, int input, uint32_t maker, uint32_t at) {
  const gm__step *step = &f->program->steps[maker];
  uint32_t value = f->fusion.operands[input].buffer, shared = shared_reads(f, step);
  if (!fits(f, input, step, maker, at) || !gm__fusion_absorb(&f->fusion, input, step)) return false;
  note_taken(f, value, maker, shared, at);
  return true;
}

/** The latest maker before step `limit` that may be taken in, GM__NO_STEP where there is none; *input: of
 * what. */
static uint32_t latest_maker(const fuser *f, uint32_t limit, int *input) {
  uint32_t latest = GM__NO_STEP;
  for (int i = 0; i < f->fusion.inputs; i++) {
    uint32_t maker = maker_of(f, i);
    if (maker == GM__NO_STEP || maker >= limit || (latest != GM__NO_STEP && maker <= latest)) continue;
    latest = maker;
    *input = i;
  }
  return latest;
}

/* ---- The log ---- */

static gm_status log_fusion(
    const fuser *f, const gm__step *step, const uint32_t *nodes, int count, double bytes_before) {
  char names[600], before[40], after[40];
  gm__text text = gm__text_into(names, sizeof names);
  for (int i = count; i-- > 0;) gm__text_format(&text, "%s, ", gm__node_label(f->plan->graph, nodes[i]));
  gm__text_add(&text, gm__node_label(f->plan->graph, step->node));
  gm__text_end(&text);
  snprintf(before, sizeof before, "%.0f", bytes_before);
  snprintf(after, sizeof after, "%.0f", step->bytes);
  const gm__note note = {
      f->pass, gm__node_label(f->plan->graph, step->node), names, "one map", "bytes", before, after};
  return gm__log_add(f->log, &note, f->error);
}

/* ---- The pass ---- */

static gm_status fuse_step(fuser *f, uint32_t at) {
  gm__step *step = &f->program->steps[at];
  uint32_t nodes[GM__MAP_PROGRAM], maker = at;
  double bytes = step->bytes;
  int input = 0, taken = 0;
  if (step->kernel != &gm__kernel_map || !gm__fusion_begin(&f->fusion, step)) return GM_OK;
  f->once = step->once;
  f->before = gm__uses_nearest(&f->uses, at - 1);
  while (taken < GM__MAP_PROGRAM && (maker = latest_maker(f, maker, &input)) != GM__NO_STEP) {
    if (!take(f, input, maker, at)) continue;
    nodes[taken++] = f->program->steps[maker].node;
    bytes += f->program->steps[maker].bytes;
  }
  if (taken == 0) return GM_OK;
  GM_TRY(gm__fusion_end(&f->fusion, f->program, step, f->error));
  return f->log ? log_fusion(f, step, nodes, taken, bytes) : GM_OK;
}

/** A map whose result nobody reads is not run. */
static gm_status drop_unread(fuser *f, uint32_t at) {
  const gm__step *step = &f->program->steps[at];
  uint32_t value = step->operands[step->reads].buffer;
  char before[40];
  if (step->kernel != &gm__kernel_map || f->uses.readers[value] > 0) return GM_OK;
  if (f->program->buffers[value].kind != GM__BUFFER_TEMPORARY) return GM_OK;
  for (int i = 0; i < step->reads; i++)
    f->uses.readers[step->operands[i].buffer] -= !gm__operand_repeats(step->operands, i);
  f->uses.gone[at] = true;
  snprintf(before, sizeof before, "%.0f", step->bytes);
  const char *label = gm__node_label(f->plan->graph, step->node);
  const gm__note note = {f->pass, label, label, "nothing: nobody reads it", "bytes", before, "0"};
  return f->log ? gm__log_add(f->log, &note, f->error) : GM_OK;
}

static gm_status run(
    gm_plan *plan, const gm__pass *pass, gm__program *program, gm__log *log, gm_error *error) {
  fuser f = {.plan = plan, .pass = pass, .program = program, .log = log, .error = error};
  gm_status status = gm__uses_of(program, &f.uses, error);
  for (size_t s = program->step_count; s-- > 0 && status == GM_OK;)
    if (!f.uses.gone[s]) status = drop_unread(&f, (uint32_t)s);
  for (size_t s = program->step_count; s-- > 0 && status == GM_OK;)
    if (!f.uses.gone[s]) status = fuse_step(&f, (uint32_t)s);
  if (status == GM_OK) gm__uses_settle(&f.uses, program);
  gm__uses_free(&f.uses);
  return status;
}

const gm__pass gm__pass_fuse = {
    .name = "fuse", .law = "what one step alone reads is made where it is read", .program = run};
