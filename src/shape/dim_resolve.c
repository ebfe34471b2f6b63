/* SPDX-License-Identifier: MIT
 *
 * Resolving: replacing the symbols of a dim by what was learnt about them. In the table itself the answer is
 * kept for the epoch, which ends when something is learnt or undone. A table that may only be read answers
 * from what was kept, and otherwise works the answer out in a small table of its own. */
#include "shape/dim_table.h"

typedef struct mover {
  const gm__dims *from;
  gm__dims *to;
  gm_error *error;
  int depth;
} mover;

uint32_t gm__symbol_root(const gm__dims *dims, uint32_t symbol) {
  while (gm__symbol_at(dims, symbol)->parent != symbol) symbol = gm__symbol_at(dims, symbol)->parent;
  return symbol;
}

static bool walk_atom(const gm__dims *dims, const gm__atom *atom,
    bool (*visit)(void *context, uint32_t symbol), void *context) {
  if (atom->kind == GM__ATOM_SYMBOL) return visit(context, (uint32_t)atom->a);
  return gm__dim_walk(dims, atom->a, visit, context) || gm__dim_walk(dims, atom->b, visit, context);
}

bool gm__dim_walk(
    const gm__dims *dims, gm__dim word, bool (*visit)(void *context, uint32_t symbol), void *context) {
  if (gm__dim_known(word)) return false;
  const gm__expr *expr = gm__expr_at(dims, gm__dim_expr(word));
  for (uint32_t i = 0; i < expr->count; i++) {
    const gm__mono *mono = gm__mono_at(dims, gm__term_at(dims, expr->first + i)->mono);
    for (uint32_t k = 0; k < mono->count; k++)
      if (walk_atom(dims, gm__atom_at(dims, gm__factor_at(dims, mono->first + k)->atom), visit, context))
        return true;
  }
  return false;
}

static bool replaced(void *context, uint32_t symbol) {
  const gm__dims *dims = context;
  const gm__symbol *root = gm__symbol_at(dims, gm__symbol_root(dims, symbol));
  return root->leader != symbol || root->value != GM__DIM_UNSET;
}

bool gm__dim_settled(const gm__dims *dims, gm__dim word) {
  return !gm__dim_walk(dims, word, replaced, (void *)(uintptr_t)dims);
}

static gm_status move_word(mover *m, gm__dim word, gm__dim *out);

/* The symbol in the other table: the one with the same place in the order of declaration. */
static gm_status import(mover *m, uint32_t symbol, gm__dim *out) {
  const gm__symbol *from = gm__symbol_at(m->from, symbol);
  *out = from->word;
  if (m->from == m->to) return GM_OK;
  for (size_t i = 0; i < m->to->symbols.count; i++) {
    const gm__symbol *to = gm__symbol_at(m->to, i);
    *out = to->word;
    if (to->order == from->order) return GM_OK;
  }
  size_t length = 0;
  while (from->name != NULL && from->name[length] != '\0') length++;
  return gm__symbol_make(m->to, from->name, length, from->order, out, m->error);
}

static gm_status move_atom(mover *m, uint32_t index, gm__dim *out) {
  gm__atom atom = *gm__atom_at(m->from, index);
  gm__dim a = 0, b = 0;
  if (atom.kind == GM__ATOM_SYMBOL) {
    const gm__symbol *root = gm__symbol_at(m->from, gm__symbol_root(m->from, (uint32_t)atom.a));
    return root->value == GM__DIM_UNSET ? import(m, root->leader, out) : move_word(m, root->value, out);
  }
  GM_TRY(move_word(m, atom.a, &a));
  GM_TRY(move_word(m, atom.b, &b));
  if (atom.kind == GM__ATOM_DIV) return gm__quotient(m->to, a, b, out, m->error);
  return gm__extreme(m->to, (gm__atom_kind)atom.kind, a, b, out, m->error);
}

static gm_status move_mono(mover *m, uint64_t index, gm__dim *out) {
  gm__mono mono = *gm__mono_at(m->from, index);
  *out = 1;
  for (uint32_t i = 0; i < mono.count; i++) {
    gm__factor factor = *gm__factor_at(m->from, mono.first + i);
    gm__dim base = 0;
    GM_TRY(move_atom(m, factor.atom, &base));
    for (uint32_t k = 0; k < factor.power; k++) GM_TRY(gm__times(m->to, *out, base, out, m->error));
  }
  return GM_OK;
}

