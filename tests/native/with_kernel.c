/* SPDX-License-Identifier: MIT
 *
 * `with_kernel NAME PROGRAM [WORD...]` runs a program of tests with all plans by that kernel
 * (support/forced.c), or ends with 77 where this processor has no such one. */
#include <gemmule/gemmule.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Does a small product go to the kernel that is named? */
static bool is_here(const char *name) {
  char text[4000] = "";
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node a = gm_placeholder(graph, "a", GM_FLOAT32, "8, 8");
  gm_node y = gm_dot(graph, a, gm_placeholder(graph, "b", GM_FLOAT32, "8, 8"));
  options.kernel = name;
  gm_plan *plan = gm_plan_new(graph, &y, 1, &options, NULL);
  if (plan != NULL) gm_plan_text(plan, NULL, 0, text, sizeof text, NULL);
  gm_plan_free(plan);
  gm_graph_free(graph);
  return strstr(text, name) != NULL;
}

int main(int count, char **words) {
  if (count < 3) return 2;
  if (!is_here(words[1])) {
    printf("no kernel '%s' here\n", words[1]);
    return 77;
  }
  setenv("GM_TEST_KERNEL", words[1], 1);
  execv(words[2], words + 2);
  perror(words[2]);
  return 2;
}
