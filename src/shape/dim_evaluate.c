/* SPDX-License-Identifier: MIT
 *
 * Values of dims by numbers. One walk serves evaluating and solving: it gives the value as a number plus
 * multiples of the few symbols that have none yet (a linear form), or says that it is something else. It
 * allocates nothing; work and recursion are bounded, since bindings may lead from dim to dim. */
#include "shape/dim_table.h"

typedef struct walk {
  const gm__dims *dims;
  const gm__values *values;
  gm_error *error;
  int depth;
  int64_t work;
} walk;

static const gm__form zero = {0, {0}, {0}, 0, false};

int64_t gm__values_at(const gm__values *values, uint32_t root) {
  return values != NULL && root < values->capacity ? values->value[root] : -1;
}

static gm_status overflow(const walk *w) {
  GM_FAIL(w->error, GM_LIMIT, "a dimension exceeds 64 bits");
}

static void drop_zeros(gm__form *form) {
  int kept = 0;
  for (int i = 0; i < form->count; i++) {
    if (form->factor[i] == 0) continue;
    form->factor[kept] = form->factor[i];
    form->symbol[kept++] = form->symbol[i];
  }
  form->count = kept;
}

static gm_status add_symbol(const walk *w, gm__form *sum, uint32_t symbol, int64_t factor) {
  int i = 0;
  while (i < sum->count && sum->symbol[i] != symbol) i++;
  if (i == GM__FORM_SYMBOLS) {
    sum->other = true;
    return GM_OK;
  }
  if (i == sum->count) sum->factor[sum->count++] = 0;
  sum->symbol[i] = symbol;
  return gm__add_ok(sum->factor[i], factor, &sum->factor[i]) ? GM_OK : overflow(w);
}

/* sum += by * form. */
static gm_status add_form(const walk *w, gm__form *sum, int64_t by, const gm__form *form) {
  int64_t part = 0;
  if (!gm__mul_ok(form->constant, by, &part) || !gm__add_ok(sum->constant, part, &sum->constant))
    return overflow(w);
  for (int i = 0; i < form->count; i++) {
    if (!gm__mul_ok(form->factor[i], by, &part)) return overflow(w);
    GM_TRY(add_symbol(w, sum, form->symbol[i], part));
  }
  sum->other = sum->other || form->other;
  drop_zeros(sum);
  return GM_OK;
}

static gm_status multiply(const walk *w, gm__form *product, const gm__form *form) {
  bool left = gm__form_known(product), right = gm__form_known(form);
  gm__form sum = zero, old = *product;
  if ((left && old.constant == 0) || (right && form->constant == 0))
    *product = zero;
  else if (!left && !right)
    product->other = true;
  else {
    GM_TRY(add_form(w, &sum, left ? old.constant : form->constant, left ? form : &old));
    *product = sum;
  }
  return GM_OK;
}

static gm_status form_word(walk *w, gm__dim word, gm__form *out);

static gm_status form_symbol(walk *w, uint32_t symbol, gm__form *out) {
  uint32_t index = gm__symbol_root(w->dims, symbol);
  const gm__symbol *root = gm__symbol_at(w->dims, index);
  int64_t value = gm__values_at(w->values, index);
  *out = zero;
  if (value < 0 && root->value != GM__DIM_UNSET) return form_word(w, root->value, out);
  if (value >= 0)
    out->constant = value;
  else
    return add_symbol(w, out, index, 1);
  return GM_OK;
}

static gm_status broadcast(const walk *w, int64_t a, int64_t b, int64_t *out) {
  *out = a == 1 ? b : a;
  if (a == b || a == 1 || b == 1) return GM_OK;
  GM_FAIL(w->error, GM_BAD_SHAPE, "Dimensions must be equal or 1, but are %lld and %lld", (long long)a,
      (long long)b);
}

static gm_status apply(const walk *w, const gm__atom *atom, int64_t a, int64_t b, int64_t *out) {
  if (atom->kind == GM__ATOM_BROADCAST) return broadcast(w, a, b, out);
  *out = (a < b) == (atom->kind == GM__ATOM_MIN) ? a : b;
  if (atom->kind != GM__ATOM_DIV) return GM_OK;
  if (b == 0) GM_FAIL(w->error, GM_BAD_SHAPE, "a dimension is divided by 0");
  if (a == INT64_MIN) return overflow(w);
  *out = gm__floor_div(a, b);
  return GM_OK;
}

