/* SPDX-License-Identifier: MIT
 *
 * Nodes, each after those that it uses: a depth-first walk with a stack of its own, since a graph may be as
 * deep as it is long. Only the nesting of one node, which is limited, is followed by recursion. */
#include "spec/reader.h"

#include <stdio.h>
#include <string.h>

/* Names of a cycle that a message lists. */
#define MOST_LISTED ((size_t)8)

static gm_status build_node(
    gm__reader *r, const gm__value *map, const char *name, const char *node, uint32_t *out);

/* ---- One node ---- */

static gm_status build_number(gm__reader *r, const gm__value *value, const char *node, uint32_t *out) {
  bool integer = value->kind == GM__VALUE_INTEGER && !value->unsigned64;
  double real = 0;
  int64_t unused;
  GM_TRY(gm__form_number(r, value, "input", node, &real));
  if (value->too_large && gm__element_from_double(&unused, GM_INT64, real)) {
    return gm__reader_fail(r, value->line, value->column, node, GM_BAD_ARGUMENT,
        "'input' is %.60s, which neither 64 bits nor a float64 hold exactly", value->text);
  }
  gm_status status = gm__graph_number(r->graph, real, integer ? &value->integer : NULL, out, r->error);
  return gm__reader_at(r, value, node, status);
}

static gm_status build_input(gm__reader *r, const gm__value *value, const char *node, uint32_t *out) {
  if (value->kind == GM__VALUE_MAP) return build_node(r, value, NULL, node, out);
  if (value->kind != GM__VALUE_STRING) return build_number(r, value, node, out);
  *out = gm__reader_find(r, value->text, strlen(value->text))->id;
  return GM_OK;
}

static gm_status build_inputs(
    gm__reader *r, const gm__value *value, const char *node, uint32_t **inputs, size_t *count) {
  bool list = value->kind == GM__VALUE_LIST;
  *count = list ? value->count : value->kind != GM__VALUE_NULL;
  *inputs = gm__arena_alloc(&r->arena, *count, sizeof **inputs);
  if (!*inputs) return gm__no_memory(r->error);
  for (size_t i = 0; i < *count; i++) {
    GM_TRY(build_input(r, list ? value->items[i] : value, node, &(*inputs)[i]));
  }
  return GM_OK;
}

/** The entries of a node but its operation and its doc: its attributes. */
static gm_status attributes_of(gm__reader *r, const gm__value *map, const gm__entry *op, gm__value **out) {
  gm__value *attrs = gm__arena_copy(&r->arena, map, sizeof *map);
  gm__entry *entries = attrs ? gm__arena_alloc(&r->arena, map->count, sizeof *entries) : NULL;
  if (!entries) return gm__no_memory(r->error);
  attrs->count = 0;
  attrs->entries = entries;
  for (size_t i = 0; i < map->count; i++) {
    bool other = &map->entries[i] != op && strcmp(map->entries[i].key, "doc") != 0;
    if (other) entries[attrs->count++] = map->entries[i];
  }
  *out = attrs;
  return GM_OK;
}

static bool is_free(const gm__reader *r, const char *name) {
  size_t length = strlen(name);
  return !gm__names_find(&r->names, name, length) && !gm__names_find(&r->graph->names, name, length);
}

/** A made-up name that the file gives to another node moves out of its way. */
static gm_status yield_name(gm__reader *r, uint32_t id) {
  const char *name = gm__node_of(r->graph, id)->name;
  char other[192];
  if (!gm__names_find(&r->names, name, strlen(name))) return GM_OK;
  for (unsigned i = 1;; i++) {
    snprintf(other, sizeof other, "%s_%u", gm__node_of(r->graph, id)->op->name, i);
    if (is_free(r, other)) return gm__graph_set_node_name(r->graph, id, other, r->error);
  }
}

static gm_status set_doc(gm__reader *r, const gm__value *map, const char *node, uint32_t id) {
  const char *doc;
  GM_TRY(gm__form_text(r, gm__value_get(map, "doc"), "doc", node, &doc));
  return doc ? gm__graph_set_node_doc(r->graph, id, doc, r->error) : GM_OK;
}

static gm_status apply(gm__reader *r, const gm__value *map, const gm__op *op, const gm__entry *entry,
    const char *name, const char *node, uint32_t *out) {
  uint32_t *inputs;
  size_t count;
  gm__value *attrs, place = {.line = entry->line, .column = entry->column};
  GM_TRY(build_inputs(r, entry->value, node, &inputs, &count));
  GM_TRY(attributes_of(r, map, entry, &attrs));
  gm_status status = gm__graph_apply(r->graph, op, inputs, count, attrs, name, out, r->error);
  if (status && !name) r->error->node[0] = 0;
  if (status) return gm__reader_at(r, &place, node, status);
  if (!name) GM_TRY(yield_name(r, *out));
  return set_doc(r, map, node, *out);
}

static gm_status build_node(
    gm__reader *r, const gm__value *map, const char *name, const char *node, uint32_t *out) {
  const gm__op *op = NULL;
  gm__arena_mark mark = gm__arena_now(&r->arena);
  const gm__entry *entry = gm__node_op_entry(map, &op);
  gm_status status = apply(r, map, op, entry, name, node, out);
  gm__arena_rewind(&r->arena, mark);
  return status;
}

