/* SPDX-License-Identifier: MIT
 *
 * gemmule plan: what will be executed and why, for symbolic dims or for those that --dim gives. */
#include "cli.h"

#include <stdlib.h>

static int print_plan(cli *c, const gm_plan *plan, const char *dims) {
  gm_error error = {.status = GM_OK};
  unsigned flags = c->args.json ? GM_TEXT_JSON : 0;
  size_t length = gm_plan_text(plan, dims, flags, NULL, 0, &error);
  if (length == 0) return say_argument_error(c, &error);
  char *text = need(length + 1, 1);
  size_t again = gm_plan_text(plan, dims, flags, text, length + 1, &error);
  int code = again ? EXIT_OK : say_argument_error(c, &error);
  if (again) put(&c->out, text[length - 1] == '\n' ? "%s" : "%s\n", text);
  free(text);
  return code;
}

static int run(cli *c) {
  gm_graph *graph = NULL;
  gm_plan *plan = NULL;
  gm_node *outputs = NULL;
  char *dims = NULL;
  size_t count = 0;
  int code = load_graph(c, &graph);
  if (code == EXIT_OK) code = find_outputs(c, graph, &outputs, &count);
  if (code == EXIT_OK) code = check_dims(c, graph, &dims);
  if (code == EXIT_OK) code = make_plan(c, graph, outputs, count, &plan);
  if (code == EXIT_OK) code = print_plan(c, plan, dims);
  gm_plan_free(plan);
  gm_graph_free(graph);
  free(outputs);
  free(dims);
  return code;
}

extern const command command_plan;
const command command_plan = {
    .name = "plan",
    .operand = "GRAPH.yaml",
    .summary = "Prints what a run will execute, and why.",
    .example = "gemmule plan digits.yaml --dim batch=64",
    .options =
        OPT_DIM | OPT_THREADS | OPT_KERNEL | OPT_WITHOUT | OPT_EXACT | OPT_DATA_ROOT | OPT_JSON | OPT_ALWAYS,
    .run = run,
};
