/* SPDX-License-Identifier: MIT
 *
 * The options, a row each, from which follow reading, refusing with the nearest one, and the help. "--name
 * value" and
 * "--name=value" are the same; options and the operand may stand in any order; "--" ends the options. */
#include "cli.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct option {
  const char *name, *value, *doc; /* value NULL: a switch */
  unsigned commands;
  int (*take)(cli *c, const char *value);
} option;

/* ---- Taking ---- */

static int add_pair(cli *c, const char *title, pairs *list, const char *value) {
  const char *equals = strchr(value, '=');
  if (!equals || equals == value) return say_usage(c, "%s takes NAME=VALUE, not '%s'", title, value);
  char *name = need_text("%.*s", (int)(equals - value), value);
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->items[i].name, name) != 0) continue;
    int code = say_usage(c, "%s %s is given twice", title, name);
    free(name);
    return code;
  }
  list->items[list->count++] = (pair){name, equals + 1};
  return EXIT_OK;
}

static int take_feed(cli *c, const char *value) {
  return add_pair(c, "--feed", &c->args.feeds, value);
}

static int take_expect(cli *c, const char *value) {
  return add_pair(c, "--expect", &c->args.expects, value);
}

static int take_dim(cli *c, const char *value) {
  int64_t unused;
  int code = add_pair(c, "--dim", &c->args.dims, value);
  if (code) return code;
  if (read_dim(strchr(value, '=') + 1, &unused)) return EXIT_OK;
  return say_usage(c, "--dim takes NAME=INT with an integer >= 0, not '%s'", value);
}

static int take_fetch(cli *c, const char *value) {
  c->args.fetches[c->args.fetch_count++] = value;
  return EXIT_OK;
}

static int take_out(cli *c, const char *value) {
  c->args.out = value;
  return *value ? EXIT_OK : say_usage(c, "--out takes a file ending in .npy, or a folder");
}

static int take_tolerance(const cli *c, const char *title, const char *value, double *out) {
  char *end;
  double number = strtod(value, &end);
  if (end == value || *end || !(number >= 0) || isinf(number)) {
    return say_usage(c, "%s takes a number >= 0, not '%s'", title, value);
  }
  *out = number;
  return EXIT_OK;
}

static int take_rtol(cli *c, const char *value) {
  return take_tolerance(c, "--rtol", value, &c->args.rtol);
}

static int take_atol(cli *c, const char *value) {
  return take_tolerance(c, "--atol", value, &c->args.atol);
}

static int take_threads(cli *c, const char *value) {
  int64_t number;
  if (!read_dim(value, &number) || number > INT_MAX) {
    return say_usage(c, "--threads takes an integer >= 0, not '%s'", value);
  }
  c->args.threads = (int)number;
  return EXIT_OK;
}

static int check_word(const cli *c, const char *title, const char *word, const char *(*at)(size_t index)) {
  char near[NEAR_ROOM];
  const char *words[64];
  size_t count = 0;
  for (; count < 64 && at(count); count++) {
    words[count] = at(count);
    if (strcmp(words[count], word) == 0) return EXIT_OK;
  }
  return say_usage(c, "%s does not know '%s'%s", title, word, near_text(near, word, words, count));
}

static int take_kernel(cli *c, const char *value) {
  c->args.kernel = value;
  return check_word(c, "--kernel", value, gm_kernel_name);
}

static int take_without(cli *c, const char *value) {
  char *words = need_text("%s", value), *rest = words, *word;
  int code = EXIT_OK;
  while (code == EXIT_OK && (word = strsep(&rest, ",")))
    code = check_word(c, "--without", word, gm_pass_name);
  free(words);
  char *before = c->args.without;
  c->args.without = before ? need_text("%s,%s", before, value) : need_text("%s", value);
  free(before);
  return code;
}

static int take_exact(cli *c, const char *value) {
  (void)value;
  c->args.exact = true;
  return EXIT_OK;
}

