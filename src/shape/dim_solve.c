/* SPDX-License-Identifier: MIT
 *
 * Solving at bind. Every fed length is an equation; again and again, forwards and backwards, each one in
 * which a single unsolved symbol is left, linearly, gives that symbol. Values given beforehand for symbols
 * that were learnt to be expressions are equations too. Then everything is checked: equations, values,
 * constraints. Nothing is allocated. */
#include "shape/dim_table.h"

typedef struct solver {
  const gm__dims *dims;
  gm__values *values;
  const gm__bound *bounds;
  size_t count;
  const gm__namer *namer;
  gm_error *error;
} solver;

typedef struct says {
  const solver *s;
  gm__text *text;
  uint32_t told[4];
  int count;
} says;

static bool say_value(void *context, uint32_t symbol) {
  says *t = context;
  const gm__dims *dims = t->s->dims;
  uint32_t root = gm__symbol_root(dims, symbol);
  int64_t value = gm__values_at(t->s->values, root);
  for (int i = 0; i < t->count; i++)
    if (t->told[i] == root) return false;
  if (value < 0)
    return gm__symbol_at(dims, root)->value != GM__DIM_UNSET &&
           gm__dim_walk(dims, gm__symbol_at(dims, root)->value, say_value, t);
  if (t->count == 4) return true;
  gm__text_format(t->text, "%s%s = %lld", t->count == 0 ? " with " : " and ",
      gm__say_symbol(dims, gm__symbol_at(dims, root)->leader), (long long)value);
  t->told[t->count++] = root;
  gm__place place = t->s->values->place[root];
  gm__text_add(t->text, place.node != 0 ? " from " : " as given");
  gm__say_place(place, t->s->namer, t->text);
  return false;
}

/* " with n = 3 from 'x' axis 0 and m = 4 as given". */
static void say_values(const solver *s, gm__dim dim, gm__text *text) {
  says t = {s, text, {0}, 0};
  gm__dim_walk(s->dims, dim, say_value, &t);
}

static gm_status say_end(const solver *s, gm__text *text, gm_status status, gm__place later) {
  gm__text_end(text);
  gm__fail(s->error, status, "%s", text->data);
  const char *name = NULL;
  if (s->namer != NULL && s->namer->name != NULL && later.node != 0)
    name = s->namer->name(s->namer->context, later.node);
  if (name != NULL) gm__error_node(s->error, name);
  return status;
}

/* The root of the one symbol that the dim is by now, GM__NONE. */
static uint32_t lone_symbol(const gm__dims *dims, gm__dim dim) {
  uint32_t symbol = gm__word_symbol(dims, dim);
  if (symbol == GM__NONE) return GM__NONE;
  uint32_t root = gm__symbol_root(dims, symbol);
  return gm__symbol_at(dims, root)->value == GM__DIM_UNSET ? root : GM__NONE;
}

static void say_other(const solver *s, const gm__bound *bound, int64_t value, gm__text *text) {
  uint32_t root = lone_symbol(s->dims, bound->dim);
  gm__say_dim(s->dims, bound->dim, text);
  gm__text_format(text, " = %lld", (long long)value);
  gm__place place = root == GM__NONE ? bound->place : s->values->place[root];
  if (root == GM__NONE)
    say_values(s, bound->dim, text);
  else {
    gm__text_add(text, place.node != 0 ? " from " : " as given");
    gm__say_place(place, s->namer, text);
  }
  gm__text_format(text, ", but %lld from ", (long long)bound->length);
  gm__say_place(bound->place, s->namer, text);
}

/* The axis on the other side: where the dim's one symbol comes from. */
static int other_axis(const solver *s, gm__dim dim) {
  uint32_t root = lone_symbol(s->dims, dim);
  return root == GM__NONE || s->values->place[root].node == 0 ? -1 : s->values->place[root].axis;
}

