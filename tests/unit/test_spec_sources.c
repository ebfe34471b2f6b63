/* SPDX-License-Identifier: MIT
 *
 * Placeholders, variables and constants: their keys, dtypes, shapes, initialisers, seeds and structures, with
 * every refusal's sentence and place. */
#include "spec_support.h"

#include <math.h>

#define P "gemmule: 1\nplaceholders:\n  "
#define V "gemmule: 1\nvariables:\n  "
#define C "gemmule: 1\nconstants:\n  "

/** Refused as GM_BAD_ARGUMENT in line 3, with 'x' as the node. */
static void bad(const char *text, int column, const char *sentence) {
  refuse_saying(text, GM_BAD_ARGUMENT, 3, column, "x", sentence);
}

/* ---- Keys ---- */

START_TEST(sources_are_mappings) {
  bad(P "x: [2]\n", 6, "a placeholder is a mapping, not a list");
  bad(P "x: 2\n", 6, "a placeholder is a mapping, not '2'");
  bad(V "x: [2]\n", 6, "a variable is a mapping, not a list");
  bad(V "x: 2\n", 6, "a variable is a mapping, not '2'");
  bad(P "x:\n", 5, "the placeholder 'x' needs a shape: {shape: [batch, 64]}");
  bad(P "x: {}\n", 6, "the placeholder 'x' needs a shape: {shape: [batch, 64]}");
  bad(V "x:\n", 5, "the variable 'x' has one of 'file', 'value' and 'init', not none");
  bad(C "x:\n", 5, "the constant 'x' has one of 'file', 'value' and 'init', not none");
  bad(C "x: {dtype: int8}\n", 6, "the constant 'x' has one of 'file', 'value' and 'init', not none");
  bad(V "x: {value: 1, file: a}\n", 6, "the variable 'x' has one of 'file', 'value' and 'init', not several");
  bad(C "x: {file: a, init: ones}\n", 6,
      "the constant 'x' has one of 'file', 'value' and 'init', not several");
}
END_TEST

START_TEST(each_kind_of_source_knows_its_keys) {
  bad(P "x: {shape: [2], init: zeros}\n", 19, "unknown key 'init' of a placeholder");
  bad(P "x: {value: 1}\n", 7, "unknown key 'value' of a placeholder");
  bad(P "x: {shapes: [2]}\n", 7, "unknown key 'shapes' of a placeholder: did you mean 'shape'?");
  bad(V "x: {vale: 1}\n", 7, "unknown key 'vale' of a variable: did you mean 'value'?");
  bad(C "x: {fill: 1}\n", 7, "unknown key 'fill' of a constant: did you mean 'file'?");
  bad(C "x: {'': 1}\n", 7, "unknown key '' of a constant");
  bad(V "x: {value: 1, doc: [a]}\n", 22, "'doc' is a text, not a list");
  bad(P "x: {shape: [], doc: 7}\n", 23, "'doc' is a text, not '7'");
}
END_TEST

START_TEST(docs_are_kept) {
  gm_graph *graph =
      parse_graph("placeholders:\n  p: {shape: [], doc: a p}\n  q: {shape: [], doc: }\n"
                  "variables:\n  v: {value: 1, doc: 'a: v'}\nconstants:\n  c: {value: 1, doc: a c}\n");
  ck_assert_str_eq(gm_node_doc(graph, gm_node_named(graph, "p")), "a p");
  ck_assert_str_eq(gm_node_doc(graph, gm_node_named(graph, "q")), "");
  ck_assert_str_eq(gm_node_doc(graph, gm_node_named(graph, "v")), "a: v");
  ck_assert_str_eq(gm_node_doc(graph, gm_node_named(graph, "c")), "a c");
  gm_graph_free(graph);
}
END_TEST

/* ---- dtypes ---- */

START_TEST(every_dtype_has_its_name) {
  for (int dtype = 0; gm_dtype_size((gm_dtype)dtype); dtype++) {
    char text[128], expected[128];
    snprintf(
        text, sizeof text, "placeholders:\n  x: {shape: [n], dtype: %s}\n", gm_dtype_name((gm_dtype)dtype));
    snprintf(expected, sizeof expected, "<gm_node 'x' shape=(n,) dtype=%s>", gm_dtype_name((gm_dtype)dtype));
    gm_graph *graph = parse_graph(text);
    check_node(graph, "x", expected);
    gm_graph_free(graph);
  }
}
END_TEST

