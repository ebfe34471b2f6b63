/* SPDX-License-Identifier: MIT
 *
 * Unification: what an equation a == b between dims says about their symbols. The difference is a polynomial
 * that must be 0: sums of nonnegative parts that are 0 are 0 each, a power of one symbol gives the symbol,
 * and a symbol that stands once, alone and with a coefficient that divides the others, becomes the rest. */
#include "shape/dim_table.h"

typedef struct equation {
  gm__dims *dims;
  gm__poly poly;
  const gm__source *source;
  gm_error *error;
} equation;

/* The symbol of a monomial that is a power of one; GM__NONE. */
static uint32_t power_symbol(const gm__dims *dims, uint64_t index) {
  const gm__mono *mono = gm__mono_at(dims, index);
  if (mono->count != 1) return GM__NONE;
  const gm__atom *atom = gm__atom_at(dims, gm__factor_at(dims, mono->first)->atom);
  return atom->kind == GM__ATOM_SYMBOL ? (uint32_t)atom->a : GM__NONE;
}

static bool all_zero(const equation *e) {
  if (gm__poly_constant(&e->poly) != 0) return false;
  for (size_t i = 0; i < e->poly.count; i++) {
    if ((e->poly.terms[i].coefficient < 0) != (e->poly.terms[0].coefficient < 0)) return false;
    if (gm__mono_interval(e->dims, e->poly.terms[i].mono).low < 0) return false;
  }
  return true;
}

static bool is_free(const gm__dims *dims, uint32_t symbol) {
  return gm__symbol_at(dims, gm__symbol_root(dims, symbol))->value == GM__DIM_UNSET;
}

/* 2*n + m*m = 0: n = 0 and m = 0. A product that is 0 stays open. */
static gm_status learn_zeros(equation *e, gm__verdict *out) {
  *out = GM__HOLDS;
  for (size_t i = 0; i < e->poly.count; i++) {
    uint32_t symbol = power_symbol(e->dims, e->poly.terms[i].mono);
    if (symbol == GM__NONE)
      *out = GM__OPEN;
    else if (is_free(e->dims, symbol))
      GM_TRY(gm__learn(e->dims, symbol, 0, e->source, e->error));
  }
  return GM_OK;
}

/* c*n^k = v, which was not refuted: n is the root. */
static gm_status learn_root(equation *e, gm__verdict *out) {
  const gm__term *term = &e->poly.terms[0];
  uint32_t symbol = power_symbol(e->dims, term->mono), degree = gm__mono_at(e->dims, term->mono)->degree;
  int64_t root = gm__root(-(gm__poly_constant(&e->poly) / term->coefficient), degree);
  *out = root < 0 ? GM__REFUTED : GM__HOLDS;
  return root < 0 ? GM_OK : gm__learn(e->dims, symbol, root, e->source, e->error);
}

typedef struct finder {
  uint32_t symbol;
  int count;
} finder;

static bool count_symbol(void *context, uint32_t symbol) {
  finder *f = context;
  f->count += symbol == f->symbol;
  return f->count > 1;
}

static bool in_mono(const gm__dims *dims, uint64_t index, finder *f) {
  const gm__mono *mono = gm__mono_at(dims, index);
  for (uint32_t i = 0; i < mono->count; i++) {
    const gm__atom *atom = gm__atom_at(dims, gm__factor_at(dims, mono->first + i)->atom);
    bool symbol = atom->kind == GM__ATOM_SYMBOL;
    if (symbol && count_symbol(f, (uint32_t)atom->a)) return true;
    if (!symbol &&
        (gm__dim_walk(dims, atom->a, count_symbol, f) || gm__dim_walk(dims, atom->b, count_symbol, f)))
      return true;
  }
  return false;
}

static bool stands_once(const equation *e, uint32_t symbol) {
  finder f = {symbol, 0};
  for (size_t i = 0; i < e->poly.count; i++)
    if (in_mono(e->dims, e->poly.terms[i].mono, &f)) return false;
  return true;
}

/* Terms of each sign: the rest is certainly >= 0 where the symbol's is the only one of its sign. */
typedef struct signs {
  size_t positive, negative;
} signs;

static signs count_signs(const gm__poly *poly) {
  signs s = {0, 0};
  for (size_t i = 0; i < poly->count; i++) {
    s.positive += poly->terms[i].coefficient > 0;
    s.negative += poly->terms[i].coefficient < 0;
  }
  return s;
}

