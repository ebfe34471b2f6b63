/* SPDX-License-Identifier: MIT
 *
 * Names, nodes, inputs, outputs and structures of graph files, with every refusal's sentence and place. */
#include "spec_support.h"

#define N "gemmule: 1\nplaceholders: {x: {shape: [2, 2]}}\nnodes:\n  "

/** Refused in line 4, with 'r' as the node. */
static void bad(const char *text, gm_status status, int column, const char *sentence) {
  refuse_saying(text, status, 4, column, "r", sentence);
}

/* ---- Names ---- */

static char *repeated_name(char c, size_t length) {
  char *name = room_for(length + 1);
  memset(name, c, length);
  return name;
}

START_TEST(names_have_at_most_127_bytes) {
  for (size_t length = 126; length <= 128; length++) {
    char *name = repeated_name('a', length), text[400];
    snprintf(text, sizeof text, "gemmule: 1\nplaceholders:\n  %s: {shape: [2]}\noutputs: [%s]\n", name, name);
    gm_error error = {.status = GM_OK};
    gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, &error);
    ck_assert_int_eq(graph != NULL, length < 128);
    if (!graph) {
      ck_assert_int_eq(error.line, 3);
      ck_assert_int_eq(error.column, 3);
    }
    gm_graph_free(graph);
    free(name);
  }
}
END_TEST

START_TEST(names_are_words) {
  const char *rule = "' is not a name: a letter or _, then letters, digits, _ and -";
  static const char *const names[] = {"2x", "a b", "-a", "a.b", "\xC3\xA9", "a/b", "'+'"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char text[200], sentence[200];
    bool quoted = names[i][0] == '\'';
    snprintf(text, sizeof text, "gemmule: 1\nconstants:\n  %s: 1\n", names[i]);
    snprintf(
        sentence, sizeof sentence, "'%.*s%s", (int)strlen(names[i]) - 2 * quoted, names[i] + quoted, rule);
    refuse_saying(text, GM_BAD_ARGUMENT, 3, 3, NULL, sentence);
  }
  gm_graph *graph = parse_graph(
      "constants:\n  _: 1\n  a-b_9: 2\n  null: 3\n  yes: 4\n  Z: 5\nnodes:\n  r: {add: [\"null\", yes]}\n");
  check_value(graph, "null", "3.0");
  check_value(graph, "yes", "4.0");
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_name_stands_once) {
  refuse_saying("gemmule: 1\nplaceholders: {x: {shape: []}}\nnodes: {x: {relu: 1}}\n", GM_BAD_ARGUMENT, 3, 9,
      "x", "the name 'x' is taken: it stands at line 2, column 16 too");
  refuse_saying("gemmule: 1\nnodes: {x: {relu: 1}}\nplaceholders: {x: {shape: []}}\n", GM_BAD_ARGUMENT, 3, 16,
      "x", "the name 'x' is taken: it stands at line 2, column 9 too");
}
END_TEST

START_TEST(unknown_names_name_the_nearest) {
  bad(N "r: {relu: y1}\n", GM_BAD_ARGUMENT, 13, "unknown name 'y1'");
  bad(N "r: {relu: rr}\n  rrr: {relu: x}\n", GM_BAD_ARGUMENT, 13, "unknown name 'rr': did you mean 'r'?");
  bad(N "r: {add: [x, {relu: [X]}]}\n", GM_BAD_ARGUMENT, 24, "unknown name 'X': did you mean 'x'?");
  refuse_saying("gemmule: 1\noutputs: [y]\n", GM_BAD_ARGUMENT, 2, 11, NULL, "unknown name 'y'");
  refuse_saying("gemmule: 1\noutputs: y\n", GM_BAD_ARGUMENT, 2, 10, NULL, "unknown name 'y'");
}
END_TEST

/* ---- Operations ---- */