START_TEST(a_dtype_is_the_name_of_one) {
  bad(P "x: {shape: [2], dtype: flaot32}\n", 26, "unknown dtype 'flaot32': did you mean 'float32'?");
  bad(P "x: {shape: [2], dtype: double precision}\n", 26, "unknown dtype 'double precision'");
  bad(P "x: {shape: [2], dtype: ''}\n", 26, "unknown dtype ''");
  bad(P "x: {shape: [2], dtype: 32}\n", 26, "'dtype' is the name of a dtype, not '32'");
  bad(V "x: {value: 2, dtype: [int8]}\n", 24, "'dtype' is the name of a dtype, not a list");
  bad(V "x: {value: 2, dtype: int}\n", 24, "unknown dtype 'int': did you mean 'int8'?");
}
END_TEST

START_TEST(a_dtype_that_is_null_is_not_given) {
  gm_graph *graph =
      parse_graph("placeholders:\n  p: {shape: [2], dtype: }\n"
                  "variables:\n  v: {value: 1, dtype: null}\n  w: {shape: [1], init: ones, dtype: ~}\n");
  check_node(graph, "p", "<gm_node 'p' shape=(2,) dtype=float32>");
  check_node(graph, "v", "<gm_node 'v' shape=() dtype=float32>");
  check_node(graph, "w", "<gm_node 'w' shape=(1,) dtype=float32>");
  gm_graph_free(graph);
}
END_TEST

/* ---- Shapes ---- */

START_TEST(a_shape_is_a_list_of_dims) {
  bad(P "x: {shape: 3}\n", 14, "'shape' is a list of dims, not '3'");
  bad(P "x: {shape: }\n", 14, "'shape' is a list of dims, not ''");
  bad(P "x: {shape: {n: 2}}\n", 14, "'shape' is a list of dims, not a mapping");
  bad(P "x: {shape: [2, [3]]}\n", 18,
      "'shape' is a list of dims: integers >= 0, symbols, \"?\", arithmetic, not a list");
  bad(P "x: {shape: [2, 2.5]}\n", 18,
      "'shape' is a list of dims: integers >= 0, symbols, \"?\", arithmetic, not '2.5'");
  bad(P "x: {shape: [true]}\n", 15,
      "'shape' is a list of dims: integers >= 0, symbols, \"?\", arithmetic, not 'true'");
  bad(P "x: {shape: [~]}\n", 15,
      "'shape' is a list of dims: integers >= 0, symbols, \"?\", arithmetic, not '~'");
}
END_TEST

START_TEST(a_malformed_dim_is_the_files_mistake) {
  const char *wanted = "the dim ends before column 4, where a number, a symbol, '?' or '(' is wanted";
  bad(P "x: {shape: [2, -3]}\n", 18, "the dim at column 1, '-3', is below 0");
  bad(P "x: {shape: '-1'}\n", 14, "the dim at column 1, '-1', is below 0");
  bad(P "x: {shape: ['n +']}\n", 15, wanted);
  bad(P "x: {shape: 'n +'}\n", 14, wanted);
  bad(P "x: {shape: [9223372036854775808]}\n", 15, "the number at column 1 of a dim does not fit 64 bits");
  bad(P "x: {shape: '2, 9223372036854775808'}\n", 14, "the number at column 4 of a dim does not fit 64 bits");
  bad(P "x: {shape: ['2, 3']}\n", 15,
      "unexpected ',' at column 2 of a dim, where an operator or the end is wanted");
  bad(P "x: {shape: [+2]}\n", 15,
      "unexpected '+' at column 1 of a dim, where a number, a symbol, '?' or '(' is wanted");
  bad(P "x: {shape: [2, '']}\n", 18,
      "the dim ends before column 1, where a number, a symbol, '?' or '(' is wanted");
}
END_TEST

