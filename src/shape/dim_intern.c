/* SPDX-License-Identifier: MIT
 *
 * Each symbol, atom, monomial and expression once: equal things are equal indices, so that comparing is one
 * instruction and a graph with a hundred thousand nodes keeps few of them. */
#include "shape/dim_table.h"

#include <string.h>

static uint32_t fold(uint64_t hash) {
  return (uint32_t)(hash ^ hash >> 32);
}

static gm_status check_name(const char *name, size_t length, gm_error *error) {
  if (length == 0) GM_FAIL(error, GM_BAD_ARGUMENT, "the name of a dimension is empty");
  if (length > GM__DIM_NAME)
    GM_FAIL(error, GM_BAD_ARGUMENT, "the name of a dimension has %zu bytes, but at most %d are allowed",
        length, GM__DIM_NAME);
  for (size_t i = 0; i < length; i++) {
    char c = name[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (letter || (i > 0 && c >= '0' && c <= '9')) continue;
    GM_FAIL(error, GM_BAD_ARGUMENT, "byte %zu of the dimension name '%.*s' is no letter, digit or underscore",
        i + 1, (int)length, name);
  }
  return GM_OK;
}

static uint32_t name_hash(const char *name, size_t length) {
  return fold(gm__hash(GM__HASH_SEED, name, length));
}

uint32_t gm__symbol_find(const gm__dims *dims, const char *name, size_t length) {
  uint32_t i = gm__chains_first(&dims->by_name, name_hash(name, length));
  for (; i != GM__NONE; i = gm__chains_next(&dims->by_name, i)) {
    const char *other = gm__symbol_at(dims, i)->name;
    if (other != NULL && strncmp(other, name, length) == 0 && other[length] == '\0') break;
  }
  return i;
}

static bool room_for_symbol(gm__dims *dims) {
  return gm__list_room(&dims->symbols, 1, sizeof(gm__symbol)) &&
         gm__list_room(&dims->named, 1, sizeof(uint32_t)) && gm__chains_room(&dims->by_name);
}

static char *copy_name(const char *name, size_t length) {
  char *copy = gm__alloc(length + 1, 1);
  if (copy == NULL) return NULL;
  memcpy(copy, name, length);
  copy[length] = '\0';
  return copy;
}

static void push_symbol(gm__dims *dims, const gm__symbol *symbol, uint32_t hash) {
  uint32_t index = (uint32_t)dims->symbols.count;
  *gm__symbol_at(dims, dims->symbols.count++) = *symbol;
  gm__chains_push(&dims->by_name, hash);
  if (symbol->name != NULL) ((uint32_t *)dims->named.at)[dims->named.count++] = index;
}

gm_status gm__symbol_make(
    gm__dims *dims, const char *name, size_t length, uint32_t order, gm__dim *out, gm_error *error) {
  uint32_t index = (uint32_t)dims->symbols.count, atom = 0;
  gm__symbol symbol = {NULL, order, 0, index, index, index, 0, GM__NONE, 1, GM__DIM_UNSET, 0, GM__DIM_UNSET,
      {{0, 0}, {0, 0}, 0}};
  if (!room_for_symbol(dims)) return gm__no_memory(error);
  if (name != NULL && (symbol.name = copy_name(name, length)) == NULL) return gm__no_memory(error);
  push_symbol(
      dims, &symbol, name != NULL ? name_hash(name, length) : fold(index * UINT64_C(0x9e3779b97f4a7c15)));
  GM_TRY(gm__atom_make(dims, GM__ATOM_SYMBOL, index, 0, &atom, error));
  gm__symbol_at(dims, index)->atom = atom;
  GM_TRY(gm__atom_word(dims, GM__ATOM_SYMBOL, index, 0, out, error));
  gm__symbol_at(dims, index)->word = *out;
  return GM_OK;
}

gm_status gm__dim_symbol(gm__dims *dims, const char *name, size_t length, gm__dim *out, gm_error *error) {
  GM_TRY(check_name(name, length, error));
  uint32_t known = gm__symbol_find(dims, name, length);
  if (known != GM__NONE) {
    *out = gm__symbol_at(dims, known)->word;
    return GM_OK;
  }
  gm__dims_mark mark = gm__dims_now(dims);
  gm_status status = gm__symbol_make(dims, name, length, (uint32_t)dims->symbols.count, out, error);
  if (status != GM_OK) gm__dims_rewind(dims, mark);
  return status;
}

gm_status gm__dim_unknown(gm__dims *dims, gm__dim *out, gm_error *error) {
  gm__dims_mark mark = gm__dims_now(dims);
  gm_status status = gm__symbol_make(dims, NULL, 0, (uint32_t)dims->symbols.count, out, error);
  if (status != GM_OK) gm__dims_rewind(dims, mark);
  return status;
}

static uint32_t larger(uint32_t a, uint32_t b) {
  return a > b ? a : b;
}

uint32_t gm__word_depth(const gm__dims *dims, gm__dim word) {
  return gm__dim_known(word) ? 0 : gm__expr_at(dims, gm__dim_expr(word))->depth;
}

uint32_t gm__word_size(const gm__dims *dims, gm__dim word) {
  return gm__dim_known(word) ? 1 : gm__expr_at(dims, gm__dim_expr(word))->size;
}

gm_status gm__atom_make(
    gm__dims *dims, gm__atom_kind kind, gm__dim a, gm__dim b, uint32_t *out, gm_error *error) {
  const int64_t key[] = {(int64_t)kind, a, b};
  uint32_t hash = fold(gm__hash(GM__HASH_SEED, key, sizeof key));
  for (uint32_t i = gm__chains_first(&dims->by_atom, hash); i != GM__NONE;
       i = gm__chains_next(&dims->by_atom, i)) {
    const gm__atom *other = gm__atom_at(dims, i);
    *out = i;
    if (other->kind == kind && other->a == a && other->b == b) return GM_OK;
  }
  bool symbol = kind == GM__ATOM_SYMBOL;
  uint32_t depth = symbol ? 0 : 1 + larger(gm__word_depth(dims, a), gm__word_depth(dims, b));
  if (depth > GM__DIM_DEPTH)
    GM_FAIL(error, GM_LIMIT, "a dimension nests //, min, max and broadcast deeper than %d", GM__DIM_DEPTH);
  if (!gm__list_room(&dims->atoms, 1, sizeof(gm__atom)) || !gm__chains_room(&dims->by_atom))
    return gm__no_memory(error);
  *out = (uint32_t)dims->atoms.count++;
  *gm__atom_at(dims, *out) = (gm__atom){kind, depth, a, b};
  gm__chains_push(&dims->by_atom, hash);
  return GM_OK;
}

gm_status gm__atom_word(
    gm__dims *dims, gm__atom_kind kind, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  gm__factor factor = {0, 1};
  gm__term term = {1, 0};
  GM_TRY(gm__atom_make(dims, kind, a, b, &factor.atom, error));
  GM_TRY(gm__mono_make(dims, &factor, 1, &term.mono, error));
  return gm__expr_make(dims, &term, 1, out, error);
}

static bool same_factors(
    const gm__dims *dims, const gm__mono *mono, const gm__factor *factors, size_t count) {
  if (mono->count != count) return false;
  return count == 0 || memcmp(gm__factor_at(dims, mono->first), factors, count * sizeof *factors) == 0;
}

static bool room_for_mono(gm__dims *dims, size_t count) {
  return gm__list_room(&dims->monos, 1, sizeof(gm__mono)) && gm__chains_room(&dims->by_mono) &&
         gm__list_room(&dims->factors, count, sizeof(gm__factor));
}

gm_status gm__mono_make(
    gm__dims *dims, const gm__factor *factors, size_t count, uint64_t *out, gm_error *error) {
  uint32_t hash = fold(gm__hash(GM__HASH_SEED, factors, count * sizeof *factors));
  uint32_t i = gm__chains_first(&dims->by_mono, hash);
  for (; i != GM__NONE; i = gm__chains_next(&dims->by_mono, i))
    if (same_factors(dims, gm__mono_at(dims, i), factors, count)) break;
  *out = i;
  if (i != GM__NONE) return GM_OK;
  if (!room_for_mono(dims, count)) return gm__no_memory(error);
  gm__mono mono = {(uint32_t)dims->factors.count, (uint32_t)count, 0};
  for (size_t k = 0; k < count; k++) {
    mono.degree += factors[k].power;
    *gm__factor_at(dims, dims->factors.count++) = factors[k];
  }
  *out = dims->monos.count;
  *gm__mono_at(dims, dims->monos.count++) = mono;
  gm__chains_push(&dims->by_mono, hash);
  return GM_OK;
}

static uint64_t mono_size(const gm__dims *dims, uint64_t index) {
  const gm__mono *mono = gm__mono_at(dims, index);
  uint64_t size = 0;
  for (uint32_t i = 0; i < mono->count; i++) {
    const gm__factor *factor = gm__factor_at(dims, mono->first + i);
    const gm__atom *atom = gm__atom_at(dims, factor->atom);
    if (atom->kind == GM__ATOM_SYMBOL) continue;
    size += (uint64_t)factor->power * (gm__word_size(dims, atom->a) + gm__word_size(dims, atom->b));
  }
  return size;
}

static uint32_t mono_depth(const gm__dims *dims, uint64_t index) {
  const gm__mono *mono = gm__mono_at(dims, index);
  uint32_t depth = 0;
  for (uint32_t i = 0; i < mono->count; i++)
    depth = larger(depth, gm__atom_at(dims, gm__factor_at(dims, mono->first + i)->atom)->depth);
  return depth;
}

static gm_status measure(
    const gm__dims *dims, const gm__term *terms, size_t count, gm__expr *expr, gm_error *error) {
  uint64_t size = count;
  for (size_t i = 0; i < count && size <= GM__DIM_TERMS; i++) {
    size += mono_size(dims, terms[i].mono);
    expr->depth = larger(expr->depth, mono_depth(dims, terms[i].mono));
  }
  if (size > GM__DIM_TERMS) GM_FAIL(error, GM_LIMIT, "a dimension grows beyond %d terms", GM__DIM_TERMS);
  expr->size = (uint32_t)size;
  expr->interval = gm__terms_interval(dims, terms, count);
  return GM_OK;
}

static uint32_t find_expr(const gm__dims *dims, const gm__term *terms, size_t count, uint32_t hash) {
  uint32_t i = gm__chains_first(&dims->by_expr, hash);
  for (; i != GM__NONE; i = gm__chains_next(&dims->by_expr, i)) {
    const gm__expr *expr = gm__expr_at(dims, i);
    if (expr->count == count && memcmp(gm__term_at(dims, expr->first), terms, count * sizeof *terms) == 0)
      break;
  }
  return i;
}

gm_status gm__expr_make(gm__dims *dims, const gm__term *terms, size_t count, gm__dim *out, gm_error *error) {
  bool constant = count == 0 || (count == 1 && terms[0].mono == 0);
  *out = count == 0 ? 0 : terms[0].coefficient;
  if (constant && *out >= 0) return GM_OK;
  uint32_t hash = fold(gm__hash(GM__HASH_SEED, terms, count * sizeof *terms));
  uint32_t known = find_expr(dims, terms, count, hash);
  *out = gm__dim_word(known);
  if (known != GM__NONE) return GM_OK;
  gm__expr expr = {(uint32_t)dims->terms.count, (uint32_t)count, 0, 0, {0, 0}, 0, 0};
  GM_TRY(measure(dims, terms, count, &expr, error));
  if (!gm__list_room(&dims->exprs, 1, sizeof expr) || !gm__list_room(&dims->terms, count, sizeof *terms) ||
      !gm__chains_room(&dims->by_expr))
    return gm__no_memory(error);
  memcpy(gm__term_at(dims, dims->terms.count), terms, count * sizeof *terms);
  dims->terms.count += count;
  *out = gm__dim_word((uint32_t)dims->exprs.count);
  *gm__expr_at(dims, dims->exprs.count++) = expr;
  gm__chains_push(&dims->by_expr, hash);
  return GM_OK;
}

const gm__atom *gm__word_atom(const gm__dims *dims, gm__dim word) {
  if (gm__dim_known(word)) return NULL;
  const gm__expr *expr = gm__expr_at(dims, gm__dim_expr(word));
  const gm__term *term = gm__term_at(dims, expr->first);
  const gm__mono *mono = gm__mono_at(dims, term->mono);
  if (expr->count != 1 || term->coefficient != 1 || mono->degree != 1) return NULL;
  return gm__atom_at(dims, gm__factor_at(dims, mono->first)->atom);
}

uint32_t gm__word_symbol(const gm__dims *dims, gm__dim word) {
  const gm__atom *atom = gm__word_atom(dims, word);
  return atom != NULL && atom->kind == GM__ATOM_SYMBOL ? (uint32_t)atom->a : GM__NONE;
}