START_TEST(a_node_names_one_operation) {
  bad(N "r: {relu: x, exp: x}\n", GM_BAD_ARGUMENT, 16,
      "a node has one operation, but here are 'relu' and 'exp'");
  bad(N "r: {relu: x, exp: x, tanh: x}\n", GM_BAD_ARGUMENT, 16,
      "a node has one operation, but here are 'relu' and 'exp'");
  bad(N "r: {axis: 0, relu: x, doc: a, exp: x}\n", GM_BAD_ARGUMENT, 33,
      "a node has one operation, but here are 'relu' and 'exp'");
  bad(N "r: x\n", GM_BAD_ARGUMENT, 6, "a node is a mapping, {operation: inputs, attribute: value}, not 'x'");
  bad(N "r: [relu, x]\n", GM_BAD_ARGUMENT, 6,
      "a node is a mapping, {operation: inputs, attribute: value}, not a list");
  bad(N "r:\n", GM_BAD_ARGUMENT, 5, "a node is a mapping, {operation: inputs, attribute: value}, not ''");
  bad(N "r: {}\n", GM_UNKNOWN_OP, 6, "the node names no operation");
  bad(N "r: {doc: a}\n", GM_UNKNOWN_OP, 6, "the node names no operation");
  bad(N "r: {add: [x, {doc: relu}]}\n", GM_UNKNOWN_OP, 16, "the node names no operation");
}
END_TEST

START_TEST(unknown_operations_name_the_nearest) {
  bad(N "r: {rleu: x}\n", GM_UNKNOWN_OP, 7, "there is no operation 'rleu': did you mean 'relu'?");
  bad(N "r: {axis: 1, sofmax: x}\n", GM_UNKNOWN_OP, 16,
      "there is no operation 'sofmax': did you mean 'softmax'?");
  bad(N "r: {doc: a, zzzzzzzz: 1, qqqqqqqqqq: x}\n", GM_UNKNOWN_OP, 15, "there is no operation 'zzzzzzzz'");
  bad(N "r: {exp: {placeholder: x}}\n", GM_UNKNOWN_OP, 13, "there is no operation 'placeholder'");
}
END_TEST

START_TEST(attributes_are_known_and_typed) {
  bad(N "r: {softmax: x, axs: 0}\n", GM_BAD_ARGUMENT, 19,
      "unknown key 'axs' of softmax: did you mean 'axis'?");
  bad(N "r: {exp: x, dco: a}\n", GM_BAD_ARGUMENT, 15, "unknown key 'dco' of exp: did you mean 'doc'?");
  bad(N "r: {softmax: x, doc: [a]}\n", GM_BAD_ARGUMENT, 24, "'doc' is a text, not a list");
  bad(N "r: {add: [x, {softmax: x, doc: 1}]}\n", GM_BAD_ARGUMENT, 34, "'doc' is a text, not '1'");
  bad(N "r: {softmax: x, axis: one}\n", GM_BAD_ARGUMENT, 25,
      "softmax: attribute 'axis' is an integer, not 'one'");
  bad(N "r: {add: [x, {softmax: x, axis: [1]}]}\n", GM_BAD_ARGUMENT, 35,
      "softmax: attribute 'axis' is an integer, not a list");
}
END_TEST

/* ---- Inputs ---- */

START_TEST(an_input_is_a_name_a_number_or_a_node) {
  bad(N "r: {add: [x, [x]]}\n", GM_BAD_ARGUMENT, 16, "an input is a name, a number or a node, not a list");
  bad(N "r: {add: [x, true]}\n", GM_BAD_ARGUMENT, 16, "an input is a name, a number or a node, not 'true'");
  bad(N "r: {add: [x, ~]}\n", GM_BAD_ARGUMENT, 16, "an input is a name, a number or a node, not '~'");
  bad(N "r: {relu: false}\n", GM_BAD_ARGUMENT, 13, "an input is a name, a number or a node, not 'false'");
  bad(N "r: {relu: '1'}\n", GM_BAD_ARGUMENT, 13, "unknown name '1'");
  bad(N "r: {relu: }\n", GM_BAD_ARGUMENT, 7, "relu takes 1 input, but got 0");
  bad(N "r: {relu: []}\n", GM_BAD_ARGUMENT, 7, "relu takes 1 input, but got 0");
  bad(N "r: {dot: x}\n", GM_BAD_ARGUMENT, 7, "dot takes 2 inputs, but got 1");
}
END_TEST

