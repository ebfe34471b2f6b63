/* SPDX-License-Identifier: MIT
 *
 * How a map takes in one that it reads. What the earlier one writes is dense, so an element is an index in
 * mixed radix, and a walk along an axis of the reader changes digits: as long as no digit overflows, the
 * operands of the earlier map are reached by strides again. An axis that runs over several of the earlier
 * map's is split where these meet. */
#include "plan/fusion.h"

#include <string.h>

/** How the axes of the reader move the index of the maker: start, and a step an axis of both. */
typedef struct passage {
  const gm__map *maker;
  int rank;                                                               /* of the maker */
  int64_t start[GM__FUSION_RANK], move[GM__FUSION_RANK][GM__FUSION_RANK]; /* move: [axis][digit] */
} passage;

static int64_t stride_of(const gm__loops *loops, int operand, int axis) {
  return loops->strides[operand * loops->rank + axis];
}

static int64_t count_of(const int64_t *dims, int rank) {
  int64_t count = 1;
  for (int a = 0; a < rank; a++) count *= dims[a];
  return count;
}

static size_t size_of(const gm__operand *operand) {
  return gm__dtype_bytes((gm_dtype)operand->dtype);
}

/* ---- Beginning ---- */

bool gm__fusion_begin(gm__fusion *f, const gm__step *step) {
  const gm__map *map = step->descriptor;
  if (map->inputs > GM__MAP_INPUTS || map->loops.rank > GM__FUSION_RANK) return false;
  f->inputs = map->inputs;
  f->count = map->count;
  f->rank = map->loops.rank;
  f->flops = step->flops;
  for (int a = 0; a < f->rank; a++) f->dims[a] = map->loops.dims[a];
  for (int o = 0; o <= map->inputs; o++) {
    int to = o < map->inputs ? o : GM__FUSION_OUT;
    f->operands[to] = step->operands[o];
    for (int a = 0; a < f->rank; a++) f->strides[to][a] = stride_of(&map->loops, o, a);
  }
  for (int i = 0; i < f->count; i++) {
    f->ops[i] = map->program[i];
    for (int k = 0; k < f->ops[i].arity; k++)
      if (f->ops[i].args[k] >= f->inputs)
        f->ops[i].args[k] = (uint8_t)(f->ops[i].args[k] - f->inputs + GM__MAP_INPUTS);
  }
  return true;
}

/* ---- The axes ---- */

/** Axis `axis` becomes two, the inner of length `inner`. */
static void split(gm__fusion *f, int axis, int64_t inner) {
  for (int a = f->rank; a > axis + 1; a--) f->dims[a] = f->dims[a - 1];
  f->dims[axis + 1] = inner;
  f->dims[axis] /= inner;
  for (int o = 0; o <= GM__FUSION_OUT; o++) {
    if (o >= f->inputs && o < GM__FUSION_OUT) continue;
    for (int a = f->rank; a > axis + 1; a--) f->strides[o][a] = f->strides[o][a - 1];
    f->strides[o][axis + 1] = f->strides[o][axis];
    f->strides[o][axis] *= inner;
  }
  f->rank++;
}

/** The digit that a stride moves: the last whose weight is not above it. */
static int digit_of(const passage *p, int64_t stride) {
  int digit = 0;
  while (digit < p->rank - 1 && stride_of(&p->maker->loops, p->maker->inputs, digit) > stride) digit++;
  return digit;
}

/** How long an axis can be before its digit overflows; 0: no matter. */
static int64_t room_along(const gm__fusion *f, const passage *p, int input, int axis) {
  int64_t stride = f->strides[input][axis];
  if (stride <= 0) return 0;
  int digit = digit_of(p, stride);
  int64_t weight = stride_of(&p->maker->loops, p->maker->inputs, digit), dim = p->maker->loops.dims[digit];
  int64_t step = stride / weight;
  bool fits = digit == 0 || stride % weight != 0 || dim % step != 0 || f->dims[axis] <= dim / step;
  return fits || f->dims[axis] % (dim / step) != 0 ? 0 : dim / step;
}

