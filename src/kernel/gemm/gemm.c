/* SPDX-License-Identifier: MIT
 *
 * gemm: alpha · A · B + beta · C for each matrix of a batch. The batch is walked here, and cut for threads,
 * with each product where that is large enough; the products are their provider's. One that does them whole
 * works in place, so what is added is brought there first, and the epilogue goes over what there is then; one
 * that does them part by part does all this with each part. One with K = 0 reads no factor and goes to the
 * loops, which write the zeros. */
#include "base/pool.h"
#include "kernel/gemm/provider.h"
#include "kernel/strided.h"
#include "kernel/walk.h"

/* Less work than this, in multiplications, is not worth another thread; tasks for a thread, so that none
 * waits long for the others. */
enum { WORTH_THREAD = 64 * 64 * 64, TASKS = 4 };

/* A step under way. */
typedef struct job {
  const gm__gemm *gemm;
  const gm__provider *provider;
  const char *a, *b, *packed, *added;
  char *c;
  size_t packed_bytes;
  int64_t in, out, written; /* bytes of an element: of a and b, of added, of c */
  int64_t rows, columns;    /* of a part */
  int64_t down, across;     /* parts of a product */
  int64_t batch, together;  /* products, and how many of them are one task */
  gm__map_bases epilogue;
} job;

static const gm__provider *provider_of(const gm__gemm *gemm) {
  if (gemm->k == 0) return &gm__provider_loops;
  return gemm->provider != NULL ? gemm->provider : gm__provider_choose(gemm, NULL, false, NULL);
}

/* ---- The epilogue ---- */

bool gm__gemm_detached(const gm__gemm_call *call) {
  const gm__map *map = call->gemm->epilogue;
  if (map == NULL || !call->gemm->by_parts) return false;
  return gm__dtype_bytes((gm_dtype)map->program[map->count - 1].dtype) != gm__dtype_bytes(call->gemm->out);
}

/* Rows one after the other, for every operand? */
static bool is_one_run(const int64_t *strides, int operands, int64_t columns) {
  for (int i = 0; i < operands; i++)
    if (strides[2 * i] != strides[2 * i + 1] * columns) return false;
  return true;
}

void gm__gemm_finish(
    const gm__gemm_call *call, const gm__gemm_part *part, void *product, int64_t product_row) {
  const gm__map *all = call->gemm->epilogue;
  if (all == NULL || !call->gemm->by_parts) return;
  int rank = all->loops.rank, operands = all->inputs + 1;
  int64_t strides[2 * GM__MAP_REGISTERS], dims[2] = {part->rows, part->columns};
  gm__map map = *all;
  gm__map_bases bases = *call->epilogue;
  for (int i = 0; i < operands; i++) {
    const int64_t *of = all->loops.strides + (i + 1) * rank - 2;
    strides[2 * i] = of[0], strides[2 * i + 1] = of[1];
    bases.at[i] += (part->row * of[0] + part->column * of[1]) * bases.size[i];
  }
  if (product != NULL) bases.at[0] = product, strides[0] = product_row, strides[1] = 1;
  map.loops = (gm__loops){2, dims, strides};
  if (part->rows == 1 || is_one_run(strides, operands, part->columns)) {
    for (int i = 0; i < operands; i++) strides[i] = strides[2 * i + 1];
    dims[0] = part->rows * part->columns;
    map.loops.rank = 1;
  }
  gm__map_run(&map, &bases);
}

/* The program over the whole result, where it lies. */
static void finish_all(const job *j) {
  if (j->gemm->epilogue != NULL && !j->gemm->by_parts) gm__map_run(j->gemm->epilogue, &j->epilogue);
}

/* Where its operands are for one matrix of the batch. */
static void move_epilogue(const job *j, const int64_t *index, gm__map_bases *bases) {
  const gm__map *map = j->gemm->epilogue;
  *bases = j->epilogue;
  for (int i = 0; i <= map->inputs; i++) {
    const int64_t *strides = map->loops.strides + i * map->loops.rank;
    int64_t offset = 0;
    for (int axis = 0; axis < j->gemm->batch.rank; axis++) offset += index[axis] * strides[axis];
    bases->at[i] += offset * bases->size[i];
  }
}

/* ---- One product ---- */