/* ---- The order ---- */

enum { UNSEEN, OPEN, BUILT };

typedef struct walk {
  gm__reader *r;
  uint8_t *state;  /* of each of reader.named */
  uint32_t *stack; /* the nodes on the way, each a user of the next */
  size_t *cursor;  /* of each on the stack: its next edge */
  size_t depth;
} walk;

static void push(walk *w, uint32_t index) {
  w->state[index] = OPEN;
  w->stack[w->depth] = index;
  w->cursor[w->depth++] = w->r->named[index].edge;
}

static gm_status cycle(const walk *w, uint32_t again) {
  const gm__reader *r = w->r;
  size_t first = w->depth;
  while (w->stack[first - 1] != again) first--;
  const gm__entry *entry = r->named[again].entry;
  size_t length = w->depth - --first;
  gm__text text = gm__text_growing();
  for (size_t i = 0; i < length; i++) {
    bool skipped = i >= MOST_LISTED - 1 && i < length - 1;
    if (skipped && i > MOST_LISTED - 1) continue;
    gm__text_format(&text, "%.48s -> ", skipped ? "..." : r->named[w->stack[first + i]].entry->key);
  }
  gm__text_format(&text, "%.48s", entry->key);
  gm__text_end(&text);
  gm_status status = text.failed ? gm__no_memory(r->error)
                                 : gm__reader_fail(r, entry->line, entry->column, entry->key, GM_BAD_ARGUMENT,
                                       "nodes form a cycle: %s", text.data);
  gm__text_free(&text);
  return status;
}

/** Goes on with the innermost open node: to the next node that it uses, or, when all are built, builds it. */
static gm_status step(walk *w) {
  gm__reader *r = w->r;
  gm__named *named = &r->named[w->stack[w->depth - 1]];
  size_t *cursor = &w->cursor[w->depth - 1];
  if (*cursor == named->edge_end) {
    w->state[w->stack[--w->depth]] = BUILT;
    return build_node(r, named->entry->value, named->entry->key, named->entry->key, &named->id);
  }
  uint32_t used = r->edges[(*cursor)++];
  if (w->state[used] == OPEN) return cycle(w, used);
  if (w->state[used] == UNSEEN) push(w, used);
  return GM_OK;
}

static gm_status walk_nodes(walk *w) {
  for (size_t i = 0; i < w->r->named_count; i++) {
    if (w->r->named[i].role != GM__ROLE_NODE || w->state[i] != UNSEEN) continue;
    push(w, (uint32_t)i);
    while (w->depth > 0) GM_TRY(step(w));
  }
  return GM_OK;
}

gm_status gm__read_nodes(gm__reader *r) {
  walk w = {.r = r};
  w.state = gm__alloc_zero(r->named_count, sizeof *w.state);
  w.stack = gm__alloc(r->named_count, sizeof *w.stack);
  w.cursor = gm__alloc(r->named_count, sizeof *w.cursor);
  gm_status status = w.state && w.stack && w.cursor ? walk_nodes(&w) : gm__no_memory(r->error);
  gm__free(w.state);
  gm__free(w.stack);
  gm__free(w.cursor);
  return status;
}

/* ---- `structure:` on a source ---- */

/** NAME_assumed, or where that is taken NAME_assumed_1, …. */
static void assumed_name(const gm__reader *r, const char *name, char out[160]) {
  snprintf(out, 160, "%.100s_assumed", name);
  for (unsigned i = 1; !is_free(r, out); i++) snprintf(out, 160, "%.100s_assumed_%u", name, i);
}

static gm_status structure_entries(gm__reader *r, const gm__value *form, gm__value *attrs) {
  gm__entry *entries = gm__arena_alloc(&r->arena, 2, sizeof *entries);
  if (!entries) return gm__no_memory(r->error);
  for (size_t i = 0; i < form->count; i++) {
    const gm__entry *entry = &form->entries[i];
    bool wanted = strcmp(entry->key, "structure") == 0 || strcmp(entry->key, "block") == 0;
    if (wanted) entries[attrs->count++] = *entry;
  }
  attrs->entries = entries;
  return GM_OK;
}

gm_status gm__assume_source(gm__reader *r, gm__named *named) {
  const gm__value *form = named->entry->value, *structure = gm__value_get(form, "structure");
  const char *name = named->entry->key;
  char chosen[160];
  const gm__op *op = gm__op_named("assume");
  if (!structure || structure->kind == GM__VALUE_NULL) {
    const gm__value *block = gm__value_get(form, "block");
    if (!block || block->kind == GM__VALUE_NULL) return GM_OK;
    return gm__reader_fail(r, block->line, block->column, name, GM_BAD_ARGUMENT,
        "'block' belongs to a structure: {structure: block_diagonal, block: 4}");
  }
  if (!op) return gm__op_unknown("assume", r->error);
  gm__value attrs = {.kind = GM__VALUE_MAP, .line = structure->line, .column = structure->column};
  GM_TRY(structure_entries(r, form, &attrs));
  assumed_name(r, name, chosen);
  uint32_t source = named->id;
  gm_status status = gm__graph_apply(r->graph, op, &source, 1, &attrs, chosen, &named->id, r->error);
  if (status) r->error->node[0] = 0;
  return gm__reader_at(r, structure, name, status);
}
