/* SPDX-License-Identifier: MIT
 *
 * The peer libxsmm: kernels compiled at run time for one small product each. Its matrices are column-major: a
 * row-major product is that of the transposes, in the other order. */
#include "gemm.h"

#ifdef GM_HAVE_XSMM
#include <libxsmm.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct call {
  libxsmm_smmfunction kernel;
  int count;
  size_t x_step, y_step, out_step;
  const float *x, *y;
  float *out;
} call;

static void run_one(void *state) {
  const call *c = state;
  c->kernel(c->y, c->x, c->out);
}

static void run_many(void *state) {
  const call *c = state;
  for (int i = 0; i < c->count; i++)
    c->kernel(c->y + i * c->y_step, c->x + i * c->x_step, c->out + i * c->out_step);
}

entry xsmm_product(const product *p, const operands *o, void *out) {
  const float one = 1, zero = 0;
  if (p->dtype != GM_FLOAT32 || p->bias || p->relu || p->threads > 1) return (entry){0};
  libxsmm_init();
  libxsmm_smmfunction kernel =
      libxsmm_smmdispatch(p->n, p->m, p->k, NULL, NULL, NULL, &one, &zero, NULL, NULL);
  if (!kernel) return (entry){0};
  call *c = malloc(sizeof *c);
  *c = (call){
      kernel, p->count, (size_t)p->m * p->k, (size_t)p->k * p->n, (size_t)p->m * p->n, o->x, o->y[0], out};
  return (entry){p->count > 1 ? run_many : run_one, free, c, 0};
}

const char *xsmm_version(void) {
  return LIBXSMM_CONFIG_VERSION;
}

#else

entry xsmm_product(const product *p, const operands *o, void *out) {
  (void)p, (void)o, (void)out;
  return (entry){0};
}

const char *xsmm_version(void) {
  return NULL;
}
#endif