/* Copies a matrix to another place with the same strides, along the denser of its axes. */
static void bring(const gm__gemm *gemm, char *to, const char *from) {
  size_t size = gm__dtype_bytes(gemm->out);
  bool by_rows = gemm->c_column <= gemm->c_row || gemm->m == 1;
  int64_t lines = by_rows ? gemm->m : gemm->n, length = by_rows ? gemm->n : gemm->m;
  int64_t step = (by_rows ? gemm->c_row : gemm->c_column) * (int64_t)size;
  int64_t stride = by_rows ? gemm->c_column : gemm->c_row;
  for (int64_t i = 0; i < lines; i++)
    gm__strided_copy(to + i * step, stride, from + i * step, stride, (size_t)length, size);
}

static void whole(const job *j, const gm__gemm_call *call) {
  const gm__gemm_part all = {0, j->gemm->m, 0, j->gemm->n};
  if (call->added != NULL && call->added != call->c) bring(j->gemm, call->c, call->added);
  j->provider->run(j->gemm, call->a, call->b, call->c);
  gm__gemm_finish(call, &all, NULL, 0);
}

/* At an index of the batch, which is at these offsets of a, b and c. */
static gm__gemm_call call_at(const job *j, const int64_t *index, const int64_t *at, gm__map_bases *epilogue) {
  int64_t matrix = 0;
  gm__gemm_call call = {
      .gemm = j->gemm, .a = j->a + at[0] * j->in, .b = j->b + at[1] * j->in, .c = j->c + at[2] * j->written};
  if (j->added != NULL) call.added = j->added + at[2] * j->out;
  for (int axis = 0; axis < j->gemm->batch.rank && j->gemm->packed != NULL; axis++)
    matrix += index[axis] * j->gemm->packed[axis];
  if (j->packed != NULL) call.packed = j->packed + matrix * (int64_t)j->packed_bytes;
  if (j->gemm->epilogue == NULL || !j->gemm->by_parts) return call;
  move_epilogue(j, index, epilogue);
  call.epilogue = epilogue;
  return call;
}

/* ---- Tasks ---- */

static void unravel(const gm__loops *loops, int64_t number, int64_t *index, int64_t *at) {
  gm__loops_begin(loops->rank, 3, index, at);
  for (int axis = loops->rank - 1; axis >= 0; axis--) {
    index[axis] = number % loops->dims[axis];
    number /= loops->dims[axis];
    for (int o = 0; o < 3; o++) at[o] += index[axis] * gm__loops_stride(loops, o, axis);
  }
}

/* Whole products one after the other along one axis, by a provider that takes them so. */
static bool in_series(const job *j, int64_t first, int64_t count) {
  const gm__loops *batch = &j->gemm->batch;
  int64_t index[1] = {first}, at[3], steps[3];
  if (j->provider->series == NULL || count == 1 || batch->rank != 1 || j->packed != NULL) return false;
  for (int o = 0; o < 3; o++) {
    at[o] = first * gm__loops_stride(batch, o, 0);
    steps[o] = gm__loops_stride(batch, o, 0) * (o < 2 ? j->in : j->written);
  }
  if (j->gemm->epilogue != NULL || j->added != NULL) return false;
  const gm__gemm_call call = call_at(j, index, at, NULL);
  return j->provider->series(&call, count, steps);
}

/* `count` products of the batch from `first` on, of each one part. */
static void products(const job *j, int64_t first, int64_t count, const gm__gemm_part *part) {
  int64_t index[GM__LOOPS_RANK], at[3];
  gm__map_bases epilogue;
  if (part->rows == j->gemm->m && part->columns == j->gemm->n && in_series(j, first, count)) return;
  unravel(&j->gemm->batch, first, index, at);
  for (int64_t i = 0; i < count; i++) {
    gm__gemm_call call = call_at(j, index, at, &epilogue);
    if (j->provider->part != NULL)
      j->provider->part(&call, part);
    else
      whole(j, &call);
    gm__loops_next(&j->gemm->batch, j->gemm->batch.rank, 3, index, at);
  }
}

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

static void task(void *argument, int number) {
  const job *j = argument;
  int64_t parts = j->down * j->across, part = number % parts, first = number / parts * j->together;
  int64_t row = part % j->down * j->rows, column = part / j->down * j->columns;
  const gm__gemm_part of = {
      row, least(j->rows, j->gemm->m - row), column, least(j->columns, j->gemm->n - column)};
  products(j, first, least(j->together, j->batch - first), &of);
}

