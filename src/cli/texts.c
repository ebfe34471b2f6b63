/* SPDX-License-Identifier: MIT
 *
 * The library's texts in memory of their own: ask for the length, then for the text. */
#include "cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

char *node_text(node_text_function *function, const gm_graph *graph, gm_node node) {
  size_t size = function(graph, node, NULL, 0) + 1;
  char *text = need(size, 1);
  function(graph, node, text, size);
  return text;
}

char *attributes_text(const gm_graph *graph, gm_node node, unsigned flags) {
  size_t size = gm_node_attributes_text(graph, node, flags, NULL, 0) + 1;
  char *text = need(size, 1);
  gm_node_attributes_text(graph, node, flags, text, size);
  return text;
}

char *dim_text(const gm_graph *graph, gm_node node, int axis) {
  size_t size = gm_node_dim_text(graph, node, axis, NULL, 0) + 1;
  char *text = need(size, 1);
  gm_node_dim_text(graph, node, axis, text, size);
  return text;
}

char *graph_flops_text(const gm_graph *graph) {
  size_t size = gm_graph_flops_text(graph, NULL, 0) + 1;
  char *text = need(size, 1);
  gm_graph_flops_text(graph, text, size);
  return text;
}

char *symbol_text(const gm_graph *graph, size_t index) {
  size_t size = gm_graph_symbol_text(graph, index, NULL, 0) + 1;
  char *text = need(size, 1);
  gm_graph_symbol_text(graph, index, text, size);
  return text;
}

void list_begin(word_list *words) {
  *words = (word_list){.text = NULL};
  words->out.file = open_memstream(&words->text, &words->length);
  if (!words->out.file) no_memory();
}

void list_add(word_list *words, const char *word) {
  if (words->any) put_text(&words->out, ", ");
  words->any = true;
  put_text(&words->out, word);
}

void list_end(word_list *words) {
  if (fclose(words->out.file) != 0 || words->out.error) no_memory();
}

char *dims_text(int rank, const int64_t *dims) {
  char *text = need((size_t)rank + 1, 24), *at = text;
  *at++ = '(';
  for (int i = 0; i < rank; i++) at += sprintf(at, "%s%" PRId64, i ? ", " : "", dims[i]);
  strcpy(at, rank == 1 ? ",)" : ")");
  return text;
}

char *label_text(const gm_graph *graph, gm_node node, unsigned flags) {
  const char *name = gm_node_name(graph, node);
  return name ? need_text("%s", name) : attributes_text(graph, node, flags);
}
