/* SPDX-License-Identifier: MIT
 *
 * How products of narrow dtypes want B to lie: panels one after the other, of units (narrow.h), which are
 * groups of elements of a column; and bringing elements of one kind to another. */
#include "kernel/clones.h"
#include "kernel/gemm/narrow.h"
#include "kernel/strided.h"

/* Bytes of a row of a panel of more than one element a unit, and elements of a unit, at most. */
enum { ROW_BYTES = 128, MOST_GROUP = 4 };

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}
static int64_t rounded(int64_t value, int64_t to) {
  return (value + to - 1) / to * to;
}

/* ---- Elements ---- */

GM__CLONES_FEW(flip)
static void flip(uint8_t *to, const uint8_t *from, size_t count) {
  GM__EACH(i, count, to[i] = from[i] ^ 0x80);
}
void gm__bring_flipped(void *to, const void *from, size_t count) {
  flip(to, from, count);
}

void gm__bring_int8_16(void *to, const void *from, size_t count) {
  gm__convert(to, GM_INT16, from, GM_INT8, count);
}

void gm__bring_uint8_16(void *to, const void *from, size_t count) {
  gm__convert(to, GM_INT16, from, GM_UINT8, count);
}

GM__CLONES_FEW(widen)
static void widen(uint32_t *to, const uint16_t *from, size_t count) {
  GM__EACH(i, count, to[i] = (uint32_t)from[i] << 16);
}
void gm__bring_bfloat_float(void *to, const void *from, size_t count) {
  widen(to, from, count);
}

GM__CLONES_FEW(shorten)
static void shorten(uint16_t *to, const uint32_t *from, size_t count) {
  GM__EACH(i, count,
      to[i] = (uint16_t)(((from[i] & 0x7FFFFFFF) > 0x7F800000 ? from[i] | 0x400000
                                                              : from[i] + 0x7FFF + (from[i] >> 16 & 1)) >>
                         16));
}
void gm__bring_float_bfloat(void *to, const void *from, size_t count) {
  shorten(to, from, count);
}

void gm__bring_half_float(void *to, const void *from, size_t count) {
  gm__convert(to, GM_FLOAT32, from, GM_FLOAT16, count);
}

void gm__bring_float_half(void *to, const void *from, size_t count) {
  gm__convert(to, GM_FLOAT16, from, GM_FLOAT32, count);
}

/* ---- Units ---- */

/* Rows side by side. */
GM__CLONES_FEW(join_2)
static void join_2(uint32_t *restrict to, const char *rows, size_t width) {
  const uint16_t *restrict x = (const uint16_t *)rows, *restrict y = (const uint16_t *)(rows + ROW_BYTES);
  GM__EACH(j, width, to[j] = x[j] | (uint32_t)y[j] << 16);
}
GM__CLONES_FEW(join_4)
static void join_4(uint32_t *restrict to, const char *rows, size_t width) {
  const uint8_t *restrict x = (const uint8_t *)rows, *restrict y = x + ROW_BYTES, *restrict z = y + ROW_BYTES,
                          *restrict w = z + ROW_BYTES;
  GM__EACH(j, width, to[j] = x[j] | (uint32_t)y[j] << 8 | (uint32_t)z[j] << 16 | (uint32_t)w[j] << 24);
}

/* Adds what is to be put right for 128 too much in each element of A. */
GM__CLONES_FEW(sum_4)
static void sum_4(uint32_t *restrict sums, const char *rows, size_t width) {
  const int8_t *restrict x = (const int8_t *)rows, *restrict y = x + ROW_BYTES, *restrict z = y + ROW_BYTES,
                         *restrict w = z + ROW_BYTES;
  GM__EACH(j, width, sums[j] -= 128 * (uint32_t)(x[j] + y[j] + z[j] + w[j]));
}

/* A row of B, filled up with zeros. */
static void lay_row(
    const gm__narrow *narrow, const gm__gemm *g, char *to, const char *from, int64_t columns, int64_t width) {
  char raw[ROW_BYTES];
  size_t size = gm__dtype_bytes(g->in);
  if (narrow->bring_b == NULL) {
    gm__strided_copy(to, 1, from, g->b_column, (size_t)columns, size);
  } else if (g->b_column == 1) {
    narrow->bring_b(to, from, (size_t)columns);
  } else {
    gm__strided_copy(raw, 1, from, g->b_column, (size_t)columns, size);
    narrow->bring_b(to, raw, (size_t)columns);
  }
  memset(to + columns * narrow->size, 0, (size_t)((width - columns) * narrow->size));
}

static void lay_group(const gm__narrow *narrow, const gm__gemm *g, char *to, const char *from, int64_t depth,
    int64_t columns, int64_t width, uint32_t *sums) {
  _Alignas(64) char rows[MOST_GROUP * ROW_BYTES];
  int64_t size = (int64_t)gm__dtype_bytes(g->in);
  if (depth < narrow->group) memset(rows, 0, sizeof rows);
  for (int64_t i = 0; i < depth; i++)
    lay_row(narrow, g, rows + i * ROW_BYTES, from + i * g->b_row * size, columns, width);
  (narrow->group == 2 ? join_2 : join_4)((uint32_t *)to, rows, (size_t)width);
  if (sums != NULL) sum_4(sums, rows, (size_t)columns);
}

void gm__narrow_lay(const gm__narrow *narrow, const gm__gemm *g, const char *b, char *to,
    const gm__gemm_part *of, int64_t width, uint32_t *sums) {
  int64_t size = (int64_t)gm__dtype_bytes(g->in), step = narrow->group;
  const char *from = b + (of->row * g->b_row + of->column * g->b_column) * size;
  for (int64_t k = 0; k < of->rows; k += step, from += step * g->b_row * size) {
    if (step == 1)
      lay_row(narrow, g, to, from, of->columns, width);
    else
      lay_group(narrow, g, to, from, least(step, of->rows - k), of->columns, width, sums);
    to += width * step * narrow->size;
  }
}

/* ---- A packed B ---- */

size_t gm__narrow_packed_bytes(const gm__narrow *narrow, const gm__gemm *g) {
  if (g->k == 0 || (g->n == 1 && narrow->column != NULL)) return 0;
  int64_t width = rounded(g->n, narrow->lanes), depth = rounded(g->k, narrow->group);
  int64_t sums = narrow->sums_b ? width * 4 : 0;
  return (size_t)(rounded(width * depth * narrow->size, 64) + rounded(sums, 64));
}

uint32_t *gm__narrow_sums(const gm__narrow *narrow, const gm__gemm *g, const char *packed) {
  if (!narrow->sums_b) return NULL;
  int64_t width = rounded(g->n, narrow->lanes), depth = rounded(g->k, narrow->group);
  return (uint32_t *)(packed + rounded(width * depth * narrow->size, 64));
}

void gm__narrow_pack(
    const gm__narrow *narrow, const gm__gemm *g, const void *b, void *packed, int64_t column, int64_t end) {
  int64_t wide = (int64_t)narrow->lanes * narrow->vectors, depth = rounded(g->k, narrow->group);
  uint32_t *sums = gm__narrow_sums(narrow, g, packed);
  for (; column < end; column += wide) {
    gm__gemm_part of = {0, g->k, column, least(wide, g->n - column)};
    if (sums != NULL) memset(sums + column, 0, (size_t)of.columns * sizeof *sums);
    gm__narrow_lay(narrow, g, b, (char *)packed + column * depth * narrow->size, &of,
        rounded(of.columns, narrow->lanes), sums == NULL ? NULL : sums + column);
  }
}
