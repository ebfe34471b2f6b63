/* SPDX-License-Identifier: MIT
 *
 * gemmule run: load, check the names, plan, feed, run, print or write, compare. */
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct running {
  cli *c;
  gm_graph *graph;
  gm_node *outputs;
  size_t count;
  char *dims;
  bool *needed;
  gm_tensor **feeds, **expected;
  gm_plan *plan;
  gm_executor *executor;
} running;

/* ---- Before the run ---- */

static const char *name_of(const running *r, size_t index) {
  const char *name = gm_node_name(r->graph, r->outputs[index]);
  return name ? name : "number";
}

static int find_output(const running *r, const char *name) {
  for (size_t i = 0; i < r->count; i++) {
    if (strcmp(name_of(r, i), name) == 0) return (int)i;
  }
  return -1;
}

static int check_expects(const running *r) {
  char near[NEAR_ROOM];
  for (size_t i = 0; i < r->c->args.expects.count; i++) {
    const char *name = r->c->args.expects.items[i].name;
    if (find_output(r, name) >= 0) continue;
    const char **names = need(r->count, sizeof *names);
    for (size_t j = 0; j < r->count; j++) names[j] = name_of(r, j);
    int code = say_usage(
        r->c, "--expect: '%s' is none of the outputs%s", name, near_text(near, name, names, r->count));
    free(names);
    return code;
  }
  return EXIT_OK;
}

static bool is_npy(const char *path) {
  size_t length = strlen(path);
  return length >= 4 && strcmp(path + length - 4, ".npy") == 0;
}

static int check_out(const running *r) {
  if (!r->c->args.out || !is_npy(r->c->args.out) || r->count == 1) return EXIT_OK;
  return say_usage(
      r->c, "--out %s takes one output, but there are %zu: give a folder", r->c->args.out, r->count);
}

static int check_names(running *r) {
  int code = find_outputs(r->c, r->graph, &r->outputs, &r->count);
  if (code == EXIT_OK) code = check_feeds(r->c, r->graph);
  if (code == EXIT_OK) code = check_dims(r->c, r->graph, &r->dims);
  if (code == EXIT_OK) code = check_expects(r);
  return code ? code : check_out(r);
}

/** What --dim says, the graph must allow; whether it is all that there is to say does not matter here. */
static int check_given_dims(const running *r) {
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  gm_error error = {.status = GM_OK};
  if (!r->dims) return EXIT_OK;
  gm_status status = gm_plan_sizes(r->plan, r->dims, &sizes, &error);
  return status == GM_BAD_SHAPE || status == GM_BAD_ARGUMENT ? say_argument_error(r->c, &error) : EXIT_OK;
}

static int load_expected(running *r) {
  const pairs *expects = &r->c->args.expects;
  gm_error error = {.status = GM_OK};
  r->expected = need(expects->count, sizeof *r->expected);
  for (size_t i = 0; i < expects->count; i++) {
    r->expected[i] = gm_tensor_load(expects->items[i].value, &error);
    if (!r->expected[i]) return say_error(r->c, &error);
  }
  return EXIT_OK;
}

static int feed_all(running *r) {
  gm_error error = {.status = GM_OK};
  const pairs *feeds = &r->c->args.feeds;
  int code = check_missing(r->c, r->graph, r->needed);
  if (code == EXIT_OK) code = make_feeds(r->c, r->graph, r->needed, r->feeds);
  if (code) return code;
  r->executor = gm_executor_new(r->plan, &error);
  if (!r->executor) return say_error(r->c, &error);
  for (size_t i = 0; i < feeds->count; i++) {
    if (!r->feeds[i]) continue;
    if (gm_executor_feed(r->executor, feeds->items[i].name, r->feeds[i], &error))
      return say_error(r->c, &error);
  }
  return EXIT_OK;
}

static int run_once(const running *r) {
  gm_error error = {.status = GM_OK};
  interruptible(r->executor);
  gm_status status = gm_executor_run(r->executor, &error);
  interruptible(NULL);
  return status ? say_error(r->c, &error) : EXIT_OK;
}

