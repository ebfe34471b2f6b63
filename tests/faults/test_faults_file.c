/* SPDX-License-Identifier: MIT
 *
 * Graph files with memory running out at every allocation, libyaml's among them where it is linked
 * statically: loading gives the whole graph or none, saving the whole file or the earlier one, with its data
 * files. */
#include "faults/every_section.h"
#include "faults/memory.h"
#include "faults/walk.h"
#include "support/suite.h"
#include "unit/spec_support.h"

#include <sys/stat.h>

#define MOST 600

static char folder[] = "/tmp/gemmule-faults-XXXXXX";

static char *path_of(const char *name) {
  static char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void describe(const world *w, notes *out) {
  note_graph(out, w->graph);
}

/* ---- Loading ---- */

static gm_status load(world *w, gm_error *error) {
  w->graph = gm_graph_load(w->how, NULL, error);
  return walk_status(w->graph, error);
}

static gm_status parse(world *w, gm_error *error) {
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  options.data_root = folder;
  options.file_name = "text.yaml";
  w->graph = gm_graph_parse(w->how, strlen(w->how), &options, error);
  return walk_status(w->graph, error);
}

static const char *const shipped[] = {"dot_2d", "dot_nd", "dot_outer", "digits", "attention", "chain"};

START_TEST(the_graphs_of_the_project_are_loaded_whole_or_not) {
  long failed = 0;
  for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
    char path[512];
    snprintf(path, sizeof path, "%s/graphs/%s.yaml", GM_SOURCE_DIR, shipped[i]);
    const walk_case c = {shipped[i], NULL, load, describe, NULL, path, false};
    failed += walk(&c, (walk_mode)_i, MOST);
  }
  ck_assert_int_gt(failed, 500);
}
END_TEST

static void make_data(void) {
  gm_tensor *w = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){7, 3}, NULL);
  ck_assert_ptr_nonnull(mkdtemp(folder));
  ck_assert_int_eq(mkdir(path_of("data"), 0777), 0);
  gm_tensor_random_normal(w, 0, 1, 3, NULL);
  ck_assert_int_eq(gm_tensor_save(w, path_of("data/w.npy"), NULL), GM_OK);
  gm_tensor_free(w);
}

START_TEST(every_section_is_read_whole_or_not) {
  const walk_case from_text = {"every section", NULL, parse, describe, NULL, EVERY_SECTION, false};
  make_data();
  write_text(folder, "every.yaml", EVERY_SECTION);
  const walk_case from_file = {"its file", NULL, load, describe, NULL, path_of("every.yaml"), false};
  ck_assert_int_gt(walk(&from_text, (walk_mode)_i, 4 * MOST), 500);
  ck_assert_int_gt(walk(&from_file, (walk_mode)_i, MOST / 2), 250);
  remove_folder(strdup(folder));
}
END_TEST

/* ---- Refusing ---- */

static const char *const refused[] = {
    "gemmule: 1\nnodes: [",
    "gemmule: 1\nname: \xff",
    "gemmule: 1\nname: *alias\n",
    "gemmule: 1\nname: &anchor x\n",
    "gemmule: 1\nname: !tag x\n",
    "%TAG ! tag:example.com,2000:\n---\ngemmule: 2\n",
    "gemmule: 1\n---\ngemmule: 1\n",
    "gemmule: 2\n",
    "gemmule: 1\nnam: x\n",
    "gemmule: 1\nname: a\nname: b\n",
    "gemmule: 1\nplaceholders: {a: {shape: [2]}, b: {shape: [n, (2]}}\n",
    "gemmule: 1\nplaceholders: {a: {shape: [2]}}\nnodes: {b: {softmax: aa}}\n",
    "gemmule: 1\nplaceholders: {a: {shape: [2]}}\nnodes: {b: {sofmax: a}}\n",
    "gemmule: 1\nplaceholders: {a: {shape: [2]}}\nnodes: {b: {softmax: a, axs: 1}}\n",
    "gemmule: 1\nplaceholders: {a: {shape: [2]}}\nnodes: {b: {exp: c}, c: {exp: d}, d: {exp: b}}\n",
    "gemmule: 1\nplaceholders: {a: {shape: [2, 3]}}\nnodes: {b: {dot: [a, a]}}\n",
    "gemmule: 1\nvariables: {a: {value: [[1], [1, 2]]}}\n",
    "gemmule: 1\nvariables: {a: {file: none.npy}}\n",
    "gemmule: 1\nvariables: {a: {file: ../w.npy}}\n",
    "gemmule: 1\nvariables: {a: {shape: [n], init: zeros}}\n",
    "gemmule: 1\nvariables: {a: {shape: [2], init: random}}\n",
    "gemmule: 1\noutputs: [nothing]\n",
};

