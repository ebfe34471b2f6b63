/* SPDX-License-Identifier: MIT
 *
 * The engine of reductions: some results side by side from the elements that make them. reduce stores them,
 * normalise goes over the elements once more with them. */
#ifndef GM_KERNEL_REDUCER_H
#define GM_KERNEL_REDUCER_H

#include "kernel/fold.h"

enum { GM__TILE_BYTES = 512, GM__REDUCER_LEVELS = 44, GM__REDUCER_RAW = GM__LANES * 256 };

typedef struct gm__reducer {
  const gm__fold *fold;
  const gm__loops *inner; /* operand 0 is the input */
  int64_t inner_count;
  gm_dtype dtype;
  int64_t element; /* bytes of an input element */
  size_t width;    /* results side by side, */
  int64_t column;  /* and the stride of the input from one to the next */
  int64_t left;    /* rows still to come */
  size_t filled;   /* rows in the leaf */
  uint64_t leaves;
  unsigned char neutrals[2][16];
  const unsigned char *neutral;
  const char *about; /* the pivot of the pass; NULL: none */
  _Alignas(64) char pivot[GM__TILE_BYTES];
  _Alignas(64) char lanes[GM__LANES * GM__TILE_BYTES];
  _Alignas(64) char raw[GM__REDUCER_RAW];
  _Alignas(64) char loaded[GM__REDUCER_RAW];
  _Alignas(64) char levels[GM__REDUCER_LEVELS * GM__TILE_BYTES];
} gm__reducer;

/** Gets ready for elements of `dtype` over the axes `inner`. GM_BAD_DTYPE when there is no such reduction. */
gm_status gm__reducer_begin(gm__reducer *r, gm__reduction op, gm_dtype dtype, const gm__loops *inner,
    int64_t inner_count, gm_error *error);
/** The most results side by side. */
int64_t gm__reducer_tile(const gm__reducer *r);
/** Would results side by side, `column` elements apart in the input, be made faster together? */
bool gm__reducer_across(const gm__reducer *r, int64_t column);
/** `width` results whose elements begin at `from` and `column` elements apart: numbers of r->fold->result,
 * which stay until the next call; so do the means or maxima of a reduction about a pivot, in r->pivot. */
void *gm__reducer_results(gm__reducer *r, const char *from, int64_t column, size_t width);

/** One result out of elements that are made piece by piece: contiguous, each piece but the last a multiple of
 * GM__LEAF. The order of additions is that of gm__reducer_results. */
void gm__reducer_open(gm__reducer *r);
void gm__reducer_feed(gm__reducer *r, const char *data, int64_t count);
const void *gm__reducer_close(gm__reducer *r);

#endif