static int take_check_structure(cli *c, const char *value) {
  (void)value;
  c->args.check_structure = true;
  return EXIT_OK;
}

static int take_data_root(cli *c, const char *value) {
  c->args.data_root = value;
  return EXIT_OK;
}

static int take_json(cli *c, const char *value) {
  (void)value;
  c->args.json = true;
  return EXIT_OK;
}

static int take_help(cli *c, const char *value) {
  (void)value;
  c->args.help = true;
  return EXIT_OK;
}

#define FOR_GRAPHS (FOR_SHOW | FOR_RUN | FOR_PLAN | FOR_CHECK)
#define FOR_PLANS (FOR_RUN | FOR_PLAN)

static const option options[] = {
    {"--feed", "NAME=VALUE",
        "The value of a placeholder: zeros, ones, random or random:SEED; an inline value such as '[[1, 2], "
        "[3, 4]]' or "
        "0.5; or a .npy file.",
        FOR_RUN, take_feed},
    {"--fetch", "NAME", "A node to print, in place of the declared outputs. May be repeated.", FOR_RUN,
        take_fetch},
    {"--dim", "NAME=INT", "The length that a symbol stands for.", FOR_PLANS, take_dim},
    {"--out", "FILE.npy|DIR",
        "Write the one output to a file, or each to DIR/NAME.npy, rather than print values.", FOR_RUN,
        take_out},
    {"--expect", "NAME=FILE.npy",
        "Compare an output with a file: |value - file| <= atol + rtol * |file|, NaN equal to "
        "NaN. Exit 1 where they differ.",
        FOR_RUN, take_expect},
    {"--rtol", "R", "The relative tolerance of --expect; 1e-05 when not given.", FOR_RUN, take_rtol},
    {"--atol", "A", "The absolute tolerance of --expect; 1e-08 when not given.", FOR_RUN, take_atol},
    {"--threads", "N", "Use at most N threads; 0, the default, is all that the process may use.", FOR_PLANS,
        take_threads},
    {"--kernel", "NAME", "What computes products.", FOR_PLANS, take_kernel},
    {"--without", "PASS", "Leave out a pass of the planner. May be repeated.", FOR_PLANS, take_without},
    {"--exact", NULL, "No rewrite that can change a rounding.", FOR_PLANS, take_exact},
    {"--check-structure", NULL, "Verify what `assume` promises.", FOR_RUN, take_check_structure},
    {"--data-root", "DIR", "Where the graph's data files lie; by default the graph file's own folder.",
        FOR_GRAPHS, take_data_root},
    {"--json", NULL, "Print JSON, also for errors.", FOR_GRAPHS | FOR_OPS, take_json},
    {"--help", NULL, "Print this.", FOR_GRAPHS | FOR_OPS, take_help},
};
enum { OPTIONS = sizeof options / sizeof *options };

/* ---- Reading ---- */

static int unknown_option(const cli *c, const char *name) {
  char near[NEAR_ROOM];
  const char *names[OPTIONS];
  size_t count = 0;
  for (size_t i = 0; i < OPTIONS; i++) {
    if (options[i].commands & c->args.command->bit) names[count++] = options[i].name;
  }
  return say_usage(
      c, "'%s' has no option '%s'%s", c->args.command->name, name, near_text(near, name, names, count));
}

static const option *find_option(const cli *c, const char *name) {
  const char *full = strcmp(name, "-h") == 0 ? "--help" : name;
  for (size_t i = 0; i < OPTIONS; i++) {
    bool ours = options[i].commands & c->args.command->bit;
    if (ours && strcmp(options[i].name, full) == 0) return &options[i];
  }
  return NULL;
}

