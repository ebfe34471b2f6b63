/* SPDX-License-Identifier: MIT
 *
 * Saving: the text, what goes to files, and the law that saving what was loaded writes the same bytes. */
#include "spec_support.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

/** Saves, and checks that loading and saving again gives the same text. Returns the text. */
static char *saved(const gm_graph *graph) {
  char *folder = new_folder(), *path = join_path(folder, "g.yaml");
  gm_error error = {.status = GM_OK};
  ck_assert_msg(gm_graph_save(graph, path, &error) == GM_OK, "%s", error.message);
  char *first = read_text_file(folder, "g.yaml");
  gm_graph *again = gm_graph_load(path, NULL, &error);
  ck_assert_msg(again, "%d:%d: %s\n%s", error.line, error.column, error.message, first);
  ck_assert_msg(gm_graph_save(again, path, &error) == GM_OK, "%s", error.message);
  char *second = read_text_file(folder, "g.yaml");
  ck_assert_str_eq(first, second);
  gm_graph_free(again);
  free(second);
  free(path);
  remove_folder(folder);
  return first;
}

static void check_saved(const gm_graph *graph, const char *expected) {
  char *text = saved(graph);
  ck_assert_str_eq(text, expected);
  free(text);
}

static void check_resaved(const char *text, const char *expected) {
  gm_graph *graph = parse_graph(text);
  check_saved(graph, expected);
  gm_graph_free(graph);
}

START_TEST(an_empty_graph_is_its_version) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  check_saved(graph, "gemmule: 1\n");
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_graph_is_one_line_a_name) {
  check_resaved("name: digits\ndoc: Classifies 8x8 images of handwritten digits.\n"
                "placeholders:\n  images: {shape: [batch, 64], dtype: float32}\n"
                "variables:\n  b1: {shape: [32], init: zeros}\n"
                "  w1: {shape: [64, 32], init: {random_uniform: {low: -0.1, high: 0.1, seed: 7}}}\n"
                "constants:\n  scale: 0.0625\n"
                "nodes:\n  hidden: {relu: {add: [{dot: [images, w1]}, b1]}}\n"
                "  scaled: {softmax: {multiply: [hidden, scale]}, axis: 0, doc: 'a, b'}\noutputs: [scaled]\n",
      "gemmule: 1\nname: digits\ndoc: Classifies 8x8 images of handwritten digits.\n"
      "placeholders:\n  images: {shape: [batch, 64], dtype: float32}\n"
      "variables:\n  b1: {shape: [32], init: zeros}\n"
      "  w1: {shape: [64, 32], init: {random_uniform: {low: -0.1, high: 0.1, seed: 7}}}\n"
      "constants:\n  scale: 0.0625\n"
      "nodes:\n  dot: {dot: [images, w1]}\n  add: {add: [dot, b1]}\n  hidden: {relu: add}\n"
      "  multiply: {multiply: [hidden, scale]}\n  scaled: {softmax: multiply, axis: 0, doc: \"a, b\"}\n"
      "outputs: [scaled]\n");
}
END_TEST

START_TEST(dims_are_saved_as_declared) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_placeholder(graph, "a", GM_FLOAT32, "(n, 1 + 2*n, ?, y,)");
  gm_placeholder(graph, "b", GM_INT8, "");
  gm_placeholder(graph, "c", GM_FLOAT64, "[min(n, 4), (n+1)*2]");
  check_saved(graph, "gemmule: 1\nplaceholders:\n"
                     "  a: {shape: [\"n\", 1 + 2*n, \"?\", \"y\"], dtype: float32}\n"
                     "  b: {shape: [], dtype: int8}\n"
                     "  c: {shape: [\"min(n, 4)\", (n+1)*2], dtype: float64}\n");
  gm_graph_free(graph);
}
END_TEST

START_TEST(learnt_symbols_keep_their_declared_text) {
  check_resaved("placeholders: {x: {shape: [2, k]}, z: {shape: [3, 4]}}\nnodes: {xz: {dot: [x, z]}}\n",
      "gemmule: 1\nplaceholders:\n  x: {shape: [2, k], dtype: float32}\n  z: {shape: [3, 4], dtype: "
      "float32}\n"
      "nodes:\n  xz: {dot: [x, z]}\n");
}
END_TEST

START_TEST(numbers_come_back_as_they_were) {
  check_resaved(
      "placeholders: {x: {shape: [2]}, i: {shape: [2], dtype: int64}}\n"
      "nodes:\n  a: {add: [x, 1]}\n  b: {add: [a, 2.0]}\n  c: {multiply: [b, -0.0]}\n  d: {add: [c, nan]}\n"
      "  e: {add: [d, 0.1]}\n  f: {add: [i, 9007199254740993]}\n",
      "gemmule: 1\nplaceholders:\n  x: {shape: [2], dtype: float32}\n  i: {shape: [2], dtype: int64}\n"
      "nodes:\n  a: {add: [x, 1]}\n  b: {add: [a, 2.0]}\n  c: {multiply: [b, -0.0]}\n  d: {add: [c, nan]}\n"
      "  e: {add: [d, 0.1]}\n  f: {add: [i, 9007199254740993]}\n");
}
END_TEST

