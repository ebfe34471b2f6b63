/* SPDX-License-Identifier: MIT
 *
 * The oracle's movements: operations that copy elements to another place, and cast and assume, which keep the
 * place and change the value. All exact. */
#include "support/oracle.h"
#include "support/places.h"

#include <stdio.h>
#include <string.h>

void sample_list(sample *made, const char *key, const int64_t *values, int count) {
  char *text = made->attributes;
  size_t size = sizeof made->attributes, at = (size_t)snprintf(text, size, "{%s: [", key);
  for (int i = 0; i < count; i++)
    at += (size_t)snprintf(text + at, size - at, "%s%lld", i == 0 ? "" : ", ", (long long)values[i]);
  snprintf(text + at, size - at, "]}");
}

static void copy_elements(sample *made) {
  const cells *x = &made->inputs[0];
  if (x->count > 0) memcpy(made->want.at, x->at, (size_t)x->count * sizeof *x->at);
}

/* ---- Order of axes ---- */

static void permuted(sample *made, const int64_t *pattern) {
  const cells *x = &made->inputs[0];
  int64_t dims[GM_MAX_RANK], index[GM_MAX_RANK] = {0}, from[GM_MAX_RANK], at = 0;
  for (int axis = 0; axis < x->rank; axis++) dims[axis] = x->dims[pattern[axis]];
  sample_want(made, x->dtype, x->rank, dims);
  if (x->count == 0) return;
  do {
    for (int axis = 0; axis < x->rank; axis++) from[pattern[axis]] = index[axis];
    made->want.at[at++] = x->at[cells_offset(x, from)];
  } while (next_index(x->rank, dims, index));
}

void make_transpose(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], pattern[GM_MAX_RANK];
  int rank = drawn_dims(from, 0, 5, dims);
  sample_input(made, from, dtype, rank, dims);
  for (int axis = 0; axis < rank; axis++) pattern[axis] = rank - 1 - axis;
  permuted(made, pattern);
}

void make_permute_dimensions(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], pattern[GM_MAX_RANK];
  int rank = drawn_dims(from, 1, 5, dims);
  sample_input(made, from, dtype, rank, dims);
  for (int axis = 0; axis < rank; axis++) {
    int64_t other = draw_below(from, axis + 1);
    pattern[axis] = pattern[other];
    pattern[other] = axis;
  }
  sample_list(made, "pattern", pattern, rank);
  permuted(made, pattern);
}

/* ---- Other dims, same elements ---- */

void make_reshape(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], shown[GM_MAX_RANK];
  int rank = drawn_dims(from, 1, 4, dims), less = rank;
  sample_input(made, from, dtype, rank, dims);
  if (rank > 1 && draw_below(from, 2) == 0) dims[--less - 1] *= dims[rank - 1];
  memcpy(shown, dims, sizeof shown);
  if (made->inputs[0].count > 0 && draw_below(from, 2) == 0) shown[draw_below(from, less)] = -1;
  sample_list(made, "shape", shown, less);
  sample_want(made, dtype, less, dims);
  copy_elements(made);
}

void make_expand_dims(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, 0, 4, dims), axis = (int)draw_below(from, rank + 1);
  sample_input(made, from, dtype, rank, dims);
  memmove(&dims[axis + 1], &dims[axis], (size_t)(rank - axis) * sizeof *dims);
  dims[axis] = 1;
  snprintf(made->attributes, sizeof made->attributes, "{axis: %d}",
      draw_below(from, 2) == 0 ? axis : axis - rank - 1);
  sample_want(made, dtype, rank + 1, dims);
  copy_elements(made);
}

void make_squeeze(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, 1, 4, dims), axis = (int)draw_below(from, rank);
  dims[axis] = 1;
  sample_input(made, from, dtype, rank, dims);
  memmove(&dims[axis], &dims[axis + 1], (size_t)(rank - axis - 1) * sizeof *dims);
  snprintf(
      made->attributes, sizeof made->attributes, "{axis: %d}", draw_below(from, 2) == 0 ? axis : axis - rank);
  sample_want(made, dtype, rank - 1, dims);
  copy_elements(made);
}

