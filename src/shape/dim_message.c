/* SPDX-License-Identifier: MIT
 *
 * The words in which dims, their places, what was learnt about them and what is demanded of them are told to
 * users. */
#include "shape/dim_table.h"

#define DIM_BYTES 100
#define LEARNT 4

const char *gm__say_symbol(const gm__dims *dims, uint32_t symbol) {
  const char *name = gm__symbol_at(dims, symbol)->name;
  return name == NULL ? "?" : name;
}

static void say_cut(const char *buffer, size_t length, gm__text *text) {
  gm__text_bytes(text, buffer, length < DIM_BYTES ? length : DIM_BYTES - 4);
  if (length >= DIM_BYTES) gm__text_add(text, "...");
}

void gm__say_dim(const gm__dims *dims, gm__dim dim, gm__text *text) {
  char buffer[DIM_BYTES];
  gm__text part = gm__text_into(buffer, sizeof buffer);
  gm__dim_text(dims, dim, &part);
  say_cut(buffer, gm__text_end(&part), text);
}

static void say_written(const gm__dims *dims, gm__dim dim, gm__text *text) {
  char buffer[DIM_BYTES];
  gm__text part = gm__text_into(buffer, sizeof buffer);
  gm__dim_written(dims, dim, &part);
  say_cut(buffer, gm__text_end(&part), text);
}

static void say_node(uint32_t node, const gm__namer *namer, gm__text *text) {
  const char *name = namer != NULL && namer->name != NULL ? namer->name(namer->context, node) : NULL;
  if (name != NULL)
    gm__text_format(text, "'%s'", name);
  else
    gm__text_format(text, "node %lu", (unsigned long)node);
}

void gm__say_place(gm__place place, const gm__namer *namer, gm__text *text) {
  if (place.node == 0) return;
  say_node(place.node, namer, text);
  if (place.axis >= 0) gm__text_format(text, " axis %d", place.axis);
}

void gm__say_source(
    const gm__source *source, const char *lead, bool user, const gm__namer *namer, gm__text *text) {
  bool a = source->at_a.node != 0, b = source->at_b.node != 0;
  if (!a && !b && (!user || source->user == 0)) return;
  gm__text_add(text, lead);
  gm__say_place(source->at_a, namer, text);
  if (a && b) gm__text_add(text, " and ");
  gm__say_place(source->at_b, namer, text);
  if (!user || source->user == 0) return;
  gm__text_add(text, a || b ? " in " : "");
  say_node(source->user, namer, text);
}

typedef struct teller {
  const gm__dims *dims;
  const gm__namer *namer;
  gm__text *text;
  uint32_t told[LEARNT];
  int count;
} teller;

static bool tell(void *context, uint32_t index) {
  teller *t = context;
  const gm__symbol *symbol = gm__symbol_at(t->dims, index);
  if (symbol->learnt == GM__DIM_UNSET) return false;
  for (int i = 0; i < t->count; i++)
    if (t->told[i] == index) return false;
  if (t->count == LEARNT) return true;
  t->told[t->count++] = index;
  gm__text_format(t->text, "; %s = ", gm__say_symbol(t->dims, index));
  say_written(t->dims, symbol->learnt, t->text);
  gm__text_add(t->text, " was learnt");
  gm__say_source(&symbol->source, " from ", false, t->namer, t->text);
  return gm__dim_walk(t->dims, symbol->learnt, tell, t);
}

void gm__say_learnt(const gm__dims *dims, gm__dim dim, const gm__namer *namer, gm__text *text) {
  teller t = {dims, namer, text, {0}, 0};
  gm__dim_walk(dims, dim, tell, &t);
}

static void say_compatible(const gm__dims *dims, gm__dim a, gm__dim b, gm__text *text) {
  bool in = gm__dim_known(a) || gm__dim_known(b);
  gm__dim one = gm__dim_known(a) ? b : a, set = gm__dim_known(a) ? a : b;
  gm__say_dim(dims, one, text);
  if (in) gm__text_format(text, set == 0 ? " in {0, 1}" : " in {1, %lld}", (long long)set);
  if (in) return;
  gm__text_add(text, " and ");
  gm__say_dim(dims, b, text);
  gm__text_add(text, " equal or 1");
}

void gm__say_constraint(const gm__dims *dims, const gm__constraint *constraint, gm__text *text) {
  static const char *const signs[] = {" = ", "", " >= ", " is a multiple of "};
  if (constraint->kind == GM__COMPATIBLE) {
    say_compatible(dims, constraint->a, constraint->b, text);
    return;
  }
  gm__say_dim(dims, constraint->a, text);
  gm__text_add(text, signs[constraint->kind]);
  gm__say_dim(dims, constraint->b, text);
}

const char *const *gm__demand_words(gm__demand kind) {
  static const char *const words[][2] = {{"Dimensions must be equal, but are ", " and "},
      {"Dimensions must be equal or 1, but are ", " and "}, {"", " must be at least "},
      {"", " is not a multiple of "}};
  return words[kind];
}

size_t gm__symbol_count(const gm__dims *dims) {
  return dims->named.count;
}

static uint32_t named_at(const gm__dims *dims, size_t index) {
  return ((const uint32_t *)dims->named.at)[index];
}

const char *gm__symbol_name(const gm__dims *dims, size_t index) {
  return index < dims->named.count ? gm__symbol_at(dims, named_at(dims, index))->name : NULL;
}

void gm__symbol_text(const gm__dims *dims, size_t index, const gm__namer *namer, gm__text *text) {
  if (index >= dims->named.count) return;
  const gm__symbol *symbol = gm__symbol_at(dims, named_at(dims, index));
  if (symbol->learnt == GM__DIM_UNSET) return;
  gm__text_format(text, "%s = ", symbol->name);
  gm__dim_text(dims, symbol->word, text);
  gm__say_source(&symbol->source, ", from ", true, namer, text);
}

size_t gm__constraint_count(const gm__dims *dims) {
  return dims->constraints.count;
}

void gm__constraint_text(const gm__dims *dims, size_t index, const gm__namer *namer, gm__text *text) {
  if (index >= dims->constraints.count) return;
  const gm__constraint *constraint = gm__constraint_at(dims, index);
  gm__say_constraint(dims, constraint, text);
  gm__say_source(&constraint->source, ": ", true, namer, text);
}
