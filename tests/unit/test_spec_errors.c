/* SPDX-License-Identifier: MIT
 *
 * Every refusal of a graph file: status, line, column and words. */
#include "spec_support.h"

#include <sys/stat.h>
#include <unistd.h>

START_TEST(syntax_errors_have_a_place) {
  refuse_text("gemmule: 1\nnodes: [1, 2\n", GM_BAD_SYNTAX, 3, 1, "did not find expected ',' or ']'");
  refuse_text("gemmule: 1\n\tname: x\n", GM_BAD_SYNTAX, 2, 1, "found a tab character");
  refuse_text("gemmule: 1\nname: \xff\n", GM_BAD_SYNTAX, 2, 7, "UTF-8");
  refuse_text("gemmule: 1\nname: \"a\\0b\"\n", GM_BAD_SYNTAX, 2, 7, "NUL");
}
END_TEST

START_TEST(anchors_aliases_and_tags_are_refused) {
  refuse_text("gemmule: 1\nname: &a x\n", GM_BAD_SYNTAX, 2, 7, "anchors are not read: '&a'");
  refuse_text("gemmule: 1\nname: *a\n", GM_BAD_SYNTAX, 2, 7, "aliases are not read: '*a'");
  refuse_text("gemmule: 1\nname: !!str x\n", GM_BAD_SYNTAX, 2, 7, "tags are not read");
  refuse_text("gemmule: 1\nnodes: &n {}\n", GM_BAD_SYNTAX, 2, 8, "anchors are not read");
}
END_TEST

START_TEST(keys_are_words) {
  refuse_text("gemmule: 1\nnodes: {[a]: 1}\n", GM_BAD_SYNTAX, 2, 9, "a key is a word");
}
END_TEST

START_TEST(one_document_a_file) {
  refuse_text("gemmule: 1\n---\ngemmule: 1\n", GM_BAD_ARGUMENT, 2, 1, "one document");
}
END_TEST

START_TEST(the_version_is_required) {
  refuse_text("", GM_BAD_ARGUMENT, 1, 1, "gemmule: 1");
  refuse_text("name: x\n", GM_BAD_ARGUMENT, 1, 1, "the format version is missing");
  refuse_text("gemmule: 2\n", GM_BAD_ARGUMENT, 1, 10, "the format version is 1, not '2'");
  refuse_text("gemmule: '1'\n", GM_BAD_ARGUMENT, 1, 10, "the format version is 1");
  refuse_text("[1]\n", GM_BAD_ARGUMENT, 1, 1, "a graph file is a mapping");
}
END_TEST

START_TEST(unknown_keys_name_the_nearest) {
  refuse("plaecholders: {}\n", GM_BAD_ARGUMENT, 2, 1,
      "unknown key 'plaecholders' of a graph file: did you mean 'placeholders'?");
  refuse("placeholders:\n  x: {shap: [2]}\n", GM_BAD_ARGUMENT, 3, 7, "did you mean 'shape'?");
  refuse("variables:\n  x: {shape: [2], int: zeros}\n", GM_BAD_ARGUMENT, 3, 19, "did you mean 'init'?");
  refuse("constants:\n  x: {valu: 2}\n", GM_BAD_ARGUMENT, 3, 7, "unknown key 'valu' of a constant");
  refuse("placeholders:\n  x: {shape: [2]}\nnodes:\n  s: {softmax: x, axs: 0}\n", GM_BAD_ARGUMENT, 5, 19,
      "unknown key 'axs' of softmax: did you mean 'axis'?");
  refuse("variables:\n  x: {shape: [2], init: {random_uniform: {hi: 1}}}\n", GM_BAD_ARGUMENT, 3, 43,
      "random_uniform");
}
END_TEST