static bool split_axes(gm__fusion *f, const passage *p, int input) {
  for (int axis = 0; axis < f->rank;) {
    int64_t room = room_along(f, p, input, axis);
    if (room > 0 && f->rank == GM__FUSION_RANK) return false;
    if (room > 0)
      split(f, axis, room);
    else
      axis++;
  }
  return true;
}

static void set_moves(const gm__fusion *f, passage *p, int input) {
  int64_t start = f->operands[input].offset / (int64_t)size_of(&f->operands[input]);
  for (int d = 0; d < p->rank; d++) {
    int64_t weight = stride_of(&p->maker->loops, p->maker->inputs, d);
    p->start[d] = start / weight;
    start %= weight;
  }
  for (int a = 0; a < f->rank; a++) {
    int64_t left = f->strides[input][a];
    for (int d = 0; d < p->rank; d++) {
      int64_t weight = stride_of(&p->maker->loops, p->maker->inputs, d);
      p->move[a][d] = left / weight;
      left %= weight;
    }
  }
}

/** Does every digit stay within its axis? */
static bool stays_within(const gm__fusion *f, const passage *p) {
  for (int d = 0; d < p->rank; d++) {
    int64_t least = p->start[d], most = p->start[d];
    for (int a = 0; a < f->rank; a++)
      *(p->move[a][d] < 0 ? &least : &most) += p->move[a][d] * (f->dims[a] - 1);
    if (least < 0 || most >= p->maker->loops.dims[d]) return false;
  }
  return true;
}

static bool writes_whole(const gm__map *map, const gm__operand *out) {
  int64_t dense = 1;
  for (int a = map->loops.rank - 1; a >= 0; a--) {
    if (stride_of(&map->loops, map->inputs, a) != dense) return false;
    dense *= map->loops.dims[a];
  }
  return out->offset == 0;
}

/** Is the input read element after element, or one for all, in its innermost axis? */
static bool reads_in_order(const gm__fusion *f, int input) {
  int64_t stride = f->rank > 0 ? f->strides[input][f->rank - 1] : 1;
  return stride == 0 || stride == 1;
}

/** Nothing is computed twice, nor gathered from two places instead of one. */
static bool pays(const gm__fusion *f, int input, const gm__map *maker) {
  int many = 0;
  if (count_of(f->dims, f->rank) > count_of(maker->loops.dims, maker->loops.rank)) return false;
  for (int i = 0; i < maker->inputs; i++) {
    bool varies = false;
    for (int a = 0; a < maker->loops.rank; a++) varies = varies || stride_of(&maker->loops, i, a) != 0;
    many += varies;
  }
  return many <= 1 || reads_in_order(f, input);
}

static bool find_passage(gm__fusion *f, int input, const gm__step *maker, passage *p) {
  const gm__operand *out = &maker->operands[maker->reads];
  p->maker = maker->descriptor;
  p->rank = p->maker->loops.rank;
  if (p->rank > GM__FUSION_RANK || f->operands[input].dtype != out->dtype) return false;
  if (!writes_whole(p->maker, out) || !pays(f, input, p->maker) || !split_axes(f, p, input)) return false;
  set_moves(f, p, input);
  return stays_within(f, p);
}

/* ---- The operands ---- */

/** The inputs of the maker as the reader's loops reach them, and which registers they will be: `fresh` of
 * them are new. */
typedef struct arrivals {
  int count, fresh;
  gm__operand operands[GM__MAP_INPUTS];
  int64_t strides[GM__MAP_INPUTS][GM__FUSION_RANK];
  uint8_t registers[GM__MAP_INPUTS];
} arrivals;

static void reach(const gm__fusion *f, const passage *p, const gm__step *maker, int i, arrivals *in) {
  gm__operand *operand = &in->operands[i];
  int64_t offset = 0;
  *operand = maker->operands[i];
  for (int d = 0; d < p->rank; d++) offset += p->start[d] * stride_of(&p->maker->loops, i, d);
  operand->offset += offset * (int64_t)size_of(operand);
  for (int a = 0; a < f->rank; a++) {
    in->strides[i][a] = 0;
    for (int d = 0; d < p->rank; d++) in->strides[i][a] += p->move[a][d] * stride_of(&p->maker->loops, i, d);
  }
}

