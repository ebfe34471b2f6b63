/* SPDX-License-Identifier: MIT
 *
 * Reading the graph into the normal form: sums into terms, products into letters, transposes down to the
 * letters ((XY)ᵗ is YᵗXᵗ), coefficients to the front. Trees are walked with a stack of their own, so that
 * depth costs nothing. */
#include <string.h>
#include "plan/algebra.h"
#include "plan/node_form.h"

/** Terms up to which equal ones are looked for. */
#define MOST_COMPARED 64

/** A node still to be read, and how: turned, as a matrix; a vector is a column, and turned a row. */
typedef struct item {
  uint32_t node;
  bool turned;
  double coefficient;
  uint32_t scalar;
} item;

typedef struct stack {
  item *at;
  size_t count, capacity;
} stack;

typedef struct reader {
  gm__algebra *a;
  stack sum, product; /* what is left of the sum, and of the product under way */
  gm__term term;      /* being read */
} reader;

static gm_status push(reader *r, stack *s, item next) {
  if (!gm__grow((void **)&s->at, &s->capacity, s->count + 1, sizeof *s->at))
    return gm__no_memory(r->a->error);
  s->at[s->count++] = next;
  return GM_OK;
}

static const gm__node *node_of(const reader *r, uint32_t id) {
  return gm__node_of(r->a->plan->graph, id);
}

/* ---- Atoms ---- */

static gm_status atom_of(gm__algebra *a, uint32_t node, uint32_t def, uint32_t *atom) {
  const gm__node *n = gm__node_of(a->plan->graph, node);
  if (a->atom_of[node]) {
    *atom = a->atom_of[node] - 1;
    return GM_OK;
  }
  bool bracket = def != GM__NO_DEF;
  const gm__atom fresh = {bracket ? 0 : node, def, gm__algebra_rows(a, n), gm__algebra_columns(a, n), n->rank,
      a->facts[node].known, a->forms[node]};
  GM_TRY(gm__algebra_atom(a, &fresh, atom));
  a->atom_of[node] = *atom + 1;
  return GM_OK;
}

static gm_status def_of(gm__algebra *a, uint32_t node, bool root, uint32_t *out) {
  const gm__node *n = gm__node_of(a->plan->graph, node);
  const gm__def fresh = {.node = node,
      .rows = gm__algebra_rows(a, n),
      .columns = gm__algebra_columns(a, n),
      .dtype = (gm_dtype)n->dtype,
      .root = root};
  *out = a->def_of[node] - 1;
  if (a->def_of[node]) return GM_OK;
  GM_TRY(gm__algebra_def(a, &fresh, out));
  a->def_of[node] = *out + 1;
  return GM_OK;
}

static gm_status add_letter(reader *r, item at, uint32_t def) {
  uint32_t atom;
  GM_TRY(atom_of(r->a, at.node, def, &atom));
  r->term.count++;
  const gm__atom *read = &r->a->atoms.at[atom];
  return gm__algebra_letter(r->a, atom << 1 | (at.turned && read->rank > 0 && !read->form.symmetric));
}

/* ---- Products ---- */

/** Takes up what the node is multiplied with; false: it cannot be taken out. */
static bool take_multiple(const reader *r, uint32_t id, double *coefficient, uint32_t *scalar) {
  const gm__node *node = node_of(r, id);
  double value;
  if (!gm__scale_known(r->a->plan, id, &value)) {
    if (*scalar) return false;
    *scalar = node->inputs[1 - gm__scaled_input(r->a->plan, id)];
    return true;
  }
  value *= *coefficient;
  if (!gm__scale_fits((gm_dtype)node->dtype, value)) return false;
  *coefficient = value;
  return true;
}

static gm_status push_sides(reader *r, item at) {
  const gm__node *node = node_of(r, at.node);
  uint32_t x = node->inputs[0], y = node->inputs[1];
  bool row = node_of(r, x)->rank == 1;
  bool turned = at.turned != (node->rank == 1 && row);
  const item left = {.node = x, .turned = row != turned}, right = {.node = y, .turned = turned};
  GM_TRY(push(r, &r->product, turned ? left : right));
  return push(r, &r->product, turned ? right : left);
}

