/* SPDX-License-Identifier: MIT
 *
 * The references of the benchmark, written by hand over row-major data: good_* as an expert does it, bad_* as
 * the expression is written. Inputs stay as they are; the whole result lies in `out`. */
#include "laab.h"

#include <cblas.h>
#include <string.h>

#define IN(name) ((const float *)gm_tensor_cdata(d->input[name]))
static const CBLAS_TRANSPOSE N = CblasNoTrans, TR = CblasTrans;
enum { TILE = 32 };

static void gemm(const data *d, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, float alpha, const float *a,
    const float *b, float beta, float *out) {
  int n = d->n;
  cblas_sgemm(CblasRowMajor, ta, tb, n, n, n, alpha, a, n, b, n, beta, out, n);
}

static void gemv(
    const data *d, CBLAS_TRANSPOSE ta, float alpha, const float *a, const float *x, float beta, float *out) {
  cblas_sgemv(CblasRowMajor, ta, d->n, d->n, alpha, a, d->n, x, 1, beta, out, 1);
}

static size_t square(const data *d) {
  return (size_t)d->n * (size_t)d->n;
}

static void copy(const data *d, float *out, const float *from) {
  memcpy(out, from, square(d) * sizeof *out);
}

static int least(int a, int b) {
  return a < b ? a : b;
}

/** The lower triangle to the upper one, tile by tile. */
static void mirror(int n, float *out) {
  for (int r = 0; r < n; r += TILE)
    for (int c = 0; c <= r; c += TILE)
      for (int j = c; j < least(c + TILE, n); j++)
        for (int i = r > j ? r : j; i < least(r + TILE, n); i++)
          out[(size_t)j * n + i] = out[(size_t)i * n + j];
}

void good_1a(const data *d, float *out) {
  gemm(d, TR, N, 1, IN(A), IN(B), 0, out);
}

void good_1b(const data *d, float *out) {
  copy(d, out, IN(B));
  cblas_strmm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, d->n, d->n, 1, IN(L), d->n,
      out, d->n);
}

void bad_1b(const data *d, float *out) {
  gemm(d, N, N, 1, IN(L), IN(B), 0, out);
}

void good_1c(const data *d, float *out) {
  cblas_ssyrk(CblasRowMajor, CblasLower, CblasNoTrans, d->n, d->n, 1, IN(A), d->n, 0, out, d->n);
  mirror(d->n, out);
}

void bad_1c(const data *d, float *out) {
  gemm(d, N, TR, 1, IN(A), IN(A), 0, out);
}

static void band_row(int n, const float *restrict t, const float *restrict b, float *restrict y) {
  for (int j = 0; j < n; j++) y[j] = t[-1] * b[j - n] + t[0] * b[j] + t[1] * b[j + n];
}

void good_1d(const data *d, float *out) {
  const float *t = IN(T), *b = IN(B);
  size_t n = (size_t)d->n, last = n - 1;
  for (size_t j = 0; j < n; j++) out[j] = t[0] * b[j] + t[1] * b[n + j];
  for (size_t i = 1; i < last; i++) band_row(d->n, t + i * n + i, b + i * n, out + i * n);
  for (size_t j = 0; j < n; j++)
    out[last * n + j] = t[last * n + last - 1] * b[(last - 1) * n + j] + t[last * n + last] * b[last * n + j];
}

void bad_1d(const data *d, float *out) {
  gemm(d, N, N, 1, IN(T), IN(B), 0, out);
}

void good_2a(const data *d, float *out) {
  gemm(d, TR, N, 2, IN(A), IN(B), 0, out);
}

void good_2b(const data *d, float *out) {
  gemm(d, TR, N, 1, IN(A), IN(B), 0, d->scratch[0]);
  gemm(d, TR, N, 1, d->scratch[0], d->scratch[0], 0, out);
}

void good_syrk(const data *d, float *out) {
  gemm(d, TR, N, 1, IN(A), IN(B), 0, d->scratch[0]);
  cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, d->n, d->n, 1, d->scratch[0], d->n, 0, out, d->n);
  mirror(d->n, out);
}

void good_2c(const data *d, float *out) {
  good_2b(d, out);
}

void bad_2c(const data *d, float *out) {
  gemm(d, TR, N, 1, IN(A), IN(B), 0, d->scratch[0]);
  gemm(d, TR, TR, 1, d->scratch[0], IN(A), 0, d->scratch[1]);
  gemm(d, N, N, 1, d->scratch[1], IN(B), 0, out);
}

void good_2d(const data *d, float *out) {
  gemv(d, N, 1, IN(B), IN(Y), 0, d->scratch[0]);
  gemv(d, TR, 1, IN(A), d->scratch[0], 0, d->scratch[1]);
  gemv(d, N, 1, IN(B), d->scratch[1], 0, d->scratch[0]);
  gemv(d, TR, 1, IN(A), d->scratch[0], 0, out);
}