/* Into how many tasks the work is cut: batches into groups, or products into parts. */
static int cut(job *j, const gm_pool *pool) {
  const gm__gemm *g = j->gemm;
  int64_t most = gm__pool_threads(pool) * TASKS;
  double work = (double)g->m * (double)g->n * (double)g->k * (double)j->batch;
  if (work < 2 * WORTH_THREAD || j->provider->part == NULL) most = 1;
  if (most == 1) return 1;
  if (j->batch < most) {
    j->provider->grain(g, gm__pool_threads(pool), &j->rows, &j->columns);
    j->down = (g->m + j->rows - 1) / j->rows;
    j->across = (g->n + j->columns - 1) / j->columns;
  }
  j->together = j->down * j->across > 1 ? 1 : (j->batch + most - 1) / most;
  int64_t groups = (j->batch + j->together - 1) / j->together, tasks = groups * j->down * j->across;
  return tasks > INT32_MAX ? 1 : (int)tasks;
}

/* ---- The step ---- */

/* The operands of the epilogue, of which `next` is the first that it alone reads. */
static void begin_epilogue(job *j, const gm__step *step, const gm__run *run, int next) {
  const gm__map *map = j->gemm->epilogue;
  for (int i = 0; i <= map->inputs; i++) {
    int operand = i == 0 || i == map->inputs ? step->reads : next + i - 1;
    j->epilogue.at[i] = gm__step_address(step, run, operand);
    j->epilogue.size[i] = (uint8_t)gm__dtype_bytes((gm_dtype)step->operands[operand].dtype);
  }
  j->epilogue.size[0] = (uint8_t)j->out;
  if (gm__gemm_detached(&(const gm__gemm_call){.gemm = j->gemm})) j->written = j->epilogue.size[map->inputs];
}

static void begin(job *j, const gm__step *step, const gm__run *run) {
  const gm__gemm *gemm = step->descriptor;
  int next = 2;
  j->gemm = gemm;
  j->provider = provider_of(gemm);
  j->a = gm__step_address(step, run, 0);
  j->b = gm__step_address(step, run, 1);
  j->added = gemm->adds ? gm__step_address(step, run, next++) : NULL;
  j->packed = gemm->packs ? gm__step_address(step, run, next++) : NULL;
  j->packed_bytes = j->packed != NULL ? j->provider->packed_bytes(gemm) : 0;
  j->c = gm__step_address(step, run, step->reads);
  j->in = (int64_t)gm__dtype_bytes(gemm->in);
  j->out = j->written = (int64_t)gm__dtype_bytes(gemm->out);
  j->rows = gemm->m, j->columns = gemm->n;
  j->down = j->across = 1;
  j->batch = j->together = gm__loops_count(&gemm->batch);
  if (gemm->epilogue != NULL) begin_epilogue(j, step, run, next);
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__gemm *gemm = step->descriptor;
  job j;
  if (gemm->m == 0 || gemm->n == 0 || gm__loops_empty(&gemm->batch)) return GM_OK;
  begin(&j, step, run);
  int tasks = cut(&j, run->pool);
  if (tasks == 1)
    products(&j, 0, j.batch, &(const gm__gemm_part){0, gemm->m, 0, gemm->n});
  else
    gm__pool_run(run->pool, tasks, task, &j);
  finish_all(&j);
  return GM_OK;
}

static const char *variant(const gm__step *step) {
  return provider_of(step->descriptor)->name;
}

static void form_text(gm__text *text, const char *factor, const gm__form *form) {
  char name[64];
  if (form != NULL) gm__text_format(text, " %s=%s", factor, gm__form_name(*form, name));
}

static void text(const gm__step *step, gm__text *text) {
  const gm__gemm *gemm = step->descriptor;
  int64_t batch = gm__loops_count(&gemm->batch);
  gm__text_format(text, "m=%lld n=%lld k=%lld", (long long)gemm->m, (long long)gemm->n, (long long)gemm->k);
  if (batch != 1) gm__text_format(text, " batch=%lld", (long long)batch);
  form_text(text, "a", gemm->a_form);
  form_text(text, "b", gemm->b_form);
  if (gemm->symmetric) gm__text_add(text, " b=a^T");
  if (gemm->packs) gm__text_add(text, " packed");
  if (gemm->alpha != 1) gm__text_format(text, " alpha=%g", gemm->alpha);
  if (gemm->adds) gm__text_format(text, " beta=%g", gemm->beta);
  if (gemm->epilogue == NULL) return;
  gm__text_add(text, " then ");
  gm__map_text(gemm->epilogue, text);
}

const gm__kernel gm__kernel_gemm = {"gemm", run, variant, text, {.time = 0.006f}};
