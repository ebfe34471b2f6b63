/* SPDX-License-Identifier: MIT
 *
 * Which symbols will the feeds give? The same walk as solving, without numbers: a dim has no unsolved symbol,
 * one linearly, or it is of no use yet. */
#include "shape/dim_table.h"

/* What a dim is in its unsolved symbols. */
typedef enum degree { NOTHING, LINEAR, MORE } degree;
typedef struct shape_of {
  degree degree;
  uint32_t root;
} shape_of;
typedef struct closure {
  const gm__dims *dims;
  const bool *solved;
  int64_t work;
  int depth;
} closure;

static shape_of of_word(closure *c, gm__dim word);

static shape_of of_symbol(closure *c, uint32_t symbol) {
  uint32_t root = gm__symbol_root(c->dims, symbol);
  gm__dim value = gm__symbol_at(c->dims, root)->value;
  if (value != GM__DIM_UNSET) return of_word(c, value);
  return (shape_of){c->solved[root] ? NOTHING : LINEAR, root};
}

static shape_of of_atom(closure *c, const gm__atom *atom) {
  if (atom->kind == GM__ATOM_SYMBOL) return of_symbol(c, (uint32_t)atom->a);
  bool known = of_word(c, atom->a).degree == NOTHING && of_word(c, atom->b).degree == NOTHING;
  return (shape_of){known ? NOTHING : MORE, 0};
}

static shape_of of_mono(closure *c, const gm__mono *mono) {
  shape_of product = {NOTHING, 0};
  for (uint32_t i = 0; i < mono->count; i++) {
    const gm__factor *factor = gm__factor_at(c->dims, mono->first + i);
    shape_of part = of_atom(c, gm__atom_at(c->dims, factor->atom));
    if (part.degree == NOTHING) continue;
    if (product.degree != NOTHING || factor->power > 1)
      product.degree = MORE;
    else
      product = part;
  }
  return product;
}

static shape_of of_terms(closure *c, const gm__expr *expr) {
  shape_of sum = {NOTHING, 0};
  for (uint32_t i = 0; i < expr->count; i++) {
    shape_of part = of_mono(c, gm__mono_at(c->dims, gm__term_at(c->dims, expr->first + i)->mono));
    if (part.degree == NOTHING) continue;
    if (sum.degree == NOTHING)
      sum = part;
    else if (sum.degree != LINEAR || part.degree != LINEAR || sum.root != part.root)
      sum.degree = MORE;
  }
  return sum;
}

static shape_of of_word(closure *c, gm__dim word) {
  if (gm__dim_known(word)) return (shape_of){NOTHING, 0};
  const gm__expr *expr = gm__expr_at(c->dims, gm__dim_expr(word));
  if (expr->epoch == c->dims->epoch && expr->now != word) return of_word(c, expr->now);
  c->work -= expr->count;
  if (c->work < 0 || c->depth >= GM__DIM_RECURSION) return (shape_of){MORE, 0};
  c->depth++;
  shape_of shape = of_terms(c, expr);
  c->depth--;
  return shape;
}

static shape_of examine(const gm__dims *dims, const bool *solved, gm__dim word) {
  closure c = {dims, solved, GM__DIM_WORK, 0};
  return gm__dim_valid(dims, word) ? of_word(&c, word) : (shape_of){NOTHING, 0};
}

static bool solves(const gm__dims *dims, bool *solved, gm__dim word) {
  shape_of shape = examine(dims, solved, word);
  if (shape.degree != LINEAR) return false;
  solved[shape.root] = true;
  return true;
}

bool *gm__dims_solved(const gm__dims *dims, const gm__dim *given, size_t count) {
  bool *solved = gm__alloc_zero(dims->symbols.count + 1, sizeof *solved);
  for (bool progress = solved != NULL; progress;) {
    progress = false;
    for (size_t i = 0; i < count; i++) progress = solves(dims, solved, given[i]) || progress;
    for (size_t i = count; progress && i-- > 0;) solves(dims, solved, given[i]);
  }
  return solved;
}

typedef struct search {
  const gm__dims *dims;
  const bool *solved;
  uint32_t found;
  int work;
} search;

static bool unsolved(void *context, uint32_t symbol) {
  search *s = context;
  uint32_t root = gm__symbol_root(s->dims, symbol);
  gm__dim value = gm__symbol_at(s->dims, root)->value;
  if (s->solved[root] || s->work-- <= 0) return false;
  if (value != GM__DIM_UNSET) return gm__dim_walk(s->dims, value, unsolved, s);
  s->found = gm__symbol_at(s->dims, root)->leader;
  return true;
}

bool gm__dim_solvable(const gm__dims *dims, const bool *solved, gm__dim wanted, const char **symbol) {
  *symbol = NULL;
  if (gm__dim_known(wanted) || !gm__dim_valid(dims, wanted)) return true;
  if (examine(dims, solved, wanted).degree == NOTHING) return true;
  search s = {dims, solved, GM__NONE, GM__DIM_TERMS};
  *symbol = gm__dim_walk(dims, wanted, unsolved, &s) ? gm__say_symbol(dims, s.found) : "?";
  return false;
}