START_TEST(small_values_stand_inline) {
  check_resaved(
      "variables:\n  a: {value: [[1, 0.1], [nan, -inf]]}\n  b: {value: [true, false], dtype: bool}\n"
      "  c: {value: ['1+2j', '-0-0.5j'], dtype: complex64}\n  d: {value: [[[1, -128]]], dtype: int8}\n"
      "  e: {value: [0.1, 65504], dtype: float16}\n  f: {value: 3, doc: three}\n"
      "constants:\n  k: [1, 2]\n  l: {value: 5, dtype: int32}\n  m: {value: 1.5, doc: 'a: b'}\n",
      "gemmule: 1\nvariables:\n  a: {value: [[1.0, 0.1], [nan, -inf]]}\n  b: {value: [true, false], dtype: "
      "bool}\n"
      "  c: {value: [\"(1+2j)\", \"(-0-0.5j)\"], dtype: complex64}\n  d: {value: [[[1, -128]]], dtype: "
      "int8}\n"
      "  e: {value: [0.1, 65500.0], dtype: float16}\n  f: {value: 3.0, doc: three}\n"
      "constants:\n  k: [1.0, 2.0]\n  l: {value: 5, dtype: int32}\n  m: {value: 1.5, doc: \"a: b\"}\n");
}
END_TEST

START_TEST(empty_values_keep_their_shape) {
  check_resaved("variables:\n  a: {shape: [0, 3], init: zeros}\n  b: {value: [[], []], dtype: int8}\n",
      "gemmule: 1\nvariables:\n  a: {shape: [0, 3], init: zeros}\n  b: {shape: [2, 0], dtype: int8, init: "
      "zeros}\n");
}
END_TEST

START_TEST(strings_that_yaml_takes_for_something_else_are_quoted) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_placeholder(graph, "null", GM_FLOAT32, "true");
  gm_placeholder(graph, "No", GM_FLOAT32, "2");
  gm_placeholder(graph, "inf", GM_FLOAT32, "2");
  gm_node sum[] = {gm_node_named(graph, "No"), gm_node_named(graph, "inf")};
  gm_name(graph, gm_apply(graph, "add", sum, 2, NULL), "y");
  gm_graph_set_name(graph, "1e5", NULL);
  gm_graph_set_doc(graph, "tab\t, new\nline, \"quote\", \\, \x01, \xC3\xA9, \xE2\x80\xA8, end ", NULL);
  check_saved(graph, "gemmule: 1\nname: \"1e5\"\n"
                     "doc: \"tab\\t, new\\nline, \\\"quote\\\", \\\\, \\x01, \xC3\xA9, \\u2028, end \"\n"
                     "placeholders:\n  \"null\": {shape: [\"true\"], dtype: float32}\n"
                     "  \"No\": {shape: [2], dtype: float32}\n  \"inf\": {shape: [2], dtype: float32}\n"
                     "nodes:\n  \"y\": {add: [\"No\", \"inf\"]}\n");
  gm_graph_free(graph);
}
END_TEST

START_TEST(bytes_that_are_no_utf8_are_replaced) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_graph_set_doc(graph, "a\xFF\xC0\x80z\xED\xA0\x80", NULL);
  check_saved(graph,
      "gemmule: 1\ndoc: \"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"\n");
  gm_graph_free(graph);
}
END_TEST

START_TEST(structures_are_saved_as_nodes) {
  check_resaved("placeholders:\n  l: {shape: [3, 3], structure: lower_triangular}\nnodes:\n  e: {exp: l}\n",
      "gemmule: 1\nplaceholders:\n  l: {shape: [3, 3], dtype: float32}\n"
      "nodes:\n  l_assumed: {assume: l, structure: lower_triangular}\n  e: {exp: l_assumed}\n");
}
END_TEST

/* ---- Files ---- */

static gm_tensor *counted(int64_t count, gm_dtype dtype) {
  gm_error error;
  gm_tensor *value = gm_tensor_new(dtype, 1, &count, &error);
  for (int64_t i = 0; i < count; i++) ((float *)gm_tensor_data(value))[i] = (float)i;
  return value;
}

START_TEST(large_values_go_to_files) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *value = counted(17, GM_FLOAT32);
  gm_variable(graph, "w", value);
  check_saved(graph, "gemmule: 1\nvariables:\n  w: {file: g.data/w.npy}\n");
  gm_tensor_free(value);
  gm_graph_free(graph);
}
END_TEST

