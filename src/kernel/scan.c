/* SPDX-License-Identifier: MIT
 *
 * scan: running sums and products along an axis, in the order of the elements, each result rounded once. A
 * block of rows is brought together, scanned in place and put back; lines that lie side by side go together.
 */
#include <complex.h>
#include "kernel/line.h"
#include "kernel/walk.h"

enum { WIDTH = 64 };

/* Goes on over `rows` rows of `width` values from the totals so far. */
#define ADD(a, x) ((a) + (x))
#define MULTIPLY(a, x) ((a) * (x))
#define WRAP_ADD(a, x) ((int64_t)((uint64_t)(a) + (uint64_t)(x)))
#define WRAP_MULTIPLY(a, x) ((int64_t)((uint64_t)(a) * (uint64_t)(x)))
#define SCAN(name, T, STEP)                                                                                  \
  static void name(void *values, void *totals, size_t rows, size_t width) {                                  \
    T *restrict x = values, *restrict total = totals;                                                        \
    size_t whole = gm__whole_units(width);                                                                   \
    for (size_t row = 0; row < rows; row++, x += width)                                                      \
      GM__EACH_OF(i, whole, width, x[i] = total[i] = STEP(total[i], x[i]));                                  \
  }
SCAN(add_integer, int64_t, WRAP_ADD)
SCAN(add_float, float, ADD)
SCAN(add_double, double, ADD)
SCAN(add_complex64, float _Complex, ADD)
SCAN(add_complex128, double _Complex, ADD)
SCAN(multiply_integer, int64_t, WRAP_MULTIPLY)
SCAN(multiply_float, float, MULTIPLY)
SCAN(multiply_double, double, MULTIPLY)
SCAN(multiply_complex64, float _Complex, MULTIPLY)
SCAN(multiply_complex128, double _Complex, MULTIPLY)

typedef void scan_function(void *values, void *totals, size_t rows, size_t width);

static scan_function *function_for(gm__reduction how, gm_dtype wide) {
  static scan_function *const sums[] = {add_integer, add_float, add_double, add_complex64, add_complex128};
  static scan_function *const products[] = {
      multiply_integer, multiply_float, multiply_double, multiply_complex64, multiply_complex128};
  int kind = wide < GM_FLOAT32 ? 0 : (int)(wide - GM_FLOAT32) + 1;
  return (how == GM__SUM ? sums : products)[kind];
}

/* `column_…`: from one line to the next of those that lie side by side. */
typedef struct lines {
  const gm__scan *how;
  scan_function *function;
  gm_dtype dtype, wide;
  int64_t size, column_in, column_out;
  size_t width, value; /* bytes of a number of `wide` */
} lines;

/* Moves a block between memory and `values`: rows of `width`, or one line when there is but one column. */
static void move(
    const lines *l, char *at, int64_t stride, int64_t column, char *values, size_t rows, bool loads) {
  bool single = l->width == 1;
  size_t count = single ? rows : l->width;
  gm__line line = {at, l->dtype, single ? stride : column};
  for (size_t row = 0; row < (single ? 1 : rows); row++) {
    char *block = values + row * l->width * l->value;
    if (loads)
      gm__line_load(block, l->wide, &line, count);
    else
      gm__line_store(&line, block, l->wide, count);
    line.at += stride * l->size;
  }
}

static void scan_lines(const lines *l, const char *from, char *to) {
  _Alignas(64) char values[GM__LINE_BYTES], totals[WIDTH * 16];
  const gm__scan *how = l->how;
  size_t most = GM__LINE_BYTES / (l->width * l->value);
  for (int64_t done = 0; done < how->length;) {
    size_t rows = (size_t)(how->length - done < (int64_t)most ? how->length - done : (int64_t)most);
    size_t first = done == 0 ? 1 : 0, row = l->width * l->value;
    move(l, (char *)from + done * how->stride_in * l->size, how->stride_in, l->column_in, values, rows, true);
    if (first) memcpy(totals, values, row);
    l->function(values + first * row, totals, rows - first, l->width);
    move(l, to + done * how->stride_out * l->size, how->stride_out, l->column_out, values, rows, false);
    done += (int64_t)rows;
  }
}

static int64_t magnitude(int64_t stride) {
  return stride < 0 ? -stride : stride;
}

static void scan_row(lines *l, const char *from, char *to, int64_t count) {
  bool across = magnitude(l->column_in) < magnitude(l->how->stride_in);
  for (int64_t done = 0; done < count; done += (int64_t)l->width) {
    int64_t left = count - done;
    l->width = !across ? 1 : (size_t)(left < WIDTH ? left : WIDTH);
    scan_lines(l, from + done * l->column_in * l->size, to + done * l->column_out * l->size);
  }
}

static gm_status run(const gm__step *step, const gm__run *run) {
  lines l = {.how = step->descriptor, .dtype = (gm_dtype)step->operands[0].dtype, .column_in = INT64_MAX};
  const gm__loops *outer = &l.how->outer;
  int64_t index[GM__LOOPS_RANK], offsets[2];
  int last = outer->rank - 1, axes = last >= 0 ? last : 0;
  l.size = (int64_t)gm__dtype_bytes(l.dtype);
  l.wide = gm__line_wide(l.dtype);
  l.value = gm__dtype_bytes(l.wide);
  l.function = function_for(l.how->how, l.wide);
  if (last >= 0)
    l.column_in = gm__loops_stride(outer, 0, last), l.column_out = gm__loops_stride(outer, 1, last);
  if (gm__loops_empty(outer) || l.how->length == 0) return GM_OK;
  const char *from = gm__step_address(step, run, 0);
  char *to = gm__step_address(step, run, 1);
  gm__loops_begin(axes, 2, index, offsets);
  do scan_row(&l, from + offsets[0] * l.size, to + offsets[1] * l.size, last < 0 ? 1 : outer->dims[last]);
  while (gm__loops_next(outer, axes, 2, index, offsets));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__scan *how = step->descriptor;
  gm__text_add(text, how->how == GM__SUM ? "sums along " : "products along ");
  gm__text_int(text, how->length);
}

const gm__kernel gm__kernel_scan = {"scan", run, NULL, text, GM__CUT(gm__scan, outer, 0, 2, 0.3f)};
