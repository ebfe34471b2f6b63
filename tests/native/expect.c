/* SPDX-License-Identifier: MIT
 *
 * What a product is: sums in double (integers wrap, complex numbers have two parts) with the bound
 * 2 K u (|A||B|), and the very bits of the rules that providers follow: for each element a chain of
 * additions over k from 0 on, in blocks, of products that are rounded first or not. */
#include "native/product.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include "kernel/clones.h"

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__OPTIMIZE__) && !GM__SANITIZED &&                  \
    !defined(__clang__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

static double unit(gm_dtype dtype) {
  switch (dtype) {
  case GM_FLOAT16: return 0x1p-11;
  case GM_BFLOAT16: return 0x1p-8;
  case GM_FLOAT32:
  case GM_COMPLEX64: return 0x1p-24;
  default: return 0x1p-53;
  }
}

static double smallest(gm_dtype dtype) {
  return dtype == GM_FLOAT16 ? 0x1p-24 : dtype == GM_FLOAT64 || dtype == GM_COMPLEX128 ? 0x1p-1074 : 0x1p-133;
}

static gm_dtype summed_in(gm_dtype dtype) {
  return dtype == GM_FLOAT16 || dtype == GM_BFLOAT16 ? GM_FLOAT32 : dtype;
}

/** An operand's numbers, `count` from the `first` on, as another dtype; the caller frees them. */
static void *read_as(const product *p, int which, gm_dtype from, gm_dtype to, int64_t first, int64_t count) {
  void *numbers = malloc((size_t)count * gm__dtype_bytes(to) + 1);
  if (numbers != NULL)
    gm__convert(
        numbers, to, p->operands[which].dense + first * (int64_t)gm__dtype_bytes(from), from, (size_t)count);
  return numbers;
}

/* ---- Sums in double ---- */

CLONES static void add_row(
    double *restrict sums, double *restrict sizes, double x, const double *restrict y, int64_t n) {
  for (int64_t j = 0; j < n; j++) {
    double term = x * y[j];
    sums[j] += term;
    sizes[j] += fabs(term);
  }
}

static void sum_real(const product *p, const double *a, const double *b, double *sums, double *sizes) {
  const gm__gemm *g = &p->gemm;
  memset(sums, 0, (size_t)(g->m * g->n) * sizeof *sums);
  memset(sizes, 0, (size_t)(g->m * g->n) * sizeof *sizes);
  for (int64_t i = 0; i < g->m; i++)
    for (int64_t k = 0; k < g->k; k++)
      add_row(sums + i * g->n, sizes + i * g->n, a[i * g->k + k], b + k * g->n, g->n);
}

static void sum_complex(const product *p, const double _Complex *a, const double _Complex *b,
    double _Complex *sums, double *sizes) {
  const gm__gemm *g = &p->gemm;
  for (int64_t i = 0; i < g->m; i++)
    for (int64_t j = 0; j < g->n; j++) {
      double re = 0, im = 0, size = 0;
      for (int64_t k = 0; k < g->k; k++) {
        double _Complex x = a[i * g->k + k], y = b[k * g->n + j];
        re += creal(x) * creal(y) - cimag(x) * cimag(y);
        im += creal(x) * cimag(y) + cimag(x) * creal(y);
        size += (fabs(creal(x)) + fabs(cimag(x))) * (fabs(creal(y)) + fabs(cimag(y)));
      }
      double *out = (double *)&sums[i * g->n + j];
      out[0] = re, out[1] = im;
      sizes[i * g->n + j] = size;
    }
}

static void sum_whole(const product *p, const uint64_t *a, const uint64_t *b, uint64_t *sums) {
  const gm__gemm *g = &p->gemm;
  memset(sums, 0, (size_t)(g->m * g->n) * sizeof *sums);
  for (int64_t i = 0; i < g->m; i++)
    for (int64_t k = 0; k < g->k; k++)
      for (int64_t j = 0; j < g->n; j++) sums[i * g->n + j] += a[i * g->k + k] * b[k * g->n + j];
}

/** The dtype that sums are kept in. */
static gm_dtype wide(gm_dtype dtype) {
  return dtype <= GM_INT64 ? GM_INT64 : dtype >= GM_COMPLEX64 ? GM_COMPLEX128 : GM_FLOAT64;
}

/** Factors and the added, and from the sums of sizes the bounds. */
static void blend(const product *p, const char *added, char *sums, double *bounds, int64_t count) {
  const gm__gemm *g = &p->gemm;
  gm_dtype as = wide(p->out);
  double u = unit(summed_in(p->in)), tiny = smallest(summed_in(p->in)) + smallest(p->out);
  int parts = as == GM_COMPLEX128 ? 2 : 1;
  if (as == GM_INT64) {
    uint64_t *at = (uint64_t *)sums;
    for (int64_t i = 0; i < count; i++) {
      at[i] *= (uint64_t)(int64_t)g->alpha;
      if (added != NULL) at[i] += (uint64_t)(int64_t)g->beta * ((const uint64_t *)added)[i];
    }
    return;
  }
  for (int64_t i = 0; i < count; i++) {
    double had = 0, most = 0, *at = (double *)sums + parts * i;
    for (int part = 0; part < parts; part++) {
      double more = added != NULL ? g->beta * ((const double *)added)[parts * i + part] : 0;
      at[part] = g->alpha * at[part] + more;
      had += fabs(more), most = fmax(most, fabs(at[part]));
    }
    bounds[i] =
        2 * (double)(g->k + 2) * (u * (fabs(g->alpha) * bounds[i] + had) + fmax(1, fabs(g->alpha)) * tiny) +
        2 * unit(p->out) * most;
  }
}

/** Behind the program, and the rounding to another dtype. */
static void follow_program(const product *p, bench *b, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    guess x = epilogue_guess(p, i, (guess){b->sums[i], b->bounds[i]});
    if (p->stored != p->out) x.error += 2 * unit(p->stored) * fabs(x.value) + smallest(p->stored);
    b->sums[i] = x.value, b->bounds[i] = x.error;
  }
}

