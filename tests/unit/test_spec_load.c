/* SPDX-License-Identifier: MIT
 *
 * What graph files mean: sources, nodes in any order, numbers, values, initialisers, data files, structures.
 */
#include "spec_support.h"

#include <math.h>
#include <time.h>
#include <unistd.h>

START_TEST(a_graph_has_name_doc_and_outputs) {
  gm_graph *graph = parse_graph("name: demo\ndoc: 'Says: what?'\nplaceholders:\n  x: {shape: [2, 3]}\n"
                                "nodes:\n  r: {relu: x}\noutputs: [r, x]\n");
  gm_node outputs[2];
  ck_assert_str_eq(gm_graph_name(graph), "demo");
  ck_assert_str_eq(gm_graph_doc(graph), "Says: what?");
  ck_assert_uint_eq(gm_graph_outputs(graph, outputs, 2), 2);
  ck_assert_uint_eq(outputs[0].id, gm_node_named(graph, "r").id);
  ck_assert_uint_eq(outputs[1].id, gm_node_named(graph, "x").id);
  gm_graph_free(graph);
}
END_TEST

START_TEST(one_output_needs_no_list) {
  gm_graph *graph = parse_graph("placeholders: {x: {shape: [2]}}\noutputs: x\n");
  ck_assert_uint_eq(gm_graph_outputs(graph, NULL, 0), 1);
  gm_graph_free(graph);
}
END_TEST

START_TEST(empty_sections_are_empty) {
  gm_graph *graph = parse_graph("placeholders:\nvariables: {}\nconstants:\nnodes:\noutputs:\n");
  ck_assert_uint_eq(gm_graph_node_count(graph), 0);
  ck_assert_uint_eq(gm_graph_outputs(graph, NULL, 0), 0);
  gm_graph_free(graph);
}
END_TEST

START_TEST(shapes_are_lists_or_texts) {
  gm_graph *graph =
      parse_graph("placeholders:\n  a: {shape: [batch, 2*n + 1, \"?\"]}\n  b: {shape: 'batch, 64'}\n"
                  "  c: {shape: [], dtype: int64}\n  d: {shape: [n, y, \"no\", on], dtype: complex64}\n");
  check_node(graph, "a", "<gm_node 'a' shape=(batch, 2*n + 1, ?) dtype=float32>");
  check_node(graph, "b", "<gm_node 'b' shape=(batch, 64) dtype=float32>");
  check_node(graph, "c", "<gm_node 'c' shape=() dtype=int64>");
  check_node(graph, "d", "<gm_node 'd' shape=(n, y, no, on) dtype=complex64>");
  gm_graph_free(graph);
}
END_TEST

START_TEST(nodes_may_stand_in_any_order) {
  gm_graph *graph = parse_graph("nodes:\n  c: {add: [b, a]}\n  b: {relu: a}\n  a: {exp: x}\n"
                                "placeholders: {x: {shape: [n, 2]}}\n");
  check_node(graph, "c", "<gm_node 'c' shape=(n, 2) dtype=float32>");
  gm_graph_free(graph);
}
END_TEST

START_TEST(nodes_nest_and_numbers_stand_as_inputs) {
  gm_graph *graph = parse_graph("placeholders: {x: {shape: [2, 3], dtype: float64}}\n"
                                "nodes:\n  y: {add: [{multiply: [x, 0.5]}, 1]}\n");
  gm_node y = gm_node_named(graph, "y"), product = gm_node_input(graph, y, 0);
  char text[32];
  ck_assert_str_eq(gm_node_op(graph, product), "multiply");
  ck_assert_str_eq(gm_node_name(graph, product), "multiply");
  gm_node_attributes_text(graph, gm_node_input(graph, product, 1), 0, text, sizeof text);
  ck_assert_str_eq(text, "0.5");
  gm_node_attributes_text(graph, gm_node_input(graph, y, 1), 0, text, sizeof text);
  ck_assert_str_eq(text, "1");
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_made_up_name_yields_to_one_that_the_file_gives) {
  gm_graph *graph = parse_graph("placeholders: {x: {shape: [2, 2]}}\n"
                                "nodes:\n  a: {relu: {dot: [x, x]}}\n  dot: {exp: x}\n  dot_1: {tanh: x}\n");
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "dot")), "exp");
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "dot_1")), "tanh");
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "dot_2")), "dot");
  gm_graph_free(graph);
}
END_TEST

