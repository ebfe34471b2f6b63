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

SUITE(spec_document) {
  CASE(a_byte_order_mark_is_no_part_of_the_text);
}