START_TEST(repeated_keys_and_names_are_refused) {
  refuse("name: a\nname: b\n", GM_BAD_ARGUMENT, 3, 1, "the key 'name' stands twice: at line 2 too");
  refuse("placeholders:\n  x: {shape: [2], shape: [3]}\n", GM_BAD_ARGUMENT, 3, 19,
      "the key 'shape' stands twice");
  refuse("placeholders:\n  x: {shape: [2]}\nvariables:\n  x: {value: 1}\n", GM_BAD_ARGUMENT, 5, 3,
      "the name 'x' is taken: it stands at line 3, column 3 too");
}
END_TEST

START_TEST(the_first_mistake_in_the_document_counts) {
  refuse("nmae: x\nname: b\nname: c\n", GM_BAD_ARGUMENT, 2, 1, "unknown key 'nmae'");
  refuse("name: b\nname: c\nnmae: x\n", GM_BAD_ARGUMENT, 3, 1, "stands twice");
  refuse("nmae: b\nname: [1\n", GM_BAD_SYNTAX, 4, 1, "");
}
END_TEST

START_TEST(names_are_checked) {
  refuse("placeholders:\n  2x: {shape: [2]}\n", GM_BAD_ARGUMENT, 3, 3, "'2x' is not a name");
  refuse("nodes:\n  a b: {relu: 1}\n", GM_BAD_ARGUMENT, 3, 3, "'a b' is not a name");
}
END_TEST

START_TEST(unknown_names_name_the_nearest) {
  refuse("placeholders:\n  images: {shape: [2]}\nnodes:\n  r: {relu: imges}\n", GM_BAD_ARGUMENT, 5, 13,
      "unknown name 'imges': did you mean 'images'?");
  refuse("placeholders:\n  images: {shape: [2]}\noutputs: [image]\n", GM_BAD_ARGUMENT, 4, 11,
      "did you mean 'images'?");
}
END_TEST

START_TEST(unknown_operations_name_the_nearest) {
  refuse("placeholders: {x: {shape: [2]}}\nnodes:\n  r: {rleu: x}\n", GM_UNKNOWN_OP, 4, 7, "relu");
  refuse("placeholders: {x: {shape: [2]}}\nnodes:\n  r: {axis: 1, sofmax: x}\n", GM_UNKNOWN_OP, 4, 16,
      "softmax");
  refuse("nodes:\n  r: {}\n", GM_UNKNOWN_OP, 3, 6, "names no operation");
  refuse("nodes:\n  r: {placeholder: 1}\n", GM_UNKNOWN_OP, 3, 7, "placeholder");
}
END_TEST

START_TEST(a_node_is_one_operation) {
  refuse("placeholders: {x: {shape: [2]}}\nnodes:\n  r: {relu: x, exp: x}\n", GM_BAD_ARGUMENT, 4, 16,
      "'relu' and 'exp'");
  refuse("placeholders: {x: {shape: [2]}}\nnodes:\n  r: x\n", GM_BAD_ARGUMENT, 4, 6, "a node is a mapping");
  refuse("placeholders: {x: {shape: [2]}}\nnodes:\n  r: {add: [x, [x]]}\n", GM_BAD_ARGUMENT, 4, 16,
      "not a list");
  refuse("placeholders: {x: {shape: [2]}}\nnodes:\n  r: {add: [x, true]}\n", GM_BAD_ARGUMENT, 4, 16,
      "an input is");
}
END_TEST

START_TEST(cycles_are_listed) {
  refuse("nodes:\n  a: {relu: b}\n  b: {exp: {tanh: c}}\n  c: {relu: b}\n", GM_BAD_ARGUMENT, 4, 3,
      "nodes form a cycle: b -> c -> b");
  refuse("nodes:\n  a: {relu: a}\n", GM_BAD_ARGUMENT, 3, 3, "nodes form a cycle: a -> a");
}
END_TEST