static gm_status mismatch(const solver *s, const gm__bound *bound, int64_t value) {
  char buffer[512];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  int64_t known = gm__dim_value(s->dims, bound->dim);
  if (known < 0)
    say_other(s, bound, value, &text);
  else {
    gm__say_place(bound->place, s->namer, &text);
    gm__text_format(&text, " must be %lld, but is %lld", (long long)known, (long long)bound->length);
  }
  gm__say_learnt(s->dims, bound->dim, s->namer, &text);
  say_end(s, &text, GM_BAD_SHAPE, bound->place);
  gm__error_axes(s->error, other_axis(s, bound->dim), value, bound->place.axis, bound->length);
  return GM_BAD_SHAPE;
}

static gm_status no_solution(const solver *s, const gm__bound *bound, uint32_t root) {
  char buffer[512];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__say_place(bound->place, s->namer, &text);
  gm__text_add(&text, " is ");
  gm__say_dim(s->dims, bound->dim, &text);
  gm__text_format(&text, ", which no %s >= 0 makes %lld",
      gm__say_symbol(s->dims, gm__symbol_at(s->dims, root)->leader), (long long)bound->length);
  say_values(s, bound->dim, &text);
  gm__say_learnt(s->dims, bound->dim, s->namer, &text);
  say_end(s, &text, GM_BAD_SHAPE, bound->place);
  gm__error_axes(s->error, -1, -1, bound->place.axis, bound->length);
  return GM_BAD_SHAPE;
}

static gm_status unsolved(const solver *s, const gm__bound *bound) {
  char buffer[512];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  uint32_t symbol = gm__dim_missing(s->dims, s->values, bound->dim);
  gm__say_place(bound->place, s->namer, &text);
  gm__text_format(&text, " is %lld and ", (long long)bound->length);
  gm__say_dim(s->dims, bound->dim, &text);
  gm__text_format(
      &text, ", which does not give '%s'", symbol == GM__NONE ? "?" : gm__say_symbol(s->dims, symbol));
  return say_end(s, &text, GM_UNBOUND, bound->place);
}

static gm_status solve_bound(solver *s, const gm__bound *bound, bool *progress) {
  gm__form form;
  int64_t rest = 0;
  GM_TRY(gm__dim_form(s->dims, s->values, bound->dim, &form, s->error));
  if (form.other || form.count != 1) return GM_OK;
  uint32_t root = form.symbol[0];
  if (!gm__sub_ok(bound->length, form.constant, &rest) || rest % form.factor[0] != 0 ||
      rest / form.factor[0] < 0)
    return no_solution(s, bound, root);
  if (root >= s->values->capacity)
    GM_FAIL(s->error, GM_BAD_ARGUMENT, "values were reserved for %zu dims only", s->values->capacity);
  s->values->value[root] = rest / form.factor[0];
  s->values->place[root] = bound->place;
  *progress = true;
  return GM_OK;
}

/* A value given for a class that was learnt to be an expression, as an equation; false where there is none.
 */
static bool given(const solver *s, size_t symbol, gm__bound *out) {
  const gm__symbol *root = gm__symbol_at(s->dims, symbol);
  int64_t value = gm__values_at(s->values, (uint32_t)symbol);
  if (root->parent != symbol || root->value == GM__DIM_UNSET || value < 0) return false;
  *out = (gm__bound){root->value, value, s->values->place[symbol]};
  return true;
}

static gm_status solve_given(solver *s, bool *progress) {
  for (size_t i = 0; i < s->dims->symbols.count; i++) {
    gm__bound bound;
    if (given(s, i, &bound)) GM_TRY(solve_bound(s, &bound, progress));
  }
  return GM_OK;
}

static gm_status solve_all(solver *s) {
  for (bool progress = true; progress;) {
    progress = false;
    GM_TRY(solve_given(s, &progress));
    for (size_t i = 0; i < s->count; i++) GM_TRY(solve_bound(s, &s->bounds[i], &progress));
    for (size_t i = s->count; progress && i-- > 0;) GM_TRY(solve_bound(s, &s->bounds[i], &progress));
  }
  return GM_OK;
}

