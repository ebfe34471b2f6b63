/* SPDX-License-Identifier: MIT
 *
 * From bytes to a tree: marks and line breaks, what of YAML is not read, nesting, keys that stand twice. */
#include "spec_support.h"

#include "spec/document.h"

#define MARK "\xEF\xBB\xBF"

/** The text is a graph with this name. */
static void loads_as(const char *text, const char *name) {
  gm_error error = {.status = GM_OK};
  gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, &error);
  ck_assert_msg(graph, "%d:%d: %s\n%s", error.line, error.column, error.message, text);
  ck_assert_str_eq(gm_graph_name(graph), name);
  gm_graph_free(graph);
}

START_TEST(a_byte_order_mark_is_no_part_of_the_text) {
  loads_as(MARK "gemmule: 1\nname: x\n", "x");
  loads_as(MARK "{gemmule: 1, name: x}", "x");
  refuse_saying(MARK "gemmule: 2\n", GM_BAD_ARGUMENT, 1, 10, NULL, "the format version is 1, not '2'");
  refuse_saying(MARK "a: \xff\n", GM_BAD_SYNTAX, 1, 4, NULL,
      "the text is not YAML in UTF-8: invalid leading UTF-8 octet");
  refuse_saying("\xEF\xBB", GM_BAD_SYNTAX, 1, 1, NULL,
      "the text is not YAML in UTF-8: incomplete UTF-8 octet sequence");
  refuse_saying(MARK, GM_BAD_ARGUMENT, 1, 1, NULL, "a graph file is a mapping that begins with 'gemmule: 1'");
}
END_TEST

START_TEST(lines_end_in_three_ways) {
  loads_as("gemmule: 1\r\nname: x\r\n", "x");
  loads_as("gemmule: 1\rname: x\r", "x");
  refuse_saying("gemmule: 1\r\nnames: x\r\n", GM_BAD_ARGUMENT, 2, 1, NULL,
      "unknown key 'names' of a graph file: did you mean 'name'?");
  refuse_saying("gemmule: 1\rnames: x\r", GM_BAD_ARGUMENT, 2, 1, NULL,
      "unknown key 'names' of a graph file: did you mean 'name'?");
  const char *sentence = "the text is not YAML in UTF-8: invalid leading UTF-8 octet";
  refuse_saying("gemmule: 1\nname: \xff\n", GM_BAD_SYNTAX, 2, 7, NULL, sentence);
  refuse_saying("gemmule: 1\r\nname: \xff\r\n", GM_BAD_SYNTAX, 2, 7, NULL, sentence);
  refuse_saying("gemmule: 1\rname: \xff\r", GM_BAD_SYNTAX, 2, 7, NULL, sentence);
  refuse_saying("gemmule: 1\n\rname: \xff\r", GM_BAD_SYNTAX, 3, 7, NULL, sentence);
  refuse_saying("gemmule: 1\r\r\n\n\xff", GM_BAD_SYNTAX, 4, 1, NULL, sentence);
}
END_TEST

START_TEST(columns_count_characters) {
  refuse_saying("gemmule: 1 # \xC3\xA9\xE2\x82\xAC\xF0\x9F\x8C\xB1 \xFE\n", GM_BAD_SYNTAX, 1, 18, NULL,
      "the text is not YAML in UTF-8: invalid leading UTF-8 octet");
  refuse_saying("{gemmule: 1, doc: \"\xC3\xA9\xE2\x82\xAC\", x: 1}\n", GM_BAD_ARGUMENT, 1, 25, NULL,
      "unknown key 'x' of a graph file");
  refuse_saying("gemmule: 1\nname: \"\xC3\x28\"\n", GM_BAD_SYNTAX, 2, 9, NULL,
      "the text is not YAML in UTF-8: invalid trailing UTF-8 octet");
  refuse_saying("gemmule: 1\nname: \x01\n", GM_BAD_SYNTAX, 2, 7, NULL,
      "the text is not YAML in UTF-8: control characters are not allowed");
  refuse_saying(
      "\xFF\xFEg", GM_BAD_SYNTAX, 1, 1, NULL, "the text is not YAML in UTF-8: invalid leading UTF-8 octet");
}
END_TEST

