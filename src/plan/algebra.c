/* SPDX-License-Identifier: MIT
 *
 * The pools of the normal form, and what its letters say. */
#include "plan/algebra.h"

/** Longer ones cost the same. */
#define MOST_LENGTH INT64_C(1000000000000000000)

#define GROW(a, pool)                                                                                        \
  gm__grow((void **)&(a)->pool.at, &(a)->pool.capacity, (a)->pool.count + 1, sizeof *(a)->pool.at)

gm_status gm__algebra_atom(gm__algebra *a, const gm__atom *atom, uint32_t *out) {
  if (!GROW(a, atoms)) return gm__no_memory(a->error);
  *out = (uint32_t)a->atoms.count;
  a->atoms.at[a->atoms.count++] = *atom;
  return GM_OK;
}

gm_status gm__algebra_letter(gm__algebra *a, gm__letter letter) {
  if (!GROW(a, letters)) return gm__no_memory(a->error);
  a->letters.at[a->letters.count++] = letter;
  return GM_OK;
}

gm_status gm__algebra_term(gm__algebra *a, const gm__term *term) {
  if (!GROW(a, terms)) return gm__no_memory(a->error);
  a->terms.at[a->terms.count++] = *term;
  return GM_OK;
}

gm_status gm__algebra_sum(gm__algebra *a, gm__sum sum, uint32_t *out) {
  if (!GROW(a, variants)) return gm__no_memory(a->error);
  *out = (uint32_t)a->variants.count;
  a->variants.at[a->variants.count++] = sum;
  return GM_OK;
}

gm_status gm__algebra_def(gm__algebra *a, const gm__def *def, uint32_t *out) {
  if (!GROW(a, defs)) return gm__no_memory(a->error);
  *out = (uint32_t)a->defs.count;
  a->defs.at[a->defs.count++] = *def;
  return GM_OK;
}

gm_status gm__algebra_open(gm__algebra *a, uint32_t node) {
  if (!GROW(a, opened)) return gm__no_memory(a->error);
  a->opened.at[a->opened.count++] = node;
  return GM_OK;
}

void gm__algebra_switches(gm__algebra *a) {
  a->sums = gm__pass_enabled(a->plan, &gm__pass_sums);
  a->hoists = gm__pass_enabled(a->plan, &gm__pass_hoist);
  a->structures = gm__pass_enabled(a->plan, &gm__pass_structure);
}

void gm__algebra_free(gm__algebra *a) {
  gm__free(a->facts);
  gm__free(a->forms);
  gm__free(a->atom_of);
  gm__free(a->def_of);
  gm__free(a->atoms.at);
  gm__free(a->letters.at);
  gm__free(a->terms.at);
  gm__free(a->variants.at);
  gm__free(a->defs.at);
  gm__free(a->opened.at);
  gm__arena_free(&a->scratch);
}

static int64_t length_of(const gm__algebra *a, gm__dim dim) {
  const gm__dims *dims = a->plan->graph->dims;
  int64_t length;
  if (!a->values) return gm__dim_value(dims, dim);
  return gm__dim_evaluate(dims, dim, a->values, &length, NULL) ? -1 : length;
}

int64_t gm__algebra_rows(const gm__algebra *a, const gm__node *node) {
  double rows = 1;
  int axes = node->rank > 1 ? node->rank - 1 : node->rank;
  for (int i = 0; i < axes; i++) {
    int64_t length = length_of(a, node->dims[i]);
    if (length < 0) return -1;
    rows *= (double)length;
  }
  return rows < (double)MOST_LENGTH ? (int64_t)rows : MOST_LENGTH;
}

int64_t gm__algebra_columns(const gm__algebra *a, const gm__node *node) {
  int64_t columns = node->rank > 1 ? length_of(a, node->dims[node->rank - 1]) : 1;
  return columns < MOST_LENGTH ? columns : MOST_LENGTH;
}

int64_t gm__letter_rows(const gm__algebra *a, gm__letter letter) {
  const gm__atom *atom = &a->atoms.at[letter >> 1];
  return letter & 1 ? atom->columns : atom->rows;
}

int64_t gm__letter_columns(const gm__algebra *a, gm__letter letter) {
  return gm__letter_rows(a, letter ^ 1);
}

gm__letter gm__letter_turned(const gm__algebra *a, gm__letter letter) {
  const gm__atom *atom = &a->atoms.at[letter >> 1];
  return atom->rank == 0 || atom->form.symmetric ? letter : letter ^ 1;
}

bool gm__letters_same(
    const gm__algebra *a, const gm__letter *x, const gm__letter *y, uint32_t count, bool turned) {
  for (uint32_t i = 0; i < count; i++) {
    if (x[i] != (turned ? gm__letter_turned(a, y[count - 1 - i]) : y[i])) return false;
  }
  return true;
}

void gm__algebra_factors(const gm__algebra *a, const gm__letter *letters, uint32_t count, gm__factor *out) {
  for (uint32_t i = 0; i < count; i++) {
    const gm__atom *atom = &a->atoms.at[letters[i] >> 1];
    out[i] = (gm__factor){.rows = gm__letter_rows(a, letters[i]),
        .columns = gm__letter_columns(a, letters[i]),
        .key = (uint64_t)letters[i] + 2,
        .turned = (uint64_t)gm__letter_turned(a, letters[i]) + 2,
        .form = letters[i] & 1 ? gm__form_transposed(atom->form) : atom->form,
        .known = atom->known && a->hoists};
  }
}

void gm__drop_identities(gm__algebra *a, gm__term *term) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < term->count; i++) {
    gm__letter letter = a->letters.at[term->first + i];
    const gm__atom *atom = &a->atoms.at[letter >> 1];
    bool last = kept == 0 && i + 1 == term->count;
    if (atom->form.identity && atom->rank == 2 && !last) continue;
    a->letters.at[term->first + kept++] = letter;
  }
  term->count = kept;
  a->letters.count = term->first + kept;
}
