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

static int take_drawing(cli *c, const char *value) {
  const char *dot = strrchr(value, '.');
  c->args.out = value;
  if (strcmp(value, "-") == 0) return EXIT_OK;
  if (dot && dot > value && dot[-1] != '/' && (strcmp(dot, ".svg") == 0 || strcmp(dot, ".dot") == 0))
    return EXIT_OK;
  return say_usage(c, "--out takes a file ending in .svg or .dot, not '%s'", value);
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

static int take_example(cli *c, const char *value) {
  (void)value;
  c->args.example = true;
  return EXIT_OK;
}

static int take_names(cli *c, const char *value) {
  c->args.names = value;
  return EXIT_OK;
}

static int take_no_color(cli *c, const char *value) {
  (void)value;
  c->args.no_color = true;
  return EXIT_OK;
}

static int take_help(cli *c, const char *value) {
  (void)value;
  c->args.help = true;
  return EXIT_OK;
}

static const option options[] = {
    {OPT_FEED, 0, "--feed", "NAME=VALUE",
        "The value of a placeholder: zeros, ones, random or random:SEED; an inline value such as '[[1, 2], "
        "[3, "
        "4]]' or 0.5; or a .npy file.",
        take_feed},
    {OPT_FETCH, 0, "--fetch", "NAME", "A node to print, in place of the declared outputs. May be repeated.",
        take_fetch},
    {OPT_DIM, 0, "--dim", "NAME=INT", "The length that a symbol stands for.", take_dim},
    {OPT_OUT, 'o', "--out", "FILE.npy|DIR",
        "Write the one output to a file, or each to DIR/NAME.npy, rather than print values.", take_out},
    {OPT_DRAWING, 'o', "--out", "FILE.svg|FILE.dot",
        "Write the picture (graphviz's program dot makes it) or its DOT text to a file, rather than DOT text "
        "to "
        "standard output.",
        take_drawing},
    {OPT_EXPECT, 0, "--expect", "NAME=FILE.npy",
        "Compare an output with a file: |value - file| <= atol + rtol * |file|, NaN equal to NaN. Exit 1 "
        "where "
        "they differ.",
        take_expect},
    {OPT_RTOL, 0, "--rtol", "R", "The relative tolerance of --expect; 1e-05 when not given.", take_rtol},
    {OPT_ATOL, 0, "--atol", "A", "The absolute tolerance of --expect; 1e-08 when not given.", take_atol},
    {OPT_THREADS, 0, "--threads", "N",
        "Use at most N threads; 0, the default, is all that the process may use.", take_threads},
    {OPT_KERNEL, 0, "--kernel", "NAME", "What computes products.", take_kernel},
    {OPT_WITHOUT, 0, "--without", "PASS", "Leave out a pass of the planner. May be repeated.", take_without},
    {OPT_EXACT, 0, "--exact", NULL, "No rewrite that can change a rounding.", take_exact},
    {OPT_CHECK_STRUCTURE, 0, "--check-structure", NULL, "Verify what `assume` promises.",
        take_check_structure},
    {OPT_DATA_ROOT, 0, "--data-root", "DIR",
        "Where the graph's data files lie; by default the graph file's own folder.", take_data_root},
    {OPT_EXAMPLE, 0, "--example", NULL, "Print a graph file that uses the operation: it runs as it stands.",
        take_example},
    {OPT_NAMES, 0, "--names", "KIND",
        "Print only names, one a line: nodes, placeholders, variables, constants, symbols or outputs.",
        take_names},
    {OPT_NAMES_HELP, 0, "--names", "KIND", "Print only names, one a line: commands, ops, kernels or passes.",
        take_names},
    {OPT_JSON, 0, "--json", NULL, "Print JSON, also for errors.", take_json},
    {OPT_NO_COLOR, 0, "--no-color", NULL,
        "No colours. There are none either where NO_COLOR is set, TERM is dumb, or no terminal is written "
        "to.",
        take_no_color},
    {OPT_HELP, 'h', "--help", NULL, "Print this.", take_help},
};
enum { OPTIONS = sizeof options / sizeof *options };

const option *option_at(size_t index) {
  return index < OPTIONS ? &options[index] : NULL;
}

/* ---- Reading ---- */

static int unknown_option(const cli *c, const char *name) {
  char near[NEAR_ROOM];
  const char *names[OPTIONS];
  size_t count = 0;
  for (size_t i = 0; i < OPTIONS; i++) {
    if (options[i].bit & c->args.command->options) names[count++] = options[i].name;
  }
  return say_usage(
      c, "'%s' has no option '%s'%s", c->args.command->name, name, near_text(near, name, names, count));
}

static const option *find_option(const cli *c, const char *name) {
  for (size_t i = 0; i < OPTIONS; i++) {
    const option *row = &options[i];
    bool is_letter = name[0] == '-' && name[1] && name[1] == row->letter && !name[2];
    if (!(row->bit & c->args.command->options)) continue;
    if (is_letter || strcmp(row->name, name) == 0) return row;
  }
  return NULL;
}

/** The option's name without its value, which begins at *value: "--out=x", "-ox"; NULL: it has none there. */
static char *split_option(const char *word, const char **value) {
  bool is_long = word[1] == '-';
  const char *equals = is_long ? strchr(word, '=') : NULL;
  *value = equals ? equals + 1 : !is_long && word[2] ? word + 2 : NULL;
  if (is_long) return need_text("%.*s", equals ? (int)(equals - word) : (int)strlen(word), word);
  return need_text("%.2s", word);
}

/** Reads the option at argv[*at], with its value from there or from the next word. */
static int take_option(cli *c, int argc, char **argv, int *at) {
  const char *value;
  char *name = split_option(argv[*at], &value);
  const option *found = find_option(c, name);
  int code = EXIT_OK;
  if (!found)
    code = unknown_option(c, name[1] == '-' ? name : argv[*at]);
  else if (!found->value && value)
    code = say_usage(c, "%s takes no value", name);
  else if (found->value && !value && *at + 1 >= argc)
    code = say_usage(c, "%s needs %s", name, found->value);
  else
    code = found->take(c, !found->value ? NULL : value ? value : argv[++*at]);
  free(name);
  return code;
}

static int take_operand(cli *c, const char *word) {
  if (c->args.operand)
    return say_usage(c, "one %s is enough: '%s' and '%s'", c->args.command->operand, c->args.operand, word);
  c->args.operand = word;
  return EXIT_OK;
}

static void make_room(arguments *args, int argc) {
  args->feeds.items = need((size_t)argc, sizeof(pair));
  args->dims.items = need((size_t)argc, sizeof(pair));
  args->expects.items = need((size_t)argc, sizeof(pair));
  args->fetches = need((size_t)argc, sizeof *args->fetches);
}

static int need_operand(const cli *c) {
  const command *one = c->args.command;
  if (c->args.help || c->args.operand || one->operand[0] == '[') return EXIT_OK;
  const char *what = strncmp(one->operand, "GRAPH", 5) == 0 ? "graph" : "file";
  return say_usage(c, "'%s' needs a %s: gemmule %s %s", one->name, what, one->name, one->operand);
}

int read_arguments(cli *c, int argc, char **argv) {
  bool only_operands = false;
  int code = EXIT_OK;
  make_room(&c->args, argc + 1);
  c->args.rtol = 1e-5;
  c->args.atol = 1e-8;
  for (int at = 0; at < argc && code == EXIT_OK && !c->args.help; at++) {
    bool is_option = !only_operands && argv[at][0] == '-' && argv[at][1];
    if (is_option && strcmp(argv[at], "--") == 0)
      only_operands = true;
    else
      code = is_option ? take_option(c, argc, argv, &at) : take_operand(c, argv[at]);
  }
  return code ? code : need_operand(c);
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