static gm_status move_terms(mover *m, uint32_t index, gm__poly *sum) {
  gm__expr expr = *gm__expr_at(m->from, index);
  for (uint32_t i = 0; i < expr.count; i++) {
    gm__term term = *gm__term_at(m->from, expr.first + i);
    gm__dim product = 0;
    GM_TRY(move_mono(m, term.mono, &product));
    GM_TRY(gm__poly_add_word(m->to, sum, term.coefficient, product, m->error));
  }
  return GM_OK;
}

static gm_status move_expr(mover *m, uint32_t index, gm__dim *out) {
  gm__poly sum = {NULL, 0, 0};
  gm_status status = move_terms(m, index, &sum);
  if (status == GM_OK) status = gm__poly_word(m->to, &sum, out, m->error);
  gm__poly_free(&sum);
  return status;
}

static gm_status move_changed(mover *m, gm__dim word, gm__dim *out) {
  if (m->depth >= GM__DIM_RECURSION)
    GM_FAIL(m->error, GM_LIMIT, "a dimension is known only through more than %d others", GM__DIM_RECURSION);
  if (m->from == m->to && gm__dim_settled(m->from, word)) {
    *out = word;
    return GM_OK;
  }
  m->depth++;
  gm_status status = move_expr(m, gm__dim_expr(word), out);
  m->depth--;
  return status;
}

static gm_status move_word(mover *m, gm__dim word, gm__dim *out) {
  *out = word;
  if (gm__dim_known(word)) return GM_OK;
  const gm__expr *expr = gm__expr_at(m->from, gm__dim_expr(word));
  if (m->from == m->to && expr->epoch == m->from->epoch) {
    *out = expr->now;
    return GM_OK;
  }
  GM_TRY(move_changed(m, word, out));
  if (m->from != m->to) return GM_OK;
  gm__expr *kept = gm__expr_at(m->to, gm__dim_expr(word));
  kept->now = *out;
  kept->epoch = m->to->epoch;
  return GM_OK;
}

gm_status gm__dim_move(const gm__dims *from, gm__dims *to, gm__dim word, gm__dim *out, gm_error *error) {
  mover m = {from, to, error, 0};
  return move_word(&m, word, out);
}

gm_status gm__dim_resolve(gm__dims *dims, gm__dim dim, gm__dim *out, gm_error *error) {
  *out = dim;
  if (!gm__dim_valid(dims, dim)) return GM_OK;
  dims->work = GM__DIM_WORK;
  return gm__dim_move(dims, dims, dim, out, error);
}

bool gm__dim_same(gm__dims *dims, gm__dim a, gm__dim b) {
  gm__dim now_a = 0, now_b = 0;
  if (a == b) return true;
  if (gm__dim_resolve(dims, a, &now_a, NULL) != GM_OK) return false;
  return gm__dim_resolve(dims, b, &now_b, NULL) == GM_OK && now_a == now_b;
}

static int64_t value_apart(const gm__dims *dims, gm__dim dim) {
  gm__dim now = GM__DIM_UNSET;
  gm__dims *scratch = gm__dims_new(NULL);
  if (scratch == NULL) return -1;
  scratch->work = GM__DIM_WORK;
  bool known = gm__dim_move(dims, scratch, dim, &now, NULL) == GM_OK && gm__dim_known(now);
  gm__dims_free(scratch);
  return known ? now : -1;
}

int64_t gm__dim_value(const gm__dims *dims, gm__dim dim) {
  if (!gm__dim_valid(dims, dim)) return -1;
  if (gm__dim_known(dim)) return dim;
  const gm__expr *expr = gm__expr_at(dims, gm__dim_expr(dim));
  if (expr->epoch == dims->epoch) return gm__dim_known(expr->now) ? expr->now : -1;
  if (gm__dim_settled(dims, dim)) return -1;
  gm__form form;
  if (gm__dim_form(dims, NULL, dim, &form, NULL) != GM_OK) return -1;
  if (form.other) return value_apart(dims, dim);
  return form.count == 0 && form.constant >= 0 ? form.constant : -1;
}
