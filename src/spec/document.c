/* SPDX-License-Identifier: MIT
 *
 * From libyaml's events to a tree of values. The events come one by one, so the tree is built without
 * recursion: children wait on one list until their list or mapping ends, and are then copied into the arena
 * at their exact number. Depth is checked before anything is kept for it. */
#include "spec/document.h"

#include <limits.h>
#include <string.h>
#include <yaml.h>
#include "base/hash.h"

/** A list or mapping that is still open: its children wait from `first` on. */
typedef struct frame {
  gm__value *value;
  size_t first;
} frame;

typedef struct builder {
  gm__arena *arena;
  size_t max_depth;
  const char *text;
  size_t size;
  frame *frames;
  size_t depth, frame_capacity;
  gm__entry *waiting;
  size_t count, capacity;
  bool key_next; /* the innermost is a mapping, and its next scalar a key */
  gm__value *root;
  int documents;
  gm__repeated *repeated;
  gm_error *error;
} builder;

static int number_of(size_t zero_based) {
  return zero_based < INT_MAX ? (int)zero_based + 1 : INT_MAX;
}

static gm_status at_mark(const builder *b, yaml_mark_t mark, gm_status status) {
  gm__error_place(b->error, NULL, number_of(mark.line), number_of(mark.column));
  return status;
}

/* ---- What libyaml says ---- */

/** Line and column of a byte, for errors of libyaml's reader, which knows no more. Lines end with a line
 * feed, a carriage return, or both. */
static yaml_mark_t mark_of_byte(const builder *b, size_t offset) {
  yaml_mark_t mark = {offset, 0, 0};
  size_t end = offset < b->size ? offset : b->size;
  char before = 0;
  for (const char *at = b->text; at < b->text + end; before = *at++) {
    bool ends = *at == '\n' || *at == '\r';
    bool continues = ((unsigned char)*at & 0xC0) == 0x80;
    bool second = *at == '\n' && before == '\r';
    mark.line += ends && !second;
    mark.column = ends ? 0 : mark.column + !continues;
  }
  return mark;
}

static gm_status yaml_failed(const builder *b, const yaml_parser_t *parser) {
  const char *problem = parser->problem ? parser->problem : "this is not YAML";
  if (parser->error == YAML_MEMORY_ERROR) return gm__no_memory(b->error);
  if (parser->error == YAML_READER_ERROR) {
    gm_status status = gm__fail(b->error, GM_BAD_SYNTAX, "the text is not YAML in UTF-8: %s", problem);
    return at_mark(b, mark_of_byte(b, parser->problem_offset), status);
  }
  gm_status status = parser->context ? gm__fail(b->error, GM_BAD_SYNTAX, "%s, %s", parser->context, problem)
                                     : gm__fail(b->error, GM_BAD_SYNTAX, "%s", problem);
  return at_mark(b, parser->problem_mark, status);
}

/* ---- Repeated keys ---- */

static void note_repeated(const builder *b, const gm__entry *second, const gm__entry *first) {
  gm__repeated *r = b->repeated;
  bool earlier = !r->key || second->line < r->line || (second->line == r->line && second->column < r->column);
  if (earlier) *r = (gm__repeated){second->key, second->line, second->column, first->line};
}

static gm_status find_repeated_by_hash(const builder *b, const gm__entry *entries, size_t count) {
  gm__names seen = {0};
  gm_status status = GM_OK;
  for (size_t i = 0; i < count && status == GM_OK; i++) {
    uint32_t first = gm__names_find(&seen, entries[i].key, strlen(entries[i].key));
    if (first) {
      note_repeated(b, &entries[i], &entries[first - 1]);
    } else if (!gm__names_put(&seen, entries[i].key, (uint32_t)i + 1)) {
      status = gm__no_memory(b->error);
    }
  }
  gm__names_free(&seen);
  return status;
}

