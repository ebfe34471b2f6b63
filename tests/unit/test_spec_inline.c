/* SPDX-License-Identifier: MIT
 *
 * Values that stand in a graph file: every dtype, what each holds, nesting, and what is refused. */
#include "spec_support.h"

#include "spec/reader.h"

/** Four lists in each other, the first of each being the next: "[[[[0, 0, …], 0, …], 0, …], 0, …]". By the
 * first of each they would be count⁴ numbers. */
static char *uneven_text(size_t count) {
  char *text = room_for(8 * count + 100), *at = text;
  at += sprintf(at, "gemmule: 1\nvariables: {x: {dtype: complex128, value: [[[[0");
  for (int lists = 0; lists < 4; lists++) {
    for (size_t i = 1; i < count; i++) at += sprintf(at, ",0");
    at += sprintf(at, "]");
  }
  sprintf(at, "}}\n");
  return text;
}

START_TEST(lists_are_compared_before_memory_is_taken) {
  char *text = uneven_text(20000);
  refuse_saying(text, GM_BAD_SYNTAX, 2, 40048, "x",
      "lists are nested unevenly: '0' stands where a list of 20000 is expected");
  free(text);
}
END_TEST

START_TEST(a_number_that_no_float_holds_is_refused) {
  refuse_saying("gemmule: 1\nvariables: {x: {value: [1, 1e400], dtype: float64}}\n", GM_BAD_ARGUMENT, 2, 28,
      "x", "the value '1e400' cannot be held by float64");
  refuse_saying("gemmule: 1\nvariables: {x: {value: -1e400}}\n", GM_BAD_ARGUMENT, 2, 24, "x",
      "the value '-1e400' cannot be held by float32");
  refuse_saying("gemmule: 1\nvariables: {x: {shape: [], init: {constant: 1e400}}}\n", GM_BAD_ARGUMENT, 2, 45,
      "x", "'constant' is 1e400, which no number can hold");
  refuse_saying("gemmule: 1\nplaceholders: {x: {shape: []}}\nnodes: {y: {add: [x, -1e400]}}\n",
      GM_BAD_ARGUMENT, 3, 22, "y", "'input' is -1e400, which no number can hold");
}
END_TEST

#define V "gemmule: 1\nvariables:\n  "

/** The value of `form` in this dtype prints so. */
static void holds(const char *form, const char *dtype, const char *expected) {
  char text[300];
  snprintf(text, sizeof text, "variables:\n  x: {value: %s, dtype: %s}\n", form, dtype);
  gm_graph *graph = parse_graph(text);
  check_value(graph, "x", expected);
  gm_graph_free(graph);
}

/** `shown`, which stands at this column of the form, is not held. */
static void is_not_held(const char *form, const char *dtype, int column, const char *shown) {
  char text[300], sentence[200];
  snprintf(text, sizeof text, V "x: {value: %s, dtype: %s}\n", form, dtype);
  snprintf(sentence, sizeof sentence, "the value %s cannot be held by %s", shown, dtype);
  refuse_saying(text, GM_BAD_ARGUMENT, 3, 13 + column, "x", sentence);
}

START_TEST(integers_are_held_within_their_ranges) {
  static const struct range {
    const char *dtype, *least, *below, *most, *above;
  } ranges[] = {{"int8", "-128", "-129", "127", "128"}, {"uint8", "0", "-1", "255", "256"},
      {"int16", "-32768", "-32769", "32767", "32768"},
      {"int32", "-2147483648", "-2147483649", "2147483647", "2147483648"},
      {"int64", "-9223372036854775808", "-9223372036854775809", "9223372036854775807",
          "9223372036854775808"}};
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
    const struct range *range = &ranges[i];
    char shown[40];
    holds(range->least, range->dtype, range->least);
    holds(range->most, range->dtype, range->most);
    snprintf(shown, sizeof shown, "'%s'", range->below);
    is_not_held(range->below, range->dtype, 1, shown);
    snprintf(shown, sizeof shown, "'%s'", range->above);
    is_not_held(range->above, range->dtype, 1, shown);
    is_not_held("18446744073709551615", range->dtype, 1, "'18446744073709551615'");
    is_not_held("[0, 0.5]", range->dtype, 5, "'0.5'");
    is_not_held("nan", range->dtype, 1, "'nan'");
    is_not_held("true", range->dtype, 1, "'true'");
    is_not_held("'1'", range->dtype, 1, "'1'");
    holds("2.0", range->dtype, "2");
  }
}
END_TEST

START_TEST(a_bool_is_a_truth_value_or_0_or_1) {
  holds("[true, False, 1, 0, 1.0]", "bool", "[ True False  True False  True]");
  is_not_held("[2]", "bool", 2, "'2'");
  is_not_held("yes", "bool", 1, "'yes'");
  is_not_held("[on]", "bool", 2, "'on'");
  is_not_held("~", "bool", 1, "'~'");
  is_not_held("'true'", "bool", 1, "'true'");
  is_not_held("18446744073709551615", "bool", 1, "'18446744073709551615'");
  is_not_held("0.5", "bool", 1, "'0.5'");
}
END_TEST

