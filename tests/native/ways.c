/* SPDX-License-Identifier: MIT
 *
 * The ways to have a product computed: as a step, on a pool that takes tasks in any order, with B packed in
 * one go or column block by column block, and part by part. */
#include "native/product.h"

#include "base/pool.h"

const char *const way_names[WAYS] = {"as a step", "as a step on a pool", "packed", "packed on a pool",
    "without memory for packing", "in parts", "in parts, packed"};

/* ---- A pool that has one thread and no order; or one of threads ---- */

static void shuffle(generator *from, int *order, int count) {
  for (int i = 0; i < count; i++) order[i] = i;
  for (int i = count - 1; i > 0; i--) {
    int j = (int)pick(from, i + 1), kept = order[i];
    order[i] = order[j], order[j] = kept;
  }
}

enum { MOST_TASKS = 4096 };
static void run_shuffled(void *context, int count, void (*task)(void *argument, int index), void *argument) {
  int order[MOST_TASKS], known = count < MOST_TASKS ? count : MOST_TASKS;
  shuffle(context, order, known);
  for (int i = known; i < count; i++) task(argument, i);
  for (int i = 0; i < known; i++) task(argument, order[i]);
}

/* ---- Packing ---- */

/** Each matrix of B: by one call, or by columns in multiples of 64, in any order. */
static void pack_matrix(
    const product *p, const gm__provider *provider, const char *b, char *to, generator *from) {
  int64_t panels = (p->gemm.n + 63) / 64, step = pick(from, 2) == 0 ? panels : 1 + pick(from, 2);
  int order[MOST_TASKS], blocks = (int)((panels + step - 1) / step);
  shuffle(from, order, blocks);
  for (int i = 0; i < blocks; i++) {
    int64_t first = order[i] * step * 64, end = first + step * 64;
    provider->pack(&p->gemm, b, to, first, end < p->gemm.n ? end : p->gemm.n);
  }
}

/** False where the provider takes B as it lies. */
static bool pack(product *p, const bench *b, const gm__provider *provider, generator *from) {
  size_t bytes = provider->packed_bytes == NULL ? 0 : provider->packed_bytes(&p->gemm);
  if (bytes == 0 || bytes * (size_t)p->matrices > b->pages[OF_PACKED].bytes) return false;
  p->at[OF_PACKED] = guarded_place(&b->pages[OF_PACKED], from, bytes * (size_t)p->matrices, 64);
  memset(p->at[OF_PACKED], 0xff, bytes * (size_t)p->matrices);
  for (int64_t x = 0; x < p->batch_dims[0]; x++)
    for (int64_t y = 0; y < p->batch_dims[1]; y++) {
      int64_t number = p->batch_rank == 0   ? 0
                       : p->batch_rank == 1 ? y * p->packed[0]
                                            : x * p->packed[0] + y * p->packed[1];
      int64_t at = p->b.origin + x * p->b.strides[0] + y * p->b.strides[1];
      pack_matrix(p, provider, p->at[OF_B] + at * (int64_t)gm__dtype_bytes(p->in),
          p->at[OF_PACKED] + number * (int64_t)bytes, from);
    }
  return true;
}

/* ---- A step ---- */

static void add_operand(gm__operand *operands, int *count, int which, gm_dtype dtype, int64_t origin) {
  int64_t offset = origin * (int64_t)gm__dtype_bytes(dtype);
  operands[(*count)++] = (gm__operand){(uint32_t)which, (uint32_t)dtype, offset};
}

static gm_status run_step(const product *p, const gm__gemm *gemm, const gm_pool *pool, bool without) {
  gm__operand operands[BUFFERS];
  char *bases[BUFFERS];
  int count = 0;
  memcpy(bases, p->at, sizeof bases);
  if (p->in_place) bases[OF_ADDED] = bases[OF_OUT];
  if (without) bases[OF_PACKED] = NULL;
  add_operand(operands, &count, OF_A, p->in, p->a.origin);
  add_operand(operands, &count, OF_B, p->in, p->b.origin);
  if (gemm->adds) add_operand(operands, &count, OF_ADDED, p->out, p->c.origin);
  if (gemm->packs) add_operand(operands, &count, OF_PACKED, p->in, 0);
  for (int i = 0; i < p->then.extras; i++)
    add_operand(operands, &count, OF_EXTRA + i, p->out, p->then.extra[i].origin);
  int reads = count;
  add_operand(operands, &count, OF_OUT, p->stored, p->c.origin);
  gm__step step = {.kernel = &gm__kernel_gemm,
      .operands = operands,
      .descriptor = gemm,
      .reads = (uint16_t)reads,
      .writes = 1};
  gm__run run = {(char *const *)bases, pool, NULL};
  return gm__kernel_gemm.run(&step, &run);
}

