/* SPDX-License-Identifier: MIT
 *
 * standardise: layer, root-mean-square and l2 normalisation in one step. The statistic of a group is a
 * reduction like any other (see reducer.c), so it is as exact and as repeatable; then the group, still in a
 * near cache, is gone over once more, line by line: one group's elements, or one element of groups that lie
 * side by side. */
#include <math.h>
#include "kernel/line.h"
#include "kernel/reducer.h"
#include "kernel/walk.h"

enum { X, OUT, GAMMA, BETA, OPERANDS };

/* values[i] = values[i] op by[i], or by[0] when there is but one. */
#define APPLY(name, T, op)                                                                                   \
  static void name##_##T(void *values, const void *by_, size_t count, bool each) {                           \
    T *restrict x = values;                                                                                  \
    const T *restrict by = by_;                                                                              \
    const T one = by[0];                                                                                     \
    if (each)                                                                                                \
      GM__EACH(i, count, x[i] = x[i] op by[i]);                                                              \
    else                                                                                                     \
      GM__EACH(i, count, x[i] = x[i] op one);                                                                \
  }
#define FACTORS(T, root)                                                                                     \
  APPLY(subtract, T, -)                                                                                      \
  APPLY(multiply, T, *)                                                                                      \
  APPLY(add, T, +)                                                                                           \
  static void factors_##T(void *statistic, size_t count, bool floor, double epsilon) {                       \
    T *x = statistic, least = (T)epsilon;                                                                    \
    for (size_t i = 0; i < count; i++) {                                                                     \
      T kept = x[i] < least ? least : x[i];                                                                  \
      x[i] = 1 / root(floor ? kept : x[i] + least);                                                          \
    }                                                                                                        \
  }
FACTORS(float, sqrtf)
FACTORS(double, sqrt)

typedef void apply_function(void *values, const void *by, size_t count, bool each);

typedef struct functions {
  apply_function *subtract, *multiply, *add;
  void (*factors)(void *statistic, size_t count, bool floor, double epsilon);
} functions;

static const functions in_float = {subtract_float, multiply_float, add_float, factors_float};
static const functions in_double = {subtract_double, multiply_double, add_double, factors_double};

/* One tile of groups: where its operands begin, and its statistics. */
typedef struct tile {
  const gm__standardise *how;
  const functions *f;
  gm_dtype dtype, wide;
  int64_t size;
  char *at[OPERANDS];
  int64_t column[OPERANDS]; /* from one group to the next */
  size_t width;
  const void *means, *factors;
} tile;

static gm__line line_of(const tile *t, int operand, int64_t offset, int64_t stride) {
  return (gm__line){t->at[operand] + offset * t->size, t->dtype, stride};
}

/* Gamma or beta: a line of them for one group, one for a line over groups. */
static void with_weights(const tile *t, apply_function *apply, void *values, int operand, int64_t offset,
    int64_t stride, size_t count) {
  _Alignas(64) char room[GM__LINE_BYTES];
  bool each = t->width == 1 && stride != 0;
  gm__line line = line_of(t, operand, offset, stride);
  apply(values, gm__line_see(room, t->wide, &line, each ? count : 1), count, each);
}

/* `count` elements of one group, or one element of `count` groups. */
static void finish_line(const tile *t, const int64_t *offsets, const int64_t *strides, size_t count) {
  _Alignas(64) char values[GM__LINE_BYTES];
  bool groups = t->width > 1;
  gm__line x = line_of(t, X, offsets[X], groups ? t->column[X] : strides[X]);
  gm__line out = line_of(t, OUT, offsets[OUT], groups ? t->column[OUT] : strides[OUT]);
  gm__line_load(values, t->wide, &x, count);
  if (t->means) t->f->subtract(values, t->means, count, groups);
  t->f->multiply(values, t->factors, count, groups);
  if (t->how->gamma) with_weights(t, t->f->multiply, values, GAMMA, offsets[GAMMA], strides[GAMMA], count);
  if (t->how->beta) with_weights(t, t->f->add, values, BETA, offsets[BETA], strides[BETA], count);
  gm__line_store(&out, values, t->wide, count);
}

