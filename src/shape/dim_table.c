/* SPDX-License-Identifier: MIT
 *
 * The table of dims: making, copying and freeing it, and going back to a mark. Since everything is appended,
 * a mark is six counts; symbols, which change, are put back from the trail, the newest change first. */
#include "shape/dim_table.h"

#include <string.h>

bool gm__list_room(gm__list *list, size_t more, size_t size) {
  if (more > GM__NONE - 1 - list->count) return false;
  return gm__grow(&list->at, &list->capacity, list->count + more, size);
}

bool gm__list_copy(gm__list *copy, const gm__list *list, size_t size) {
  if (list->count == 0) return true;
  copy->at = gm__alloc(list->count, size);
  if (copy->at == NULL) return false;
  memcpy(copy->at, list->at, list->count * size);
  copy->count = copy->capacity = list->count;
  return true;
}

static gm__link *link_at(const gm__chains *chains, size_t i) {
  return (gm__link *)chains->links.at + i;
}

static void hang(gm__chains *chains, uint32_t index) {
  gm__link *link = link_at(chains, index);
  uint32_t *bucket = &chains->bucket[link->hash & (chains->buckets - 1)];
  link->next = *bucket;
  *bucket = index;
}

static bool widen(gm__chains *chains) {
  size_t buckets = chains->buckets == 0 ? 16 : chains->buckets * 2;
  uint32_t *bucket = gm__alloc(buckets, sizeof *bucket);
  if (bucket == NULL) return false;
  memset(bucket, 0xff, buckets * sizeof *bucket);
  gm__free(chains->bucket);
  chains->bucket = bucket;
  chains->buckets = buckets;
  for (uint32_t i = 0; i < chains->links.count; i++) hang(chains, i);
  return true;
}

bool gm__chains_room(gm__chains *chains) {
  if (!gm__list_room(&chains->links, 1, sizeof(gm__link))) return false;
  return chains->links.count < chains->buckets || widen(chains);
}

void gm__chains_push(gm__chains *chains, uint32_t hash) {
  uint32_t index = (uint32_t)chains->links.count++;
  link_at(chains, index)->hash = hash;
  hang(chains, index);
}

void gm__chains_cut(gm__chains *chains, size_t count) {
  while (chains->links.count > count) {
    const gm__link *link = link_at(chains, --chains->links.count);
    chains->bucket[link->hash & (chains->buckets - 1)] = link->next;
  }
}

static uint32_t skip(const gm__chains *chains, uint32_t index, uint32_t hash) {
  while (index != GM__NONE && link_at(chains, index)->hash != hash) index = link_at(chains, index)->next;
  return index;
}

uint32_t gm__chains_first(const gm__chains *chains, uint32_t hash) {
  if (chains->buckets == 0) return GM__NONE;
  return skip(chains, chains->bucket[hash & (chains->buckets - 1)], hash);
}

uint32_t gm__chains_next(const gm__chains *chains, uint32_t index) {
  const gm__link *link = link_at(chains, index);
  return skip(chains, link->next, link->hash);
}

static void free_chains(gm__chains *chains) {
  gm__free(chains->links.at);
  gm__free(chains->bucket);
}

static bool copy_chains(gm__chains *copy, const gm__chains *chains) {
  if (!gm__list_copy(&copy->links, &chains->links, sizeof(gm__link))) return false;
  if (chains->buckets == 0) return true;
  copy->bucket = gm__alloc(chains->buckets, sizeof *copy->bucket);
  if (copy->bucket == NULL) return false;
  memcpy(copy->bucket, chains->bucket, chains->buckets * sizeof *copy->bucket);
  copy->buckets = chains->buckets;
  return true;
}

gm__dims *gm__dims_new(gm_error *error) {
  gm__dims *dims = gm__alloc_zero(1, sizeof *dims);
  uint64_t one = 0;
  if (dims != NULL) {
    dims->epoch = 1;
    dims->allowance = GM__DIMS_NO_LIMIT;
  }
  if (dims != NULL && gm__mono_make(dims, NULL, 0, &one, NULL) == GM_OK) return dims;
  gm__dims_free(dims);
  gm__no_memory(error);
  return NULL;
}

void gm__dims_allow(gm__dims *dims, int64_t operations) {
  dims->allowance = operations;
}

static void free_names(gm__dims *dims, size_t from) {
  for (size_t i = from; i < dims->symbols.count; i++) gm__free(gm__symbol_at(dims, i)->name);
}

void gm__dims_free(gm__dims *dims) {
  if (dims == NULL) return;
  free_names(dims, 0);
  gm__chains *const chains[] = {
      &dims->by_name, &dims->by_atom, &dims->by_mono, &dims->by_expr, &dims->by_constraint};
  for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) free_chains(chains[i]);
  gm__list *const lists[] = {&dims->symbols, &dims->atoms, &dims->monos, &dims->exprs, &dims->constraints,
      &dims->factors, &dims->terms, &dims->named, &dims->watches, &dims->trail, &dims->queue};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) gm__free(lists[i]->at);
  gm__free(dims);
}

