/* SPDX-License-Identifier: MIT
 *
 * A provider of plain loops that offers everything that providers may: parts, packing, any strides. The
 * harness is tested with it, and with it the step of products. */
#include "native/product.h"

#include <math.h>

enum { PANEL = 64, TILE = 32 };

static const char *refuses(const gm__gemm *g) {
  if (g->a_form != NULL || g->b_form != NULL || g->symmetric) return "a factor or the result has a form";
  return g->in == GM_FLOAT32 && g->out == GM_FLOAT32 ? NULL : "only float32 is plain";
}

static void grain(const gm__gemm *g, int threads, int64_t *rows, int64_t *columns) {
  *rows = (g->m + threads - 1) / threads;
  *columns = 2 * PANEL;
}

static size_t packed_bytes(const gm__gemm *g) {
  return (size_t)((g->n + PANEL - 1) / PANEL * PANEL * g->k) * sizeof(float);
}

static void pack(const gm__gemm *g, const void *b, void *packed, int64_t column, int64_t end) {
  float *to = packed;
  for (int64_t j = column; j < end; j++)
    for (int64_t k = 0; k < g->k; k++)
      to[(j / PANEL * g->k + k) * PANEL + j % PANEL] = ((const float *)b)[k * g->b_row + j * g->b_column];
}

static float b_at(const gm__gemm_call *call, int64_t k, int64_t j) {
  const gm__gemm *g = call->gemm;
  if (call->packed != NULL) return ((const float *)call->packed)[(j / PANEL * g->k + k) * PANEL + j % PANEL];
  return ((const float *)call->b)[k * g->b_row + j * g->b_column];
}

static float element(const gm__gemm_call *call, int64_t i, int64_t j) {
  const gm__gemm *g = call->gemm;
  const float *a = (const float *)call->a + i * g->a_row;
  float sum = 0;
  for (int64_t k = 0; k < g->k; k++) sum = sum + a[k * g->a_column] * b_at(call, k, j);
  sum = (float)g->alpha * sum;
  if (call->added == NULL) return sum;
  return sum + (float)g->beta * ((const float *)call->added)[i * g->c_row + j * g->c_column];
}

/** A tile, on the stack where its elements do not go to C as they are. */
static void tile(const gm__gemm_call *call, const gm__gemm_part *part) {
  const gm__gemm *g = call->gemm;
  float own[TILE * TILE];
  bool detached = gm__gemm_detached(call);
  for (int64_t i = 0; i < part->rows; i++)
    for (int64_t j = 0; j < part->columns; j++) {
      int64_t at = (part->row + i) * g->c_row + (part->column + j) * g->c_column;
      *(detached ? &own[i * TILE + j] : (float *)call->c + at) =
          element(call, part->row + i, part->column + j);
    }
  gm__gemm_finish(call, part, detached ? own : NULL, TILE);
}

static int64_t within(int64_t at, int64_t end) {
  return end - at < TILE ? end - at : TILE;
}

static void part(const gm__gemm_call *call, const gm__gemm_part *part) {
  int64_t last_row = part->row + part->rows, last_column = part->column + part->columns;
  for (int64_t i = part->row; i < last_row; i += TILE)
    for (int64_t j = part->column; j < last_column; j += TILE)
      tile(call, &(gm__gemm_part){i, within(i, last_row), j, within(j, last_column)});
}

const gm__provider plain_provider = {.name = "plain",
    .refuses = refuses,
    .part = part,
    .grain = grain,
    .packed_bytes = packed_bytes,
    .pack = pack,
    .repeatable = true};

const gm__provider *provider_under_test(size_t index) {
  static const gm__provider *const more[] = {&gm__provider_row, &plain_provider};
  size_t count = 0;
  while (gm__provider_at(count) != NULL) count++;
  if (index < count) return gm__provider_at(index);
  return index < count + 2 ? more[index - count] : NULL;
}
