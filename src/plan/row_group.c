/* SPDX-License-Identifier: MIT
 *
 * Groups of steps over the same rows. What a step reads of an earlier one must be that one's same row: its
 * bytes from one row to the next are those of a row of the value, and all that is read lies within. What only
 * the group knows is kept for a block of rows, or in the place of what is made of it. */
#include "plan/row_group.h"

#include <string.h>

/** Bytes of a block: of what one row touches in all, and of one value that is kept for a block. */
#define BLOCK_BYTES (128 * 1024)
#define VALUE_BYTES (32 * 1024)

/** How an operand walks: bytes from row to row; is what a row touches within that row of the buffer? */
typedef struct walk {
  int64_t shift;
  bool within;
} walk;

static const gm__loops *outer_of(const gm__step *step) {
  if (step->kernel == &gm__kernel_map) return &((const gm__map *)step->descriptor)->loops;
  if (step->kernel == &gm__kernel_reduce) return &((const gm__reduce *)step->descriptor)->outer;
  return NULL;
}

int64_t gm__step_rows(const gm__step *step) {
  const gm__loops *loops = outer_of(step);
  return loops && loops->rank > 0 ? loops->dims[0] : 0;
}

static void extend(int64_t bytes, int64_t *least, int64_t *most) {
  *(bytes < 0 ? least : most) += bytes;
}

static walk walk_of(const gm__row_group *g, const gm__step *step, int operand) {
  const gm__loops *loops = outer_of(step);
  const gm__operand *o = &step->operands[operand];
  int64_t size = (int64_t)gm__dtype_bytes((gm_dtype)o->dtype), least = o->offset, most = o->offset + size;
  int64_t bytes = (int64_t)g->program->buffers[o->buffer].bytes, inner = loops->dims[0] / g->rows;
  const int64_t *strides = loops->strides + operand * loops->rank;
  extend(strides[0] * (inner - 1) * size, &least, &most);
  for (int a = 1; a < loops->rank; a++) extend(strides[a] * (loops->dims[a] - 1) * size, &least, &most);
  if (step->kernel == &gm__kernel_reduce && operand == 0) {
    const gm__loops *reduced = &((const gm__reduce *)step->descriptor)->inner;
    for (int a = 0; a < reduced->rank; a++)
      extend(reduced->strides[a] * (reduced->dims[a] - 1) * size, &least, &most);
  }
  walk w = {.shift = strides[0] * inner * size};
  w.within = bytes % g->rows == 0 && w.shift == bytes / g->rows && least >= 0 && most <= w.shift;
  return w;
}

static const gm__step *member(const gm__row_group *g, uint32_t i) {
  return &g->program->steps[g->first + i];
}

static bool is_made_within(const gm__row_group *g, uint32_t buffer) {
  uint32_t writer = g->uses->writer[buffer];
  return writer >= g->first && writer < g->first + g->count;
}

static bool has_rows(const gm__row_group *g, const gm__step *step) {
  int64_t rows = gm__step_rows(step);
  return rows > 0 && rows % g->rows == 0 && walk_of(g, step, step->reads).within &&
         g->uses->writer[step->operands[step->reads].buffer] < GM__MANY_STEPS;
}

/** Does every step of the group read a value row by row, and any at all? */
static bool is_read_by_rows(const gm__row_group *g, uint32_t buffer) {
  bool some = false;
  for (uint32_t i = 0; i < g->count; i++) {
    const gm__step *step = member(g, i);
    for (int o = 0; o < step->reads; o++) {
      if (step->operands[o].buffer != buffer) continue;
      if (!walk_of(g, step, o).within) return false;
      some = true;
    }
  }
  return some;
}

bool gm__row_group_takes(const gm__row_group *g, uint32_t at) {
  const gm__step *step = &g->program->steps[at];
  bool related = false;
  if (g->count == GM__GROUP_STEPS || step->once != member(g, 0)->once || !has_rows(g, step)) return false;
  if (at < g->first) return is_read_by_rows(g, step->operands[step->reads].buffer);
  for (int o = 0; o < step->reads; o++) {
    uint32_t buffer = step->operands[o].buffer;
    bool within = walk_of(g, step, o).within;
    if (is_made_within(g, buffer) && !within) return false;
    related = related || is_made_within(g, buffer) || (within && is_read_by_rows(g, buffer));
  }
  return related;
}

/* ---- Places ---- */

