/* SPDX-License-Identifier: MIT
 *
 * A user's program in C: builds a product, plans it, runs it, prints node and result. */
#include <gemmule/gemmule.h>
#include <stdio.h>

static int print_run(gm_graph *graph, gm_node node) {
  char text[200];
  gm_tensor *value = NULL;
  gm_error error = {0};
  gm_node_text(graph, node, text, sizeof text);
  puts(text);
  if (gm_eval(graph, node, &value, &error) != GM_OK) {
    puts(error.message);
    return 1;
  }
  gm_tensor_text(value, text, sizeof text);
  puts(text);
  gm_tensor_free(value);
  return 0;
}

int main(void) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_ones(graph, "x", GM_FLOAT32, "2, 3"), y = gm_ones(graph, "y", GM_FLOAT32, "3, 4");
  int status = print_run(graph, gm_name(graph, gm_dot(graph, x, y), "xy"));
  gm_graph_free(graph);
  return status;
}