START_TEST(long_cycles_are_cut) {
  char text[2000] = "nodes:\n", *at = text + strlen(text);
  for (int i = 0; i < 50; i++) at += sprintf(at, "  n%d: {relu: n%d}\n", i, (i + 1) % 50);
  refuse(text, GM_BAD_ARGUMENT, 3, 3, "n0 -> n1 -> n2 -> n3 -> n4 -> n5 -> n6 -> ... -> n49 -> n0");
}
END_TEST

START_TEST(shape_errors_stand_at_the_operation) {
  gm_error error;
  const char *text = "gemmule: 1\nplaceholders:\n  x: {shape: [2, 3]}\n  y: {shape: [4, 5]}\nnodes:\n"
                     "  xy: {relu: {dot: [x, y]}}\n";
  ck_assert_ptr_null(gm_graph_parse(text, strlen(text), NULL, &error));
  ck_assert_int_eq(error.status, GM_BAD_SHAPE);
  ck_assert_int_eq(error.line, 6);
  ck_assert_int_eq(error.column, 15);
  ck_assert_str_eq(error.node, "xy");
  ck_assert_ptr_nonnull(strstr(error.message, "Dimensions must be equal, but are 3 and 4"));
}
END_TEST

START_TEST(attribute_errors_stand_at_the_attribute) {
  refuse("placeholders: {x: {shape: [2]}}\nnodes:\n  r: {softmax: x, axis: one}\n", GM_BAD_ARGUMENT, 4, 25,
      "axis");
  refuse("placeholders: {x: {shape: [2]}}\nnodes:\n  r: {dot: x}\n", GM_BAD_ARGUMENT, 4, 7, "2 inputs");
}
END_TEST

START_TEST(dims_are_checked_one_by_one) {
  refuse("placeholders:\n  x: {shape: [2, -3]}\n", GM_BAD_ARGUMENT, 3, 18, "");
  refuse("placeholders:\n  x: {shape: [2, 2.5]}\n", GM_BAD_ARGUMENT, 3, 18, "");
  refuse("placeholders:\n  x: {shape: [2, 99999999999999999999]}\n", GM_BAD_ARGUMENT, 3, 18, "");
  refuse("placeholders:\n  x: {shape: [\"a, b\"]}\n", GM_BAD_ARGUMENT, 3, 15, "");
  refuse("placeholders:\n  x: {shape: [2, [3]]}\n", GM_BAD_ARGUMENT, 3, 18, "a list");
  refuse("placeholders:\n  x: {shape: 'n +'}\n", GM_BAD_ARGUMENT, 3, 14, "");
  refuse("placeholders:\n  x: {dtype: float32}\n", GM_BAD_ARGUMENT, 3, 6, "needs a shape");
}
END_TEST

START_TEST(dtypes_are_checked) {
  refuse("placeholders:\n  x: {shape: [2], dtype: flaot32}\n", GM_BAD_ARGUMENT, 3, 26,
      "did you mean 'float32'?");
  refuse("placeholders:\n  x: {shape: [2], dtype: 32}\n", GM_BAD_ARGUMENT, 3, 26, "the name of a dtype");
}
END_TEST

START_TEST(values_must_be_regular_and_fit) {
  refuse("variables:\n  x: {value: [[1, 2], [3]]}\n", GM_BAD_SYNTAX, 3, 23, "unequal lengths");
  refuse("variables:\n  x: {value: [[1, 2], 3]}\n", GM_BAD_SYNTAX, 3, 23, "unevenly");
  refuse("variables:\n  x: {value: [1, [3]]}\n", GM_BAD_SYNTAX, 3, 18, "unevenly");
  refuse("variables:\n  x: {value: [1, 2.5], dtype: int32}\n", GM_BAD_ARGUMENT, 3, 18,
      "'2.5' cannot be held by int32");
  refuse("variables:\n  x: {value: [300], dtype: uint8}\n", GM_BAD_ARGUMENT, 3, 15,
      "'300' cannot be held by uint8");
  refuse("variables:\n  x: {value: [1, red]}\n", GM_BAD_ARGUMENT, 3, 18, "'red' cannot be held by float32");
  refuse("variables:\n  x: {value: [1, 2], shape: [3]}\n", GM_BAD_SHAPE, 3, 29,
      "has shape (2,), but 'shape' says [3]");
}
END_TEST

