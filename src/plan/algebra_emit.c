/* SPDX-License-Identifier: MIT
 *
 * Building what was chosen: chains in their order, each interval once, products that add to what is there,
 * and what is left as sums. */
#include "plan/algebra_emit.h"

#include <math.h>
#include "plan/node_linear.h"
#include "plan/node_rank_2k.h"

extern const gm__op gm__op_dot, gm__op_permute_dimensions, gm__row_add, gm__row_subtract, gm__row_multiply;

/** A new node, or (turned) its transpose. */
typedef struct value {
  uint32_t node;
  bool turned;
} value;

/** The chain under way: its letters, its merges with the letters that each covers, and their values. */
typedef struct chain {
  uint32_t first;
  int count;
  gm__merge *merges;
  int *from, *to; /* by value: letters and merges */
  value *values;
  bool *needed;
  int scaled; /* the letter that a scalar multiplies; -1: none, or the result */
} chain;

static const gm__node *node_of(const gm__emitter *e, uint32_t id) {
  return gm__node_of(e->a->plan->graph, id);
}

static gm_status as_node(gm__emitter *e, value v, uint32_t *out) {
  *out = v.node;
  if (!v.turned || node_of(e, v.node)->rank != 2) return GM_OK;
  static const int64_t swapped[2] = {1, 0};
  gm__attr *attrs = gm__rebuild_attrs(e->rebuild, 1);
  if (!attrs) return gm__no_memory(e->a->error);
  *attrs = (gm__attr){.given = true, .count = 2, .items = swapped};
  return gm__rebuild_add(e->rebuild, &gm__op_permute_dimensions, &v.node, 1, attrs, out);
}

static gm_status add_with(gm__emitter *e, const gm__op *op, const uint32_t *inputs, uint32_t count, double a,
    double b, uint32_t *out) {
  gm__attr *attrs = gm__rebuild_attrs(e->rebuild, 2);
  if (!attrs) return gm__no_memory(e->a->error);
  attrs[0] = (gm__attr){.given = true, .number = a};
  attrs[1] = (gm__attr){.given = true, .number = b};
  return gm__rebuild_add(e->rebuild, op, inputs, count, attrs, out);
}

static gm_status letter_value(gm__emitter *e, gm__letter letter, value *out) {
  const gm__atom atom = e->a->atoms.at[letter >> 1];
  *out = (value){atom.def == GM__NO_DEF ? e->rebuild->fresh[atom.node] : 0, letter & 1};
  return atom.def == GM__NO_DEF ? GM_OK : gm__emit_def(e, atom.def, &out->node);
}

/* ---- Intervals that have been built ---- */

static bool find_built(const gm__emitter *e, uint32_t first, uint32_t count, value *out) {
  const gm__letter *letters = e->a->letters.at;
  for (size_t i = 0; i < e->chain_count; i++) {
    const gm__built *b = &e->chains[i];
    if (b->count != count) continue;
    bool same = gm__letters_same(e->a, letters + first, letters + b->first, count, false);
    if (!same && !gm__letters_same(e->a, letters + first, letters + b->first, count, true)) continue;
    *out = (value){b->node, !same};
    return true;
  }
  return false;
}

static gm_status note_built(gm__emitter *e, uint32_t first, uint32_t count, uint32_t node) {
  if (!gm__grow((void **)&e->chains, &e->chain_capacity, e->chain_count + 1, sizeof *e->chains))
    return gm__no_memory(e->a->error);
  e->chains[e->chain_count++] = (gm__built){first, count, node};
  return GM_OK;
}

/* ---- Chains ---- */

static gm_status begin_chain(gm__emitter *e, const gm__term *term, uint64_t except, bool twice, chain *c) {
  gm__algebra *a = e->a;
  size_t count = term->count;
  *c = (chain){.first = term->first, .count = (int)count, .scaled = -1};
  gm__ordered order = gm__state_order(a, e->group, e->state, term, except, twice);
  c->merges = order.merges;
  c->from = gm__arena_alloc(&a->scratch, 2 * count, sizeof *c->from);
  c->to = gm__arena_alloc(&a->scratch, 2 * count, sizeof *c->to);
  c->values = gm__arena_zero(&a->scratch, 2 * count, sizeof *c->values);
  c->needed = gm__arena_zero(&a->scratch, 2 * count, sizeof *c->needed);
  bool held = c->from && c->to && c->values && c->needed && order.cost < INFINITY;
  return held ? GM_OK : gm__no_memory(a->error);
}