START_TEST(block_and_flow_are_the_same) {
  loads_as("{gemmule: 1, name: x, placeholders: {a: {shape: [2, n]}}, outputs: [a]}", "x");
  loads_as("gemmule: 1\nname:\n  x\nplaceholders:\n  a:\n    shape:\n    - 2\n    - n\noutputs:\n- a\n", "x");
  loads_as("{\"gemmule\": 1, \"name\": \"x\", \"placeholders\": {\"a\": {\"shape\": [2, \"n\"]}}}", "x");
  loads_as("# a comment\n%YAML 1.1\n---\ngemmule: 1 # one\nname: 'x'\n...\n", "x");
  loads_as("--- {gemmule: 1,\n name: x}\n", "x");
}
END_TEST

START_TEST(a_name_may_look_like_something_else) {
  loads_as("gemmule: 1\nname: '1'\n", "1");
  loads_as("gemmule: 1\nname: \"null\"\n", "null");
  loads_as("gemmule: 1\nname: yes\n", "yes");
  loads_as("gemmule: 1\nname: on\n", "on");
  loads_as("gemmule: 1\nname: ~\n", "");
  loads_as("gemmule: 1\nname:\n", "");
  loads_as("gemmule: 1\nname: |\n  a\n", "a\n");
  refuse_saying("gemmule: 1\nname: 1\n", GM_BAD_ARGUMENT, 2, 7, NULL, "'name' is a text, not '1'");
  refuse_saying("gemmule: 1\nname: true\n", GM_BAD_ARGUMENT, 2, 7, NULL, "'name' is a text, not 'true'");
  refuse_saying("gemmule: 1\nname: .inf\n", GM_BAD_ARGUMENT, 2, 7, NULL, "'name' is a text, not '.inf'");
  refuse_saying("gemmule: 1\ndoc: {a: 1}\n", GM_BAD_ARGUMENT, 2, 6, NULL, "'doc' is a text, not a mapping");
}
END_TEST

START_TEST(anchors_and_tags_are_refused_on_every_kind) {
  refuse_saying("gemmule: 1\nname: &a x\n", GM_BAD_SYNTAX, 2, 7, NULL, "anchors are not read: '&a'");
  refuse_saying("gemmule: 1\nnodes: &b {}\n", GM_BAD_SYNTAX, 2, 8, NULL, "anchors are not read: '&b'");
  refuse_saying("gemmule: 1\noutputs: &c []\n", GM_BAD_SYNTAX, 2, 10, NULL, "anchors are not read: '&c'");
  refuse_saying("gemmule: 1\n&d name: x\n", GM_BAD_SYNTAX, 2, 1, NULL, "anchors are not read: '&d'");
  refuse_saying(
      "gemmule: 1\nname: !!str x\n", GM_BAD_SYNTAX, 2, 7, NULL, "tags are not read: 'tag:yaml.org,2002:str'");
  refuse_saying("gemmule: 1\nname: ! x\n", GM_BAD_SYNTAX, 2, 7, NULL, "tags are not read: '!'");
  refuse_saying("gemmule: 1\nnodes: !m {}\n", GM_BAD_SYNTAX, 2, 8, NULL, "tags are not read: '!m'");
  refuse_saying("gemmule: 1\noutputs: !!seq []\n", GM_BAD_SYNTAX, 2, 10, NULL,
      "tags are not read: 'tag:yaml.org,2002:seq'");
  refuse_saying("gemmule: 1\nname: &a !t x\n", GM_BAD_SYNTAX, 2, 7, NULL, "anchors are not read: '&a'");
  refuse_saying("gemmule: 1\n*k : 1\n", GM_BAD_SYNTAX, 2, 1, NULL, "aliases are not read: '*k'");
}
END_TEST

