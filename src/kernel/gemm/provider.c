/* SPDX-License-Identifier: MIT
 *
 * The list of those who compute products, best first, and the choice among them: the first that does not
 * refuse. The specialist for rows is asked before them, unless one is named. */
#include "kernel/gemm/provider.h"

#if defined(GM_HAVE_OPENBLAS)
#define OPENBLAS &gm__provider_openblas,
#else
#define OPENBLAS
#endif

static const gm__provider *const providers[] = {OPENBLAS & gm__provider_loops};
static const size_t count = sizeof providers / sizeof providers[0];

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

const gm__provider *gm__provider_choose(
    const gm__gemm *gemm, const char *name, bool exact, const char **refusal) {
  if (name == NULL && refuses(&gm__provider_row, gemm, exact) == NULL) {
    if (refusal != NULL) *refusal = NULL;
    return &gm__provider_row;
  }
  size_t first = index_of(name);
  const char *reason = first == count ? "this build has no kernel of that name" : NULL;
  const gm__provider *chosen = NULL;
  for (size_t i = first == count ? 0 : first; chosen == NULL; i++) {
    const char *why = refuses(providers[i], gemm, exact && name == NULL);
    if (why == NULL) chosen = providers[i];
    if (reason == NULL) reason = why;
  }
  if (refusal != NULL) *refusal = reason;
  return chosen;
}