/** One buffer of the group: the steps that first write and last read it (count: it is needed afterwards),
 * bytes a row, and where it lives: itself, or the value whose place it takes. */
typedef struct place {
  uint32_t buffer, root;
  uint32_t first, last;
  int64_t row;
  bool made, local;
} place;

typedef struct layout {
  const gm__row_group *g;
  place places[GM__ROWS_SLOTS];
  int count;
  gm__rows_slot slots[GM__ROWS_SLOTS];
  uint32_t slot_place[GM__ROWS_SLOTS];
  int slot_count;
  int64_t block;
} layout;

static int place_for(layout *l, uint32_t buffer) {
  int at = 0;
  while (at < l->count && l->places[at].buffer != buffer) at++;
  if (at == GM__ROWS_SLOTS) return -1;
  if (at < l->count) return at;
  l->places[l->count++] = (place){.buffer = buffer, .root = (uint32_t)at, .first = UINT32_MAX};
  return at;
}

/** Readers within the group. */
static uint32_t readers_within(const gm__row_group *g, uint32_t buffer) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < g->count; i++) {
    bool reads = false;
    for (int o = 0; o < member(g, i)->reads; o++) reads = reads || member(g, i)->operands[o].buffer == buffer;
    count += reads;
  }
  return count;
}

static bool list_places(layout *l) {
  const gm__row_group *g = l->g;
  for (uint32_t i = 0; i < g->count; i++) {
    const gm__step *step = member(g, i);
    for (int o = 0; o <= step->reads; o++) {
      int at = place_for(l, step->operands[o].buffer);
      if (at < 0) return false;
      place *p = &l->places[at];
      p->last = i;
      if (o == step->reads) p->first = i, p->made = true;
      p->row = (int64_t)g->program->buffers[p->buffer].bytes / g->rows;
    }
  }
  for (int i = 0; i < l->count; i++) {
    place *p = &l->places[i];
    const gm__buffer *b = &g->program->buffers[p->buffer];
    p->local = p->made && b->kind == GM__BUFFER_TEMPORARY && !b->kept && p->last > p->first &&
               g->uses->readers[p->buffer] == readers_within(g, p->buffer);
  }
  return true;
}

/** A value that the group alone knows takes the place of one that is made of it, where it may be written
 * over, or that of another of the kind that is not needed any more. */
static void join_places(layout *l) {
  const gm__row_group *g = l->g;
  for (uint32_t i = g->count; i-- > 0;) {
    const gm__step *step = member(g, i);
    uint32_t to = (uint32_t)place_for(l, step->operands[step->reads].buffer);
    for (int o = 0; o < step->reads; o++) {
      uint32_t from = (uint32_t)place_for(l, step->operands[o].buffer);
      place *p = &l->places[from], *root = &l->places[l->places[to].root];
      bool joins = step->in_place >> o & 1 && p->local && p->root == from && p->last == i &&
                   p->row == root->row && root->first == i;
      for (int k = 0; k < step->reads; k++)
        joins = joins && (step->operands[k].buffer != p->buffer || step->in_place >> k & 1);
      if (!joins) continue;
      p->root = l->places[to].root;
      root->first = p->first;
      break;
    }
  }
}

static void reuse_places(layout *l) {
  for (int i = 0; i < l->count; i++) {
    place *p = &l->places[i];
    if (!p->local || p->root != (uint32_t)i) continue;
    for (int k = 0; k < l->count; k++) {
      place *other = &l->places[k];
      if (k == i || !other->local || other->root != (uint32_t)k || other->row != p->row) continue;
      if (other->last >= p->first) continue;
      for (int j = 0; j < l->count; j++)
        if (l->places[j].root == (uint32_t)k) l->places[j].root = (uint32_t)i;
      p->first = other->first;
      break;
    }
  }
}

/** Rows of a block; 0: a row is too wide. */
static int64_t block_of(const layout *l) {
  int64_t bytes = 0, block = l->g->rows;
  for (int i = 0; i < l->count; i++) {
    const place *p = &l->places[i];
    if (p->root != (uint32_t)i) continue;
    bytes += p->row;
    if (p->local && VALUE_BYTES < p->row * block) block = VALUE_BYTES / p->row;
  }
  if (bytes > 4 * BLOCK_BYTES) return 0;
  int64_t fits = bytes > BLOCK_BYTES ? 1 : BLOCK_BYTES / (bytes > 0 ? bytes : 1);
  return fits < block ? fits : block;
}

