/* SPDX-License-Identifier: MIT
 *
 * Data files of graphs: where they may lie, what they must be, what is said of them; graph files themselves,
 * and the options of loading. */
#include "spec_support.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char *folder, *graph_path;

static void make_folder(void) {
  folder = new_folder();
  graph_path = join_path(folder, "graph.yaml");
}

static void remove_all(void) {
  free(graph_path);
  remove_folder(folder);
}

static void save_value(const char *name, const char *value, gm_dtype dtype) {
  char *path = join_path(folder, name);
  gm_error error;
  gm_tensor *tensor = gm_tensor_parse(value, dtype, &error);
  ck_assert_msg(gm_tensor_save(tensor, path, &error) == GM_OK, "%s", error.message);
  gm_tensor_free(tensor);
  free(path);
}

/** The graph file with `w: {file: FORM}`. */
static void write_graph(const char *form) {
  char *text = room_for(strlen(form) + 64);
  sprintf(text, "gemmule: 1\nvariables:\n  w: {file: %s}\n", form);
  write_text(folder, "graph.yaml", text);
  free(text);
}

static void loads(const char *form, const char *expected) {
  gm_error error = {.status = GM_OK};
  write_graph(form);
  gm_graph *graph = gm_graph_load(graph_path, NULL, &error);
  ck_assert_msg(graph, "%s: %s", form, error.message);
  check_value(graph, "w", expected);
  gm_graph_free(graph);
}

/** Refused at the path's place with exactly this sentence. */
static void refuses_at(const char *form, gm_status status, int column, const char *sentence) {
  gm_error error = {.status = GM_OK};
  write_graph(form);
  ck_assert_ptr_null(gm_graph_load(graph_path, NULL, &error));
  ck_assert_str_eq(error.message, sentence);
  ck_assert_int_eq(error.status, status);
  ck_assert_int_eq(error.line, 3);
  ck_assert_int_eq(error.column, column);
  ck_assert_str_eq(error.node, "w");
  ck_assert_str_eq(error.file, graph_path);
}

static void refuses(const char *form, gm_status status, const char *sentence) {
  refuses_at(form, status, 13, sentence);
}

START_TEST(data_files_lie_below_the_graph) {
  char *sub = join_path(folder, "a"), *deep = join_path(folder, "a/..b");
  ck_assert_int_eq(mkdir(sub, 0700), 0);
  ck_assert_int_eq(mkdir(deep, 0700), 0);
  save_value("w.npy", "1", GM_INT8);
  save_value("a/w.npy", "2", GM_INT8);
  save_value("a/..b/..w..npy", "3", GM_INT8);
  save_value(".w", "4", GM_INT8);
  save_value("a b\xC3\xA9,#.npy", "5", GM_INT8);
  save_value("...", "6", GM_INT8);
  loads("w.npy", "1");
  loads("./w.npy", "1");
  loads(".//.///w.npy", "1");
  loads("a/w.npy", "2");
  loads("a/.//w.npy", "2");
  loads("./a/..b/..w..npy", "3");
  loads(".w", "4");
  loads("'a b\xC3\xA9,#.npy'", "5");
  loads("'...'", "6");
  free(sub);
  free(deep);
}
END_TEST

START_TEST(paths_that_may_lead_out_are_refused) {
  const char *dots = "the data file '%s' must lie below the data root: no '..'";
  static const char *const paths[] = {"..", "../w.npy", "a/../w.npy", "a/..", "a//..//w.npy", "./.."};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    char sentence[120];
    snprintf(sentence, sizeof sentence, dots, paths[i]);
    refuses(paths[i], GM_BAD_ARGUMENT, sentence);
  }
  refuses("/etc/passwd", GM_BAD_ARGUMENT,
      "the data file '/etc/passwd' must lie below the data root: no absolute path");
  refuses("/", GM_BAD_ARGUMENT, "the data file '/' must lie below the data root: no absolute path");
}
END_TEST

START_TEST(a_path_is_a_text) {
  const char *sentence = "'file' is the path of a data file";
  refuses("''", GM_BAD_ARGUMENT, sentence);
  refuses("3", GM_BAD_ARGUMENT, sentence);
  refuses_at("", GM_BAD_ARGUMENT, 13, sentence);
  refuses("[w.npy]", GM_BAD_ARGUMENT, sentence);
  refuses("{w: npy}", GM_BAD_ARGUMENT, sentence);
}
END_TEST

