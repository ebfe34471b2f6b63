/* SPDX-License-Identifier: MIT
 *
 * Placing by search. A placement follows from an order of the blocks: each in turn goes to a gap between
 * those that are placed already and live while it does (Pisarchyk and Lee, arXiv 2001.03288), the lowest or
 * the tightest. Some orders are known to be good: by size, by size times life, by life, by time. When none
 * reaches the bound, the block at the top is put earlier in the best order, again and again. */
#include <stdlib.h>
#include <string.h>
#include "plan/memory.h"

/** Tries are limited by a count, never by time, so that plans repeat. */
#define MOST_TRIES 400
#define MOST_WORK ((size_t)1 << 23)

typedef struct search {
  const gm__block *blocks;
  size_t count;
  uint32_t *order, *best_order; /* block numbers */
  uint32_t *stack;              /* those that are placed, by offset */
  size_t *offsets, *best_offsets;
  size_t bound, best, tries;
  bool tightest, best_tightest;
  uint64_t random;
} search;

/* ---- One placement ---- */

static bool together(const gm__block *a, const gm__block *b) {
  return a->first <= b->last && b->first <= a->last;
}

/** The offset for block `b` among the `placed` ones. */
static size_t gap_for(const search *s, const gm__block *b, size_t placed) {
  size_t end = 0, best = SIZE_MAX, least = SIZE_MAX;
  for (size_t i = 0; i < placed; i++) {
    const gm__block *other = &s->blocks[s->stack[i]];
    if (!together(other, b)) continue;
    size_t from = s->offsets[s->stack[i]];
    if (from >= end && from - end >= b->size && from - end < least) {
      best = end;
      least = from - end;
      if (!s->tightest) return best;
    }
    if (from + other->size > end) end = from + other->size;
  }
  return best == SIZE_MAX ? end : best;
}

static void push(search *s, uint32_t block, size_t placed) {
  size_t at = placed;
  for (; at > 0 && s->offsets[s->stack[at - 1]] > s->offsets[block]; at--) s->stack[at] = s->stack[at - 1];
  s->stack[at] = block;
}

/** Places all in the present order; returns the height. */
static size_t place(search *s) {
  size_t height = 0;
  for (size_t i = 0; i < s->count; i++) {
    const gm__block *b = &s->blocks[s->order[i]];
    size_t offset = s->offsets[s->order[i]] = gap_for(s, b, i);
    push(s, s->order[i], i);
    if (offset + b->size > height) height = offset + b->size;
  }
  return height;
}

/** Tries the present order; keeps it if it is no worse than the best. Is the goal reached? */
static bool try_order(search *s) {
  size_t height = place(s);
  s->tries--;
  if (height <= s->best) {
    s->best = height;
    s->best_tightest = s->tightest;
    memcpy(s->best_order, s->order, s->count * sizeof *s->order);
    memcpy(s->best_offsets, s->offsets, s->count * sizeof *s->offsets);
  }
  return s->best <= s->bound || s->tries == 0;
}

/* ---- Orders ---- */

typedef struct ranked {
  double key;
  uint32_t block;
} ranked;

static int by_key(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? 1 : -1;
  return x->block < y->block ? -1 : x->block > y->block;
}

enum { BY_SIZE, BY_AREA, BY_LIFE, BY_TIME, KEYS };

static double key_of(const gm__block *b, int which) {
  double size = (double)b->size, life = (double)b->last - b->first + 1;
  switch (which) {
  case BY_SIZE: return size;
  case BY_AREA: return size * life;
  case BY_LIFE: return life;
  default: return -(double)b->first;
  }
}

static void sort_order(search *s, ranked *keys, int which) {
  for (size_t i = 0; i < s->count; i++) keys[i] = (ranked){key_of(&s->blocks[i], which), (uint32_t)i};
  qsort(keys, s->count, sizeof *keys, by_key);
  for (size_t i = 0; i < s->count; i++) s->order[i] = keys[i].block;
}

static bool try_known_orders(search *s, ranked *keys) {
  for (int which = 0; which < KEYS; which++) {
    sort_order(s, keys, which);
    for (int tightest = 0; tightest < 2; tightest++) {
      s->tightest = tightest;
      if (try_order(s)) return true;
    }
  }
  return false;
}

/* ---- The search ---- */

static size_t drawn(search *s, size_t below) {
  s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return below ? (size_t)(s->random >> 33) % below : 0;
}

/** Where in the best order the block stands that reaches highest. */
static size_t top_place(const search *s) {
  size_t top = 0;
  for (size_t i = 0; i < s->count; i++) {
    uint32_t block = s->best_order[i];
    if (s->best_offsets[block] + s->blocks[block].size == s->best) top = i;
  }
  return top;
}

static void move_earlier(uint32_t *order, size_t from, size_t to) {
  uint32_t block = order[from];
  memmove(&order[to + 1], &order[to], (from - to) * sizeof *order);
  order[to] = block;
}

static void improve(search *s) {
  do {
    size_t top = top_place(s);
    memcpy(s->order, s->best_order, s->count * sizeof *s->order);
    s->tightest = s->best_tightest;
    move_earlier(s->order, top, drawn(s, top));
    size_t other = drawn(s, s->count);
    if (drawn(s, 2)) move_earlier(s->order, other, drawn(s, other));
  } while (!try_order(s));
}

static gm_status run(search *s, ranked *keys, gm__block *blocks, gm_error *error) {
  if (!s->order || !s->best_order || !s->stack || !s->offsets || !s->best_offsets || !keys)
    return gm__no_memory(error);
  if (!try_known_orders(s, keys)) improve(s);
  for (size_t i = 0; i < s->count; i++) blocks[i].offset = s->best_offsets[i];
  return GM_OK;
}

gm_status gm__memory_fit(gm__block *blocks, size_t count, size_t bound, gm_error *error) {
  if (count == 0) return GM_OK;
  size_t tries = MOST_WORK / (count * count);
  tries = tries < 2 * KEYS ? 2 * KEYS : tries > MOST_TRIES ? MOST_TRIES : tries;
  search s = {.blocks = blocks, .count = count, .bound = bound, .best = SIZE_MAX, .tries = tries};
  s.order = gm__alloc(count, sizeof *s.order);
  s.best_order = gm__alloc(count, sizeof *s.best_order);
  s.stack = gm__alloc(count, sizeof *s.stack);
  s.offsets = gm__alloc(count, sizeof *s.offsets);
  s.best_offsets = gm__alloc(count, sizeof *s.best_offsets);
  ranked *keys = gm__alloc(count, sizeof *keys);
  gm_status status = run(&s, keys, blocks, error);
  gm__free(keys);
  gm__free(s.best_offsets);
  gm__free(s.offsets);
  gm__free(s.stack);
  gm__free(s.best_order);
  gm__free(s.order);
  return status;
}