static bool as_step(product *p, const bench *b, const gm__provider *provider, way w, generator *from) {
  generator order = {next_random(from)};
  gm_pool pool = {sizeof pool, &order, 1 + (int)pick(from, 8), run_shuffled};
  bool packs = w >= STEP_PACKED, pooled = w == STEP_POOL || w == STEP_PACKED_POOL;
  gm__gemm gemm = p->gemm;
  gemm.provider = provider;
  if (packs && !pack(p, b, provider, from)) return false;
  gemm.packs = packs;
  gemm.packed = packs && p->batch_rank > 0 ? p->packed : NULL;
  const gm_pool *workers = b->threads != NULL && pick(from, 2) == 0 ? b->threads : &pool;
  return run_step(p, &gemm, pooled ? workers : NULL, w == STEP_NO_PACKED) == GM_OK;
}

/* ---- Parts ---- */

static gm__map_bases bases_of(const product *p) {
  gm__map_bases bases = {{0}, {0}};
  int inputs = p->then.map.inputs;
  for (int i = 1; i < inputs; i++) {
    bases.size[i] = (uint8_t)gm__dtype_bytes(p->out);
    bases.at[i] = p->at[OF_EXTRA + i - 1] + p->then.extra[i - 1].origin * bases.size[i];
  }
  bases.size[0] = (uint8_t)gm__dtype_bytes(p->out);
  bases.size[inputs] = (uint8_t)gm__dtype_bytes(p->stored);
  bases.at[0] = bases.at[inputs] = p->at[OF_OUT] + p->c.origin * bases.size[inputs];
  return bases;
}

/** As the provider would have them for a number of threads, or cut otherwise. */
static void draw_sizes(
    const gm__gemm *g, const gm__provider *provider, generator *from, int64_t *rows, int64_t *columns) {
  *rows = 1 + pick(from, g->m);
  *columns = 64 * (1 + pick(from, 3));
  if (pick(from, 2) == 0) provider->grain(g, 1 + (int)pick(from, 8), rows, columns);
}

static void run_part(
    const gm__provider *provider, const gm__gemm_call *call, int64_t rows, int64_t columns, int number) {
  const gm__gemm *g = call->gemm;
  int64_t down = (g->m + rows - 1) / rows, row = number % down * rows, column = number / down * columns;
  gm__gemm_part part = {
      row, g->m - row < rows ? g->m - row : rows, column, g->n - column < columns ? g->n - column : columns};
  provider->part(call, &part);
}

static bool in_parts(product *p, const bench *b, const gm__provider *provider, bool packs, generator *from) {
  gm__gemm gemm = p->gemm;
  int order[MOST_TASKS];
  int64_t rows, columns, in = (int64_t)gm__dtype_bytes(p->in), out = (int64_t)gm__dtype_bytes(p->stored);
  if (provider->part == NULL || p->batch_rank > 0 || (gemm.epilogue != NULL && !gemm.by_parts) || gemm.k == 0)
    return false;
  gemm.provider = provider;
  if (packs && !pack(p, b, provider, from)) return false;
  draw_sizes(&gemm, provider, from, &rows, &columns);
  gm__map_bases bases = bases_of(p);
  gm__gemm_call call = {.gemm = &gemm,
      .a = p->at[OF_A] + p->a.origin * in,
      .b = p->at[OF_B] + p->b.origin * in,
      .packed = packs ? p->at[OF_PACKED] : NULL,
      .c = p->at[OF_OUT] + p->c.origin * out,
      .epilogue = gemm.epilogue != NULL ? &bases : NULL};
  if (gemm.adds)
    call.added = p->at[p->in_place ? OF_OUT : OF_ADDED] + p->c.origin * (int64_t)gm__dtype_bytes(p->out);
  int64_t count = ((gemm.m + rows - 1) / rows) * ((gemm.n + columns - 1) / columns);
  if (count > MOST_TASKS) return false;
  shuffle(from, order, (int)count);
  for (int64_t i = 0; i < count; i++) run_part(provider, &call, rows, columns, order[i]);
  return true;
}

bool product_run(product *p, const bench *b, const gm__provider *provider, way w, generator *from) {
  size_t size = gm__dtype_bytes(p->stored);
  memset(p->at[OF_OUT], 0xff, (size_t)p->c.extent * size);
  if (p->in_place) place_scatter(&p->c, p->at[OF_OUT], p->operands[OF_ADDED].dense, size);
  if (w == PARTS || w == PARTS_PACKED) return in_parts(p, b, provider, w == PARTS_PACKED, from);
  return as_step(p, b, provider, w, from);
}