START_TEST(a_refusal_finds_its_words_or_says_so) {
  make_data();
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    const walk_case c = {refused[i], NULL, parse, describe, NULL, refused[i], true};
    ck_assert_int_gt(walk(&c, (walk_mode)_i, MOST / 4), 5);
  }
  remove_folder(strdup(folder));
}
END_TEST

/* ---- Saving ---- */

static gm_node add_random(gm_graph *graph, const char *name, int64_t count, uint64_t seed) {
  gm_tensor *value = gm_tensor_new(GM_FLOAT32, 1, &count, NULL);
  ck_assert_int_eq(gm_tensor_random_normal(value, 0, 1, seed, NULL), GM_OK);
  gm_node node = gm_variable(graph, name, value);
  gm_tensor_free(value);
  return node;
}

/** Three values that go to files and one that stands in the text. */
static gm_graph *trained(uint64_t seed) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  add_random(graph, "a", 40, seed);
  add_random(graph, "small", 3, seed);
  add_random(graph, "b", 50, seed);
  add_random(graph, "c", 60, seed);
  return graph;
}

static void with_earlier(world *w) {
  gm_error error = {0};
  gm_graph *earlier = trained(1);
  ck_assert_msg(gm_graph_save(earlier, path_of("g.yaml"), &error) == GM_OK, "%s", error.message);
  gm_graph_free(earlier);
  w->graph = trained(2);
}

static gm_status save(world *w, gm_error *error) {
  return gm_graph_save(w->graph, path_of("g.yaml"), error);
}

static void describe_folder(const world *w, notes *out) {
  (void)w;
  note_folder(out, folder, true);
}

START_TEST(saving_replaces_the_earlier_graph_or_leaves_it) {
  const walk_case c = {"gm_graph_save", with_earlier, save, describe_folder, describe_folder, NULL, false};
  ck_assert_ptr_nonnull(mkdtemp(folder));
  ck_assert_int_gt(walk(&c, (walk_mode)_i, MOST), 10);
  remove_folder(strdup(folder));
}
END_TEST

static void emptied(world *w) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf -- '%s/g.yaml' '%s/g.data'", folder, folder);
  ck_assert_int_eq(system(command), 0);
  w->graph = trained(2);
}

START_TEST(saving_leaves_nothing_where_nothing_was) {
  const walk_case c = {"gm_graph_save anew", emptied, save, describe_folder, describe_folder, NULL, false};
  ck_assert_ptr_nonnull(mkdtemp(folder));
  ck_assert_int_gt(walk(&c, (walk_mode)_i, 60), 10);
  remove_folder(strdup(folder));
}
END_TEST

static void loaded_every_section(world *w) {
  gm_error error = {0};
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  options.data_root = folder;
  w->graph = gm_graph_parse(EVERY_SECTION, strlen(EVERY_SECTION), &options, &error);
  ck_assert_msg(w->graph != NULL, "%s", error.message);
}

START_TEST(every_section_is_saved_or_not) {
  const walk_case c = {
      "gm_graph_save of every section", loaded_every_section, save, describe_folder, NULL, NULL, false};
  make_data();
  ck_assert_int_gt(walk(&c, (walk_mode)_i, MOST), 20);
  remove_folder(strdup(folder));
}
END_TEST

static void with_unsavable_output(world *w) {
  w->graph = trained(3);
  gm_node outputs[] = {gm_node_named(w->graph, "a"), gm_number(w->graph, 1)};
  ck_assert_int_eq(gm_graph_set_outputs(w->graph, outputs, 2, NULL), GM_OK);
}

START_TEST(a_graph_that_no_file_can_hold_changes_nothing) {
  const walk_case c = {"an output that is a number", with_unsavable_output, save, describe_folder,
      describe_folder, NULL, true};
  ck_assert_ptr_nonnull(mkdtemp(folder));
  ck_assert_int_gt(walk(&c, (walk_mode)_i, MOST), 10);
  remove_folder(strdup(folder));
}
END_TEST

SUITE(faults_file) {
  tcase_add_loop_test(cases, the_graphs_of_the_project_are_loaded_whole_or_not, 0, WALK_MODES);
  tcase_add_loop_test(cases, every_section_is_read_whole_or_not, 0, WALK_MODES);
  tcase_add_loop_test(cases, a_refusal_finds_its_words_or_says_so, 0, WALK_MODES);
  tcase_add_loop_test(cases, saving_replaces_the_earlier_graph_or_leaves_it, 0, WALK_MODES);
  tcase_add_loop_test(cases, saving_leaves_nothing_where_nothing_was, 0, WALK_MODES);
  tcase_add_loop_test(cases, every_section_is_saved_or_not, 0, WALK_MODES);
  tcase_add_loop_test(cases, a_graph_that_no_file_can_hold_changes_nothing, 0, WALK_MODES);
}