START_TEST(floats_are_held_up_to_their_greatest) {
  holds("[nan, inf, -inf, .nan, .inf, -.inf]", "float32", "[ nan  inf -inf  nan  inf -inf]");
  holds("[1, -2, 0.5, 1e2]", "float64", "[  1.   -2.    0.5 100. ]");
  holds("65504", "float16", "65500.0");
  holds("18446744073709551615", "float32", "1.8446744e+19");
  holds("18446744073709551615", "float64", "1.8446744073709552e+19");
  holds("99999999999999999999", "float32", "1e+20");
  is_not_held("65520", "float16", 1, "'65520'");
  is_not_held("18446744073709551615", "float16", 1, "'18446744073709551615'");
  is_not_held("[1, 1e39]", "float32", 5, "'1e39'");
  is_not_held("3.5e38", "bfloat16", 1, "'3.5e38'");
  is_not_held("red", "float32", 1, "'red'");
  is_not_held("'1.5'", "float64", 1, "'1.5'");
  is_not_held("true", "float32", 1, "'true'");
  is_not_held("~", "float32", 1, "'~'");
  is_not_held("{a: 1}", "float32", 1, "a mapping");
  is_not_held("1+2j", "float32", 1, "'1+2j'");
}
END_TEST

START_TEST(complex_numbers_are_words) {
  for (int i = 0; i < 2; i++) {
    const char *dtype = i ? "complex128" : "complex64";
    holds("[1+2j, '(1-2j)', 2j, '-1j', 3, 0.5, '4']", dtype,
        "[1. +2.j 1. -2.j 0. +2.j 0. -1.j 3. +0.j 0.5+0.j 4. +0.j]");
    is_not_held("'j'", dtype, 1, "'j'");
    is_not_held("['[1]']", dtype, 2, "'[1]'");
    is_not_held("'1e400j'", dtype, 1, "'1e400j'");
    is_not_held("1e400", dtype, 1, "'1e400'");
    is_not_held("''", dtype, 1, "''");
    is_not_held("~", dtype, 1, "'~'");
    is_not_held("true", dtype, 1, "'true'");
  }
  is_not_held("1e39j", "complex64", 1, "'1e39j'");
  holds("18446744073709551615", "complex64", "(1.8446744e+19+0j)");
}
END_TEST

START_TEST(lists_are_as_deep_as_the_rank) {
  char text[200], *at = text;
  at += sprintf(at, "variables: {x: {value: ");
  for (int i = 0; i < 32; i++) *at++ = '[';
  *at++ = '7';
  for (int i = 0; i < 32; i++) *at++ = ']';
  sprintf(at, "}}\n");
  gm_graph *graph = parse_graph(text);
  gm_tensor *value = NULL;
  ck_assert_int_eq(gm_variable_get(graph, gm_node_named(graph, "x"), &value, NULL), GM_OK);
  ck_assert_int_eq(gm_tensor_rank(value), 32);
  ck_assert_float_eq(*(const float *)gm_tensor_cdata(value), 7);
  gm_tensor_free(value);
  gm_graph_free(graph);
}
END_TEST

START_TEST(lists_deeper_than_the_greatest_rank_are_refused) {
  char text[200] = "gemmule: 1\nvariables: {x: {value: ", *at = text + strlen(text);
  for (int i = 0; i < 33; i++) *at++ = '[';
  for (int i = 0; i < 33; i++) *at++ = ']';
  sprintf(at, "}}\n");
  refuse_saying(text, GM_LIMIT, 2, 24 + 32, "x", "lists are nested more than 32 deep, the greatest rank");
}
END_TEST

static void is_ragged(const char *form, int column, const char *sentence) {
  char text[300];
  snprintf(text, sizeof text, V "x: {value: %s}\n", form);
  refuse_saying(text, GM_BAD_SYNTAX, 3, 13 + column, "x", sentence);
}

START_TEST(lists_of_one_axis_are_of_one_length) {
  is_ragged("[[1, 2], [3]]", 10, "lists are of unequal lengths: 1, but the first of axis 1 has 2");
  is_ragged("[[1], [3, 4]]", 7, "lists are of unequal lengths: 2, but the first of axis 1 has 1");
  is_ragged("[[], [3]]", 6, "lists are of unequal lengths: 1, but the first of axis 1 has 0");
  is_ragged(
      "[[[1], [2]], [[3], [4], [5]]]", 14, "lists are of unequal lengths: 3, but the first of axis 1 has 2");
  is_ragged("[[1, 2], 3]", 10, "lists are nested unevenly: '3' stands where a list of 2 is expected");
  is_ragged("[[], ~]", 6, "lists are nested unevenly: '~' stands where a list of 0 is expected");
  is_ragged("[[1], {a: 1}]", 7, "lists are nested unevenly: a mapping stands where a list of 1 is expected");
  is_ragged("[1, [3]]", 5, "lists are nested unevenly: a list stands where a number is expected");
  is_ragged("[red, [3]]", 7, "lists are nested unevenly: a list stands where a number is expected");
}
END_TEST

