/* SPDX-License-Identifier: MIT
 *
 * The cost model. A product of matrices takes its arithmetic, over lengths that are padded as the kernel's
 * blocks pad them, the writing of its result, and a constant for the call; one with a row or a column takes
 * its bytes. Fitted to tests/bench/bench_cost with our own kernels for AVX-512: only ratios matter, and that
 * of arithmetic to bytes is much the same on most machines. */
#include "plan/cost.h"

/** Operations on float32 per nanosecond; the share of a symmetric result, of which half is computed. */
#define FLOPS 290.0
#define HALF 0.65
/** Bytes per nanosecond, of operands in the nearest cache and beyond it, which is this large; and written by
 * a product. */
#define NEAR 150.0
#define FAR 60.0
#define NEAR_BYTES 1048576.0
#define WRITTEN 600.0
/** A sum along one row and column: it waits for its additions. */
#define SUMMED 24.0
/** Nanoseconds of each row of a product with one column, whose sum waits for its additions. */
#define SUM 6.0
/** How much slower a matrix is read for one row than for one column. */
#define ROWS 1.25
/** How much slower the arithmetic is that leaves out a half, or mirrors it. */
#define EDGES 1.4
/** Nanoseconds of a call, and of a step without. */
#define CALL 40.0
#define STEP 30.0
/** Nanoseconds of a row that a factor of few diagonals scales, and bytes per nanosecond of a mirrored half.
 */
#define ROW 5.0
#define MIRRORED 35.0
/** Bandwidths below which a product goes by diagonals, and how much slower than a product's its arithmetic
 * is. */
#define THIN 8
#define BAND 8.0
/** By how much lengths are padded. */
#define PAD_M 4.0
#define PAD_N 8.0
#define PAD_K 2.5

/** How much slower than float32 an operation is. */
static double slowness(gm_dtype dtype) {
  switch (dtype) {
  case GM_FLOAT32: return 1;
  case GM_FLOAT64: return 2;
  case GM_COMPLEX64: return 4;
  case GM_COMPLEX128: return 8;
  default: return 20;
  }
}

/** Arithmetic on padded lengths. */
static double arithmetic(double m, double n, double k, gm_dtype dtype) {
  return 2 * (m + PAD_M) * (n + PAD_N) * (k + PAD_K) * slowness(dtype) / FLOPS;
}

/** Reading or writing. */
static double moving(double bytes) {
  return bytes <= NEAR_BYTES ? bytes / NEAR : NEAR_BYTES / NEAR + (bytes - NEAR_BYTES) / FAR;
}

/** Writing the result. */
static double traffic(double m, double n, gm_dtype dtype) {
  return m * n * (double)gm__dtype_bytes(dtype) / WRITTEN;
}

static double longer(double a, double b) {
  return a > b ? a : b;
}

/** A row times a matrix, a matrix times a column, or a row times a column. */
static double vector(const gm__work *w) {
  double bytes = (w->m * w->k + w->k * w->n + w->m * w->n) * (double)gm__dtype_bytes(w->dtype);
  double work = 2 * w->m * w->n * w->k * slowness(w->dtype) / FLOPS;
  if (w->m == 1 && w->n == 1) return CALL + longer(work, bytes / SUMMED);
  return CALL + longer(work, w->n == 1 ? SUM * w->m + moving(bytes) : ROWS * moving(bytes));
}

/** The share of a factor's entries that may be other than zero. */
static double share_of(gm__form f, double rows, double columns) {
  if (rows <= 0 || columns <= 0) return 1;
  return gm__form_entries(f, (int64_t)rows, (int64_t)columns) / (rows * columns);
}

/** Of a factor that is neither diagonal nor a band of few diagonals, only halves and blocks are left out. */
static bool is_thin(gm__form f) {
  return f.lower < THIN && f.upper < THIN;
}

static double structured(const gm__work *w, double work, double bytes) {
  double result = w->m * w->n * (double)gm__dtype_bytes(w->dtype);
  double a = share_of(w->a, w->m, w->k), b = share_of(w->b, w->k, w->n);
  bool thin = is_thin(w->a) || is_thin(w->b);
  if (w->a.identity || w->b.identity) return 0;
  if (thin) return STEP + ROW * w->m + longer(work * (a < b ? a : b) * BAND, moving(2 * result));
  return CALL + EDGES * work * (a < b ? a : b) + bytes + moving(2 * result);
}

/** The form, where lowering would use it. */
static gm__form used(gm__form f, double rows, double columns, const gm__work *w) {
  bool pays = gm__form_pays(f, (int64_t)rows, (int64_t)columns, w->m * w->n * w->k);
  return pays || f.identity ? f : gm__form_general();
}

bool gm__work_formed(const gm__work *w) {
  bool half = w->symmetric && gm__form_half_pays(w->m, w->k);
  gm__form a = used(w->a, w->m, w->k, w), b = used(w->b, w->k, w->n, w);
  return half || !gm__form_is_general(a) || !gm__form_is_general(b);
}

double gm__cost_product(const gm__work *given) {
  gm__work w = *given;
  w.a = used(w.a, w.m, w.k, given);
  w.b = used(w.b, w.k, w.n, given);
  double work = arithmetic(w.m, w.n, w.k, w.dtype), bytes = traffic(w.m, w.n, w.dtype);
  bool plain = gm__form_is_general(w.a) && gm__form_is_general(w.b), one = w.m == 1 || w.n == 1;
  double cost = one ? vector(&w) : CALL + work + bytes, other = plain ? cost : structured(&w, work, bytes);
  if (w.symmetric && !one && gm__form_half_pays(w.m, w.k))
    other = CALL + work * HALF + bytes + w.m * w.n * (double)gm__dtype_bytes(w.dtype) / MIRRORED;
  return other < cost ? other : cost;
}

double gm__cost_rank_2k(double n, double k, gm_dtype dtype) {
  return CALL + 2 * HALF * arithmetic(n, n, k, dtype) + traffic(n, n, dtype) +
         n * n * (double)gm__dtype_bytes(dtype) / MIRRORED;
}

double gm__cost_bytes(double bytes) {
  return bytes > 0 ? STEP + moving(bytes) : 0;
}