/* ---- diag_part ---- */

void make_diag_part(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], at = 0;
  int rank = drawn_dims(from, 2, 4, dims);
  int64_t rows = dims[rank - 2], columns = dims[rank - 1], length = rows < columns ? rows : columns;
  const cells *x = sample_input(made, from, dtype, rank, dims);
  dims[rank - 2] = length;
  sample_want(made, dtype, rank - 1, dims);
  for (int64_t first = 0; at < made->want.count; first += rows * columns)
    for (int64_t i = 0; i < length; i++) made->want.at[at++] = x->at[first + i * (columns + 1)];
}

/* ---- concatenate ---- */

void make_concatenate(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], index[GM_MAX_RANK], total = 0;
  int rank = drawn_dims(from, 1, 4, dims), axis = (int)draw_below(from, rank),
      pieces = 1 + (int)draw_below(from, 3);
  for (int i = 0; i < pieces; i++) {
    dims[axis] = 1 + draw_below(from, 3);
    sample_input(made, from, dtype, rank, dims);
    total += dims[axis];
  }
  dims[axis] = total;
  snprintf(
      made->attributes, sizeof made->attributes, "{axis: %d}", draw_below(from, 2) == 0 ? axis : axis - rank);
  sample_want(made, dtype, rank, dims);
  int64_t start = 0;
  for (int i = 0; i < pieces; start += made->inputs[i++].dims[axis]) {
    const cells *x = &made->inputs[i];
    memset(index, 0, sizeof index);
    for (int64_t at = 0; at < x->count; at++, next_index(rank, x->dims, index)) {
      int64_t there[GM_MAX_RANK];
      memcpy(there, index, sizeof there);
      there[axis] += start;
      made->want.at[cells_offset(&made->want, there)] = x->at[at];
    }
  }
}

/* ---- cast ---- */

static void add_extremes(draw *from, cells *x) {
  static const double reals[] = {1e30, -1e30, 3e9, -300.5, 70000, 0.5, -0.0, 1e-6};
  static const int64_t wholes[] = {127, 128, 255, 256, 32768, 2147483647, -129, INT64_MAX};
  for (int64_t i = 0; i < x->count; i++) {
    if (draw_below(from, 3) != 0) continue;
    size_t which = (size_t)draw_below(from, 8);
    cell extreme = {.re = reals[which], .whole = wholes[which]};
    x->at[i] = cell_rounded(extreme, x->dtype);
  }
}

void make_cast(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, 0, 3, dims);
  gm_dtype to = (gm_dtype)draw_below(from, GM_COMPLEX128 + 1);
  cells *x = sample_input(made, from, dtype, rank, dims);
  add_extremes(from, x);
  snprintf(made->attributes, sizeof made->attributes, "{dtype: %s}", gm_dtype_name(to));
  sample_want(made, to, rank, dims);
  for (int64_t i = 0; i < x->count; i++) made->want.at[i] = cell_cast(x->at[i], dtype, to);
}

/* ---- assume ---- */

void make_assume(draw *from, gm_dtype dtype, sample *made) {
  static const char *const names[] = {
      "lower_triangular", "upper_triangular", "diagonal", "tridiagonal", "block_diagonal", "symmetric"};
  int structure = (int)draw_below(from, 6);
  int64_t n = structure == 4 ? 4 : 1 + draw_below(from, 5), dims[] = {n, n};
  const cells *x = sample_input(made, from, dtype, 2, dims);
  snprintf(made->attributes, sizeof made->attributes, "{structure: %s%s}", names[structure],
      structure == 4 ? ", block: 2" : "");
  sample_want(made, dtype, 2, dims);
  for (int64_t i = 0; i < n * n; i++) {
    int64_t place = structure_place(names[structure], 2, n, i / n, i % n);
    if (place >= 0) made->want.at[i] = x->at[place];
  }
}
