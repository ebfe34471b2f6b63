/* SPDX-License-Identifier: MIT
 *
 * Draws a product: how its operands lie, what is in them, and what happens to the result. */
#include "native/product.h"

#include <math.h>
#include <stdio.h>

static bool one_in(generator *from, int64_t count) {
  return pick(from, count) == 0;
}

/* ---- Where operands lie ---- */

/** Innermost first. */
static void draw_order(generator *from, int layout, int *order) {
  int64_t sort = layout == DRAWN ? pick(from, 20) : layout == 0 ? 0 : 10;
  int inner = sort < 10 ? COLUMN : ROW;
  order[0] = inner, order[1] = inner == COLUMN ? ROW : COLUMN, order[2] = 1, order[3] = 0;
  for (int i = 3; i > 0 && sort >= 17; i--) {
    int j = (int)pick(from, i + 1), kept = order[i];
    order[i] = order[j], order[j] = kept;
  }
}

static int64_t draw_gap(generator *from, int layout, int64_t extent) {
  if (layout != DRAWN || !one_in(from, 3)) return 0;
  return one_in(from, 3) ? (64 - extent % 64) % 64 : pick(from, 6);
}

/** Which elements its strides span. */
static void span(place *p) {
  int64_t low = 0, high = 0;
  for (int axis = 0; axis < AXES; axis++) {
    int64_t reach = (p->dims[axis] - 1) * p->strides[axis];
    if (p->dims[axis] == 0) reach = 0;
    *(reach < 0 ? &low : &high) += reach;
  }
  p->origin = -low;
  p->extent = high - low + 1;
}

static void lay(place *p, generator *from, int layout) {
  int order[AXES];
  int64_t extent = 1, unit = layout == DRAWN && one_in(from, 8) ? 1 + pick(from, 3) : 1;
  draw_order(from, layout, order);
  for (int i = 0; i < AXES; i++) {
    int64_t *stride = &p->strides[order[i]], length = p->dims[order[i]];
    *stride = i == 0 ? unit : extent + draw_gap(from, layout, extent);
    if (length > 1) extent = *stride * length;
  }
  span(p);
}

/** Only what is read: repeated, backwards, or overlapping. */
static void twist(place *p, generator *from) {
  for (int axis = 0; axis < 2; axis++)
    if (one_in(from, 3)) p->strides[axis] = 0;
  int64_t sort = pick(from, 60);
  if (sort < 2) p->strides[ROW + sort] = 0;
  if (sort == 2) p->strides[ROW] = p->strides[COLUMN];
  if (sort == 3 || sort == 4) p->strides[ROW] = -p->strides[ROW];
  if (sort == 4 || sort == 5) p->strides[COLUMN] = -p->strides[COLUMN];
  span(p);
}

static place draw_place(
    const product *p, generator *from, int64_t rows, int64_t columns, int layout, bool read) {
  place made = {.dims = {p->batch_dims[0], p->batch_dims[1], rows, columns}};
  lay(&made, from, layout);
  if (read && layout == DRAWN) twist(&made, from);
  return made;
}

/* ---- What is in them ---- */

/** The scale of tiny and of huge numbers, such that the product of two of them is at the dtype's end. */
static double scale_of(values v, gm_dtype dtype) {
  bool tiny = v == TINY;
  switch (dtype) {
  case GM_FLOAT16: return tiny ? 0x1p-10 : 0x1p8;
  case GM_BFLOAT16:
  case GM_FLOAT32:
  case GM_COMPLEX64: return tiny ? 0x1p-70 : 0x1p63;
  default: return tiny ? 0x1p-533 : 0x1p511;
  }
}

static double draw_number(generator *from, values v, double scale) {
  static const double special[] = {NAN, INFINITY, -INFINITY, 0, -0.0, 1};
  if (v == WHOLE) return (double)(pick(from, 9) - 4);
  if (v == SPECIAL && one_in(from, 40)) return special[pick(from, 6)];
  return pick_real(from) * scale;
}

static void draw_dense(generator *from, values v, gm_dtype dtype, char *dense, int64_t count) {
  double scale = v == TINY || v == HUGE_VALUES ? scale_of(v, dtype) : 1;
  size_t size = gm__dtype_bytes(dtype);
  for (int64_t i = 0; i < count; i++) {
    int64_t whole = v == WHOLE ? pick(from, 9) - 4 : (int64_t)next_random(from);
    double real[2];
    if (dtype <= GM_INT64) {
      gm__convert(dense + i * (int64_t)size, dtype, &whole, GM_INT64, 1);
      continue;
    }
    real[0] = draw_number(from, v, scale);
    real[1] = dtype >= GM_COMPLEX64 ? draw_number(from, v, scale) : 0;
    gm__convert(
        dense + i * (int64_t)size, dtype, real, dtype >= GM_COMPLEX64 ? GM_COMPLEX128 : GM_FLOAT64, 1);
  }
}

/** Draws an operand's numbers, and the place that its memory takes when it is guarded. */
static bool draw_operand(product *p, bench *b, generator *from, int which, const place *at, values v) {
  gm_dtype dtype = which < OF_ADDED ? p->in : which == OF_OUT ? p->stored : p->out;
  size_t size = gm__dtype_bytes(dtype);
  int64_t count = place_count(at);
  if (at->extent > MOST_EXTENT || count > MOST_ELEMENTS) return false;
  p->operands[which] = (operand){.place = at, .size = size, .dense = b->dense[which]};
  p->operands[which].guarded = guarded_place(&b->pages[which], from, (size_t)at->extent * size, size);
  if (which != OF_OUT) draw_dense(from, v, dtype, b->dense[which], count);
  return true;
}

