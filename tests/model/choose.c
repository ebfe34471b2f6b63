/* SPDX-License-Identifier: MIT
 *
 * Attributes that fit the inputs they are drawn for, defaults and null among them. */
#include "model/model.h"

#include <stdio.h>
#include <string.h>

static bool chance(draw *from, int64_t of) {
  return draw_below(from, of) == 0;
}

static int either_axis(draw *from, int axis, int rank) {
  return chance(from, 2) ? axis : axis - rank;
}

/* "[0, -1]" of the axes that are drawn. */
static void list_axes(draw *from, int rank, char *text, size_t size) {
  size_t at = (size_t)snprintf(text, size, "[");
  bool any = false;
  for (int a = 0; a < rank && at < size; a++) {
    if (chance(from, 2)) continue;
    at += (size_t)snprintf(text + at, size - at, "%s%d", any ? ", " : "", either_axis(from, a, rank));
    any = true;
  }
  snprintf(text + at, size - at, "]");
}

void choose_axes(draw *from, const field *const *in, int count, char *text, size_t size) {
  char axes[64];
  (void)count;
  int rank = in[0]->rank;
  const char *keep = chance(from, 3) ? ", keepdims: true" : "";
  if (rank == 0 || chance(from, 6))
    snprintf(axes, sizeof axes, "null");
  else if (chance(from, 2))
    snprintf(axes, sizeof axes, "%d", either_axis(from, (int)draw_below(from, rank), rank));
  else
    list_axes(from, rank, axes, sizeof axes);
  snprintf(text, size, "{axis: %s%s}", axes, keep);
}

void choose_groups(draw *from, const field *const *in, int count, char *text, size_t size) {
  char axes[64];
  const char *epsilon = chance(from, 2) ? ", epsilon: 0.25" : "";
  list_axes(from, in[0]->rank, axes, sizeof axes);
  if (count > 1 || chance(from, 2)) snprintf(axes, sizeof axes, "-1");
  if (in[0]->rank > 0) snprintf(text, size, "{axis: %s%s}", axes, epsilon);
}

static void choose_axis_of(draw *from, int rank, char *text, size_t size) {
  if (rank > 0) snprintf(text, size, "{axis: %d}", either_axis(from, (int)draw_below(from, rank), rank));
}

void choose_axis(draw *from, const field *const *in, int count, char *text, size_t size) {
  (void)count;
  choose_axis_of(from, in[0]->rank, text, size);
}

void choose_new_axis(draw *from, const field *const *in, int count, char *text, size_t size) {
  (void)count;
  choose_axis_of(from, in[0]->rank + 1, text, size);
}

void choose_squeeze(draw *from, const field *const *in, int count, char *text, size_t size) {
  (void)count;
  for (int a = 0; a < in[0]->rank; a++)
    if (in[0]->dims[a] == 1) snprintf(text, size, "{axis: %d}", either_axis(from, a, in[0]->rank));
}

static void list(const char *key, const int64_t *values, int count, char *text, size_t size) {
  size_t at = (size_t)snprintf(text, size, "{%s: [", key);
  for (int i = 0; i < count && at < size; i++)
    at += (size_t)snprintf(text + at, size - at, "%s%lld", i > 0 ? ", " : "", (long long)values[i]);
  if (at < size) snprintf(text + at, size - at, "]}");
}

void choose_permutation(draw *from, const field *const *in, int count, char *text, size_t size) {
  int64_t pattern[FIELD_RANK];
  (void)count;
  for (int a = 0; a < in[0]->rank; a++) {
    int64_t other = draw_below(from, a + 1);
    pattern[a] = pattern[other];
    pattern[other] = a;
  }
  list("pattern", pattern, in[0]->rank, text, size);
}

static const int64_t factors[] = {1, 2, 3, 4, 5, 7};

/* Factors that divide the count, and the rest, open or in numbers. */
void choose_reshape(draw *from, const field *const *in, int count, char *text, size_t size) {
  int64_t dims[FIELD_RANK], left = in[0]->count;
  int rank = 0, wanted = (int)draw_below(from, 4);
  (void)count;
  for (; rank < wanted; rank++) {
    int64_t factor = factors[draw_below(from, 6)];
    dims[rank] = left % factor == 0 ? factor : 1;
    left /= dims[rank];
  }
  dims[rank] = left > 0 && chance(from, 2) ? -1 : left;
  int64_t other = draw_below(from, rank + 1), held = dims[rank];
  dims[rank] = dims[other];
  dims[other] = held;
  list("shape", dims, rank + 1, text, size);
}

/* ---- index ---- */

/* A bound near the axis's, now and then from its end, or nothing. */
static void bound_text(draw *from, int64_t length, int64_t back, char text[24]) {
  text[0] = '\0';
  if (chance(from, 2)) return;
  int64_t bound = draw_below(from, length + 2);
  if (chance(from, 3)) bound -= back;
  snprintf(text, 24, "%lld", (long long)bound);
}

static size_t slice_text(draw *from, int64_t length, char *text, size_t size) {
  static const char *const steps[] = {"", "", "", ":2", ":-1", ":-2"};
  char first[24], last[24];
  bound_text(from, length, length, first);
  bound_text(from, length, 1, last);
  return (size_t)snprintf(text, size, "%s:%s%s", first, last, steps[draw_below(from, 6)]);
}

