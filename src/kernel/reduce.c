/* SPDX-License-Identifier: MIT
 *
 * reduce: sums and their like over some axes. The elements that make one result are counted in row-major
 * order; each LEAF of them goes to LANES accumulators in turn, these are added pairwise, and the leaves are
 * added pairwise too, by a binary counter of partial sums. So the error grows with the logarithm of the
 * length and the order of additions depends on the length alone: not on strides, not on how many results
 * there are, nor on which of the two ways they are made: one by one, or side by side, a tile of them at a
 * time, when that is how they lie in memory. */
#include "kernel/fold.h"
#include "kernel/strided.h"
#include "kernel/walk.h"

enum { LEAF = 256, TILE_BYTES = 256, LEVELS = 56, FEW = 32, MOST = GM__LANES * TILE_BYTES };

typedef struct reduction {
  const gm__reduce *how;
  const gm__fold *fold;
  gm_dtype dtype;
  int64_t element; /* bytes of an input element */
  size_t width;    /* results side by side, */
  int64_t column;  /* and the stride of the input from one to the next */
  int64_t left;    /* rows still to come */
  size_t filled;   /* rows in the leaf */
  uint64_t leaves;
  unsigned char neutral[16];
  _Alignas(64) char lanes[MOST];
  _Alignas(64) char raw[MOST];
  _Alignas(64) char loaded[MOST];
  _Alignas(64) char levels[LEVELS * TILE_BYTES];
} reduction;

static char *level(reduction *r, int number) {
  return r->levels + number * TILE_BYTES;
}

static void begin_leaf(reduction *r) {
  size_t lanes = r->left >= GM__LANES ? GM__LANES : r->left > 0 ? (size_t)r->left : 1;
  gm__strided_fill(r->lanes, 1, r->neutral, lanes * r->width, r->fold->size);
  r->filled = 0;
}

/* Adds the lanes up, into lane 0. */
static void join_lanes(reduction *r) {
  size_t lanes = r->filled < GM__LANES ? r->filled : GM__LANES;
  for (size_t half = GM__LANES / 2; half > 0; half /= 2) {
    if (lanes <= half) continue;
    r->fold->merge(r->lanes, r->lanes + half * r->width * r->fold->size, (lanes - half) * r->width);
    lanes = half;
  }
}

/* The leaf is done: carries it up as far as there is a partial sum of the same number of leaves. */
static void end_leaf(reduction *r) {
  const char *sum = r->lanes;
  int at = 0;
  join_lanes(r);
  for (; r->leaves >> at & 1; at++) {
    r->fold->merge(level(r, at), sum, r->width);
    sum = level(r, at);
  }
  memcpy(level(r, at), sum, r->width * r->fold->size);
  r->leaves++;
}

/* The sum of all leaves, from the short partial sums to the long. */
static char *sum_of_leaves(reduction *r) {
  if (r->leaves == 0) return r->lanes;
  int at = __builtin_ctzll(r->leaves);
  char *sum = level(r, at);
  while (++at < LEVELS) {
    if (!(r->leaves >> at & 1)) continue;
    r->fold->merge(level(r, at), sum, r->width);
    sum = level(r, at);
  }
  return sum;
}

/* A place in memory of rows that are ready to be folded. */
typedef struct rows {
  const char *data;
  int64_t stride;
  size_t count;
} rows;

static bool is_direct(const reduction *r) {
  return r->dtype == r->fold->load && (r->width == 1 || r->column == 1);
}

/* Brings rows together in `raw` and converts them to `loaded`, as many as there is room for. */
static rows load(reduction *r, const char *data, int64_t stride, size_t count) {
  if (is_direct(r)) return (rows){data, stride, count};
  if (r->width > 1 && count > GM__LANES) count = GM__LANES;
  const char *from = data;
  if (r->width == 1 && stride != 1) {
    gm__strided_copy(r->raw, 1, data, stride, count, (size_t)r->element);
    from = r->raw;
  } else if (r->width > 1) {
    for (size_t row = 0; row < count; row++)
      gm__strided_copy(r->raw + row * r->width * (size_t)r->element, 1,
          data + (int64_t)row * stride * r->element, r->column, r->width, (size_t)r->element);
    from = r->raw;
  }
  if (r->dtype == r->fold->load) return (rows){from, (int64_t)r->width, count};
  gm__convert(r->loaded, r->fold->load, from, r->dtype, count * r->width);
  return (rows){r->loaded, (int64_t)r->width, count};
}

/* Folds `count` rows; a row that is no whole number of LANES goes on in the lane where the last one stopped.
 */
static void feed(reduction *r, const char *data, int64_t stride, int64_t count) {
  while (count > 0) {
    size_t lane = r->filled % GM__LANES, room = lane > 0 ? GM__LANES - lane : LEAF - r->filled;
    rows part = load(r, data, stride, count < (int64_t)room ? (size_t)count : room);
    r->fold->rows(r->lanes + lane * r->width * r->fold->size, part.data, part.stride, part.count, r->width);
    r->filled += part.count;
    r->left -= (int64_t)part.count;
    count -= (int64_t)part.count;
    data += (int64_t)part.count * stride * r->element;
    if (r->filled < LEAF) continue;
    end_leaf(r);
    begin_leaf(r);
  }
}

