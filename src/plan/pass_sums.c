/* SPDX-License-Identifier: MIT
 *
 * sums. Law: A·B + A·C is A·(B + C), and back, whichever is cheaper; coefficients are folded into products
 * (3·AB + 3·C is one). The moves between states of the normal form are made here; the pass itself is run by
 * chain, which prices them. */
#include <math.h>
#include "plan/algebra_state.h"

/** Letters that a variant may have. */
#define MOST_LETTERS 512
/** Places of one bracket in one definition that are multiplied out together. */
#define MOST_PLACES 4
/** Atoms, from the last, among which an equal bracket is looked for. */
#define MOST_SEARCHED 64

/* ---- A factor taken out ---- */

/** Terms with the same letters at one end. */
typedef struct family {
  gm__sum sum;
  uint32_t members[64], count, common; /* of the terms; letters that all have */
  bool right;                          /* at the right end */
} family;

static const gm__term *term_of(const gm__algebra *a, const family *f, uint32_t member) {
  return &a->terms.at[f->sum.first + f->members[member]];
}

/** Letter i from the family's end. */
static gm__letter end_letter(const gm__algebra *a, const family *f, const gm__term *t, uint32_t i) {
  return a->letters.at[t->first + (f->right ? t->count - 1 - i : i)];
}

static bool may_share(const gm__term *t) {
  return t->count > 1 && !t->scalar;
}

/** Those that have the end of term `leader`; no family when an earlier one leads it. */
static bool find_family(const gm__algebra *a, family *f, uint32_t leader) {
  const gm__term *first = &a->terms.at[f->sum.first + leader];
  f->count = 0;
  if (!may_share(first)) return false;
  for (uint32_t i = 0; i < f->sum.count && f->count < 64; i++) {
    const gm__term *t = &a->terms.at[f->sum.first + i];
    if (!may_share(t) || end_letter(a, f, t, 0) != end_letter(a, f, first, 0)) continue;
    if (i < leader) return false;
    f->members[f->count++] = i;
  }
  return f->count > 1;
}

static void find_common(const gm__algebra *a, family *f) {
  const gm__term *first = term_of(a, f, 0);
  f->common = first->count - 1;
  for (uint32_t i = 1; i < f->count; i++) {
    const gm__term *t = term_of(a, f, i);
    uint32_t same = 0;
    while (
        same < f->common && same < t->count - 1 && end_letter(a, f, t, same) == end_letter(a, f, first, same))
      same++;
    f->common = same;
  }
}

/** The coefficient that all have, up to the sign; else 1. */
static double common_coefficient(const gm__algebra *a, const family *f) {
  double first = term_of(a, f, 0)->coefficient;
  for (uint32_t i = 1; i < f->count; i++) {
    if (fabs(term_of(a, f, i)->coefficient) != fabs(first)) return 1;
  }
  return first;
}

/** What is left of a member, as a term of the bracket: turned where it is a row, since brackets are columns.
 */
static gm_status add_remainder(gm__algebra *a, const family *f, const gm__term *t, double over, bool turned) {
  gm__term rest = {t->coefficient / over, 0, (uint32_t)a->letters.count, t->count - f->common};
  uint32_t from = t->first + (f->right ? 0 : f->common);
  for (uint32_t i = 0; i < rest.count; i++) {
    gm__letter letter = a->letters.at[from + (turned ? rest.count - 1 - i : i)];
    GM_TRY(gm__algebra_letter(a, turned ? gm__letter_turned(a, letter) : letter));
  }
  return gm__algebra_term(a, &rest);
}

/** The rank of what is left, and whether it is a row. */
static uint8_t remainder_rank(const gm__algebra *a, const family *f, bool *row) {
  const gm__term *t = term_of(a, f, 0);
  uint32_t from = t->first + (f->right ? 0 : f->common),
           to = t->first + t->count - (f->right ? f->common : 0);
  gm__letter first = a->letters.at[from], last = a->letters.at[to - 1];
  uint8_t left = a->atoms.at[first >> 1].rank, right = a->atoms.at[last >> 1].rank;
  *row = left == 1 && first & 1;
  return *row || right == 1 ? 1 : left;
}

