/* SPDX-License-Identifier: MIT
 *
 * The elements that make one result are counted in row-major order; each LEAF of them goes to LANES
 * accumulators in turn, these are added pairwise, and the leaves are added pairwise too, by a binary counter
 * of partial sums. So the error grows with the logarithm of the length and the order of additions depends on
 * the length alone: not on strides, not on how many results there are, nor on which of the two ways they are
 * made: one by one, or side by side, a tile of them at a time, when that is how they lie in memory. */
#include "kernel/reducer.h"
#include "kernel/strided.h"
#include "kernel/walk.h"

enum { LEAF = GM__LEAF, FEW = 32 };

static char *level(gm__reducer *r, int number) {
  return r->levels + number * GM__TILE_BYTES;
}

static void begin_leaf(gm__reducer *r) {
  size_t lanes = r->left >= GM__LANES ? GM__LANES : r->left > 0 ? (size_t)r->left : 1;
  gm__strided_fill(r->lanes, 1, r->neutral, lanes * r->width, r->fold->size);
  r->filled = 0;
}

/* Adds the lanes up, into lane 0. */
static void join_lanes(gm__reducer *r) {
  size_t lanes = r->filled < GM__LANES ? r->filled : GM__LANES;
  for (size_t half = GM__LANES / 2; half > 0; half /= 2) {
    if (lanes <= half) continue;
    r->fold->merge(r->lanes, r->lanes + half * r->width * r->fold->size, (lanes - half) * r->width);
    lanes = half;
  }
}

/* The leaf is in lane 0: carries it up as far as there is a partial sum of the same number of leaves. */
static void carry_leaf(gm__reducer *r) {
  const char *sum = r->lanes;
  int at = 0;
  for (; r->leaves >> at & 1; at++) {
    r->fold->merge(level(r, at), sum, r->width);
    sum = level(r, at);
  }
  memcpy(level(r, at), sum, r->width * r->fold->size);
  r->leaves++;
}

static void end_leaf(gm__reducer *r) {
  join_lanes(r);
  carry_leaf(r);
}

