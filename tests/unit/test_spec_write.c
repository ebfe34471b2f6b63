/* SPDX-License-Identifier: MIT
 *
 * What saving writes for each form: dims as they were declared, initialisers, docs, values at the limit of a
 * line; and where the files lie. */
#include "spec_support.h"

#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static void make_folder(void) {
  folder = new_folder();
}

static void remove_all(void) {
  remove_folder(folder);
}

/** Saves as `name` in the folder; the text is the caller's. Saving what it loads as gives it again. */
static char *saved_as(const gm_graph *graph, const char *name) {
  char *path = join_path(folder, name);
  gm_error error = {.status = GM_OK};
  ck_assert_msg(gm_graph_save(graph, path, &error) == GM_OK, "%s", error.message);
  char *text = read_text_file(folder, name);
  gm_graph *again = gm_graph_load(path, NULL, &error);
  ck_assert_msg(again, "%d:%d: %s\n%s", error.line, error.column, error.message, text);
  ck_assert_msg(gm_graph_save(again, path, &error) == GM_OK, "%s", error.message);
  char *second = read_text_file(folder, name);
  ck_assert_str_eq(text, second);
  gm_graph_free(again);
  free(second);
  free(path);
  return text;
}

static void writes(const gm_graph *graph, const char *expected) {
  char *text = saved_as(graph, "g.yaml");
  ck_assert_str_eq(text, expected);
  free(text);
}

/** What stands behind "gemmule: 1" when the graph of `text` is saved. */
static void is_written(const char *text, const char *expected) {
  char whole[2000];
  gm_graph *graph = parse_graph(text);
  snprintf(whole, sizeof whole, "gemmule: 1\n%s", expected);
  writes(graph, whole);
  gm_graph_free(graph);
}

/* ---- Dims ---- */

/** A placeholder of this shape is written with these items. */
static void declares(const char *shape, const char *items) {
  char expected[300];
  gm_error error = {.status = GM_OK};
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_placeholder(graph, "x", GM_FLOAT32, shape);
  ck_assert_msg(gm_graph_error(graph, &error) == GM_OK, "%s: %s", shape, error.message);
  snprintf(
      expected, sizeof expected, "gemmule: 1\nplaceholders:\n  x: {shape: [%s], dtype: float32}\n", items);
  writes(graph, expected);
  gm_graph_free(graph);
}

START_TEST(dims_are_written_one_by_one) {
  declares("", "");
  declares("()", "");
  declares("[]", "");
  declares(" ( ) ", "");
  declares("2", "2");
  declares("(2,)", "2");
  declares("[2]", "2");
  declares(" [ 2 , 30 ] ", "2, 30");
  declares("2, 3,", "2, 3");
  declares("2,3 , ", "2, 3");
  declares("\t2\r,\n3\r\n", "2, 3");
  declares("007", "007");
  declares("batch,?, 2*n+1", "batch, \"?\", 2*n+1");
  declares("y, no", "\"y\", \"no\"");
}
END_TEST

START_TEST(parentheses_of_arithmetic_are_no_tuple) {
  declares("(n+1)*2", "(n+1)*2");
  declares("(n)*(m)", "(n)*(m)");
  declares("(n), (m)", "(n), (m)");
  declares("(n + 1)", "n + 1");
  declares("((n + 1)*2, 3)", "(n + 1)*2, 3");
  declares("[(n + 1)*2, (3)]", "(n + 1)*2, (3)");
  declares("min(n, 4), max(2, (m))", "\"min(n, 4)\", \"max(2, (m))\"");
  declares("((n))", "(n)");
  declares("((n),)", "(n)");
  declares("[((n + 1))]", "((n + 1))");
  declares("n // 2 - 1", "n // 2 - 1");
}
END_TEST

START_TEST(dims_of_a_list_are_written_as_they_stood) {
  is_written(
      "placeholders:\n  x: {shape: [batch, \" n  + 1\", 2, \"?\"], dtype: int8}\n  z: {shape: 'a, b'}\n",
      "placeholders:\n  x: {shape: [batch, n  + 1, 2, \"?\"], dtype: int8}\n  z: {shape: [a, b], dtype: "
      "float32}\n");
}
END_TEST

/* ---- Docs and names ---- */