/* Anonymous before named, then one whose rest is >= 0, then the latest declared. */
static bool better(const equation *e, signs s, size_t i, size_t best) {
  const gm__term *x = &e->poly.terms[i], *y = &e->poly.terms[best];
  const gm__symbol *a = gm__symbol_at(e->dims, power_symbol(e->dims, x->mono));
  const gm__symbol *b = gm__symbol_at(e->dims, power_symbol(e->dims, y->mono));
  bool sole_a = (x->coefficient > 0 ? s.positive : s.negative) == 1;
  bool sole_b = (y->coefficient > 0 ? s.positive : s.negative) == 1;
  if ((a->name == NULL) != (b->name == NULL)) return a->name == NULL;
  if (sole_a != sole_b) return sole_a;
  return a->order > b->order;
}

/* The term whose symbol is replaced; poly.count where there is none. */
static size_t choose(const equation *e) {
  int64_t content = gm__poly_content(&e->poly);
  size_t best = e->poly.count;
  signs s = count_signs(&e->poly);
  for (size_t i = e->poly.count; i-- > 0;) {
    const gm__term *term = &e->poly.terms[i];
    uint32_t symbol = power_symbol(e->dims, term->mono);
    bool unit = term->coefficient == content || term->coefficient == -content;
    if (symbol == GM__NONE || gm__mono_at(e->dims, term->mono)->degree != 1 || !unit) continue;
    if ((best == e->poly.count || better(e, s, i, best)) && stands_once(e, symbol)) best = i;
  }
  return best;
}

/* The rest of the equation, over the coefficient of the term taken out. */
static gm_status rest_word(equation *e, size_t taken, gm__dim *out) {
  int64_t by = -e->poly.terms[taken].coefficient;
  size_t kept = 0;
  for (size_t i = 0; i < e->poly.count; i++) {
    gm__term term = e->poly.terms[i];
    if (i != taken) e->poly.terms[kept++] = (gm__term){term.coefficient / by, term.mono};
  }
  e->poly.count = kept;
  return gm__poly_word(e->dims, &e->poly, out, e->error);
}

static gm_status replace(equation *e, size_t taken, gm__verdict *out) {
  uint32_t symbol = power_symbol(e->dims, e->poly.terms[taken].mono);
  gm__dim rest = 0;
  GM_TRY(rest_word(e, taken, &rest));
  bool expression = gm__word_symbol(e->dims, rest) == GM__NONE;
  uint32_t level = gm__symbol_at(e->dims, gm__symbol_root(e->dims, symbol))->level;
  *out = GM__OPEN;
  if (expression && level + 1 > GM__DIM_LEVELS) return GM_OK;
  *out = GM__HOLDS;
  gm__interval interval = gm__word_interval(e->dims, rest);
  gm__constraint positive = {GM__AT_LEAST, rest, 0, *e->source};
  if (interval.low < 0) GM_TRY(gm__constrain(e->dims, &positive, e->error));
  return gm__learn(e->dims, symbol, rest, e->source, e->error);
}

static gm_status analyse(equation *e, gm__verdict *out) {
  *out = GM__HOLDS;
  if (e->poly.count == 0) return GM_OK;
  *out = GM__REFUTED;
  if (gm__refuted(e->dims, &e->poly)) return GM_OK;
  if (all_zero(e)) return learn_zeros(e, out);
  if (gm__poly_open(&e->poly) == 1 && power_symbol(e->dims, e->poly.terms[0].mono) != GM__NONE)
    return learn_root(e, out);
  size_t taken = choose(e);
  *out = GM__OPEN;
  return taken < e->poly.count ? replace(e, taken, out) : GM_OK;
}

gm_status gm__unify(
    gm__dims *dims, gm__dim a, gm__dim b, const gm__source *source, gm__verdict *out, gm_error *error) {
  equation e = {dims, {NULL, 0, 0}, source, error};
  gm__dim now_a = 0, now_b = 0;
  GM_TRY(gm__dim_move(dims, dims, a, &now_a, error));
  GM_TRY(gm__dim_move(dims, dims, b, &now_b, error));
  *out = GM__HOLDS;
  if (now_a == now_b) return GM_OK;
  gm_status status = gm__poly_load(dims, now_a, &e.poly, error);
  if (status == GM_OK) status = gm__poly_add_word(dims, &e.poly, -1, now_b, error);
  if (status == GM_OK) status = analyse(&e, out);
  gm__poly_free(&e.poly);
  return status;
}
