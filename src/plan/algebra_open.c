/* SPDX-License-Identifier: MIT
 *
 * While dims are symbols nothing is chosen, but a reader of the plan wants to know what will be: the choice
 * is made for a few sets of lengths, small and large, alike and with each symbol apart, and what wins for one
 * of them is a candidate. */
#include "plan/algebra_open.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "plan/algebra_text.h"

#define MOST_CANDIDATES 4
#define MOST_SYMBOLS 3
#define MOST_FACTORS 24
#define MOST_KEYS 256
/** Splits weighed for all candidates together; groups beyond are not told. */
#define MOST_WORK 8000000

extern const gm__pass gm__pass_chain;

static const int64_t alike[] = {4, 64, 2048};
#define ALIKE (sizeof alike / sizeof *alike)

/** A candidate: what is computed, and its flops. */
typedef struct candidate {
  char text[400], flops[200];
} candidate;

typedef struct sampler {
  gm__algebra a;
  gm__values values;
  gm__dims *dims; /* a copy, for the polynomials */
  candidate found[MOST_CANDIDATES];
  size_t count;
  uint64_t keys[MOST_KEYS]; /* of intervals whose flops have been counted */
  size_t key_count, work;
  bool distributed; /* one of them uses a law of sums */
  gm__log *log;
  gm_error beyond; /* of polynomials that cannot be held: such a candidate is left out */
} sampler;

/* ---- Flops as polynomials ---- */

static gm_status letter_dims(sampler *s, gm__letter letter, gm__dim out[2]);

static gm_status node_dims(sampler *s, uint32_t id, gm__dim out[2]) {
  const gm__node *node = gm__node_of(s->a.plan->graph, id);
  int axes = node->rank > 1 ? node->rank - 1 : node->rank;
  out[1] = node->rank > 1 ? node->dims[node->rank - 1] : 1;
  return gm__dim_product(s->dims, node->dims, axes, &out[0], &s->beyond);
}

/** Of a bracket that was not written: those of its first term. */
static gm_status def_dims(sampler *s, uint32_t def, gm__dim out[2]) {
  const gm__algebra *a = &s->a;
  gm__dim last[2];
  if (a->defs.at[def].node) return node_dims(s, a->defs.at[def].node, out);
  const gm__term term = a->terms.at[a->variants.at[a->defs.at[def].sum].first];
  GM_TRY(letter_dims(s, a->letters.at[term.first], out));
  GM_TRY(letter_dims(s, a->letters.at[term.first + term.count - 1], last));
  out[1] = last[1];
  return GM_OK;
}

static gm_status letter_dims(sampler *s, gm__letter letter, gm__dim out[2]) {
  const gm__atom *atom = &s->a.atoms.at[letter >> 1];
  gm__dim own[2];
  if (atom->def == GM__NO_DEF)
    GM_TRY(node_dims(s, atom->node, own));
  else
    GM_TRY(def_dims(s, atom->def, own));
  out[0] = own[letter & 1];
  out[1] = own[1 - (letter & 1)];
  return GM_OK;
}

/** Is it the first time that an interval is counted? */
static bool is_fresh(sampler *s, uint64_t key) {
  for (size_t i = 0; i < s->key_count; i++) {
    if (s->keys[i] == key) return false;
  }
  if (s->key_count < MOST_KEYS) s->keys[s->key_count++] = key;
  return true;
}

/** Adds 2·m·n·k of each merge. */
static gm_status add_chain(sampler *s, const gm__group *group, const gm__state *state, const gm__term *term,
    uint64_t own, gm__dim *sum) {
  gm__algebra *a = &s->a;
  gm__dim sides[2 * MOST_FACTORS][2];
  int count = (int)term->count;
  gm__ordered order = gm__state_order(a, group, state, term, own, false);
  const gm__merge *merges = order.merges;
  if (order.cost == INFINITY) return gm__no_memory(a->error);
  for (int i = 0; i < count; i++) GM_TRY(letter_dims(s, a->letters.at[term->first + (uint32_t)i], sides[i]));
  int from[2 * MOST_FACTORS], to[2 * MOST_FACTORS];
  for (int i = 0; i < count; i++) from[i] = i, to[i] = i + 1;
  for (int i = 0; i < count - 1; i++) {
    const gm__dim *left = sides[merges[i].left], *right = sides[merges[i].right];
    const gm__dim all[4] = {2, left[0], left[1], right[1]};
    gm__dim flops;
    bool turned;
    from[count + i] = from[merges[i].left];
    to[count + i] = to[merges[i].right];
    sides[count + i][0] = left[0];
    sides[count + i][1] = right[1];
    const gm__factor *first = &order.factors[from[count + i]];
    if (!is_fresh(s, gm__chain_key(first, to[count + i] - from[count + i], &turned))) continue;
    GM_TRY(gm__dim_product(s->dims, all, 4, &flops, &s->beyond));
    GM_TRY(gm__dim_add(s->dims, *sum, flops, sum, &s->beyond));
  }
  return GM_OK;
}

