/* SPDX-License-Identifier: MIT
 *
 * Offsets of temporaries in one workspace, by the steps between which each is alive. */
#include <stdlib.h>
#include <string.h>
#include "base/checked.h"
#include "plan/plan.h"

/** Up to here the greedy choice by size, whose time is quadratic; beyond, one sweep over time. */
#define GREEDY_LIMIT 2048

typedef struct block {
  gm__buffer *buffer;
  size_t size; /* rounded up to the alignment */
} block;

typedef struct gap {
  size_t offset, size;
} gap;

typedef struct gaps {
  gap *list; /* by offset; what lies above `end` is free too */
  size_t count, capacity, end;
} gaps;

static int by_size(const void *a, const void *b) {
  const block *x = a, *y = b;
  if (x->size != y->size) return x->size < y->size ? 1 : -1;
  return x->buffer < y->buffer ? -1 : x->buffer > y->buffer;
}

static int by_offset(const void *a, const void *b) {
  const block *x = *(const block *const *)a, *y = *(const block *const *)b;
  if (x->buffer->offset != y->buffer->offset) return x->buffer->offset < y->buffer->offset ? -1 : 1;
  return 0;
}

static bool together(const gm__buffer *a, const gm__buffer *b) {
  return a->first <= b->last && b->first <= a->last;
}

/** Places blocks[at] among the earlier ones: the lowest gap between those that live while it does. */
static void place_lowest(const block *blocks, size_t at, const block **alive) {
  size_t count = 0, offset = 0;
  for (size_t i = 0; i < at; i++) {
    if (together(blocks[i].buffer, blocks[at].buffer)) alive[count++] = &blocks[i];
  }
  qsort(alive, count, sizeof *alive, by_offset);
  for (size_t i = 0; i < count; i++) {
    size_t from = alive[i]->buffer->offset, to = from + alive[i]->size;
    if (from >= offset + blocks[at].size) break;
    if (to > offset) offset = to;
  }
  blocks[at].buffer->offset = offset;
}

static gm_status place_by_size(block *blocks, size_t count, gm_error *error) {
  const block **alive = gm__alloc(count, sizeof *alive);
  if (!alive) return gm__no_memory(error);
  qsort(blocks, count, sizeof *blocks, by_size);
  for (size_t i = 0; i < count; i++) place_lowest(blocks, i, alive);
  gm__free(alive);
  return GM_OK;
}

/* ---- The sweep ---- */

static int by_first(const void *a, const void *b) {
  const block *x = a, *y = b;
  if (x->buffer->first != y->buffer->first) return x->buffer->first < y->buffer->first ? -1 : 1;
  return x->buffer < y->buffer ? -1 : x->buffer > y->buffer;
}

static int by_last(const void *a, const void *b) {
  const block *x = *(const block *const *)a, *y = *(const block *const *)b;
  if (x->buffer->last != y->buffer->last) return x->buffer->last < y->buffer->last ? -1 : 1;
  return x < y ? -1 : x > y;
}

static void remove_gap(gaps *g, size_t at) {
  g->count--;
  memmove(&g->list[at], &g->list[at + 1], (g->count - at) * sizeof *g->list);
}

/** The smallest gap that is large enough, or memory above all others. */
static void take_gap(gaps *g, const block *b) {
  size_t best = g->count;
  for (size_t i = 0; i < g->count; i++) {
    if (g->list[i].size < b->size || (best < g->count && g->list[i].size >= g->list[best].size)) continue;
    best = i;
    if (g->list[i].size == b->size) break;
  }
  if (best == g->count) {
    b->buffer->offset = g->end;
    g->end += b->size;
    return;
  }
  b->buffer->offset = g->list[best].offset;
  g->list[best].offset += b->size;
  g->list[best].size -= b->size;
  if (g->list[best].size == 0) remove_gap(g, best);
}

static void join_next(gaps *g, size_t at) {
  if (at + 1 >= g->count || g->list[at].offset + g->list[at].size != g->list[at + 1].offset) return;
  g->list[at].size += g->list[at + 1].size;
  remove_gap(g, at + 1);
}