/* ---- The step ---- */

static bool add_slot(layout *l, const gm__step *step, int operand, uint32_t *slot) {
  uint32_t root = l->places[place_for(l, step->operands[operand].buffer)].root;
  int64_t shift = l->places[root].local ? 0 : walk_of(l->g, step, operand).shift;
  int at = 0;
  while (at < l->slot_count && (l->slot_place[at] != root || l->slots[at].shift != shift)) at++;
  if (at == GM__ROWS_SLOTS) return false;
  l->slot_place[at] = root;
  l->slots[at].shift = shift;
  l->slots[at].kept = l->places[root].local ? l->places[root].row * l->block : 0;
  if (at == l->slot_count) l->slot_count++;
  *slot = (uint32_t)at;
  return true;
}

/** The operands of the step within, by slots. NULL: too many, or no memory, which *memory tells. */
static gm__operand *slotted(layout *l, const gm__step *step, bool *memory) {
  gm__arena *arena = &l->g->program->arena;
  gm__operand *operands = gm__arena_copy(arena, step->operands, (size_t)(step->reads + 1) * sizeof *operands);
  *memory = operands != NULL;
  for (int o = 0; operands && o <= step->reads; o++)
    if (!add_slot(l, step, o, &operands[o].buffer)) return NULL;
  return operands;
}

static bool set_loops(gm__arena *arena, gm__loops *loops, int64_t rows, int64_t of) {
  int64_t *dims = gm__arena_copy(arena, loops->dims, (size_t)loops->rank * sizeof *dims);
  if (!dims) return false;
  dims[0] = dims[0] / of * rows;
  loops->dims = dims;
  return true;
}

/** The descriptor for fewer rows; NULL: no memory. */
static const void *descriptor_for(const layout *l, const gm__step *step, int64_t rows) {
  gm__arena *arena = &l->g->program->arena;
  if (step->kernel == &gm__kernel_map) {
    gm__map *map = gm__arena_copy(arena, step->descriptor, sizeof *map);
    return map && set_loops(arena, &map->loops, rows, l->g->rows) ? map : NULL;
  }
  gm__reduce *reduce = gm__arena_copy(arena, step->descriptor, sizeof *reduce);
  return reduce && set_loops(arena, &reduce->outer, rows, l->g->rows) ? reduce : NULL;
}

static gm__step *steps_for(const layout *l, gm__operand *const *operands, int64_t rows) {
  const gm__row_group *g = l->g;
  gm__step *steps = gm__arena_copy(&g->program->arena, member(g, 0), g->count * sizeof *steps);
  for (uint32_t i = 0; steps && i < g->count; i++) {
    steps[i].operands = operands[i];
    steps[i].descriptor = descriptor_for(l, member(g, i), rows);
    if (!steps[i].descriptor) return NULL;
  }
  return steps;
}

static double operand_bytes(const gm__step *step, int operand) {
  const gm__loops *loops = outer_of(step);
  double bytes = (double)gm__dtype_bytes((gm_dtype)step->operands[operand].dtype);
  for (int a = 0; a < loops->rank; a++)
    bytes *= loops->strides[operand * loops->rank + a] ? (double)loops->dims[a] : 1;
  if (step->kernel == &gm__kernel_reduce && operand == 0)
    bytes *= (double)((const gm__reduce *)step->descriptor)->inner_count;
  return bytes;
}

/** Bytes that it moves: of each buffer that is not kept within, the most that a step touches. */
static double bytes_of(layout *l) {
  double most[GM__ROWS_SLOTS] = {0}, sum = 0;
  for (uint32_t i = 0; i < l->g->count; i++) {
    const gm__step *step = member(l->g, i);
    for (int o = 0; o <= step->reads; o++) {
      int at = place_for(l, step->operands[o].buffer);
      double bytes = operand_bytes(step, o);
      if (bytes > most[at]) most[at] = bytes;
    }
  }
  for (int i = 0; i < l->count; i++) sum += l->places[i].local ? 0 : most[i];
  return sum;
}

static bool pays(layout *l) {
  double apart = 0;
  for (uint32_t i = 0; i < l->g->count; i++) apart += member(l->g, i)->bytes;
  return 8 * bytes_of(l) <= 7 * apart;
}

/** May the result of the last step lie over a value that comes from outside? It is read by rows, as the
 * result is written, and not after the result's place is first written to. */