static gm_status say_flops(sampler *s, gm__dim flops, char *text, size_t size) {
  gm__text out = gm__text_into(text, size);
  GM_TRY(gm__dim_resolve(s->dims, flops, &flops, &s->beyond));
  gm__dim_text(s->dims, flops, &out);
  gm__text_end(&out);
  return GM_OK;
}

static gm_status chosen_flops(
    sampler *s, const gm__group *group, const gm__state *state, char *text, size_t size) {
  gm__algebra *a = &s->a;
  gm__dim sum = 0;
  size_t defs;
  s->key_count = 0;
  const uint32_t *list = gm__state_reach(a, group, state, &defs);
  if (!list) return gm__no_memory(a->error);
  for (size_t i = 0; i < defs; i++) {
    gm__sum terms = gm__state_sum(a, state, list[i]);
    for (uint32_t t = 0; t < terms.count; t++) {
      const gm__term *term = &a->terms.at[terms.first + t];
      if (term->count > MOST_FACTORS) return GM_LIMIT;
      if (term->count > 1)
        GM_TRY(add_chain(s, group, state, term, gm__state_root_key(a, state, list[i]), &sum));
    }
  }
  return say_flops(s, sum, text, size);
}

static gm_status written_flops(sampler *s, const gm__group *group, char *text, size_t size) {
  gm__algebra *a = &s->a;
  gm__dim sum = 0;
  a->stamp++;
  for (size_t d = 0; d < group->count; d++) {
    const gm__def *def = &a->defs.at[group->defs[d]];
    for (uint32_t i = 0; i < def->opened_count; i++) {
      uint32_t id = a->opened.at[def->opened + i];
      gm__dim flops = gm__node_of(a->plan->graph, id)->flops;
      bool counts = a->facts[id].seen != a->stamp && a->facts[id].role == GM__ROLE_PRODUCT;
      a->facts[id].seen = a->stamp;
      if (counts && flops != GM__DIM_AUTO) GM_TRY(gm__dim_add(s->dims, sum, flops, &sum, &s->beyond));
    }
  }
  return say_flops(s, sum, text, size);
}

/* ---- Samples ---- */

static void set_lengths(sampler *s, size_t sample) {
  for (size_t i = 0; i < s->values.capacity; i++) {
    s->values.value[i] = sample < ALIKE ? alike[sample] : 16;
    if (sample >= ALIKE && (sample - ALIKE) / 2 == i) s->values.value[i] = (sample - ALIKE) % 2 ? 1 : 2048;
  }
}

/** The lengths of what the group reads, under the sample; false: they cannot be so. */
static bool measure(sampler *s, const gm__group *group) {
  gm__algebra *a = &s->a;
  bool possible = true;
  for (size_t d = 0; d < group->count; d++) {
    gm__def *def = &a->defs.at[group->defs[d]];
    gm__sum sum = a->variants.at[def->sum];
    const gm__node *node = gm__node_of(a->plan->graph, def->node);
    def->rows = gm__algebra_rows(a, node);
    def->columns = gm__algebra_columns(a, node);
    for (uint32_t t = 0; t < sum.count; t++) {
      const gm__term *term = &a->terms.at[sum.first + t];
      for (uint32_t i = 0; i < term->count; i++) {
        gm__atom *atom = &a->atoms.at[a->letters.at[term->first + i] >> 1];
        uint32_t id = atom->def == GM__NO_DEF ? atom->node : a->defs.at[atom->def].node;
        atom->rows = gm__algebra_rows(a, gm__node_of(a->plan->graph, id));
        atom->columns = gm__algebra_columns(a, gm__node_of(a->plan->graph, id));
        possible = possible && atom->rows >= 0 && atom->columns >= 0;
      }
    }
  }
  return possible;
}

static gm_status texts(
    sampler *s, const gm__group *group, const gm__state *state, bool chosen, candidate *out) {
  gm__algebra *a = &s->a;
  gm__text text = gm__text_into(out->text, sizeof out->text);
  for (size_t i = 0; i < group->count; i++) {
    const gm__def def = a->defs.at[group->defs[i]];
    if (!def.root) continue;
    if (text.length) gm__text_add(&text, "; ");
    if (chosen)
      GM_TRY(gm__chosen_text(a, group, state, group->defs[i], &text));
    else
      gm__written_text(a, def.node, &text);
  }
  if (chosen) GM_TRY(gm__shared_text(a, group, state, &text));
  gm__text_end(&text);
  return chosen ? chosen_flops(s, group, state, out->flops, sizeof out->flops)
                : written_flops(s, group, out->flops, sizeof out->flops);
}