static bool all_known(const gm__algebra *a, gm__sum sum) {
  bool known = true;
  for (uint32_t t = 0; t < sum.count; t++) {
    const gm__term *term = &a->terms.at[sum.first + t];
    for (uint32_t i = 0; i < term->count; i++)
      known = known && a->atoms.at[a->letters.at[term->first + i] >> 1].known;
  }
  return known;
}

/** One that is there: row or not, letters of vectors are told as they stand in this one. */
static bool find_bracket(
    const gm__algebra *a, const gm__atom *wanted, gm__sum sum, uint32_t group, gm__letter *out) {
  size_t first = a->atoms.count > MOST_SEARCHED ? a->atoms.count - MOST_SEARCHED : 0;
  for (size_t i = first; i < a->atoms.count && wanted->rank > 1; i++) {
    bool turned;
    const gm__atom *atom = &a->atoms.at[i];
    if (atom->def == GM__NO_DEF || a->defs.at[atom->def].group != group) continue;
    if (!gm__brackets_same(a, wanted, sum, atom, &turned)) continue;
    *out = (gm__letter)i << 1 | turned;
    return true;
  }
  return false;
}

static gm_status make_bracket(gm__algebra *a, const family *f, uint32_t of, double over, gm__letter *out) {
  gm__def def = {.dtype = a->defs.at[of].dtype, .group = a->defs.at[of].group};
  gm__sum sum = {(uint32_t)a->terms.count, f->count};
  const gm__term *t = term_of(a, f, 0);
  bool row;
  uint32_t atom;
  gm__atom bracket = {.node = 0, .rank = remainder_rank(a, f, &row), .form = gm__form_general()};
  uint32_t from = t->first + (f->right ? 0 : f->common),
           to = t->first + t->count - (f->right ? f->common : 0);
  int64_t rows = gm__letter_rows(a, a->letters.at[from]),
          columns = gm__letter_columns(a, a->letters.at[to - 1]);
  bracket.rows = def.rows = row ? columns : rows;
  bracket.columns = def.columns = row ? rows : columns;
  for (uint32_t i = 0; i < f->count; i++) GM_TRY(add_remainder(a, f, term_of(a, f, i), over, row));
  bracket.known = all_known(a, sum);
  if (find_bracket(a, &bracket, sum, def.group, out)) return GM_OK;
  GM_TRY(gm__algebra_sum(a, sum, &def.sum));
  GM_TRY(gm__algebra_def(a, &def, &bracket.def));
  GM_TRY(gm__algebra_atom(a, &bracket, &atom));
  *out = atom << 1 | row;
  return GM_OK;
}

static bool is_member(const family *f, uint32_t term) {
  bool member = false;
  for (uint32_t i = 0; i < f->count; i++) member = member || f->members[i] == term;
  return member;
}

static gm_status take_out(gm__algebra *a, family *f, uint32_t def, gm__choice *out) {
  double over = common_coefficient(a, f);
  gm__letter bracket;
  GM_TRY(make_bracket(a, f, def, over, &bracket));
  const gm__term lead = *term_of(a, f, 0);
  gm__term whole = {over, 0, (uint32_t)a->letters.count, f->common + 1};
  if (f->right) GM_TRY(gm__algebra_letter(a, bracket));
  for (uint32_t i = 0; i < f->common; i++)
    GM_TRY(gm__algebra_letter(a, a->letters.at[lead.first + (f->right ? lead.count - f->common + i : i)]));
  if (!f->right) GM_TRY(gm__algebra_letter(a, bracket));
  gm__sum sum = {(uint32_t)a->terms.count, f->sum.count - f->count + 1};
  GM_TRY(gm__algebra_term(a, &whole));
  for (uint32_t i = 0; i < f->sum.count; i++) {
    const gm__term other = a->terms.at[f->sum.first + i];
    if (!is_member(f, i)) GM_TRY(gm__algebra_term(a, &other));
  }
  out->def = def;
  return gm__algebra_sum(a, sum, &out->sum);
}

