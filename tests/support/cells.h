/* SPDX-License-Identifier: MIT
 *
 * Plain arrays of numbers for the tests: what a tensor holds, element by element, as the widest number there
 * is. Integers and booleans stand in `whole`, everything else in `re` and `im`. The conversions of half
 * precision are written here a second time, so that the library's own are compared with something. */
#ifndef GM_TESTS_CELLS_H
#define GM_TESTS_CELLS_H

#include <gemmule/gemmule.h>

typedef struct cell {
  double re, im;
  int64_t whole;
} cell;

typedef struct cells {
  gm_dtype dtype;
  int rank;
  int64_t dims[GM_MAX_RANK];
  int64_t count;
  cell *at;
} cells;

/** All zero. Freed by cells_free; a test that cannot allocate ends. */
cells cells_new(gm_dtype dtype, int rank, const int64_t *dims);
cells cells_copy(const cells *from);
cells cells_of(const gm_tensor *tensor);
void cells_free(cells *array);
/** A new tensor of the array's dtype, each element rounded (wrapped, for integers) to it. */
gm_tensor *cells_tensor(const cells *array);

bool dtype_is_whole(gm_dtype dtype);
bool dtype_is_complex(gm_dtype dtype);
/** Half the distance of 1 to the next number; 0 for integers. */
double dtype_unit(gm_dtype dtype);
/** The name's dtype; -1 for a dtype that there is not. */
int dtype_named(const char *name);
/** The value as the dtype keeps it. */
cell cell_rounded(cell value, gm_dtype dtype);

/** The offset of an element at `index` (row-major). */
int64_t cells_offset(const cells *array, const int64_t *index);
/** Steps a row-major index; false after the last one. */
bool next_index(int rank, const int64_t *dims, int64_t *index);

/** A small generator for the tests, the same numbers for the same seed. */
typedef struct draw {
  uint64_t state;
} draw;
uint64_t draw_bits(draw *from);
/** 0 <= result < below. */
int64_t draw_below(draw *from, int64_t below);
/** Small numbers in [-2, 2), small integers in [-9, 9], any boolean. */
void draw_fill(draw *from, cells *array);

#endif