void bad_2d(const data *d, float *out) {
  gemm(d, TR, N, 1, IN(A), IN(B), 0, d->scratch[0]);
  gemm(d, N, TR, 1, d->scratch[0], IN(A), 0, d->scratch[1]);
  gemm(d, N, N, 1, d->scratch[1], IN(B), 0, d->scratch[0]);
  gemv(d, N, 1, d->scratch[0], IN(Y), 0, out);
}

void good_3a(const data *d, float *out) {
  gemv(d, N, 1, IN(H), IN(X), 0, d->scratch[0]);
  gemv(d, TR, 1, IN(H), d->scratch[0], 0, out);
}

void bad_3a(const data *d, float *out) {
  gemm(d, TR, N, 1, IN(H), IN(H), 0, d->scratch[0]);
  gemv(d, N, 1, d->scratch[0], IN(X), 0, out);
}

void good_3b(const data *d, float *out) {
  gemv(d, N, 1, IN(H), IN(Y), 0, d->scratch[0]);
  gemv(d, TR, 1, IN(H), d->scratch[0], 0, out);
}

static void outer(const data *d, float alpha, const float *x, const float *y, float *out) {
  size_t n = (size_t)d->n;
  for (size_t i = 0; i < n; i++) {
    float factor = alpha * x[i], *restrict row = out + i * n;
    for (size_t j = 0; j < n; j++) row[j] = factor * y[j];
  }
}

void good_3c(const data *d, float *out) {
  gemv(d, TR, 1, IN(H), IN(Y), 0, d->scratch[0]);
  gemv(d, TR, 1, IN(H), IN(X), 0, d->scratch[1]);
  outer(d, 1, d->scratch[0], d->scratch[1], out);
}

void bad_3c(const data *d, float *out) {
  gemv(d, TR, 1, IN(H), IN(Y), 0, d->scratch[0]);
  outer(d, 1, d->scratch[0], IN(X), d->scratch[1]);
  gemm(d, N, N, 1, d->scratch[1], IN(H), 0, out);
}

static void sum(const data *d, const float *restrict a, const float *restrict b, float *restrict out) {
  for (size_t i = 0, n = square(d); i < n; i++) out[i] = a[i] + b[i];
}

void good_4a(const data *d, float *out) {
  sum(d, IN(B), IN(C), d->scratch[0]);
  gemm(d, N, N, 1, IN(A), d->scratch[0], 0, out);
}

void bad_4a(const data *d, float *out) {
  gemm(d, N, N, 1, IN(A), IN(B), 0, d->scratch[0]);
  gemm(d, N, N, 1, IN(A), IN(C), 0, d->scratch[1]);
  sum(d, d->scratch[0], d->scratch[1], out);
}

void good_4b(const data *d, float *out) {
  gemv(d, N, 1, IN(H), IN(X), 0, d->scratch[0]);
  gemv(d, N, 1, IN(A), IN(X), 0, out);
  gemv(d, TR, -1, IN(H), d->scratch[0], 1, out);
}

void bad_4b(const data *d, float *out) {
  gemm(d, TR, N, 1, IN(H), IN(H), 0, d->scratch[0]);
  for (size_t i = 0, n = square(d); i < n; i++) d->scratch[0][i] = IN(A)[i] - d->scratch[0][i];
  gemv(d, N, 1, d->scratch[0], IN(X), 0, out);
}

void good_4c(const data *d, float *out) {
  good_2b(d, out);
}

void bad_4c(const data *d, float *out) {
  gemm(d, TR, N, 1, IN(B), IN(A), 0, d->scratch[0]);
  gemm(d, N, TR, 1, d->scratch[0], IN(A), 0, d->scratch[1]);
  gemm(d, N, N, 1, d->scratch[1], IN(B), 0, out);
}

void good_5a(const data *d, float *out) {
  const float *row = IN(V) + 2 * (size_t)d->n;
  gemm(d, N, N, 1, IN(A), IN(B), 0, out);
  cblas_sger(CblasRowMajor, d->n, d->n, 1, row, 1, row, 1, out, d->n);
}

void good_5b(const data *d, float *out) {
  size_t place = 2 * (size_t)d->n + 2;
  *out = IN(A)[place] + IN(B)[place];
}

void bad_5b(const data *d, float *out) {
  sum(d, IN(A), IN(B), d->scratch[0]);
  *out = d->scratch[0][2 * (size_t)d->n + 2];
}

void good_5c(const data *d, float *out) {
  *out = cblas_sdot(d->n, IN(A) + 2 * (size_t)d->n, 1, IN(B) + 2, d->n);
}