START_TEST(docs_are_quoted_where_they_must_be) {
  is_written("name: a name\ndoc: \"It's 2 > 1, and so on.\"\n"
             "placeholders:\n  p: {shape: [], doc: plain words}\n  q: {shape: [], doc: \"a, b\"}\n  e: "
             "{shape: [], doc: \"\"}\n"
             "variables:\n  v: {value: 1, doc: \"two\\nlines\"}\n  w: {shape: [2], init: ones, doc: \"say "
             "\\\"so\\\"\"}\n"
             "constants:\n  c: {value: 2, doc: \"no\"}\n  d: {value: 2, doc: \"\"}\n"
             "nodes:\n  r: {relu: p, doc: \"a: b\"}\n  s: {softmax: w, axis: 0, doc: 2001-01-01}\n",
      "name: a name\ndoc: It's 2 > 1, and so on.\n"
      "placeholders:\n  p: {shape: [], dtype: float32, doc: plain words}\n  q: {shape: [], dtype: float32, "
      "doc: \"a, b\"}\n  e: {shape: [], dtype: float32}\n"
      "variables:\n  v: {value: 1.0, doc: \"two\\nlines\"}\n  w: {shape: [2], init: ones, doc: \"say "
      "\\\"so\\\"\"}\n"
      "constants:\n  c: {value: 2.0, doc: \"no\"}\n  d: 2.0\n"
      "nodes:\n  r: {relu: p, doc: \"a: b\"}\n  s: {softmax: w, axis: 0, doc: \"2001-01-01\"}\n");
}
END_TEST

START_TEST(an_empty_name_or_doc_is_none) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_graph_set_name(graph, "", NULL);
  gm_graph_set_doc(graph, "", NULL);
  gm_placeholder(graph, "x", GM_BOOL, "2");
  writes(graph, "gemmule: 1\nplaceholders:\n  x: {shape: [2], dtype: bool}\n");
  gm_graph_free(graph);
}
END_TEST

/* ---- Values ---- */

START_TEST(every_initialiser_is_written) {
  const char *text =
      "variables:\n  a: {shape: [2], init: zeros}\n  b: {shape: [2, 3], dtype: int8, init: ones}\n"
      "  c: {shape: [], init: {constant: 0.1}}\n  d: {shape: [1], init: {constant: -inf}}\n"
      "  e: {shape: [40], dtype: float64, init: {random_uniform: {low: -0.5, high: 1e+20, seed: "
      "18446744073709551615}}}\n"
      "  f: {shape: [4, 5], init: {random_normal: {mean: 1.0, scale: 0.05, seed: 0}}}\n"
      "  g: {shape: [1000], dtype: complex64, init: ones}\n";
  is_written(text, text);
}
END_TEST

START_TEST(a_seed_by_name_is_written_as_a_number) {
  is_written("variables: {x: {shape: [2], init: random_normal}}\n",
      "variables:\n  x: {shape: [2], init: {random_normal: {mean: 0.0, scale: 0.05, seed: "
      "12638214688346347271}}}\n");
}
END_TEST

START_TEST(an_initialised_constant_is_its_value) {
  is_written(
      "constants:\n  a: {shape: [2], init: ones}\n  b: {shape: [2], init: {constant: 3}, dtype: int32}\n",
      "constants:\n  a: [1.0, 1.0]\n  b: {value: [3, 3], dtype: int32}\n");
}
END_TEST

START_TEST(brackets_stand_at_the_ends_of_axes) {
  const char *text = "variables:\n  a: {value: 5.0}\n  b: {value: [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]}\n"
                     "  c: {value: [[[1.0], [2.0]], [[3.0], [4.0]]]}\n  d: {value: [[[7.0]]]}\n"
                     "  e: {value: [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0], "
                     "[13.0, 14.0, 15.0, 16.0]]}\n"
                     "constants:\n  k: [[1.0, 2.0]]\n  l: {value: [true, false], dtype: bool}\n"
                     "  m: {value: \"(1+2j)\", dtype: complex128}\n  o: {value: 1.0, doc: one}\n";
  is_written(text, text);
}
END_TEST

static gm_tensor *filled(int64_t count, gm_dtype dtype, unsigned char byte) {
  gm_tensor *value = gm_tensor_new(dtype, 1, &count, NULL);
  memset(gm_tensor_data(value), byte, (size_t)count * gm_dtype_size(dtype));
  return value;
}