static void check_number(const gm_graph *graph, const char *name, uint32_t input, const char *expected) {
  char text[40];
  gm_node node = gm_node_named(graph, name);
  gm_node_attributes_text(graph, gm_node_input(graph, node, input), 0, text, sizeof text);
  ck_assert_str_eq(text, expected);
}

START_TEST(numbers_are_kept_as_they_are_written) {
  gm_graph *graph =
      parse_graph("placeholders: {x: {shape: [2], dtype: float64}, i: {shape: [2], dtype: int64}}\nnodes:\n"
                  "  a: {add: [x, 1]}\n  b: {add: [x, 18446744073709551615]}\n  c: {add: [-0.5, x]}\n"
                  "  d: {add: [i, 9223372036854775807]}\n  e: {add: [i, -9223372036854775808]}\n"
                  "  f: {add: [x, 9223372036854775808]}\n  g: {add: [x, nan]}\n");
  check_number(graph, "a", 1, "1");
  check_number(graph, "b", 1, "1.8446744073709552e+19");
  check_number(graph, "c", 0, "-0.5");
  check_number(graph, "d", 1, "9223372036854775807");
  check_number(graph, "e", 1, "-9223372036854775808");
  check_number(graph, "f", 1, "9.223372036854776e+18");
  check_number(graph, "g", 1, "nan");
  gm_graph_free(graph);
  refuse_saying("gemmule: 1\nplaceholders: {x: {shape: [2], dtype: int64}}\nnodes:\n  r: {add: [x, "
                "18446744073709551615]}\n",
      GM_BAD_ARGUMENT, 4, 7, "r", "add: the number 1.8446744073709552e+19 cannot be held by int64");
  refuse_saying(
      "gemmule: 1\nplaceholders: {x: {shape: [2], dtype: int8}}\nnodes:\n  r: {add: [x, {add: [x, 0.5]}]}\n",
      GM_BAD_ARGUMENT, 4, 17, "r", "add: the number 0.5 cannot be held by int8");
}
END_TEST

START_TEST(an_integer_that_only_its_rounding_fits_is_refused) {
  bad(N "r: {add: [x, -9223372036854775809]}\n", GM_BAD_ARGUMENT, 16,
      "'input' is -9223372036854775809, which neither 64 bits nor a float64 hold exactly");
  gm_graph *graph =
      parse_graph("placeholders: {x: {shape: [2]}}\nnodes:\n  a: {add: [x, 18446744073709551616]}\n"
                  "  b: {add: [x, -9223372036854777856]}\n");
  check_number(graph, "a", 1, "1.8446744073709552e+19");
  check_number(graph, "b", 1, "-9.223372036854778e+18");
  gm_graph_free(graph);
}
END_TEST

START_TEST(operations_without_inputs_take_null_or_an_empty_list) {
  gm_graph *graph = parse_graph("nodes:\n  a: {eye: , size: 2}\n  b: {eye: [], size: 3}\n");
  check_node(graph, "a", "<gm_node 'a' shape=(2, 2) dtype=float32>");
  check_node(graph, "b", "<gm_node 'b' shape=(3, 3) dtype=float32>");
  gm_graph_free(graph);
}
END_TEST