START_TEST(what_is_not_there_is_named) {
  write_text(folder, "file", "");
  refuses("none.npy", GM_IO, "the data file 'none.npy' cannot be read: No such file or directory");
  refuses("none/w.npy", GM_IO, "the data file 'none/w.npy' cannot be read: No such file or directory");
  refuses("file/w.npy", GM_IO, "the data file 'file/w.npy' cannot be read: Not a directory");
  refuses("graph.yaml/", GM_IO, "the data file 'graph.yaml/' cannot be read: Not a directory");
}
END_TEST

START_TEST(symbolic_links_are_not_followed) {
  static const char *const targets[] = {"w.npy", "none", ".", "a"};
  static const char *const names[] = {"to_file", "to_none", "to_here", "to_a"};
  char *sub = join_path(folder, "a");
  ck_assert_int_eq(mkdir(sub, 0700), 0);
  save_value("w.npy", "1", GM_INT8);
  save_value("a/w.npy", "1", GM_INT8);
  for (size_t i = 0; i < 4; i++) {
    char *path = join_path(folder, names[i]), sentence[200];
    ck_assert_int_eq(symlink(targets[i], path), 0);
    snprintf(sentence, sizeof sentence, "the data file '%s' cannot be read: a symbolic link is on its way",
        names[i]);
    refuses(names[i], GM_IO, sentence);
    free(path);
  }
  refuses("to_a/w.npy", GM_IO, "the data file 'to_a/w.npy' cannot be read: a symbolic link is on its way");
  refuses("to_here/a/w.npy", GM_IO,
      "the data file 'to_here/a/w.npy' cannot be read: a symbolic link is on its way");
  refuses(
      "to_file/w.npy", GM_IO, "the data file 'to_file/w.npy' cannot be read: a symbolic link is on its way");
  loads("a/w.npy", "1");
  free(sub);
}
END_TEST

START_TEST(a_data_file_is_a_regular_one) {
  char *fifo = join_path(folder, "fifo"), *sub = join_path(folder, "a");
  ck_assert_int_eq(mkfifo(fifo, 0600), 0);
  ck_assert_int_eq(mkdir(sub, 0700), 0);
  refuses("fifo", GM_IO, "the data file 'fifo' is no regular file");
  refuses("a", GM_IO, "the data file 'a' is no regular file");
  refuses("a/", GM_IO, "the data file 'a/' is no regular file");
  refuses(".", GM_IO, "the data file '.' is no regular file");
  refuses("./", GM_IO, "the data file './' is no regular file");
  refuses("a/.", GM_IO, "the data file 'a/.' is no regular file");
  free(fifo);
  free(sub);
}
END_TEST

START_TEST(a_socket_is_no_data_file) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", folder);
  int end = socket(AF_UNIX, SOCK_STREAM, 0);
  ck_assert_int_eq(bind(end, (struct sockaddr *)&address, sizeof address), 0);
  refuses("socket", GM_IO, "the data file 'socket' cannot be read: No such device or address");
  close(end);
}
END_TEST

START_TEST(errors_of_the_format_stand_at_the_path) {
  write_text(folder, "bad.npy", "hello, world");
  refuses("bad.npy", GM_BAD_SYNTAX, "'bad.npy' is no .npy file: it does not begin with \\x93NUMPY");
  refuses("graph.yaml", GM_BAD_SYNTAX, "'graph.yaml' is no .npy file: it does not begin with \\x93NUMPY");
  write_text(folder, "short.npy", "\x93NUMPY");
  refuses(
      "short.npy", GM_IO, "'short.npy' is truncated: a .npy file has at least 10 bytes, but the file has 6");
}
END_TEST

START_TEST(long_paths_are_cut_in_messages) {
  char path[600], sentence[600];
  memset(path, 'a', 400);
  path[400] = 0;
  snprintf(sentence, sizeof sentence, "the data file '%.300s' cannot be read: File name too long", path);
  refuses(path, GM_IO, sentence);
}
END_TEST

/* ---- What is said of a file ---- */