/* ---- Printing and writing ---- */

static void print_values(output *out, const gm_tensor *value, bool json) {
  size_t (*text)(const gm_tensor *, char *, size_t) = json ? gm_tensor_json : gm_tensor_text;
  size_t length = text(value, NULL, 0);
  char *buffer = need(length + 1, 1);
  text(value, buffer, length + 1);
  put_bytes(out, buffer, length);
  free(buffer);
}

static int write_file(const running *r, const char *path, const gm_tensor *value) {
  gm_error error = {.status = GM_OK};
  return gm_tensor_save(value, path, &error) ? say_error(r->c, &error) : EXIT_OK;
}

static int make_folder(const running *r) {
  const char *out = r->c->args.out;
  struct stat stat_of;
  if (!out || is_npy(out) || mkdir(out, 0777) == 0) return EXIT_OK;
  int why = errno;
  if (why == EEXIST && stat(out, &stat_of) == 0 && S_ISDIR(stat_of.st_mode)) return EXIT_OK;
  if (why == EEXIST)
    return say(r->c, GM_IO, EXIT_FILE, "'%s' is a file, not a folder; a file to write ends in .npy", out);
  return say(r->c, GM_IO, EXIT_FILE, "the folder '%s' cannot be made: %s", out, strerror(why));
}

static char *path_of(const running *r, size_t index) {
  const char *out = r->c->args.out;
  if (is_npy(out)) return need_text("%s", out);
  return need_text("%s%s%s.npy", out, out[strlen(out) - 1] == '/' ? "" : "/", name_of(r, index));
}

static void print_text(const running *r, size_t index, const gm_tensor *value, const char *path) {
  output *out = &r->c->out;
  char *shape = dims_text(gm_tensor_rank(value), gm_tensor_dims(value));
  put_styled(out, STYLE_BOLD, name_of(r, index));
  put(out, " = <%s %s>", shape, gm_dtype_name(gm_tensor_dtype(value)));
  free(shape);
  put(out, path ? " -> %s\n" : "\n", path);
  if (path) return;
  print_values(out, value, false);
  put(out, "\n");
}

static void print_json(const running *r, size_t index, const gm_tensor *value, const char *path) {
  output *out = &r->c->out;
  put(out, "%s{\"name\": ", index ? ", " : "");
  json_string(out, name_of(r, index));
  put(out, ", \"dtype\": \"%s\", \"shape\": [", gm_dtype_name(gm_tensor_dtype(value)));
  for (int axis = 0; axis < gm_tensor_rank(value); axis++) {
    put(out, "%s%" PRId64, axis ? ", " : "", gm_tensor_dims(value)[axis]);
  }
  put(out, path ? "], \"file\": " : "], \"values\": ");
  if (path)
    json_string(out, path);
  else
    print_values(out, value, true);
  put(out, "}");
}

/** Writes every file, so that what is printed afterwards is whole. */
static int write_outputs(const running *r) {
  int code = r->c->args.out ? make_folder(r) : EXIT_OK;
  for (size_t i = 0; r->c->args.out && i < r->count && code == EXIT_OK; i++) {
    char *path = path_of(r, i);
    code = write_file(r, path, gm_executor_output(r->executor, i));
    free(path);
  }
  return code;
}

static void print_outputs(const running *r) {
  bool json = r->c->args.json;
  if (json) json_head(&r->c->out);
  if (json) put(&r->c->out, ", \"outputs\": [");
  for (size_t i = 0; i < r->count; i++) {
    const gm_tensor *value = gm_executor_output(r->executor, i);
    char *path = r->c->args.out ? path_of(r, i) : NULL;
    if (json)
      print_json(r, i, value, path);
    else
      print_text(r, i, value, path);
    free(path);
  }
  if (json) put(&r->c->out, "]");
}

/* ---- Comparing ---- */