START_TEST(made_up_names_yield_to_all_names_of_the_file) {
  gm_graph *graph = parse_graph("placeholders: {exp_1: {shape: [2]}}\nvariables: {exp: {value: [1, 2]}}\n"
                                "nodes:\n  a: {relu: {exp: exp_1}}\n  b: {relu: {exp: exp}}\n"
                                "  exp_3: {tanh: {exp: a}}\n");
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "exp")), "variable");
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "exp_1")), "placeholder");
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "exp_2")), "exp");
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "exp_3")), "tanh");
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "exp_4")), "exp");
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "exp_5")), "exp");
  ck_assert_uint_eq(gm_graph_node_count(graph), 8);
  gm_graph_free(graph);
}
END_TEST

START_TEST(docs_of_nested_nodes_are_kept) {
  gm_graph *graph = parse_graph("placeholders: {x: {shape: [2]}}\nnodes:\n"
                                "  a: {relu: {exp: x, doc: inner}, doc: outer}\n  b: {relu: x, doc: }\n");
  gm_node a = gm_node_named(graph, "a");
  ck_assert_str_eq(gm_node_doc(graph, a), "outer");
  ck_assert_str_eq(gm_node_doc(graph, gm_node_input(graph, a, 0)), "inner");
  ck_assert_str_eq(gm_node_doc(graph, gm_node_named(graph, "b")), "");
  gm_graph_free(graph);
}
END_TEST

START_TEST(errors_of_nested_nodes_carry_the_named_node) {
  bad(N "r: {relu: {dot: [x, [[1, 2]]]}}\n", GM_BAD_ARGUMENT, 23,
      "an input is a name, a number or a node, not a list");
  refuse_saying("gemmule: 1\nplaceholders: {x: {shape: [2, 3]}}\nnodes:\n  r: {relu: {dot: [x, x]}}\n",
      GM_BAD_SHAPE, 4, 14, "r",
      "dot: Dimensions must be equal, but are 3 and 2: 'x' (2, 3) axis 1, 'x' (2, 3) axis 0");
}
END_TEST

/* ---- Order ---- */

START_TEST(every_length_of_cycle_is_listed) {
  for (int length = 1; length <= 12; length++) {
    char text[600] = "gemmule: 1\nnodes:\n", sentence[300] = "nodes form a cycle: ";
    char *at = text + strlen(text), *to = sentence + strlen(sentence);
    for (int i = 0; i < length; i++) at += sprintf(at, "  n%d: {relu: n%d}\n", i, (i + 1) % length);
    int listed = length <= 8 ? length : 7;
    for (int i = 0; i < listed; i++) to += sprintf(to, "n%d -> ", i);
    if (length > 8) to += sprintf(to, "... -> n%d -> ", length - 1);
    sprintf(to, "n0");
    refuse_saying(text, GM_BAD_ARGUMENT, 3, 3, "n0", sentence);
  }
}
END_TEST

START_TEST(what_leads_to_a_cycle_is_not_part_of_it) {
  refuse_saying("gemmule: 1\nnodes:\n  a: {relu: b}\n  b: {exp: {tanh: c}}\n  c: {add: [1, b]}\n",
      GM_BAD_ARGUMENT, 4, 3, "b", "nodes form a cycle: b -> c -> b");
  gm_graph *graph = parse_graph("placeholders: {x: {shape: [2]}}\nnodes:\n  d: {add: [b, c]}\n  b: {exp: a}\n"
                                "  c: {tanh: a}\n  a: {relu: x}\n");
  ck_assert_uint_lt(gm_node_named(graph, "a").id, gm_node_named(graph, "b").id);
  ck_assert_uint_lt(gm_node_named(graph, "b").id, gm_node_named(graph, "c").id);
  ck_assert_uint_lt(gm_node_named(graph, "c").id, gm_node_named(graph, "d").id);
  gm_graph_free(graph);
}
END_TEST

/* ---- The top, and outputs ---- */

