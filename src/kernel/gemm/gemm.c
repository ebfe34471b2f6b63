/* SPDX-License-Identifier: MIT
 *
 * gemm: alpha · A · B + beta · C for each matrix of a batch. The batch is walked here, the product itself is
 * its provider's, which works in place; so what is added is brought there first, where it lies elsewhere. One
 * with K = 0 reads no factor and goes to the loops, which write the zeros. The epilogue goes over what there
 * is then. */
#include "kernel/gemm/provider.h"
#include "kernel/strided.h"
#include "kernel/walk.h"

static const gm__provider *provider_of(const gm__gemm *gemm) {
  if (gemm->k == 0) return &gm__provider_loops;
  return gemm->provider != NULL ? gemm->provider : gm__provider_choose(gemm, NULL, false, NULL);
}

/* Copies a matrix to another place with the same strides, along the denser of its axes. */
static void bring(const gm__gemm *gemm, char *to, const char *from) {
  size_t size = gm__dtype_bytes(gemm->out);
  bool by_rows = gemm->c_column <= gemm->c_row || gemm->m == 1;
  int64_t lines = by_rows ? gemm->m : gemm->n, length = by_rows ? gemm->n : gemm->m;
  int64_t step = (by_rows ? gemm->c_row : gemm->c_column) * (int64_t)size;
  int64_t stride = by_rows ? gemm->c_column : gemm->c_row;
  for (int64_t i = 0; i < lines; i++)
    gm__strided_copy(to + i * step, stride, from + i * step, stride, (size_t)length, size);
}

/* The program over the whole result, where it lies. */
static void finish(const gm__gemm *gemm, const gm__step *step, const gm__run *run) {
  const gm__map *map = gemm->epilogue;
  gm__map_bases bases;
  for (int i = 0; i <= map->inputs; i++) {
    int operand = i == 0 || i == map->inputs ? step->reads : 1 + gemm->adds + i;
    bases.at[i] = gm__step_address(step, run, operand);
    bases.size[i] = (uint8_t)gm__dtype_bytes((gm_dtype)step->operands[operand].dtype);
  }
  gm__map_run(map, &bases);
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__gemm *gemm = step->descriptor;
  const gm__provider *provider = provider_of(gemm);
  const char *a = gm__step_address(step, run, 0), *b = gm__step_address(step, run, 1);
  const char *added = gemm->adds ? gm__step_address(step, run, 2) : NULL;
  char *c = gm__step_address(step, run, step->reads);
  int64_t in = (int64_t)gm__dtype_bytes(gemm->in), out = (int64_t)gm__dtype_bytes(gemm->out);
  int64_t index[GM__LOOPS_RANK], at[3];
  if (gemm->m == 0 || gemm->n == 0 || gm__loops_empty(&gemm->batch)) return GM_OK;
  gm__loops_begin(gemm->batch.rank, 3, index, at);
  do {
    if (added != NULL && added != c) bring(gemm, c + at[2] * out, added + at[2] * out);
    provider->run(gemm, a + at[0] * in, b + at[1] * in, c + at[2] * out);
  } while (gm__loops_next(&gemm->batch, gemm->batch.rank, 3, index, at));
  if (gemm->epilogue != NULL) finish(gemm, step, run);
  return GM_OK;
}

static const char *variant(const gm__step *step) {
  return provider_of(step->descriptor)->name;
}

static void form_text(gm__text *text, const char *factor, const gm__form *form) {
  char name[64];
  if (form != NULL) gm__text_format(text, " %s=%s", factor, gm__form_name(*form, name));
}

static void text(const gm__step *step, gm__text *text) {
  const gm__gemm *gemm = step->descriptor;
  int64_t batch = gm__loops_count(&gemm->batch);
  gm__text_format(text, "m=%lld n=%lld k=%lld", (long long)gemm->m, (long long)gemm->n, (long long)gemm->k);
  if (batch != 1) gm__text_format(text, " batch=%lld", (long long)batch);
  form_text(text, "a", gemm->a_form);
  form_text(text, "b", gemm->b_form);
  if (gemm->symmetric) gm__text_add(text, " b=a^T");
  if (gemm->alpha != 1) gm__text_format(text, " alpha=%g", gemm->alpha);
  if (gemm->adds) gm__text_format(text, " beta=%g", gemm->beta);
  if (gemm->epilogue == NULL) return;
  gm__text_add(text, " then ");
  gm__map_text(gemm->epilogue, text);
}

const gm__kernel gm__kernel_gemm = {"gemm", run, variant, text};
