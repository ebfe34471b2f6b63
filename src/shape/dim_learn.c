/* SPDX-License-Identifier: MIT
 *
 * Learning: a free symbol becomes another symbol (their classes join) or an expression (its class gets a
 * value). Constraints stand in watches of the symbols they mention and are examined again when one of these
 * changes: when classes join, those of the lighter one suffice, since whatever the union decides mentions
 * both. So a constraint is looked at a logarithmic number of times for any number of unifications. */
#include "shape/dim_table.h"

/* Before a symbol changes: what it was. */
static gm_status keep(gm__dims *dims, uint32_t symbol, gm_error *error) {
  if (!gm__list_room(&dims->trail, 1, sizeof(gm__undo))) return gm__no_memory(error);
  gm__undo *undo = (gm__undo *)dims->trail.at + dims->trail.count++;
  *undo = (gm__undo){symbol, dims->watches.count, *gm__symbol_at(dims, symbol)};
  return GM_OK;
}

static gm_status add_watch(gm__dims *dims, uint32_t symbol, uint32_t constraint, gm_error *error) {
  uint32_t newest = gm__symbol_at(dims, symbol)->watch, root = gm__symbol_root(dims, symbol);
  if (newest != GM__NONE && gm__watch_at(dims, newest)->constraint == constraint) return GM_OK;
  GM_TRY(keep(dims, symbol, error));
  if (root != symbol) GM_TRY(keep(dims, root, error));
  if (!gm__list_room(&dims->watches, 1, sizeof(gm__watch))) return gm__no_memory(error);
  *gm__watch_at(dims, dims->watches.count) = (gm__watch){constraint, newest};
  gm__symbol_at(dims, symbol)->watch = (uint32_t)dims->watches.count++;
  gm__symbol_at(dims, root)->weight++;
  return GM_OK;
}

typedef struct watcher {
  gm__dims *dims;
  uint32_t constraint;
  gm_status status;
  gm_error *error;
} watcher;

static bool watch_symbol(void *context, uint32_t symbol) {
  watcher *w = context;
  w->status = add_watch(w->dims, symbol, w->constraint, w->error);
  return w->status != GM_OK;
}

static gm_status watch_word(gm__dims *dims, uint32_t constraint, gm__dim word, gm_error *error) {
  watcher w = {dims, constraint, GM_OK, error};
  gm__dim_walk(dims, word, watch_symbol, &w);
  return w.status;
}

gm_status gm__watch_constraint(gm__dims *dims, uint32_t index, gm_error *error) {
  gm__constraint constraint = *gm__constraint_at(dims, index);
  gm__dim a = 0, b = 0;
  GM_TRY(gm__dim_move(dims, dims, constraint.a, &a, error));
  GM_TRY(gm__dim_move(dims, dims, constraint.b, &b, error));
  GM_TRY(watch_word(dims, index, a, error));
  return watch_word(dims, index, b, error);
}

static uint32_t constraint_hash(const gm__constraint *constraint) {
  const int64_t key[] = {(int64_t)constraint->kind, constraint->a, constraint->b, constraint->source.user};
  uint64_t hash = gm__hash(GM__HASH_SEED, key, sizeof key);
  return (uint32_t)(hash ^ hash >> 32);
}

static bool has_constraint(const gm__dims *dims, const gm__constraint *wanted, uint32_t hash) {
  uint32_t i = gm__chains_first(&dims->by_constraint, hash);
  for (; i != GM__NONE; i = gm__chains_next(&dims->by_constraint, i)) {
    const gm__constraint *other = gm__constraint_at(dims, i);
    if (other->kind == wanted->kind && other->a == wanted->a && other->b == wanted->b &&
        other->source.user == wanted->source.user)
      return true;
  }
  return false;
}

gm_status gm__constrain(gm__dims *dims, const gm__constraint *constraint, gm_error *error) {
  gm__constraint added = *constraint;
  uint32_t hash = constraint_hash(&added);
  if (has_constraint(dims, &added, hash)) return GM_OK;
  if (!gm__list_room(&dims->constraints, 1, sizeof added) || !gm__chains_room(&dims->by_constraint))
    return gm__no_memory(error);
  *gm__constraint_at(dims, dims->constraints.count) = added;
  gm__chains_push(&dims->by_constraint, hash);
  return gm__watch_constraint(dims, (uint32_t)dims->constraints.count++, error);
}