START_TEST(keys_are_words_without_nul) {
  refuse_saying(
      "gemmule: 1\nnodes: {[a]: 1}\n", GM_BAD_SYNTAX, 2, 9, NULL, "a key is a word, not a list or mapping");
  refuse_saying(
      "gemmule: 1\n? {a: 1}\n: 2\n", GM_BAD_SYNTAX, 2, 3, NULL, "a key is a word, not a list or mapping");
  refuse_saying("gemmule: 1\n\"a\\0b\": 1\n", GM_BAD_SYNTAX, 2, 1, NULL, "a string holds a NUL");
  refuse_saying("gemmule: 1\nname: \"\\0\"\n", GM_BAD_SYNTAX, 2, 7, NULL, "a string holds a NUL");
  refuse_saying("gemmule: 1\n~: 1\n", GM_BAD_ARGUMENT, 2, 1, NULL, "unknown key '~' of a graph file");
  refuse_saying(
      "gemmule: 1\n<<: {name: x}\n", GM_BAD_ARGUMENT, 2, 1, NULL, "unknown key '<<' of a graph file");
  loads_as("gemmule: 1\n? name\n: x\n", "x");
}
END_TEST

START_TEST(a_file_is_one_document) {
  const char *sentence = "a graph file is one document: here a second begins";
  refuse_saying("gemmule: 1\n---\ngemmule: 1\n", GM_BAD_ARGUMENT, 2, 1, NULL, sentence);
  refuse_saying("gemmule: 1\n...\n---\n", GM_BAD_ARGUMENT, 3, 1, NULL, sentence);
  refuse_saying("---\n---\n", GM_BAD_ARGUMENT, 2, 1, NULL, sentence);
  refuse_saying("gemmule: 1\n...\nx\n", GM_BAD_SYNTAX, 3, 1, NULL, "did not find expected <document start>");
  refuse_saying("gemmule: 1\n]\n", GM_BAD_SYNTAX, 2, 1, NULL,
      "while parsing a block mapping, did not find expected key");
}
END_TEST

/* ---- Keys that stand twice ---- */

static void twice(const char *text, int line, int column, const char *sentence) {
  refuse_saying(text, GM_BAD_ARGUMENT, line, column, NULL, sentence);
}

START_TEST(the_first_key_that_stands_twice_is_named) {
  twice("gemmule: 1\nname: a\nname: b\nname: c\n", 3, 1, "the key 'name' stands twice: at line 2 too");
  twice("gemmule: 1\nname: a\ndoc: a\ndoc: b\nname: b\n", 4, 1, "the key 'doc' stands twice: at line 3 too");
  twice("gemmule: 1\nname: a\nname: b\nconstants: {x: 1, x: 2}\n", 3, 1,
      "the key 'name' stands twice: at line 2 too");
  twice("gemmule: 1\nname: a\nconstants: {x: 1, x: 2}\nname: b\n", 3, 19,
      "the key 'x' stands twice: at line 3 too");
  twice("{gemmule: 1, name: a, constants: {x: 1, x: 2}, name: b}", 1, 41,
      "the key 'x' stands twice: at line 1 too");
  twice("{gemmule: 1, name: a, name: b, constants: {x: 1, x: 2}}", 1, 23,
      "the key 'name' stands twice: at line 1 too");
}
END_TEST

START_TEST(long_mappings_are_searched_too) {
  twice("gemmule: 1\nconstants: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, c: 8}\n", 2, 55,
      "the key 'c' stands twice: at line 2 too");
  twice("gemmule: 1\nconstants: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, h: 9}\n", 2, 61,
      "the key 'h' stands twice: at line 2 too");
  twice("gemmule: 1\nconstants: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, a: 9,\n  a: 1, b: 1}\n", 2,
      61, "the key 'a' stands twice: at line 2 too");
}
END_TEST

START_TEST(the_first_of_two_keys_is_named_by_its_line) {
  const char *constants =
      "gemmule: 1\nconstants:\n  a: 1\n  b: 2\n  c: 3\n  d: 4\n  e: 5\n  f: 6\n  g: 7\n  h: 8\n";
  char text[200];
  for (int i = 0; i < 8; i++) {
    char sentence[64];
    snprintf(text, sizeof text, "%s  %c: 9\n", constants, 'a' + i);
    snprintf(sentence, sizeof sentence, "the key '%c' stands twice: at line %d too", 'a' + i, 3 + i);
    twice(text, 11, 3, sentence);
  }
  twice("gemmule: 1\nconstants:\n  a: 1\n  b: 2\n  c: 3\n  b: 4\n", 6, 3,
      "the key 'b' stands twice: at line 4 too");
}
END_TEST