/** One node of a product: its inside, or a letter. `first`: it is read whatever its readers are. */
static gm_status read_factor(reader *r, item at, bool first) {
  gm__algebra *a = r->a;
  uint32_t def = GM__NO_DEF;
  bool open = first || gm__algebra_opens(a, at.node);
  gm__role role = open ? a->facts[at.node].role : GM__ROLE_ATOM;
  if (role == GM__ROLE_SCALED && !take_multiple(r, at.node, &r->term.coefficient, &r->term.scalar))
    role = GM__ROLE_ATOM;
  if (role == GM__ROLE_ATOM) return add_letter(r, at, def);
  if (role == GM__ROLE_SUM) {
    GM_TRY(def_of(a, at.node, a->facts[at.node].root, &def));
    return add_letter(r, at, def);
  }
  GM_TRY(gm__algebra_open(a, at.node));
  if (role == GM__ROLE_PRODUCT) return push_sides(r, at);
  uint32_t input = role == GM__ROLE_SCALED ? (uint32_t)gm__scaled_input(a->plan, at.node) : 0;
  at.node = node_of(r, at.node)->inputs[input];
  at.turned = at.turned != (role == GM__ROLE_TURNED);
  return push(r, &r->product, at);
}

static gm_status read_product(reader *r, item at) {
  r->term = (gm__term){at.coefficient, at.scalar, (uint32_t)r->a->letters.count, 0};
  GM_TRY(read_factor(r, at, true));
  while (r->product.count > 0) GM_TRY(read_factor(r, r->product.at[--r->product.count], false));
  gm__drop_identities(r->a, &r->term);
  return gm__algebra_term(r->a, &r->term);
}

static gm_status read_atom(reader *r, item at) {
  r->term = (gm__term){at.coefficient, at.scalar, (uint32_t)r->a->letters.count, 0};
  GM_TRY(add_letter(r, at, GM__NO_DEF));
  return gm__algebra_term(r->a, &r->term);
}

/* ---- Sums ---- */

/** Can the coefficients be carried along? */
static bool addends_fit(const reader *r, item at) {
  const gm__node *node = node_of(r, at.node);
  double coefficients[2];
  bool fit = true;
  gm__linear_coefficients(node, coefficients);
  for (uint32_t i = 0; i < node->input_count; i++)
    fit = fit && gm__scale_fits((gm_dtype)node->dtype, at.coefficient * coefficients[i]);
  return fit;
}

static gm_status push_addends(reader *r, item at) {
  const gm__node *node = node_of(r, at.node);
  double coefficients[2];
  gm__linear_coefficients(node, coefficients);
  for (uint32_t i = node->input_count; i-- > 0;)
    GM_TRY(push(r, &r->sum, (item){node->inputs[i], at.turned, at.coefficient * coefficients[i], at.scalar}));
  return GM_OK;
}

static gm_status read_addend(reader *r, item at, bool first) {
  gm__algebra *a = r->a;
  gm__role role = first || gm__algebra_opens(a, at.node) ? a->facts[at.node].role : GM__ROLE_ATOM;
  if (role == GM__ROLE_SCALED && !take_multiple(r, at.node, &at.coefficient, &at.scalar))
    role = GM__ROLE_ATOM;
  if (role == GM__ROLE_SUM && !first && !addends_fit(r, at)) role = GM__ROLE_ATOM;
  if (role == GM__ROLE_ATOM) return read_atom(r, at);
  if (role == GM__ROLE_PRODUCT) return read_product(r, at);
  GM_TRY(gm__algebra_open(a, at.node));
  if (role == GM__ROLE_SUM) return push_addends(r, at);
  uint32_t input = role == GM__ROLE_SCALED ? (uint32_t)gm__scaled_input(a->plan, at.node) : 0;
  at.node = node_of(r, at.node)->inputs[input];
  at.turned = at.turned != (role == GM__ROLE_TURNED);
  return push(r, &r->sum, at);
}

static bool alike(const gm__algebra *a, const gm__term *x, const gm__term *y) {
  return x->count == y->count && x->scalar == y->scalar &&
         gm__letters_same(a, a->letters.at + x->first, a->letters.at + y->first, x->count, false);
}

/** Equal terms become one, unless nothing would be left of them. */
static void merge_equal(gm__algebra *a, uint32_t first, gm_dtype dtype) {
  gm__term *terms = a->terms.at;
  size_t kept = first;
  if (a->terms.count - first > MOST_COMPARED) return;
  for (size_t i = first; i < a->terms.count; i++) {
    size_t same = first;
    while (same < kept && !(alike(a, &terms[i], &terms[same]) &&
                              gm__scale_fits(dtype, terms[i].coefficient + terms[same].coefficient)))
      same++;
    if (same < kept)
      terms[same].coefficient += terms[i].coefficient;
    else
      terms[kept++] = terms[i];
  }
  a->terms.count = kept;
}