/* ---- A bracket multiplied out ---- */

/** A term and the place of a bracket in it. */
typedef struct place {
  gm__sum sum, inner;
  uint32_t term, at;
} place;

/** Is the term a vector that is told as a row? */
static bool is_row(const gm__algebra *a, const gm__term *term) {
  gm__letter first = a->letters.at[term->first];
  return first & 1 && a->atoms.at[first >> 1].rank == 1;
}

static gm_status add_product(gm__algebra *a, const place *p, const gm__term *outer, const gm__term *inner) {
  gm__letter bracket = a->letters.at[outer->first + p->at];
  bool row = a->atoms.at[bracket >> 1].rank == 1 && is_row(a, inner), turned = row != (bracket & 1);
  gm__term both = {outer->coefficient * inner->coefficient, outer->scalar ? outer->scalar : inner->scalar,
      (uint32_t)a->letters.count, outer->count - 1 + inner->count};
  for (uint32_t i = 0; i < p->at; i++) GM_TRY(gm__algebra_letter(a, a->letters.at[outer->first + i]));
  for (uint32_t i = 0; i < inner->count; i++) {
    gm__letter letter = a->letters.at[inner->first + (turned ? inner->count - 1 - i : i)];
    GM_TRY(gm__algebra_letter(a, turned ? gm__letter_turned(a, letter) : letter));
  }
  for (uint32_t i = p->at + 1; i < outer->count; i++)
    GM_TRY(gm__algebra_letter(a, a->letters.at[outer->first + i]));
  gm__drop_identities(a, &both);
  return gm__algebra_term(a, &both);
}

static gm_status multiply_out(gm__algebra *a, const place *p, uint32_t def, gm__choice *out) {
  gm__sum sum = {0, p->sum.count - 1 + p->inner.count};
  const gm__term outer = a->terms.at[p->sum.first + p->term];
  sum.first = (uint32_t)a->terms.count;
  for (uint32_t i = 0; i < p->sum.count; i++) {
    const gm__term other = a->terms.at[p->sum.first + i];
    if (i != p->term) GM_TRY(gm__algebra_term(a, &other));
  }
  for (uint32_t i = 0; i < p->inner.count; i++) {
    const gm__term inner = a->terms.at[p->inner.first + i];
    GM_TRY(add_product(a, p, &outer, &inner));
  }
  out->def = def;
  return gm__algebra_sum(a, sum, &out->sum);
}

/** Not where two scalars would meet, nor where it or a coefficient grows beyond measure. */
static bool may_multiply_out(const gm__algebra *a, const place *p) {
  const gm__term *outer = &a->terms.at[p->sum.first + p->term];
  uint32_t bracket = a->atoms.at[a->letters.at[outer->first + p->at] >> 1].def;
  size_t letters = 0;
  for (uint32_t i = 0; i < p->inner.count; i++) {
    const gm__term *inner = &a->terms.at[p->inner.first + i];
    double coefficient = outer->coefficient * inner->coefficient;
    if (outer->scalar && inner->scalar) return false;
    if (!gm__scale_fits(a->defs.at[bracket].dtype, coefficient)) return false;
    letters += outer->count - 1 + inner->count;
  }
  return letters <= MOST_LETTERS && outer->count > 1;
}

/* ---- All moves ---- */

static gm_status moves_of_end(
    gm__algebra *a, uint32_t def, family *f, gm__move *found, size_t most, size_t *count) {
  for (uint32_t i = 0; i < f->sum.count && *count < most; i++) {
    if (!find_family(a, f, i)) continue;
    find_common(a, f);
    found[*count].count = 1;
    GM_TRY(take_out(a, f, def, &found[(*count)++].at[0]));
  }
  return GM_OK;
}

