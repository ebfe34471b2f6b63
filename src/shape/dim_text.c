/* SPDX-License-Identifier: MIT
 *
 * Dims and shapes as text that reads back: "2*n + 1", "(n + 3)//2", "max(0, min(n, 4) - 1)". What was learnt
 * is replaced; where the table has not kept the answer, it is worked out in a small table of its own. */
#include "shape/dim_table.h"

static void write_atom(const gm__dims *dims, const gm__atom *atom, gm__text *text) {
  static const char *const names[] = {"", "", "min(", "max(", "broadcast("};
  if (atom->kind == GM__ATOM_SYMBOL) {
    gm__text_add(text, gm__say_symbol(dims, (uint32_t)atom->a));
    return;
  }
  gm__text_add(text, names[atom->kind]);
  gm__dim_written(dims, atom->a, text);
  gm__text_add(text, ", ");
  gm__dim_written(dims, atom->b, text);
  gm__text_char(text, ')');
}

static void write_in_parentheses(const gm__dims *dims, gm__dim word, bool bare, gm__text *text) {
  if (!bare) gm__text_char(text, '(');
  gm__dim_written(dims, word, text);
  if (!bare) gm__text_char(text, ')');
}

/* May it stand left of a "//" as it is: one product of symbols, functions and a positive number? */
static bool bare_numerator(const gm__dims *dims, gm__dim word) {
  if (gm__dim_known(word)) return true;
  const gm__expr *expr = gm__expr_at(dims, gm__dim_expr(word));
  const gm__term *term = gm__term_at(dims, expr->first);
  const gm__atom *atom = gm__word_atom(dims, word);
  return expr->count == 1 && term->coefficient > 0 && (atom == NULL || atom->kind != GM__ATOM_DIV);
}

static bool bare_denominator(const gm__dims *dims, gm__dim word) {
  const gm__atom *atom = gm__word_atom(dims, word);
  return gm__dim_known(word) || (atom != NULL && atom->kind != GM__ATOM_DIV);
}

static void write_division(const gm__dims *dims, const gm__atom *atom, gm__text *text) {
  write_in_parentheses(dims, atom->a, bare_numerator(dims, atom->a), text);
  gm__text_add(text, "//");
  write_in_parentheses(dims, atom->b, bare_denominator(dims, atom->b), text);
}

static void write_factor(const gm__dims *dims, const gm__factor *factor, bool alone, gm__text *text) {
  const gm__atom *atom = gm__atom_at(dims, factor->atom);
  for (uint32_t i = 0; i < factor->power; i++) {
    if (i > 0) gm__text_char(text, '*');
    if (atom->kind != GM__ATOM_DIV) {
      write_atom(dims, atom, text);
      continue;
    }
    if (!alone) gm__text_char(text, '(');
    write_division(dims, atom, text);
    if (!alone) gm__text_char(text, ')');
  }
}

static void write_term(const gm__dims *dims, const gm__term *term, bool first, gm__text *text) {
  const gm__mono *mono = gm__mono_at(dims, term->mono);
  bool negative = term->coefficient < 0;
  int64_t size = negative ? -term->coefficient : term->coefficient;
  bool alone = mono->degree == 1 && size == 1 && (!first || !negative);
  gm__text_add(text, first ? (negative ? "-" : "") : negative ? " - " : " + ");
  if (size != 1 || mono->count == 0) gm__text_int(text, size);
  for (uint32_t i = 0; i < mono->count; i++) {
    if (i > 0 || size != 1) gm__text_char(text, '*');
    write_factor(dims, gm__factor_at(dims, mono->first + i), alone, text);
  }
}

void gm__dim_written(const gm__dims *dims, gm__dim dim, gm__text *text) {
  if (gm__dim_known(dim) || !gm__dim_valid(dims, dim)) {
    gm__text_int(text, gm__dim_known(dim) ? dim : -1);
    return;
  }
  const gm__expr *expr = gm__expr_at(dims, gm__dim_expr(dim));
  for (uint32_t i = 0; i < expr->count; i++)
    write_term(dims, gm__term_at(dims, expr->first + i), i == 0, text);
}

static void write_apart(const gm__dims *dims, gm__dim dim, gm__text *text) {
  gm__dim now = dim;
  gm__dims *scratch = gm__dims_new(NULL);
  if (scratch != NULL) scratch->work = GM__DIM_WORK;
  if (scratch != NULL && gm__dim_move(dims, scratch, dim, &now, NULL) == GM_OK)
    gm__dim_written(scratch, now, text);
  else
    gm__dim_written(dims, dim, text);
  gm__dims_free(scratch);
}

void gm__dim_text(const gm__dims *dims, gm__dim dim, gm__text *text) {
  if (!gm__dim_valid(dims, dim) || gm__dim_known(dim)) {
    gm__dim_written(dims, dim, text);
    return;
  }
  const gm__expr *expr = gm__expr_at(dims, gm__dim_expr(dim));
  if (expr->epoch == dims->epoch)
    gm__dim_written(dims, expr->now, text);
  else if (gm__dim_settled(dims, dim))
    gm__dim_written(dims, dim, text);
  else
    write_apart(dims, dim, text);
}

void gm__shape_text(const gm__dims *dims, gm__shape shape, gm__text *text) {
  gm__text_char(text, '(');
  for (int i = 0; i < shape.rank; i++) {
    if (i > 0) gm__text_add(text, ", ");
    gm__dim_text(dims, shape.dims[i], text);
  }
  gm__text_add(text, shape.rank == 1 ? ",)" : ")");
}