START_TEST(what_is_said_of_a_file_must_be_so) {
  save_value("w.npy", "[1, 2]", GM_FLOAT64);
  refuses_at(
      "w.npy, dtype: float32", GM_BAD_DTYPE, 27, "the file 'w.npy' is float64, but 'dtype' says float32");
  refuses_at("w.npy, shape: [3]", GM_BAD_SHAPE, 27, "the value of 'w' has shape (2,), but 'shape' says [3]");
  refuses_at("w.npy, shape: ~", GM_BAD_ARGUMENT, 27, "'shape' is a list of dims, not '~'");
  refuses_at(
      "w.npy, dtype: flaot64", GM_BAD_ARGUMENT, 27, "unknown dtype 'flaot64': did you mean 'float64'?");
  loads("w.npy, dtype: float64, shape: [2]", "[1. 2.]");
  loads("w.npy, dtype: ~", "[1. 2.]");
}
END_TEST

START_TEST(every_dtype_comes_from_a_file) {
  for (int dtype = 0; gm_dtype_size((gm_dtype)dtype); dtype++) {
    char text[100];
    save_value("w.npy", "[0, 1]", (gm_dtype)dtype);
    write_graph("w.npy");
    gm_graph *graph = gm_graph_load(graph_path, NULL, NULL);
    snprintf(text, sizeof text, "<gm_node 'w' shape=(2,) dtype=%s>", gm_dtype_name((gm_dtype)dtype));
    check_node(graph, "w", text);
    gm_graph_free(graph);
  }
}
END_TEST

/* ---- Roots ---- */

START_TEST(a_root_that_is_given_is_the_root) {
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  char *root = join_path(folder, "data"), *link = join_path(folder, "link"),
       *file = join_path(folder, "file"), sentence[200];
  gm_error error = {.status = GM_OK};
  ck_assert_int_eq(mkdir(root, 0700), 0);
  ck_assert_int_eq(symlink("data", link), 0);
  save_value("data/w.npy", "[5]", GM_INT16);
  write_graph("w.npy");
  options.data_root = root;
  gm_graph *graph = gm_graph_load(graph_path, &options, &error);
  ck_assert_msg(graph, "%s", error.message);
  check_value(graph, "w", "[5]");
  gm_graph_free(graph);
  options.data_root = link;
  graph = gm_graph_load(graph_path, &options, &error);
  ck_assert_msg(graph, "%s", error.message);
  gm_graph_free(graph);
  write_text(folder, "file", "");
  options.data_root = file;
  ck_assert_ptr_null(gm_graph_load(graph_path, &options, &error));
  snprintf(sentence, sizeof sentence, "the data root '%s' cannot be read: Not a directory", file);
  ck_assert_str_eq(error.message, sentence);
  ck_assert_int_eq(error.status, GM_IO);
  ck_assert_int_eq(error.line, 3);
  ck_assert_int_eq(error.column, 13);
  free(root);
  free(link);
  free(file);
}
END_TEST

START_TEST(a_parsed_text_has_files_below_a_root_only) {
  refuse_saying("gemmule: 1\nvariables:\n  w: {file: w.npy}\n", GM_BAD_ARGUMENT, 3, 13, "w",
      "the data file 'w.npy' cannot be read: no data root was given");
}
END_TEST

START_TEST(the_folder_of_the_graph_may_be_the_current_one_or_the_root) {
  gm_error error = {.status = GM_OK};
  save_value("w.npy", "8", GM_INT8);
  write_graph("w.npy");
  ck_assert_int_eq(chdir(folder), 0);
  gm_graph *graph = gm_graph_load("graph.yaml", NULL, &error);
  ck_assert_msg(graph, "%s", error.message);
  check_value(graph, "w", "8");
  gm_graph_free(graph);
  ck_assert_int_eq(chdir("/"), 0);
  ck_assert_ptr_null(gm_graph_load("/none-of-gemmule.yaml", NULL, &error));
  ck_assert_str_eq(error.message, "cannot open '/none-of-gemmule.yaml': No such file or directory");
}
END_TEST

/* ---- Graph files and options ---- */