static gm_status form_atom(walk *w, const gm__atom *atom, gm__form *out) {
  gm__form b;
  if (atom->kind == GM__ATOM_SYMBOL) return form_symbol(w, (uint32_t)atom->a, out);
  GM_TRY(form_word(w, atom->a, out));
  GM_TRY(form_word(w, atom->b, &b));
  if (gm__form_known(out) && gm__form_known(&b))
    return apply(w, atom, out->constant, b.constant, &out->constant);
  out->other = true;
  return GM_OK;
}

static gm_status form_mono(walk *w, const gm__mono *mono, gm__form *out) {
  gm__form base;
  *out = zero;
  out->constant = 1;
  for (uint32_t i = 0; i < mono->count; i++) {
    const gm__factor *factor = gm__factor_at(w->dims, mono->first + i);
    GM_TRY(form_atom(w, gm__atom_at(w->dims, factor->atom), &base));
    for (uint32_t k = 0; k < factor->power; k++) GM_TRY(multiply(w, out, &base));
  }
  return GM_OK;
}

static gm_status form_terms(walk *w, const gm__expr *expr, gm__form *out) {
  gm__form part;
  w->work -= expr->count;
  if (w->work < 0) GM_FAIL(w->error, GM_LIMIT, "a dimension takes more work than is allowed");
  for (uint32_t i = 0; i < expr->count; i++) {
    const gm__term *term = gm__term_at(w->dims, expr->first + i);
    GM_TRY(form_mono(w, gm__mono_at(w->dims, term->mono), &part));
    GM_TRY(add_form(w, out, term->coefficient, &part));
  }
  return GM_OK;
}

/* A dim that was resolved has its answer at hand. */
static gm__dim fresh(const gm__dims *dims, gm__dim word) {
  const gm__expr *expr = gm__expr_at(dims, gm__dim_expr(word));
  return expr->epoch == dims->epoch ? expr->now : word;
}

static gm_status form_word(walk *w, gm__dim word, gm__form *out) {
  *out = zero;
  if (!gm__dim_known(word)) word = fresh(w->dims, word);
  if (gm__dim_known(word)) {
    out->constant = word;
    return GM_OK;
  }
  if (w->depth >= GM__DIM_RECURSION)
    GM_FAIL(w->error, GM_LIMIT, "a dimension is known only through more than %d others", GM__DIM_RECURSION);
  w->depth++;
  gm_status status = form_terms(w, gm__expr_at(w->dims, gm__dim_expr(word)), out);
  w->depth--;
  return status;
}

gm_status gm__dim_form(
    const gm__dims *dims, const gm__values *values, gm__dim dim, gm__form *out, gm_error *error) {
  walk w = {dims, values, error, 0, GM__DIM_WORK};
  if (!gm__dim_valid(dims, dim))
    GM_FAIL(error, GM_BAD_ARGUMENT, "-1 stands for no length that can be computed with");
  return form_word(&w, dim, out);
}

typedef struct missing {
  const gm__dims *dims;
  const gm__values *values;
  uint32_t symbol;
  int work;
} missing;

static bool is_missing(void *context, uint32_t symbol) {
  missing *m = context;
  uint32_t index = gm__symbol_root(m->dims, symbol);
  const gm__symbol *root = gm__symbol_at(m->dims, index);
  if (gm__values_at(m->values, index) >= 0 || m->work-- <= 0) return false;
  m->symbol = root->leader;
  return root->value == GM__DIM_UNSET || gm__dim_walk(m->dims, root->value, is_missing, m);
}

uint32_t gm__dim_missing(const gm__dims *dims, const gm__values *values, gm__dim dim) {
  missing m = {dims, values, GM__NONE, GM__DIM_TERMS};
  return gm__dim_walk(dims, dim, is_missing, &m) ? m.symbol : GM__NONE;
}

static gm_status unbound(const gm__dims *dims, const gm__values *values, gm__dim dim, gm_error *error) {
  uint32_t symbol = gm__dim_missing(dims, values, dim);
  GM_FAIL(error, GM_UNBOUND, "the dim '%s' is not known",
      symbol == GM__NONE ? "?" : gm__say_symbol(dims, symbol));
}

gm_status gm__dim_evaluate(
    const gm__dims *dims, gm__dim dim, const gm__values *values, int64_t *out, gm_error *error) {
  gm__form form;
  GM_TRY(gm__dim_form(dims, values, dim, &form, error));
  if (!gm__form_known(&form)) return unbound(dims, values, dim, error);
  *out = form.constant;
  if (form.constant >= 0) return GM_OK;
  char buffer[512];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__text_add(&text, "the dim ");
  gm__say_dim(dims, dim, &text);
  gm__text_format(&text, " is %lld", (long long)form.constant);
  gm__text_end(&text);
  GM_FAIL(error, GM_BAD_SHAPE, "%s", buffer);
}