static bool may_write_over(const layout *l, const place *result, int value) {
  const gm__row_group *g = l->g;
  const place *p = &l->places[value];
  const gm__buffer *buffers = g->program->buffers;
  if (buffers[p->buffer].bytes != buffers[result->buffer].bytes || p->last > result->first) return false;
  for (uint32_t i = 0; i < g->count; i++)
    for (int o = 0; o < member(g, i)->reads; o++) {
      if (member(g, i)->operands[o].buffer != p->buffer) continue;
      bool over = i < result->first || member(g, i)->in_place >> o & 1;
      if (!over || !walk_of(g, member(g, i), o).within) return false;
    }
  return true;
}

/** Operands of the whole: what comes from outside, the last result, what else is made. */
static int list_operands(layout *l, gm__operand *operands, gm__step *out) {
  uint32_t order[GM__ROWS_SLOTS], result = l->places[place_for(l, out->operands[out->reads].buffer)].root;
  int count = 0;
  out->in_place = 0;
  for (int i = 0; i < l->count; i++)
    if (!l->places[i].made) {
      if (count < 32 && may_write_over(l, &l->places[result], i)) out->in_place |= 1u << count;
      order[count++] = (uint32_t)i;
    }
  out->reads = (uint16_t)count;
  order[count++] = result;
  for (uint32_t i = 0; i < (uint32_t)l->count; i++)
    if (l->places[i].made && l->places[i].root == i && i != result) order[count++] = i;
  out->writes = (uint16_t)(count - out->reads);
  for (int i = 0; i < count; i++) {
    operands[i] = (gm__operand){.buffer = l->places[order[i]].buffer, .dtype = GM_UINT8};
    for (int s = 0; s < l->slot_count; s++)
      if (l->slot_place[s] == order[i]) l->slots[s].operand = (uint32_t)i;
  }
  return count;
}

/** Values of the group: kept for a block, in the place of another, or gone. */
static void settle_buffers(const layout *l) {
  gm__buffer *buffers = l->g->program->buffers;
  for (int i = 0; i < l->count; i++) {
    const place *p = &l->places[i], *root = &l->places[p->root];
    if (p->root == (uint32_t)i) {
      if (p->local && buffers[p->buffer].bytes > VALUE_BYTES) buffers[p->buffer].bytes = VALUE_BYTES;
    } else if (p->buffer < root->buffer) {
      buffers[p->buffer].same = root->buffer;
    }
  }
}

static gm_status finish(layout *l, gm__operand *const *within, gm__step *out, gm_error *error) {
  const gm__row_group *g = l->g;
  gm__arena *arena = &g->program->arena;
  gm__operand operands[GM__ROWS_SLOTS];
  gm__rows rows = {.rows = g->rows, .block = l->block, .count = (int)g->count, .slots = l->slot_count};
  int64_t rest = g->rows % l->block;
  double flops = 0, bytes = bytes_of(l);
  for (uint32_t i = 0; i < g->count; i++) flops += member(g, i)->flops;
  *out = *member(g, g->count - 1);
  int count = list_operands(l, operands, out);
  rows.steps = steps_for(l, within, l->block);
  rows.rest = rest ? steps_for(l, within, rest) : rows.steps;
  rows.slot = gm__arena_copy(arena, l->slots, (size_t)l->slot_count * sizeof *l->slots);
  out->operands = gm__arena_copy(arena, operands, (size_t)count * sizeof *operands);
  out->descriptor = gm__arena_copy(arena, &rows, sizeof rows);
  if (!rows.steps || !rows.rest || !rows.slot || !out->operands || !out->descriptor)
    return gm__no_memory(error);
  out->kernel = &gm__kernel_rows;
  out->flops = flops;
  out->bytes = bytes;
  settle_buffers(l);
  return GM_OK;
}

gm_status gm__row_group_end(const gm__row_group *group, gm__step *out, bool *done, gm_error *error) {
  layout l = {.g = group};
  gm__operand *within[GM__GROUP_STEPS];
  bool memory;
  *done = false;
  if (!list_places(&l) || !pays(&l)) return GM_OK;
  join_places(&l);
  reuse_places(&l);
  l.block = block_of(&l);
  if (l.block == 0) return GM_OK;
  for (uint32_t i = 0; i < group->count; i++) {
    within[i] = slotted(&l, member(group, i), &memory);
    if (!memory) return gm__no_memory(error);
    if (!within[i]) return GM_OK;
  }
  *done = true;
  return finish(&l, within, out, error);
}
