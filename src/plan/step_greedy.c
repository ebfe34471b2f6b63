/* SPDX-License-Identifier: MIT
 *
 * The greedy order: a heap of the steps that are ready, by what they add to what is alive. What a step adds
 * changes when a buffer that it touches is born, or has no other user left; it is then entered once more, and
 * the stale entry passed over. Each buffer does either once, so the work stays near linear. */
#include "plan/step_order.h"

typedef struct entry {
  double adds;
  uint32_t step;
} entry;

typedef struct greedy {
  const gm__precedence *p;
  uint32_t *waiting, *left; /* by step: those that it waits for still; by buffer: users not done yet */
  bool *born, *done;        /* by buffer; by step */
  double *adds;             /* by step, as last entered */
  entry *heap;
  size_t count, capacity;
} greedy;

static bool comes_first(const entry *a, const entry *b) {
  return a->adds != b->adds ? a->adds < b->adds : a->step < b->step;
}

static bool push(greedy *g, entry e) {
  if (!gm__grow((void **)&g->heap, &g->capacity, g->count + 1, sizeof *g->heap)) return false;
  size_t at = g->count++;
  for (; at > 0 && comes_first(&e, &g->heap[(at - 1) / 2]); at = (at - 1) / 2)
    g->heap[at] = g->heap[(at - 1) / 2];
  g->heap[at] = e;
  return true;
}

static entry pop(greedy *g) {
  entry top = g->heap[0], last = g->heap[--g->count];
  size_t at = 0;
  for (size_t child = 1; child < g->count; child = 2 * at + 1) {
    if (child + 1 < g->count && comes_first(&g->heap[child + 1], &g->heap[child])) child++;
    if (!comes_first(&g->heap[child], &last)) break;
    g->heap[at] = g->heap[child];
    at = child;
  }
  g->heap[at] = last;
  return top;
}

static bool enter(greedy *g, uint32_t step) {
  const gm__lists *touched = &g->p->touched;
  double adds = 0;
  for (uint32_t i = touched->start[step]; i < touched->start[step + 1]; i++) {
    uint32_t buffer = touched->items[i];
    if (!g->born[buffer]) adds += (double)g->p->size[buffer];
    if (g->left[buffer] == 1) adds -= (double)g->p->size[buffer];
  }
  g->adds[step] = adds;
  return push(g, (entry){adds, step});
}

/** The users of a buffer whose state has changed, as far as they are ready, are entered anew. */
static bool enter_users(greedy *g, uint32_t buffer) {
  const gm__lists *users = &g->p->users;
  bool fine = true;
  for (uint32_t i = users->start[buffer]; i < users->start[buffer + 1] && fine; i++) {
    uint32_t step = users->items[i];
    if (!g->done[step] && g->waiting[step] == 0) fine = enter(g, step);
  }
  return fine;
}

static bool finish(greedy *g, uint32_t step) {
  const gm__lists *touched = &g->p->touched, *after = &g->p->after;
  bool fine = true;
  g->done[step] = true;
  for (uint32_t i = touched->start[step]; i < touched->start[step + 1] && fine; i++) {
    uint32_t buffer = touched->items[i];
    bool changed = g->p->size[buffer] && (!g->born[buffer] || g->left[buffer] == 2);
    g->born[buffer] = true;
    g->left[buffer]--;
    if (changed) fine = enter_users(g, buffer);
  }
  for (uint32_t i = after->start[step]; i < after->start[step + 1] && fine; i++) {
    if (--g->waiting[after->items[i]] == 0) fine = enter(g, after->items[i]);
  }
  return fine;
}

static bool choose(greedy *g, uint32_t *order) {
  const gm__precedence *p = g->p;
  bool fine = true;
  for (uint32_t b = 0; b < p->buffers; b++) g->left[b] = p->users.start[b + 1] - p->users.start[b];
  for (uint32_t s = 0; s < p->steps; s++) g->waiting[s] = p->before.start[s + 1] - p->before.start[s];
  for (uint32_t s = 0; s < p->steps && fine; s++) fine = g->waiting[s] > 0 || enter(g, s);
  for (size_t count = 0; count < p->steps && fine;) {
    entry next = pop(g);
    if (g->done[next.step] || next.adds != g->adds[next.step]) continue;
    order[count++] = next.step;
    fine = finish(g, next.step);
  }
  return fine;
}

gm_status gm__order_greedy(const gm__precedence *p, uint32_t *order, gm_error *error) {
  greedy g = {.p = p};
  g.waiting = gm__alloc(p->steps, sizeof *g.waiting);
  g.left = gm__alloc(p->buffers, sizeof *g.left);
  g.born = gm__alloc_zero(p->buffers, sizeof *g.born);
  g.done = gm__alloc_zero(p->steps, sizeof *g.done);
  g.adds = gm__alloc(p->steps, sizeof *g.adds);
  bool fine = g.waiting && g.left && g.born && g.done && g.adds && choose(&g, order);
  gm__free(g.heap);
  gm__free(g.adds);
  gm__free(g.done);
  gm__free(g.born);
  gm__free(g.left);
  gm__free(g.waiting);
  return fine ? GM_OK : gm__no_memory(error);
}
