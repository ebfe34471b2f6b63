/* SPDX-License-Identifier: MIT
 *
 * Copies of faces. A transpose reads a tile of one cache line a row into registers or a small array and
 * writes it as whole lines, so that no line has to stay in a cache whose sets a power of two as the stride
 * would crowd; tiles follow each other within blocks that few pages hold. */
#include "kernel/face.h"

#include "kernel/strided.h"

enum { LINE = 64, SHORT = 16, STRIP = 256, WIDE = 16, BLOCK_ROWS = 256, BLOCK_COLUMNS = 128 };

/* ---- Tiles: LINE / size elements a side; row i of the result is column i of what is read ---- */

typedef uint32_t vector4 __attribute__((vector_size(16)));
typedef uint64_t vector8 __attribute__((vector_size(16)));

static void turn_4(const vector4 in[4], vector4 out[4]) {
  vector4 a = __builtin_shufflevector(in[0], in[1], 0, 4, 1, 5),
          b = __builtin_shufflevector(in[0], in[1], 2, 6, 3, 7);
  vector4 c = __builtin_shufflevector(in[2], in[3], 0, 4, 1, 5),
          d = __builtin_shufflevector(in[2], in[3], 2, 6, 3, 7);
  out[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
  out[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
  out[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
  out[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

/* Asks for the lines of the tile after next, which may lie beyond the end: that is no access. */
static void fetch(const char *from, int64_t from_column, int columns) {
  for (int c = 0; c < columns; c++)
    __builtin_prefetch((const void *)((uintptr_t)from + (uintptr_t)(c * from_column + 2 * LINE)));
}

static void tile_4(char *to, int64_t to_row, const char *from, int64_t from_column) {
  fetch(from, from_column, 16);
  for (int part = 0; part < 4; part++)
    for (int c = 0; c < 16; c += 4) {
      vector4 in[4], out[4];
      for (int i = 0; i < 4; i++) memcpy(&in[i], from + (c + i) * from_column + part * 16, 16);
      turn_4(in, out);
      for (int r = 0; r < 4; r++) memcpy(to + (part * 4 + r) * to_row + c * 4, &out[r], 16);
    }
}

static void tile_8(char *to, int64_t to_row, const char *from, int64_t from_column) {
  fetch(from, from_column, 8);
  for (int part = 0; part < 4; part++)
    for (int c = 0; c < 8; c += 2) {
      vector8 in[2], out[2];
      for (int i = 0; i < 2; i++) memcpy(&in[i], from + (c + i) * from_column + part * 16, 16);
      out[0] = __builtin_shufflevector(in[0], in[1], 0, 2);
      out[1] = __builtin_shufflevector(in[0], in[1], 1, 3);
      for (int r = 0; r < 2; r++) memcpy(to + (part * 2 + r) * to_row + c * 8, &out[r], 16);
    }
}

#define TILE(bytes)                                                                                          \
  static void tile_##bytes(char *to, int64_t to_row, const char *from, int64_t from_column) {                \
    char held[LINE / bytes][LINE];                                                                           \
    for (int c = 0; c < LINE / bytes; c++) memcpy(held[c], from + c * from_column, LINE);                    \
    for (int r = 0; r < LINE / bytes; r++)                                                                   \
      for (int c = 0; c < LINE / bytes; c++)                                                                 \
        memcpy(to + r * to_row + c * bytes, held[c] + r * bytes, bytes);                                     \
  }
TILE(1)
TILE(2)
TILE(16)

static void tile(char *to, int64_t to_row, const char *from, int64_t from_column, size_t size) {
  switch (size) {
  case 1: tile_1(to, to_row, from, from_column); break;
  case 2: tile_2(to, to_row, from, from_column); break;
  case 4: tile_4(to, to_row, from, from_column); break;
  case 8: tile_8(to, to_row, from, from_column); break;
  default: tile_16(to, to_row, from, from_column); break;
  }
}

/* ---- Faces ---- */

static void copy_lines(const gm__face *f, char *to, const char *from, size_t size) {
  int64_t bytes = (int64_t)size;
  for (int64_t row = 0; row < f->rows; row++)
    gm__strided_copy(to + row * f->to_row * bytes, f->to_column, from + row * f->from_row * bytes,
        f->from_column, (size_t)f->columns, size);
}

static gm__face turned(const gm__face *f) {
  return (gm__face){f->columns, f->rows, f->from_column, f->from_row, f->to_column, f->to_row};
}

/* Along the longer axis, in strips that the cache holds until the last line of them is done. */
static void copy_strips(const gm__face *face, char *to, const char *from, size_t size) {
  gm__face f = face->columns < SHORT && face->rows > face->columns ? turned(face) : *face, strip = f;
  int64_t bytes = (int64_t)size;
  for (int64_t at = 0; at < f.columns; at += STRIP) {
    strip.columns = f.columns - at < STRIP ? f.columns - at : STRIP;
    copy_lines(&strip, to + at * f.to_column * bytes, from + at * f.from_column * bytes, size);
  }
}

static void copy_runs(const gm__face *f, char *to, const char *from, size_t size) {
  size_t run = (size_t)f->columns * size;
  int64_t bytes = (int64_t)size;
  for (int64_t row = 0; row < f->rows; row++)
    gm__run_copy(to + row * f->to_row * bytes, from + row * f->from_row * bytes, run);
}

static bool can_fill(const gm__face *f, size_t size) {
  bool dense = f->to_column == 1 && f->from_column == 0 && size < WIDE;
  return dense && (f->columns * (int64_t)size >= WIDE || (f->to_row == f->columns && f->columns > 1));
}

/* Rows of one value, stored by WIDE bytes. What exceeds a shorter row belongs to the next, which is written
 * later. Returns how many rows are done: the last short ones are not. */
#define FILLS(bytes)                                                                                         \
  static int64_t fills_##bytes(const gm__face *f, char *to, const char *from) {                              \
    int64_t run = f->columns * bytes, row = 0, end = run < WIDE ? f->rows - WIDE / run - 1 : f->rows;        \
    for (; row < end; row++) {                                                                               \
      char value[WIDE], *at = to + row * f->to_row * bytes;                                                  \
      vector4 wide;                                                                                          \
      for (int i = 0; i < WIDE; i += bytes) memcpy(value + i, from + row * f->from_row * bytes, bytes);      \
      memcpy(&wide, value, WIDE);                                                                            \
      for (int64_t done = 0; done + WIDE <= run; done += WIDE) memcpy(at + done, &wide, WIDE);               \
      memcpy(run < WIDE ? at : at + run - WIDE, &wide, WIDE);                                                \
    }                                                                                                        \
    return row;                                                                                              \
  }
FILLS(1)
FILLS(2)
FILLS(4)
FILLS(8)

static void copy_fills(const gm__face *f, char *to, const char *from, size_t size) {
  int64_t bytes = (int64_t)size, done;
  switch (size) {
  case 1: done = fills_1(f, to, from); break;
  case 2: done = fills_2(f, to, from); break;
  case 4: done = fills_4(f, to, from); break;
  default: done = fills_8(f, to, from); break;
  }
  gm__face rest = *f;
  rest.rows = f->rows - done;
  copy_lines(&rest, to + done * f->to_row * bytes, from + done * f->from_row * bytes, size);
}

static gm__face part_of(const gm__face *f, int64_t rows, int64_t columns) {
  gm__face part = *f;
  part.rows = rows;
  part.columns = columns;
  return part;
}

/* Whole tiles, then what is left at the right and below. */
static void turn_block(const gm__face *f, char *to, const char *from, size_t size) {
  int64_t bytes = (int64_t)size, side = LINE / bytes;
  int64_t rows = f->rows - f->rows % side, columns = f->columns - f->columns % side;
  for (int64_t c = 0; c < columns; c += side)
    for (int64_t r = 0; r < rows; r += side)
      tile(to + (r * f->to_row + c) * bytes, f->to_row * bytes, from + (r + c * f->from_column) * bytes,
          f->from_column * bytes, size);
  gm__face right = part_of(f, rows, f->columns - columns), below = part_of(f, f->rows - rows, f->columns);
  if (right.columns > 0)
    copy_strips(&right, to + columns * bytes, from + columns * f->from_column * bytes, size);
  if (below.rows > 0) copy_strips(&below, to + rows * f->to_row * bytes, from + rows * bytes, size);
}

static void copy_turned(const gm__face *f, char *to, const char *from, size_t size) {
  int64_t bytes = (int64_t)size;
  for (int64_t c = 0; c < f->columns; c += BLOCK_COLUMNS)
    for (int64_t r = 0; r < f->rows; r += BLOCK_ROWS) {
      int64_t rows = f->rows - r < BLOCK_ROWS ? f->rows - r : BLOCK_ROWS;
      int64_t columns = f->columns - c < BLOCK_COLUMNS ? f->columns - c : BLOCK_COLUMNS;
      gm__face block = part_of(f, rows, columns);
      turn_block(&block, to + (r * f->to_row + c) * bytes, from + (r + c * f->from_column) * bytes, size);
    }
}

void gm__face_copy(const gm__face *f, char *to, const char *from, size_t size) {
  int64_t side = LINE / (int64_t)size;
  bool tiled = f->rows >= side && f->columns >= side;
  if (f->to_column == 1 && f->from_column == 1)
    copy_runs(f, to, from, size);
  else if (f->to_column == 1 && f->from_row == 1 && tiled)
    copy_turned(f, to, from, size);
  else if (can_fill(f, size))
    copy_fills(f, to, from, size);
  else
    copy_strips(f, to, from, size);
}
