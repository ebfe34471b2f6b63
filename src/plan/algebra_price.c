/* SPDX-License-Identifier: MIT
 *
 * Prices of states: each definition that the roots need is paid once, each term at the cheapest order of its
 * chain. Which repeated intervals to share is chosen step by step: the one that lowers the price of the whole
 * group most, until none does. */
#include <math.h>
#include "plan/algebra_state.h"

/** Repeated intervals that are tried, and letters of the terms among which they are looked for. */
#define MOST_CANDIDATES 48
#define MOST_SCANNED 32
#define MOST_INTERVALS 512

/** What pricing one state needs. */
typedef struct pricing {
  gm__algebra *a;
  const gm__group *group;
  const gm__state *state;
  gm__paid paid;
} pricing;

uint64_t gm__term_key(gm__algebra *a, const gm__letter *letters, uint32_t count) {
  bool turned;
  gm__arena_mark mark = gm__arena_now(&a->scratch);
  gm__factor *factors = gm__arena_alloc(&a->scratch, count, sizeof *factors);
  a->starved = a->starved || !factors;
  if (!factors) return 0;
  gm__algebra_factors(a, letters, count, factors);
  uint64_t key = gm__chain_key(factors, (int)count, &turned);
  gm__arena_rewind(&a->scratch, mark);
  return key;
}

uint32_t gm__term_partner(const gm__algebra *a, gm__sum sum, uint32_t at) {
  const gm__term *term = &a->terms.at[sum.first + at];
  const gm__letter *letters = a->letters.at + term->first;
  uint32_t i = at + 1;
  if (term->count < 2 || term->scalar || term->count > GM__CHAIN_BEST) return sum.count;
  for (; i < sum.count; i++) {
    const gm__term *other = &a->terms.at[sum.first + i];
    if (other->count != term->count || other->scalar || other->coefficient != term->coefficient) continue;
    if (gm__letters_same(a, letters, a->letters.at + other->first, term->count, true)) break;
  }
  return i;
}

bool gm__term_plain(const gm__term *term) {
  return term->coefficient == 1 && !term->scalar && term->count > 1;
}

gm__sum gm__state_sum(const gm__algebra *a, const gm__state *state, uint32_t def) {
  for (size_t i = 0; i < state->choice_count; i++) {
    if (state->choices[i].def == def) return a->variants.at[state->choices[i].sum];
  }
  return a->variants.at[a->defs.at[def].sum];
}

uint64_t gm__state_root_key(gm__algebra *a, const gm__state *state, uint32_t def) {
  gm__sum sum = gm__state_sum(a, state, def);
  const gm__term *term = &a->terms.at[sum.first];
  if (!a->defs.at[def].root || sum.count != 1 || !gm__term_plain(term)) return 0;
  return gm__term_key(a, a->letters.at + term->first, term->count);
}

gm__paid gm__state_paid(gm__algebra *a, const gm__group *group, const gm__state *state) {
  size_t used = 0;
  uint64_t *keys = gm__arena_alloc(&a->scratch, group->count + state->shared_count, sizeof *keys);
  a->starved = a->starved || !keys;
  for (size_t i = 0; keys && group->count > 1 && i < group->count; i++) {
    uint64_t key = gm__state_root_key(a, state, group->defs[i]);
    if (key) keys[used++] = key;
  }
  for (size_t i = 0; keys && i < state->shared_count; i++) keys[used++] = state->shared[i].key;
  return (gm__paid){keys, used, 0};
}

/* ---- One definition ---- */

static double size_of(const pricing *p, uint32_t def) {
  const gm__def *d = &p->a->defs.at[def];
  return (double)d->rows * (double)d->columns * (double)gm__dtype_bytes(d->dtype);
}