START_TEST(the_version_may_stand_anywhere) {
  refuse_saying("{placeholders: {x: {shape: [2]}}, gemmule: 2}", GM_BAD_ARGUMENT, 1, 44, NULL,
      "the format version is 1, not '2'");
  loads_as("placeholders: {x: {shape: [2]}}\nvariables: {v: {value: 1}}\nnodes: {r: {add: [x, v]}}\n"
           "outputs: [r, x]\nname: x\ngemmule: 1\n",
      "x");
}
END_TEST

START_TEST(what_stands_sooner_is_reported) {
  refuse_saying("gemmule: 1\nnmae: x\nname: b\nname: c\n", GM_BAD_ARGUMENT, 2, 1, NULL,
      "unknown key 'nmae' of a graph file: did you mean 'name'?");
  twice("gemmule: 1\nname: b\nname: c\nnmae: x\n", 3, 1, "the key 'name' stands twice: at line 2 too");
  refuse_saying("{gemmule: 1, nmae: x, name: b, name: c}", GM_BAD_ARGUMENT, 1, 14, NULL,
      "unknown key 'nmae' of a graph file: did you mean 'name'?");
  twice("{gemmule: 1, name: b, name: c, nmae: x}", 1, 23, "the key 'name' stands twice: at line 1 too");
  refuse_saying("gemmule: 1\nnames: b\nnames: c\n", GM_BAD_ARGUMENT, 2, 1, NULL,
      "unknown key 'names' of a graph file: did you mean 'name'?");
  twice("gemmule: 1\nname: 1\nname: 2\n", 2, 7, "'name' is a text, not '1'");
}
END_TEST

/* ---- The tree ---- */

static gm__value *read_tree(gm__arena *arena, const char *text) {
  gm_error error;
  gm__repeated repeated = {"x", 1, 1, 1};
  gm__value *document = NULL;
  ck_assert_int_eq(gm__document_read(arena, text, strlen(text), 64, &document, &repeated, &error), GM_OK);
  ck_assert_ptr_null(repeated.key);
  return document;
}

static void is_at(const gm__value *value, gm__value_kind kind, int line, int column, size_t count) {
  ck_assert_int_eq(value->kind, kind);
  ck_assert_int_eq(value->line, line);
  ck_assert_int_eq(value->column, column);
  ck_assert_uint_eq(value->count, count);
}

START_TEST(an_empty_document_is_null) {
  static const char *const texts[] = {"", "\n\n", "# nothing", MARK};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    gm__arena arena = {0};
    const gm__value *document = read_tree(&arena, texts[i]);
    is_at(document, GM__VALUE_NULL, 1, 1, 0);
    ck_assert_str_eq(document->text, "");
    gm__arena_free(&arena);
  }
}
END_TEST

START_TEST(every_value_has_its_place) {
  gm__arena arena = {0};
  const gm__value *map = read_tree(&arena, "a: [1, {b: 2.5}]\n'c': []\nd:\n- true\n- 'x y'\n- {}\n");
  is_at(map, GM__VALUE_MAP, 1, 1, 3);
  ck_assert_str_eq(map->entries[0].key, "a");
  ck_assert_str_eq(map->entries[1].key, "c");
  ck_assert_int_eq(map->entries[1].line, 2);
  ck_assert_int_eq(map->entries[1].column, 1);
  const gm__value *a = map->entries[0].value, *d = map->entries[2].value;
  is_at(a, GM__VALUE_LIST, 1, 4, 2);
  is_at(a->items[0], GM__VALUE_INTEGER, 1, 5, 1);
  is_at(a->items[1], GM__VALUE_MAP, 1, 8, 1);
  ck_assert_int_eq(a->items[1]->entries[0].column, 9);
  is_at(a->items[1]->entries[0].value, GM__VALUE_REAL, 1, 12, 3);
  is_at(map->entries[1].value, GM__VALUE_LIST, 2, 6, 0);
  is_at(d, GM__VALUE_LIST, 4, 1, 3);
  is_at(d->items[0], GM__VALUE_BOOL, 4, 3, 4);
  is_at(d->items[1], GM__VALUE_STRING, 5, 3, 3);
  ck_assert(d->items[1]->quoted && !d->items[0]->quoted);
  is_at(d->items[2], GM__VALUE_MAP, 6, 3, 0);
  gm__arena_free(&arena);
}
END_TEST