START_TEST(a_variable_has_one_form) {
  refuse("variables:\n  x: {shape: [2]}\n", GM_BAD_ARGUMENT, 3, 6,
      "one of 'file', 'value' and 'init', not none");
  refuse("variables:\n  x: {value: 1, init: zeros}\n", GM_BAD_ARGUMENT, 3, 6, "not several");
  refuse("variables:\n  x: {init: zeros}\n", GM_BAD_ARGUMENT, 3, 13, "needs a shape");
  refuse("variables:\n  x: {shape: [2], init: zeroes}\n", GM_BAD_ARGUMENT, 3, 25, "did you mean 'zeros'?");
  refuse("variables:\n  x: {shape: [n], init: zeros}\n", GM_BAD_SHAPE, 3, 14, "");
  refuse("variables:\n  x: {shape: [2], init: {constant: a}}\n", GM_BAD_ARGUMENT, 3, 36, "a number");
  refuse(
      "variables:\n  x: {shape: [2], init: {random_uniform: {seed: -1}}}\n", GM_BAD_ARGUMENT, 3, 49, "seed");
}
END_TEST

START_TEST(structures_are_checked) {
  refuse("placeholders:\n  x: {shape: [2, 2], structure: triangular}\n", GM_BAD_ARGUMENT, 3, 33, "structure");
  refuse("placeholders:\n  x: {shape: [2, 2], block: 2}\n", GM_BAD_ARGUMENT, 3, 29,
      "'block' belongs to a structure");
}
END_TEST

START_TEST(wrong_types_are_refused) {
  refuse("name: [a]\n", GM_BAD_ARGUMENT, 2, 7, "'name' is a text, not a list");
  refuse("nodes: 3\n", GM_BAD_ARGUMENT, 2, 8, "'nodes' is a mapping from names");
  refuse("outputs: 3\n", GM_BAD_ARGUMENT, 2, 10, "an output is a name");
  refuse("placeholders:\n  x: [2]\n", GM_BAD_ARGUMENT, 3, 6, "a placeholder is a mapping");
}
END_TEST

/* ---- Limits ---- */

START_TEST(depth_is_limited) {
  char text[400] = "nodes: ";
  for (int i = 0; i < 100; i++) strcat(text, "[");
  refuse(text, GM_LIMIT, 2, 71, "nested more than 64 deep");
}
END_TEST

START_TEST(size_is_limited) {
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  gm_error error;
  options.max_bytes = 10;
  ck_assert_ptr_null(gm_graph_parse("gemmule: 1\n", 11, &options, &error));
  ck_assert_int_eq(error.status, GM_LIMIT);
}
END_TEST

START_TEST(nodes_are_limited) {
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  gm_error error;
  const char *text = "gemmule: 1\nplaceholders:\n  x: {shape: [2]}\n  y: {shape: [2]}\n";
  options.max_nodes = 1;
  ck_assert_ptr_null(gm_graph_parse(text, strlen(text), &options, &error));
  ck_assert_int_eq(error.status, GM_LIMIT);
  ck_assert_int_eq(error.line, 4);
}
END_TEST

