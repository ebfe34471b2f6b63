/* SPDX-License-Identifier: MIT
 *
 * Graph files for tests: parsed from text, with the format version put before; refusals with status, place
 * and words; and a folder of the test's own. */
#ifndef GM_TESTS_SPEC_SUPPORT_H
#define GM_TESTS_SPEC_SUPPORT_H

#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gemmule/gemmule.h>

static inline void *room_for(size_t bytes) {
  void *room = calloc(bytes, 1);
  if (!room) abort();
  return room;
}

/** The graph of "gemmule: 1" and `text`, which begins on line 2. */
static inline gm_graph *parse_graph(const char *text) {
  char *whole = room_for(strlen(text) + 16);
  gm_error error = {.status = GM_OK};
  sprintf(whole, "gemmule: 1\n%s", text);
  gm_graph *graph = gm_graph_parse(whole, strlen(whole), NULL, &error);
  ck_assert_msg(graph, "%d:%d: %s", error.line, error.column, error.message);
  free(whole);
  return graph;
}

/** The whole text is refused with this status, at this place, in words that hold `words`. */
static inline void refuse_text(const char *text, gm_status status, int line, int column, const char *words) {
  gm_error error = {.status = GM_OK};
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  options.file_name = "test.yaml";
  gm_graph *graph = gm_graph_parse(text, strlen(text), &options, &error);
  ck_assert_msg(!graph, "not refused: %s", text);
  ck_assert_msg(
      error.status == status && error.line == line && error.column == column && strstr(error.message, words),
      "%s at %d:%d: %s\n%s", gm_status_name(error.status), error.line, error.column, error.message, text);
  ck_assert_str_eq(error.file, "test.yaml");
}

/** refuse_text of "gemmule: 1" and `text`, which begins on line 2. */
static inline void refuse(const char *text, gm_status status, int line, int column, const char *words) {
  char *whole = room_for(strlen(text) + 16);
  sprintf(whole, "gemmule: 1\n%s", text);
  refuse_text(whole, status, line, column, words);
  free(whole);
}

/** The whole text is refused with exactly this sentence, at this place; `node` NULL: none. */
static inline void refuse_saying(
    const char *text, gm_status status, int line, int column, const char *node, const char *sentence) {
  gm_error error = {.status = GM_OK};
  gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, &error);
  ck_assert_msg(!graph, "not refused: %.300s", text);
  ck_assert_str_eq(error.message, sentence);
  ck_assert_msg(error.status == status && error.line == line && error.column == column, "%s at %d:%d: %.300s",
      gm_status_name(error.status), error.line, error.column, text);
  ck_assert_str_eq(error.node, node ? node : "");
}

static inline void check_node(const gm_graph *graph, const char *name, const char *text) {
  char shown[256];
  gm_node_text(graph, gm_node_named(graph, name), shown, sizeof shown);
  ck_assert_str_eq(shown, text);
}

/** A path in a new folder; the text is the caller's to free. */
static inline char *new_folder(void) {
  char *folder = room_for(64);
  strcpy(folder, "/tmp/gemmule-spec-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(folder));
  return folder;
}

static inline char *join_path(const char *folder, const char *name) {
  char *path = room_for(strlen(folder) + strlen(name) + 2);
  sprintf(path, "%s/%s", folder, name);
  return path;
}

static inline void write_text(const char *folder, const char *name, const char *text) {
  char *path = join_path(folder, name);
  FILE *file = fopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  fputs(text, file);
  fclose(file);
  free(path);
}

static inline char *read_text_file(const char *folder, const char *name) {
  char *path = join_path(folder, name), *text = room_for(1 << 20);
  FILE *file = fopen(path, "rb");
  ck_assert_msg(file, "%s", path);
  ck_assert_uint_lt(fread(text, 1, (1 << 20) - 1, file), (1 << 20) - 1);
  fclose(file);
  free(path);
  return text;
}

static inline void remove_folder(char *folder) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf -- '%s'", folder);
  ck_assert_int_eq(system(command), 0);
  free(folder);
}

/** The value of a variable or constant as text; the caller frees it. */
static inline char *value_text(const gm_graph *graph, const char *name) {
  gm_tensor *value = NULL;
  gm_error error;
  ck_assert_int_eq(gm_variable_get(graph, gm_node_named(graph, name), &value, &error), GM_OK);
  size_t size = gm_tensor_text(value, NULL, 0) + 1;
  char *text = room_for(size);
  gm_tensor_text(value, text, size);
  gm_tensor_free(value);
  return text;
}

static inline void check_value(const gm_graph *graph, const char *name, const char *text) {
  char *shown = value_text(graph, name);
  ck_assert_str_eq(shown, text);
  free(shown);
}

#endif