/** Whether a variable of `count` such elements is written into the line. */
static bool stands_inline(int64_t count, gm_dtype dtype, unsigned char byte) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *value = filled(count, dtype, byte);
  gm_variable(graph, "w", value);
  char *text = saved_as(graph, "g.yaml");
  bool in_line = strstr(text, "w: {value: [");
  ck_assert(in_line || strstr(text, "w: {file: g.data/w.npy}\n"));
  gm_tensor_free(value);
  gm_graph_free(graph);
  free(text);
  return in_line;
}

START_TEST(sixteen_elements_stand_in_a_line_and_seventeen_in_a_file) {
  for (int dtype = 0; gm_dtype_size((gm_dtype)dtype); dtype++) {
    ck_assert(stands_inline(1, (gm_dtype)dtype, 1));
    ck_assert(stands_inline(16, (gm_dtype)dtype, 1));
    ck_assert(!stands_inline(17, (gm_dtype)dtype, 1));
  }
  ck_assert(!stands_inline(2, GM_FLOAT32, 0xFF));
  ck_assert(!stands_inline(2, GM_COMPLEX128, 0xFF));
  ck_assert(!stands_inline(2, GM_FLOAT16, 0xFF));
}
END_TEST

START_TEST(a_constant_of_many_elements_goes_to_a_file) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *value = filled(17, GM_INT8, 7), *empty = filled(0, GM_INT8, 0);
  gm_constant(graph, "no", value);
  gm_name(graph, gm_constant(graph, "b", empty), "none");
  writes(graph, "gemmule: 1\nconstants:\n  \"no\": {file: g.data/no.npy}\n  none: {shape: [0], dtype: int8, "
                "init: zeros}\n");
  gm_tensor_free(value);
  gm_tensor_free(empty);
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_set_variable_is_its_value_and_an_unset_one_its_initialiser) {
  gm_graph *graph = parse_graph("variables:\n  a: {shape: [17], init: ones}\n  b: {shape: [17], init: "
                                "ones}\n  c: {shape: [0], init: ones}\n");
  gm_tensor *value = filled(17, GM_FLOAT32, 0);
  ck_assert_int_eq(gm_variable_set(graph, gm_node_named(graph, "b"), value, NULL), GM_OK);
  writes(graph, "gemmule: 1\nvariables:\n  a: {shape: [17], init: ones}\n  b: {file: g.data/b.npy}\n  c: "
                "{shape: [0], init: ones}\n");
  gm_tensor_free(value);
  gm_graph_free(graph);
}
END_TEST

/* ---- Nodes and outputs ---- */

START_TEST(inputs_and_attributes_are_written) {
  const char *text =
      "placeholders:\n  x: {shape: [2, 3], dtype: float32}\n"
      "nodes:\n  a: {sum: x, axis: [0], keepdims: true}\n  b: {relu: a}\n  c: {concatenate: [x, x, x], axis: "
      "0}\n"
      "  d: {add: [x, -9223372036854775808]}\n  e: {subtract: [0.5, x]}\n  f: {eye: [], size: 3}\n"
      "  g: {multiply: [x, inf]}\noutputs: [a, x, g]\n";
  is_written(text, text);
}
END_TEST

START_TEST(an_output_needs_a_name) {
  char *path = join_path(folder, "g.yaml");
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_error error;
  gm_node outputs[] = {gm_placeholder(graph, "x", GM_FLOAT32, "2"), gm_number(graph, 2)};
  ck_assert_int_eq(gm_graph_set_outputs(graph, outputs, 2, &error), GM_OK);
  ck_assert_int_eq(gm_graph_save(graph, path, &error), GM_UNSUPPORTED);
  ck_assert_str_eq(error.message, "output 1 is a number, which has no name that a file could give");
  ck_assert_int_eq(access(path, F_OK), -1);
  gm_graph_free(graph);
  free(path);
}
END_TEST

/* ---- Places ---- */

/** Saved as `name`, a graph of one large variable keeps it in `data`. */
static void keeps_data_in(const char *name, const char *data) {
  char expected[300];
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *value = filled(17, GM_INT8, 7);
  gm_variable(graph, "w", value);
  char *text = saved_as(graph, name);
  snprintf(expected, sizeof expected, "gemmule: 1\nvariables:\n  w: {file: %s}\n", data);
  ck_assert_str_eq(text, expected);
  gm_tensor_free(value);
  gm_graph_free(graph);
  free(text);
}

