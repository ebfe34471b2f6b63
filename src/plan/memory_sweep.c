/* SPDX-License-Identifier: MIT
 *
 * Placing in one sweep over time. The workspace is a chain of segments, taken or free, by offset; free ones
 * that touch are joined, and hang in lists by size class, eight classes for each power of two, with a bit a
 * class that tells whether there is any (two-level segregated fit, Masmano et al. 2004). A block takes the
 * head of the first class all of whose segments fit, or one of its own class that does; else the workspace
 * grows at its end. Every step of it takes constant time, but for sorting by time. */
#include <stdlib.h>
#include "plan/memory.h"

#define NONE UINT32_MAX
/** Classes: sizes are multiples of 64, so that 58 powers of two are enough. */
enum { PARTS = 8, POWERS = 64, CLASSES = POWERS * PARTS, LOOKED_AT = 8 };

typedef struct segment {
  size_t offset, size;
  uint32_t below, above;   /* neighbours by offset */
  uint32_t before, behind; /* in the list of its class, while it is free */
  bool free;
} segment;

typedef struct space {
  segment *segments;
  size_t count;
  uint32_t unused; /* a list of segments that were joined to others, by `behind` */
  uint32_t last;   /* the one that ends the workspace */
  uint32_t lists[CLASSES];
  uint8_t some[POWERS]; /* bit p of some[i]: is there any in class i * PARTS + p? */
} space;

/* ---- Classes ---- */

/** The class of sizes [2^k + p·2^k/8, …). */
static int class_of(size_t size) {
  int power = 63 - __builtin_clzll((unsigned long long)size);
  int part = (int)((size - ((size_t)1 << power)) >> (power - 3));
  return power * PARTS + part;
}

static void enter(space *w, uint32_t id) {
  segment *s = &w->segments[id];
  int class = class_of(s->size);
  s->free = true;
  s->before = NONE;
  s->behind = w->lists[class];
  if (s->behind != NONE) w->segments[s->behind].before = id;
  w->lists[class] = id;
  w->some[class / PARTS] |= (uint8_t)(1u << class % PARTS);
}

static void leave(space *w, uint32_t id) {
  segment *s = &w->segments[id];
  int class = class_of(s->size);
  s->free = false;
  if (s->behind != NONE) w->segments[s->behind].before = s->before;
  if (s->before != NONE)
    w->segments[s->before].behind = s->behind;
  else
    w->lists[class] = s->behind;
  if (w->lists[class] == NONE) w->some[class / PARTS] &= (uint8_t) ~(1u << class % PARTS);
}

/** A free segment that fits; NONE when there is none (or only far down the list of its class). */
static uint32_t find(const space *w, size_t size) {
  int class = class_of(size);
  uint32_t id = w->lists[class];
  for (int i = 0; i < LOOKED_AT && id != NONE; i++, id = w->segments[id].behind) {
    if (w->segments[id].size >= size) return id;
  }
  for (int next = class + 1; next < CLASSES; next++) {
    if (w->some[next / PARTS] >> next % PARTS & 1) return w->lists[next];
    if (w->some[next / PARTS] >> next % PARTS == 0) next |= PARTS - 1;
  }
  return NONE;
}

/* ---- Segments ---- */

static uint32_t new_segment(space *w, size_t offset, size_t size, uint32_t below, uint32_t above) {
  uint32_t id = w->unused;
  if (id != NONE)
    w->unused = w->segments[id].behind;
  else
    id = (uint32_t)w->count++;
  w->segments[id] = (segment){offset, size, below, above, NONE, NONE, false};
  if (below != NONE) w->segments[below].above = id;
  if (above != NONE)
    w->segments[above].below = id;
  else
    w->last = id;
  return id;
}

/** The segment above becomes part of `id`; both are in no list. */
static void join_above(space *w, uint32_t id) {
  segment *s = &w->segments[id];
  uint32_t gone = s->above;
  s->size += w->segments[gone].size;
  s->above = w->segments[gone].above;
  if (s->above != NONE)
    w->segments[s->above].below = id;
  else
    w->last = id;
  w->segments[gone].behind = w->unused;
  w->unused = gone;
}

/** Makes room at the end: there is a free segment of `size` at least, in no list. */
static uint32_t grow(space *w, size_t size) {
  uint32_t last = w->last;
  if (last != NONE && w->segments[last].free) {
    leave(w, last);
    if (w->segments[last].size < size) w->segments[last].size = size;
    return last;
  }
  size_t end = last == NONE ? 0 : w->segments[last].offset + w->segments[last].size;
  return new_segment(w, end, size, last, NONE);
}

static uint32_t take(space *w, size_t size) {
  uint32_t id = find(w, size);
  if (id == NONE)
    id = grow(w, size);
  else
    leave(w, id);
  segment *s = &w->segments[id];
  if (s->size > size) {
    uint32_t rest = new_segment(w, s->offset + size, s->size - size, id, s->above);
    w->segments[id].size = size;
    enter(w, rest);
  }
  return id;
}

static void give(space *w, uint32_t id) {
  uint32_t above = w->segments[id].above, below = w->segments[id].below;
  if (above != NONE && w->segments[above].free) {
    leave(w, above);
    join_above(w, id);
  }
  if (below != NONE && w->segments[below].free) {
    leave(w, below);
    join_above(w, below);
    id = below;
  }
  enter(w, id);
}

/* ---- The sweep ---- */

typedef struct event {
  uint32_t step, block;
} event;

static int by_step(const void *a, const void *b) {
  const event *x = a, *y = b;
  if (x->step != y->step) return x->step < y->step ? -1 : 1;
  return x->block < y->block ? -1 : x->block > y->block;
}

/** `held` is by block: its segment. */
static void sweep(space *w, gm__block *blocks, size_t count, event *births, event *deaths, uint32_t *held) {
  for (size_t i = 0; i < count; i++) {
    births[i] = (event){blocks[i].first, (uint32_t)i};
    deaths[i] = (event){blocks[i].last, (uint32_t)i};
  }
  qsort(births, count, sizeof *births, by_step);
  qsort(deaths, count, sizeof *deaths, by_step);
  for (size_t i = 0, dead = 0; i < count; i++) {
    for (; deaths[dead].step < births[i].step; dead++) give(w, held[deaths[dead].block]);
    gm__block *b = &blocks[births[i].block];
    held[births[i].block] = take(w, b->size);
    b->offset = w->segments[held[births[i].block]].offset;
  }
}

gm_status gm__memory_sweep(gm__block *blocks, size_t count, gm_error *error) {
  space *w = gm__alloc_zero(1, sizeof *w);
  event *births = gm__alloc(count, sizeof *births), *deaths = gm__alloc(count, sizeof *deaths);
  uint32_t *held = gm__alloc(count, sizeof *held);
  segment *segments = gm__alloc(2 * count + 1, sizeof *segments);
  gm_status status = w && births && deaths && held && segments ? GM_OK : gm__no_memory(error);
  if (status == GM_OK) {
    w->segments = segments;
    w->unused = w->last = NONE;
    for (int i = 0; i < CLASSES; i++) w->lists[i] = NONE;
    sweep(w, blocks, count, births, deaths, held);
  }
  gm__free(segments);
  gm__free(held);
  gm__free(deaths);
  gm__free(births);
  gm__free(w);
  return status;
}