static bool alike(const gm__operand *a, const int64_t *a_strides, const gm__operand *b,
    const int64_t *b_strides, int rank) {
  return a->buffer == b->buffer && a->dtype == b->dtype && a->offset == b->offset &&
         memcmp(a_strides, b_strides, (size_t)rank * sizeof *a_strides) == 0;
}

/** The register of arrival `i`: an input that is there, an earlier arrival's, or a new one, of which the
 * first takes the place of the input that goes. */
static uint8_t register_of(const gm__fusion *f, arrivals *in, int i, int gone) {
  for (int k = 0; k < f->inputs; k++)
    if (k != gone && alike(&f->operands[k], f->strides[k], &in->operands[i], in->strides[i], f->rank))
      return (uint8_t)k;
  for (int k = 0; k < i; k++)
    if (alike(&in->operands[k], in->strides[k], &in->operands[i], in->strides[i], f->rank))
      return in->registers[k];
  int fresh = in->fresh++;
  return (uint8_t)(fresh == 0 ? gone : f->inputs + fresh - 1);
}

static void find_arrivals(
    const gm__fusion *f, const passage *p, const gm__step *maker, int gone, arrivals *in) {
  in->count = p->maker->inputs;
  in->fresh = 0;
  for (int i = 0; i < in->count; i++) {
    reach(f, p, maker, i, in);
    in->registers[i] = register_of(f, in, i, gone);
  }
}

static void rename_input(gm__fusion *f, int from, int to) {
  for (int i = 0; i < f->count; i++)
    for (int k = 0; k < f->ops[i].arity; k++)
      if (f->ops[i].args[k] == from) f->ops[i].args[k] = (uint8_t)to;
}

static void take_operands(gm__fusion *f, const arrivals *in, int gone) {
  for (int i = 0; i < in->count; i++) {
    f->operands[in->registers[i]] = in->operands[i];
    memcpy(f->strides[in->registers[i]], in->strides[i], (size_t)f->rank * sizeof *in->strides[i]);
  }
  f->inputs += in->fresh - 1;
  if (in->fresh > 0 || gone == f->inputs) return;
  f->operands[gone] = f->operands[f->inputs];
  memcpy(f->strides[gone], f->strides[f->inputs], sizeof f->strides[gone]);
  rename_input(f, f->inputs, gone);
}

/* ---- The programs ---- */

/** The maker's instructions go first; what was read as input `gone` is the last one's result. */
static void take_program(gm__fusion *f, const gm__map *maker, const arrivals *in, int gone) {
  int first = maker->count;
  memmove(f->ops + first, f->ops, (size_t)f->count * sizeof *f->ops);
  for (int i = first; i < first + f->count; i++) {
    for (int k = 0; k < f->ops[i].arity; k++) {
      uint8_t *argument = &f->ops[i].args[k];
      if (*argument == gone)
        *argument = (uint8_t)(GM__MAP_INPUTS + first - 1);
      else if (*argument >= GM__MAP_INPUTS)
        *argument = (uint8_t)(*argument + first);
    }
  }
  for (int i = 0; i < first; i++) {
    f->ops[i] = maker->program[i];
    for (int k = 0; k < f->ops[i].arity; k++) {
      int argument = f->ops[i].args[k];
      f->ops[i].args[k] = argument < maker->inputs ? in->registers[argument]
                                                   : (uint8_t)(argument - maker->inputs + GM__MAP_INPUTS);
    }
  }
  f->count += first;
}

bool gm__fusion_absorb(gm__fusion *f, int input, const gm__step *maker) {
  const gm__map *map = maker->descriptor;
  passage p;
  arrivals in;
  if (map->inputs > GM__MAP_INPUTS || f->count + map->count > GM__MAP_PROGRAM) return false;
  if (!find_passage(f, input, maker, &p)) return false;
  find_arrivals(f, &p, maker, input, &in);
  if (f->inputs - 1 + in.fresh > GM__MAP_INPUTS) return false;
  double part = (double)count_of(f->dims, f->rank) / (double)count_of(map->loops.dims, map->loops.rank);
  f->flops += maker->flops * part;
  take_program(f, map, &in, input);
  take_operands(f, &in, input);
  return true;
}

/* ---- Ending ---- */