void expect_sums(const product *p, bench *b) {
  const gm__gemm *g = &p->gemm;
  gm_dtype as = wide(p->out);
  int64_t count = g->m * g->n, matrices = p->batch_dims[0] * p->batch_dims[1];
  for (int64_t x = 0; x < matrices; x++) {
    void *left = read_as(p, OF_A, p->in, as, x * g->m * g->k, g->m * g->k),
         *right = read_as(p, OF_B, p->in, as, x * g->k * g->n, g->k * g->n);
    void *added = g->adds ? read_as(p, OF_ADDED, p->out, as, x * count, count) : NULL;
    char *sums = (char *)b->sums + x * count * (int64_t)gm__dtype_bytes(as);
    double *bounds = b->bounds + x * count;
    if (as == GM_FLOAT64) sum_real(p, left, right, (double *)sums, bounds);
    if (as == GM_COMPLEX128) sum_complex(p, left, right, (double _Complex *)sums, bounds);
    if (as == GM_INT64) sum_whole(p, left, right, (uint64_t *)sums);
    blend(p, added, sums, bounds, count);
    free(left);
    free(right);
    free(added);
  }
  if (as == GM_FLOAT64 && p->then.count > 0) follow_program(p, b, count * matrices);
}

/* ---- Bits ---- */