START_TEST(attributes_and_docs_stand_beside_the_operation) {
  gm_graph *graph = parse_graph("placeholders: {x: {shape: [2, 3]}}\n"
                                "nodes:\n  s: {keepdims: true, sum: x, axis: [0], doc: the columns}\n");
  check_node(graph, "s", "<gm_node 's' shape=(1, 3) dtype=float32>");
  ck_assert_str_eq(gm_node_doc(graph, gm_node_named(graph, "s")), "the columns");
  gm_graph_free(graph);
}
END_TEST

START_TEST(values_stand_in_the_file) {
  gm_graph *graph =
      parse_graph("variables:\n  v: {value: [[1, 2.5], [nan, -inf]]}\n"
                  "  i: {value: [[], []], dtype: int8}\n  t: {value: [true, false], dtype: bool}\n"
                  "  z: {value: ['1+2j', 3], dtype: complex128}\n"
                  "constants:\n  k: 0.5\n  l: [1, 2]\n  m: {value: 7, dtype: int32}\n");
  check_value(graph, "v", "[[ 1.   2.5]\n [ nan -inf]]");
  check_node(graph, "i", "<gm_node 'i' shape=(2, 0) dtype=int8>");
  check_value(graph, "t", "[ True False]");
  check_value(graph, "z", "[1.+2.j 3.+0.j]");
  check_node(graph, "k", "<gm_node 'k' shape=() dtype=float32>");
  check_value(graph, "l", "[1. 2.]");
  check_node(graph, "m", "<gm_node 'm' shape=() dtype=int32>");
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "m")), "constant");
  gm_graph_free(graph);
}
END_TEST

START_TEST(initialisers_fill_variables_and_constants) {
  gm_graph *graph =
      parse_graph("variables:\n  a: {shape: [2], init: zeros}\n  b: {shape: [2], init: ones, dtype: int16}\n"
                  "  c: {shape: '2,', init: {constant: 0.5}}\n"
                  "constants:\n  d: {shape: [2], init: {constant: 3}, dtype: uint8}\n");
  check_value(graph, "a", "[0. 0.]");
  check_value(graph, "b", "[1 1]");
  check_value(graph, "c", "[0.5 0.5]");
  check_value(graph, "d", "[3 3]");
  gm_graph_free(graph);
}
END_TEST

static void check_uniform(const gm_graph *graph, const char *name, double low, double high, uint64_t seed) {
  gm_error error;
  gm_tensor *value = NULL;
  ck_assert_int_eq(gm_variable_get(graph, gm_node_named(graph, name), &value, &error), GM_OK);
  gm_tensor *expected =
      gm_tensor_new(gm_tensor_dtype(value), gm_tensor_rank(value), gm_tensor_dims(value), &error);
  ck_assert_int_eq(gm_tensor_random_uniform(expected, low, high, seed, &error), GM_OK);
  size_t bytes = (size_t)gm_tensor_count(value) * gm_dtype_size(gm_tensor_dtype(value));
  ck_assert_mem_eq(gm_tensor_cdata(value), gm_tensor_cdata(expected), bytes);
  gm_tensor_free(value);
  gm_tensor_free(expected);
}

static uint64_t fnv1a(const char *name) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (; *name; name++) hash = (hash ^ (unsigned char)*name) * UINT64_C(1099511628211);
  return hash;
}

START_TEST(the_seed_is_the_hash_of_the_name_when_none_is_given) {
  gm_graph *graph =
      parse_graph("variables:\n  w: {shape: [3, 4], init: random_uniform}\n"
                  "  u: {shape: [5], dtype: float64, init: {random_uniform: {low: 0, high: 1}}}\n");
  check_uniform(graph, "w", -0.05, 0.05, fnv1a("w"));
  check_uniform(graph, "u", 0, 1, fnv1a("u"));
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_seed_has_64_bits) {
  gm_graph *graph =
      parse_graph("variables:\n  w: {shape: [3], init: {random_uniform: {seed: 18446744073709551615}}}\n"
                  "  v: {shape: [3], init: {random_uniform: {seed: 7}}}\n");
  check_uniform(graph, "w", -0.05, 0.05, UINT64_MAX);
  check_uniform(graph, "v", -0.05, 0.05, 7);
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_structure_is_assumed_by_those_who_use_the_name) {
  gm_graph *graph = parse_graph("placeholders:\n  l: {shape: [n, n], structure: lower_triangular}\n"
                                "nodes:\n  e: {exp: l}\noutputs: [l]\n");
  gm_node used = gm_node_input(graph, gm_node_named(graph, "e"), 0), output;
  ck_assert_str_eq(gm_node_op(graph, gm_node_named(graph, "l")), "placeholder");
  ck_assert_str_eq(gm_node_op(graph, used), "assume");
  ck_assert_str_eq(gm_node_name(graph, used), "l_assumed");
  gm_graph_outputs(graph, &output, 1);
  ck_assert_uint_eq(output.id, used.id);
  gm_graph_free(graph);
}
END_TEST