uint32_t gm__fusion_in_place(const gm__fusion *f) {
  const gm__operand *out = &f->operands[GM__FUSION_OUT];
  uint32_t in_place = 0;
  for (int i = 0; i < f->inputs; i++) {
    bool same = f->operands[i].offset == out->offset && size_of(&f->operands[i]) == size_of(out);
    for (int a = 0; a < f->rank && same; a++) same = f->strides[i][a] == f->strides[GM__FUSION_OUT][a];
    if (same) in_place |= 1u << i;
  }
  return in_place;
}

double gm__fusion_bytes(const gm__fusion *f) {
  double sum = 0;
  for (int o = 0; o <= GM__FUSION_OUT; o++) {
    if (o >= f->inputs && o < GM__FUSION_OUT) continue;
    double bytes = (double)size_of(&f->operands[o]);
    for (int a = 0; a < f->rank; a++) bytes *= f->strides[o][a] ? (double)f->dims[a] : 1;
    sum += bytes;
  }
  return sum;
}

/** Axes that all operands walk as one become one. */
static void coalesce(gm__fusion *f) {
  int kept = 0;
  for (int a = 1; a < f->rank; a++) {
    bool merges = true;
    for (int o = 0; o <= GM__FUSION_OUT && merges; o++) {
      if (o >= f->inputs && o < GM__FUSION_OUT) continue;
      merges = f->strides[o][kept] == f->dims[a] * f->strides[o][a];
    }
    if (!merges) kept++;
    f->dims[kept] = merges ? f->dims[kept] * f->dims[a] : f->dims[a];
    for (int o = 0; o <= GM__FUSION_OUT; o++) f->strides[o][kept] = f->strides[o][a];
  }
  if (f->rank > 0) f->rank = kept + 1;
}

static gm_status store_loops(const gm__fusion *f, gm__arena *arena, gm__loops *loops, gm_error *error) {
  size_t rank = (size_t)f->rank;
  int64_t *strides = gm__arena_alloc(arena, rank * (size_t)(f->inputs + 1), sizeof *strides);
  const int64_t *dims = gm__arena_copy(arena, f->dims, rank * sizeof *dims);
  if (!strides || !dims) return gm__no_memory(error);
  for (int o = 0; o <= f->inputs; o++)
    memcpy(
        strides + (size_t)o * rank, f->strides[o < f->inputs ? o : GM__FUSION_OUT], rank * sizeof *strides);
  *loops = (gm__loops){f->rank, dims, strides};
  return GM_OK;
}

static gm_status store_program(const gm__fusion *f, gm__arena *arena, gm__map *map, gm_error *error) {
  gm__map_op *ops = gm__arena_copy(arena, f->ops, (size_t)f->count * sizeof *ops);
  if (!ops) return gm__no_memory(error);
  for (int i = 0; i < f->count; i++)
    for (int k = 0; k < ops[i].arity; k++)
      if (ops[i].args[k] >= GM__MAP_INPUTS)
        ops[i].args[k] = (uint8_t)(ops[i].args[k] - GM__MAP_INPUTS + f->inputs);
  gm__map_allot(map, ops);
  return GM_OK;
}

gm_status gm__fusion_end(gm__fusion *f, gm__program *program, gm__step *step, gm_error *error) {
  gm__map map = {.inputs = f->inputs, .count = f->count};
  gm__operand operands[GM__MAP_INPUTS + 1];
  gm__arena *arena = &program->arena;
  coalesce(f);
  GM_TRY(store_loops(f, arena, &map.loops, error));
  GM_TRY(store_program(f, arena, &map, error));
  for (int i = 0; i < f->inputs; i++) operands[i] = f->operands[i];
  operands[f->inputs] = f->operands[GM__FUSION_OUT];
  const gm__operand *kept = gm__arena_copy(arena, operands, (size_t)(f->inputs + 1) * sizeof *operands);
  const gm__map *descriptor = gm__arena_copy(arena, &map, sizeof map);
  if (!kept || !descriptor) return gm__no_memory(error);
  step->operands = kept;
  step->descriptor = descriptor;
  step->reads = (uint16_t)f->inputs;
  step->in_place = gm__fusion_in_place(f);
  step->flops = f->flops;
  step->bytes = gm__fusion_bytes(f);
  return GM_OK;
}
