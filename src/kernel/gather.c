/* SPDX-License-Identifier: MIT
 *
 * gather: rows chosen by an operand of indices, a block of indices at a time: read, all checked, and only
 * then used, so that nothing outside is ever read, also where rows have no elements. Rows of a single element
 * take a loop of their own. */
#include "kernel/face.h"
#include "kernel/indices.h"
#include "kernel/strided.h"
#include "kernel/walk.h"

#include <string.h>

/* How many rows ahead, and how much of each, is fetched into the cache; up to how many bytes of elements are
 * taken to be there. */
enum { AHEAD = 12, FETCHED = 512, NEAR = 1 << 18 };

/* Where a block reads and writes: `to` moves by `to_stride` elements from one index to the next. */
typedef struct block {
  const gm__gather *how;
  const char *from;
  char *to;
  int64_t to_stride, count;
  const int64_t *index;
} block;

#define ELEMENTS(bytes)                                                                                      \
  static void elements_##bytes(const block *b) {                                                             \
    int64_t from_step = b->how->stride * bytes, to_step = b->to_stride * bytes;                              \
    for (int64_t i = 0; i < b->count; i++)                                                                   \
      memcpy(b->to + i * to_step, b->from + b->index[i] * from_step, bytes);                                 \
  }
ELEMENTS(1)
ELEMENTS(2)
ELEMENTS(4)
ELEMENTS(8)
ELEMENTS(16)

static void elements(const block *b) {
  int64_t bytes = (int64_t)b->how->size;
  for (int64_t i = 0; b->how->length * bytes > NEAR && i < b->count; i++)
    __builtin_prefetch(b->from + b->index[i] * b->how->stride * bytes);
  switch (b->how->size) {
  case 1: elements_1(b); break;
  case 2: elements_2(b); break;
  case 4: elements_4(b); break;
  case 8: elements_8(b); break;
  default: elements_16(b); break;
  }
}

static void row(const gm__loops *loops, const char *from, char *to, size_t size) {
  int last = loops->rank - 1;
  int64_t index[GM__LOOPS_RANK], offsets[2], bytes = (int64_t)size;
  gm__loops_begin(last, 2, index, offsets);
  do
    gm__strided_copy(to + offsets[1] * bytes, gm__loops_stride(loops, 1, last), from + offsets[0] * bytes,
        gm__loops_stride(loops, 0, last), (size_t)loops->dims[last], size);
  while (gm__loops_next(loops, last, 2, index, offsets));
}

/* Rows that are contiguous on both sides; those to come are already on their way into the cache. */
static void runs(const block *b) {
  int64_t bytes = (int64_t)b->how->size, from_step = b->how->stride * bytes, to_step = b->to_stride * bytes;
  size_t run = (size_t)(b->how->row.dims[0] * bytes);
  for (int64_t i = 0; i < b->count; i++) {
    const char *ahead = b->from + b->index[i + AHEAD < b->count ? i + AHEAD : i] * from_step;
    for (size_t at = 0; at < run && at < FETCHED; at += 64) __builtin_prefetch(ahead + at);
    gm__run_copy(b->to + i * to_step, b->from + b->index[i] * from_step, run);
  }
}

static bool is_run(const gm__loops *row) {
  return row->rank == 1 && gm__loops_stride(row, 0, 0) == 1 && gm__loops_stride(row, 1, 0) == 1;
}

static void rows(const block *b) {
  int64_t bytes = (int64_t)b->how->size;
  if (gm__loops_empty(&b->how->row)) return;
  for (int64_t i = 0; i < b->count; i++)
    row(&b->how->row, b->from + b->index[i] * b->how->stride * bytes, b->to + i * b->to_stride * bytes,
        b->how->size);
}

/* An index below 0 or above the last sets the sign of one of the two. */
static gm_status check(
    const gm__gather *how, const int64_t *index, int64_t count, int64_t first, gm_error *error) {
  uint64_t outside = 0, last = (uint64_t)how->length - 1;
  for (int64_t i = 0; i < count; i++) outside |= (uint64_t)index[i] | (last - (uint64_t)index[i]);
  for (int64_t i = 0; i < count && outside >> 63 != 0; i++)
    if (index[i] < 0 || index[i] >= how->length)
      GM_FAIL(error, GM_BAD_ARGUMENT, "gather: index %lld, element %lld of the indices, is not in [0, %lld)",
          (long long)index[i], (long long)(first + i), (long long)how->length);
  return GM_OK;
}

/* Indices and results along the innermost axis of the positions. */
typedef struct line {
  const char *indices;
  int64_t stride, count, first;
  gm_dtype dtype;
} line;

static gm_status gather_line(block b, const line *of, gm_error *error) {
  int64_t index[GM__INDEX_BLOCK], size = (int64_t)gm__dtype_bytes(of->dtype);
  char *start = b.to;
  b.index = index;
  for (int64_t at = 0; at < of->count; at += b.count) {
    b.count = of->count - at < GM__INDEX_BLOCK ? of->count - at : GM__INDEX_BLOCK;
    gm__indices_read(index, of->indices + at * of->stride * size, of->dtype, of->stride, b.count);
    GM_TRY(check(b.how, index, b.count, of->first + at, error));
    b.to = start + at * b.to_stride * (int64_t)b.how->size;
    (b.how->row.rank == 0 ? elements : is_run(&b.how->row) ? runs : rows)(&b);
  }
  return GM_OK;
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__gather *how = step->descriptor;
  const gm__loops *loops = &how->positions;
  int last = loops->rank > 0 ? loops->rank - 1 : 0;
  int64_t index[GM__LOOPS_RANK], offsets[2];
  line of = {.count = 1, .dtype = (gm_dtype)step->operands[1].dtype};
  block b = {.how = how, .from = gm__step_address(step, run, 0)};
  const char *indices = gm__step_address(step, run, 1);
  char nowhere, *to = gm__step_address(step, run, 2);
  if (to == NULL) to = &nowhere;
  if (loops->rank > 0) {
    of.count = loops->dims[last];
    of.stride = gm__loops_stride(loops, 0, last);
    b.to_stride = gm__loops_stride(loops, 1, last);
  }
  gm__loops_begin(last, 2, index, offsets);
  do {
    of.indices = indices + offsets[0] * (int64_t)gm__dtype_bytes(of.dtype);
    b.to = to + offsets[1] * (int64_t)how->size;
    GM_TRY(gather_line(b, &of, run->error));
    of.first += of.count;
  } while (gm__loops_next(loops, last, 2, index, offsets));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__gather *how = step->descriptor;
  gm__text_format(text, "%lld of %lld, rows of %lld elements", (long long)gm__loops_count(&how->positions),
      (long long)how->length, (long long)gm__loops_count(&how->row));
}

const gm__kernel gm__kernel_gather = {"gather", run, NULL, text, GM__CUT(gm__gather, positions, 1, 2, 0)};
