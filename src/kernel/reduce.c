/* SPDX-License-Identifier: MIT
 *
 * reduce: sums and their like over some axes, one by one or side by side (see reducer.c). */
#include "kernel/reducer.h"
#include "kernel/strided.h"
#include "kernel/walk.h"

/* The results of a reduction, and where they go. */
typedef struct target {
  gm_dtype dtype;
  int64_t size, stride,
      column; /* bytes of an element; from one result to the next, in the output and the input */
} target;

static void store(gm__reducer *r, const target *t, char *to, const void *results, size_t count) {
  gm_dtype dtype = r->fold->result;
  if (t->stride == 1 || count == 1) {
    gm__convert(to, t->dtype, results, dtype, count);
    return;
  }
  gm__convert(r->loaded, t->dtype, results, dtype, count);
  gm__strided_copy(to, t->stride, r->loaded, 1, count, (size_t)t->size);
}

/* One row of results, `count` of them. */
static void reduce_row(gm__reducer *r, const target *t, const char *from, char *to, int64_t count) {
  int64_t tile = gm__reducer_tile(r);
  for (int64_t done = 0; done < count; done += tile) {
    size_t width = (size_t)(count - done < tile ? count - done : tile);
    const void *results = gm__reducer_results(r, from + done * t->column * r->element, t->column, width);
    store(r, t, to + done * t->stride * t->size, results, width);
  }
}

/* Makes the elements from `done` on, into `made`. */
static void make(const gm__step *step, const gm__run *run, const gm__map *map, int64_t done, char *made) {
  gm__map_bases bases;
  for (int i = 0; i < map->inputs; i++) {
    int64_t size = (int64_t)gm__dtype_bytes((gm_dtype)step->operands[i].dtype);
    bases.size[i] = (uint8_t)size;
    bases.at[i] = (char *)gm__step_address(step, run, i) + done * map->loops.strides[i] * size;
  }
  bases.size[map->inputs] = (uint8_t)gm__dtype_bytes((gm_dtype)map->program[map->count - 1].dtype);
  bases.at[map->inputs] = made;
  gm__map_run(map, &bases);
}

/* One result of elements that are made as they are read. */
static gm_status run_made(const gm__step *step, const gm__run *run) {
  const gm__reduce *how = step->descriptor;
  const gm__map *map = how->prologue;
  int64_t chunk = map->loops.dims[0], count = how->inner_count;
  gm__reducer r;
  _Alignas(64) char made[GM__REDUCE_CHUNK * 16];
  gm_dtype dtype = (gm_dtype)map->program[map->count - 1].dtype;
  gm_dtype to = (gm_dtype)step->operands[step->reads].dtype;
  GM_TRY(gm__reducer_begin(&r, how->op, dtype, &how->inner, count, run->error));
  gm__reducer_open(&r);
  for (int64_t done = 0; done < count; done += chunk) {
    bool whole = count - done >= chunk;
    make(step, run, whole ? map : how->rest, done, made);
    gm__reducer_feed(&r, made, whole ? chunk : count - done);
  }
  gm__convert(gm__step_address(step, run, step->reads), to, gm__reducer_close(&r), r.fold->result, 1);
  return GM_OK;
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__reduce *how = step->descriptor;
  if (how->prologue != NULL) return run_made(step, run);
  const gm__loops *outer = &how->outer;
  gm__reducer r;
  int64_t index[GM__LOOPS_RANK], offsets[2];
  gm_dtype from_dtype = (gm_dtype)step->operands[0].dtype, dtype = (gm_dtype)step->operands[1].dtype;
  GM_TRY(gm__reducer_begin(&r, how->op, from_dtype, &how->inner, how->inner_count, run->error));
  const char *from = gm__step_address(step, run, 0);
  char *to = gm__step_address(step, run, 1);
  int last = outer->rank - 1;
  bool across = last >= 0 && gm__reducer_across(&r, gm__loops_stride(outer, 0, last));
  int axes = across ? last : outer->rank;
  target t = {dtype, (int64_t)gm__dtype_bytes(dtype), 1, 1};
  if (gm__loops_empty(outer)) return GM_OK;
  if (across) t.stride = gm__loops_stride(outer, 1, axes), t.column = gm__loops_stride(outer, 0, axes);
  gm__loops_begin(axes, 2, index, offsets);
  do
    reduce_row(
        &r, &t, from + offsets[0] * r.element, to + offsets[1] * t.size, across ? outer->dims[axes] : 1);
  while (gm__loops_next(outer, axes, 2, index, offsets));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  static const char *const names[GM__REDUCTIONS] = {"sum", "mean", "prod", "max", "min", "any", "all", "var",
      "std", "logsumexp", "sum of squares", "mean of squares"};
  const gm__reduce *how = step->descriptor;
  gm__text_add(text, names[how->op]);
  gm__text_add(text, " over ");
  gm__text_int(text, how->inner_count);
  if (how->prologue == NULL) return;
  gm__text_add(text, " of ");
  gm__map_text(how->prologue, text);
}

const gm__kernel gm__kernel_reduce = {"reduce", run, NULL, text, GM__CUT(gm__reduce, outer, 0, 2, 0.08f)};