static size_t item_text(draw *from, int64_t length, char *text, size_t size) {
  if (length == 0 || !chance(from, 3)) return slice_text(from, length, text, size);
  int64_t place = draw_below(from, length);
  return (size_t)snprintf(text, size, "%lld", (long long)(chance(from, 2) ? place : place - length));
}

void choose_index(draw *from, const field *const *in, int count, char *text, size_t size) {
  int rank = in[0]->rank, named = rank > 0 ? 1 + (int)draw_below(from, rank) : 0;
  bool last = chance(from, 4) || rank == 0;
  size_t at = (size_t)snprintf(text, size, "{at: \"%s", last ? "..." : "");
  (void)count;
  for (int i = 0; i < named && at < size; i++) {
    at += (size_t)snprintf(text + at, size - at, "%s", i > 0 || last ? ", " : "");
    at += item_text(from, in[0]->dims[last ? rank - named + i : i], text + at, size - at);
    if (chance(from, 12)) at += (size_t)snprintf(text + at, size - at, ", None");
  }
  if (at < size) snprintf(text + at, size - at, "\"}");
}

/* ---- Repetition ---- */

void choose_tile(draw *from, const field *const *in, int count, char *text, size_t size) {
  int64_t times[FIELD_RANK];
  (void)count;
  for (int a = 0; a < in[0]->rank; a++) times[a] = chance(from, 2) ? 1 : 1 + draw_below(from, 3);
  list("n", times, in[0]->rank, text, size);
}

void choose_repeat(draw *from, const field *const *in, int count, char *text, size_t size) {
  (void)in, (void)count;
  snprintf(text, size, "{n: %d}", (int)draw_below(from, 4));
}

void choose_repeat_elements(draw *from, const field *const *in, int count, char *text, size_t size) {
  int times = 1 + (int)draw_below(from, 3);
  (void)count;
  if (in[0]->rank == 0) return;
  snprintf(text, size, "{rep: %d, axis: %d}", times, (int)draw_below(from, in[0]->rank));
}

void choose_reverse(draw *from, const field *const *in, int count, char *text, size_t size) {
  char axes[64];
  (void)count;
  list_axes(from, in[0]->rank, axes, sizeof axes);
  snprintf(text, size, "{axes: %s}", axes);
}

/* ---- One of some texts ---- */

#define CHOOSE(name, ...)                                                                                    \
  void name(draw *from, const field *const *in, int count, char *text, size_t size) {                        \
    static const char *const texts[] = {__VA_ARGS__};                                                        \
    (void)in, (void)count;                                                                                   \
    snprintf(text, size, "%s", texts[draw_below(from, sizeof texts / sizeof *texts)]);                       \
  }

CHOOSE(choose_elu, "", "{alpha: 0.5}")
CHOOSE(choose_gelu, "", "{approximate: true}")
CHOOSE(choose_pow, "{a: 2}", "{a: 3}", "{a: 1}", "{a: 0}", "{a: 2}", "{a: 0.5}", "{a: -1}")
CHOOSE(choose_eye, "{size: 1}", "{size: 2}", "{size: 3}", "{size: 4}", "{size: 5}",
    "{size: 3, dtype: float64}", "{size: 3, dtype: int32}", "{size: 0}")
CHOOSE(choose_arange, "{start: 3}", "{start: 5, dtype: float32}",
    "{start: 3, stop: 0, step: -1, dtype: float64}", "{start: 1, stop: 8, step: 2, dtype: float32}",
    "{start: -2, stop: 2, dtype: int64}")
CHOOSE(
    choose_batch_dot, "", "", "{axes: 1}", "{axes: [2, 1]}", "{axes: [1, 2]}", "{axes: 2}", "{axes: [1, 1]}")
CHOOSE(choose_like, "", "", "", "{dtype: float64}", "{dtype: float32}", "{dtype: int32}")
CHOOSE(choose_one_hot, "{num_classes: 1}", "{num_classes: 3}", "{num_classes: 5}", "{num_classes: 0}")
CHOOSE(choose_cast, "{dtype: float32}", "{dtype: float64}", "{dtype: float64}", "{dtype: float32}",
    "{dtype: int32}", "{dtype: int64}", "{dtype: bool}", "{dtype: float16}", "{dtype: int8}")
CHOOSE(choose_assume, "{structure: lower_triangular}", "{structure: upper_triangular}",
    "{structure: symmetric}", "{structure: diagonal}", "{structure: tridiagonal}",
    "{structure: block_diagonal, block: 1}", "{structure: block_diagonal, block: 2}")
CHOOSE(choose_clip, "{min_value: 0, max_value: 1}", "{min_value: -1}", "{max_value: 1}", "",
    "{min_value: -2, max_value: 2}")
static CHOOSE(relu_of_reals, "", "", "{alpha: 0.5}", "{max_value: 2}", "{threshold: 1}",
    "{alpha: 0.25, max_value: 3}",
    "{alpha: 0.25, max_value: 1.5, threshold: 0.5}") static CHOOSE(relu_of_integers, "", "{max_value: 3}",
    "{threshold: 1}", "{max_value: 4, threshold: 1}")

    void choose_relu(draw *from, const field *const *in, int count, char *text, size_t size) {
  chooser *of = dtype_is_whole(in[0]->dtype) ? relu_of_integers : relu_of_reals;
  of(from, in, count, text, size);
}