gm__ordered gm__term_order(
    gm__algebra *a, const gm__term *term, gm_dtype dtype, const gm__paid *paid, bool twice) {
  gm__ordered o = {.cost = INFINITY};
  int count = (int)term->count;
  o.factors = gm__arena_alloc(&a->scratch, term->count, sizeof *o.factors);
  o.merges = gm__arena_alloc(&a->scratch, term->count, sizeof *o.merges);
  if (o.factors && o.merges && paid->keys) {
    gm__algebra_factors(a, a->letters.at + term->first, term->count, o.factors);
    o.cost = gm__chain_order(o.factors, count, dtype, paid, twice, &a->scratch, o.merges);
  }
  if (o.cost == INFINITY) a->starved = true;
  o.formed = o.cost < INFINITY && a->structures && gm__chain_formed(o.factors, count, o.merges);
  return o;
}

gm__ordered gm__state_order(gm__algebra *a, const gm__group *group, const gm__state *state,
    const gm__term *term, uint64_t except, bool twice) {
  gm__paid paid = gm__state_paid(a, group, state);
  paid.except = except;
  return gm__term_order(a, term, group->dtype, &paid, twice);
}

/** Without what the order is made of. */
static gm__ordered order_cost(pricing *p, const gm__term *term, uint64_t except, bool twice) {
  gm__algebra *a = p->a;
  gm__paid paid = p->paid;
  gm__arena_mark mark = gm__arena_now(&a->scratch);
  size_t count = term->count;
  a->work += 4 + count * count * (count < GM__CHAIN_BEST ? count : 1) / 6;
  paid.except = except;
  gm__ordered o = gm__term_order(a, term, p->group->dtype, &paid, twice);
  gm__arena_rewind(&a->scratch, mark);
  return o;
}

int gm__term_smallest(const gm__algebra *a, const gm__term *term, double *elements) {
  const gm__letter *letters = a->letters.at + term->first;
  int at = -1;
  *elements =
      (double)gm__letter_rows(a, letters[0]) * (double)gm__letter_columns(a, letters[term->count - 1]);
  for (uint32_t i = 0; i < term->count; i++) {
    double size = (double)gm__letter_rows(a, letters[i]) * (double)gm__letter_columns(a, letters[i]);
    if (size > *elements) continue;
    *elements = size;
    at = (int)i;
  }
  return at;
}

/** What the terms of a definition add up to: products, and values that are there. */
typedef struct tally {
  double cost;
  uint32_t products, values;
  bool scaled;
} tally;

/** Is the chain computed here, and not shared with others? */
static bool is_own(pricing *p, const gm__term *term, uint64_t own) {
  gm__paid paid = p->paid;
  paid.except = own;
  return !gm__paid_has(&paid, gm__term_key(p->a, p->a->letters.at + term->first, term->count));
}

static void add_term(pricing *p, const gm__term *term, uint64_t own, bool twice, tally *t) {
  gm__ordered chain = {.cost = 0};
  double elements;
  if (term->count > 1) chain = order_cost(p, term, own, twice);
  bool product = chain.cost > 0 && !chain.formed;
  t->cost += chain.cost;
  t->products += product;
  t->values += !product;
  t->scaled = t->scaled || term->coefficient != 1;
  if (!term->scalar) return;
  gm__term_smallest(p->a, term, &elements);
  t->cost += gm__cost_bytes(2 * elements * (double)gm__dtype_bytes(p->group->dtype));
}

/** Is the term made together with an earlier one? */
static bool is_partner(pricing *p, gm__sum sum, uint32_t at, uint64_t own) {
  const gm__algebra *a = p->a;
  for (uint32_t i = 0; i < at && sum.count <= GM__MOST_PAIRED; i++) {
    if (gm__term_partner(a, sum, i) == at && is_own(p, &a->terms.at[sum.first + i], own)) return true;
  }
  return false;
}

