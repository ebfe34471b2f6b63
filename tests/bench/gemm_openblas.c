/* SPDX-License-Identifier: MIT
 *
 * The peer OpenBLAS: cblas_sgemm and cblas_dgemm, which pack both factors at every call, and cblas_sgemv for
 * one row. Its threads are set for the call where a row has several. */
#include "gemm.h"

#ifdef GM_HAVE_OPENBLAS
#include <cblas.h>
#include <stdlib.h>

typedef struct call {
  product p;
  operands o;
  void *out;
  int turn;
} call;

static const float *next_y(call *c) {
  const float *y = c->o.y[c->turn];
  if (++c->turn == c->p.copies) c->turn = 0;
  return y;
}

static void run_sgemm(void *state) {
  call *c = state;
  int m = c->p.m, n = c->p.n, k = c->p.k;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, c->o.x, k, next_y(c), n, 0, c->out, n);
}

static void run_threads(void *state) {
  call *c = state;
  openblas_set_num_threads(c->p.threads);
  run_sgemm(state);
  openblas_set_num_threads(1);
}

static void run_many(void *state) {
  call *c = state;
  int m = c->p.m, n = c->p.n, k = c->p.k;
  const float *x = c->o.x, *y = c->o.y[0];
  float *out = c->out;
  for (int i = 0; i < c->p.count; i++)
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, x + (size_t)i * m * k, k,
        y + (size_t)i * k * n, n, 0, out + (size_t)i * m * n, n);
}

static void run_dgemm(void *state) {
  call *c = state;
  int m = c->p.m, n = c->p.n, k = c->p.k;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, c->o.x, k, c->o.y[0], n, 0, c->out, n);
}

static void run_sgemv(void *state) {
  call *c = state;
  cblas_sgemv(CblasRowMajor, CblasTrans, c->p.k, c->p.n, 1, next_y(c), c->p.n, c->o.x, 1, 0, c->out, 1);
}

static entry made(void (*run)(void *), const product *p, const operands *o, void *out) {
  call *c = malloc(sizeof *c);
  *c = (call){*p, *o, out, 0};
  openblas_set_num_threads(1);
  return (entry){run, free, c, 0};
}

entry openblas_product(const product *p, const operands *o, void *out) {
  if (p->dtype == GM_FLOAT64) return made(run_dgemm, p, o, out);
  if (p->dtype != GM_FLOAT32 || p->bias || p->relu) return (entry){0};
  return made(p->count > 1 ? run_many : p->threads > 1 ? run_threads : run_sgemm, p, o, out);
}

entry openblas_row(const product *p, const operands *o, void *out) {
  return made(run_sgemv, p, o, out);
}

const char *openblas_core(void) {
  return openblas_get_corename();
}

#else

entry openblas_product(const product *p, const operands *o, void *out) {
  (void)p, (void)o, (void)out;
  return (entry){0};
}

entry openblas_row(const product *p, const operands *o, void *out) {
  return openblas_product(p, o, out);
}

const char *openblas_core(void) {
  return NULL;
}
#endif