static void feed_all(reduction *r, const char *data) {
  const gm__loops *inner = &r->how->inner;
  int last = inner->rank - 1, outer = inner->rank > 0 ? last : 0;
  int64_t index[GM__LOOPS_RANK], offset;
  gm__loops_begin(outer, 1, index, &offset);
  do
    feed(r, data + offset * r->element, last < 0 ? 1 : gm__loops_stride(inner, 0, last),
        last < 0 ? 1 : inner->dims[last]);
  while (gm__loops_next(inner, outer, 1, index, &offset));
}

/* `width` results, side by side. */
static void reduce_tile(reduction *r, const char *from, char *to, gm_dtype dtype, int64_t stride) {
  const gm__fold *fold = r->fold;
  r->left = r->how->inner_count;
  r->leaves = 0;
  begin_leaf(r);
  if (r->how->inner_count > 0) feed_all(r, from);
  if (r->filled > 0) end_leaf(r);
  char *sum = sum_of_leaves(r);
  if (fold->finish != NULL) fold->finish(sum, r->width, r->how->inner_count);
  if (stride == 1 || r->width == 1) {
    gm__convert(to, dtype, sum, fold->result, r->width);
    return;
  }
  gm__convert(r->loaded, dtype, sum, fold->result, r->width);
  gm__strided_copy(to, stride, r->loaded, 1, r->width, gm__dtype_bytes(dtype));
}

static int64_t magnitude(int64_t stride) {
  return stride < 0 ? -stride : stride;
}

/* Results side by side, along the innermost outer axis: where the input is denser along it, or the sums are
 * short. */
static bool is_across(const gm__reduce *how) {
  if (how->outer.rank == 0) return false;
  if (how->inner_count < FEW || how->inner.rank == 0) return true;
  int64_t outer = gm__loops_stride(&how->outer, 0, how->outer.rank - 1);
  return magnitude(outer) < magnitude(gm__loops_stride(&how->inner, 0, how->inner.rank - 1));
}

/* One row of results, `count` of them. */
static void reduce_row(
    reduction *r, const char *from, char *to, gm_dtype dtype, int64_t stride, int64_t count) {
  int64_t tile = TILE_BYTES / 16;
  if (r->fold->size <= 8 && r->element <= 8) tile = TILE_BYTES / 8;
  if (r->fold->size <= 4 && r->element <= 4) tile = TILE_BYTES / 4;
  for (int64_t done = 0; done < count; done += tile) {
    r->width = (size_t)(count - done < tile ? count - done : tile);
    reduce_tile(r, from + done * r->column * r->element, to + done * stride * (int64_t)gm__dtype_bytes(dtype),
        dtype, stride);
  }
}

static gm_status prepare(reduction *r, const gm__step *step, gm_error *error) {
  r->how = step->descriptor;
  r->dtype = (gm_dtype)step->operands[0].dtype;
  r->element = (int64_t)gm__dtype_bytes(r->dtype);
  r->fold = gm__fold_for(r->how->op, r->dtype);
  if (r->fold == NULL)
    GM_FAIL(error, GM_BAD_DTYPE, "complex numbers have no order, so there is no greatest or least one");
  gm__fold_neutral(r->how->op, r->dtype, r->neutral);
  return GM_OK;
}

static gm_status run(const gm__step *step, const gm__run *run) {
  reduction r;
  int64_t index[GM__LOOPS_RANK], offsets[2];
  GM_TRY(prepare(&r, step, run->error));
  const gm__loops *outer = &r.how->outer;
  const char *from = gm__step_address(step, run, 0);
  char *to = gm__step_address(step, run, 1);
  gm_dtype dtype = (gm_dtype)step->operands[1].dtype;
  bool across = is_across(r.how);
  int axes = across ? outer->rank - 1 : outer->rank;
  int64_t stride = across ? gm__loops_stride(outer, 1, axes) : 1;
  int64_t size = (int64_t)gm__dtype_bytes(dtype);
  if (gm__loops_empty(outer)) return GM_OK;
  r.column = across ? gm__loops_stride(outer, 0, axes) : 1;
  gm__loops_begin(axes, 2, index, offsets);
  do
    reduce_row(&r, from + offsets[0] * r.element, to + offsets[1] * size, dtype, stride,
        across ? outer->dims[axes] : 1);
  while (gm__loops_next(outer, axes, 2, index, offsets));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  static const char *const names[] = {"sum", "mean", "prod", "max", "min", "any", "all"};
  const gm__reduce *how = step->descriptor;
  gm__text_add(text, names[how->op]);
  gm__text_add(text, " over ");
  gm__text_int(text, how->inner_count);
}

const gm__kernel gm__kernel_reduce = {"reduce", run, NULL, text};
