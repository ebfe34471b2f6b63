/* SPDX-License-Identifier: MIT
 *
 * Expressions as text. Brackets say what is computed first; what is too deep to be read is left out. */
#include "plan/algebra_text.h"

#include <math.h>

#define DEEPEST 12
#define LONGEST 24

/* ---- As it was written ---- */

static void written(const gm__algebra *a, uint32_t node, bool inner, int depth, gm__text *text);

static const gm__node *node_of(const gm__algebra *a, uint32_t id) {
  return gm__node_of(a->plan->graph, id);
}

/** Numbers are told by value. */
static void label(const gm__algebra *a, uint32_t id, gm__text *text) {
  double value;
  if (!node_of(a, id)->name && gm__rewrite_uniform(a->plan, id, &value))
    gm__text_double(text, value);
  else
    gm__text_add(text, gm__node_label(a->plan->graph, id));
}

static void written_sum(const gm__algebra *a, uint32_t id, int depth, gm__text *text) {
  const gm__node *node = node_of(a, id);
  double coefficients[2];
  gm__linear_coefficients(node, coefficients);
  for (uint32_t i = 0; i < node->input_count; i++) {
    if (i) gm__text_add(text, coefficients[i] < 0 ? " - " : " + ");
    if (!i && coefficients[i] < 0) gm__text_char(text, '-');
    written(a, node->inputs[i], a->facts[node->inputs[i]].role == GM__ROLE_SUM && coefficients[i] < 0, depth,
        text);
  }
}

static void written_inside(const gm__algebra *a, uint32_t id, int depth, gm__text *text) {
  const gm__node *node = node_of(a, id);
  int scaled = a->facts[id].role == GM__ROLE_SCALED ? gm__scaled_input(a->plan, id) : 1;
  if (a->facts[id].role == GM__ROLE_SUM) {
    written_sum(a, id, depth, text);
    return;
  }
  written(a, node->inputs[1 - scaled], true, depth, text);
  gm__text_add(text, "·");
  written(a, node->inputs[scaled], true, depth, text);
}

static void written(const gm__algebra *a, uint32_t id, bool inner, int depth, gm__text *text) {
  gm__role role = a->facts[id].role;
  if (role != GM__ROLE_ATOM && depth == 0) {
    gm__text_add(text, "…");
  } else if (role == GM__ROLE_ATOM) {
    label(a, id, text);
  } else if (role == GM__ROLE_TURNED) {
    written(a, node_of(a, id)->inputs[0], true, depth - 1, text);
    gm__text_add(text, "ᵗ");
  } else {
    if (inner) gm__text_char(text, '(');
    written_inside(a, id, depth - 1, text);
    if (inner) gm__text_char(text, ')');
  }
}

void gm__written_text(const gm__algebra *a, uint32_t node, gm__text *text) {
  written(a, node, false, DEEPEST, text);
}

/* ---- As it was chosen ---- */

typedef struct speaker {
  gm__algebra *a;
  const gm__group *group;
  const gm__state *state;
  gm__text *text;
} speaker;

static gm_status say_def(const speaker *s, uint32_t def, bool inner, int depth);

static gm_status say_letter(const speaker *s, gm__letter letter, int depth) {
  const gm__atom *atom = &s->a->atoms.at[letter >> 1];
  bool turned = letter & 1 && atom->rank == 2;
  if (atom->def == GM__NO_DEF)
    label(s->a, atom->node, s->text);
  else
    GM_TRY(say_def(s, atom->def, true, depth));
  if (turned) gm__text_add(s->text, "ᵗ");
  return GM_OK;
}

static gm_status say_merge(
    const speaker *s, const gm__term *term, const gm__merge *merges, int at, bool inner, int depth) {
  int count = (int)term->count;
  if (at < count) return say_letter(s, s->a->letters.at[term->first + (uint32_t)at], depth);
  if (inner) gm__text_char(s->text, '(');
  GM_TRY(say_merge(s, term, merges, merges[at - count].left, true, depth));
  gm__text_add(s->text, "·");
  GM_TRY(say_merge(s, term, merges, merges[at - count].right, true, depth));
  if (inner) gm__text_char(s->text, ')');
  return GM_OK;
}

static gm_status say_chain(const speaker *s, const gm__term *term, uint64_t own, bool inner, int depth) {
  gm__algebra *a = s->a;
  if (term->count == 1) return say_letter(s, a->letters.at[term->first], depth);
  if (term->count > LONGEST) {
    gm__text_format(s->text, "a product of %u factors", term->count);
    return GM_OK;
  }
  gm__ordered order = gm__state_order(a, s->group, s->state, term, own, false);
  if (order.cost == INFINITY) return gm__no_memory(a->error);
  return say_merge(s, term, order.merges, 2 * (int)term->count - 2, inner, depth);
}

static gm_status say_term(const speaker *s, const gm__term *term, uint64_t own, bool first, int depth) {
  double size = fabs(term->coefficient);
  bool scaled = size != 1 || term->scalar;
  gm__text_add(s->text, term->coefficient < 0 ? first ? "-" : " - " : first ? "" : " + ");
  if (size != 1) gm__text_double(s->text, size);
  if (size != 1) gm__text_add(s->text, "·");
  if (term->scalar) label(s->a, term->scalar, s->text);
  if (term->scalar) gm__text_add(s->text, "·");
  return say_chain(s, term, own, scaled, depth);
}

/** Is the term before this one its transpose? */
static bool is_partner(const gm__algebra *a, gm__sum sum, uint32_t at) {
  return at > 0 && sum.count <= GM__MOST_PAIRED && gm__term_partner(a, sum, at - 1) == at;
}

static gm_status say_def(const speaker *s, uint32_t def, bool inner, int depth) {
  gm__sum sum = gm__state_sum(s->a, s->state, def);
  uint64_t own = gm__state_root_key(s->a, s->state, def);
  if (depth == 0) gm__text_add(s->text, "…");
  if (depth == 0) return GM_OK;
  if (inner) gm__text_char(s->text, '(');
  for (uint32_t i = 0; i < sum.count; i++) {
    const gm__term term = s->a->terms.at[sum.first + i];
    if (is_partner(s->a, sum, i))
      gm__text_add(s->text, term.coefficient < 0 ? " - its transpose" : " + its transpose");
    else
      GM_TRY(say_term(s, &term, own, i == 0, depth - 1));
  }
  if (inner) gm__text_char(s->text, ')');
  return GM_OK;
}

gm_status gm__chosen_text(
    gm__algebra *a, const gm__group *group, const gm__state *state, uint32_t def, gm__text *text) {
  const speaker s = {a, group, state, text};
  gm__arena_mark mark = gm__arena_now(&a->scratch);
  gm_status status = say_def(&s, def, false, DEEPEST);
  gm__arena_rewind(&a->scratch, mark);
  return status;
}

gm_status gm__shared_text(gm__algebra *a, const gm__group *group, const gm__state *state, gm__text *text) {
  const speaker s = {a, group, state, text};
  gm__arena_mark mark = gm__arena_now(&a->scratch);
  gm_status status = GM_OK;
  for (size_t i = 0; i < state->shared_count && status == GM_OK; i++) {
    const gm__shared *shared = &state->shared[i];
    const gm__term term = {1, 0, shared->first, shared->count};
    gm__text_add(text, i ? ", " : ", with ");
    status = say_chain(&s, &term, shared->key, false, DEEPEST);
    gm__text_add(text, " once");
  }
  gm__arena_rewind(&a->scratch, mark);
  return status;
}