/* Queues the constraints that the class watches. */
static gm_status queue_class(gm__dims *dims, uint32_t root, gm_error *error) {
  uint32_t symbol = root;
  do {
    for (uint32_t i = gm__symbol_at(dims, symbol)->watch; i != GM__NONE; i = gm__watch_at(dims, i)->next) {
      if (!gm__list_room(&dims->queue, 1, sizeof(uint32_t))) return gm__no_memory(error);
      ((uint32_t *)dims->queue.at)[dims->queue.count++] = gm__watch_at(dims, i)->constraint;
    }
    symbol = gm__symbol_at(dims, symbol)->next;
  } while (symbol != root);
  return GM_OK;
}

static void swap_next(gm__symbol *a, gm__symbol *b) {
  uint32_t next = a->next;
  a->next = b->next;
  b->next = next;
}

/* The symbol that `winner` stands for joins it. */
static gm_status join(gm__dims *dims, uint32_t loser, uint32_t winner, gm_error *error) {
  uint32_t a = gm__symbol_root(dims, loser), b = gm__symbol_root(dims, winner);
  bool a_heavier = gm__symbol_at(dims, a)->weight > gm__symbol_at(dims, b)->weight;
  uint32_t heavy = a_heavier ? a : b, light = a_heavier ? b : a;
  GM_TRY(queue_class(dims, light, error));
  GM_TRY(keep(dims, heavy, error));
  GM_TRY(keep(dims, light, error));
  gm__symbol *root = gm__symbol_at(dims, heavy), *child = gm__symbol_at(dims, light);
  swap_next(root, child);
  child->parent = heavy;
  root->leader = winner;
  root->weight += child->weight;
  if (root->level < child->level) root->level = child->level;
  return GM_OK;
}

typedef struct raise {
  gm__dims *dims;
  uint32_t level;
  gm_status status;
  gm_error *error;
} raise;

static bool raise_symbol(void *context, uint32_t symbol) {
  raise *r = context;
  uint32_t root = gm__symbol_root(r->dims, symbol);
  if (gm__symbol_at(r->dims, root)->level >= r->level) return false;
  r->status = keep(r->dims, root, r->error);
  if (r->status == GM_OK) gm__symbol_at(r->dims, root)->level = r->level;
  return r->status != GM_OK;
}

/* What waits for the class now waits for what it became. */
static gm_status pass_on(gm__dims *dims, size_t from, gm__dim value, gm_error *error) {
  for (size_t i = from; i < dims->queue.count; i++)
    GM_TRY(watch_word(dims, ((const uint32_t *)dims->queue.at)[i], value, error));
  return GM_OK;
}

static gm_status bind(gm__dims *dims, uint32_t symbol, gm__dim value, gm_error *error) {
  uint32_t root = gm__symbol_root(dims, symbol);
  size_t queued = dims->queue.count;
  raise r = {dims, gm__symbol_at(dims, root)->level + 1, GM_OK, error};
  GM_TRY(queue_class(dims, root, error));
  GM_TRY(keep(dims, root, error));
  gm__symbol_at(dims, root)->value = value;
  gm__dim_walk(dims, value, raise_symbol, &r);
  if (r.status != GM_OK) return r.status;
  return pass_on(dims, queued, value, error);
}

gm_status gm__learn(
    gm__dims *dims, uint32_t symbol, gm__dim value, const gm__source *source, gm_error *error) {
  uint32_t other = gm__word_symbol(dims, value);
  GM_TRY(keep(dims, symbol, error));
  gm__symbol_at(dims, symbol)->learnt = value;
  gm__symbol_at(dims, symbol)->source = *source;
  dims->epoch++;
  return other != GM__NONE ? join(dims, symbol, other, error) : bind(dims, symbol, value, error);
}

gm_status gm__settle(gm__dims *dims, uint32_t *culprit, gm_error *error) {
  *culprit = GM__NONE;
  while (dims->queue.count > 0) {
    uint32_t index = ((const uint32_t *)dims->queue.at)[--dims->queue.count];
    gm__constraint constraint = *gm__constraint_at(dims, index);
    gm__verdict verdict = GM__OPEN;
    dims->work = GM__DIM_WORK;
    GM_TRY(gm__examine(dims, &constraint, &verdict, error));
    if (verdict != GM__REFUTED) continue;
    *culprit = index;
    dims->queue.count = 0;
  }
  return GM_OK;
}