static gm_status check_bound(const solver *s, const gm__bound *bound) {
  gm__form form;
  GM_TRY(gm__dim_form(s->dims, s->values, bound->dim, &form, s->error));
  if (!gm__form_known(&form)) return unsolved(s, bound);
  return form.constant == bound->length ? GM_OK : mismatch(s, bound, form.constant);
}

/* Classes that were learnt to be expressions get their values, so that evaluating needs no detour. */
static void complete(solver *s) {
  for (size_t i = 0; i < s->dims->symbols.count && i < s->values->capacity; i++) {
    const gm__symbol *root = gm__symbol_at(s->dims, i);
    gm__form form;
    if (root->parent != i || root->value == GM__DIM_UNSET || s->values->value[i] >= 0) continue;
    if (gm__dim_form(s->dims, s->values, root->value, &form, NULL) != GM_OK) continue;
    if (gm__form_known(&form) && form.constant >= 0) s->values->value[i] = form.constant;
  }
}

static bool satisfied(gm__demand kind, int64_t a, int64_t b) {
  if (kind == GM__EQUAL) return a == b;
  if (kind == GM__COMPATIBLE) return a == b || a == 1 || b == 1;
  if (kind == GM__AT_LEAST) return a >= b;
  return b == 0 ? a == 0 : b == -1 || a % b == 0;
}

static gm_status violated(const solver *s, const gm__constraint *constraint, int64_t a, int64_t b) {
  char buffer[512];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  const char *const *words = gm__demand_words(constraint->kind);
  gm__text_format(&text, "%s%lld%s%lld: ", words[0], (long long)a, words[1], (long long)b);
  gm__say_constraint(s->dims, constraint, &text);
  gm__say_source(&constraint->source, ", demanded of ", true, s->namer, &text);
  says told = {s, &text, {0}, 0};
  gm__dim_walk(s->dims, constraint->a, say_value, &told);
  gm__dim_walk(s->dims, constraint->b, say_value, &told);
  gm__place later = constraint->source.at_b.node != 0 ? constraint->source.at_b : constraint->source.at_a;
  say_end(s, &text, GM_BAD_SHAPE, later);
  gm__error_axes(s->error, constraint->source.at_a.axis, a, constraint->source.at_b.axis, b);
  return GM_BAD_SHAPE;
}

static gm_status check_constraint(const solver *s, const gm__constraint *constraint) {
  gm__form a, b;
  GM_TRY(gm__dim_form(s->dims, s->values, constraint->a, &a, s->error));
  GM_TRY(gm__dim_form(s->dims, s->values, constraint->b, &b, s->error));
  if (!gm__form_known(&a) || !gm__form_known(&b)) return GM_OK;
  if (satisfied(constraint->kind, a.constant, b.constant)) return GM_OK;
  return violated(s, constraint, a.constant, b.constant);
}

static gm_status check_given(const solver *s) {
  for (size_t i = 0; i < s->dims->symbols.count; i++) {
    gm__bound bound;
    if (given(s, i, &bound)) GM_TRY(check_bound(s, &bound));
  }
  return GM_OK;
}

gm_status gm__dims_solve(const gm__dims *dims, gm__values *values, const gm__bound *bounds, size_t count,
    const gm__namer *namer, gm_error *error) {
  solver s = {dims, values, bounds, count, namer, error};
  GM_TRY(solve_all(&s));
  GM_TRY(check_given(&s));
  for (size_t i = 0; i < count; i++) GM_TRY(check_bound(&s, &bounds[i]));
  complete(&s);
  for (size_t i = 0; i < dims->constraints.count; i++)
    GM_TRY(check_constraint(&s, gm__constraint_at(dims, i)));
  return GM_OK;
}