/** Where a gap that begins at `offset` belongs. */
static size_t gap_place(const gaps *g, size_t offset) {
  size_t low = 0, high = g->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (g->list[middle].offset < offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static gm_status give_gap(gaps *g, const block *b, gm_error *error) {
  if (!gm__grow((void **)&g->list, &g->capacity, g->count + 1, sizeof *g->list)) return gm__no_memory(error);
  size_t at = gap_place(g, b->buffer->offset);
  memmove(&g->list[at + 1], &g->list[at], (g->count - at) * sizeof *g->list);
  g->count++;
  g->list[at] = (gap){b->buffer->offset, b->size};
  join_next(g, at);
  if (at > 0) join_next(g, at - 1);
  return GM_OK;
}

static gm_status sweep(block *blocks, size_t count, const block **ends, gaps *g, gm_error *error) {
  qsort(blocks, count, sizeof *blocks, by_first);
  for (size_t i = 0; i < count; i++) ends[i] = &blocks[i];
  qsort(ends, count, sizeof *ends, by_last);
  for (size_t i = 0, ended = 0; i < count; i++) {
    for (; ended < count && ends[ended]->buffer->last < blocks[i].buffer->first; ended++) {
      GM_TRY(give_gap(g, ends[ended], error));
    }
    take_gap(g, &blocks[i]);
  }
  return GM_OK;
}

static gm_status place_by_time(block *blocks, size_t count, gm_error *error) {
  gaps g = {0};
  const block **ends = gm__alloc(count, sizeof *ends);
  gm_status status = ends ? sweep(blocks, count, ends, &g, error) : gm__no_memory(error);
  gm__free(g.list);
  gm__free(ends);
  return status;
}

/* ---- Sizes ---- */

static size_t rounded(size_t bytes) {
  return (bytes + GM__ALIGNMENT - 1) / GM__ALIGNMENT * GM__ALIGNMENT;
}

/** The temporaries that have memory of their own, and the sum of all without sharing. */
static gm_status collect(gm__program *program, block *blocks, size_t *count, size_t *sum, gm_error *error) {
  *count = *sum = 0;
  for (size_t i = 0; i < program->buffer_count; i++) {
    gm__buffer *buffer = &program->buffers[i];
    if (buffer->kind != GM__BUFFER_TEMPORARY || buffer->first == UINT32_MAX) continue;
    if (__builtin_add_overflow(*sum, rounded(buffer->bytes), sum) || *sum > PTRDIFF_MAX) {
      GM_FAIL(error, GM_LIMIT, "the temporaries of a run exceed the address space");
    }
    if (buffer->same == i) blocks[(*count)++] = (block){buffer, rounded(buffer->bytes)};
  }
  return GM_OK;
}

/** The largest sum of sizes alive at one step: born at `first`, gone after `last`. */
static gm_status bound(const block *blocks, size_t count, size_t steps, size_t *out, gm_error *error) {
  size_t *born = gm__alloc_zero(steps + 1, sizeof *born), *gone = gm__alloc_zero(steps + 1, sizeof *gone);
  *out = 0;
  for (size_t i = 0; born && gone && i < count; i++) {
    born[blocks[i].buffer->first] += blocks[i].size;
    gone[blocks[i].buffer->last] += blocks[i].size;
  }
  for (size_t s = 0, alive = 0; born && gone && s < steps; s++) {
    alive += born[s];
    if (alive > *out) *out = alive;
    alive -= gone[s];
  }
  gm_status status = born && gone ? GM_OK : gm__no_memory(error);
  gm__free(gone);
  gm__free(born);
  return status;
}

static void place_apart(const block *blocks, size_t count) {
  for (size_t i = 0, offset = 0; i < count; offset += blocks[i++].size) blocks[i].buffer->offset = offset;
}

static gm_status place(gm__program *program, bool share, block *blocks, gm__special *sizes, gm_error *error) {
  size_t count;
  GM_TRY(collect(program, blocks, &count, &sizes->unshared, error));
  GM_TRY(bound(blocks, count, program->step_count, &sizes->lower_bound, error));
  if (!share)
    place_apart(blocks, count);
  else if (count <= GREEDY_LIMIT)
    GM_TRY(place_by_size(blocks, count, error));
  else
    GM_TRY(place_by_time(blocks, count, error));
  sizes->workspace = 0;
  for (size_t i = 0; i < count; i++) {
    size_t end = blocks[i].buffer->offset + blocks[i].size;
    if (end > sizes->workspace) sizes->workspace = end;
  }
  return GM_OK;
}

gm_status gm__memory_place(gm__program *program, bool share, gm__special *sizes, gm_error *error) {
  block *blocks = gm__alloc(program->buffer_count, sizeof *blocks);
  gm_status status = blocks ? place(program, share, blocks, sizes, error) : gm__no_memory(error);
  gm__free(blocks);
  return status;
}