static gm_status sample(sampler *s, gm__group *group, size_t which) {
  candidate fresh;
  gm__state best;
  gm__arena_mark mark = gm__arena_now(&s->a.scratch);
  set_lengths(s, which);
  if (!measure(s, group)) return GM_OK;
  gm__group_written(&s->a, group);
  GM_TRY(gm__state_search(&s->a, group, &best));
  s->work += s->a.work;
  gm_status status = texts(s, group, &best, gm__state_pays(group, &best), &fresh);
  gm__arena_rewind(&s->a.scratch, mark);
  if (status == GM_NO_MEMORY) return gm__no_memory(s->a.error);
  if (status) return GM_OK;
  for (size_t i = 0; i < s->count; i++) {
    if (strcmp(s->found[i].text, fresh.text) == 0) return GM_OK;
  }
  s->distributed = s->distributed || best.distributed;
  if (s->count < MOST_CANDIDATES) s->found[s->count++] = fresh;
  return GM_OK;
}

/** The root that is told as the place: the last. */
static uint32_t root_of(const gm__algebra *a, const gm__group *group) {
  uint32_t node = 0;
  for (size_t i = 0; i < group->count; i++) {
    if (a->defs.at[group->defs[i]].root) node = a->defs.at[group->defs[i]].node;
  }
  return node;
}

static gm_status log_candidates(sampler *s, const gm__group *group) {
  candidate written;
  char after[MOST_CANDIDATES * 640];
  gm__text text = gm__text_into(after, sizeof after);
  gm_status status = texts(s, group, NULL, false, &written);
  if (status == GM_NO_MEMORY) return gm__no_memory(s->a.error);
  if (status) return GM_OK;
  if (s->count == 0 || (s->count == 1 && strcmp(s->found[0].text, written.text) == 0)) return GM_OK;
  if (s->count > 1) gm__text_add(&text, "by the dims: ");
  for (size_t i = 0; i < s->count; i++) {
    gm__text_format(&text, "%s%s", i ? ", or " : "", s->found[i].text);
    if (s->count > 1) gm__text_format(&text, " [%s]", s->found[i].flops);
  }
  gm__text_end(&text);
  const gm__pass *pass = s->distributed ? &gm__pass_sums : &gm__pass_chain;
  const gm__note note = {pass, gm__node_label(s->a.plan->graph, root_of(&s->a, group)), written.text, after,
      "flops", written.flops, s->count > 1 ? "by the dims" : s->found[0].flops};
  return gm__log_add(s->log, &note, s->a.error);
}

static gm_status each_group(sampler *s) {
  gm__group *groups;
  size_t count, symbols = s->values.capacity < MOST_SYMBOLS ? s->values.capacity : MOST_SYMBOLS;
  GM_TRY(gm__algebra_facts(&s->a));
  GM_TRY(gm__algebra_read(&s->a));
  if (s->a.defs.count == 0) return GM_OK;
  GM_TRY(gm__algebra_groups(&s->a, &groups, &count));
  s->a.values = &s->values;
  for (size_t i = 0; i < count && s->work < MOST_WORK; i++) {
    if (!groups[i].open || !groups[i].roots || groups[i].count > GM__MOST_DEFS ||
        gm__group_simple(&s->a, &groups[i]))
      continue;
    s->count = 0;
    s->distributed = false;
    for (size_t which = 0; which < ALIKE + 2 * symbols; which++) GM_TRY(sample(s, &groups[i], which));
    GM_TRY(log_candidates(s, &groups[i]));
  }
  return s->a.starved ? gm__no_memory(s->a.error) : GM_OK;
}

gm_status gm__algebra_candidates(const gm_plan *plan, gm__log *log, gm_error *error) {
  gm_plan *owner = (gm_plan *)(uintptr_t)plan;
  sampler *s = gm__alloc_zero(1, sizeof *s);
  if (!s) return gm__no_memory(error);
  s->a = (gm__algebra){.plan = owner, .error = error};
  gm__algebra_switches(&s->a);
  s->log = log;
  s->dims = gm__dims_copy(plan->graph->dims, NULL, NULL, error);
  bool held = s->dims && gm__values_reserve(&s->values, plan->graph->dims);
  gm_status status = held ? each_group(s) : gm__no_memory(error);
  gm__values_free(&s->values);
  gm__dims_free(s->dims);
  gm__algebra_free(&s->a);
  gm__free(s);
  return status;
}