/** What is added and taken off again is left out, unless nothing else is there. */
static void drop_opposites(gm__algebra *a, uint32_t first) {
  gm__term *terms = a->terms.at;
  if (a->terms.count - first > MOST_COMPARED) return;
  for (size_t i = first; i < a->terms.count && a->terms.count - first > 2; i++) {
    size_t j = i + 1;
    while (j < a->terms.count &&
           !(alike(a, &terms[i], &terms[j]) && terms[i].coefficient + terms[j].coefficient == 0))
      j++;
    if (j >= a->terms.count) continue;
    terms[j] = terms[--a->terms.count];
    memmove(&terms[i], &terms[i + 1], (--a->terms.count - i) * sizeof *terms);
    i = (size_t)first - 1;
  }
}

/** A vector that is written as a row, v·A, is told as it was written, not as Aᵗ·v. */
static void keep_row(gm__algebra *a, const gm__term *term) {
  gm__letter *letters = a->letters.at + term->first;
  uint32_t turned = 0, matrices = 0;
  for (uint32_t i = 0; i < term->count; i++) {
    matrices += a->atoms.at[letters[i] >> 1].rank == 2;
    turned += a->atoms.at[letters[i] >> 1].rank == 2 && letters[i] & 1;
  }
  if (2 * turned <= matrices) return;
  for (uint32_t i = 0, j = term->count - 1; i <= j; i++, j--) {
    gm__letter last = gm__letter_turned(a, letters[i]);
    letters[i] = gm__letter_turned(a, letters[j]);
    letters[j] = last;
    if (j == 0) break;
  }
}

static gm_status read_def(reader *r, uint32_t def) {
  gm__algebra *a = r->a;
  uint32_t first = (uint32_t)a->terms.count, opened = (uint32_t)a->opened.count;
  GM_TRY(read_addend(r, (item){a->defs.at[def].node, false, 1, 0}, true));
  while (r->sum.count > 0) GM_TRY(read_addend(r, r->sum.at[--r->sum.count], false));
  bool vector = gm__node_of(a->plan->graph, a->defs.at[def].node)->rank == 1;
  for (size_t i = first; vector && i < a->terms.count; i++) keep_row(a, &a->terms.at[i]);
  merge_equal(a, first, a->defs.at[def].dtype);
  drop_opposites(a, first);
  a->defs.at[def].opened = opened;
  a->defs.at[def].opened_count = (uint32_t)a->opened.count - opened;
  return gm__algebra_sum(a, (gm__sum){first, (uint32_t)a->terms.count - first}, &a->defs.at[def].sum);
}

static gm_status find_forms(gm__algebra *a) {
  const gm_graph *graph = a->plan->graph;
  a->forms = gm__alloc(graph->count + 1, sizeof *a->forms);
  if (!a->forms) return gm__no_memory(a->error);
  for (uint32_t id = 0; id <= graph->count; id++)
    a->forms[id] = id && a->structures ? gm__node_form(graph, id, a->forms) : gm__form_general();
  return GM_OK;
}

static gm_status read_all(reader *r) {
  gm__algebra *a = r->a;
  uint32_t def;
  for (uint32_t id = 1; id <= a->plan->graph->count; id++) {
    const gm__node_facts *f = &a->facts[id];
    if (f->needed && f->root && f->product && f->role != GM__ROLE_ATOM) GM_TRY(def_of(a, id, true, &def));
  }
  if (a->defs.count > 0) GM_TRY(find_forms(a));
  for (def = 0; def < a->defs.count; def++) GM_TRY(read_def(r, def));
  GM_TRY(gm__brackets_join(a));
  return GM_OK;
}

gm_status gm__algebra_read(gm__algebra *a) {
  size_t nodes = a->plan->graph->count + 1;
  a->atom_of = gm__alloc_zero(nodes, sizeof *a->atom_of);
  a->def_of = gm__alloc_zero(nodes, sizeof *a->def_of);
  if (!a->atom_of || !a->def_of) return gm__no_memory(a->error);
  reader r = {.a = a};
  gm_status status = read_all(&r);
  a->read_defs = a->defs.count;
  gm__free(r.sum.at);
  gm__free(r.product.at);
  return status;
}