START_TEST(dims_are_as_long_as_int64) {
  gm_graph *graph = parse_graph("placeholders:\n  x: {shape: [9223372036854775807]}\n  y: {shape: [0, 2]}\n");
  check_node(graph, "x", "<gm_node 'x' shape=(9223372036854775807,) dtype=float32>");
  check_node(graph, "y", "<gm_node 'y' shape=(0, 2) dtype=float32>");
  gm_graph_free(graph);
}
END_TEST

/** "1, 1, …" of `rank` dims between two texts. */
static char *ranked(const char *before, int rank, const char *after) {
  char *text = room_for(256), *at = text;
  at += sprintf(at, P "x: {shape: %s", before);
  for (int i = 0; i < rank; i++) at += sprintf(at, i ? ",1" : "1");
  sprintf(at, "%s}\n", after);
  return text;
}

static void rank_is_limited(const char *before, const char *after, const char *sentence) {
  char *text = ranked(before, 32, after);
  gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, NULL);
  ck_assert_ptr_nonnull(graph);
  gm_graph_free(graph);
  free(text);
  text = ranked(before, 33, after);
  refuse_saying(text, GM_LIMIT, 3, 14, "x", sentence);
  free(text);
}

START_TEST(the_rank_is_at_most_32) {
  rank_is_limited("[", "]", "the rank is at most 32, not 33");
  rank_is_limited("'", "'", "a shape has more than 32 dims");
}
END_TEST

/* ---- Initialisers ---- */

static const char *const forms =
    "'init' is zeros, ones, {constant: 0.5}, {random_uniform: {low: 0, high: 1, seed: "
    "7}} or {random_normal: {mean: 0, scale: 1, seed: 7}}";

START_TEST(an_initialiser_is_a_word_and_what_belongs_to_it) {
  bad(V "x: {shape: [2], init: 3}\n", 25, forms);
  bad(V "x: {shape: [2], init: }\n", 25, forms);
  bad(V "x: {shape: [2], init: [zeros]}\n", 25, forms);
  bad(V "x: {shape: [2], init: {}}\n", 25, forms);
  bad(V "x: {shape: [2], init: {zeros: , ones: }}\n", 25, forms);
  bad(V "x: {shape: [2], init: zeroes}\n", 25, "unknown initialiser 'zeroes': did you mean 'zeros'?");
  bad(V "x: {shape: [2], init: {random: {seed: 1}}}\n", 26, "unknown initialiser 'random'");
  bad(C "x: {shape: [2], init: {constnat: 1}}\n", 26,
      "unknown initialiser 'constnat': did you mean 'constant'?");
  bad(V "x: {init: zeros}\n", 13, "'init' needs a shape beside it");
}
END_TEST

START_TEST(initialisers_know_their_keys) {
  bad(V "x: {shape: [2], init: {zeros: 1}}\n", 33, "zeros or ones is a mapping, not '1'");
  bad(V "x: {shape: [2], init: {ones: {a: 1}}}\n", 33, "unknown key 'a' of zeros or ones");
  bad(V "x: {shape: [2], init: constant}\n", 25, "'constant' needs a number");
  bad(V "x: {shape: [2], init: {constant: }}\n", 36, "'constant' needs a number");
  bad(V "x: {shape: [2], init: {constant: red}}\n", 36, "'constant' is a number, not 'red'");
  bad(V "x: {shape: [2], init: {random_uniform: 1}}\n", 42, "random_uniform is a mapping, not '1'");
  bad(V "x: {shape: [2], init: {random_uniform: {mean: 1}}}\n", 43, "unknown key 'mean' of random_uniform");
  bad(V "x: {shape: [2], init: {random_normal: {low: 1}}}\n", 42, "unknown key 'low' of random_normal");
  bad(V "x: {shape: [2], init: {random_uniform: {low: a}}}\n", 48, "'low' is a number, not 'a'");
  bad(V "x: {shape: [2], init: {random_uniform: {high: [1]}}}\n", 49, "'high' is a number, not a list");
  bad(V "x: {shape: [2], init: {random_normal: {mean: true}}}\n", 48, "'mean' is a number, not 'true'");
  bad(V "x: {shape: [2], init: {random_normal: {scale: '1'}}}\n", 49, "'scale' is a number, not '1'");
}
END_TEST

