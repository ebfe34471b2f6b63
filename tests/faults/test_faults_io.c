/* SPDX-License-Identifier: MIT
 *
 * Every call on files failing, interrupted, or moving fewer bytes than asked, in turn: GM_IO or the whole
 * result, no descriptor, no block and no temporary file left, earlier files as they were, and the same call
 * works afterwards. */
#include "faults/calls.h"
#include "faults/every_section.h"
#include "faults/memory.h"
#include "faults/walk.h"
#include "support/suite.h"
#include "unit/spec_support.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>

static notes want, got, before, after;
static char folder[] = "/tmp/gemmule-faults-XXXXXX";

/** A call on files. `forgives` names the calls whose failure need not matter to it. */
typedef struct file_case {
  walk_case walk;
  const char *forgives;
} file_case;

static const char *path_of(const char *name) {
  static char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walked) {
  (void)status;
  (void)type;
  return walked->level == 0 ? 0 : remove(path);
}

static void empty_folder(void) {
  ck_assert_int_eq(nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* ---- The calls ---- */

static gm_tensor *drawn(int64_t count, uint64_t seed) {
  gm_tensor *value = gm_tensor_new(GM_FLOAT32, 1, &count, NULL);
  ck_assert_int_eq(gm_tensor_random_normal(value, 0, 1, seed, NULL), GM_OK);
  return value;
}

/** Three values that go to files and one that stands in the text. */
static gm_graph *trained(uint64_t seed) {
  static const char *const names[] = {"a", "b", "small", "c"};
  static const int64_t counts[] = {40, 50, 3, 60};
  gm_graph *graph = gm_graph_new(NULL, NULL);
  for (int i = 0; i < 4; i++) {
    gm_tensor *value = drawn(counts[i], seed + (uint64_t)i);
    gm_variable(graph, names[i], value);
    gm_tensor_free(value);
  }
  return graph;
}

static void save_earlier(void) {
  gm_error error = {0};
  gm_graph *earlier = trained(10);
  gm_tensor *value = drawn(33, 1);
  ck_assert_msg(gm_graph_save(earlier, path_of("g.yaml"), &error) == GM_OK, "%s", error.message);
  ck_assert_msg(gm_tensor_save(value, path_of("t.npy"), &error) == GM_OK, "%s", error.message);
  gm_tensor_free(value);
  gm_graph_free(earlier);
}

static void with_earlier(world *w) {
  empty_folder();
  save_earlier();
  w->graph = trained(20);
  w->tensors[0] = drawn(44, 2);
}

static void with_saved(world *w) {
  (void)w;
  empty_folder();
  save_earlier();
}

static void with_nothing(world *w) {
  empty_folder();
  w->graph = trained(20);
  w->tensors[0] = drawn(44, 2);
}

static void with_every_section(world *w) {
  (void)w;
  gm_tensor *value = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){7, 3}, NULL);
  empty_folder();
  save_earlier();
  write_text(folder, "every.yaml", EVERY_SECTION);
  mkdir(path_of("data"), 0777);
  ck_assert_int_eq(gm_tensor_save(value, path_of("data/w.npy"), NULL), GM_OK);
  gm_tensor_free(value);
}

static gm_status save_graph(world *w, gm_error *error) {
  return gm_graph_save(w->graph, path_of("g.yaml"), error);
}

static gm_status save_tensor(world *w, gm_error *error) {
  return gm_tensor_save(w->tensors[0], path_of("t.npy"), error);
}

static gm_status load_graph(world *w, gm_error *error) {
  w->graph = gm_graph_load(path_of(w->how), NULL, error);
  return walk_status(w->graph, error);
}

static gm_status load_tensor(world *w, gm_error *error) {
  w->made = gm_tensor_load(path_of("t.npy"), error);
  return walk_status(w->made, error);
}

static void describe_loaded(const world *w, notes *out) {
  if (w->graph != NULL) note_graph(out, w->graph);
  note_tensor(out, w->made);
}

/** Files but temporary ones. */
static void describe_folder(const world *w, notes *out) {
  (void)w;
  note_folder(out, folder, false);
}

#define SAVING "stat lstat mkdir link unlink rmdir"
#define LOADING "close fstatat"

static const file_case saving[] = {
    {{"gm_graph_save", with_earlier, save_graph, describe_folder, describe_folder, NULL, false}, SAVING},
    {{"gm_graph_save anew", with_nothing, save_graph, describe_folder, describe_folder, NULL, false},
        "stat lstat link unlink rmdir"},
    {{"gm_tensor_save", with_earlier, save_tensor, describe_folder, describe_folder, NULL, false}, SAVING},
    {{"gm_tensor_save anew", with_nothing, save_tensor, describe_folder, describe_folder, NULL, false},
        SAVING},
};
enum { SAVINGS = sizeof saving / sizeof *saving };

static const file_case loading[] = {
    {{"gm_graph_load", with_every_section, load_graph, describe_loaded, describe_folder, "every.yaml", false},
        LOADING},
    {{"gm_graph_load of a saved one", with_saved, load_graph, describe_loaded, describe_folder, "g.yaml",
         false},
        LOADING},
    {{"gm_tensor_load", with_saved, load_tensor, describe_loaded, describe_folder, NULL, false}, LOADING},
};
enum { LOADINGS = sizeof loading / sizeof *loading };

