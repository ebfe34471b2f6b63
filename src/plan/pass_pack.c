/* SPDX-License-Identifier: MIT
 *
 * pack. Law: a factor that a kernel reads in an order of its own is brought into it once. A variable or a
 * constant is packed once for all runs, plans and executors: its memory is the value's, and steps that want
 * the same of it share it; what steps that run once have made is packed with them; what differs from run to
 * run is packed by a step, where it has enough rows to pay. What is constant on the left of few columns goes
 * to the right, transposed. The bits are the same either way. */
#include <stdio.h>
#include <string.h>
#include "kernel/gemm/provider.h"
#include "plan/step_order.h"

/** A factor that differs from run to run is packed for so many rows: if it lies by columns, or is so large
 * that its rows stay in no cache. As measured. */
#define WORTH_ROWS 64
#define WORTH_BYTES ((double)(1 << 28))
/** Larger ones are read where they lie. */
#define MOST_BYTES ((size_t)1 << 30)
/** A constant on the left that has so many elements goes to the right of few columns. */
#define WORTH_TURNING 4096

/** In each run; once, for steps that run once, or for others; once for all. */
typedef enum moment { EACH, ONCE, KEPT, SHARED } moment;

/** A factor that has been packed: those with the same key, of the same buffer, are one. */
typedef struct factor {
  uint32_t from, to;
  moment when;
  bool turned; /* its product was, for its sake */
  const int64_t *key;
  size_t key_bytes;
} factor;

typedef struct packer {
  gm_plan *plan;
  const gm__pass *pass;
  gm__program *program;
  gm__log *log;
  gm__step *steps; /* the new ones */
  size_t count;
  factor *known;
  size_t known_count, bytes; /* bytes: of constants */
  gm_error *error;
} packer;

/* ---- What is packed ---- */

static moment when_known(const packer *p, const gm__step *step, int operand) {
  const gm__buffer *b = &p->program->buffers[step->operands[operand].buffer];
  if (step->once) return ONCE;
  if (b->kind == GM__BUFFER_VALUE || b->kind == GM__BUFFER_FOLDED) return SHARED;
  return b->kind == GM__BUFFER_TEMPORARY && b->kept ? KEPT : EACH;
}

/** Rows that one packed matrix serves. */
static double rows_of(const gm__gemm *gemm) {
  double rows = (double)gemm->m;
  for (int a = 0; a < gemm->batch.rank; a++)
    if (gemm->batch.strides[gemm->batch.rank + a] == 0) rows *= (double)gemm->batch.dims[a];
  return rows;
}

static bool pays(const gm__gemm *gemm, size_t bytes, moment when) {
  double rows = rows_of(gemm);
  bool by_rows = gemm->b_column == 1;
  return when >= KEPT || (rows >= WORTH_ROWS && (!by_rows || rows * (double)bytes >= WORTH_BYTES));
}

/** The matrices that differ, and where in the batch each is read. */
static gm_status find_matrices(packer *p, gm__gemm *gemm, gm__pack *pack) {
  gm__arena *arena = &p->program->arena;
  int rank = gemm->batch.rank, kept = 0;
  int64_t *dims = gm__arena_alloc(arena, 2 * (size_t)rank, sizeof *dims), next = 1;
  int64_t *packed = gm__arena_zero(arena, (size_t)rank, sizeof *packed);
  if (!dims || !packed) return gm__no_memory(p->error);
  for (int a = 0; a < rank; a++) {
    if (gemm->batch.strides[rank + a] == 0) continue;
    dims[kept] = gemm->batch.dims[a];
    dims[rank + kept++] = gemm->batch.strides[rank + a];
  }
  for (int a = rank - 1; a >= 0; a--) {
    if (gemm->batch.strides[rank + a] == 0) continue;
    packed[a] = next;
    next *= gemm->batch.dims[a];
  }
  pack->matrices = (gm__loops){kept, dims, dims + rank};
  gemm->packed = kept ? packed : NULL;
  return GM_OK;
}