/** One row of the result: chains over blocks of k. */
#define CHAINS(T, name, FMA)                                                                                 \
  CLONES static void name##_row(T *restrict total, T *restrict chain, const T *restrict a,                   \
      const T *restrict b, int64_t n, int64_t k, int64_t block) {                                            \
    for (int64_t at = 0; at < k; at += block) {                                                              \
      int64_t end = k - at < block ? k : at + block;                                                         \
      for (int64_t j = 0; j < n; j++) chain[j] = 0;                                                          \
      for (int64_t x = at; x < end; x++)                                                                     \
        for (int64_t j = 0; j < n; j++) chain[j] = FMA(a[x], b[x * n + j], chain[j]);                        \
      for (int64_t j = 0; j < n; j++) total[j] = at == 0 ? chain[j] : total[j] + chain[j];                   \
    }                                                                                                        \
  }                                                                                                          \
  CLONES static void name##_dot(T *total, const T *a, const T *b, int64_t k, int64_t block) {                \
    enum { LANES = 64 / sizeof(T) };                                                                         \
    for (int64_t at = 0; at < k; at += block) {                                                              \
      int64_t end = k - at < block ? k : at + block;                                                         \
      T lanes[LANES] = {0};                                                                                  \
      for (int64_t x = at; x < end; x++) lanes[(x - at) % LANES] = FMA(a[x], b[x], lanes[(x - at) % LANES]); \
      for (int half = LANES / 2; half > 0; half /= 2)                                                        \
        for (int l = 0; l < half; l++) lanes[l] = lanes[l] + lanes[l + half];                                \
      *total = at == 0 ? lanes[0] : *total + lanes[0];                                                       \
    }                                                                                                        \
  }
#define SEPARATE(a, b, c) ((c) + (a) * (b))
CHAINS(float, fused_float, __builtin_fmaf)
CHAINS(double, fused_double, __builtin_fma)
CHAINS(float, separate_float, SEPARATE)
CHAINS(double, separate_double, SEPARATE)

#define MATRIX(T)                                                                                            \
  static void bits_##T(const gm__gemm *g, const rule *r, const T *a, const T *b, const T *added, T *sums) {  \
    T *chain = malloc((size_t)g->n * sizeof *chain);                                                         \
    int64_t block = r->block == 0 ? g->k : r->block;                                                         \
    for (int64_t i = 0; i < g->m && chain != NULL; i++) {                                                    \
      T *total = sums + i * g->n;                                                                            \
      if (g->n == 1 && r->lanes)                                                                             \
        (r->fused ? fused_##T##_dot : separate_##T##_dot)(total, a + i * g->k, b, g->k, block);              \
      else                                                                                                   \
        (r->fused ? fused_##T##_row : separate_##T##_row)(total, chain, a + i * g->k, b, g->n, g->k, block); \
    }                                                                                                        \
    const T alpha = (T)g->alpha, beta = (T)g->beta;                                                          \
    for (int64_t i = 0; i < g->m * g->n; i++) {                                                              \
      T scaled = alpha * sums[i];                                                                            \
      if (added != NULL) scaled = scaled + beta * added[i];                                                  \
      sums[i] = scaled;                                                                                      \
    }                                                                                                        \
    free(chain);                                                                                             \
  }
MATRIX(float)
MATRIX(double)

bool has_bits(const product *p) {
  bool widens = p->in == p->out || (summed_in(p->in) == GM_FLOAT32 && p->out == GM_FLOAT32);
  return p->in >= GM_FLOAT16 && p->in <= GM_FLOAT64 && widens && p->gemm.k > 0;
}

/** The sums in the dtype that they are made in, then in the result's, then what the program makes of them. */
void expect_bits(const product *p, bench *b, const rule *r) {
  const gm__gemm *g = &p->gemm;
  gm_dtype as = summed_in(p->in);
  int64_t count = g->m * g->n, matrices = p->batch_dims[0] * p->batch_dims[1];
  char *last = p->then.count > 0 ? b->got : b->expected;
  void *sums = malloc((size_t)count * gm__dtype_bytes(as) + 1);
  for (int64_t x = 0; x < matrices; x++) {
    void *left = read_as(p, OF_A, p->in, as, x * g->m * g->k, g->m * g->k),
         *right = read_as(p, OF_B, p->in, as, x * g->k * g->n, g->k * g->n);
    void *added = g->adds ? read_as(p, OF_ADDED, p->out, as, x * count, count) : NULL;
    if (as == GM_FLOAT32)
      bits_float(g, r, left, right, added, sums);
    else
      bits_double(g, r, left, right, added, sums);
    gm__convert(last + x * count * (int64_t)gm__dtype_bytes(p->out), p->out, sums, as, (size_t)count);
    free(left);
    free(right);
    free(added);
  }
  free(sums);
  if (p->then.count > 0) epilogue_apply(p, b->expected, b->got, count * matrices);
}