/* ---- Nesting ---- */

/** A document of `lists` lists in each other, and what reading it with `most` gives. */
static gm_status nested(size_t lists, size_t most, gm__value **document) {
  gm_error error = {.status = GM_OK};
  gm__repeated repeated;
  gm__arena arena = {0};
  char *text = room_for(2 * lists + 1);
  memset(text, '[', lists);
  memset(text + lists, ']', lists);
  gm_status status = gm__document_read(&arena, text, 2 * lists, most, document, &repeated, &error);
  if (status == GM_OK) {
    size_t depth = 1;
    for (const gm__value *at = *document; at->count; at = at->items[0]) depth++;
    ck_assert_uint_eq(depth, lists);
  } else {
    char sentence[64];
    snprintf(sentence, sizeof sentence, "nested more than %zu deep", most);
    ck_assert_str_eq(error.message, sentence);
    ck_assert_int_eq(error.line, 1);
    ck_assert_int_eq(error.column, (int)most + 1);
  }
  gm__arena_free(&arena);
  free(text);
  return status;
}

START_TEST(nesting_ends_exactly_where_it_is_said) {
  gm__value *document;
  ck_assert_int_eq(nested(1, 1, &document), GM_OK);
  ck_assert_int_eq(nested(2, 1, &document), GM_LIMIT);
  ck_assert_int_eq(nested(64, 64, &document), GM_OK);
  ck_assert_int_eq(nested(65, 64, &document), GM_LIMIT);
  ck_assert_int_eq(nested(512, 512, &document), GM_OK);
  ck_assert_int_eq(nested(513, 512, &document), GM_LIMIT);
}
END_TEST

/** A graph with relu nested so that mappings are `depth` deep. */
static gm_status nodes_nested(size_t depth, size_t most, gm_error *error) {
  char *text = room_for(16 * depth + 200), *at = text;
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  options.max_depth = most;
  at += sprintf(at, "{gemmule: 1, placeholders: {x: {shape: [2]}}, nodes: {y: ");
  for (size_t i = 2; i < depth; i++) at += sprintf(at, "{relu: ");
  at += sprintf(at, "x");
  for (size_t i = 0; i < depth; i++) at += sprintf(at, "}");
  gm_graph *graph = gm_graph_parse(text, strlen(text), &options, error);
  if (graph) ck_assert_uint_eq(gm_graph_node_count(graph), depth - 1);
  free(text);
  gm_status status = graph ? GM_OK : error->status;
  gm_graph_free(graph);
  return status;
}

START_TEST(graph_files_nest_64_deep_and_at_most_512) {
  gm_error error;
  ck_assert_int_eq(nodes_nested(64, 0, &error), GM_OK);
  ck_assert_int_eq(nodes_nested(65, 0, &error), GM_LIMIT);
  ck_assert_str_eq(error.message, "nested more than 64 deep");
  ck_assert_int_eq(nodes_nested(65, 65, &error), GM_OK);
  ck_assert_int_eq(nodes_nested(512, 512, &error), GM_OK);
  ck_assert_int_eq(nodes_nested(512, 100000, &error), GM_OK);
  ck_assert_int_eq(nodes_nested(513, 100000, &error), GM_LIMIT);
  ck_assert_str_eq(error.message, "nested more than 512 deep");
}
END_TEST

SUITE(spec_document) {
  CASE(a_byte_order_mark_is_no_part_of_the_text);
  CASE(lines_end_in_three_ways);
  CASE(columns_count_characters);
  CASE(block_and_flow_are_the_same);
  CASE(a_name_may_look_like_something_else);
  CASE(anchors_and_tags_are_refused_on_every_kind);
  CASE(keys_are_words_without_nul);
  CASE(a_file_is_one_document);
  CASE(the_first_key_that_stands_twice_is_named);
  CASE(long_mappings_are_searched_too);
  CASE(the_first_of_two_keys_is_named_by_its_line);
  CASE(the_version_may_stand_anywhere);
  CASE(what_stands_sooner_is_reported);
  CASE(an_empty_document_is_null);
  CASE(every_value_has_its_place);
  CASE(nesting_ends_exactly_where_it_is_said);
  CASE(graph_files_nest_64_deep_and_at_most_512);
}
