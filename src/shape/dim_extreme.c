/* SPDX-License-Identifier: MIT
 *
 * min, max and broadcast: associative, commutative, idempotent. Operands of the same kind are flattened,
 * those that another makes superfluous are dropped, the rest sorted and folded from the left; so equal sets
 * are equal words. The constant stands first in max and last in min, as one writes them: max(0, min(n, 4) -
 * 1). */
#include "shape/dim_table.h"

typedef struct leaves {
  gm__dim word[GM__DIM_DEPTH + 1];
  int count;
} leaves;

/* Is `a` never the smaller one of the two? */
static gm_status at_least(gm__dims *dims, gm__dim a, gm__dim b, bool *out, gm_error *error) {
  gm__poly difference = {NULL, 0, 0};
  gm_status status = gm__poly_load(dims, a, &difference, error);
  if (status == GM_OK) status = gm__poly_add_word(dims, &difference, -1, b, error);
  *out = status == GM_OK && gm__terms_interval(dims, difference.terms, difference.count).low >= 0;
  gm__poly_free(&difference);
  return status;
}

static bool never_one(const gm__dims *dims, gm__dim word) {
  gm__interval interval = gm__word_interval(dims, word);
  return interval.low > 1 || interval.high < 1;
}

/* Does `b` say nothing that `a` does not? */
static gm_status covers(
    gm__dims *dims, gm__atom_kind kind, gm__dim a, gm__dim b, bool *out, gm_error *error) {
  *out = a == b || (kind == GM__ATOM_BROADCAST && (b == 1 || never_one(dims, a)));
  if (*out || kind == GM__ATOM_BROADCAST) return GM_OK;
  return kind == GM__ATOM_MAX ? at_least(dims, a, b, out, error) : at_least(dims, b, a, out, error);
}

static bool before(const gm__dims *dims, gm__atom_kind kind, gm__dim a, gm__dim b) {
  if (kind == GM__ATOM_MAX && gm__dim_known(a) != gm__dim_known(b)) return gm__dim_known(a);
  return gm__word_order(dims, a, b) < 0;
}

static gm_status insert(
    const gm__dims *dims, gm__atom_kind kind, leaves *set, gm__dim word, gm_error *error) {
  int at = set->count;
  if (set->count > GM__DIM_DEPTH)
    GM_FAIL(error, GM_LIMIT, "a dimension takes the min, max or broadcast of more than %d", GM__DIM_DEPTH);
  for (; at > 0 && before(dims, kind, word, set->word[at - 1]); at--) set->word[at] = set->word[at - 1];
  set->word[at] = word;
  set->count++;
  return GM_OK;
}

static gm_status add_leaf(gm__dims *dims, gm__atom_kind kind, leaves *set, gm__dim word, gm_error *error) {
  int kept = 0;
  bool covered = false;
  for (int i = 0; i < set->count; i++) {
    GM_TRY(covers(dims, kind, set->word[i], word, &covered, error));
    if (covered) return GM_OK;
  }
  for (int i = 0; i < set->count; i++) {
    GM_TRY(covers(dims, kind, word, set->word[i], &covered, error));
    if (!covered) set->word[kept++] = set->word[i];
  }
  set->count = kept;
  return insert(dims, kind, set, word, error);
}

static gm_status collect(gm__dims *dims, gm__atom_kind kind, leaves *set, gm__dim word, gm_error *error) {
  const gm__atom *atom = gm__word_atom(dims, word);
  if (atom == NULL || atom->kind != kind) return add_leaf(dims, kind, set, word, error);
  gm__dim a = atom->a, b = atom->b;
  GM_TRY(collect(dims, kind, set, a, error));
  return collect(dims, kind, set, b, error);
}

gm_status gm__extreme(
    gm__dims *dims, gm__atom_kind kind, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  leaves set = {{0}, 0};
  GM_TRY(collect(dims, kind, &set, a, error));
  GM_TRY(collect(dims, kind, &set, b, error));
  *out = set.word[0];
  for (int i = 1; i < set.count; i++) GM_TRY(gm__atom_word(dims, kind, *out, set.word[i], out, error));
  return GM_OK;
}
