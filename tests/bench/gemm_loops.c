/* SPDX-License-Identifier: MIT
 *
 * Loops that find a core's rates, compiled once for each width of vectors (GM_BENCH_BYTES), under the name
 * GM_BENCH_LOOPS: chains of fused multiply-adds in registers, more of them than the latency asks for, and
 * reading in several streams, with and without prefetching. */
#include "gemm.h"

enum { STEP = 256, SUMS = 8, ALONE = 0 };

/* Chains that fit the registers beside two factors; KEEP holds each of them in one. */
#if defined __AVX512F__
#define KEEP(a) __asm__ volatile("" : "+v"(a))
#elif defined __x86_64__
#define KEEP(a) __asm__ volatile("" : "+x"(a))
#elif defined __aarch64__
#define KEEP(a) __asm__ volatile("" : "+w"(a))
#else
#define KEEP(a)
#endif
#define FIRST(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11)
#if defined __AVX512F__ || defined __aarch64__
enum { CHAINS = 24 };
#define EACH(M) FIRST(M) M(12) M(13) M(14) M(15) M(16) M(17) M(18) M(19) M(20) M(21) M(22) M(23)
#else
enum { CHAINS = 12 };
#define EACH(M) FIRST(M)
#endif

typedef float floats __attribute__((vector_size(GM_BENCH_BYTES)));
typedef double doubles __attribute__((vector_size(GM_BENCH_BYTES)));
typedef int64_t lanes __attribute__((vector_size(GM_BENCH_BYTES)));

#define DECLARE(i) a##i = one * units[0],
#define CHAIN(i)                                                                                             \
  a##i = a##i * one + tiny;                                                                                  \
  KEEP(a##i);
#define SUM(i) sum += a##i;

#define PEAK_OF(name, vectors, scalar)                                                                       \
  static double name(long rounds) {                                                                          \
    static volatile scalar units[2] = {1, 0}, sink;                                                          \
    vectors one = (vectors){0} + units[0], tiny = (vectors){0} + units[1];                                   \
    vectors EACH(DECLARE) sum = {0};                                                                         \
    for (long i = 0; i < rounds; i++) {                                                                      \
      EACH(CHAIN)                                                                                            \
    }                                                                                                        \
    EACH(SUM)                                                                                                \
    sink = sum[0];                                                                                           \
    (void)sink;                                                                                              \
    return 2.0 * CHAINS * (double)(sizeof(vectors) / sizeof(scalar)) * (double)rounds;                       \
  }

PEAK_OF(peak_float32, floats, float)
PEAK_OF(peak_float64, doubles, double)

static inline __attribute__((always_inline)) int64_t read_by(
    const char *from, size_t bytes, const size_t streams, const size_t ahead) {
  lanes sums[SUMS] = {{0}}, sum = {0};
  size_t part = bytes / streams;
  for (size_t at = 0; at < part; at += STEP)
    for (size_t s = 0; s < streams; s++) {
      const char *p = from + s * part + at;
      for (size_t i = 0; ahead && i < STEP; i += 64) __builtin_prefetch(p + ahead + i, 0, 3);
      for (size_t i = 0; i < STEP / sizeof(lanes); i++) sums[i % SUMS] += ((const lanes *)p)[i];
    }
  for (size_t i = 0; i < SUMS; i++) sum += sums[i];
  return sum[0];
}

static int64_t read_pattern(const char *from, size_t bytes, int pattern) {
  switch (pattern) {
  case 0: return read_by(from, bytes, 1, ALONE);
  case 1: return read_by(from, bytes, 1, 512);
  case 2: return read_by(from, bytes, 1, 2048);
  case 3: return read_by(from, bytes, 1, 4096);
  case 4: return read_by(from, bytes, 2, ALONE);
  case 5: return read_by(from, bytes, 2, 512);
  case 6: return read_by(from, bytes, 2, 2048);
  case 7: return read_by(from, bytes, 2, 4096);
  case 8: return read_by(from, bytes, 4, ALONE);
  case 9: return read_by(from, bytes, 4, 512);
  case 10: return read_by(from, bytes, 4, 2048);
  case 11: return read_by(from, bytes, 4, 4096);
  case 12: return read_by(from, bytes, 8, ALONE);
  case 13: return read_by(from, bytes, 8, 512);
  case 14: return read_by(from, bytes, 8, 1024);
  default: return read_by(from, bytes, 8, 2048);
  }
}

const loops GM_BENCH_LOOPS = {GM_BENCH_NAME, {peak_float32, peak_float64}, read_pattern};