/** Each node multiplies two sums of eight; a file of this size may ask for some of that. */
START_TEST(work_on_dims_is_limited) {
  static char text[200000];
  char *end = text + sprintf(text, "gemmule: 1\nplaceholders:\n  x: {shape: [%s, %s]}\nnodes:\n",
                         "\"a + b + c + d + e + f + g + h\"", "\"i + j + k + l + m + n + o + p\"");
  gm_error error;
  for (int i = 0; i < 100; i++) end += sprintf(end, "  y%d: {flatten: x}\n", i);
  gm_graph *graph = gm_graph_parse(text, (size_t)(end - text), NULL, &error);
  ck_assert_msg(graph != NULL, "%s", error.message);
  gm_graph_free(graph);
  for (int i = 100; i < 8000; i++) end += sprintf(end, "  y%d: {flatten: x}\n", i);
  ck_assert_ptr_null(gm_graph_parse(text, (size_t)(end - text), NULL, &error));
  ck_assert_int_eq(error.status, GM_LIMIT);
  ck_assert_ptr_nonnull(strstr(error.message, "the dimensions together take more work than is allowed"));
  ck_assert_int_gt(error.line, 105);
}
END_TEST

START_TEST(options_are_checked) {
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  gm_error error;
  options.struct_size = 0;
  ck_assert_ptr_null(gm_graph_parse("gemmule: 1\n", 11, &options, &error));
  ck_assert_int_eq(error.status, GM_BAD_ARGUMENT);
  ck_assert_ptr_null(gm_graph_load(NULL, NULL, &error));
  ck_assert_int_eq(error.status, GM_BAD_ARGUMENT);
  ck_assert_ptr_null(gm_graph_load(NULL, NULL, NULL));
}
END_TEST

/* ---- Files ---- */

static void refuse_file(const char *folder, const char *file, gm_status status, const char *words) {
  char text[200];
  gm_error error = {.status = GM_OK};
  snprintf(text, sizeof text, "gemmule: 1\nvariables:\n  w: {file: %s}\n", file);
  write_text(folder, "graph.yaml", text);
  char *path = join_path(folder, "graph.yaml");
  ck_assert_ptr_null(gm_graph_load(path, NULL, &error));
  ck_assert_msg(error.status == status && strstr(error.message, words), "%s: %s %s", file,
      gm_status_name(error.status), error.message);
  ck_assert_int_eq(error.line, 3);
  ck_assert_int_eq(error.column, 13);
  ck_assert_str_eq(error.node, "w");
  ck_assert_str_eq(error.file, path);
  free(path);
}

START_TEST(data_files_stay_below_the_root_and_are_regular) {
  char *folder = new_folder(), *link = join_path(folder, "link.npy"), *fifo = join_path(folder, "fifo.npy");
  char *up = join_path(folder, "up");
  write_text(folder, "short.npy", "\x93NUMPY");
  ck_assert_int_eq(symlink("short.npy", link), 0);
  ck_assert_int_eq(symlink(".", up), 0);
  ck_assert_int_eq(mkfifo(fifo, 0600), 0);
  refuse_file(folder, "../w.npy", GM_BAD_ARGUMENT, "no '..'");
  refuse_file(folder, "a/../../w.npy", GM_BAD_ARGUMENT, "no '..'");
  refuse_file(folder, "/etc/passwd", GM_BAD_ARGUMENT, "no absolute path");
  refuse_file(folder, "none.npy", GM_IO, "No such file");
  refuse_file(folder, "link.npy", GM_IO, "symbolic link");
  refuse_file(folder, "up/short.npy", GM_IO, "symbolic link");
  refuse_file(folder, "fifo.npy", GM_IO, "no regular file");
  refuse_file(folder, ".", GM_IO, "no regular file");
  refuse_file(folder, "short.npy", GM_IO, "");
  free(link);
  free(fifo);
  free(up);
  remove_folder(folder);
}
END_TEST

START_TEST(a_parsed_text_has_no_files) {
  refuse("variables:\n  w: {file: w.npy}\n", GM_BAD_ARGUMENT, 3, 13, "no data root");
}
END_TEST