START_TEST(what_was_set_is_saved_by_value) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node w = gm_zeros(graph, "w", GM_FLOAT32, "2");
  check_saved(graph, "gemmule: 1\nvariables:\n  w: {shape: [2], init: zeros}\n");
  gm_tensor *value = counted(2, GM_FLOAT32);
  ck_assert_int_eq(gm_variable_set(graph, w, value, NULL), GM_OK);
  check_saved(graph, "gemmule: 1\nvariables:\n  w: {value: [0.0, 1.0]}\n");
  gm_tensor_free(value);
  gm_graph_free(graph);
}
END_TEST

START_TEST(the_bits_of_a_nan_go_to_a_file) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *value = counted(1, GM_FLOAT32);
  uint32_t bits = UINT32_C(0xffc00001);
  memcpy(gm_tensor_data(value), &bits, sizeof bits);
  gm_variable(graph, "w", value);
  check_saved(graph, "gemmule: 1\nvariables:\n  w: {file: g.data/w.npy}\n");
  gm_tensor_free(value);
  gm_graph_free(graph);
}
END_TEST

START_TEST(random_bits_come_back) {
  gm_graph *graph = gm_graph_new(NULL, NULL), *again;
  char *folder = new_folder(), *path = join_path(folder, "g.yaml");
  gm_error error = {.status = GM_OK};
  gm_tensor *value = counted(16, GM_FLOAT32), *back = NULL;
  uint32_t state = 1;
  for (int round = 0; round < 50; round++) {
    for (int i = 0; i < 16; i++) {
      state = state * 1664525 + 1013904223;
      memcpy((char *)gm_tensor_data(value) + 4 * i, &state, 4);
    }
    gm_node w = round ? gm_node_named(graph, "w") : gm_variable(graph, "w", value);
    ck_assert_int_eq(gm_variable_set(graph, w, value, &error), GM_OK);
    ck_assert_int_eq(gm_graph_save(graph, path, &error), GM_OK);
    again = gm_graph_load(path, NULL, &error);
    ck_assert_msg(again, "%s", error.message);
    ck_assert_int_eq(gm_variable_get(again, gm_node_named(again, "w"), &back, &error), GM_OK);
    ck_assert_mem_eq(gm_tensor_cdata(back), gm_tensor_cdata(value), 64);
    gm_tensor_free(back);
    gm_graph_free(again);
  }
  gm_tensor_free(value);
  gm_graph_free(graph);
  free(path);
  remove_folder(folder);
}
END_TEST

START_TEST(saving_says_why_it_could_not) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_error error;
  ck_assert_int_eq(gm_graph_save(graph, "/nowhere/at/all.yaml", &error), GM_IO);
  ck_assert_int_eq(gm_graph_save(NULL, "x.yaml", &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_graph_save(graph, NULL, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_graph_save(graph, "", NULL), GM_BAD_ARGUMENT);
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_data_folder_that_is_a_file_is_refused) {
  char *folder = new_folder(), *path = join_path(folder, "g.yaml");
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *value = counted(17, GM_FLOAT32);
  gm_error error;
  gm_variable(graph, "w", value);
  write_text(folder, "g.data", "");
  ck_assert_int_eq(gm_graph_save(graph, path, &error), GM_IO);
  ck_assert_ptr_nonnull(strstr(error.message, "cannot be made"));
  ck_assert_int_eq(access(path, F_OK), -1);
  gm_tensor_free(value);
  gm_graph_free(graph);
  free(path);
  remove_folder(folder);
}
END_TEST

START_TEST(the_graphs_of_the_project_come_back) {
  static const char *const names[] = {"dot_2d", "dot_nd", "dot_outer", "digits", "attention", "chain"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[512];
    gm_error error = {.status = GM_OK};
    snprintf(path, sizeof path, "%s/graphs/%s.yaml", GM_SOURCE_DIR, names[i]);
    gm_graph *graph = gm_graph_load(path, NULL, &error);
    ck_assert_msg(graph, "%s", error.message);
    free(saved(graph));
    gm_graph_free(graph);
  }
}
END_TEST

SUITE(spec_save) {
  CASE(an_empty_graph_is_its_version);
  CASE(a_graph_is_one_line_a_name);
  CASE(dims_are_saved_as_declared);
  CASE(learnt_symbols_keep_their_declared_text);
  CASE(numbers_come_back_as_they_were);
  CASE(small_values_stand_inline);
  CASE(empty_values_keep_their_shape);
  CASE(strings_that_yaml_takes_for_something_else_are_quoted);
  CASE(bytes_that_are_no_utf8_are_replaced);
  CASE(structures_are_saved_as_nodes);
  CASE(large_values_go_to_files);
  CASE(what_was_set_is_saved_by_value);
  CASE(the_bits_of_a_nan_go_to_a_file);
  CASE(random_bits_come_back);
  CASE(saving_says_why_it_could_not);
  CASE(a_data_folder_that_is_a_file_is_refused);
  CASE(the_graphs_of_the_project_come_back);
}