START_TEST(the_top_is_a_mapping_with_a_version) {
  const char *mapping = "a graph file is a mapping that begins with 'gemmule: 1'";
  refuse_saying("", GM_BAD_ARGUMENT, 1, 1, NULL, mapping);
  refuse_saying("\n# nothing\n", GM_BAD_ARGUMENT, 1, 1, NULL, mapping);
  refuse_saying("[1]\n", GM_BAD_ARGUMENT, 1, 1, NULL, mapping);
  refuse_saying("  gemmule\n", GM_BAD_ARGUMENT, 1, 3, NULL, mapping);
  refuse_saying("{}", GM_BAD_ARGUMENT, 1, 1, NULL, "the format version is missing: 'gemmule: 1'");
  refuse_saying("name: x\ngemmule: 2\n", GM_BAD_ARGUMENT, 2, 10, NULL, "the format version is 1, not '2'");
  refuse_saying("gemmule: 1.0\n", GM_BAD_ARGUMENT, 1, 10, NULL, "the format version is 1, not '1.0'");
  refuse_saying("gemmule: '1'\n", GM_BAD_ARGUMENT, 1, 10, NULL, "the format version is 1, not '1'");
  refuse_saying("gemmule:\n", GM_BAD_ARGUMENT, 1, 9, NULL, "the format version is 1, not ''");
  refuse_saying("gemmule: [1]\n", GM_BAD_ARGUMENT, 1, 10, NULL, "the format version is 1, not a list");
}
END_TEST

START_TEST(sections_are_mappings) {
  refuse_saying(
      "gemmule: 1\nnodes: 3\n", GM_BAD_ARGUMENT, 2, 8, NULL, "'nodes' is a mapping from names, not '3'");
  refuse_saying("gemmule: 1\nvariables: [x]\n", GM_BAD_ARGUMENT, 2, 12, NULL,
      "'variables' is a mapping from names, not a list");
  refuse_saying("gemmule: 1\nconstants: x\n", GM_BAD_ARGUMENT, 2, 12, NULL,
      "'constants' is a mapping from names, not 'x'");
  refuse_saying("gemmule: 1\nplaceholders: true\n", GM_BAD_ARGUMENT, 2, 15, NULL,
      "'placeholders' is a mapping from names, not 'true'");
}
END_TEST

START_TEST(outputs_are_names) {
  refuse_saying("gemmule: 1\noutputs: 3\n", GM_BAD_ARGUMENT, 2, 10, NULL, "an output is a name, not '3'");
  refuse_saying(
      "gemmule: 1\noutputs: {a: b}\n", GM_BAD_ARGUMENT, 2, 10, NULL, "an output is a name, not a mapping");
  refuse_saying(
      N "r: {relu: x}\noutputs: [r, [x]]\n", GM_BAD_ARGUMENT, 5, 14, NULL, "an output is a name, not a list");
  refuse_saying(
      N "r: {relu: x}\noutputs: [r, ]\nname: 1\n", GM_BAD_ARGUMENT, 6, 7, NULL, "'name' is a text, not '1'");
  gm_graph *graph = parse_graph("placeholders: {x: {shape: [2]}}\noutputs: []\n");
  ck_assert_uint_eq(gm_graph_outputs(graph, NULL, 0), 0);
  gm_graph_free(graph);
}
END_TEST

/* ---- Structures ---- */

#define S "gemmule: 1\n# structures\n\nplaceholders: {r: {shape: [4, 4], "

START_TEST(structures_are_checked) {
  const char *belongs = "'block' belongs to a structure: {structure: block_diagonal, block: 4}";
  bad(S "block: 2}}\n", GM_BAD_ARGUMENT, 42, belongs);
  bad(S "structure: , block: 2}}\n", GM_BAD_ARGUMENT, 55, belongs);
  refuse("placeholders: {r: {shape: [4, 4], structure: triangular}}\n", GM_BAD_ARGUMENT, 2, 46,
      "assume: attribute 'structure'");
  refuse("placeholders: {r: {shape: [4, 4], structure: block_diagonal}}\n", GM_BAD_ARGUMENT, 2, 46, "block");
  refuse("placeholders: {r: {shape: [4], structure: diagonal}}\n", GM_BAD_SHAPE, 2, 43, "assume");
}
END_TEST

