/* SPDX-License-Identifier: MIT
 *
 * arg: where along an axis the greatest or least element is, the first of them; a NaN beats every number. One
 * result alone is found block by block: the greatest of each, as max finds it, and at the end the place in
 * the first block that had it. Results that lie side by side are found together, a row at a time. */
#include <math.h>
#include "kernel/fold.h"
#include "kernel/line.h"
#include "kernel/walk.h"

enum { BLOCK = 256, WIDTH = 64 };

typedef struct search {
  const gm__arg *how;
  gm_dtype dtype, wide;
  const gm__fold *fold; /* of `wide` */
  int64_t element;
  unsigned char neutral[16];
} search;

/* Is x better than the best so far? Where is the first that equals it? */
#define SEARCH(T)                                                                                            \
  static bool better_##T(const void *x_, const void *best_, bool least) {                                    \
    const T x = *(const T *)x_, best = *(const T *)best_;                                                    \
    return (least ? x < best : x > best) || (x != x && best == best);                                        \
  }                                                                                                          \
  static size_t place_##T(const void *data, size_t count, const void *best_) {                               \
    const T *x = data, best = *(const T *)best_;                                                             \
    size_t i = 0;                                                                                            \
    while (i < count - 1 && x[i] != best && !(best != best && x[i] != x[i])) i++;                            \
    return i;                                                                                                \
  }                                                                                                          \
  static void update_##T(const void *row, void *best_, int64_t *at, size_t width, int64_t k, bool least) {   \
    const T *restrict x = row;                                                                               \
    T *restrict best = best_;                                                                                \
    for (size_t i = 0; i < width; i++) {                                                                     \
      bool wins = ((least ? x[i] < best[i] : x[i] > best[i]) | ((x[i] != x[i]) & (best[i] == best[i])));     \
      at[i] = wins ? k : at[i];                                                                              \
      best[i] = wins ? x[i] : best[i];                                                                       \
    }                                                                                                        \
  }
SEARCH(float)
SEARCH(double)
SEARCH(int64_t)

typedef struct functions {
  bool (*better)(const void *x, const void *best, bool least);
  size_t (*place)(const void *data, size_t count, const void *best);
  void (*update)(const void *row, void *best, int64_t *at, size_t width, int64_t k, bool least);
} functions;

static const functions *functions_for(gm_dtype wide) {
  static const functions of_float = {better_float, place_float, update_float};
  static const functions of_double = {better_double, place_double, update_double};
  static const functions of_integer = {better_int64_t, place_int64_t, update_int64_t};
  return wide == GM_FLOAT32 ? &of_float : wide == GM_FLOAT64 ? &of_double : &of_integer;
}

static size_t block_at(const search *s, int64_t first) {
  return (size_t)(s->how->length - first < BLOCK ? s->how->length - first : BLOCK);
}

static const void *block_of(const search *s, const char *from, int64_t first, void *room) {
  gm__line line = {(char *)from + first * s->how->stride * s->element, s->dtype, s->how->stride};
  return gm__line_see(room, s->wide, &line, block_at(s, first));
}

/* The greatest or least of a block; a leaf that gives up has met a NaN. */
static void find_best(const search *s, const void *block, size_t count, void *found) {
  static const double not_a_number = NAN;
  if (s->fold->leaf(found, block, count, s->neutral, NULL)) return;
  gm__convert(found, s->wide, &not_a_number, GM_FLOAT64, 1);
}

static int64_t find_one(const search *s, const char *from) {
  const functions *f = functions_for(s->wide);
  _Alignas(16) char room[GM__LINE_BYTES], best[16], found[16];
  int64_t where = -1;
  for (int64_t first = 0; first < s->how->length; first += BLOCK) {
    find_best(s, block_of(s, from, first, room), block_at(s, first), found);
    if (where >= 0 && !f->better(found, best, s->how->which == GM__MIN)) continue;
    memcpy(best, found, s->fold->size);
    where = first;
  }
  return where + (int64_t)f->place(block_of(s, from, where, room), block_at(s, where), best);
}

static void find_tile(const search *s, const char *from, int64_t column, size_t width, int64_t *at) {
  const functions *f = functions_for(s->wide);
  _Alignas(64) char room[GM__LINE_BYTES], best[GM__LINE_BYTES];
  gm__line line = {(char *)from, s->dtype, column};
  gm__line_load(best, s->wide, &line, width);
  for (size_t i = 0; i < width; i++) at[i] = 0;
  for (int64_t k = 1; k < s->how->length; k++) {
    line.at += s->how->stride * s->element;
    f->update(gm__line_see(room, s->wide, &line, width), best, at, width, k, s->how->which == GM__MIN);
  }
}

static int64_t magnitude(int64_t stride) {
  return stride < 0 ? -stride : stride;
}

/* The innermost outer axis, `count` results: `column` apart in the input, `to_stride` in the output. */
static void find_row(
    const search *s, const char *from, int64_t *to, int64_t column, int64_t to_stride, int64_t count) {
  int64_t at[WIDTH];
  bool across = magnitude(column) < magnitude(s->how->stride);
  for (int64_t done = 0; done < count; done += across ? WIDTH : 1) {
    size_t width = across ? (size_t)(count - done < WIDTH ? count - done : WIDTH) : 1;
    const char *first = from + done * column * s->element;
    if (across)
      find_tile(s, first, column, width, at);
    else
      at[0] = find_one(s, first);
    for (size_t i = 0; i < width; i++) to[(done + (int64_t)i) * to_stride] = at[i];
  }
}

static gm_status run(const gm__step *step, const gm__run *run) {
  search s = {.how = step->descriptor, .dtype = (gm_dtype)step->operands[0].dtype};
  const gm__loops *outer = &s.how->outer;
  int64_t index[GM__LOOPS_RANK], offsets[2];
  int last = outer->rank - 1, axes = last >= 0 ? last : 0;
  s.element = (int64_t)gm__dtype_bytes(s.dtype);
  s.wide = gm__line_wide(s.dtype);
  s.fold = gm__fold_for(s.how->which, s.wide);
  if (s.fold == NULL)
    GM_FAIL(run->error, GM_BAD_DTYPE, "%s has no order, so there is no greatest or least",
        gm_dtype_name(s.dtype));
  if (gm__loops_empty(outer)) return GM_OK;
  gm__fold_neutral(s.how->which, s.wide, s.neutral);
  const char *from = gm__step_address(step, run, 0);
  int64_t *to = gm__step_address(step, run, 1);
  gm__loops_begin(axes, 2, index, offsets);
  do
    find_row(&s, from + offsets[0] * s.element, to + offsets[1],
        last < 0 ? INT64_MAX : gm__loops_stride(outer, 0, last),
        last < 0 ? 1 : gm__loops_stride(outer, 1, last), last < 0 ? 1 : outer->dims[last]);
  while (gm__loops_next(outer, axes, 2, index, offsets));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__arg *how = step->descriptor;
  gm__text_add(text, how->which == GM__MAX ? "argmax over " : "argmin over ");
  gm__text_int(text, how->length);
}

const gm__kernel gm__kernel_arg = {"arg", run, NULL, text, GM__CUT(gm__arg, outer, 0, 2, 0.5f)};
