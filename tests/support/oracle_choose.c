/* SPDX-License-Identifier: MIT
 *
 * The oracle's choices: operations whose result takes each element from a place that a rule gives, or that
 * stands in another operand, and those that make values from nothing. All exact. */
#include "support/oracle.h"
#include "support/places.h"

#include <stdio.h>
#include <string.h>

static cell one_of(gm_dtype dtype) {
  return dtype_is_whole(dtype) ? (cell){.whole = 1} : (cell){.re = 1};
}

/* ---- flatten, batch_flatten, stack ---- */

static void same_elements(sample *made, int rank, const int64_t *dims) {
  const cells *x = &made->inputs[0];
  sample_want(made, x->dtype, rank, dims);
  if (x->count > 0) memcpy(made->want.at, x->at, (size_t)x->count * sizeof *x->at);
}

void make_flatten(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, 0, 4, dims);
  same_elements(made, 1, &sample_input(made, from, dtype, rank, dims)->count);
}

void make_batch_flatten(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], flat[2] = {1, 1};
  int rank = drawn_dims(from, 0, 4, dims);
  sample_input(made, from, dtype, rank, dims);
  if (rank > 0) flat[0] = dims[0];
  for (int a = 1; a < rank; a++) flat[1] *= dims[a];
  same_elements(made, 2, flat);
}

void make_stack(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], index[GM_MAX_RANK] = {0}, source[GM_MAX_RANK], place = 0;
  int rank = drawn_dims(from, 0, 3, dims), axis = (int)draw_below(from, rank + 1),
      pieces = 1 + (int)draw_below(from, 3);
  for (int i = 0; i < pieces; i++) sample_input(made, from, dtype, rank, dims);
  memmove(&dims[axis + 1], &dims[axis], (size_t)(rank - axis) * sizeof *dims);
  dims[axis] = pieces;
  snprintf(made->attributes, sizeof made->attributes, "{axis: %d}",
      draw_below(from, 2) == 0 ? axis : axis - rank - 1);
  sample_want(made, dtype, rank + 1, dims);
  if (made->want.count == 0) return;
  do {
    const cells *x = &made->inputs[index[axis]];
    memcpy(source, index, sizeof source);
    memmove(&source[axis], &source[axis + 1], (size_t)(rank - axis) * sizeof *source);
    made->want.at[place++] = x->at[cells_offset(x, source)];
  } while (next_index(rank + 1, dims, index));
}

/* ---- By a rule for each axis ---- */

static void by_rules(sample *made, const rule *rules, int rank, const int64_t *dims) {
  const cells *x = &made->inputs[0];
  int64_t index[GM_MAX_RANK] = {0}, place = 0;
  sample_want(made, x->dtype, rank, dims);
  if (made->want.count == 0) return;
  do made->want.at[place++] = x->at[rules_place(rules, rank, x->dims, index)];
  while (next_index(rank, dims, index));
}

static void plain_rules(rule *rules) {
  for (int a = 0; a < GM_MAX_RANK; a++) rules[a] = plain_rule;
}

void make_tile(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], times[GM_MAX_RANK];
  rule rules[GM_MAX_RANK];
  int rank = drawn_dims(from, 0, 4, dims);
  plain_rules(rules);
  sample_input(made, from, dtype, rank, dims);
  for (int a = 0; a < rank; a++) dims[a] *= times[a] = draw_below(from, 4);
  sample_list(made, "n", times, rank);
  by_rules(made, rules, rank, dims);
}

void make_repeat_elements(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], times = draw_below(from, 4);
  rule rules[GM_MAX_RANK];
  int rank = drawn_dims(from, 1, 4, dims), axis = (int)draw_below(from, rank);
  plain_rules(rules);
  sample_input(made, from, dtype, rank, dims);
  dims[axis] *= times;
  rules[axis].each = times > 0 ? times : 1;
  snprintf(made->attributes, sizeof made->attributes, "{rep: %lld, axis: %d}", (long long)times,
      draw_below(from, 2) == 0 ? axis : axis - rank);
  by_rules(made, rules, rank, dims);
}