/* The sum of all leaves, from the short partial sums to the long. */
static char *sum_of_leaves(gm__reducer *r) {
  if (r->leaves == 0) return r->lanes;
  int at = __builtin_ctzll(r->leaves);
  char *sum = level(r, at);
  while (r->leaves >> ++at != 0) {
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

static bool is_direct(const gm__reducer *r) {
  return r->dtype == r->fold->load && (r->width == 1 || r->column == 1);
}

/* How many rows there is room for in `raw` and in `loaded`. */
static size_t room_for_rows(const gm__reducer *r) {
  size_t load = gm__dtype_bytes(r->fold->load), size = (size_t)r->element > load ? (size_t)r->element : load;
  return GM__REDUCER_RAW / (size * r->width);
}

/* Brings rows together in `raw` and converts them to `loaded`, as many as there is room for. */
static rows load(gm__reducer *r, const char *data, int64_t stride, size_t count) {
  if (is_direct(r)) return (rows){data, stride, count};
  size_t room = room_for_rows(r), size = (size_t)r->element;
  if (count > room) count = room;
  const char *from = data;
  if (r->width == 1 && stride != 1) {
    gm__strided_copy(r->raw, 1, data, stride, count, size);
    from = r->raw;
  } else if (r->width > 1) {
    for (size_t row = 0; row < count; row++)
      gm__strided_copy(r->raw + row * r->width * size, 1, data + (int64_t)row * stride * r->element,
          r->column, r->width, size);
    from = r->raw;
  }
  if (r->dtype == r->fold->load) return (rows){from, (int64_t)r->width, count};
  gm__convert(r->loaded, r->fold->load, from, r->dtype, count * r->width);
  return (rows){r->loaded, (int64_t)r->width, count};
}

/* Is it a whole leaf of one column? */
static bool is_leaf(const gm__reducer *r, const rows *part) {
  return r->width == 1 && part->stride == 1 && r->filled == 0 &&
         (part->count == LEAF || (int64_t)part->count == r->left);
}

static bool fold_leaf(gm__reducer *r, const void *data, size_t count) {
  return r->fold->leaf != NULL && r->fold->leaf(r->lanes, data, count, r->neutral, r->about);
}

static void fold_part(gm__reducer *r, const rows *part) {
  if (is_leaf(r, part) && fold_leaf(r, part->data, part->count)) {
    carry_leaf(r);
    return;
  }
  if (r->filled == 0) begin_leaf(r);
  char *lane = r->lanes + r->filled % GM__LANES * r->width * r->fold->size;
  r->fold->rows(lane, part->data, part->stride, part->count, r->width, r->about);
  r->filled += part->count;
  if (r->filled < LEAF && (int64_t)part->count < r->left) return;
  end_leaf(r);
  r->filled = 0;
}

/* Folds `count` rows; a row that is no whole number of LANES goes on in the lane where the last one stopped.
 */
static void feed(gm__reducer *r, const char *data, int64_t stride, int64_t count) {
  while (count > 0) {
    size_t lane = r->filled % GM__LANES, room = lane > 0 ? GM__LANES - lane : LEAF - r->filled;
    rows part = load(r, data, stride, count < (int64_t)room ? (size_t)count : room);
    fold_part(r, &part);
    r->left -= (int64_t)part.count;
    count -= (int64_t)part.count;
    data += (int64_t)part.count * stride * r->element;
  }
}

static void feed_all(gm__reducer *r, const char *data) {
  const gm__loops *inner = r->inner;
  int last = inner->rank - 1, outer = inner->rank > 0 ? last : 0;
  int64_t index[GM__LOOPS_RANK], offset;
  gm__loops_begin(outer, 1, index, &offset);
  do
    feed(r, data + offset * r->element, last < 0 ? 1 : gm__loops_stride(inner, 0, last),
        last < 0 ? 1 : inner->dims[last]);
  while (gm__loops_next(inner, outer, 1, index, &offset));
}

/* Is all that there is one leaf of one column in contiguous memory? */
static bool is_short(const gm__reducer *r) {
  int rank = r->inner->rank;
  bool contiguous = rank == 0 || (rank == 1 && gm__loops_stride(r->inner, 0, 0) == 1);
  return r->width == 1 && contiguous && r->inner_count <= LEAF && is_direct(r);
}

static char *sum_of_all(gm__reducer *r, const char *from) {
  if (is_short(r) && fold_leaf(r, from, (size_t)r->inner_count)) return r->lanes;
  r->left = r->inner_count;
  r->leaves = 0;
  r->filled = 0;
  if (r->inner_count > 0)
    feed_all(r, from);
  else
    begin_leaf(r);
  return sum_of_leaves(r);
}

static char *one_pass(gm__reducer *r, const gm__fold *fold, const char *from, int which) {
  r->fold = fold;
  r->neutral = r->neutrals[which];
  char *sum = sum_of_all(r, from);
  if (fold->finish != NULL) fold->finish(sum, r->width, r->inner_count, r->about);
  return sum;
}

void *gm__reducer_results(gm__reducer *r, const char *from, int64_t column, size_t width) {
  const gm__fold *fold = r->fold;
  r->width = width;
  r->column = column;
  r->about = NULL;
  if (fold->pivot != NULL) {
    const gm__fold *first = gm__fold_for(*fold->pivot, r->dtype);
    memcpy(r->pivot, one_pass(r, first, from, 1), width * gm__dtype_bytes(first->result));
    r->about = r->pivot;
  }
  return one_pass(r, fold, from, 0);
}

void gm__reducer_open(gm__reducer *r) {
  r->width = 1;
  r->column = 1;
  r->about = NULL;
  r->neutral = r->neutrals[0];
  r->left = r->inner_count;
  r->leaves = 0;
  r->filled = 0;
}

void gm__reducer_feed(gm__reducer *r, const char *data, int64_t count) {
  feed(r, data, 1, count);
}

const void *gm__reducer_close(gm__reducer *r) {
  char *sum = sum_of_leaves(r);
  if (r->fold->finish != NULL) r->fold->finish(sum, 1, r->inner_count, NULL);
  return sum;
}

bool gm__reduces_once(gm__reduction op, gm_dtype dtype) {
  const gm__fold *fold = gm__fold_for(op, dtype);
  return fold != NULL && fold->pivot == NULL;
}

gm_status gm__reducer_begin(gm__reducer *r, gm__reduction op, gm_dtype dtype, const gm__loops *inner,
    int64_t inner_count, gm_error *error) {
  r->inner = inner;
  r->inner_count = inner_count;
  r->dtype = dtype;
  r->element = (int64_t)gm__dtype_bytes(dtype);
  r->fold = gm__fold_for(op, dtype);
  if (r->fold == NULL) GM_FAIL(error, GM_BAD_DTYPE, "there is no such reduction of %s", gm_dtype_name(dtype));
  gm__fold_neutral(op, dtype, r->neutrals[0]);
  if (r->fold->pivot != NULL) gm__fold_neutral(*r->fold->pivot, dtype, r->neutrals[1]);
  return GM_OK;
}

int64_t gm__reducer_tile(const gm__reducer *r) {
  int64_t load = (int64_t)gm__dtype_bytes(r->fold->load), size = (int64_t)r->fold->size;
  if (load > size) size = load;
  return GM__TILE_BYTES / (r->element > size ? r->element : size);
}

static int64_t magnitude(int64_t stride) {
  return stride < 0 ? -stride : stride;
}

/* Where the input is denser along the results, or the sums are short. */
bool gm__reducer_across(const gm__reducer *r, int64_t column) {
  if (r->inner_count < FEW || r->inner->rank == 0) return true;
  return magnitude(column) < magnitude(gm__loops_stride(r->inner, 0, r->inner->rank - 1));
}