/** Noise, and the numbers in it, which are read back, since places may overlap. */
static void put(product *p, const bench *b, int which, bool guarded) {
  const operand *o = &p->operands[which];
  p->at[which] = guarded ? o->guarded : b->pages[which].first + b->pages[which].bytes / 4;
  if (which == OF_OUT) return;
  memset(p->at[which], 0xff, (size_t)o->place->extent * o->size);
  place_scatter(o->place, p->at[which], o->dense, o->size);
  place_gather(o->place, p->at[which], o->dense, o->size);
}

void product_put(product *p, const bench *b, bool guarded) {
  for (int i = 0; i < BUFFERS; i++)
    if (p->operands[i].place != NULL) put(p, b, i, guarded);
}

/* ---- The product ---- */

static void draw_batch(product *p, generator *from, const wish *w) {
  p->batch_dims[0] = p->batch_dims[1] = 1;
  p->batch_rank = w->simple || w->m * w->n * w->k > 1 << 19 || !one_in(from, 4) ? 0 : 1 + (int)pick(from, 2);
  for (int i = 2 - p->batch_rank; i < 2; i++) p->batch_dims[i] = 1 + pick(from, 3);
}

static double draw_factor(generator *from, gm_dtype dtype) {
  static const double factors[] = {1, -1, 2, -3, 0.5, 0.7};
  double factor = factors[pick(from, 6)];
  return dtype <= GM_INT64 ? rint(2 * factor) : factor;
}

/** The strides as the step has them, and which matrix of B each index of the batch has. */
static void set_gemm(product *p, const wish *w) {
  int rank = p->batch_rank, first = 2 - rank;
  const place *sides[] = {&p->a, &p->b, &p->c};
  for (int side = 0; side < 3; side++)
    for (int i = 0; i < rank; i++) p->batch_strides[side * rank + i] = sides[side]->strides[first + i];
  p->matrices = 1;
  for (int i = rank - 1; i >= 0; i--) {
    bool shared = p->b.strides[first + i] == 0;
    p->packed[i] = shared ? 0 : p->matrices;
    p->matrices *= shared ? 1 : p->batch_dims[first + i];
  }
  p->gemm.batch = (gm__loops){rank, p->batch_dims + first, p->batch_strides};
  p->gemm.m = w->m, p->gemm.n = w->n, p->gemm.k = w->k;
  p->gemm.a_row = p->a.strides[ROW], p->gemm.a_column = p->a.strides[COLUMN];
  p->gemm.b_row = p->b.strides[ROW], p->gemm.b_column = p->b.strides[COLUMN];
  p->gemm.c_row = p->c.strides[ROW], p->gemm.c_column = p->c.strides[COLUMN];
  p->gemm.in = w->in, p->gemm.out = w->out;
}

static bool draw_operands(product *p, bench *b, generator *from) {
  values extra = p->values == TINY || p->values == HUGE_VALUES ? REALS : p->values;
  bool fine = draw_operand(p, b, from, OF_A, &p->a, p->values) &&
              draw_operand(p, b, from, OF_B, &p->b, p->values) &&
              draw_operand(p, b, from, OF_OUT, &p->c, p->values);
  if (fine && p->gemm.adds) fine = draw_operand(p, b, from, OF_ADDED, &p->c, extra);
  for (int i = 0; i < p->then.extras && fine; i++)
    fine = draw_operand(p, b, from, OF_EXTRA + i, &p->then.extra[i], extra);
  p->in_place = p->gemm.adds && gm__dtype_bytes(p->stored) == gm__dtype_bytes(p->out) && one_in(from, 2);
  return fine;
}

bool product_draw(product *p, bench *b, uint64_t seed, const wish *w) {
  generator from = {seed * 977 + 13};
  *p = (product){.seed = seed, .in = w->in, .out = w->out, .stored = w->out};
  p->values = w->simple || !one_in(&from, 3) ? REALS : (values)pick(&from, VALUES);
  draw_batch(p, &from, w);
  p->a = draw_place(p, &from, w->m, w->k, w->layout < 0 ? w->layout : w->layout & 1, true);
  p->b = draw_place(p, &from, w->k, w->n, w->layout < 0 ? w->layout : w->layout >> 1, true);
  p->c = draw_place(p, &from, w->m, w->n, w->layout < 0 ? w->layout : 0, false);
  p->gemm.alpha = w->simple || !one_in(&from, 3) ? 1 : draw_factor(&from, w->out);
  p->gemm.adds = !w->simple && one_in(&from, 3);
  p->gemm.beta = p->gemm.adds ? draw_factor(&from, w->out) : 0;
  set_gemm(p, w);
  if (!w->simple && w->out < GM_COMPLEX64 && one_in(&from, 3)) epilogue_draw(p, &from, one_in(&from, 3));
  return draw_operands(p, b, &from);
}

void product_text(const product *p, char *text, size_t size) {
  const gm__gemm *g = &p->gemm;
  int length = snprintf(text, size,
      "native_long %s %s %llu: m=%lld n=%lld k=%lld batch=%lldx%lld a(%lld,%lld) b(%lld,%lld) c(%lld,%lld) "
      "alpha=%g beta=%g values=%d",
      gm_dtype_name(p->in), gm_dtype_name(p->out), (unsigned long long)p->seed, (long long)g->m,
      (long long)g->n, (long long)g->k, (long long)p->batch_dims[0], (long long)p->batch_dims[1],
      (long long)g->a_row, (long long)g->a_column, (long long)g->b_row, (long long)g->b_column,
      (long long)g->c_row, (long long)g->c_column, g->alpha, g->beta, (int)p->values);
  for (int i = 0; i < p->then.count && length < (int)size; i++)
    length += snprintf(text + length, size - (size_t)length, " %s", p->then.program[i].name);
}