void make_reverse(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], axes[GM_MAX_RANK];
  rule rules[GM_MAX_RANK];
  int rank = drawn_dims(from, 1, 4, dims), count = 0;
  plain_rules(rules);
  sample_input(made, from, dtype, rank, dims);
  for (int a = 0; a < rank; a++) {
    if (draw_below(from, 2) == 0) continue;
    rules[a] = (rule){dims[a] - 1, -1, 1};
    axes[count++] = draw_below(from, 2) == 0 ? a : a - rank;
  }
  sample_list(made, "axes", axes, count);
  by_rules(made, rules, rank, dims);
}

void make_repeat(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], times = draw_below(from, 4);
  drawn_dims(from, 2, 2, dims);
  const cells *x = sample_input(made, from, dtype, 2, dims);
  snprintf(made->attributes, sizeof made->attributes, "{n: %lld}", (long long)times);
  sample_want(made, dtype, 3, (int64_t[]){dims[0], times, dims[1]});
  for (int64_t i = 0; i < made->want.count; i++)
    made->want.at[i] = x->at[i / (times * dims[1]) * dims[1] + i % dims[1]];
}

/* ---- index ---- */

static int64_t draw_slice(draw *from, int64_t length, rule *way, char *text, size_t size) {
  static const int64_t steps[] = {1, 1, 2, 3, -1, -2, -5};
  slice part = {.step = steps[draw_below(from, 7)]};
  char first[24] = "", last[24] = "";
  int64_t start = draw_below(from, 13) - 6, stop = draw_below(from, 13) - 6, count;
  part.start = draw_below(from, 3) > 0 ? start : SLICE_OPEN;
  part.stop = draw_below(from, 3) > 0 ? stop : SLICE_OPEN;
  if (part.start != SLICE_OPEN) snprintf(first, sizeof first, "%lld", (long long)start);
  if (part.stop != SLICE_OPEN) snprintf(last, sizeof last, "%lld", (long long)stop);
  snprintf(text, size, "%s:%s:%lld", first, last, (long long)part.step);
  *way = slice_rule(&part, length, &count);
  return count;
}

/** The text, the dims and the rules by x's axes; integers give axes of length 1 that the result does not
 * have. */
void make_index(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], full[GM_MAX_RANK], shown[GM_MAX_RANK];
  rule rules[GM_MAX_RANK];
  char text[240] = "", one[80];
  int rank = drawn_dims(from, 1, 4, dims), kept = 0, named = 1 + (int)draw_below(from, rank);
  sample_input(made, from, dtype, rank, dims);
  plain_rules(rules);
  memcpy(full, dims, sizeof full);
  for (int a = 0; a < rank; a++) {
    bool integer = a < named && dims[a] > 0 && draw_below(from, 3) == 0;
    if (integer) {
      rules[a].first = draw_below(from, dims[a]);
      full[a] = 1;
      int64_t shift = draw_below(from, 2) == 0 ? 0 : dims[a];
      snprintf(one, sizeof one, "%lld", (long long)(rules[a].first - shift));
    } else if (a < named) {
      full[a] = draw_slice(from, dims[a], &rules[a], one, sizeof one);
    }
    if (!integer) shown[kept++] = full[a];
    if (a < named) strcat(strcat(text, a > 0 ? ", " : ""), one);
  }
  if (draw_below(from, 3) == 0) shown[kept++] = 1, strcat(text, ", ..., None");
  snprintf(made->attributes, sizeof made->attributes, "{at: '%s'}", text);
  by_rules(made, rules, rank, full);
  made->want.rank = kept;
  memcpy(made->want.dims, shown, sizeof made->want.dims);
}

/* ---- By another operand ---- */

bool takes_classes(gm_dtype dtype) {
  return dtype == GM_INT8 || dtype == GM_UINT8 || dtype == GM_INT32 || dtype == GM_INT64;
}