static void finish_lines(const tile *t, const int64_t *offsets, const int64_t *strides, int64_t length) {
  int64_t piece = t->width > 1 ? 1 : GM__LINE_BYTES / (int64_t)gm__dtype_bytes(t->wide);
  for (int64_t done = 0; done < length; done += piece) {
    int64_t at[OPERANDS], part = length - done < piece ? length - done : piece;
    for (int o = 0; o < OPERANDS; o++) at[o] = offsets[o] + done * strides[o];
    finish_line(t, at, strides, t->width > 1 ? t->width : (size_t)part);
  }
}

static void finish_tile(const tile *t) {
  const gm__loops *inner = &t->how->inner;
  int last = inner->rank - 1, axes = last >= 0 ? last : 0;
  int64_t index[GM__LOOPS_RANK], offsets[OPERANDS], strides[OPERANDS] = {0};
  for (int o = 0; o < OPERANDS && last >= 0; o++) strides[o] = gm__loops_stride(inner, o, last);
  gm__loops_begin(axes, OPERANDS, index, offsets);
  do finish_lines(t, offsets, strides, last < 0 ? 1 : inner->dims[last]);
  while (gm__loops_next(inner, axes, OPERANDS, index, offsets));
}

static void run_tile(tile *t, gm__reducer *r) {
  void *statistic = gm__reducer_results(r, t->at[X], t->column[X], t->width);
  t->f->factors(statistic, t->width, t->how->statistic == GM__SUM_SQUARE, t->how->epsilon);
  t->factors = statistic;
  t->means = r->about;
  finish_tile(t);
}

static void run_groups(tile *t, gm__reducer *r, int64_t count) {
  int64_t most = gm__reducer_tile(r);
  for (int64_t left = count; left > 0;) {
    t->width = (size_t)(left < most ? left : most);
    run_tile(t, r);
    left -= (int64_t)t->width;
    t->at[X] += (int64_t)t->width * t->column[X] * t->size;
    t->at[OUT] += (int64_t)t->width * t->column[OUT] * t->size;
  }
}

static gm_status run(const gm__step *step, const gm__run *run) {
  tile t = {.how = step->descriptor, .dtype = (gm_dtype)step->operands[0].dtype};
  const gm__loops *outer = &t.how->outer;
  gm__reducer r;
  int64_t index[GM__LOOPS_RANK], offsets[2];
  int last = outer->rank - 1;
  if (!gm__dtype_is_float(t.dtype))
    GM_FAIL(run->error, GM_BAD_DTYPE, "normalisation is of floats, but the operand is %s",
        gm_dtype_name(t.dtype));
  if (gm__loops_empty(outer) || t.how->inner_count == 0) return GM_OK;
  GM_TRY(gm__reducer_begin(&r, t.how->statistic, t.dtype, &t.how->inner, t.how->inner_count, run->error));
  t.size = (int64_t)gm__dtype_bytes(t.dtype);
  t.wide = gm__line_wide(t.dtype);
  t.f = t.wide == GM_FLOAT64 ? &in_double : &in_float;
  bool across = last >= 0 && gm__reducer_across(&r, gm__loops_stride(outer, 0, last));
  int axes = across ? last : outer->rank;
  if (across)
    t.column[X] = gm__loops_stride(outer, 0, last), t.column[OUT] = gm__loops_stride(outer, 1, last);
  if (t.how->gamma) t.at[GAMMA] = gm__step_address(step, run, 1);
  if (t.how->beta) t.at[BETA] = gm__step_address(step, run, t.how->gamma ? 2 : 1);
  gm__loops_begin(axes, 2, index, offsets);
  do {
    t.at[X] = (char *)gm__step_address(step, run, 0) + offsets[0] * t.size;
    t.at[OUT] = (char *)gm__step_address(step, run, step->reads) + offsets[1] * t.size;
    run_groups(&t, &r, across ? outer->dims[last] : 1);
  } while (gm__loops_next(outer, axes, 2, index, offsets));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__standardise *how = step->descriptor;
  gm__text_int(text, gm__loops_count(&how->outer));
  gm__text_add(text, " groups of ");
  gm__text_int(text, how->inner_count);
}

const gm__kernel gm__kernel_standardise = {
    "normalise", run, NULL, text, GM__CUT(gm__standardise, outer, 0, 2, 0.2f)};
