/* SPDX-License-Identifier: MIT
 *
 * Programs behind products: drawn, run over elements one after the other, and followed in double with the
 * error that a value may have. */
#include "native/product.h"

#include <math.h>

typedef enum kind {
  SCALE,
  ADD,
  MULTIPLY,
  GATE,
  RELU,
  LEAKY,
  CLIP,
  SIGMOID,
  TANH,
  GELU,
  GELU_TANH,
  CAST,
  KINDS
} kind;

/** The operation's name, and whether it takes integers. */
static const struct {
  const char *name;
  bool whole;
} kinds[KINDS] = {[SCALE] = {"scale", true},
    [ADD] = {"add", true},
    [MULTIPLY] = {"multiply", true},
    [GATE] = {"multiply", true},
    [RELU] = {"relu", true},
    [LEAKY] = {"relu_bent", true},
    [CLIP] = {"clip", true},
    [SIGMOID] = {"sigmoid", false},
    [TANH] = {"tanh", false},
    [GELU] = {"gelu", false},
    [GELU_TANH] = {"gelu_tanh", false},
    [CAST] = {"cast", false}};

static const double parameters[KINDS][3] = {
    [SCALE] = {-2}, [LEAKY] = {0.25, INFINITY, false}, [CLIP] = {-1, 3}};

/** How many arguments besides the value so far. */
static bool takes_extra(kind k) {
  return k == ADD || k == MULTIPLY;
}

static kind draw_kind(generator *from, gm_dtype dtype, int extras) {
  bool whole = dtype <= GM_INT64;
  kind k;
  do k = (kind)pick(from, CAST);
  while ((whole && !kinds[k].whole) || (takes_extra(k) && extras == EXTRAS));
  return k;
}

/** By column, by row, one for all, or one an element, which may lie in any way. */
static place draw_extra(const product *p, generator *from) {
  place at = {.dims = {1, 1, 1, 1}};
  int64_t sort = pick(from, 4);
  int64_t order[] = {COLUMN, ROW, 1, false};
  if (sort == 0 || sort == 3) at.dims[COLUMN] = p->c.dims[COLUMN];
  if (sort == 1 || sort == 3) at.dims[ROW] = p->c.dims[ROW];
  if (sort == 3 && pick(from, 2) == 0) at.dims[0] = p->c.dims[0], at.dims[1] = p->c.dims[1];
  if (pick(from, 3) == 0) order[0] = ROW, order[1] = COLUMN;
  at.extent = 1;
  for (int i = 0; i < AXES; i++) {
    int64_t axis = order[i], gap = pick(from, 8) == 0 ? 1 : 0;
    at.strides[axis] = at.dims[axis] > 1 ? at.extent + gap : 0;
    if (at.dims[axis] > 1) at.extent = at.strides[axis] * at.dims[axis];
    at.dims[axis] = p->c.dims[axis];
  }
  at.extent = 1;
  for (int axis = 0; axis < AXES; axis++)
    at.extent += (at.dims[axis] > 0 ? at.dims[axis] - 1 : 0) * at.strides[axis];
  return at;
}

/** Sums of nothing are not made by parts, which those of another size would have to be. */
static gm_dtype draw_target(const product *p, generator *from) {
  gm_dtype to = (gm_dtype)pick(from, GM_FLOAT64 + 1);
  bool fits = p->gemm.k > 0 || gm__dtype_bytes(to) == gm__dtype_bytes(p->out);
  return to == GM_BOOL || !fits ? p->out : to;
}

static void set_loops(product *p) {
  epilogue *e = &p->then;
  int rank = p->batch_rank + 2, first = AXES - rank, inputs = e->map.inputs;
  for (int i = 0; i < rank; i++) {
    e->dims[i] = p->c.dims[first + i];
    e->strides[i] = e->strides[inputs * rank + i] = p->c.strides[first + i];
    for (int extra = 0; extra < e->extras; extra++)
      e->strides[(extra + 1) * rank + i] = e->extra[extra].strides[first + i];
  }
  e->map.loops = (gm__loops){rank, e->dims, e->strides};
}

/** Instruction `i`; `last` is the register of the value so far. */
static void set_op(product *p, int i, kind k, int *extra) {
  epilogue *e = &p->then;
  int last = i == 0 ? 0 : e->extras + i;
  gm__map_op *op = &e->program[i];
  gm_dtype result = p->stored;
  memcpy(e->parameters[i], parameters[k], sizeof parameters[k]);
  if (p->out <= GM_INT64 && k == LEAKY) e->parameters[i][0] = 2;
  const gm__map_function *function =
      k == CAST ? gm__map_cast(p->out, p->stored) : gm__map_find(kinds[k].name, p->out, &result);
  *op = (gm__map_op){.function = function, .name = kinds[k].name, .arity = 1, .dtype = (uint8_t)result};
  op->args[0] = (uint8_t)last;
  op->parameters = e->parameters[i];
  if (takes_extra(k)) op->arity = 2, op->args[1] = (uint8_t)++ * extra;
  if (k == GATE) op->arity = 2, op->args[1] = 0;
}