void make_gather(draw *from, gm_dtype dtype, sample *made) {
  static const gm_dtype integers[] = {GM_INT16, GM_INT32, GM_INT64};
  int64_t dims[GM_MAX_RANK], whole[2 * GM_MAX_RANK], row = 1;
  int rank = drawn_dims(from, 1, 3, dims);
  if (dims[0] == 0) dims[0] = 1;
  sample_input(made, from, dtype, rank, dims);
  int outer = drawn_dims(from, 0, 2, whole);
  cells *indices = sample_input(made, from, integers[draw_below(from, 3)], outer, whole);
  for (int64_t i = 0; i < indices->count; i++) indices->at[i].whole = draw_below(from, dims[0]);
  for (int a = 1; a < rank; a++) row *= whole[outer + a - 1] = dims[a];
  sample_want(made, dtype, outer + rank - 1, whole);
  for (int64_t i = 0; i < made->want.count; i++)
    made->want.at[i] = made->inputs[0].at[indices->at[i / row].whole * row + i % row];
}

void make_one_hot(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], classes = draw_below(from, 5);
  int rank = drawn_dims(from, 0, 3, dims);
  const cells *indices = sample_input(made, from, dtype, rank, dims);
  dims[rank] = classes;
  snprintf(made->attributes, sizeof made->attributes, "{num_classes: %lld}", (long long)classes);
  sample_want(made, GM_FLOAT32, rank + 1, dims);
  for (int64_t i = 0; i < made->want.count; i++)
    made->want.at[i].re = indices->at[i / classes].whole == i % classes;
}

/* ---- From nothing ---- */

static void filled_like(draw *from, gm_dtype dtype, sample *made, bool with_ones) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, 0, 4, dims);
  gm_dtype to = draw_below(from, 2) == 0 ? dtype : (gm_dtype)draw_below(from, GM_COMPLEX128 + 1);
  sample_input(made, from, dtype, rank, dims);
  if (to != dtype) snprintf(made->attributes, sizeof made->attributes, "{dtype: %s}", gm_dtype_name(to));
  sample_want(made, to, rank, dims);
  for (int64_t i = 0; with_ones && i < made->want.count; i++) made->want.at[i] = one_of(to);
}

void make_zeros_like(draw *from, gm_dtype dtype, sample *made) {
  filled_like(from, dtype, made, false);
}

void make_ones_like(draw *from, gm_dtype dtype, sample *made) {
  filled_like(from, dtype, made, true);
}

void make_eye(draw *from, gm_dtype dtype, sample *made) {
  int64_t size = draw_below(from, 7);
  snprintf(made->attributes, sizeof made->attributes, "{size: %lld, dtype: %s}", (long long)size,
      gm_dtype_name(dtype));
  sample_want(made, dtype, 2, (int64_t[]){size, size});
  for (int64_t i = 0; i < size; i++) made->want.at[i * size + i] = one_of(dtype);
}

void make_arange(draw *from, gm_dtype dtype, sample *made) {
  int64_t start = draw_below(from, 20) - 10, step = 1 + draw_below(from, 4), count = draw_below(from, 9);
  if (draw_below(from, 2) == 0) step = -step;
  int64_t stop =
      start + count * step - (count > 0 && draw_below(from, 2) == 0 ? step > 0 ? step - 1 : step + 1 : 0);
  snprintf(made->attributes, sizeof made->attributes, "{start: %lld, stop: %lld, step: %lld, dtype: %s}",
      (long long)start, (long long)stop, (long long)step, gm_dtype_name(dtype));
  sample_want(made, dtype, 1, &count);
  for (int64_t i = 0; i < count; i++) {
    int64_t value = dtype == GM_BOOL ? start + i * step != 0 : start + i * step;
    cell exact = dtype_is_whole(dtype) ? (cell){.whole = value} : (cell){.re = (double)value};
    made->want.at[i] = cell_rounded(exact, dtype);
  }
}