static gm_status find_repeated(const builder *b, const gm__entry *entries, size_t count) {
  if (count > 8) return find_repeated_by_hash(b, entries, count);
  for (size_t i = 1; i < count; i++) {
    for (size_t j = 0; j < i; j++) {
      if (strcmp(entries[i].key, entries[j].key) != 0) continue;
      note_repeated(b, &entries[i], &entries[j]);
      break;
    }
  }
  return GM_OK;
}

/* ---- The tree ---- */

static bool in_mapping(const builder *b) {
  return b->depth > 0 && b->frames[b->depth - 1].value->kind == GM__VALUE_MAP;
}

static gm_status add_key(builder *b, const char *text, yaml_mark_t mark) {
  if (!gm__grow((void **)&b->waiting, &b->capacity, b->count + 1, sizeof *b->waiting)) {
    return gm__no_memory(b->error);
  }
  b->waiting[b->count] = (gm__entry){text, number_of(mark.line), number_of(mark.column), NULL};
  b->key_next = false;
  return GM_OK;
}

/** A finished scalar, or a list or mapping as it begins, takes its place in what surrounds it. */
static gm_status add_value(builder *b, gm__value *value) {
  if (b->depth == 0) {
    b->root = value;
    return GM_OK;
  }
  if (in_mapping(b)) {
    b->waiting[b->count++].value = value;
    b->key_next = true;
    return GM_OK;
  }
  if (!gm__grow((void **)&b->waiting, &b->capacity, b->count + 1, sizeof *b->waiting)) {
    return gm__no_memory(b->error);
  }
  b->waiting[b->count++] = (gm__entry){NULL, 0, 0, value};
  return GM_OK;
}

static gm_status refuse_extras(
    const builder *b, const yaml_char_t *anchor, const yaml_char_t *tag, yaml_mark_t mark) {
  if (anchor)
    return at_mark(b, mark, gm__fail(b->error, GM_BAD_SYNTAX, "anchors are not read: '&%.60s'", anchor));
  if (tag) return at_mark(b, mark, gm__fail(b->error, GM_BAD_SYNTAX, "tags are not read: '%.60s'", tag));
  return GM_OK;
}

static gm_status scalar(builder *b, const yaml_event_t *event) {
  const char *text = (const char *)event->data.scalar.value;
  size_t length = event->data.scalar.length;
  yaml_mark_t mark = event->start_mark;
  bool quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  GM_TRY(refuse_extras(b, event->data.scalar.anchor, event->data.scalar.tag, mark));
  if (memchr(text, 0, length))
    return at_mark(b, mark, gm__fail(b->error, GM_BAD_SYNTAX, "a string holds a NUL"));
  if (b->key_next) {
    const char *key = gm__arena_text(b->arena, text, length);
    return key ? add_key(b, key, mark) : gm__no_memory(b->error);
  }
  gm__value *value =
      gm__value_scalar(b->arena, text, length, quoted, number_of(mark.line), number_of(mark.column));
  return value ? add_value(b, value) : gm__no_memory(b->error);
}

static gm_status open_value(builder *b, gm__value_kind kind, yaml_mark_t mark) {
  if (b->key_next) {
    return at_mark(b, mark, gm__fail(b->error, GM_BAD_SYNTAX, "a key is a word, not a list or mapping"));
  }
  if (b->depth >= b->max_depth) {
    return at_mark(b, mark, gm__fail(b->error, GM_LIMIT, "nested more than %zu deep", b->max_depth));
  }
  gm__value *value = gm__arena_zero(b->arena, 1, sizeof *value);
  bool held = value && gm__grow((void **)&b->frames, &b->frame_capacity, b->depth + 1, sizeof *b->frames);
  if (!held) return gm__no_memory(b->error);
  value->kind = kind;
  value->line = number_of(mark.line);
  value->column = number_of(mark.column);
  GM_TRY(add_value(b, value));
  b->frames[b->depth++] = (frame){value, b->count};
  b->key_next = kind == GM__VALUE_MAP;
  return GM_OK;
}