/** Reads the option at argv[*at], with its value from there or from the next word. */
static int take_option(cli *c, int argc, char **argv, int *at) {
  char *word = argv[*at], *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
  char *name = need_text("%.*s", equals ? (int)(equals - word) : (int)strlen(word), word);
  const option *found = find_option(c, name);
  int code = EXIT_OK;
  if (!found)
    code = unknown_option(c, name);
  else if (!found->value && equals)
    code = say_usage(c, "%s takes no value", name);
  else if (found->value && !equals && *at + 1 >= argc)
    code = say_usage(c, "%s needs %s", name, found->value);
  else
    code = found->take(c, !found->value ? NULL : equals ? equals + 1 : argv[++*at]);
  free(name);
  return code;
}

static int take_operand(cli *c, const char *word) {
  if (c->args.graph)
    return say_usage(c, "one %s is enough: '%s' and '%s'", c->args.command->operand, c->args.graph, word);
  c->args.graph = word;
  return EXIT_OK;
}

static void make_room(arguments *args, int argc) {
  args->feeds.items = need((size_t)argc, sizeof(pair));
  args->dims.items = need((size_t)argc, sizeof(pair));
  args->expects.items = need((size_t)argc, sizeof(pair));
  args->fetches = need((size_t)argc, sizeof *args->fetches);
}

int read_arguments(cli *c, int argc, char **argv) {
  bool only_operands = false;
  int code = EXIT_OK;
  make_room(&c->args, argc + 1);
  c->args.rtol = 1e-5;
  c->args.atol = 1e-8;
  for (int at = 0; at < argc && code == EXIT_OK; at++) {
    bool is_option = !only_operands && argv[at][0] == '-' && argv[at][1];
    if (is_option && strcmp(argv[at], "--") == 0)
      only_operands = true;
    else
      code = is_option ? take_option(c, argc, argv, &at) : take_operand(c, argv[at]);
  }
  bool needs_operand = c->args.command->operand[0] != '[';
  if (code || c->args.help || c->args.graph || !needs_operand) return code;
  return say_usage(
      c, "'%s' needs a graph: gemmule %s GRAPH.yaml", c->args.command->name, c->args.command->name);
}

static void free_pairs(pairs *list) {
  for (size_t i = 0; i < list->count; i++) free(list->items[i].name);
  free(list->items);
}

void free_arguments(arguments *args) {
  free_pairs(&args->feeds);
  free_pairs(&args->dims);
  free_pairs(&args->expects);
  free(args->fetches);
  free(args->without);
}

/* ---- Help ---- */

/** Prints `text` in lines of at most 78 characters, each after `indent` spaces; the first line stands already
 * there. */
static void put_wrapped(output *out, const char *text, int indent) {
  int column = indent;
  while (*text) {
    int length = (int)strcspn(text, " ");
    if (column > indent && column + 1 + length > 78) {
      put(out, "\n%*s", indent, "");
      column = indent;
    } else if (column > indent) {
      put(out, " ");
      column++;
    }
    put_bytes(out, text, (size_t)length);
    column += length;
    text += length + (text[length] == ' ');
  }
  put(out, "\n");
}

static void put_words(output *out, const char *title, const char *(*at)(size_t index)) {
  put(out, "\n%s:", title);
  for (size_t i = 0; at(i); i++) put(out, "%s %s", i ? "," : "", at(i));
}

void print_command_help(output *out, const command *one) {
  put(out, "Usage: gemmule %s %s [options]\n\n%s\n\nOptions:\n", one->name, one->operand, one->summary);
  for (size_t i = 0; i < OPTIONS; i++) {
    const option *row = &options[i];
    if (!(row->commands & one->bit)) continue;
    char *head = need_text("%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");
    put(out, "  %-24s  ", head);
    put_wrapped(out, row->doc, 28);
    free(head);
  }
  if (!(one->bit & FOR_PLANS)) return;
  put_words(out, "Kernels, best first", gm_kernel_name);
  put_words(out, "Passes, in their order", gm_pass_name);
  put(out, "\n");
}