START_TEST(a_seed_is_64_bits_without_a_sign) {
  const char *range = "'seed' is an integer from 0 to 18446744073709551615, not '%s'";
  static const char *const seeds[] = {"-1", "1.5", "seven", "18446744073709551616", "-9223372036854775808"};
  for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
    char text[128], sentence[128];
    snprintf(text, sizeof text, V "x: {shape: [2], init: {random_uniform: {seed: %s}}}\n", seeds[i]);
    snprintf(sentence, sizeof sentence, range, seeds[i]);
    bad(text, 49, sentence);
    snprintf(text, sizeof text, V "x: {shape: [2], init: {random_normal: {seed: %s}}}\n", seeds[i]);
    bad(text, 48, sentence);
  }
}
END_TEST

static void is_filled(const char *init, const char *dtype, const char *expected) {
  char text[200];
  snprintf(text, sizeof text, "variables:\n  x: {shape: [2], init: %s, dtype: %s}\n", init, dtype);
  gm_graph *graph = parse_graph(text);
  check_value(graph, "x", expected);
  gm_graph_free(graph);
}

START_TEST(initialisers_fill) {
  is_filled("zeros", "float64", "[0. 0.]");
  is_filled("{zeros: }", "int8", "[0 0]");
  is_filled("{zeros: {}}", "bool", "[False False]");
  is_filled("ones", "complex64", "[1.+0.j 1.+0.j]");
  is_filled("{ones: ~}", "bool", "[ True  True]");
  is_filled("{constant: -3}", "int16", "[-3 -3]");
  is_filled("{constant: 0.1}", "float16", "[0.1 0.1]");
  is_filled("{constant: nan}", "float32", "[nan nan]");
  is_filled("{constant: -inf}", "bfloat16", "[-inf -inf]");
  is_filled("{constant: 18446744073709551615}", "float64", "[1.84467441e+19 1.84467441e+19]");
  is_filled("{constant: 9223372036854775807}", "float32", "[9.223372e+18 9.223372e+18]");
}
END_TEST

/** The variable x holds what this C initialiser makes. */
static void is_drawn(const char *init, const char *dtype_name, gm_dtype dtype, bool normal, double a,
    double b, uint64_t seed) {
  char text[200];
  snprintf(text, sizeof text, "variables:\n  x: {shape: [3, 2], init: %s, dtype: %s}\n", init, dtype_name);
  gm_graph *graph = parse_graph(text), *other = gm_graph_new(NULL, NULL);
  gm_node node = normal ? gm_random_normal_variable(other, "x", dtype, "3, 2", a, b, seed)
                        : gm_random_uniform_variable(other, "x", dtype, "3, 2", a, b, seed);
  gm_tensor *is = NULL, *expected = NULL;
  ck_assert_int_eq(gm_variable_get(graph, gm_node_named(graph, "x"), &is, NULL), GM_OK);
  ck_assert_int_eq(gm_variable_get(other, node, &expected, NULL), GM_OK);
  ck_assert_mem_eq(gm_tensor_cdata(is), gm_tensor_cdata(expected), 6 * gm_dtype_size(dtype));
  gm_tensor_free(is);
  gm_tensor_free(expected);
  gm_graph_free(graph);
  gm_graph_free(other);
}

START_TEST(random_initialisers_have_defaults) {
  const uint64_t hash = UINT64_C(0xaf63f54c86021707); /* FNV-1a of "x" */
  is_drawn("random_uniform", "float32", GM_FLOAT32, false, -0.05, 0.05, hash);
  is_drawn("{random_uniform: {low: , high: , seed: }}", "float32", GM_FLOAT32, false, -0.05, 0.05, hash);
  is_drawn("{random_uniform: {low: -2, high: 1.5, seed: 7}}", "float64", GM_FLOAT64, false, -2, 1.5, 7);
  is_drawn("{random_uniform: {seed: 18446744073709551615, high: 3}}", "float32", GM_FLOAT32, false, -0.05, 3,
      UINT64_MAX);
  is_drawn("random_normal", "float32", GM_FLOAT32, true, 0, 0.05, hash);
  is_drawn("{random_normal: {mean: 2, scale: 3, seed: 0}}", "float64", GM_FLOAT64, true, 2, 3, 0);
  is_drawn("{random_normal: {seed: 9223372036854775808}}", "float32", GM_FLOAT32, true, 0, 0.05,
      UINT64_C(1) << 63);
  is_drawn(
      "{random_normal: {seed: 9223372036854775807, scale: 2}}", "float32", GM_FLOAT32, true, 0, 2, INT64_MAX);
}
END_TEST