static void find_ranges(chain *c) {
  for (int i = 0; i < c->count; i++) c->from[i] = i, c->to[i] = i + 1;
  for (int i = 0; i < c->count - 1; i++) {
    c->from[c->count + i] = c->from[c->merges[i].left];
    c->to[c->count + i] = c->to[c->merges[i].right];
  }
}

static bool covers(const chain *c, int at, int letter) {
  return c->from[at] <= letter && letter < c->to[at];
}

/** From the last merge down: what is needed and has not been built. */
static void find_needed(const gm__emitter *e, chain *c) {
  c->needed[2 * c->count - 2] = true;
  for (int at = 2 * c->count - 2; at >= c->count; at--) {
    if (!c->needed[at]) continue;
    uint32_t first = c->first + (uint32_t)c->from[at], count = (uint32_t)(c->to[at] - c->from[at]);
    if (!covers(c, at, c->scaled) && find_built(e, first, count, &c->values[at])) continue;
    c->needed[c->merges[at - c->count].left] = c->needed[c->merges[at - c->count].right] = true;
  }
}

static gm_status build_letter(gm__emitter *e, const gm__term *term, chain *c, int at) {
  gm__letter letter = e->a->letters.at[c->first + (uint32_t)at];
  GM_TRY(letter_value(e, letter, &c->values[at]));
  if (at != c->scaled) return GM_OK;
  const uint32_t inputs[2] = {c->values[at].node, e->rebuild->fresh[term->scalar]};
  return gm__rebuild_add(e->rebuild, &gm__row_multiply, inputs, 2, NULL, &c->values[at].node);
}

static gm_status add_dot(gm__emitter *e, const uint32_t sides[2], uint32_t *out) {
  const gm__attr *attrs = gm__rebuild_attrs(e->rebuild, 1);
  if (!attrs) return gm__no_memory(e->a->error);
  return gm__rebuild_add(e->rebuild, &gm__op_dot, sides, 2, attrs, out);
}

/** Is the interval its own transpose? */
static bool is_symmetric(const gm__emitter *e, const chain *c, int at) {
  const gm__letter *letters = e->a->letters.at + c->first + c->from[at];
  return gm__letters_same(e->a, letters, letters, (uint32_t)(c->to[at] - c->from[at]), true);
}

/** A symmetric value times itself is told as it times its transpose, of which half is enough. */
static gm_status sides_of(gm__emitter *e, const chain *c, int at, uint32_t sides[2]) {
  const gm__merge *merge = &c->merges[at - c->count];
  value left = c->values[merge->left], right = c->values[merge->right];
  bool square = left.node == right.node && is_symmetric(e, c, merge->left);
  if (square) right = (value){left.node, !left.turned};
  GM_TRY(as_node(e, left, &sides[0]));
  return as_node(e, right, &sides[1]);
}

/** An interval may have been built meanwhile, by the other side. */
static gm_status build_merge(gm__emitter *e, chain *c, int at) {
  uint32_t sides[2], first = c->first + (uint32_t)c->from[at], count = (uint32_t)(c->to[at] - c->from[at]);
  bool plain = !covers(c, at, c->scaled);
  if (plain && find_built(e, first, count, &c->values[at])) return GM_OK;
  GM_TRY(sides_of(e, c, at, sides));
  GM_TRY(add_dot(e, sides, &c->values[at].node));
  return plain ? note_built(e, first, count, c->values[at].node) : GM_OK;
}

/** All of a chain but its last merge, whose number is *last; that has a value only where it was built before.
 */
static gm_status build_chain(
    gm__emitter *e, const gm__term *term, uint64_t except, bool twice, chain *c, int *last) {
  double unused;
  GM_TRY(begin_chain(e, term, except, twice, c));
  if (term->scalar) c->scaled = gm__term_smallest(e->a, term, &unused);
  find_ranges(c);
  find_needed(e, c);
  *last = 2 * c->count - 2;
  for (int at = 0; at < *last; at++) {
    if (!c->needed[at] || c->values[at].node) continue;
    GM_TRY(at < c->count ? build_letter(e, term, c, at) : build_merge(e, c, at));
  }
  return GM_OK;
}