/** Products add to what is there; what is no product is added, or copied for a product to add to. */
static double def_cost(pricing *p, uint32_t def, uint64_t own) {
  const gm__algebra *a = p->a;
  gm__sum sum = gm__state_sum(a, p->state, def);
  double size = size_of(p, def);
  tally t = {.cost = 0};
  for (uint32_t i = 0; i < sum.count; i++) {
    const gm__term *term = &a->terms.at[sum.first + i];
    bool paired =
        sum.count <= GM__MOST_PAIRED && gm__term_partner(a, sum, i) < sum.count && is_own(p, term, own);
    if (!is_partner(p, sum, i, own)) add_term(p, term, own, paired, &t);
  }
  if (t.products > 0 && t.values > 0) t.cost += gm__cost_bytes(2 * size);
  if (t.products > 1) t.cost += (t.products - 1) * gm__cost_bytes(size);
  if (t.values > 1) t.cost += (t.values - 1) * gm__cost_bytes(3 * size);
  if (t.products == 0 && t.values == 1 && t.scaled) t.cost += gm__cost_bytes(2 * size);
  return t.cost;
}

/** The brackets that a definition reads are added to the list. */
static void add_brackets(
    gm__algebra *a, const gm__state *state, uint32_t def, uint32_t *list, size_t *count) {
  gm__sum sum = gm__state_sum(a, state, def);
  for (uint32_t t = 0; t < sum.count; t++) {
    const gm__term *term = &a->terms.at[sum.first + t];
    for (uint32_t i = 0; i < term->count; i++) {
      uint32_t bracket = a->atoms.at[a->letters.at[term->first + i] >> 1].def;
      if (bracket == GM__NO_DEF || a->defs.at[bracket].seen == a->stamp) continue;
      a->defs.at[bracket].seen = a->stamp;
      list[(*count)++] = bracket;
    }
  }
}

uint32_t *gm__state_reach(gm__algebra *a, const gm__group *group, const gm__state *state, size_t *count) {
  uint32_t *list = gm__arena_alloc(&a->scratch, group->count + a->defs.count - a->read_defs, sizeof *list);
  a->starved = a->starved || !list;
  *count = 0;
  a->stamp++;
  for (size_t i = 0; list && i < group->count; i++) {
    uint32_t def = group->defs[i];
    if (!a->defs.at[def].root) continue;
    a->defs.at[def].seen = a->stamp;
    list[(*count)++] = def;
  }
  for (size_t i = 0; list && i < *count; i++) add_brackets(a, state, list[i], list, count);
  return list;
}

/** Has an earlier root the same chain? */
static bool is_repeated(const uint64_t *keys, size_t at) {
  for (size_t i = 0; keys[at] && i < at; i++) {
    if (keys[i] == keys[at]) return true;
  }
  return false;
}

/** The sum over what is reached: `keys` are those of roots that are chains. */
static double reached_cost(pricing *p, const uint32_t *list, uint64_t *keys, size_t count) {
  double cost = 0;
  for (size_t i = 0; i < count; i++) {
    keys[i] = gm__state_root_key(p->a, p->state, list[i]);
    if (!is_repeated(keys, i)) cost += def_cost(p, list[i], keys[i]);
  }
  return cost;
}

static double total(gm__algebra *a, const gm__group *group, const gm__state *state) {
  pricing p = {.a = a, .group = group, .state = state};
  gm__arena_mark mark = gm__arena_now(&a->scratch);
  size_t count;
  uint32_t *list = gm__state_reach(a, group, state, &count);
  p.paid = gm__state_paid(a, group, state);
  uint64_t *keys = gm__arena_alloc(&a->scratch, count, sizeof *keys);
  a->starved = a->starved || !keys;
  double cost = a->starved ? INFINITY : reached_cost(&p, list, keys, count);
  for (size_t i = 0; cost < INFINITY && i < state->shared_count; i++)
    cost += order_cost(
        &p, &(gm__term){1, 0, state->shared[i].first, state->shared[i].count}, state->shared[i].key, false)
                .cost;
  gm__arena_rewind(&a->scratch, mark);
  return cost;
}

/* ---- Sharing ---- */

