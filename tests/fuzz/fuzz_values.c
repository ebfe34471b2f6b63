/* SPDX-License-Identifier: MIT
 *
 * The values on the command line: --feed, --dim, --expect, --rtol, --without and the others. A byte chooses
 * the command and a graph, the words follow, a line each. They are read by the command's own code, and the
 * command is run on them: the exit code is one of the documented ones, a failure says one line, JSON is JSON.
 * Words that would write files are read, but not acted upon. */
#include "fuzz.h"

#include "cli.h"
#include "json_text.h"

enum { WORDS = 24, FILES = 3 };

static const char *const commands[] = {"run", "plan", "show", "check", "run", "ops", "help", "run"};

static const char *const graphs[FILES] = {
    "gemmule: 1\nname: one\nplaceholders:\n  x: {shape: [n, 3]}\n  i: {shape: [n], dtype: int32}\n"
    "variables:\n  w: {shape: [3, 2], init: ones}\nnodes:\n  y: {relu: {dot: [x, w]}}\n  z: {add: [i, 1]}\n"
    "outputs: [y, z]\n",
    "gemmule: 1\nplaceholders:\n  a: {shape: [2*n + 1, \"n*m\"], dtype: float64}\n"
    "  b: {shape: [\"n*m\", \"max(m, 2)\"], dtype: float64}\n  u: {shape: [\"?\", \"(n + 3)//2\"]}\n"
    "  c: {shape: [], dtype: bool}\nnodes:\n  ab: {dot: [a, b]}\n  s: {sum: u, axis: 0}\n"
    "  k: {switch: [c, s, s]}\noutputs: [ab, k]\n",
    "gemmule: 1\nplaceholders:\n  p: {shape: [k], dtype: complex64}\n  q: {shape: [k, k], dtype: float16}\n"
    "  r: {shape: [\"k - 1\"], dtype: uint8}\nnodes:\n  t: {assume: q, structure: symmetric}\n"
    "  v: {multiply: [p, p]}\n  o: {concatenate: [r, r]}\noutputs: [v, o, t]\n",
};

static const char *graph_path(unsigned which) {
  static char paths[FILES][160];
  if (!paths[which][0]) {
    char name[16];
    snprintf(name, sizeof name, "g%u.yaml", which);
    snprintf(paths[which], sizeof paths[which], "%s", fuzz_path(name));
    fuzz_write(paths[which], graphs[which], strlen(graphs[which]));
    const float two[] = {0.5f, -2};
    gm_tensor *value =
        gm_tensor_wrap(GM_FLOAT32, 1, (int64_t[]){2}, (void *)(uintptr_t)two, NULL, NULL, NULL);
    NEED(gm_tensor_save(value, fuzz_path("two.npy"), NULL) == GM_OK);
    gm_tensor_free(value);
  }
  return paths[which];
}

/** Lengths that are neither small nor too large for anything would only take time. */
static bool dims_are_small(const arguments *args) {
  for (size_t i = 0; i < args->dims.count; i++) {
    int64_t value = 0;
    if (read_dim(args->dims.items[i].value, &value) && value > 64 && value < INT64_C(1) << 40) return false;
  }
  return true;
}

static bool may_run(const arguments *args) {
  return !args->out && dims_are_small(args) && args->threads <= 2;
}

static void check_message(const cli *c, int code, char *text, size_t length) {
  if (code == EXIT_OK || (code == EXIT_DIFFERS && c->args.json)) return;
  NEED(length > 1 && strlen(text) == length && text[length - 1] == '\n');
  if (!c->args.json) {
    NEED(code == EXIT_DIFFERS || strchr(text, '\n') == text + length - 1);
    return;
  }
  NEED(is_json(text) && strstr(text, "\"error\": {"));
}

static void check_output(const cli *c, int code, const char *text, size_t length) {
  if (code == EXIT_OK) NEED(length > 0 || c->args.names);
  if (!c->args.json || c->args.help || length == 0 || code > EXIT_DIFFERS) return;
  if (!is_json(text)) fprintf(stderr, "%s\n", text);
  NEED(is_json(text));
}

static int act(cli *c, int argc, char **argv) {
  int code = read_arguments(c, argc, argv);
  if (code) return code;
  if (c->args.help) {
    print_command_help(&c->out, c->args.command);
    return EXIT_OK;
  }
  return may_run(&c->args) ? c->args.command->run(c) : -1;
}

static void run_words(const char *name, int argc, char **argv) {
  cli c = {.args.command = command_named(name)};
  char *out = NULL, *said = NULL;
  size_t out_length = 0, said_length = 0;
  FILE *usual = stderr, *messages = open_memstream(&said, &said_length);
  c.out.file = open_memstream(&out, &out_length);
  NEED(c.args.command != NULL && messages && c.out.file);
  for (int i = 0; i < argc; i++) c.args.json = c.args.json || strcmp(argv[i], "--json") == 0;
  stderr = messages;
  int code = act(&c, argc, argv);
  stderr = usual;
  fclose(messages);
  fclose(c.out.file);
  NEED(code >= -1 && code <= EXIT_LIMIT);
  if (code >= 0) check_message(&c, code, said, said_length);
  if (code >= 0) check_output(&c, code, out, out_length);
  free_arguments(&c.args);
  free(out);
  free(said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *argv[WORDS + 2], path[160];
  int argc = 0;
  if (size < 1) return 0;
  const char *name = commands[data[0] % 8];
  bool graph = name[0] != 'o' && name[0] != 'h';
  char *text = fuzz_text(data + 1, size - 1), *rest = text, *word;
  snprintf(path, sizeof path, "%s", graph_path(data[0] / 8 % FILES));
  if (graph) argv[argc++] = path;
  while (argc < WORDS && (word = strsep(&rest, "\n"))) {
    if (word[0]) argv[argc++] = word;
  }
  argv[argc] = NULL;
  run_words(name, argc, argv);
  free(text);
  return 0;
}