/* ---- What must hold ---- */

static int open_descriptors(void) {
  int count = 0;
  DIR *open = opendir("/proc/self/fd");
  while (open != NULL && readdir(open) != NULL) count++;
  if (open != NULL) closedir(open);
  return count;
}

static bool has_word(const char *words, const char *word) {
  const char *at = strstr(words, word);
  size_t length = strlen(word);
  for (; at != NULL; at = strstr(at + 1, word))
    if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0')) return true;
  return false;
}

static void ck_same(const file_case *c, const char *call, long at, const notes *is, const notes *must) {
  ck_assert_msg(strcmp(is->text, must->text) == 0, "%s, %s (call %ld):\n%s\nis not\n%s", c->walk.name, call,
      at, is->text, must->text);
}

/** No temporary files, unless removing them is what failed. */
static void ck_tidy(const file_case *c, const char *call, long at) {
  note_clear(&got);
  note_clear(&after);
  note_folder(&got, folder, true);
  note_folder(&after, folder, false);
  if (strcmp(call, "unlink") != 0) ck_same(c, call, at, &got, &after);
}

static void ck_failed(
    const file_case *c, const char *call, long at, gm_status status, const gm_error *error, const world *w) {
  ck_assert_msg(status == GM_IO && error->status == GM_IO && error->message[0] != '\0',
      "%s, %s (call %ld): %s, %s", c->walk.name, call, at, gm_status_name(status), error->message);
  ck_tidy(c, call, at);
  note_clear(&after);
  c->walk.state(w, &after);
  ck_same(c, call, at, &after, &before);
}

/** A fault in call `at`; NULL when there is no such call, else the name of the call. */
static const char *attempt(
    const file_case *c, long at, bool persists, call_fault fault, int number, gm_status *status) {
  world w;
  gm_error error = {0};
  long live = memory_live();
  int descriptors = open_descriptors();
  walk_begin(&c->walk, &w);
  note_clear(&before);
  c->walk.state(&w, &before);
  calls_arm(at, persists, fault, number);
  *status = c->walk.call(&w, &error);
  const char *call = calls_disarm();
  if (call != NULL && *status != GM_OK) {
    ck_failed(c, call, at, *status, &error, &w);
    walk_in_peace(&c->walk, &w, &got);
  } else {
    if (call != NULL) ck_tidy(c, call, at);
    note_clear(&got);
    c->walk.describe(&w, &got);
  }
  ck_same(c, call ? call : "none", at, &got, &want);
  walk_drop(&w);
  ck_assert_msg(memory_live() == live && open_descriptors() == descriptors,
      "%s, %s (call %ld): %ld blocks, %d files", c->walk.name, call ? call : "none", at, memory_live() - live,
      open_descriptors() - descriptors);
  return call;
}

static void learn(const file_case *c) {
  world w;
  walk_begin(&c->walk, &w);
  walk_in_peace(&c->walk, &w, &want);
  walk_drop(&w);
}

static void ck_each_failing(const file_case *c, bool persists, int number) {
  gm_status status;
  const char *call;
  int failed = 0;
  learn(c);
  for (long at = 0; (call = attempt(c, at, persists, CALL_FAILS, number, &status)) != NULL; at++) {
    bool matters = !has_word(c->forgives, call);
    ck_assert_msg(
        status == GM_IO || !matters, "%s, %s (call %ld): %s", c->walk.name, call, at, gm_status_name(status));
    failed += status == GM_IO;
  }
  ck_assert_int_ge(failed, 3);
}

/** Calls that move bytes have a fault that the library makes up for. */
static void ck_each_made_up_for(
    const file_case *c, bool persists, call_fault fault, int number, const char *calls) {
  gm_status status;
  const char *call;
  int met = 0;
  learn(c);
  for (long at = 0; (call = attempt(c, at, persists, fault, number, &status)) != NULL; at++) {
    if (!has_word(calls, call)) continue;
    ck_assert_msg(status == GM_OK, "%s, %s (call %ld): %s", c->walk.name, call, at, gm_status_name(status));
    met++;
  }
  ck_assert_int_ge(met, 1);
}

/** Where a read ends that has everything, nothing is wrong. */
static void ck_each_ending(const file_case *c, const char *calls) {
  gm_status status;
  const char *call;
  int met = 0;
  learn(c);
  for (long at = 0; (call = attempt(c, at, false, CALL_ENDS, 0, &status)) != NULL; at++)
    met += has_word(calls, call) && status == GM_IO;
  ck_assert_int_ge(met, 2);
}

/* ---- The tests ---- */

