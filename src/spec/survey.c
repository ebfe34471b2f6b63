/* SPDX-License-Identifier: MIT
 *
 * The first two readings of a document: every name is entered, and then keys and names are checked in the
 * order in which they stand. What a node uses is kept, for the order of building. */
#include "spec/reader.h"

#include <string.h>
#include <gemmule/ops.h>

/* More words than this are not searched for the nearest one. */
#define MOST_NEAR ((size_t)20000)

static const char *const sections[] = {"placeholders", "variables", "constants", "nodes"};
static const char *const top_keys[] = {
    "gemmule", "name", "doc", "placeholders", "variables", "constants", "nodes", "outputs"};
static const char *const placeholder_keys[] = {"shape", "dtype", "structure", "block", "doc"};
static const char *const value_keys[] = {
    "file", "value", "init", "shape", "dtype", "structure", "block", "doc"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int section_of(const char *key) {
  for (int i = 0; i < (int)COUNT(sections); i++) {
    if (strcmp(key, sections[i]) == 0) return i;
  }
  return -1;
}

/* ---- Names ---- */

const gm__named *gm__reader_find(const gm__reader *r, const char *name, size_t length) {
  uint32_t found = gm__names_find(&r->names, name, length);
  return found ? &r->named[found - 1] : NULL;
}

static gm_status enter_name(gm__reader *r, const gm__entry *entry, gm__role role) {
  if (r->named_count >= UINT32_MAX - 1) {
    return gm__reader_fail(r, entry->line, entry->column, NULL, GM_LIMIT, "too many names");
  }
  if (!gm__grow((void **)&r->named, &r->named_capacity, r->named_count + 1, sizeof *r->named)) {
    return gm__no_memory(r->error);
  }
  r->named[r->named_count++] = (gm__named){entry, role, 0, 0, 0};
  if (gm__names_find(&r->names, entry->key, strlen(entry->key))) return GM_OK;
  return gm__names_put(&r->names, entry->key, (uint32_t)r->named_count) ? GM_OK : gm__no_memory(r->error);
}

gm_status gm__read_names(gm__reader *r) {
  if (r->document->kind != GM__VALUE_MAP) return GM_OK;
  for (size_t i = 0; i < r->document->count; i++) {
    const gm__entry *section = &r->document->entries[i];
    int role = section_of(section->key);
    if (role < 0 || section->value->kind != GM__VALUE_MAP) continue;
    for (size_t j = 0; j < section->value->count; j++) {
      GM_TRY(enter_name(r, &section->value->entries[j], (gm__role)role));
    }
  }
  return GM_OK;
}

static gm_status check_name(const gm__reader *r, const gm__entry *entry) {
  gm_status status = gm__name_check(entry->key, r->error);
  if (status) {
    gm__error_place(r->error, r->file, entry->line, entry->column);
    return status;
  }
  const gm__named *first = gm__reader_find(r, entry->key, strlen(entry->key));
  if (first->entry == entry) return GM_OK;
  return gm__reader_fail(r, entry->line, entry->column, entry->key, GM_BAD_ARGUMENT,
      "the name '%s' is taken: it stands at line %d, column %d too", entry->key, first->entry->line,
      first->entry->column);
}

static const char *nearest_name(const gm__reader *r, const char *name) {
  const char *near = NULL;
  const char **words = gm__alloc(r->named_count, sizeof *words);
  for (size_t i = 0; words && i < r->named_count; i++) words[i] = r->named[i].entry->key;
  if (words) near = gm_closest(name, words, r->named_count < MOST_NEAR ? r->named_count : MOST_NEAR);
  gm__free(words);
  return near;
}

static gm_status find_name(
    const gm__reader *r, const gm__value *value, const char *node, const gm__named **out) {
  *out = gm__reader_find(r, value->text, strlen(value->text));
  if (*out) return GM_OK;
  char near[160];
  gm__near_text(nearest_name(r, value->text), near);
  return gm__reader_fail(
      r, value->line, value->column, node, GM_BAD_ARGUMENT, "unknown name '%.127s'%s", value->text, near);
}

/* ---- Nodes ---- */

typedef struct node_survey {
  gm__reader *r;
  const char *node;
} node_survey;

static gm_status survey_node(const node_survey *s, const gm__value *map);

const gm__entry *gm__node_op_entry(const gm__value *map, const gm__op **op) {
  const gm__entry *found = NULL;
  for (size_t i = 0; i < map->count; i++) {
    const gm__op *named = gm__op_named(map->entries[i].key);
    if (!named) continue;
    if (found) return NULL;
    found = &map->entries[i];
    *op = named;
  }
  return found;
}

static bool is_near_op(const char *word) {
  const char *names[1024];
  size_t count = gm_op_count() < COUNT(names) ? gm_op_count() : COUNT(names);
  for (size_t i = 0; i < count; i++) names[i] = gm_op_name(i);
  return gm_closest(word, names, count) != NULL;
}

/** Which key was meant to be the operation: the first that is near to one, else the first. */
static const gm__entry *meant_op(const gm__value *map) {
  const gm__entry *first = NULL;
  for (size_t i = 0; i < map->count; i++) {
    const gm__entry *entry = &map->entries[i];
    if (strcmp(entry->key, "doc") == 0) continue;
    if (!first) first = entry;
    if (is_near_op(entry->key)) return entry;
  }
  return first;
}

static gm_status no_op(const node_survey *s, const gm__value *map) {
  const gm__entry *second = NULL, *first = NULL;
  for (size_t i = 0; i < map->count && !second; i++) {
    if (!gm__op_named(map->entries[i].key)) continue;
    if (first)
      second = &map->entries[i];
    else
      first = &map->entries[i];
  }
  if (second) {
    return gm__reader_fail(s->r, second->line, second->column, s->node, GM_BAD_ARGUMENT,
        "a node has one operation, but here are '%s' and '%s'", first->key, second->key);
  }
  const gm__entry *meant = meant_op(map);
  if (!meant) {
    return gm__reader_fail(
        s->r, map->line, map->column, s->node, GM_UNKNOWN_OP, "the node names no operation");
  }
  gm_status status = gm__op_unknown(meant->key, s->r->error);
  gm__error_place(s->r->error, s->r->file, meant->line, meant->column);
  gm__error_node(s->r->error, s->node);
  return status;
}

static gm_status check_attribute(const node_survey *s, const gm__op *op, const gm__entry *entry) {
  const char *known[64];
  size_t count = 0;
  if (strcmp(entry->key, "doc") == 0) {
    const char *unused;
    return gm__form_text(s->r, entry->value, "doc", s->node, &unused);
  }
  for (int i = 0; i < op->attr_count; i++) {
    if (strcmp(op->attrs[i].name, entry->key) == 0) return GM_OK;
    if (count < COUNT(known) - 1) known[count++] = op->attrs[i].name;
  }
  known[count++] = "doc";
  return gm__form_unknown_key(s->r, entry, known, count, op->name, s->node);
}

static gm_status keep_edge(gm__reader *r, const gm__named *used) {
  if (used->role != GM__ROLE_NODE) return GM_OK;
  if (!gm__grow((void **)&r->edges, &r->edge_capacity, r->edge_count + 1, sizeof *r->edges)) {
    return gm__no_memory(r->error);
  }
  r->edges[r->edge_count++] = (uint32_t)(used - r->named);
  return GM_OK;
}

static gm_status survey_input(const node_survey *s, const gm__value *input) {
  const gm__named *used;
  char shown[96];
  switch (input->kind) {
  case GM__VALUE_STRING: GM_TRY(find_name(s->r, input, s->node, &used)); return keep_edge(s->r, used);
  case GM__VALUE_INTEGER:
  case GM__VALUE_REAL: return GM_OK;
  case GM__VALUE_MAP: return survey_node(s, input);
  default: break;
  }
  gm__shown(input, shown);
  return gm__reader_fail(s->r, input->line, input->column, s->node, GM_BAD_ARGUMENT,
      "an input is a name, a number or a node, not %s", shown);
}

static gm_status survey_inputs(const node_survey *s, const gm__value *value) {
  if (value->kind == GM__VALUE_NULL) return GM_OK;
  if (value->kind != GM__VALUE_LIST) return survey_input(s, value);
  for (size_t i = 0; i < value->count; i++) GM_TRY(survey_input(s, value->items[i]));
  return GM_OK;
}

static gm_status survey_node(const node_survey *s, const gm__value *map) {
  const gm__op *op = NULL;
  const gm__entry *entry = gm__node_op_entry(map, &op);
  if (!entry) return no_op(s, map);
  for (size_t i = 0; i < map->count; i++) {
    bool inputs = &map->entries[i] == entry;
    GM_TRY(inputs ? survey_inputs(s, entry->value) : check_attribute(s, op, &map->entries[i]));
  }
  return GM_OK;
}

static gm_status survey_named_node(gm__reader *r, gm__named *named) {
  const gm__value *value = named->entry->value;
  node_survey s = {r, named->entry->key};
  if (value->kind != GM__VALUE_MAP) {
    char shown[96];
    gm__shown(value, shown);
    return gm__reader_fail(r, value->line, value->column, s.node, GM_BAD_ARGUMENT,
        "a node is a mapping, {operation: inputs, attribute: value}, not %s", shown);
  }
  named->edge = r->edge_count;
  gm_status status = survey_node(&s, value);
  named->edge_end = r->edge_count;
  return status;
}

/* ---- Sources, outputs, and the whole ---- */

static gm_status survey_source(const gm__reader *r, const gm__named *named) {
  const gm__value *value = named->entry->value;
  bool is_constant = named->role == GM__ROLE_CONSTANT;
  if (is_constant && value->kind != GM__VALUE_MAP && value->kind != GM__VALUE_NULL) return GM_OK;
  if (named->role == GM__ROLE_PLACEHOLDER) {
    return gm__form_keys(
        r, value, placeholder_keys, COUNT(placeholder_keys), "a placeholder", named->entry->key);
  }
  return gm__form_keys(
      r, value, value_keys, COUNT(value_keys), is_constant ? "a constant" : "a variable", named->entry->key);
}

static gm_status survey_section(gm__reader *r, const gm__entry *section, size_t *at) {
  const gm__value *value = section->value;
  if (value->kind == GM__VALUE_NULL) return GM_OK;
  if (value->kind != GM__VALUE_MAP) {
    char shown[96];
    gm__shown(value, shown);
    return gm__reader_fail(r, value->line, value->column, NULL, GM_BAD_ARGUMENT,
        "'%s' is a mapping from names, not %s", section->key, shown);
  }
  for (size_t i = 0; i < value->count; i++) {
    gm__named *named = &r->named[(*at)++];
    GM_TRY(check_name(r, named->entry));
    GM_TRY(named->role == GM__ROLE_NODE ? survey_named_node(r, named) : survey_source(r, named));
  }
  return GM_OK;
}

static gm_status survey_output(const gm__reader *r, const gm__value *output) {
  const gm__named *unused;
  char shown[96];
  if (output->kind == GM__VALUE_STRING) return find_name(r, output, NULL, &unused);
  gm__shown(output, shown);
  return gm__reader_fail(
      r, output->line, output->column, NULL, GM_BAD_ARGUMENT, "an output is a name, not %s", shown);
}

static gm_status survey_outputs(const gm__reader *r, const gm__value *outputs) {
  if (outputs->kind == GM__VALUE_NULL) return GM_OK;
  if (outputs->kind != GM__VALUE_LIST) return survey_output(r, outputs);
  for (size_t i = 0; i < outputs->count; i++) GM_TRY(survey_output(r, outputs->items[i]));
  return GM_OK;
}

static gm_status check_version(const gm__reader *r) {
  const gm__value *document = r->document, *version = gm__value_get(document, "gemmule");
  if (document->kind != GM__VALUE_MAP) {
    return gm__reader_fail(r, document->line, document->column, NULL, GM_BAD_ARGUMENT,
        "a graph file is a mapping that begins with 'gemmule: 1'");
  }
  if (!version) {
    return gm__reader_fail(r, document->line, document->column, NULL, GM_BAD_ARGUMENT,
        "the format version is missing: 'gemmule: 1'");
  }
  if (version->kind == GM__VALUE_INTEGER && version->integer == 1) return GM_OK;
  char shown[96];
  gm__shown(version, shown);
  return gm__reader_fail(
      r, version->line, version->column, NULL, GM_BAD_ARGUMENT, "the format version is 1, not %s", shown);
}

static gm_status survey_key(gm__reader *r, const gm__entry *entry, size_t *at) {
  const char *unused;
  if (strcmp(entry->key, "gemmule") == 0) return GM_OK;
  if (section_of(entry->key) >= 0) return survey_section(r, entry, at);
  if (strcmp(entry->key, "outputs") == 0) return survey_outputs(r, entry->value);
  bool text = strcmp(entry->key, "name") == 0 || strcmp(entry->key, "doc") == 0;
  if (text) return gm__form_text(r, entry->value, entry->key, NULL, &unused);
  return gm__form_unknown_key(r, entry, top_keys, COUNT(top_keys), "a graph file", NULL);
}

gm_status gm__survey(gm__reader *r) {
  size_t at = 0;
  GM_TRY(check_version(r));
  for (size_t i = 0; i < r->document->count; i++) GM_TRY(survey_key(r, &r->document->entries[i], &at));
  return GM_OK;
}