/** All that what is packed depends on, but the values. */
static gm_status make_key(packer *p, const gm__pack *pack, int64_t offset, factor *out) {
  const gm__gemm *g = pack->gemm;
  size_t rank = (size_t)pack->matrices.rank;
  const gm__form form = g->b_form && g->b_raw ? *g->b_form : gm__form_general();
  const int64_t fixed[] = {(int64_t)(intptr_t)g->provider, offset, g->in, g->out, g->k, g->n, g->b_row,
      g->b_column, form.lower, form.upper, form.block, form.symmetric};
  size_t count = sizeof fixed / sizeof *fixed;
  int64_t *key = gm__arena_alloc(&p->program->arena, count + 2 * rank, sizeof *key);
  if (!key) return gm__no_memory(p->error);
  for (size_t i = 0; i < count; i++) key[i] = fixed[i];
  for (size_t i = 0; i < rank; i++) {
    key[count + i] = pack->matrices.dims[i];
    key[count + rank + i] = pack->matrices.strides[i];
  }
  out->key = key;
  out->key_bytes = (count + 2 * rank) * sizeof *key;
  return GM_OK;
}

static const factor *find_known(const packer *p, const factor *wanted) {
  for (size_t i = 0; i < p->known_count; i++) {
    const factor *k = &p->known[i];
    bool alike = k->from == wanted->from && k->when == wanted->when && k->key_bytes == wanted->key_bytes;
    if (alike && memcmp(k->key, wanted->key, k->key_bytes) == 0) return k;
  }
  return NULL;
}

/** What lies in a buffer that is written again is another factor. */
static void forget_written(packer *p, const gm__step *step) {
  for (int o = step->reads; o < step->reads + step->writes; o++)
    for (size_t i = 0; i < p->known_count; i++)
      if (p->known[i].from == step->operands[o].buffer) p->known[i] = p->known[--p->known_count], i--;
}

/* ---- Packing ---- */

static gm_status log_packing(const packer *p, const factor *k, const gm__step *step, const char *after) {
  const gm_graph *graph = p->plan->graph;
  const char *before = gm__node_label(graph, p->program->buffers[k->from].node);
  const gm__note note = {p->pass, gm__node_label(graph, step->node), before, after, NULL, NULL, NULL};
  return p->log ? gm__log_add(p->log, &note, p->error) : GM_OK;
}

static gm_status log_packed(const packer *p, const factor *k, const gm__step *step, size_t bytes) {
  char how[100];
  snprintf(how, sizeof how, "packed %s in %zu bytes%s", k->when == EACH ? "in each run" : "once", bytes,
      k->turned ? ", its product transposed" : "");
  return log_packing(p, k, step, how);
}

static gm_status refuse(const packer *p, const factor *k, const gm__step *step, size_t bytes) {
  char why[160];
  snprintf(why, sizeof why, "not packed: %zu bytes would exceed the limit of %zu", p->bytes + bytes,
      p->plan->options.max_packed_bytes);
  return log_packing(p, k, step, why);
}

static gm_status new_buffer(packer *p, gm__buffer_kind kind, factor *k, size_t bytes) {
  gm__program *program = p->program;
  GM_TRY(gm__program_buffer(program, kind, (uint32_t)program->packing_count, bytes, &k->to, p->error));
  program->buffers[k->to].node = program->buffers[k->from].node;
  p->known[p->known_count++] = *k;
  return GM_OK;
}

static gm_status pack_constant(packer *p, const gm__pack *pack, int64_t offset, factor *k, size_t bytes) {
  gm__program *program = p->program;
  size_t count = program->packing_count;
  GM_TRY(new_buffer(p, GM__BUFFER_PACKED, k, bytes));
  bool grown =
      gm__grow((void **)&program->packings, &program->packing_capacity, count + 1, sizeof *program->packings);
  if (!grown) return gm__no_memory(p->error);
  program->packings[program->packing_count++] =
      (gm__packing){k->from, k->to, offset, *pack, bytes, k->key_bytes, k->key};
  p->bytes += bytes;
  return GM_OK;
}

static gm_status pack_by_step(
    packer *p, const gm__pack *pack, const gm__step *step, factor *k, size_t bytes) {
  gm__arena *arena = &p->program->arena;
  GM_TRY(new_buffer(p, GM__BUFFER_TEMPORARY, k, bytes));
  p->program->buffers[k->to].kept = k->when == KEPT;
  const gm__operand operands[2] = {step->operands[1], {k->to, step->operands[1].dtype, 0}};
  gm__step made = {.kernel = &gm__kernel_pack,
      .operands = gm__arena_copy(arena, operands, sizeof operands),
      .descriptor = gm__arena_copy(arena, pack, sizeof *pack),
      .reads = 1,
      .writes = 1,
      .node = step->node,
      .once = k->when != EACH,
      .bytes = 2 * (double)bytes};
  if (!made.operands || !made.descriptor) return gm__no_memory(p->error);
  p->steps[p->count++] = made;
  return GM_OK;
}