void bad_5c(const data *d, float *out) {
  gemm(d, N, N, 1, IN(A), IN(B), 0, d->scratch[0]);
  *out = d->scratch[0][2 * (size_t)d->n + 2];
}

void good_diagonal(const data *d, float *out) {
  size_t n = (size_t)d->n;
  for (size_t i = 0; i < n; i++) {
    const float factor = IN(D)[i * n + i], *restrict from = IN(B) + i * n;
    float *restrict row = out + i * n;
    for (size_t j = 0; j < n; j++) row[j] = factor * from[j];
  }
}

void bad_diagonal(const data *d, float *out) {
  gemm(d, N, N, 1, IN(D), IN(B), 0, out);
}

void good_symmetric(const data *d, float *out) {
  cblas_ssymm(CblasRowMajor, CblasLeft, CblasLower, d->n, d->n, 1, IN(S), d->n, IN(B), d->n, 0, out, d->n);
}

void bad_symmetric(const data *d, float *out) {
  gemm(d, N, N, 1, IN(S), IN(B), 0, out);
}

void good_blocks(const data *d, float *out) {
  int n = d->n, half = n / 2;
  for (int first = 0; first < n; first += half) {
    int side = least(half, n - first);
    size_t row = (size_t)first * (size_t)n;
    cblas_sgemm(
        CblasRowMajor, N, N, side, n, side, 1, IN(K) + row + first, n, IN(B) + row, n, 0, out + row, n);
  }
}

void bad_blocks(const data *d, float *out) {
  gemm(d, N, N, 1, IN(K), IN(B), 0, out);
}

void good_rank_2k(const data *d, float *out) {
  int n = d->n;
  cblas_ssyr2k(CblasRowMajor, CblasLower, CblasNoTrans, n, n, 1, IN(A), n, IN(B), n, 0, out, n);
  mirror(n, out);
}

void bad_rank_2k(const data *d, float *out) {
  gemm(d, N, TR, 1, IN(A), IN(B), 0, d->scratch[0]);
  gemm(d, N, TR, 1, IN(B), IN(A), 0, d->scratch[1]);
  sum(d, d->scratch[0], d->scratch[1], out);
}

void good_scaled(const data *d, float *out) {
  copy(d, out, IN(C));
  gemm(d, N, N, 3, IN(A), IN(B), 3, out);
}

void bad_scaled(const data *d, float *out) {
  size_t count = square(d);
  gemm(d, N, N, 1, IN(A), IN(B), 0, d->scratch[0]);
  for (size_t i = 0; i < count; i++) d->scratch[0][i] *= 3;
  for (size_t i = 0; i < count; i++) d->scratch[1][i] = 3 * IN(C)[i];
  sum(d, d->scratch[0], d->scratch[1], out);
}

static void wide(int m, int n, int k, const float *a, const float *b, float *out) {
  cblas_sgemm(CblasRowMajor, N, N, m, n, k, 1, a, k, b, n, 0, out, n);
}

void good_thin_3(const data *d, float *out) {
  wide(d->k, d->k, d->n, IN(R), IN(Q), d->scratch[0]);
  wide(d->n, d->k, d->k, IN(P), d->scratch[0], out);
}

void bad_thin_3(const data *d, float *out) {
  wide(d->n, d->n, d->k, IN(P), IN(R), d->scratch[0]);
  wide(d->n, d->k, d->n, d->scratch[0], IN(Q), out);
}

void good_thin_4(const data *d, float *out) {
  good_thin_3(d, d->scratch[1]);
  wide(d->n, d->n, d->k, d->scratch[1], IN(W), out);
}

void bad_thin_4(const data *d, float *out) {
  bad_thin_3(d, d->scratch[1]);
  wide(d->n, d->n, d->k, d->scratch[1], IN(W), out);
}

void good_column(const data *d, float *out) {
  cblas_sgemv(CblasRowMajor, N, d->n, d->n, 1, IN(A), d->n, IN(B) + 2, d->n, 0, out, 1);
}

void bad_column(const data *d, float *out) {
  gemm(d, N, N, 1, IN(A), IN(B), 0, d->scratch[0]);
  for (size_t i = 0, n = (size_t)d->n; i < n; i++) out[i] = d->scratch[0][i * n + 2];
}

void good_trace(const data *d, float *out) {
  for (int i = 0; i < d->n; i++) out[i] = cblas_sdot(d->n, IN(A) + (size_t)i * d->n, 1, IN(B) + i, d->n);
}

void bad_trace(const data *d, float *out) {
  gemm(d, N, N, 1, IN(A), IN(B), 0, d->scratch[0]);
  for (size_t i = 0, n = (size_t)d->n; i < n; i++) out[i] = d->scratch[0][i * n + i];
}
