/* SPDX-License-Identifier: MIT
 *
 * Which step waits for which, and the order by need. Nothing here recurses: graphs are deep. */
#include "plan/step_order.h"

#include <string.h>

#define NONE UINT32_MAX

/* ---- Lives ---- */

void gm__steps_set_lives(gm__buffer *buffers, size_t count, const gm__step *steps, size_t step_count) {
  for (size_t i = 0; i < count; i++) buffers[i].first = UINT32_MAX;
  for (uint32_t s = 0; s < step_count; s++) {
    for (int o = 0; o < steps[s].reads + steps[s].writes; o++) {
      gm__buffer *b = &buffers[steps[s].operands[o].buffer];
      if (b->first == UINT32_MAX) b->first = s;
      b->last = b->kept ? (uint32_t)step_count - 1 : s;
    }
  }
}

/* ---- Lists ---- */

/** Room for `rows` rows; start[i + 1] counts the items of row i until gm__lists are filled. */
static bool lists_new(gm__lists *lists, size_t rows, size_t items) {
  lists->start = gm__alloc_zero(rows + 2, sizeof *lists->start);
  lists->items = gm__alloc(items, sizeof *lists->items);
  return lists->start && lists->items;
}

static void lists_free(gm__lists *lists) {
  gm__free(lists->start);
  gm__free(lists->items);
}

typedef struct pair {
  uint32_t row, item;
} pair;

/** Fills the lists from pairs, in their order; `by_item` exchanges the two. */
static bool lists_fill(gm__lists *lists, size_t rows, const pair *pairs, size_t count, bool by_item) {
  if (!lists_new(lists, rows, count)) return false;
  for (size_t i = 0; i < count; i++) lists->start[(by_item ? pairs[i].item : pairs[i].row) + 2]++;
  for (size_t r = 0; r + 1 < rows + 2; r++) lists->start[r + 1] += lists->start[r];
  for (size_t i = 0; i < count; i++) {
    uint32_t row = by_item ? pairs[i].item : pairs[i].row, item = by_item ? pairs[i].row : pairs[i].item;
    lists->items[lists->start[row + 1]++] = item;
  }
  return true;
}

/* ---- Who waits for whom ---- */

/** While the steps are walked: by buffer, who wrote it last, and who has read it since, as a linked list. */
typedef struct walk {
  const gm__program *program;
  uint32_t *writer, *readers; /* by buffer */
  uint32_t *reader, *next;    /* the list's cells */
  pair *waits, *touches;
  size_t cells, wait_count, touch_count;
} walk;

static void wait_for(walk *w, uint32_t earlier, uint32_t step) {
  if (earlier != NONE && earlier != step) w->waits[w->wait_count++] = (pair){earlier, step};
}

static void note_read(walk *w, uint32_t step, uint32_t buffer) {
  wait_for(w, w->writer[buffer], step);
  w->reader[w->cells] = step;
  w->next[w->cells] = w->readers[buffer];
  w->readers[buffer] = (uint32_t)w->cells++;
}

static void note_write(walk *w, uint32_t step, uint32_t buffer) {
  wait_for(w, w->writer[buffer], step);
  for (uint32_t c = w->readers[buffer]; c != NONE; c = w->next[c]) wait_for(w, w->reader[c], step);
  w->readers[buffer] = NONE;
  w->writer[buffer] = step;
}

static bool touched_before(const gm__step *step, int operand) {
  for (int o = 0; o < operand; o++) {
    if (step->operands[o].buffer == step->operands[operand].buffer) return true;
  }
  return false;
}

static void walk_steps(walk *w) {
  for (uint32_t s = 0; s < w->program->step_count; s++) {
    const gm__step *step = &w->program->steps[s];
    int count = step->reads + step->writes;
    for (int o = 0; o < step->reads; o++) note_read(w, s, step->operands[o].buffer);
    for (int o = step->reads; o < count; o++) note_write(w, s, step->operands[o].buffer);
    for (int o = 0; o < count; o++) {
      if (!touched_before(step, o)) w->touches[w->touch_count++] = (pair){s, step->operands[o].buffer};
    }
  }
}

static size_t operand_count(const gm__program *program) {
  size_t count = 0;
  for (size_t s = 0; s < program->step_count; s++)
    count += (size_t)program->steps[s].reads + program->steps[s].writes;
  return count;
}

static bool measure(const gm__program *program, gm__precedence *out) {
  out->size = gm__alloc_zero(out->buffers, sizeof *out->size);
  for (size_t i = 0; out->size && i < out->buffers; i++) {
    if (program->buffers[i].kind == GM__BUFFER_TEMPORARY) out->size[i] = program->buffers[i].bytes;
  }
  return out->size != NULL;
}