static gm_status keep_items(const builder *b, gm__value *list, const gm__entry *children) {
  list->items = gm__arena_alloc(b->arena, list->count, sizeof *list->items);
  if (!list->items) return gm__no_memory(b->error);
  for (size_t i = 0; i < list->count; i++) list->items[i] = children[i].value;
  return GM_OK;
}

static gm_status keep_entries(const builder *b, gm__value *map, const gm__entry *children) {
  map->entries = gm__arena_copy(b->arena, children, map->count * sizeof *children);
  return map->entries ? find_repeated(b, map->entries, map->count) : gm__no_memory(b->error);
}

static gm_status close_value(builder *b) {
  frame closed = b->frames[--b->depth];
  const gm__entry *children = b->waiting ? b->waiting + closed.first : NULL;
  closed.value->count = b->count - closed.first;
  b->count = closed.first;
  b->key_next = in_mapping(b);
  if (closed.value->count == 0) children = NULL;
  return closed.value->kind == GM__VALUE_MAP ? keep_entries(b, closed.value, children)
                                             : keep_items(b, closed.value, children);
}

static gm_status document_begins(builder *b, yaml_mark_t mark) {
  if (b->documents++ == 0) return GM_OK;
  return at_mark(
      b, mark, gm__fail(b->error, GM_BAD_ARGUMENT, "a graph file is one document: here a second begins"));
}

static gm_status take_event(builder *b, const yaml_event_t *event) {
  yaml_mark_t mark = event->start_mark;
  switch (event->type) {
  case YAML_DOCUMENT_START_EVENT: return document_begins(b, mark);
  case YAML_ALIAS_EVENT:
    return at_mark(b, mark,
        gm__fail(b->error, GM_BAD_SYNTAX, "aliases are not read: '*%.60s'", event->data.alias.anchor));
  case YAML_SCALAR_EVENT: return scalar(b, event);
  case YAML_SEQUENCE_START_EVENT:
    GM_TRY(refuse_extras(b, event->data.sequence_start.anchor, event->data.sequence_start.tag, mark));
    return open_value(b, GM__VALUE_LIST, mark);
  case YAML_MAPPING_START_EVENT:
    GM_TRY(refuse_extras(b, event->data.mapping_start.anchor, event->data.mapping_start.tag, mark));
    return open_value(b, GM__VALUE_MAP, mark);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT: return close_value(b);
  default: return GM_OK;
  }
}

static gm_status take_events(builder *b, yaml_parser_t *parser) {
  bool ended = false;
  while (!ended) {
    yaml_event_t event;
    if (!yaml_parser_parse(parser, &event)) return yaml_failed(b, parser);
    ended = event.type == YAML_STREAM_END_EVENT;
    gm_status status = take_event(b, &event);
    yaml_event_delete(&event);
    GM_TRY(status);
  }
  return GM_OK;
}

static gm_status empty_document(builder *b) {
  b->root = gm__value_scalar(b->arena, "", 0, false, 1, 1);
  return b->root ? GM_OK : gm__no_memory(b->error);
}

/** A byte order mark is no part of the text: libyaml would count it as a column. */
static size_t mark_length(const char *text, size_t size) {
  return size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

gm_status gm__document_read(gm__arena *arena, const char *text, size_t size, size_t max_depth,
    gm__value **out, gm__repeated *repeated, gm_error *error) {
  yaml_parser_t parser;
  size_t skipped = mark_length(text, size);
  builder b = {.arena = arena,
      .max_depth = max_depth,
      .text = text + skipped,
      .size = size - skipped,
      .repeated = repeated,
      .error = error};
  *repeated = (gm__repeated){NULL, 0, 0, 0};
  if (!yaml_parser_initialize(&parser)) return gm__no_memory(error);
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser, (const unsigned char *)b.text, b.size);
  gm_status status = take_events(&b, &parser);
  if (status == GM_OK && !b.root) status = empty_document(&b);
  yaml_parser_delete(&parser);
  gm__free(b.frames);
  gm__free(b.waiting);
  *out = b.root;
  return status;
}
