/* SPDX-License-Identifier: MIT
 *
 * Our own products of floats. native_tile.h is the arithmetic, compiled for each instruction set; native.c
 * walks blocks and tiles, native_pack.c lays matrices out for it; both know bytes and strides only.
 *
 * The bits of an element: the products a · b are added one after the other, k ascending, each by one fused
 * multiply-add, from 0 on, within blocks of GM__DEEP; the sums of the blocks are added in order; then alpha
 * times that, rounded, plus beta times what is added, both rounded. One column (n = 1) is summed in
 * GM__LANES(size) lanes, k in lane k mod lanes, within the same blocks; the halves of the lanes are added
 * until one is left. Nothing else has a say (but where bits are
 * `loose` a vector times a matrix is summed as the other of the two): no length, stride, packing, part, path
 * or thread. `vector` rounds each multiplication where the processor has no fused one. */
#ifndef GM_KERNEL_GEMM_NATIVE_H
#define GM_KERNEL_GEMM_NATIVE_H

#include "kernel/gemm/provider.h"

/** The depth of a block of sums; the most rows and vectors of a tile; of numbers of `size` bytes, those that
 * one column is summed in; the depth of a stretch. */
enum { GM__DEEP = 512, GM__TILE_ROWS = 16, GM__TILE_VECTORS = 4, GM__STEPS = 4 };
#define GM__LANES(size) (64 / (int64_t)(size))

/** What a tile computes: c = from + a · b, or with `adds` c + (from + a · b). Rows are so many bytes apart; a
 * row of a is contiguous, and so are those of b, from and c. */
typedef struct gm__tile {
  const char *a, *b, *from; /* from NULL: zeros */
  char *c;
  int64_t a_row, b_row, from_row, c_row;
  int64_t depth;
  const char *ahead; /* fetched on the way, where there are several vectors: what comes next */
  int64_t ahead_step, line;
  int last, b_last; /* columns in the last vector: of c, that may be read of b */
  bool adds;
  bool half, streams; /* of those for narrow dtypes: b is float16, not bfloat16; comes from far */
} gm__tile;

/** An instruction set's kernels for one dtype. A packed matrix B lies in panels of `vectors` vectors, one
 * after the other, each k-major; the last has as many vectors as it needs, filled up with zeros. */
typedef struct gm__native {
  uint8_t size, lanes, vectors;   /* bytes of a number, numbers of a vector, vectors of a panel */
  uint8_t rows[GM__TILE_VECTORS]; /* the most rows of a tile with 1, 2, … vectors; more of these never have
                                     more */
  void (*const (*tiles)[GM__TILE_ROWS])(const gm__tile *tile); /* [vectors - 1][rows - 1] */
  /** One row of a tile of GM__STEPS steps of depth; columns are a multiple of four vectors. */
  void (*stretch)(
      char *c, const char *from, const char *a, const char *b, int64_t b_row, int64_t columns, bool adds);
  /** One column, of any depth: b is contiguous, c has so many rows. */
  void (*column)(const gm__tile *tile, int64_t rows);
} gm__native;

/** The parts of a provider that is made of such kernels. */
void gm__native_part(const gm__native *native, const gm__gemm_call *call, const gm__gemm_part *part);
bool gm__native_series(
    const gm__native *native, const gm__gemm_call *first, int64_t count, const int64_t steps[3]);
void gm__native_grain(
    const gm__native *native, const gm__gemm *gemm, int threads, int64_t *rows, int64_t *columns);
size_t gm__native_packed_bytes(const gm__native *native, const gm__gemm *gemm);
void gm__native_pack(
    const gm__native *native, const gm__gemm *gemm, const void *b, void *packed, int64_t column, int64_t end);
/** The same for a product with a form: native_form.c. */
void gm__native_form_part(const gm__native *native, const gm__gemm_call *call, const gm__gemm_part *part);
void gm__native_form_grain(const gm__gemm *gemm, int threads, int64_t *rows, int64_t *columns);
/** Why no instruction set takes it, or NULL. */
const char *gm__native_refuses(const gm__gemm *gemm);

/** Columns of a panel; where the panel that begins at `column` lies, and how wide it is in memory. */
static inline int64_t gm__panel_columns(const gm__native *native) {
  return (int64_t)native->lanes * native->vectors;
}
static inline int64_t gm__panel_width(const gm__native *native, int64_t columns) {
  return (columns + native->lanes - 1) & -(int64_t)native->lanes;
}

/** Copies rows × columns elements to rows that are `to_row` bytes apart, filled up with zeros to `width`
 * columns. Strides in elements. */
void gm__lay_rows(const gm__native *native, char *to, int64_t to_row, int64_t width, const char *from,
    int64_t row, int64_t column, int64_t rows, int64_t columns);

/** A matrix that lies somewhere, with `columns` columns; of its form (NULL: none) what is outside is not
 * zero, or not mirrored, in memory. */
typedef struct gm__shaped {
  const char *from;
  int64_t row, column, columns;
  const gm__form *form;
} gm__shaped;
/** Lays out rows × columns of it from (row_at, column_at) on, as it should be. */
void gm__lay_shaped(const gm__native *native, char *to, int64_t to_row, int64_t width, const gm__shaped *m,
    int64_t row_at, int64_t column_at, int64_t rows, int64_t columns);
/** sums = alpha · sums + beta · added, of a line whose elements are `unit` apart in added (NULL: none). */
void gm__native_blend(const gm__native *native, const gm__gemm *gemm, void *sums, const char *added,
    int64_t unit, int64_t length);

#endif
