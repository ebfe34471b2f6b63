/* SPDX-License-Identifier: MIT
 *
 * Equal brackets are one, also where one is the transpose of the other: (A + B)ᵗ and Aᵗ + Bᵗ. */
#include <string.h>
#include "plan/algebra_state.h"

/** Brackets of more terms are not compared. */
#define MOST_TERMS 16

static bool same_terms(const gm__algebra *a, const gm__term *x, const gm__term *y, bool turned) {
  return x->count == y->count && x->coefficient == y->coefficient && x->scalar == y->scalar &&
         gm__letters_same(a, a->letters.at + x->first, a->letters.at + y->first, x->count, turned);
}

/** In any order. */
static bool same_sums(const gm__algebra *a, gm__sum x, gm__sum y, bool turned) {
  bool used[MOST_TERMS] = {false};
  if (x.count != y.count || x.count > MOST_TERMS) return false;
  for (uint32_t i = 0; i < x.count; i++) {
    uint32_t j = 0;
    while (j < y.count &&
           (used[j] || !same_terms(a, &a->terms.at[x.first + i], &a->terms.at[y.first + j], turned)))
      j++;
    if (j == y.count) return false;
    used[j] = true;
  }
  return true;
}

bool gm__brackets_same(const gm__algebra *a, const gm__atom *x, gm__sum of, const gm__atom *y, bool *turned) {
  gm__sum sum = a->variants.at[a->defs.at[y->def].sum];
  *turned = false;
  if (x->rank != y->rank) return false;
  if (x->rows == y->rows && x->columns == y->columns && same_sums(a, of, sum, false)) return true;
  *turned = x->rank == 2 && x->rows == y->columns && x->columns == y->rows && same_sums(a, of, sum, true);
  return *turned;
}

/** The same for a bracket and its transpose, whatever the order of its terms is. */
static uint64_t hash_of(gm__algebra *a, gm__sum sum) {
  uint64_t hash = sum.count;
  for (uint32_t i = 0; i < sum.count; i++) {
    const gm__term *term = &a->terms.at[sum.first + i];
    uint64_t bits;
    memcpy(&bits, &term->coefficient, sizeof bits);
    hash += (gm__term_key(a, a->letters.at + term->first, term->count) ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
  }
  return hash ^ hash >> 32;
}

/** Wherever the letter of atom `from` stands, `to` does from here on. */
static void replace(gm__algebra *a, uint32_t from, gm__letter to) {
  for (size_t i = 0; i < a->letters.count; i++) {
    if (a->letters.at[i] >> 1 == from)
      a->letters.at[i] = a->letters.at[i] & 1 ? gm__letter_turned(a, to) : to;
  }
}

/** Inner brackets come after outer ones: from the last to the first, so that equal ones are already one
 * inside. A root stays what others read. */
static void join(gm__algebra *a, uint32_t *table, size_t mask, uint32_t atom) {
  const gm__atom *own = &a->atoms.at[atom];
  gm__sum sum = a->variants.at[a->defs.at[own->def].sum];
  size_t at = (size_t)hash_of(a, sum) & mask;
  bool turned;
  for (; table[at]; at = (at + 1) & mask) {
    uint32_t other = table[at] - 1;
    if (!gm__brackets_same(a, own, sum, &a->atoms.at[other], &turned)) continue;
    bool keep = a->defs.at[own->def].root && !a->defs.at[a->atoms.at[other].def].root;
    replace(a, keep ? other : atom, (keep ? atom : other) << 1 | turned);
    if (keep) table[at] = atom + 1;
    return;
  }
  table[at] = atom + 1;
}

gm_status gm__brackets_join(gm__algebra *a) {
  size_t size = 16, brackets = 0;
  for (size_t i = 0; i < a->atoms.count; i++) brackets += a->atoms.at[i].def != GM__NO_DEF;
  if (brackets < 2 || brackets > GM__MOST_DEFS) return GM_OK;
  while (size < 2 * brackets) size *= 2;
  uint32_t *table = gm__alloc_zero(size, sizeof *table);
  if (!table) return gm__no_memory(a->error);
  for (uint32_t i = (uint32_t)a->atoms.count; i-- > 0;) {
    if (a->atoms.at[i].def != GM__NO_DEF) join(a, table, size - 1, i);
  }
  gm__free(table);
  return GM_OK;
}