static void make_folder(void) {
  ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void drop_folder(void) {
  remove_folder(strdup(folder));
}

static const int numbers[] = {EIO, ENOSPC, EMFILE};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

START_TEST(each_call_of_saving_may_fail) {
  make_folder();
  for (int i = 0; i < SAVINGS; i++) ck_each_failing(&saving[i], false, numbers[_i]);
  drop_folder();
}
END_TEST

START_TEST(each_call_of_saving_may_fail_without_links) {
  make_folder();
  calls_without_links(true);
  for (int i = 0; i < SAVINGS; i++) ck_each_failing(&saving[i], false, EIO);
  calls_without_links(false);
  drop_folder();
}
END_TEST

START_TEST(each_call_of_loading_may_fail) {
  make_folder();
  for (int i = 0; i < LOADINGS; i++) ck_each_failing(&loading[i], _i / NUMBERS != 0, numbers[_i % NUMBERS]);
  drop_folder();
}
END_TEST

START_TEST(what_a_signal_interrupts_is_done_again) {
  make_folder();
  for (int i = 0; i < SAVINGS; i++)
    ck_each_made_up_for(&saving[i], false, CALL_FAILS, EINTR, "open openat pread read write close");
  for (int i = 0; i < LOADINGS; i++)
    ck_each_made_up_for(&loading[i], false, CALL_FAILS, EINTR, "open openat pread read write close");
  drop_folder();
}
END_TEST

START_TEST(a_name_that_is_taken_is_passed_over) {
  make_folder();
  for (int i = 0; i < SAVINGS; i++) ck_each_made_up_for(&saving[i], false, CALL_FAILS, EEXIST, "open");
  drop_folder();
}
END_TEST

START_TEST(short_reads_and_writes_go_on) {
  call_fault fault = _i % 2 != 0 ? CALL_HALVES : CALL_IS_SLOW;
  make_folder();
  for (int i = 0; i < SAVINGS; i++)
    ck_each_made_up_for(&saving[i], _i / 2 != 0, fault, 0, "write open close");
  for (int i = 0; i < LOADINGS; i++)
    ck_each_made_up_for(&loading[i], _i / 2 != 0, fault, 0, "pread open close");
  drop_folder();
}
END_TEST

START_TEST(an_end_that_comes_too_early_is_an_error) {
  make_folder();
  for (int i = 0; i < SAVINGS; i++) ck_each_ending(&saving[i], "write");
  for (int i = 0; i < LOADINGS; i++) ck_each_ending(&loading[i], "pread");
  drop_folder();
}
END_TEST

/* ---- Names that can no longer be changed ---- */

/** Is each file of `earlier` still there, under whatever name? */
static bool keeps(const notes *earlier, const notes *now) {
  char line[300];
  for (const char *at = earlier->text; *at != '\0'; at += strcspn(at, "\n") + 1) {
    snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
    const char *bits = strchr(line, ' ');
    if (bits != NULL && strstr(now->text, bits) == NULL) return false;
  }
  return true;
}

/** Saves while every rename from call `at` on fails; NULL when there is no such call. */
static const char *save_without_names(long at) {
  world w;
  walk_begin(&saving[0].walk, &w);
  note_clear(&before);
  note_clear(&after);
  note_folder(&before, folder, true);
  calls_arm(at, true, CALL_FAILS, EROFS);
  gm_status status = save_graph(&w, NULL);
  const char *call = calls_disarm();
  note_folder(&after, folder, true);
  bool renames = call != NULL && strcmp(call, "rename") == 0;
  ck_assert(!renames || (status == GM_IO && keeps(&before, &after)));
  walk_drop(&w);
  return call;
}

START_TEST(nothing_is_lost_when_names_stay_as_they_are) {
  make_folder();
  for (long at = 0; save_without_names(at) != NULL; at++) {
  }
  drop_folder();
}
END_TEST

static const char *save_then_load(long at) {
  world w;
  gm_graph *earlier = trained(10);
  walk_begin(&saving[0].walk, &w);
  calls_arm(at, false, CALL_FAILS, ENOSPC);
  gm_status status = save_graph(&w, NULL);
  const char *call = calls_disarm();
  gm_graph *loaded = gm_graph_load(path_of("g.yaml"), NULL, NULL);
  ck_assert_ptr_nonnull(loaded);
  note_clear(&got);
  note_clear(&want);
  note_graph(&got, loaded);
  note_graph(&want, status == GM_OK ? w.graph : earlier);
  ck_assert_str_eq(got.text, want.text);
  gm_graph_free(loaded);
  gm_graph_free(earlier);
  walk_drop(&w);
  return call;
}

START_TEST(after_a_failed_save_the_earlier_graph_loads) {
  make_folder();
  for (long at = 0; save_then_load(at) != NULL; at++) {
  }
  drop_folder();
}
END_TEST

SUITE(faults_io) {
  tcase_add_loop_test(cases, each_call_of_saving_may_fail, 0, NUMBERS);
  CASE(each_call_of_saving_may_fail_without_links);
  tcase_add_loop_test(cases, each_call_of_loading_may_fail, 0, 2 * NUMBERS);
  CASE(what_a_signal_interrupts_is_done_again);
  CASE(a_name_that_is_taken_is_passed_over);
  tcase_add_loop_test(cases, short_reads_and_writes_go_on, 0, 4);
  CASE(an_end_that_comes_too_early_is_an_error);
  CASE(nothing_is_lost_when_names_stay_as_they_are);
  CASE(after_a_failed_save_the_earlier_graph_loads);
}