/** The product reads what is packed behind what it adds; one that is packed by a step reads nothing else. */
static gm_status read_packed(packer *p, gm__step *step, gm__gemm *gemm, const factor *k) {
  gm__operand operands[5];
  int at = 2 + gemm->adds, count = step->reads + step->writes;
  for (int i = 0; i < count; i++) operands[i + (i >= at)] = step->operands[i];
  operands[at] = (gm__operand){k->to, operands[1].dtype, 0};
  if (k->when != SHARED) operands[1] = operands[at];
  gemm->packs = true;
  step->reads++;
  step->operands = gm__arena_copy(&p->program->arena, operands, (size_t)(count + 1) * sizeof *operands);
  step->descriptor = gm__arena_copy(&p->program->arena, gemm, sizeof *gemm);
  return step->operands && step->descriptor ? GM_OK : gm__no_memory(p->error);
}

/** Bytes of all matrices; 0: they are not packed. */
static size_t bytes_of(const gm__pack *pack) {
  size_t bytes = pack->bytes;
  for (int a = 0; a < pack->matrices.rank && bytes; a++)
    if (__builtin_mul_overflow(bytes, (size_t)pack->matrices.dims[a], &bytes) || bytes > PTRDIFF_MAX)
      return 0;
  return bytes;
}

/** Makes room for it, unless there is none, or it does not pay. */
static gm_status pack_new(packer *p, const gm__pack *pack, const gm__step *step, factor *k, bool *done) {
  size_t bytes = bytes_of(pack), limit = p->plan->options.max_packed_bytes;
  bool shared = k->when == SHARED;
  *done = bytes && (shared || (bytes <= MOST_BYTES && pays(pack->gemm, bytes, k->when)));
  if (!*done) return GM_OK;
  *done = !shared || !limit || bytes <= limit - p->bytes;
  if (!*done) return refuse(p, k, step, bytes);
  GM_TRY(shared ? pack_constant(p, pack, step->operands[1].offset, k, bytes)
                : pack_by_step(p, pack, step, k, bytes));
  return log_packed(p, k, step, bytes);
}

static gm_status pack_factor(packer *p, gm__step *step, gm__gemm *gemm, bool turned) {
  bool done = true;
  factor k = {.from = step->operands[1].buffer, .when = when_known(p, step, 1), .turned = turned};
  gm__pack pack = {.gemm = gm__arena_copy(&p->program->arena, gemm, sizeof *gemm),
      .bytes = gemm->provider->packed_bytes(gemm)};
  if (!pack.gemm) return gm__no_memory(p->error);
  GM_TRY(find_matrices(p, gemm, &pack));
  GM_TRY(make_key(p, &pack, step->operands[1].offset, &k));
  const factor *known = find_known(p, &k);
  if (!known) GM_TRY(pack_new(p, &pack, step, &k, &done));
  return done ? read_packed(p, step, gemm, known ? known : &k) : GM_OK;
}

/* ---- Exchanging ---- */

/** Are the columns at most half a vector? What is packed is filled up to whole ones. */
static bool are_few(const gm__gemm *g) {
  gm__gemm by_columns = *g;
  by_columns.b_column = g->k + 1;
  double all = (double)g->provider->packed_bytes(&by_columns) / (double)gm__dtype_bytes(g->in);
  return g->n > 1 && 2 * (double)g->n <= all / (double)g->k;
}

static bool exchanges(const packer *p, const gm__step *step, const gm__gemm *g) {
  bool plain = !g->a_form && !g->b_form && !g->symmetric;
  bool constant = when_known(p, step, 0) >= KEPT && when_known(p, step, 1) == EACH;
  return plain && constant && (double)g->m * (double)g->k >= WORTH_TURNING && are_few(g);
}

