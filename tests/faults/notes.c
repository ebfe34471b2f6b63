/* SPDX-License-Identifier: MIT
 *
 * See notes.h. */
#include "faults/notes.h"

#include <check.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 32, FILE_NAME = 272 };

void note_clear(notes *out) {
  out->length = 0;
  out->text[0] = '\0';
}

void note(notes *out, const char *format, ...) {
  va_list values;
  va_start(values, format);
  int count = vsnprintf(out->text + out->length, NOTES_SIZE - out->length, format, values);
  va_end(values);
  if (count < 0 || (size_t)count >= NOTES_SIZE - out->length) ck_abort_msg("no room for more notes");
  out->length += (size_t)count;
}

static uint64_t hash_bytes(uint64_t hash, const unsigned char *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
  return hash;
}

void note_tensor(notes *out, const gm_tensor *tensor) {
  if (tensor == NULL) {
    note(out, "none\n");
    return;
  }
  gm_dtype dtype = gm_tensor_dtype(tensor);
  size_t bytes = (size_t)gm_tensor_count(tensor) * gm_dtype_size(dtype);
  note(out, "%s (", gm_dtype_name(dtype));
  for (int axis = 0; axis < gm_tensor_rank(tensor); axis++)
    note(out, "%lld,", (long long)gm_tensor_dims(tensor)[axis]);
  note(out, ") %016llx\n",
      (unsigned long long)hash_bytes(UINT64_C(0xcbf29ce484222325), gm_tensor_cdata(tensor), bytes));
}

static void note_value(notes *out, const gm_graph *graph, gm_node node) {
  gm_error error = {0};
  gm_tensor *value = NULL;
  const char *op = gm_node_op(graph, node);
  if (strcmp(op, "variable") != 0 && strcmp(op, "constant") != 0) return;
  ck_assert_msg(gm_variable_get(graph, node, &value, &error) == GM_OK, "%s", error.message);
  note_tensor(out, value);
  gm_tensor_free(value);
}

static void note_node(notes *out, const gm_graph *graph, gm_node node) {
  char text[4096];
  ck_assert_uint_lt(gm_node_text(graph, node, text, sizeof text), sizeof text);
  note(out, "%s %s(", text, gm_node_op(graph, node));
  for (size_t i = 0; i < gm_node_input_count(graph, node); i++) {
    const char *name = gm_node_name(graph, gm_node_input(graph, node, i));
    note(out, "%s,", name ? name : "number");
  }
  gm_node_attributes_text(graph, node, 0, text, sizeof text);
  note(out, ") %s", text);
  gm_node_flops_text(graph, node, text, sizeof text);
  note(out, " %s \"%s\"\n", text, gm_node_doc(graph, node));
  note_value(out, graph, node);
}

void note_graph(notes *out, const gm_graph *graph) {
  char text[4096];
  gm_node outputs[16];
  note(out, "graph '%s' \"%s\"\n", gm_graph_name(graph), gm_graph_doc(graph));
  for (size_t i = 0; i < gm_graph_node_count(graph); i++) note_node(out, graph, gm_graph_node_at(graph, i));
  for (size_t i = 0; i < gm_graph_symbol_count(graph); i++) {
    gm_graph_symbol_text(graph, i, text, sizeof text);
    note(out, "symbol %s: %s\n", gm_graph_symbol_name(graph, i), text);
  }
  gm_graph_flops_text(graph, text, sizeof text);
  note(out, "flops %s, outputs", text);
  size_t count = gm_graph_outputs(graph, outputs, 16);
  for (size_t i = 0; i < count && i < 16; i++) note(out, " %s", gm_node_name(graph, outputs[i]));
  note(out, "\n");
}

void note_outputs(notes *out, const gm_executor *executor, size_t count) {
  for (size_t i = 0; i < count; i++) note_tensor(out, gm_executor_output(executor, i));
}

static void note_file(notes *out, const char *path, const char *name) {
  unsigned char block[4096];
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  size_t size = 0, got;
  FILE *file = fopen(path, "rb");
  ck_assert_msg(file != NULL, "%s", path);
  while ((got = fread(block, 1, sizeof block, file)) > 0) {
    hash = hash_bytes(hash, block, got);
    size += got;
  }
  fclose(file);
  note(out, "%s %zu %016llx\n", name, size, (unsigned long long)hash);
}

static int by_name(const void *a, const void *b) {
  return strcmp(a, b);
}

static size_t read_names(const char *folder, bool hidden, char names[][FILE_NAME]) {
  size_t count = 0;
  const struct dirent *entry;
  DIR *open = opendir(folder);
  ck_assert_msg(open != NULL, "%s", folder);
  while ((entry = readdir(open)) != NULL) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (!hidden && entry->d_name[0] == '.') continue;
    ck_assert_uint_lt(count, FILES);
    snprintf(names[count++], FILE_NAME, "%s%s", entry->d_name, entry->d_type == DT_DIR ? "/" : "");
  }
  closedir(open);
  qsort(names, count, FILE_NAME, by_name);
  return count;
}

void note_folder(notes *out, const char *folder, bool hidden) {
  char names[FILES][FILE_NAME], path[1024];
  size_t count = read_names(folder, hidden, names);
  for (size_t i = 0; i < count; i++) {
    int length = snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    ck_assert_int_lt(length, (int)sizeof path);
    if (names[i][strlen(names[i]) - 1] != '/') {
      note_file(out, path, names[i]);
      continue;
    }
    note(out, "%s\n", names[i]);
    note_folder(out, path, hidden);
  }
}
