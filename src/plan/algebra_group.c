/* SPDX-License-Identifier: MIT
 *
 * Groups: definitions are weighed together where one reads an interval or a bracket that another reads too.
 * Found with a table of the keys of all intervals that are not too long, in linear time. */
#include <math.h>
#include "plan/algebra_state.h"

/** Intervals of more letters are not looked for. */
#define LONGEST 16

/** The table: key -> definition, open addressing; owner GM__NO_DEF is nobody. */
typedef struct slot {
  uint64_t key;
  uint32_t owner;
} slot;

typedef struct grouping {
  gm__algebra *a;
  slot *slots;
  size_t mask;
  uint32_t *parent;
} grouping;

static uint32_t root_of(grouping *g, uint32_t def) {
  while (g->parent[def] != def) def = g->parent[def] = g->parent[g->parent[def]];
  return def;
}

static void join(grouping *g, uint32_t a, uint32_t b) {
  a = root_of(g, a), b = root_of(g, b);
  if (a < b)
    g->parent[b] = a;
  else
    g->parent[a] = b;
}

static void enter(grouping *g, uint64_t key, uint32_t def) {
  size_t at = (size_t)(key ^ key >> 32) & g->mask;
  while (g->slots[at].owner != GM__NO_DEF && g->slots[at].key != key) at = (at + 1) & g->mask;
  if (g->slots[at].owner == GM__NO_DEF)
    g->slots[at] = (slot){key, def};
  else
    join(g, g->slots[at].owner, def);
}

static uint32_t lesser(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}

static gm_status enter_term(grouping *g, const gm__term *term, uint32_t def) {
  gm__algebra *a = g->a;
  const gm__letter *letters = a->letters.at + term->first;
  gm__arena_mark mark = gm__arena_now(&a->scratch);
  gm__factor *factors = gm__arena_alloc(&a->scratch, term->count, sizeof *factors);
  if (!factors) return gm__no_memory(a->error);
  gm__algebra_factors(a, letters, term->count, factors);
  for (uint32_t i = 0; i < term->count; i++) {
    bool turned;
    uint32_t bracket = a->atoms.at[letters[i] >> 1].def;
    if (bracket != GM__NO_DEF) join(g, bracket, def);
    for (uint32_t n = 2; n <= lesser(LONGEST, term->count - i); n++)
      enter(g, gm__chain_key(factors + i, (int)n, &turned), def);
  }
  gm__arena_rewind(&a->scratch, mark);
  return GM_OK;
}

static size_t intervals(const gm__algebra *a) {
  size_t count = 1 + a->opened.count;
  for (size_t i = 0; i < a->terms.count; i++)
    count += (size_t)a->terms.at[i].count * lesser(LONGEST, a->terms.at[i].count);
  return count;
}

/** Nodes that several read. */
static void enter_opened(grouping *g, uint32_t def) {
  const gm__algebra *a = g->a;
  for (uint32_t i = 0; i < a->defs.at[def].opened_count; i++) {
    uint32_t id = a->opened.at[a->defs.at[def].opened + i];
    if (a->facts[id].uses > 1) enter(g, UINT64_MAX - id, def);
  }
}

static gm_status enter_all(grouping *g) {
  gm__algebra *a = g->a;
  size_t size = 16, wanted = 2 * intervals(a);
  while (size < wanted) size *= 2;
  g->mask = size - 1;
  g->slots = gm__arena_alloc(&a->scratch, size, sizeof *g->slots);
  g->parent = gm__arena_alloc(&a->scratch, a->defs.count, sizeof *g->parent);
  if (!g->slots || !g->parent) return gm__no_memory(a->error);
  for (size_t i = 0; i < size; i++) g->slots[i].owner = GM__NO_DEF;
  for (uint32_t i = 0; i < a->defs.count; i++) g->parent[i] = i;
  for (uint32_t i = 0; i < a->defs.count; i++) {
    gm__sum sum = a->variants.at[a->defs.at[i].sum];
    enter_opened(g, i);
    for (uint32_t t = 0; t < sum.count; t++) GM_TRY(enter_term(g, &a->terms.at[sum.first + t], i));
  }
  return GM_OK;
}

/* ---- What was written ---- */

static double elements(const gm__algebra *a, const gm__node *node) {
  return (double)gm__algebra_rows(a, node) * (double)gm__algebra_columns(a, node);
}

static bool is_transpose_of(const gm__algebra *a, uint32_t x, uint32_t y) {
  return a->facts[x].role == GM__ROLE_TURNED && gm__node_of(a->plan->graph, x)->inputs[0] == y;
}