static bool copy_symbols(gm__dims *copy, const gm__dims *dims) {
  if (!gm__list_copy(&copy->symbols, &dims->symbols, sizeof(gm__symbol))) return false;
  bool ok = true;
  for (size_t i = 0; i < copy->symbols.count; i++) {
    gm__symbol *symbol = gm__symbol_at(copy, i);
    const char *name = symbol->name;
    symbol->watch = GM__NONE;
    symbol->name = name == NULL || !ok ? NULL : gm__strdup(name);
    ok = ok && (name == NULL || symbol->name != NULL);
  }
  return ok;
}

static bool copy_expressions(gm__dims *copy, const gm__dims *dims) {
  copy->epoch = dims->epoch;
  copy->allowance = GM__DIMS_NO_LIMIT;
  return copy_symbols(copy, dims) && gm__list_copy(&copy->named, &dims->named, sizeof(uint32_t)) &&
         gm__list_copy(&copy->atoms, &dims->atoms, sizeof(gm__atom)) &&
         gm__list_copy(&copy->monos, &dims->monos, sizeof(gm__mono)) &&
         gm__list_copy(&copy->exprs, &dims->exprs, sizeof(gm__expr)) &&
         gm__list_copy(&copy->factors, &dims->factors, sizeof(gm__factor)) &&
         gm__list_copy(&copy->terms, &dims->terms, sizeof(gm__term)) &&
         copy_chains(&copy->by_name, &dims->by_name) && copy_chains(&copy->by_atom, &dims->by_atom) &&
         copy_chains(&copy->by_mono, &dims->by_mono) && copy_chains(&copy->by_expr, &dims->by_expr);
}

/* A copy is mostly read: everything is resolved now, so that nothing needs memory later. */
static gm_status resolve_all(gm__dims *copy, gm_error *error) {
  size_t count = copy->exprs.count;
  for (uint32_t i = 0; i < count; i++) {
    gm__dim ignored = 0;
    gm_status status = gm__dim_resolve(copy, gm__dim_word(i), &ignored, NULL);
    if (status == GM_NO_MEMORY) return gm__no_memory(error);
  }
  return GM_OK;
}

static gm_status copy_constraints(gm__dims *copy, const gm__dims *dims,
    bool (*keep)(const void *context, uint32_t user), const void *context, gm_error *error) {
  for (size_t i = 0; i < dims->constraints.count; i++) {
    const gm__constraint *constraint = gm__constraint_at(dims, i);
    if (keep != NULL && !keep(context, constraint->source.user)) continue;
    GM_TRY(gm__constrain(copy, constraint, error));
  }
  copy->trail.count = 0;
  return GM_OK;
}

gm__dims *gm__dims_copy(const gm__dims *dims, bool (*keep)(const void *context, uint32_t user),
    const void *context, gm_error *error) {
  gm__dims *copy = gm__alloc_zero(1, sizeof *copy);
  if (copy == NULL) {
    gm__no_memory(error);
    return NULL;
  }
  gm_status status = copy_expressions(copy, dims) ? GM_OK : gm__no_memory(error);
  if (status == GM_OK) status = resolve_all(copy, error);
  if (status == GM_OK) status = copy_constraints(copy, dims, keep, context, error);
  if (status == GM_OK) return copy;
  gm__dims_free(copy);
  return NULL;
}

gm__dims_mark gm__dims_now(const gm__dims *dims) {
  return (gm__dims_mark){{dims->symbols.count, dims->atoms.count, dims->monos.count, dims->exprs.count,
      dims->trail.count, dims->constraints.count}};
}

static void undo_learning(gm__dims *dims, size_t trail) {
  while (dims->trail.count > trail) {
    const gm__undo *undo = (gm__undo *)dims->trail.at + --dims->trail.count;
    *gm__symbol_at(dims, undo->symbol) = undo->old;
    dims->watches.count = undo->watches;
  }
}

static void cut_symbols(gm__dims *dims, size_t count) {
  const uint32_t *named = dims->named.at;
  while (dims->named.count > 0 && named[dims->named.count - 1] >= count) dims->named.count--;
  free_names(dims, count);
  dims->symbols.count = count;
  gm__chains_cut(&dims->by_name, count);
}

static void cut_monos(gm__dims *dims, size_t count) {
  if (count < dims->monos.count) dims->factors.count = gm__mono_at(dims, count)->first;
  dims->monos.count = count;
  gm__chains_cut(&dims->by_mono, count);
}

static void cut_exprs(gm__dims *dims, size_t count) {
  if (count < dims->exprs.count) dims->terms.count = gm__expr_at(dims, count)->first;
  dims->exprs.count = count;
  gm__chains_cut(&dims->by_expr, count);
}

void gm__dims_rewind(gm__dims *dims, gm__dims_mark mark) {
  if (dims->exprs.count > mark.field[3] || dims->trail.count > mark.field[4]) dims->epoch++;
  undo_learning(dims, mark.field[4]);
  dims->queue.count = 0;
  dims->constraints.count = mark.field[5];
  gm__chains_cut(&dims->by_constraint, mark.field[5]);
  cut_exprs(dims, mark.field[3]);
  cut_monos(dims, mark.field[2]);
  dims->atoms.count = mark.field[1];
  gm__chains_cut(&dims->by_atom, mark.field[1]);
  cut_symbols(dims, mark.field[0]);
}