/* ---- Sums ---- */

/** The sum under way: scale · node. */
typedef struct running {
  uint32_t node;
  double scale;
} running;

/** Is the term no product that could add to what is there, but a value that is there, that others need too,
 * or whose product uses forms? */
static bool is_value(const gm__emitter *e, const gm__term *term, uint64_t own) {
  gm__algebra *a = e->a;
  value unused;
  double elements;
  if (term->count == 1) return true;
  if (term->scalar) return gm__term_smallest(a, term, &elements) < 0;
  if (find_built(e, term->first, term->count, &unused)) return true;
  gm__arena_mark mark = gm__arena_now(&a->scratch);
  gm__paid paid = gm__state_paid(a, e->group, e->state);
  paid.except = own;
  bool needed = paid.keys && gm__paid_has(&paid, gm__term_key(a, a->letters.at + term->first, term->count));
  bool formed = !needed && gm__term_order(a, term, e->group->dtype, &paid, false).formed;
  gm__arena_rewind(&a->scratch, mark);
  return needed || formed;
}

static gm_status whole_chain(gm__emitter *e, const gm__term *term, value *out) {
  gm__term plain = {1, 0, term->first, term->count};
  chain c;
  int last;
  if (term->count == 1) return letter_value(e, e->a->letters.at[term->first], out);
  if (find_built(e, term->first, term->count, out)) return GM_OK;
  uint64_t key = gm__term_key(e->a, e->a->letters.at + term->first, term->count);
  GM_TRY(build_chain(e, &plain, key, false, &c, &last));
  if (!c.values[last].node) GM_TRY(build_merge(e, &c, last));
  *out = c.values[last];
  return GM_OK;
}

static gm_status term_value(gm__emitter *e, const gm__term *term, uint32_t *out) {
  value v;
  GM_TRY(whole_chain(e, term, &v));
  GM_TRY(as_node(e, v, out));
  if (!term->scalar) return GM_OK;
  const uint32_t inputs[2] = {*out, e->rebuild->fresh[term->scalar]};
  return gm__rebuild_add(e->rebuild, &gm__row_multiply, inputs, 2, NULL, out);
}

static gm_status add_node(gm__emitter *e, uint32_t node, double coefficient, running *sum) {
  const uint32_t inputs[2] = {sum->node, node};
  double before = sum->scale;
  *sum = (running){node, coefficient};
  if (!inputs[0]) return GM_OK;
  sum->scale = 1;
  if (before == 1 && coefficient == 1)
    return gm__rebuild_add(e->rebuild, &gm__row_add, inputs, 2, NULL, &sum->node);
  if (before == 1 && coefficient == -1)
    return gm__rebuild_add(e->rebuild, &gm__row_subtract, inputs, 2, NULL, &sum->node);
  return add_with(e, &gm__op_combine, inputs, 2, before, coefficient, &sum->node);
}

static gm_status add_value(gm__emitter *e, const gm__term *term, running *sum) {
  uint32_t node;
  GM_TRY(term_value(e, term, &node));
  return add_node(e, node, term->coefficient, sum);
}

/** A product that was built meanwhile, and its transpose. */
static gm_status add_both(gm__emitter *e, value v, double coefficient, running *sum) {
  for (int i = 0; i < 2; i++, v.turned = !v.turned) {
    uint32_t node;
    GM_TRY(as_node(e, v, &node));
    GM_TRY(add_node(e, node, coefficient, sum));
  }
  return GM_OK;
}