static double product_cost(const gm__algebra *a, const gm__node *node) {
  uint32_t x = node->inputs[0], y = node->inputs[1];
  const gm__node *left = gm__node_of(a->plan->graph, x), *right = gm__node_of(a->plan->graph, y);
  bool row = left->rank == 1, symmetric = is_transpose_of(a, x, y) || is_transpose_of(a, y, x);
  double m = row ? 1 : (double)gm__algebra_rows(a, left), n = (double)gm__algebra_columns(a, right);
  double k = row ? (double)gm__algebra_rows(a, left) : (double)gm__algebra_columns(a, left);
  const gm__work work = {m, n, k, (gm_dtype)node->dtype, a->forms[x], a->forms[y], symmetric};
  return gm__cost_product(&work);
}

static bool is_hoisted(const gm__algebra *a, uint32_t id) {
  return a->hoists && a->facts[id].known;
}

static double written_cost(const gm__algebra *a, uint32_t id) {
  const gm__node *node = gm__node_of(a->plan->graph, id);
  double size = (double)gm__dtype_bytes((gm_dtype)node->dtype) * elements(a, node);
  if (is_hoisted(a, id)) return 0;
  switch ((gm__role)a->facts[id].role) {
  case GM__ROLE_PRODUCT: return product_cost(a, node);
  case GM__ROLE_SUM: return gm__cost_bytes((1 + node->input_count) * size);
  case GM__ROLE_SCALED: return gm__cost_bytes(2 * size);
  default: return 0;
  }
}

void gm__group_written(gm__algebra *a, gm__group *group) {
  a->stamp++;
  group->written = 0;
  for (size_t d = 0; d < group->count; d++) {
    const gm__def *def = &a->defs.at[group->defs[d]];
    for (uint32_t i = 0; i < def->opened_count; i++) {
      uint32_t id = a->opened.at[def->opened + i];
      if (a->facts[id].seen != a->stamp) group->written += written_cost(a, id);
      a->facts[id].seen = a->stamp;
    }
  }
}

/* ---- The groups ---- */

static bool is_open(const gm__algebra *a, uint32_t def) {
  gm__sum sum = a->variants.at[a->defs.at[def].sum];
  for (uint32_t t = 0; t < sum.count; t++) {
    const gm__term *term = &a->terms.at[sum.first + t];
    for (uint32_t i = 0; i < term->count; i++) {
      const gm__atom *atom = &a->atoms.at[a->letters.at[term->first + i] >> 1];
      if (atom->rows < 0 || atom->columns < 0) return true;
    }
  }
  return false;
}

bool gm__group_simple(const gm__algebra *a, const gm__group *group) {
  const gm__def *def = &a->defs.at[group->defs[0]];
  gm__sum sum = a->variants.at[def->sum];
  const gm__term *term = &a->terms.at[sum.first];
  uint32_t computed = 0;
  for (uint32_t i = 0; i < def->opened_count; i++)
    computed += a->facts[a->opened.at[def->opened + i]].role != GM__ROLE_TURNED;
  return group->count == 1 && computed == 1 && sum.count == 1 && gm__term_plain(term) && term->count == 2;
}

static void fill(gm__algebra *a, gm__group *groups, size_t count, uint32_t *members) {
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; i++) {
    groups[i].defs = members + used;
    used += (uint32_t)groups[i].count;
    groups[i].count = 0;
  }
  for (uint32_t def = 0; def < a->defs.count; def++) {
    gm__group *group = &groups[a->defs.at[def].group];
    ((uint32_t *)(uintptr_t)group->defs)[group->count++] = def;
    group->roots += a->defs.at[def].root;
    group->dtype = a->defs.at[def].dtype;
    group->open = group->open || is_open(a, def);
  }
}

gm_status gm__algebra_groups(gm__algebra *a, gm__group **groups, size_t *count) {
  grouping g = {.a = a};
  GM_TRY(enter_all(&g));
  *count = 0;
  uint32_t *members = gm__arena_alloc(&a->scratch, a->defs.count, sizeof *members);
  *groups = gm__arena_zero(&a->scratch, a->defs.count, sizeof **groups);
  if (!members || !*groups) return gm__no_memory(a->error);
  for (uint32_t def = 0; def < a->defs.count; def++) {
    uint32_t root = root_of(&g, def);
    a->defs.at[def].group = root == def ? (uint32_t)(*count)++ : a->defs.at[root].group;
    (*groups)[a->defs.at[def].group].count++;
  }
  fill(a, *groups, *count, members);
  return GM_OK;
}