void epilogue_draw(product *p, generator *from, bool detach) {
  epilogue *e = &p->then;
  kind drawn[MOST_OPS];
  int extra = 0;
  e->count = 1 + (int)pick(from, 4);
  for (int i = 0; i < e->count; i++) {
    drawn[i] = draw_kind(from, p->out, e->extras);
    if (takes_extra(drawn[i])) e->extra[e->extras++] = draw_extra(p, from);
  }
  if (detach) p->stored = draw_target(p, from);
  if (p->stored != p->out) drawn[e->count++] = CAST;
  for (int i = 0; i < e->count; i++) set_op(p, i, drawn[i], &extra);
  e->map.inputs = 1 + e->extras;
  e->map.count = e->count;
  gm__map_allot(&e->map, e->program);
  set_loops(p);
  p->by_parts = gm__dtype_bytes(p->stored) != gm__dtype_bytes(p->out) || pick(from, 4) > 0;
  p->gemm.epilogue = &e->map;
  p->gemm.by_parts = p->by_parts;
}

/* ---- What it makes ---- */

void epilogue_apply(const product *p, char *out, char *sums, int64_t count) {
  const int64_t ones[EXTRAS + 2] = {1, 1, 1, 1, 1};
  gm__map map = p->then.map;
  gm__map_bases bases = {.at = {sums}, .size = {(uint8_t)gm__dtype_bytes(p->out)}};
  map.loops = (gm__loops){1, &count, ones};
  for (int i = 0; i < p->then.extras; i++) {
    bases.at[i + 1] = p->operands[OF_EXTRA + i].dense;
    bases.size[i + 1] = bases.size[0];
  }
  bases.at[map.inputs] = out;
  bases.size[map.inputs] = (uint8_t)gm__dtype_bytes(p->stored);
  if (count > 0) gm__map_run(&map, &bases);
}

static double unit(gm_dtype dtype) {
  return dtype == GM_FLOAT16    ? 0x1p-11
         : dtype == GM_BFLOAT16 ? 0x1p-8
         : dtype == GM_FLOAT32  ? 0x1p-24
                                : 0x1p-53;
}

static double gelu(double x) {
  return 0.5 * x * (1 + erf(x / sqrt(2)));
}
static double gelu_tanh(double x) {
  return 0.5 * x * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
}

/** A function, its greatest slope and its own error, in units of the last place of the greater of it and 1.
 */
static guess through(guess x, double value, double slope, double units) {
  return (guess){value, slope * x.error + units * (1 + fabs(value))};
}

static guess follow(kind k, const double *at, guess x, guess other, double units) {
  switch (k) {
  case SCALE: return (guess){at[0] * x.value, fabs(at[0]) * x.error + units * fabs(at[0] * x.value)};
  case ADD: return (guess){x.value + other.value, x.error + units * fabs(x.value + other.value)};
  case MULTIPLY:
  case GATE:
    return (guess){x.value * other.value, fabs(x.value) * other.error + fabs(other.value) * x.error +
                                              x.error * other.error + units * fabs(x.value * other.value)};
  case RELU: return (guess){x.value < 0 ? 0 : x.value, x.error};
  case LEAKY: return through(x, x.value < 0 ? at[0] * x.value : x.value, fmax(1, fabs(at[0])), units);
  case CLIP: return (guess){fmin(fmax(x.value, at[0]), at[1]), x.error};
  case SIGMOID: return through(x, 1 / (1 + exp(-x.value)), 0.25, 8 * units);
  case TANH: return through(x, tanh(x.value), 1, 8 * units);
  case GELU: return through(x, gelu(x.value), 1.2, 8 * units);
  case GELU_TANH: return through(x, gelu_tanh(x.value), 1.2, 16 * units);
  default: return x;
  }
}

static kind kind_of(const gm__map_op *op) {
  kind k = SCALE;
  while (strcmp(op->name, kinds[k].name) != 0) k = (kind)(k + 1);
  return k == MULTIPLY && op->args[1] == 0 ? GATE : k;
}

guess epilogue_guess(const product *p, int64_t element, guess x) {
  const guess first = x;
  double units = 2 * unit(p->out);
  for (int i = 0; i < p->then.count; i++) {
    const gm__map_op *op = &p->then.program[i];
    kind k = kind_of(op);
    guess other = first;
    if (takes_extra(k)) {
      double value;
      int64_t size = (int64_t)gm__dtype_bytes(p->out);
      gm__convert(
          &value, GM_FLOAT64, p->operands[OF_EXTRA + op->args[1] - 1].dense + element * size, p->out, 1);
      other = (guess){value, false};
    }
    x = follow(k, op->parameters, x, other, units);
    x.error += p->out == GM_FLOAT16 ? 0x1p-24 : p->out == GM_FLOAT64 ? 0x1p-1074 : 0x1p-133;
  }
  return x;
}
