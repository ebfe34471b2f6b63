/* SPDX-License-Identifier: MIT
 *
 * The cost model. A product takes the longer of its arithmetic, at a rate that falls where a length is short
 * against the kernel's blocks, and its bytes; a call costs a constant. The constants come from
 * tests/bench/bench_cost. */
#include "plan/cost.h"

/** Of float32, per nanosecond, and how fast a core reads and writes. */
#define FLOPS 100.0
#define BYTES 12.0
/** Of a call with its packing, of a step without. */
#define CALL 150.0
#define STEP 50.0
/** Bandwidths below which a product goes by diagonals, and how much slower than a product's its arithmetic
 * is. */
#define THIN 8
#define BAND 8.0
/** Lengths at which half the rate is reached. */
#define HALF_M 6.0
#define HALF_N 6.0
#define HALF_K 12.0

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

static double arithmetic(double m, double n, double k, gm_dtype dtype) {
  double share = m / (m + HALF_M) * (n / (n + HALF_N)) * (k / (k + HALF_K));
  return share > 0 ? 2 * m * n * k * slowness(dtype) / (FLOPS * share) : 0;
}

static double traffic(double m, double n, double k, gm_dtype dtype) {
  return (m * k + k * n + m * n) * (double)gm__dtype_bytes(dtype) / BYTES;
}

static double longer(double a, double b) {
  return a > b ? a : b;
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
  if (thin) return STEP + longer(work * (a < b ? a : b) * BAND, 2 * result / BYTES);
  return CALL + longer(work * (a < b ? a : b), bytes) + 2 * result / BYTES;
}

double gm__cost_product(const gm__work *w) {
  double bytes = traffic(w->m, w->n, w->k, w->dtype);
  bool vector = w->m == 1 || w->n == 1;
  double work =
      vector ? 2 * w->m * w->n * w->k * slowness(w->dtype) / FLOPS : arithmetic(w->m, w->n, w->k, w->dtype);
  double cost = CALL + longer(work, bytes);
  bool plain = gm__form_is_general(w->a) && gm__form_is_general(w->b);
  double other = plain ? cost : structured(w, work, bytes);
  if (w->symmetric && !vector)
    other = CALL + longer(work / 2, bytes) + w->m * w->n * (double)gm__dtype_bytes(w->dtype) / BYTES;
  return other < cost ? other : cost;
}

double gm__cost_rank_2k(double n, double k, gm_dtype dtype) {
  return CALL + longer(arithmetic(n, n, k, dtype), traffic(n, n, 2 * k, dtype)) +
         n * n * (double)gm__dtype_bytes(dtype) / BYTES;
}

double gm__cost_bytes(double bytes) {
  return bytes > 0 ? STEP + bytes / BYTES : 0;
}