/** L·R and its transpose at once: with x = L and y = Rᵗ, x·yᵗ + y·xᵗ. */
static gm_status add_twice(gm__emitter *e, const gm__term *term, uint64_t own, running *sum) {
  chain c;
  int last;
  uint32_t sides[2], node;
  GM_TRY(build_chain(e, term, own, true, &c, &last));
  if (c.values[last].node) return add_both(e, c.values[last], term->coefficient, sum);
  value right = c.values[c.merges[last - c.count].right];
  GM_TRY(as_node(e, c.values[c.merges[last - c.count].left], &sides[0]));
  right.turned = !right.turned;
  GM_TRY(as_node(e, right, &sides[1]));
  gm__attr *attrs = gm__rebuild_attrs(e->rebuild, 1);
  if (!attrs) return gm__no_memory(e->a->error);
  *attrs = (gm__attr){.given = true, .number = term->coefficient};
  GM_TRY(gm__rebuild_add(e->rebuild, &gm__op_rank_2k, sides, 2, attrs, &node));
  return add_node(e, node, 1, sum);
}

/** The product is added to what there is. */
static gm_status add_product(gm__emitter *e, const gm__term *term, uint64_t own, running *sum) {
  chain c;
  int last;
  GM_TRY(build_chain(e, term, own, false, &c, &last));
  uint32_t inputs[3] = {0, 0, sum->node};
  double scale = sum->scale;
  *sum = (running){0, 1};
  GM_TRY(sides_of(e, &c, last, inputs));
  if (inputs[2] || term->coefficient != 1)
    return add_with(e, &gm__op_gemm, inputs, inputs[2] ? 3 : 2, term->coefficient, scale, &sum->node);
  GM_TRY(add_dot(e, inputs, &sum->node));
  return term->scalar ? GM_OK : note_built(e, term->first, term->count, sum->node);
}

typedef enum part { VALUE, PRODUCT, PAIR, DONE } part;

/** What each term is to be made as. */
static void find_parts(gm__emitter *e, gm__sum sum, uint64_t own, part *parts) {
  const gm__algebra *a = e->a;
  for (uint32_t i = 0; i < sum.count; i++)
    parts[i] = is_value(e, &a->terms.at[sum.first + i], own) ? VALUE : PRODUCT;
  for (uint32_t i = 0; i < sum.count && sum.count <= GM__MOST_PAIRED; i++) {
    uint32_t partner = gm__term_partner(a, sum, i);
    if (parts[i] != PRODUCT || partner == sum.count || parts[partner] != PRODUCT) continue;
    parts[i] = PAIR;
    parts[partner] = DONE;
  }
}

static gm_status emit_part(gm__emitter *e, const gm__term *term, part as, uint64_t own, running *total) {
  if (as == DONE) return GM_OK;
  if (as == PAIR) return add_twice(e, term, own, total);
  return is_value(e, term, own) ? add_value(e, term, total) : add_product(e, term, own, total);
}

/** Values and pairs first, for products to be added to. A product may have become a value when its turn
 * comes. */
static gm_status emit_terms(gm__emitter *e, gm__sum sum, uint64_t own, const part *parts, running *total) {
  for (uint32_t i = 0; i < 2 * sum.count; i++) {
    const gm__term term = e->a->terms.at[sum.first + i % sum.count];
    part as = parts[i % sum.count];
    if ((as == PRODUCT) != (i >= sum.count)) continue;
    gm__arena_mark mark = gm__arena_now(&e->a->scratch);
    gm_status status = emit_part(e, &term, as, own, total);
    gm__arena_rewind(&e->a->scratch, mark);
    GM_TRY(status);
  }
  return GM_OK;
}

static gm_status emit_sum(gm__emitter *e, gm__sum sum, uint64_t own, uint32_t *out) {
  running total = {0, 1};
  part *parts = gm__arena_alloc(&e->a->scratch, sum.count, sizeof *parts);
  if (!parts) return gm__no_memory(e->a->error);
  find_parts(e, sum, own, parts);
  GM_TRY(emit_terms(e, sum, own, parts, &total));
  *out = total.node;
  return total.scale == 1 ? GM_OK : add_with(e, &gm__op_scale, &total.node, 1, total.scale, 0, out);
}

gm_status gm__emit_def(gm__emitter *e, uint32_t def, uint32_t *out) {
  *out = e->a->defs.at[def].built;
  if (*out) return GM_OK;
  GM_TRY(emit_sum(e, gm__state_sum(e->a, e->state, def), gm__state_root_key(e->a, e->state, def), out));
  e->a->defs.at[def].built = *out;
  return GM_OK;
}

void gm__emitter_free(gm__emitter *e) {
  gm__free(e->chains);
}