START_TEST(what_is_said_of_a_file_must_be_so) {
  char *folder = new_folder(), *path = join_path(folder, "w.npy"), *graph = join_path(folder, "graph.yaml");
  gm_error error;
  gm_tensor *value = gm_tensor_parse("[1, 2]", GM_FLOAT64, &error);
  ck_assert_int_eq(gm_tensor_save(value, path, &error), GM_OK);
  write_text(folder, "graph.yaml", "gemmule: 1\nvariables:\n  w: {file: w.npy, dtype: float32}\n");
  ck_assert_ptr_null(gm_graph_load(graph, NULL, &error));
  ck_assert_int_eq(error.status, GM_BAD_DTYPE);
  ck_assert_str_eq(error.message, "the file 'w.npy' is float64, but 'dtype' says float32");
  write_text(folder, "graph.yaml", "gemmule: 1\nvariables:\n  w: {file: w.npy, shape: [3]}\n");
  ck_assert_ptr_null(gm_graph_load(graph, NULL, &error));
  ck_assert_int_eq(error.status, GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "the value of 'w' has shape (2,), but 'shape' says [3]");
  gm_tensor_free(value);
  free(path);
  free(graph);
  remove_folder(folder);
}
END_TEST

START_TEST(a_graph_file_is_regular) {
  gm_error error;
  ck_assert_ptr_null(gm_graph_load("/nowhere/at/all.yaml", NULL, &error));
  ck_assert_int_eq(error.status, GM_IO);
  ck_assert_str_eq(error.file, "/nowhere/at/all.yaml");
  ck_assert_ptr_null(gm_graph_load("/tmp", NULL, &error));
  ck_assert_int_eq(error.status, GM_IO);
  ck_assert_ptr_null(gm_graph_load("/dev/zero", NULL, &error));
  ck_assert_int_eq(error.status, GM_IO);
}
END_TEST

/** Every beginning of a graph is read or refused, and nothing else. */
START_TEST(a_cut_text_is_no_trouble) {
  const char *text = "gemmule: 1\nname: \"d\\n\"\nplaceholders: {x: {shape: [n, 2*n], dtype: float32}}\n"
                     "variables: {w: {shape: [2], init: {random_uniform: {low: 0, high: 1, seed: 3}}}}\n"
                     "nodes: {r: {relu: {add: [x, 1.5]}}}\noutputs: [r]\n";
  for (size_t i = 0; i <= strlen(text); i++) {
    gm_error error = {.status = GM_OK};
    gm_graph *graph = gm_graph_parse(text, i, NULL, &error);
    ck_assert(graph ? error.status == GM_OK : error.status != GM_OK && error.message[0]);
    gm_graph_free(graph);
  }
}
END_TEST

SUITE(spec_errors) {
  CASE(syntax_errors_have_a_place);
  CASE(anchors_aliases_and_tags_are_refused);
  CASE(keys_are_words);
  CASE(one_document_a_file);
  CASE(the_version_is_required);
  CASE(unknown_keys_name_the_nearest);
  CASE(repeated_keys_and_names_are_refused);
  CASE(the_first_mistake_in_the_document_counts);
  CASE(names_are_checked);
  CASE(unknown_names_name_the_nearest);
  CASE(unknown_operations_name_the_nearest);
  CASE(a_node_is_one_operation);
  CASE(cycles_are_listed);
  CASE(long_cycles_are_cut);
  CASE(shape_errors_stand_at_the_operation);
  CASE(attribute_errors_stand_at_the_attribute);
  CASE(dims_are_checked_one_by_one);
  CASE(dtypes_are_checked);
  CASE(values_must_be_regular_and_fit);
  CASE(a_variable_has_one_form);
  CASE(structures_are_checked);
  CASE(wrong_types_are_refused);
  CASE(depth_is_limited);
  CASE(size_is_limited);
  CASE(nodes_are_limited);
  CASE(work_on_dims_is_limited);
  CASE(options_are_checked);
  CASE(data_files_stay_below_the_root_and_are_regular);
  CASE(a_parsed_text_has_no_files);
  CASE(what_is_said_of_a_file_must_be_so);
  CASE(a_graph_file_is_regular);
  CASE(a_cut_text_is_no_trouble);
}