/** Intervals, and how often each was seen: once, or more often. */
typedef struct candidates {
  gm__shared *at;
  uint8_t *seen;
  size_t count, room;
} candidates;

static void note_interval(gm__algebra *a, candidates *c, uint32_t first, uint32_t count) {
  uint64_t key = gm__term_key(a, a->letters.at + first, count);
  for (size_t i = 0; i < c->count; i++) {
    if (c->at[i].key != key) continue;
    c->seen[i] = 2;
    return;
  }
  if (c->count == c->room || !key) return;
  c->seen[c->count] = 1;
  c->at[c->count++] = (gm__shared){first, count, key};
}

static void note_intervals(gm__algebra *a, candidates *c, const gm__term *term) {
  for (uint32_t n = 2; n <= term->count; n++) {
    for (uint32_t i = 0; i + n <= term->count; i++) note_interval(a, c, term->first + i, n);
  }
}

/** How many there can be. */
static size_t count_intervals(
    const gm__algebra *a, const gm__state *state, const uint32_t *list, size_t count) {
  size_t intervals = 0;
  for (size_t i = 0; i < count && intervals < MOST_INTERVALS; i++) {
    gm__sum sum = gm__state_sum(a, state, list[i]);
    for (uint32_t t = 0; t < sum.count; t++) {
      size_t letters = a->terms.at[sum.first + t].count;
      if (letters <= MOST_SCANNED) intervals += letters * (letters - 1) / 2;
    }
  }
  return intervals < MOST_INTERVALS ? intervals : MOST_INTERVALS;
}

/** The intervals that occur more than once. NULL: out of memory. */
static candidates *find_candidates(gm__algebra *a, const gm__group *group, const gm__state *state) {
  size_t defs, kept = 0;
  const uint32_t *list = gm__state_reach(a, group, state, &defs);
  candidates *c = gm__arena_zero(&a->scratch, 1, sizeof *c);
  if (!list || !c) return NULL;
  c->room = count_intervals(a, state, list, defs);
  c->at = gm__arena_alloc(&a->scratch, c->room, sizeof *c->at);
  c->seen = gm__arena_alloc(&a->scratch, c->room, sizeof *c->seen);
  if (!c->at || !c->seen) return NULL;
  a->work += c->room * c->room / 16;
  for (size_t i = 0; i < defs; i++) {
    gm__sum sum = gm__state_sum(a, state, list[i]);
    for (uint32_t t = 0; t < sum.count; t++) {
      if (a->terms.at[sum.first + t].count <= MOST_SCANNED) note_intervals(a, c, &a->terms.at[sum.first + t]);
    }
  }
  for (size_t i = 0; i < c->count && kept < MOST_CANDIDATES; i++) {
    if (c->seen[i] > 1) c->at[kept++] = c->at[i];
  }
  c->count = kept;
  return c;
}

/** Shares the candidate that pays most; false when none does. */
static bool share_one(gm__algebra *a, const gm__group *group, gm__state *state, const candidates *c) {
  double best = state->cost * (1 - 1e-9);
  size_t chosen = c->count;
  if (state->shared_count == GM__MOST_SHARED) return false;
  for (size_t i = 0; i < c->count && a->work < a->most_work; i++) {
    state->shared[state->shared_count++] = c->at[i];
    double cost = total(a, group, state);
    state->shared_count--;
    if (cost >= best) continue;
    best = cost;
    chosen = i;
  }
  if (chosen == c->count) return false;
  state->shared[state->shared_count++] = c->at[chosen];
  state->cost = best;
  return true;
}

void gm__state_price(gm__algebra *a, const gm__group *group, gm__state *state) {
  gm__arena_mark mark = gm__arena_now(&a->scratch);
  state->shared_count = 0;
  state->cost = total(a, group, state);
  const candidates *c = find_candidates(a, group, state);
  a->starved = a->starved || !c;
  while (c && c->count > 0 && !a->starved && share_one(a, group, state, c)) {
  }
  gm__arena_rewind(&a->scratch, mark);
}