static void check_assumed(const gm_graph *graph, const char *user, const char *name, const char *attributes) {
  char text[100];
  gm_node used = gm_node_input(graph, gm_node_named(graph, user), 0);
  ck_assert_str_eq(gm_node_op(graph, used), "assume");
  ck_assert_str_eq(gm_node_name(graph, used), name);
  gm_node_attributes_text(graph, used, 0, text, sizeof text);
  ck_assert_str_eq(text, attributes);
}

START_TEST(a_structure_is_assumed_of_any_source) {
  gm_graph *graph = parse_graph(
      "placeholders:\n  p: {shape: [4, 4], block: 2, structure: block_diagonal, doc: d}\n"
      "  q: {shape: [2, 2], structure: , block: }\n"
      "variables:\n  v: {value: [[1, 2], [3, 4]], structure: diagonal, block: }\n"
      "  v_assumed: {value: 1}\nconstants:\n  c: {shape: [2, 2], init: ones, structure: symmetric}\n"
      "  c_assumed: 1\n  c_assumed_1: 1\n"
      "nodes: {a: {exp: p}, b: {exp: v}, d: {exp: c}, e: {exp: q}}\n");
  check_assumed(graph, "a", "p_assumed", "{structure: block_diagonal, block: 2}");
  check_assumed(graph, "b", "v_assumed_1", "{structure: diagonal}");
  check_assumed(graph, "d", "c_assumed_2", "{structure: symmetric}");
  ck_assert_str_eq(gm_node_op(graph, gm_node_input(graph, gm_node_named(graph, "e"), 0)), "placeholder");
  ck_assert_str_eq(gm_node_doc(graph, gm_node_named(graph, "p")), "d");
  ck_assert_uint_eq(gm_graph_node_count(graph), 14);
  gm_graph_free(graph);
}
END_TEST

START_TEST(the_name_of_an_assumption_is_cut) {
  char *name = repeated_name('n', 127), text[400], expected[200];
  snprintf(text, sizeof text,
      "placeholders: {%s: {shape: [2, 2], structure: diagonal}}\nnodes: {r: {exp: %s}}\n", name, name);
  snprintf(expected, sizeof expected, "%.100s_assumed", name);
  gm_graph *graph = parse_graph(text);
  check_assumed(graph, "r", expected, "{structure: diagonal}");
  gm_graph_free(graph);
  free(name);
}
END_TEST

SUITE(spec_nodes) {
  CASE(names_have_at_most_127_bytes);
  CASE(names_are_words);
  CASE(a_name_stands_once);
  CASE(unknown_names_name_the_nearest);
  CASE(a_node_names_one_operation);
  CASE(unknown_operations_name_the_nearest);
  CASE(attributes_are_known_and_typed);
  CASE(an_input_is_a_name_a_number_or_a_node);
  CASE(numbers_are_kept_as_they_are_written);
  CASE(an_integer_that_only_its_rounding_fits_is_refused);
  CASE(operations_without_inputs_take_null_or_an_empty_list);
  CASE(made_up_names_yield_to_all_names_of_the_file);
  CASE(docs_of_nested_nodes_are_kept);
  CASE(errors_of_nested_nodes_carry_the_named_node);
  CASE(every_length_of_cycle_is_listed);
  CASE(what_leads_to_a_cycle_is_not_part_of_it);
  CASE(the_top_is_a_mapping_with_a_version);
  CASE(sections_are_mappings);
  CASE(outputs_are_names);
  CASE(structures_are_checked);
  CASE(a_structure_is_assumed_of_any_source);
  CASE(the_name_of_an_assumption_is_cut);
}
