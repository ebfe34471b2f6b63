/* SPDX-License-Identifier: MIT
 *
 * The list of those who compute products, best first, and the choice among them: the first that does not
 * refuse. The specialist for rows is asked before them, unless one is named; that for bands, unless the
 * reference is; OpenBLAS's for forms just before OpenBLAS. */
#include "kernel/gemm/provider.h"

#if defined(GM_HAVE_OPENBLAS)
#define OPENBLAS &gm__provider_openblas,
#define OPENBLAS_FORMS &gm__provider_trmm, &gm__provider_symm, &gm__provider_syrk,
#else
#define OPENBLAS
#define OPENBLAS_FORMS
#endif

#if defined(__x86_64__)
#define WIDE_VECTORS &gm__provider_avx512, &gm__provider_avx2,
#else
#define WIDE_VECTORS
#endif

static const gm__provider *const providers[] = {
    WIDE_VECTORS OPENBLAS & gm__provider_vector, &gm__provider_loops};
static const size_t count = sizeof providers / sizeof providers[0];
static const gm__provider *const for_forms[] = {OPENBLAS_FORMS NULL};

static const gm__form *turned_form(const gm__form *form, gm__form *room) {
  if (form != NULL) *room = gm__form_transposed(*form);
  return form != NULL ? room : NULL;
}

/* A symmetric matrix is its own transpose: only its lower triangle, where it lies, may be read. */
static void turn_strides(
    const gm__form *form, int64_t row, int64_t column, int64_t *turned_row, int64_t *turned_column) {
  bool same = form != NULL && form->symmetric;
  *turned_row = same ? row : column;
  *turned_column = same ? column : row;
}

gm__gemm gm__gemm_transposed(const gm__gemm *g, gm__form forms[2]) {
  gm__gemm t = *g;
  t.m = g->n, t.n = g->m;
  t.c_row = g->c_column, t.c_column = g->c_row;
  t.a_raw = g->b_raw, t.b_raw = g->a_raw;
  t.a_form = turned_form(g->b_form, &forms[0]);
  t.b_form = turned_form(g->a_form, &forms[1]);
  turn_strides(g->b_form, g->b_row, g->b_column, &t.a_row, &t.a_column);
  turn_strides(g->a_form, g->a_row, g->a_column, &t.b_row, &t.b_column);
  return t;
}

static double entries_share(const gm__form *form, int64_t rows, int64_t columns) {
  double all = (double)rows * (double)columns;
  return form == NULL || all == 0 ? 1 : gm__form_entries(*form, rows, columns) / all;
}

double gm__gemm_share(const gm__gemm *g) {
  double factors = entries_share(g->a_form, g->m, g->k) * entries_share(g->b_form, g->k, g->n);
  return g->symmetric ? factors / 2 : factors;
}

const gm__provider *gm__provider_at(size_t index) {
  return index < count ? providers[index] : NULL;
}

/* Where the search begins: at the one with the name, at the best when there is none. */
static size_t index_of(const char *name) {
  for (size_t i = 0; name != NULL && i < count; i++)
    if (strcmp(providers[i]->name, name) == 0) return i;
  return name == NULL ? 0 : count;
}

static const char *refuses(const gm__provider *provider, const gm__gemm *gemm, bool exact) {
  if (exact && !provider->repeatable) return "the bits of its results depend on the number of rows";
  return provider->refuses(gemm);
}

/* Asked before all others. */
static const gm__provider *specialist(const gm__gemm *gemm, const char *name, bool exact) {
  bool reference = name != NULL && strcmp(name, gm__provider_loops.name) == 0;
  if (name == NULL && refuses(&gm__provider_row, gemm, exact) == NULL) return &gm__provider_row;
  bool band = gm__gemm_formed(gemm) && !reference && refuses(&gm__provider_band, gemm, exact) == NULL;
  return band ? &gm__provider_band : NULL;
}

/* A provider of the list, or one that it has for forms; NULL: none takes it. */
static const gm__provider *taker(
    const gm__provider *provider, const gm__gemm *gemm, bool exact, const char **why) {
  bool asks = gm__gemm_formed(gemm) && strcmp(provider->name, "openblas") == 0;
  for (size_t i = 0; asks && for_forms[i] != NULL; i++)
    if (refuses(for_forms[i], gemm, exact) == NULL) return for_forms[i];
  *why = refuses(provider, gemm, exact);
  return *why == NULL ? provider : NULL;
}

const gm__provider *gm__provider_choose(
    const gm__gemm *gemm, const char *name, bool exact, const char **refusal) {
  const gm__provider *chosen = specialist(gemm, name, exact);
  if (chosen != NULL) {
    if (refusal != NULL) *refusal = NULL;
    return chosen;
  }
  size_t first = index_of(name);
  const char *reason = first == count ? "this build has no kernel of that name" : NULL;
  for (size_t i = first == count ? 0 : first; chosen == NULL; i++) {
    const char *why = NULL;
    chosen = taker(providers[i], gemm, exact && name == NULL, &why);
    if (reason == NULL) reason = why;
  }
  if (refusal != NULL) *refusal = reason;
  return chosen;
}

const gm__provider *gm__provider_refused(
    const gm__gemm *gemm, const char *name, bool exact, const char **why) {
  for (size_t i = index_of(name), end = index_of(gemm->provider->name); i < end && end < count; i++) {
    if (providers[i]->lacks != NULL && providers[i]->lacks() != NULL) continue;
    *why = refuses(providers[i], gemm, exact && name == NULL);
    if (*why != NULL) return providers[i];
  }
  return NULL;
}