/* ---- Files ---- */

static char *folder_with_value(void) {
  char *folder = new_folder(), *path = join_path(folder, "w.npy");
  gm_error error;
  gm_tensor *value = gm_tensor_parse("[[1, 2], [3, 4]]", GM_FLOAT64, &error);
  ck_assert_int_eq(gm_tensor_save(value, path, &error), GM_OK);
  gm_tensor_free(value);
  free(path);
  return folder;
}

static gm_graph *load_from(
    const char *folder, const char *text, const gm_load_options *options, gm_error *error) {
  write_text(folder, "graph.yaml", text);
  char *path = join_path(folder, "graph.yaml");
  gm_graph *graph = gm_graph_load(path, options, error);
  free(path);
  return graph;
}

START_TEST(data_files_lie_beside_the_graph) {
  char *folder = folder_with_value();
  gm_error error = {.status = GM_OK};
  gm_graph *graph = load_from(folder,
      "gemmule: 1\nvariables:\n  w: {file: w.npy}\nconstants:\n  c: {file: ./w.npy, dtype: float64, shape: "
      "[2, 2]}\n",
      NULL, &error);
  ck_assert_msg(graph, "%s", error.message);
  check_node(graph, "w", "<gm_node 'w' shape=(2, 2) dtype=float64>");
  check_value(graph, "c", "[[1. 2.]\n [3. 4.]]");
  gm_graph_free(graph);
  remove_folder(folder);
}
END_TEST

START_TEST(a_data_root_may_be_given) {
  char *folder = folder_with_value();
  gm_error error = {.status = GM_OK};
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  options.data_root = folder;
  const char *text = "gemmule: 1\nvariables:\n  w: {file: w.npy}\n";
  gm_graph *graph = gm_graph_parse(text, strlen(text), &options, &error);
  ck_assert_msg(graph, "%s", error.message);
  gm_graph_free(graph);
  remove_folder(folder);
}
END_TEST

/* ---- Size ---- */

START_TEST(two_hundred_thousand_nodes_in_a_row_load_at_once) {
  enum { NODES = 200000 };
  char *text = malloc((size_t)NODES * 40 + 100), *at = text;
  gm_error error = {.status = GM_OK};
  at += sprintf(at, "gemmule: 1\nplaceholders:\n  x: {shape: [n]}\nnodes:\n");
  for (int i = NODES - 1; i > 0; i--) at += sprintf(at, "  n%d: {add: [n%d, x]}\n", i, i - 1);
  at += sprintf(at, "  n0: {exp: x}\n");
  clock_t before = clock();
  gm_graph *graph = gm_graph_parse(text, (size_t)(at - text), NULL, &error);
  double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
  ck_assert_msg(graph, "%s", error.message);
  ck_assert_uint_eq(gm_graph_node_count(graph), NODES + 1);
  ck_assert_msg(seconds < 30, "%g s", seconds);
  gm_graph_free(graph);
  free(text);
}
END_TEST

SUITE(spec_load) {
  CASE(a_graph_has_name_doc_and_outputs);
  CASE(one_output_needs_no_list);
  CASE(empty_sections_are_empty);
  CASE(shapes_are_lists_or_texts);
  CASE(nodes_may_stand_in_any_order);
  CASE(nodes_nest_and_numbers_stand_as_inputs);
  CASE(a_made_up_name_yields_to_one_that_the_file_gives);
  CASE(attributes_and_docs_stand_beside_the_operation);
  CASE(values_stand_in_the_file);
  CASE(initialisers_fill_variables_and_constants);
  CASE(the_seed_is_the_hash_of_the_name_when_none_is_given);
  CASE(a_seed_has_64_bits);
  CASE(a_structure_is_assumed_by_those_who_use_the_name);
  CASE(data_files_lie_beside_the_graph);
  CASE(a_data_root_may_be_given);
  CASE(two_hundred_thousand_nodes_in_a_row_load_at_once);
}