static void print_difference_json(output *out, const pair *expect, const difference *found) {
  put(out, "{\"name\": ");
  json_string(out, expect->name);
  put(out, ", \"file\": ");
  json_string(out, expect->value);
  put(out, ", \"elements\": %" PRId64 ", \"differing\": ", found->elements);
  if (found->shapes_differ)
    put(out, "null, \"largest\": null}");
  else
    put(out, "%" PRId64 ", \"largest\": ", found->differing);
  if (found->shapes_differ) return;
  json_double(out, found->largest);
  put(out, "}");
}

static void print_difference(
    const pair *expect, const difference *found, const gm_tensor *value, const gm_tensor *expected) {
  if (found->shapes_differ) {
    char *is = dims_text(gm_tensor_rank(value), gm_tensor_dims(value));
    char *should = dims_text(gm_tensor_rank(expected), gm_tensor_dims(expected));
    fprintf(stderr, "gemmule: '%s' has shape %s, but '%s' has %s\n", expect->name, is, expect->value, should);
    free(is);
    free(should);
    return;
  }
  fprintf(stderr, "gemmule: '%s' differs from '%s' in %" PRId64 " of %" PRId64 " elements, by at most %g\n",
      expect->name, expect->value, found->differing, found->elements, found->largest);
}

static int compare_outputs(const running *r) {
  const pairs *expects = &r->c->args.expects;
  bool json = r->c->args.json;
  int code = EXIT_OK;
  if (json && expects->count) put(&r->c->out, ", \"expect\": [");
  for (size_t i = 0; i < expects->count; i++) {
    const gm_tensor *value = gm_executor_output(r->executor, (size_t)find_output(r, expects->items[i].name));
    difference found = compare_tensors(value, r->expected[i], r->c->args.rtol, r->c->args.atol);
    bool differs = found.shapes_differ || found.differing > 0;
    if (json && i) put(&r->c->out, ", ");
    if (json)
      print_difference_json(&r->c->out, &expects->items[i], &found);
    else if (differs)
      print_difference(&expects->items[i], &found, value, r->expected[i]);
    if (differs) code = EXIT_DIFFERS;
  }
  if (json && expects->count) put(&r->c->out, "]");
  if (json) put(&r->c->out, "}\n");
  return code;
}

/* ---- The command ---- */

static int run_steps(running *r) {
  int code = load_graph(r->c, &r->graph);
  if (code == EXIT_OK) code = check_names(r);
  if (code == EXIT_OK) code = make_plan(r->c, r->graph, r->outputs, r->count, &r->plan);
  if (code == EXIT_OK) code = check_given_dims(r);
  if (code) return code;
  r->needed = needed_nodes(r->graph, r->outputs, r->count);
  code = feed_all(r);
  if (code == EXIT_OK) code = load_expected(r);
  if (code == EXIT_OK) code = run_once(r);
  if (code == EXIT_OK) code = write_outputs(r);
  if (code) return code;
  print_outputs(r);
  return compare_outputs(r);
}

static int run(cli *c) {
  running r = {.c = c};
  r.feeds = need(c->args.feeds.count, sizeof *r.feeds);
  int code = run_steps(&r);
  gm_executor_free(r.executor);
  gm_plan_free(r.plan);
  gm_graph_free(r.graph);
  for (size_t i = 0; i < c->args.feeds.count; i++) gm_tensor_free(r.feeds[i]);
  for (size_t i = 0; r.expected && i < c->args.expects.count; i++) gm_tensor_free(r.expected[i]);
  free(r.feeds);
  free(r.expected);
  free(r.needed);
  free(r.dims);
  free(r.outputs);
  return code;
}

extern const command command_run;
const command command_run = {
    .name = "run",
    .operand = "GRAPH.yaml",
    .summary = "Runs a graph on values and prints its outputs.",
    .example = "gemmule run digits.yaml --feed images=images.npy",
    .options = OPT_FEED | OPT_FETCH | OPT_DIM | OPT_OUT | OPT_EXPECT | OPT_RTOL | OPT_ATOL | OPT_THREADS |
               OPT_KERNEL | OPT_WITHOUT | OPT_EXACT | OPT_CHECK_STRUCTURE | OPT_DATA_ROOT | OPT_JSON |
               OPT_ALWAYS,
    .run = run,
};