START_TEST(graph_files_are_regular_and_within_a_size) {
  gm_error error = {.status = GM_OK};
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  char sentence[200];
  write_text(folder, "graph.yaml", "gemmule: 1\n");
  options.max_bytes = 11;
  gm_graph *graph = gm_graph_load(graph_path, &options, &error);
  ck_assert_ptr_nonnull(graph);
  gm_graph_free(graph);
  options.max_bytes = 10;
  ck_assert_ptr_null(gm_graph_load(graph_path, &options, &error));
  snprintf(sentence, sizeof sentence, "'%s' has 11 bytes, more than the limit of 10", graph_path);
  ck_assert_str_eq(error.message, sentence);
  ck_assert_int_eq(error.status, GM_LIMIT);
  ck_assert_str_eq(error.file, graph_path);
  ck_assert_int_eq(error.line, 0);
  ck_assert_ptr_null(gm_graph_load(folder, NULL, &error));
  snprintf(sentence, sizeof sentence, "'%s' is a folder, not a regular file", folder);
  ck_assert_str_eq(error.message, sentence);
  ck_assert_int_eq(error.status, GM_IO);
}
END_TEST

START_TEST(a_text_is_within_a_size) {
  gm_error error = {.status = GM_OK};
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  options.file_name = "given.yaml";
  options.max_bytes = 11;
  gm_graph *graph = gm_graph_parse("gemmule: 1\n", 11, &options, &error);
  ck_assert_ptr_nonnull(graph);
  gm_graph_free(graph);
  options.max_bytes = 10;
  ck_assert_ptr_null(gm_graph_parse("gemmule: 1\n", 11, &options, &error));
  ck_assert_str_eq(error.message, "the text has 11 bytes, more than 10");
  ck_assert_int_eq(error.status, GM_LIMIT);
  ck_assert_str_eq(error.file, "given.yaml");
}
END_TEST

START_TEST(no_text_is_an_empty_one) {
  gm_error error = {.status = GM_OK};
  ck_assert_ptr_null(gm_graph_parse(NULL, 0, NULL, &error));
  ck_assert_str_eq(error.message, "a graph file is a mapping that begins with 'gemmule: 1'");
  ck_assert_ptr_null(gm_graph_parse(NULL, 1, NULL, &error));
  ck_assert_str_eq(error.message, "the text is NULL");
  ck_assert_int_eq(error.status, GM_BAD_ARGUMENT);
  ck_assert_ptr_null(gm_graph_parse(NULL, 1, NULL, NULL));
  ck_assert_ptr_null(gm_graph_load(NULL, NULL, &error));
  ck_assert_str_eq(error.message, "the path is NULL");
  ck_assert_int_eq(error.status, GM_BAD_ARGUMENT);
  ck_assert_ptr_null(gm_graph_load("", NULL, &error));
  ck_assert_str_eq(error.message, "no path is given");
}
END_TEST

START_TEST(nodes_are_counted) {
  const char *text = "gemmule: 1\nplaceholders:\n  x: {shape: [2]}\nnodes:\n  y: {relu: {exp: x}}\n";
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  gm_error error = {.status = GM_OK};
  options.max_nodes = 3;
  gm_graph *graph = gm_graph_parse(text, strlen(text), &options, &error);
  ck_assert_msg(graph, "%s", error.message);
  gm_graph_free(graph);
  options.max_nodes = 2;
  ck_assert_ptr_null(gm_graph_parse(text, strlen(text), &options, &error));
  ck_assert_int_eq(error.status, GM_LIMIT);
  ck_assert_int_eq(error.line, 5);
  ck_assert_int_eq(error.column, 7);
  ck_assert_str_eq(error.node, "y");
}
END_TEST

SUITE(spec_data) {
  tcase_add_checked_fixture(cases, make_folder, remove_all);
  CASE(data_files_lie_below_the_graph);
  CASE(paths_that_may_lead_out_are_refused);
  CASE(a_path_is_a_text);
  CASE(what_is_not_there_is_named);
  CASE(symbolic_links_are_not_followed);
  CASE(a_data_file_is_a_regular_one);
  CASE(a_socket_is_no_data_file);
  CASE(errors_of_the_format_stand_at_the_path);
  CASE(long_paths_are_cut_in_messages);
  CASE(what_is_said_of_a_file_must_be_so);
  CASE(every_dtype_comes_from_a_file);
  CASE(a_root_that_is_given_is_the_root);
  CASE(a_parsed_text_has_files_below_a_root_only);
  CASE(the_folder_of_the_graph_may_be_the_current_one_or_the_root);
  CASE(graph_files_are_regular_and_within_a_size);
  CASE(a_text_is_within_a_size);
  CASE(no_text_is_an_empty_one);
  CASE(nodes_are_counted);
}
