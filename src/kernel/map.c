/* SPDX-License-Identifier: MIT
 *
 * The interpreter of fused elementwise programs. It works a block at a time, so that what one instruction
 * leaves the next still finds in the first cache: operands that lie contiguously are used where they are, the
 * others are gathered into a block on the stack, a scalar once for all. Rows too short to be worth a block
 * are taken several at once. */
#include "kernel/strided.h"
#include "kernel/walk.h"

enum { AREA = 32 * 1024, BLOCK = 1024, SHORT_ROW = 64, LONG_ROW = 512, PAD = 64 };

/* DIRECT: used in place; SCALAR: one value, filled in once; REPEATED: one row for all rows, as often as a
 * block has rows, filled in once; GATHERED: block by block. */
typedef enum access { DIRECT, SCALAR, REPEATED, GATHERED } access;

typedef struct operand {
  char *base, *block;
  size_t size;
  int64_t stride;
  access access;
} operand;

/* The place reached: the index of the outer axes, the element of the row, the offsets of the row. */
typedef struct place {
  int64_t index[GM__LOOPS_RANK], offsets[GM__MAP_REGISTERS];
  int64_t at, done;
} place;

/* The operands are the inputs and, behind them, the output. */
typedef struct machine {
  const gm__map *map;
  operand operands[GM__MAP_REGISTERS];
  char *slots; /* the blocks of results between instructions */
  const void *values[GM__MAP_REGISTERS];
  int64_t row;
  int outer;          /* axes around the row */
  bool crossing;      /* blocks go on over the ends of rows */
  bool walks;         /* something is gathered or scattered */
  size_t block, slot; /* elements of a block; bytes of a slot */
  place place;
} machine;

static bool is_dense(const gm__loops *loops, int number) {
  int64_t expected = 1;
  for (int axis = loops->rank - 1; axis >= 0; axis--) {
    if (gm__loops_stride(loops, number, axis) != expected && loops->dims[axis] != 1) return false;
    expected *= loops->dims[axis];
  }
  return true;
}

static bool is_scalar(const gm__loops *loops, int number) {
  for (int axis = 0; axis < loops->rank; axis++)
    if (gm__loops_stride(loops, number, axis) != 0) return false;
  return true;
}

/* Is it the same row for all rows? */
static bool is_row(const gm__loops *loops, int number) {
  for (int axis = 0; axis < loops->rank - 1; axis++)
    if (gm__loops_stride(loops, number, axis) != 0) return false;
  return true;
}

/* Are several rows at once as good as one? For short ones always; else where no operand must be gathered for
 * it. */
static bool crosses(const gm__map *map, int64_t row) {
  const gm__loops *loops = &map->loops;
  bool fine = loops->rank > 1 && row < LONG_ROW;
  for (int i = 0; i <= map->inputs && fine && row >= SHORT_ROW; i++)
    fine = gm__loops_stride(loops, i, loops->rank - 1) == 0 || is_dense(loops, i) || is_row(loops, i);
  return fine;
}

static access access_of(const machine *m, int number, int64_t stride) {
  const gm__loops *loops = &m->map->loops;
  if (m->crossing ? is_dense(loops, number) : stride == 1) return DIRECT;
  if (number == m->map->inputs) return GATHERED;
  if (is_scalar(loops, number)) return SCALAR;
  return m->crossing && is_row(loops, number) ? REPEATED : GATHERED;
}

static void set_operands(machine *m, const gm__map_bases *bases) {
  const gm__loops *loops = &m->map->loops;
  m->row = loops->rank > 0 ? loops->dims[loops->rank - 1] : 1;
  m->outer = loops->rank > 0 ? loops->rank - 1 : 0;
  m->crossing = crosses(m->map, m->row);
  m->walks = !m->crossing;
  for (int i = 0; i <= m->map->inputs; i++) {
    operand *o = &m->operands[i];
    o->base = bases->at[i];
    o->size = bases->size[i];
    o->stride = loops->rank > 0 ? gm__loops_stride(loops, i, loops->rank - 1) : 1;
    o->access = access_of(m, i, o->stride);
    m->walks = m->walks || o->access == GATHERED;
  }
}

