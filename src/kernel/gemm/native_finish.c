/* SPDX-License-Identifier: MIT
 *
 * What becomes of the sums of a native product while they are near: alpha and what is added, their place in C
 * where they are kept elsewhere, the epilogue. */
#include "kernel/clones.h"
#include "kernel/gemm/native_work.h"
#include "kernel/strided.h"

#define BLEND(T, CLONES)                                                                                     \
  CLONES(blend_##T)                                                                                          \
  static void blend_##T(void *sums_, const void *added_, const gm__gemm *g, size_t count) {                  \
    T *restrict sums = sums_;                                                                                \
    const T *restrict added = added_;                                                                        \
    const T alpha = (T)g->alpha, beta = (T)g->beta;                                                          \
    GM__EACH(i, count, sums[i] = alpha * sums[i]);                                                           \
    if (added == NULL) return;                                                                               \
    GM__EACH(i, count, sums[i] += beta * added[i]);                                                          \
  }
BLEND(float, GM__CLONES)
BLEND(double, GM__CLONES_FEW)

void gm__native_add(void *to_, const void *from_, int64_t size, int64_t count) {
  if (size == sizeof(double)) {
    double *restrict to = to_;
    const double *restrict from = from_;
    GM__EACH(i, (size_t)count, to[i] += from[i]);
  } else {
    float *restrict to = to_;
    const float *restrict from = from_;
    GM__EACH(i, (size_t)count, to[i] += from[i]);
  }
}

void gm__native_blend(const gm__native *native, const gm__gemm *gemm, void *sums, const char *added,
    int64_t unit, int64_t length) {
  _Alignas(64) char raw[GM__PANEL > GM__BLOCK_ROWS * GM__NUMBER ? GM__PANEL : GM__BLOCK_ROWS * GM__NUMBER];
  if (added != NULL && unit != 1) {
    gm__strided_copy(raw, 1, added, unit, (size_t)length, native->size);
    added = raw;
  }
  (native->size == sizeof(double) ? blend_double : blend_float)(sums, added, gemm, (size_t)length);
}

/* One column of sums is contiguous, as a row of it is else. */
void gm__native_finish(const gm__work *w, const gm__block *b) {
  int64_t lines = w->column ? 1 : b->rows, length = w->column ? b->rows : b->columns;
  int64_t unit = w->column ? w->c_row : w->c_column;
  int64_t at = (b->row * w->c_row + b->column * w->c_column) * w->size, step = w->c_row * w->size;
  for (int64_t i = 0; i < lines && (w->blends || !w->direct); i++, at += step) {
    char *sums = b->sums + i * b->sums_row;
    if (w->blends)
      gm__native_blend(w->native, w->call->gemm, sums, w->added == NULL ? NULL : w->added + at, unit, length);
    if (!w->direct && !w->detached)
      gm__strided_copy(w->c + at, unit, sums, 1, (size_t)length, (size_t)w->size);
  }
  gm__gemm_part part = {b->row, b->rows, b->column, b->columns};
  if (w->turned) part = (gm__gemm_part){b->column, b->columns, b->row, b->rows};
  gm__gemm_finish(w->call, &part, w->detached ? b->sums : NULL, b->sums_row / w->size);
}