/** B to the left and A to the right, if the same provider takes it. */
static gm_status exchange(packer *p, gm__step *step, gm__gemm *gemm) {
  gm__form none[2];
  int rank = gemm->batch.rank, operands = step->reads + step->writes;
  gm__gemm turned = gm__gemm_transposed(gemm, none);
  if (turned.provider->refuses(&turned) || turned.provider->packed_bytes(&turned) == 0) return GM_OK;
  int64_t *strides = gm__arena_alloc(&p->program->arena, 3 * (size_t)rank, sizeof *strides);
  gm__operand *fresh =
      gm__arena_copy(&p->program->arena, step->operands, (size_t)operands * sizeof *step->operands);
  if (!strides || !fresh) return gm__no_memory(p->error);
  for (int i = 0; i < 3 * rank; i++)
    strides[i] = gemm->batch.strides[i < rank ? i + rank : i < 2 * rank ? i - rank : i];
  turned.batch.strides = strides;
  fresh[0] = step->operands[1];
  fresh[1] = step->operands[0];
  step->operands = fresh;
  step->descriptor = gm__arena_copy(&p->program->arena, &turned, sizeof turned);
  *gemm = turned;
  return step->descriptor ? GM_OK : gm__no_memory(p->error);
}

/* ---- The pass ---- */

static bool may_pack(const packer *p, const gm__step *step) {
  const gm__gemm *gemm = step->kernel == &gm__kernel_gemm ? step->descriptor : NULL;
  if (!gemm || !gemm->provider || !gemm->provider->packed_bytes || gemm->k == 0) return false;
  return gemm->provider->packed_bytes(gemm) > 0 || exchanges(p, step, gemm);
}

static gm_status visit(packer *p, const gm__step *old) {
  gm__step step = *old;
  if (may_pack(p, old)) {
    gm__gemm gemm = *(const gm__gemm *)step.descriptor;
    bool turned = exchanges(p, &step, &gemm);
    if (turned) GM_TRY(exchange(p, &step, &gemm));
    if (gemm.provider->packed_bytes(&gemm) > 0) GM_TRY(pack_factor(p, &step, &gemm, turned));
  }
  p->steps[p->count++] = step;
  forget_written(p, &step);
  return GM_OK;
}

/** What steps that run once made is kept for those who still read it. */
static gm_status keep(gm__program *program, gm_error *error) {
  bool *read = gm__alloc_zero(program->buffer_count, sizeof *read);
  if (!read) return gm__no_memory(error);
  for (size_t s = 0; s < program->step_count; s++) {
    const gm__step *step = &program->steps[s];
    for (int o = 0; o < step->reads && !step->once; o++) read[step->operands[o].buffer] = true;
  }
  for (size_t i = 0; i < program->buffer_count; i++) {
    gm__buffer *b = &program->buffers[i];
    if (b->kind == GM__BUFFER_TEMPORARY) b->kept = b->kept && read[i];
  }
  gm__free(read);
  return GM_OK;
}

/** The new steps, those that run once first. */
static void take_steps(packer *p, gm__step *to) {
  size_t at = 0;
  for (int once = 1; once >= 0; once--)
    for (size_t s = 0; s < p->count; s++)
      if (p->steps[s].once == once) to[at++] = p->steps[s];
  gm__free(p->program->steps);
  p->program->steps = to;
  p->program->step_count = p->program->step_capacity = p->count;
}

static gm_status pack_all(packer *p) {
  gm__program *program = p->program;
  p->steps = gm__alloc(2 * program->step_count, sizeof *p->steps);
  p->known = gm__alloc(program->step_count, sizeof *p->known);
  if (!p->steps || !p->known) return gm__no_memory(p->error);
  for (size_t s = 0; s < program->step_count; s++) GM_TRY(visit(p, &program->steps[s]));
  gm__step *fresh = gm__alloc(p->count, sizeof *fresh);
  if (!fresh) return gm__no_memory(p->error);
  take_steps(p, fresh);
  GM_TRY(keep(program, p->error));
  gm__steps_set_lives(program->buffers, program->buffer_count, program->steps, program->step_count);
  return GM_OK;
}

static gm_status run(
    gm_plan *plan, const gm__pass *pass, gm__program *program, gm__log *log, gm_error *error) {
  packer p = {.plan = plan, .pass = pass, .program = program, .log = log, .error = error};
  bool any = false;
  for (size_t s = 0; s < program->step_count; s++) any = any || may_pack(&p, &program->steps[s]);
  gm_status status = any ? pack_all(&p) : GM_OK;
  gm__free(p.steps);
  gm__free(p.known);
  return status;
}

const gm__pass gm__pass_pack = {
    .name = "pack", .law = "a factor is brought into its kernel's order once", .program = run};