/* Bytes of all blocks, an element. */
static size_t block_bytes(const machine *m) {
  size_t bytes = 0;
  for (int i = 0; i <= m->map->inputs; i++)
    if (m->operands[i].access != DIRECT) bytes += m->operands[i].size;
  return bytes + (size_t)m->map->slots * m->map->width;
}

/* Without blocks the functions run over whole rows; across rows blocks end where rows end, as far as there is
 * room for one. */
static void place_blocks(machine *m, char *area) {
  size_t bytes = block_bytes(m), used = 0, room = AREA - PAD * GM__MAP_REGISTERS;
  m->block = bytes == 0 ? SIZE_MAX : room / bytes < BLOCK ? room / bytes / 16 * 16 : BLOCK;
  if (m->crossing && bytes > 0) m->block -= m->block % (size_t)m->row;
  for (int i = 0; i <= m->map->inputs; i++) {
    if (m->operands[i].access == DIRECT) continue;
    m->operands[i].block = area + used;
    used += (m->block * m->operands[i].size + PAD - 1) / PAD * PAD;
  }
  m->slots = area + used;
  m->slot = bytes == 0 ? 0 : (m->block * m->map->width + PAD - 1) / PAD * PAD;
}

static void fill_rows(const machine *m, const operand *o, size_t count) {
  size_t row = (size_t)m->row, done = row < count ? row : count;
  gm__strided_copy(o->block, 1, o->base, o->stride, done, o->size);
  for (size_t part; done < count; done += part) {
    part = done < count - done ? done : count - done;
    memcpy(o->block + done * o->size, o->block, part * o->size);
  }
}

/* What is the same in all blocks. */
static void fill_constants(machine *m, int64_t count) {
  size_t most = (uint64_t)count < m->block ? (size_t)count : m->block;
  for (int i = 0; i < m->map->inputs; i++) {
    operand *o = &m->operands[i];
    if (o->access != DIRECT) m->values[i] = o->block;
    if (o->access == SCALAR) gm__strided_fill(o->block, 1, o->base, most, o->size);
    if (o->access == REPEATED) fill_rows(m, o, most);
  }
}

static char *direct_address(const machine *m, int number) {
  const place *p = &m->place;
  int64_t element = m->crossing ? p->done : p->offsets[number] + p->at;
  return m->operands[number].base + element * (int64_t)m->operands[number].size;
}

/* Where the row of an operand is at the moment. */
static char *row_address(const machine *m, const place *p, int number) {
  const operand *o = &m->operands[number];
  return o->base + (p->offsets[number] + p->at * o->stride) * (int64_t)o->size;
}

static void advance(const machine *m, place *p, int64_t count) {
  p->done += count;
  p->at += count;
  if (p->at < m->row) return;
  p->at = 0;
  gm__loops_next(&m->map->loops, m->outer, m->map->inputs + 1, p->index, p->offsets);
}

static size_t piece_of(const machine *m, const place *p, size_t wanted) {
  return (int64_t)wanted < m->row - p->at ? wanted : (size_t)(m->row - p->at);
}

/* Brings `n` elements of the gathered inputs into their blocks and moves on. */
static void gather(machine *m, size_t n) {
  if (!m->walks) {
    m->place.done += (int64_t)n;
    return;
  }
  for (size_t done = 0; done < n;) {
    size_t piece = piece_of(m, &m->place, n - done);
    for (int i = 0; i < m->map->inputs; i++) {
      operand *o = &m->operands[i];
      if (o->access == GATHERED)
        gm__strided_copy(
            o->block + done * o->size, 1, row_address(m, &m->place, i), o->stride, piece, o->size);
    }
    advance(m, &m->place, (int64_t)piece);
    done += piece;
  }
}

static void scatter(const machine *m, place *from, size_t n) {
  int output = m->map->inputs;
  const operand *o = &m->operands[output];
  for (size_t done = 0; done < n;) {
    size_t piece = piece_of(m, from, n - done);
    gm__strided_copy(row_address(m, from, output), o->stride, o->block + done * o->size, 1, piece, o->size);
    advance(m, from, (int64_t)piece);
    done += piece;
  }
}

/* The instructions over `n` elements. values: where the inputs are, and room for what follows; slot: bytes of
 * a block. */