START_TEST(empty_lists_have_a_shape) {
  gm_graph *graph = parse_graph(
      "variables:\n  a: {value: []}\n  b: {value: [[], [], []], dtype: int8}\nconstants:\n  c: []\n");
  check_node(graph, "a", "<gm_node 'a' shape=(0,) dtype=float32>");
  check_node(graph, "b", "<gm_node 'b' shape=(3, 0) dtype=int8>");
  check_node(graph, "c", "<gm_node 'c' shape=(0,) dtype=float32>");
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_constant_may_be_its_value_alone) {
  gm_graph *graph = parse_graph(
      "constants:\n  a: 2\n  b: [[1, 2], [3, nan]]\n  c: {value: [true], dtype: bool, shape: [1]}\n");
  check_value(graph, "a", "2.0");
  check_value(graph, "b", "[[ 1.  2.]\n [ 3. nan]]");
  check_value(graph, "c", "[ True]");
  gm_graph_free(graph);
  refuse_saying("gemmule: 1\nconstants:\n  a: red\n", GM_BAD_ARGUMENT, 3, 6, "a",
      "the value 'red' cannot be held by float32");
  refuse_saying("gemmule: 1\nconstants:\n  a: true\n", GM_BAD_ARGUMENT, 3, 6, "a",
      "the value 'true' cannot be held by float32");
}
END_TEST

START_TEST(what_shape_says_of_a_value_must_be_so) {
  refuse_saying(V "x: {value: [1, 2], shape: [3]}\n", GM_BAD_SHAPE, 3, 29, "x",
      "the value of 'x' has shape (2,), but 'shape' says [3]");
  refuse_saying(V "x: {value: [1, 2], shape: [1, 2]}\n", GM_BAD_SHAPE, 3, 29, "x",
      "the value of 'x' has shape (2,), but 'shape' says [1, 2]");
  refuse_saying(V "x: {value: 1, shape: '2'}\n", GM_BAD_SHAPE, 3, 24, "x",
      "the value of 'x' has shape (), but 'shape' says [2]");
  refuse_saying(V "x: {value: [1, 2], shape: n}\n", GM_BAD_SHAPE, 3, 29, "x",
      "the value of 'x' has shape (2,), but 'shape' says [n]");
  refuse_saying(V "x: {value: [1, 2], shape: 2.5}\n", GM_BAD_ARGUMENT, 3, 29, "x",
      "'shape' is a list of dims, not '2.5'");
  gm_graph *graph =
      parse_graph("variables:\n  x: {value: [[1, 2]], shape: [1, 2]}\n  y: {value: 1, shape: []}\n");
  check_node(graph, "x", "<gm_node 'x' shape=(1, 2) dtype=float32>");
  check_node(graph, "y", "<gm_node 'y' shape=() dtype=float32>");
  gm_graph_free(graph);
}
END_TEST

/** What the form of `count` ones is; NULL where there is none. */
static char *form_of_ones(int64_t count) {
  gm_tensor *tensor = gm_tensor_new(GM_INT8, 1, &count, NULL);
  memset(gm_tensor_data(tensor), 1, (size_t)count);
  gm__text text = gm__text_growing();
  char *form = gm__inline_write(tensor, &text) ? room_for(gm__text_end(&text) + 1) : NULL;
  if (form) strcpy(form, text.data);
  gm__text_free(&text);
  gm_tensor_free(tensor);
  return form;
}

START_TEST(one_to_sixteen_elements_have_a_form) {
  char *one = form_of_ones(1), *sixteen = form_of_ones(16);
  ck_assert_str_eq(one, "[1]");
  ck_assert_str_eq(sixteen, "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]");
  ck_assert_ptr_null(form_of_ones(0));
  ck_assert_ptr_null(form_of_ones(17));
  free(one);
  free(sixteen);
}
END_TEST

SUITE(spec_inline) {
  CASE(lists_are_compared_before_memory_is_taken);
  CASE(a_number_that_no_float_holds_is_refused);
  CASE(integers_are_held_within_their_ranges);
  CASE(a_bool_is_a_truth_value_or_0_or_1);
  CASE(floats_are_held_up_to_their_greatest);
  CASE(complex_numbers_are_words);
  CASE(lists_are_as_deep_as_the_rank);
  CASE(lists_deeper_than_the_greatest_rank_are_refused);
  CASE(lists_of_one_axis_are_of_one_length);
  CASE(empty_lists_have_a_shape);
  CASE(a_constant_may_be_its_value_alone);
  CASE(what_shape_says_of_a_value_must_be_so);
  CASE(one_to_sixteen_elements_have_a_form);
}