START_TEST(data_lie_beside_the_graph) {
  keeps_data_in("g.yaml", "g.data/w.npy");
  keeps_data_in("h", "h.data/w.npy");
  keeps_data_in("a.b.yaml", "a.b.data/w.npy");
  keeps_data_in(".yaml", "\".yaml.data/w.npy\"");
  keeps_data_in(".x.yaml", "\".x.data/w.npy\"");
  keeps_data_in("..yaml", "\"..data/w.npy\"");
  keeps_data_in("a b.yaml", "a b.data/w.npy");
  keeps_data_in("\xC3\xA9.yaml", "\"\xC3\xA9.data/w.npy\"");
  keeps_data_in("1_0.yaml", "\"1_0.data/w.npy\"");
  char *sub = join_path(folder, "dir.x");
  ck_assert_int_eq(mkdir(sub, 0700), 0);
  keeps_data_in("dir.x/k", "k.data/w.npy");
  free(sub);
}
END_TEST

START_TEST(a_path_without_folders_is_saved_here) {
  ck_assert_int_eq(chdir(folder), 0);
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *value = filled(17, GM_INT8, 7);
  gm_variable(graph, "w", value);
  ck_assert_int_eq(gm_graph_save(graph, "here.yaml", NULL), GM_OK);
  ck_assert_int_eq(access("here.data/w.npy", F_OK), 0);
  gm_tensor_free(value);
  gm_graph_free(graph);
  ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

/** Saving a graph of one large variable as `name` fails so, and leaves no graph file. */
static void is_not_saved(const char *name, gm_status status, const char *sentence) {
  char *path = join_path(folder, name);
  gm_error error;
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *value = filled(17, GM_INT8, 7);
  gm_variable(graph, "w", value);
  ck_assert_int_eq(gm_graph_save(graph, path, &error), status);
  ck_assert_str_eq(error.message, sentence);
  ck_assert_int_eq(access(path, F_OK), -1);
  gm_tensor_free(value);
  gm_graph_free(graph);
  free(path);
}

START_TEST(a_file_name_that_is_no_utf8_cannot_name_data) {
  is_not_saved("\xFF.yaml", GM_BAD_ARGUMENT,
      "the file name '\xFF.data' is not UTF-8, and a graph file could not name the data files beside it");
  char *path = join_path(folder, "\xFF.yaml");
  gm_graph *graph = parse_graph("variables: {x: {value: 1}}\n");
  ck_assert_int_eq(gm_graph_save(graph, path, NULL), GM_OK);
  ck_assert_int_eq(access(path, F_OK), 0);
  gm_graph_free(graph);
  free(path);
}
END_TEST

START_TEST(a_data_folder_is_a_folder) {
  char sentence[300], *link = join_path(folder, "l.data"), *file = join_path(folder, "f.data");
  write_text(folder, "f.data", "");
  ck_assert_int_eq(symlink(".", link), 0);
  snprintf(sentence, sizeof sentence, "the folder '%s' cannot be made: File exists", file);
  is_not_saved("f.yaml", GM_IO, sentence);
  snprintf(sentence, sizeof sentence, "the folder '%s' cannot be made: File exists", link);
  is_not_saved("l.yaml", GM_IO, sentence);
  snprintf(sentence, sizeof sentence, "the folder '%s/none/g.data' cannot be made: No such file or directory",
      folder);
  is_not_saved("none/g.yaml", GM_IO, sentence);
  free(link);
  free(file);
}
END_TEST

SUITE(spec_write) {
  tcase_add_checked_fixture(cases, make_folder, remove_all);
  CASE(dims_are_written_one_by_one);
  CASE(parentheses_of_arithmetic_are_no_tuple);
  CASE(dims_of_a_list_are_written_as_they_stood);
  CASE(docs_are_quoted_where_they_must_be);
  CASE(an_empty_name_or_doc_is_none);
  CASE(every_initialiser_is_written);
  CASE(a_seed_by_name_is_written_as_a_number);
  CASE(an_initialised_constant_is_its_value);
  CASE(brackets_stand_at_the_ends_of_axes);
  CASE(sixteen_elements_stand_in_a_line_and_seventeen_in_a_file);
  CASE(a_constant_of_many_elements_goes_to_a_file);
  CASE(a_set_variable_is_its_value_and_an_unset_one_its_initialiser);
  CASE(inputs_and_attributes_are_written);
  CASE(an_output_needs_a_name);
  CASE(data_lie_beside_the_graph);
  CASE(a_path_without_folders_is_saved_here);
  CASE(a_file_name_that_is_no_utf8_cannot_name_data);
  CASE(a_data_folder_is_a_folder);
}