START_TEST(what_a_dtype_cannot_hold_stands_at_the_initialiser) {
  bad(V "x: {shape: [2], init: {constant: 0.5}, dtype: int8}\n", 25, "the value 0.5 cannot be held by int8");
  bad(V "x: {shape: [2], init: {constant: 256}, dtype: uint8}\n", 25,
      "the value 256 cannot be held by uint8");
  bad(C "x: {shape: [2], init: {constant: 1e39}}\n", 25,
      "the value 9.9999999999999994e+38 cannot be held by float32");
  refuse_saying(V "x: {shape: [n], init: ones}\n", GM_BAD_SHAPE, 3, 14, "x",
      "a variable's shape must be known, but is (n,)");
  refuse_saying(C "x: {shape: '2, n', init: ones}\n", GM_BAD_SHAPE, 3, 14, "x",
      "a variable's shape must be known, but is (2, n)");
}
END_TEST

START_TEST(an_integer_constant_is_exact_or_refused) {
  static const char *const rounded[] = {"9007199254740993", "-9007199254740993", "9223372036854775807",
      "-9223372036854775809", "9223372036854775808", "18446744073709551616"};
  for (size_t i = 0; i < sizeof rounded / sizeof *rounded; i++) {
    char text[128], sentence[128];
    snprintf(text, sizeof text, V "x: {shape: [2], init: {constant: %s}, dtype: int64}\n", rounded[i]);
    snprintf(
        sentence, sizeof sentence, "'constant' is %s, which a float64 does not hold exactly", rounded[i]);
    bad(text, 36, sentence);
  }
  is_filled("{constant: 9007199254740992}", "int64", "[9007199254740992 9007199254740992]");
  is_filled("{constant: -9223372036854775808}", "int64", "[-9223372036854775808 -9223372036854775808]");
  is_filled("{constant: 3.0}", "int64", "[3 3]");
  is_filled("{constant: 9007199254740993}", "float64", "[9.00719925e+15 9.00719925e+15]");
  is_filled("{constant: -9223372036854775809}", "float32", "[-9.223372e+18 -9.223372e+18]");
}
END_TEST

START_TEST(an_initialised_constant_has_the_variables_value) {
  gm_graph *graph = parse_graph("constants:\n  w: {shape: [2, 3], init: {random_normal: {seed: 5}}}\n");
  gm_graph *other = parse_graph("variables:\n  w: {shape: [2, 3], init: {random_normal: {seed: 5}}}\n");
  char *is = value_text(graph, "w"), *expected = value_text(other, "w");
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "w")), "constant");
  ck_assert_str_eq(is, expected);
  free(is);
  free(expected);
  gm_graph_free(graph);
  gm_graph_free(other);
}
END_TEST

SUITE(spec_sources) {
  CASE(sources_are_mappings);
  CASE(each_kind_of_source_knows_its_keys);
  CASE(docs_are_kept);
  CASE(every_dtype_has_its_name);
  CASE(a_dtype_is_the_name_of_one);
  CASE(a_dtype_that_is_null_is_not_given);
  CASE(a_shape_is_a_list_of_dims);
  CASE(a_malformed_dim_is_the_files_mistake);
  CASE(dims_are_as_long_as_int64);
  CASE(the_rank_is_at_most_32);
  CASE(an_initialiser_is_a_word_and_what_belongs_to_it);
  CASE(initialisers_know_their_keys);
  CASE(a_seed_is_64_bits_without_a_sign);
  CASE(initialisers_fill);
  CASE(random_initialisers_have_defaults);
  CASE(what_a_dtype_cannot_hold_stands_at_the_initialiser);
  CASE(an_integer_constant_is_exact_or_refused);
  CASE(an_initialised_constant_has_the_variables_value);
}