static gm_status moves_of_term(gm__algebra *a, const gm__state *state, uint32_t def, place *p,
    gm__move *found, size_t most, size_t *count) {
  const gm__term term = a->terms.at[p->sum.first + p->term];
  for (p->at = 0; p->at < term.count && *count < most; p->at++) {
    uint32_t bracket = a->atoms.at[a->letters.at[term.first + p->at] >> 1].def;
    if (bracket == GM__NO_DEF || bracket == def) continue;
    p->inner = gm__state_sum(a, state, bracket);
    if (!may_multiply_out(a, p)) continue;
    found[*count].count = 1;
    GM_TRY(multiply_out(a, p, def, &found[(*count)++].at[0]));
  }
  return GM_OK;
}

/** The next place of a bracket in a sum, or none. */
static bool find_place(const gm__algebra *a, uint32_t bracket, place *p) {
  for (p->term = 0; p->term < p->sum.count; p->term++) {
    const gm__term *term = &a->terms.at[p->sum.first + p->term];
    for (p->at = 0; p->at < term->count; p->at++) {
      if (a->atoms.at[a->letters.at[term->first + p->at] >> 1].def == bracket && may_multiply_out(a, p))
        return true;
    }
  }
  return false;
}

/** All places of a bracket in a definition, one after the other; none left out. */
static gm_status multiply_out_all(
    gm__algebra *a, const gm__state *state, uint32_t bracket, uint32_t def, gm__move *move) {
  place p = {.sum = gm__state_sum(a, state, def), .inner = gm__state_sum(a, state, bracket)};
  bool some = false;
  gm__choice choice;
  for (int i = 0; i < MOST_PLACES && find_place(a, bracket, &p); i++, some = true) {
    GM_TRY(multiply_out(a, &p, def, &choice));
    p.sum = a->variants.at[choice.sum];
  }
  if (!some) return GM_OK;
  if (move->count < GM__MOST_TOGETHER) move->at[move->count] = choice;
  move->count++;
  return GM_OK;
}

/** A bracket that several definitions read costs less only when all of them do without it. */
static gm_status moves_of_bracket(gm__algebra *a, const gm__state *state, const uint32_t *list, size_t defs,
    uint32_t bracket, gm__move *found, size_t *count) {
  gm__move *move = &found[*count];
  move->count = 0;
  for (size_t i = 0; i < defs && move->count <= GM__MOST_TOGETHER; i++) {
    if (list[i] != bracket) GM_TRY(multiply_out_all(a, state, bracket, list[i], move));
  }
  *count += move->count > 0 && move->count <= GM__MOST_TOGETHER;
  return GM_OK;
}

gm_status gm__sums_moves(gm__algebra *a, const gm__group *group, const gm__state *state, gm__move *found,
    size_t most, size_t *count) {
  size_t defs;
  const uint32_t *list = gm__state_reach(a, group, state, &defs);
  if (!list) return gm__no_memory(a->error);
  *count = 0;
  for (size_t i = 0; i < defs && *count < most; i++) {
    if (!a->defs.at[list[i]].root) GM_TRY(moves_of_bracket(a, state, list, defs, list[i], found, count));
  }
  for (size_t i = 0; i < defs; i++) {
    family left = {.sum = gm__state_sum(a, state, list[i])}, right = {.sum = left.sum, .right = true};
    place p = {.sum = left.sum};
    GM_TRY(moves_of_end(a, list[i], &left, found, most, count));
    GM_TRY(moves_of_end(a, list[i], &right, found, most, count));
    for (p.term = 0; p.term < p.sum.count; p.term++)
      GM_TRY(moves_of_term(a, state, list[i], &p, found, most, count));
  }
  return GM_OK;
}

const gm__pass gm__pass_sums = {.name = "sums",
    .law = "A·B + A·C = A·(B + C), and back; coefficients go into products",
    .may_round = true};