static void run_instructions(
    const gm__map *map, const void **values, char *slots, size_t slot, char *result, size_t n) {
  for (int i = 0; i < map->count; i++) {
    const gm__map_op *op = &map->program[i];
    const void *args[3] = {NULL, NULL, NULL};
    char *out = i == map->count - 1 ? result : slots + op->slot * slot;
    for (int a = 0; a < op->arity; a++) args[a] = values[op->args[a]];
    gm__map_apply(op->function, out, args, n, op->parameters);
    values[map->inputs + i] = out;
  }
}

static void run_block(machine *m, size_t n) {
  const operand *output = &m->operands[m->map->inputs];
  for (int i = 0; i < m->map->inputs; i++)
    if (m->operands[i].access == DIRECT) m->values[i] = direct_address(m, i);
  if (output->access == DIRECT) {
    char *result = direct_address(m, m->map->inputs);
    gather(m, n);
    run_instructions(m->map, m->values, m->slots, m->slot, result, n);
    return;
  }
  place before = m->place;
  gather(m, n);
  run_instructions(m->map, m->values, m->slots, m->slot, output->block, n);
  scatter(m, &before, n);
}

static gm_status check(const gm__map *map, gm_error *error) {
  if (map->count < 1 || map->count > GM__MAP_PROGRAM || map->inputs < 0 ||
      map->inputs + map->count > GM__MAP_REGISTERS)
    GM_FAIL(error, GM_INTERNAL,
        "map: a program of %d instructions on %d inputs is beyond %d and %d registers", map->count,
        map->inputs, GM__MAP_PROGRAM, GM__MAP_REGISTERS);
  return GM_OK;
}

/* All operands lie in order: nothing to arrange. */
static bool is_plain(const gm__map *map) {
  if (map->loops.rank > 1) return false;
  for (int i = 0; i <= map->inputs && map->loops.rank == 1; i++)
    if (map->loops.strides[i] != 1) return false;
  return true;
}

static void run_plain(const gm__map *map, const gm__map_bases *bases) {
  _Alignas(PAD) char slots[AREA];
  const void *values[GM__MAP_REGISTERS];
  size_t count = map->loops.rank > 0 ? (size_t)map->loops.dims[0] : 1,
         width = (size_t)map->slots * map->width;
  size_t most = width == 0 ? count : AREA / width / PAD * PAD, block = width && most > BLOCK ? BLOCK : most;
  for (size_t done = 0; done < count; done += block) {
    size_t n = count - done < block ? count - done : block;
    for (int i = 0; i < map->inputs; i++) values[i] = bases->at[i] + done * bases->size[i];
    char *result = bases->at[map->inputs] + done * bases->size[map->inputs];
    run_instructions(map, values, slots, block * map->width, result, n);
  }
}

static void run_blocks(const gm__map *map, const gm__map_bases *bases) {
  _Alignas(PAD) char area[AREA];
  machine m;
  int64_t count = gm__loops_count(&map->loops);
  if (count == 0) return;
  m.map = map;
  set_operands(&m, bases);
  place_blocks(&m, area);
  fill_constants(&m, count);
  gm__loops_begin(m.outer, map->inputs + 1, m.place.index, m.place.offsets);
  m.place.at = m.place.done = 0;
  while (m.place.done < count) {
    int64_t left = m.crossing ? count - m.place.done : m.row - m.place.at;
    run_block(&m, (uint64_t)left < m.block ? (size_t)left : m.block);
  }
}

void gm__map_run(const gm__map *map, const gm__map_bases *bases) {
  if (is_plain(map))
    run_plain(map, bases);
  else
    run_blocks(map, bases);
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__map *map = step->descriptor;
  gm__map_bases bases;
  GM_TRY(check(map, run->error));
  for (int i = 0; i <= map->inputs; i++) {
    bases.at[i] = gm__step_address(step, run, i);
    bases.size[i] = (uint8_t)gm__dtype_bytes((gm_dtype)step->operands[i].dtype);
  }
  gm__map_run(map, &bases);
  return GM_OK;
}

void gm__map_text(const gm__map *map, gm__text *text) {
  for (int i = 0; i < map->count; i++) {
    if (i > 0) gm__text_char(text, ' ');
    gm__text_add(text, map->program[i].name);
  }
}

static void text(const gm__step *step, gm__text *text) {
  gm__map_text(step->descriptor, text);
}

const gm__kernel gm__kernel_map = {"map", run, NULL, text, GM__CUT(gm__map, loops, 0, 0, 0)};
