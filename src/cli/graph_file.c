/* SPDX-License-Identifier: MIT
 *
 * From the command line to a graph, its outputs and a plan. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STDIN_MOST ((size_t)64 << 20)

/* ---- Loading ---- */

/** Reads stdin to its end; one byte more than may be is enough to be refused. */
static int read_stdin(const cli *c, char **text, size_t *size) {
  size_t capacity = (size_t)1 << 16;
  *text = need(capacity, 1);
  *size = 0;
  while (*size <= STDIN_MOST) {
    if (*size == capacity) {
      char *larger = realloc(*text, capacity *= 2);
      if (!larger) return say(c, GM_NO_MEMORY, EXIT_LIMIT, "out of memory");
      *text = larger;
    }
    ssize_t got = read(STDIN_FILENO, *text + *size, capacity - *size);
    if (got == 0) return EXIT_OK;
    if (got < 0 && errno != EINTR) {
      return say(c, GM_IO, EXIT_FILE, "standard input cannot be read: %s", strerror(errno));
    }
    if (got > 0) *size += (size_t)got;
  }
  return EXIT_OK;
}

static int parse_stdin(const cli *c, const gm_load_options *options, gm_graph **graph, gm_error *error) {
  char *text = NULL;
  size_t size = 0;
  int code = read_stdin(c, &text, &size);
  if (code == EXIT_OK) *graph = gm_graph_parse(text, size, options, error);
  free(text);
  return code;
}

int load_graph(const cli *c, gm_graph **graph) {
  gm_load_options options = GM_LOAD_OPTIONS_INIT;
  gm_error error = {.status = GM_OK};
  int code = EXIT_OK;
  options.data_root = c->args.data_root;
  options.file_name = "-";
  *graph = NULL;
  if (strcmp(c->args.operand, "-") == 0)
    code = parse_stdin(c, &options, graph, &error);
  else
    *graph = gm_graph_load(c->args.operand, &options, &error);
  if (code || *graph) return code;
  return say_error(c, &error);
}

/* ---- Outputs ---- */

static int unknown_node(const cli *c, const gm_graph *graph, const char *title, const char *name) {
  char near[NEAR_ROOM];
  size_t count = 0, nodes = gm_graph_node_count(graph);
  const char **names = need(nodes, sizeof *names);
  for (size_t i = 0; i < nodes; i++) {
    const char *other = gm_node_name(graph, gm_graph_node_at(graph, i));
    if (other) names[count++] = other;
  }
  int code = say_usage(c, "%s: the graph has no '%s'%s", title, name, near_text(near, name, names, count));
  free(names);
  return code;
}

static int find_fetches(const cli *c, const gm_graph *graph, gm_node *outputs) {
  for (size_t i = 0; i < c->args.fetch_count; i++) {
    outputs[i] = gm_node_named(graph, c->args.fetches[i]);
    if (outputs[i].id == 0) return unknown_node(c, graph, "--fetch", c->args.fetches[i]);
  }
  return EXIT_OK;
}

int find_outputs(const cli *c, const gm_graph *graph, gm_node **outputs, size_t *count) {
  bool fetched = c->args.fetch_count > 0;
  *count = fetched ? c->args.fetch_count : gm_graph_outputs(graph, NULL, 0);
  *outputs = need(*count, sizeof **outputs);
  if (fetched) return find_fetches(c, graph, *outputs);
  gm_graph_outputs(graph, *outputs, *count);
  if (*count > 0) return EXIT_OK;
  const char *hint = c->args.command->options & OPT_FETCH ? "give --fetch NAME" : "add 'outputs: [NAME]'";
  return say_usage(c, "%s declares no outputs: %s", c->args.operand, hint);
}

int make_plan(const cli *c, const gm_graph *graph, const gm_node *outputs, size_t count, gm_plan **plan) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {.status = GM_OK};
  options.threads = c->args.threads;
  options.exact = c->args.exact;
  options.kernel = c->args.kernel;
  options.without = c->args.without;
  options.check_structure = c->args.check_structure;
  *plan = gm_plan_new(graph, outputs, count, &options, &error);
  return *plan ? EXIT_OK : say_argument_error(c, &error);
}

/* ---- Dims ---- */

static int check_symbol(const cli *c, const gm_graph *graph, const char *name) {
  char near[NEAR_ROOM];
  size_t count = gm_graph_symbol_count(graph);
  const char **names = need(count, sizeof *names);
  bool found = false;
  for (size_t i = 0; i < count; i++) {
    names[i] = gm_graph_symbol_name(graph, i);
    found = found || strcmp(names[i], name) == 0;
  }
  int code = found ? EXIT_OK
                   : say_usage(c, "--dim: the graph has no symbol '%s'%s", name,
                         near_text(near, name, names, count));
  free(names);
  return code;
}

int check_dims(const cli *c, const gm_graph *graph, char **text) {
  *text = NULL;
  for (size_t i = 0; i < c->args.dims.count; i++) {
    const pair *dim = &c->args.dims.items[i];
    char *before = *text;
    int code = check_symbol(c, graph, dim->name);
    if (code) return code;
    *text = need_text("%s%s%s=%s", before ? before : "", before ? ", " : "", dim->name, dim->value);
    free(before);
  }
  return EXIT_OK;
}

/* ---- What outputs need ---- */

typedef struct place {
  uint32_t id;
  size_t index;
} place;

static int by_id(const void *a, const void *b) {
  uint32_t x = ((const place *)a)->id, y = ((const place *)b)->id;
  return (x > y) - (x < y);
}

static void mark(bool *needed, const place *places, size_t count, gm_node node) {
  place wanted = {node.id, 0};
  const place *found = bsearch(&wanted, places, count, sizeof *places, by_id);
  if (found) needed[found->index] = true;
}

bool *needed_nodes(const gm_graph *graph, const gm_node *outputs, size_t count) {
  size_t nodes = gm_graph_node_count(graph);
  bool *needed = need(nodes, sizeof *needed);
  place *places = need(nodes, sizeof *places);
  for (size_t i = 0; i < nodes; i++) places[i] = (place){gm_graph_node_at(graph, i).id, i};
  qsort(places, nodes, sizeof *places, by_id);
  for (size_t i = 0; i < count; i++) mark(needed, places, nodes, outputs[i]);
  for (size_t i = nodes; i-- > 0;) {
    gm_node node = gm_graph_node_at(graph, i);
    size_t inputs = needed[i] ? gm_node_input_count(graph, node) : 0;
    for (size_t j = 0; j < inputs; j++) mark(needed, places, nodes, gm_node_input(graph, node, j));
  }
  free(places);
  return needed;
}
