/* SPDX-License-Identifier: MIT
 *
 * Values of the recorded cases. A pair of numbers in place of a number is a complex one, so lists are read
 * with the dtype known; the lists' lengths give the shape where the case does not (a zero length hides those
 * behind it). */
#include "support/keras_value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double real_of(const json_t *value) {
  if (json_is_string(value)) {
    const char *text = json_string_value(value);
    return strcmp(text, "NaN") == 0 ? NAN : strcmp(text, "-Infinity") == 0 ? -INFINITY : INFINITY;
  }
  return json_is_boolean(value) ? json_is_true(value) : json_number_value(value);
}

static int64_t whole_of(const json_t *value) {
  return json_is_boolean(value)   ? json_is_true(value)
         : json_is_integer(value) ? json_integer_value(value)
                                  : (int64_t)real_of(value);
}

static bool is_leaf(const json_t *value, gm_dtype dtype) {
  if (!json_is_array(value)) return true;
  return dtype_is_complex(dtype) && json_array_size(value) == 2 && !json_is_array(json_array_get(value, 0));
}

static cell leaf(const json_t *value, gm_dtype dtype) {
  if (json_is_array(value))
    return (cell){.re = real_of(json_array_get(value, 0)), .im = real_of(json_array_get(value, 1))};
  cell made = {.re = real_of(value)};
  if (dtype_is_whole(dtype)) made.whole = whole_of(value);
  return made;
}

static int lengths(const json_t *value, gm_dtype dtype, int64_t *dims) {
  int rank = 0;
  while (!is_leaf(value, dtype) && rank < GM_MAX_RANK) {
    dims[rank++] = (int64_t)json_array_size(value);
    if (json_array_size(value) == 0) break;
    value = json_array_get(value, 0);
  }
  return rank;
}

static bool fill(const json_t *value, gm_dtype dtype, cells *made, int64_t *next) {
  if (is_leaf(value, dtype)) {
    if (*next >= made->count) return false;
    made->at[(*next)++] = cell_rounded(leaf(value, dtype), dtype);
    return true;
  }
  for (size_t i = 0; i < json_array_size(value); i++)
    if (!fill(json_array_get(value, i), dtype, made, next)) return false;
  return true;
}

static int given(const json_t *shape, int64_t *dims) {
  int rank = (int)json_array_size(shape);
  for (int axis = 0; axis < rank; axis++)
    dims[axis] = json_integer_value(json_array_get(shape, (size_t)axis));
  return rank;
}

bool keras_cells(const json_t *value, const json_t *shape, gm_dtype dtype, cells *made) {
  int64_t dims[GM_MAX_RANK], next = 0;
  int rank = shape != NULL ? given(shape, dims) : lengths(value, dtype, dims);
  *made = cells_new(dtype, rank, dims);
  return fill(value, dtype, made, &next) && next == made->count;
}

void keras_shape_text(const json_t *shape, char *text, size_t size) {
  size_t at = 0;
  text[0] = '\0';
  for (size_t axis = 0; axis < json_array_size(shape) && at < size; axis++) {
    const json_t *dim = json_array_get(shape, axis);
    const char *comma = axis == 0 ? "" : ", ";
    int wrote = json_is_null(dim)
                    ? snprintf(text + at, size - at, "%s?", comma)
                    : snprintf(text + at, size - at, "%s%lld", comma, (long long)json_integer_value(dim));
    at += (size_t)wrote;
  }
}

static bool near(double got, double want, double tolerance) {
  if (isnan(want) || isnan(got)) return isnan(want) && isnan(got);
  return got == want || fabs(got - want) <= tolerance * (1 + fabs(want));
}

static bool element_close(cell got, cell want, double tolerance, bool whole) {
  if (!whole) return near(got.re, want.re, tolerance) && near(got.im, want.im, tolerance);
  return got.whole == want.whole || (tolerance > 0 && near((double)got.whole, (double)want.whole, tolerance));
}

bool keras_close(const cells *got, const cells *want, double tolerance, char *why, size_t size) {
  if (got->dtype != want->dtype) {
    snprintf(why, size, "dtype %s, not %s", gm_dtype_name(got->dtype), gm_dtype_name(want->dtype));
    return false;
  }
  if (got->rank != want->rank || memcmp(got->dims, want->dims, (size_t)got->rank * sizeof *got->dims) != 0) {
    snprintf(why, size, "a run-time shape of rank %d and %lld elements, not of rank %d and %lld", got->rank,
        (long long)got->count, want->rank, (long long)want->count);
    return false;
  }
  bool whole = dtype_is_whole(got->dtype);
  for (int64_t i = 0; i < got->count; i++) {
    if (element_close(got->at[i], want->at[i], tolerance, whole)) continue;
    snprintf(why, size, "element %lld is %.9g%+.9gj, not %.9g%+.9gj", (long long)i,
        whole ? (double)got->at[i].whole : got->at[i].re, got->at[i].im,
        whole ? (double)want->at[i].whole : want->at[i].re, want->at[i].im);
    return false;
  }
  return true;
}
