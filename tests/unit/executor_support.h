/* SPDX-License-Identifier: MIT
 *
 * The small graph that the tests of executors run. */
#ifndef GM_TESTS_EXECUTOR_SUPPORT_H
#define GM_TESTS_EXECUTOR_SUPPORT_H

#include "support/build.h"

/** y = dot(x, w) and z = tanh(y), x (n, 3), w (3, 4) all ones; "spare" is a placeholder nobody needs. */
static inline gm_graph *graph_of(gm_node outputs[2]) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n, 3");
  gm_placeholder(graph, "spare", GM_FLOAT32, "7, 7");
  outputs[0] = gm_dot(graph, x, gm_ones(graph, "w", GM_FLOAT32, "3, 4"));
  outputs[1] = apply1(graph, "tanh", outputs[0], NULL);
  return graph;
}

static inline gm_executor *small(size_t count) {
  gm_node outputs[2];
  gm_graph *graph = graph_of(outputs);
  gm_executor *e = executor_of(graph, outputs, count);
  gm_graph_free(graph);
  return e;
}

#endif
