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

double gm__cost_product(double m, double n, double k, gm_dtype dtype, bool symmetric) {
  if (m == 1 || n == 1)
    return CALL + longer(2 * m * n * k * slowness(dtype) / FLOPS, traffic(m, n, k, dtype));
  double work = arithmetic(m, n, k, dtype), bytes = traffic(m, n, k, dtype);
  if (symmetric)
    return CALL + longer(work / 2, bytes) + 2 * m * n * (double)gm__dtype_bytes(dtype) / BYTES / 2;
  return CALL + longer(work, bytes);
}

double gm__cost_rank_2k(double n, double k, gm_dtype dtype) {
  return gm__cost_product(n, n, k, dtype, false) + n * n * (double)gm__dtype_bytes(dtype) / BYTES;
}

double gm__cost_bytes(double bytes) {
  return bytes > 0 ? STEP + bytes / BYTES : 0;
}