gm_status gm__precedence_of(const gm__program *program, gm__precedence *out, gm_error *error) {
  size_t operands = operand_count(program);
  *out = (gm__precedence){.steps = program->step_count, .buffers = program->buffer_count};
  walk w = {.program = program};
  w.writer = gm__alloc(out->buffers, sizeof *w.writer);
  w.readers = gm__alloc(out->buffers, sizeof *w.readers);
  w.reader = gm__alloc(operands, sizeof *w.reader);
  w.next = gm__alloc(operands, sizeof *w.next);
  w.waits = gm__alloc(2 * operands, sizeof *w.waits);
  w.touches = gm__alloc(operands, sizeof *w.touches);
  bool fine = w.writer && w.readers && w.reader && w.next && w.waits && w.touches && measure(program, out);
  if (fine) {
    memset(w.writer, 0xff, out->buffers * sizeof *w.writer);
    memset(w.readers, 0xff, out->buffers * sizeof *w.readers);
    walk_steps(&w);
    fine = lists_fill(&out->after, out->steps, w.waits, w.wait_count, false) &&
           lists_fill(&out->before, out->steps, w.waits, w.wait_count, true) &&
           lists_fill(&out->touched, out->steps, w.touches, w.touch_count, false) &&
           lists_fill(&out->users, out->buffers, w.touches, w.touch_count, true);
  }
  gm__free(w.touches);
  gm__free(w.waits);
  gm__free(w.next);
  gm__free(w.reader);
  gm__free(w.readers);
  gm__free(w.writer);
  return fine ? GM_OK : gm__no_memory(error);
}

void gm__precedence_free(gm__precedence *p) {
  lists_free(&p->after);
  lists_free(&p->before);
  lists_free(&p->touched);
  lists_free(&p->users);
  gm__free(p->size);
}

/* ---- By need ---- */

typedef struct needs {
  const gm__precedence *p;
  double *need,
      *leaves; /* by step: the most that is alive while it and its inputs are computed; what stays */
  bool *done;
  uint32_t *stack, *at; /* at: by step, the next of its list */
} needs;

/** Bytes of the buffers whose first user the step is. */
static double born_at(const gm__precedence *p, uint32_t step) {
  double bytes = 0;
  for (uint32_t i = p->touched.start[step]; i < p->touched.start[step + 1]; i++) {
    uint32_t buffer = p->touched.items[i];
    if (p->users.items[p->users.start[buffer]] == step) bytes += (double)p->size[buffer];
  }
  return bytes;
}

/** Those that a step waits for, the hungriest beyond what it leaves first. */
static void sort_before(const needs *n, uint32_t step) {
  uint32_t *list = n->p->before.items + n->p->before.start[step];
  size_t count = n->p->before.start[step + 1] - n->p->before.start[step];
  for (size_t i = 1; i < count && i < 64; i++) {
    uint32_t moved = list[i];
    size_t at = i;
    double surplus = n->need[moved] - n->leaves[moved];
    for (; at > 0 && n->need[list[at - 1]] - n->leaves[list[at - 1]] < surplus; at--) list[at] = list[at - 1];
    list[at] = moved;
  }
}

static void weigh(needs *n, uint32_t step) {
  const gm__lists *before = &n->p->before;
  double held = 0, need = 0;
  n->leaves[step] = born_at(n->p, step);
  sort_before(n, step);
  for (uint32_t i = before->start[step]; i < before->start[step + 1]; i++) {
    uint32_t input = before->items[i];
    if (held + n->need[input] > need) need = held + n->need[input];
    held += n->leaves[input];
  }
  n->need[step] = held + n->leaves[step] > need ? held + n->leaves[step] : need;
}

/** Appends what `step` waits for, and then the step itself, to the order. */
static void demand(needs *n, uint32_t step, uint32_t *order, size_t *count) {
  const gm__lists *before = &n->p->before;
  size_t depth = 0;
  n->stack[depth++] = step;
  while (depth > 0) {
    uint32_t top = n->stack[depth - 1];
    bool waits = !n->done[top] && n->at[top] < before->start[top + 1];
    if (waits) {
      uint32_t input = before->items[n->at[top]++];
      if (!n->done[input]) n->stack[depth++] = input;
      continue;
    }
    if (!n->done[top]) order[(*count)++] = top;
    n->done[top] = true;
    depth--;
  }
}

gm_status gm__order_by_need(const gm__precedence *p, uint32_t *order, gm_error *error) {
  needs n = {p, gm__alloc(p->steps, sizeof *n.need), gm__alloc(p->steps, sizeof *n.leaves),
      gm__alloc_zero(p->steps, sizeof *n.done), gm__alloc(p->steps, sizeof *n.stack),
      gm__alloc(p->steps, sizeof *n.at)};
  bool fine = n.need && n.leaves && n.done && n.stack && n.at;
  size_t count = 0;
  for (uint32_t s = 0; fine && s < p->steps; s++) {
    weigh(&n, s);
    n.at[s] = p->before.start[s];
  }
  for (uint32_t s = 0; fine && s < p->steps; s++) {
    if (p->after.start[s] == p->after.start[s + 1]) demand(&n, s, order, &count);
  }
  gm__free(n.at);
  gm__free(n.stack);
  gm__free(n.done);
  gm__free(n.leaves);
  gm__free(n.need);
  return fine ? GM_OK : gm__no_memory(error);
}
