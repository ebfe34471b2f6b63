/* SPDX-License-Identifier: MIT
 *
 * gemm: C = alpha · A · B + beta · C for each matrix of a batch. The batch is walked here, the product itself
 * is its provider's; one with K = 0 reads nothing and goes to the loops, which write the zeros. */
#include "kernel/gemm/provider.h"
#include "kernel/walk.h"

static const gm__provider *provider_of(const gm__gemm *gemm) {
  if (gemm->k == 0) return &gm__provider_loops;
  return gemm->provider != NULL ? gemm->provider : gm__provider_choose(gemm, NULL, false, NULL);
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__gemm *gemm = step->descriptor;
  const gm__provider *provider = provider_of(gemm);
  const char *a = gm__step_address(step, run, 0), *b = gm__step_address(step, run, 1);
  char *c = gm__step_address(step, run, 2);
  int64_t in = (int64_t)gm__dtype_bytes(gemm->in), out = (int64_t)gm__dtype_bytes(gemm->out);
  int64_t index[GM__LOOPS_RANK], at[3];
  if (gemm->m == 0 || gemm->n == 0 || gm__loops_empty(&gemm->batch)) return GM_OK;
  gm__loops_begin(gemm->batch.rank, 3, index, at);
  do provider->run(gemm, a + at[0] * in, b + at[1] * in, c + at[2] * out);
  while (gm__loops_next(&gemm->batch, gemm->batch.rank, 3, index, at));
  return GM_OK;
}

static const char *variant(const gm__step *step) {
  return provider_of(step->descriptor)->name;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__gemm *gemm = step->descriptor;
  int64_t batch = gm__loops_count(&gemm->batch);
  gm__text_format(text, "m=%lld n=%lld k=%lld", (long long)gemm->m, (long long)gemm->n, (long long)gemm->k);
  if (batch != 1) gm__text_format(text, " batch=%lld", (long long)batch);
}

const gm__kernel gm__kernel_gemm = {"gemm", run, variant, text};
