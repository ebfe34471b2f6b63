/* SPDX-License-Identifier: MIT
 *
 * What the files of the command share. The command sees the library's public headers only. A function that
 * can fail says why on stderr and returns the exit code; 0 is success. */
#ifndef GEMMULE_CLI_H
#define GEMMULE_CLI_H

#include <stdio.h>
#include <gemmule/gemmule.h>

enum {
  EXIT_OK = 0,
  EXIT_DIFFERS = 1,
  EXIT_USAGE = 2,
  EXIT_FILE = 3,
  EXIT_SHAPE = 4,
  EXIT_LIMIT = 5,
  EXIT_BUG = 70,
  EXIT_INTERRUPTED = 130
};

#if defined(__GNUC__)
#define CLI_PRINTF(at, first) __attribute__((format(printf, at, first)))
#else
#define CLI_PRINTF(at, first)
#endif

/** A stream that remembers its first error. */
typedef struct output {
  FILE *file;
  int error; /* errno; 0: none */
} output;

/** NAME=VALUE as given. */
typedef struct pair {
  char *name;
  const char *value;
} pair;

typedef struct pairs {
  pair *items;
  size_t count;
} pairs;

/** The command line, read. Strings are those of argv but the names of pairs and `without`. */
typedef struct arguments {
  const struct command *command;
  const char *graph; /* the one operand: a graph file, "-", or an operation's name; NULL: none */
  pairs feeds, dims, expects;
  const char **fetches;
  size_t fetch_count;
  const char *out, *kernel, *data_root;
  char *without; /* comma-separated; NULL: none */
  double rtol, atol;
  int threads;
  bool exact, check_structure, json, help;
} arguments;

typedef struct cli {
  output out;
  arguments args;
} cli;

typedef struct command {
  const char *name, *operand, *summary;
  unsigned bit; /* in the rows of options.c */
  int (*run)(cli *c);
} command;

enum { FOR_SHOW = 1, FOR_RUN = 2, FOR_PLAN = 4, FOR_CHECK = 8, FOR_OPS = 16 };

int cmd_show(cli *c);
int cmd_run(cli *c);
int cmd_plan(cli *c);
int cmd_check(cli *c);
int cmd_ops(cli *c);

/* ---- output.c ---- */
void put(output *out, const char *format, ...) CLI_PRINTF(2, 3);
void put_bytes(output *out, const char *bytes, size_t count);
/** Flushes. EXIT_FILE when something could not be written, with a message unless the reader went away. */
int finish_output(output *out);
/** malloc that ends the process with a message rather than fail. */
void *need(size_t count, size_t size);
char *need_text(const char *format, ...) CLI_PRINTF(1, 2);

/* ---- interrupt.c ---- */
void catch_interrupts(void);
/** From now on SIGINT cancels this executor's run; NULL: it ends the process. */
void interruptible(gm_executor *executor);

/* ---- json.c ---- */
void json_string(output *out, const char *text);
void json_double(output *out, double value);
/** `{"gemmule": "0.1.0", "format": 1`, for more members and a closing brace. */
void json_head(output *out);

/* ---- message.c ---- */
int exit_of(gm_status status);
/** Says the error and returns its exit code. */
int say_error(const cli *c, const gm_error *error);
/** The same where a GM_BAD_ARGUMENT comes from the command line and not out of a file: EXIT_USAGE. */
int say_argument_error(const cli *c, const gm_error *error);
int say(const cli *c, gm_status status, int code, const char *format, ...) CLI_PRINTF(4, 5);
/** EXIT_USAGE. */
int say_usage(const cli *c, const char *format, ...) CLI_PRINTF(2, 3);
/** ": did you mean 'x'?" or "", in `room`; returns it. */
enum { NEAR_ROOM = 160 };
const char *near_text(char room[NEAR_ROOM], const char *word, const char *const *words, size_t count);

/* ---- options.c ---- */
/** Reads what follows the command's name. */
int read_arguments(cli *c, int argc, char **argv);
void free_arguments(arguments *args);
void print_command_help(output *out, const command *one);

/* ---- texts.c: texts of the library in memory of their own, freed by the caller ---- */
typedef size_t node_text_function(const gm_graph *graph, gm_node node, char *buffer, size_t size);
char *node_text(node_text_function *function, const gm_graph *graph, gm_node node);
char *attributes_text(const gm_graph *graph, gm_node node, unsigned flags);
char *dim_text(const gm_graph *graph, gm_node node, int axis);
char *graph_flops_text(const gm_graph *graph);
char *symbol_text(const gm_graph *graph, size_t index);
/** "(2, 4)" */
char *dims_text(int rank, const int64_t *dims);
/** A node's name; a number's value. */
char *label_text(const gm_graph *graph, gm_node node, unsigned flags);

/* ---- graph_file.c ---- */
int load_graph(const cli *c, gm_graph **graph);
/** The nodes that --fetch names, or the declared outputs; an error when there is neither. */
int find_outputs(const cli *c, const gm_graph *graph, gm_node **outputs, size_t *count);
int make_plan(const cli *c, const gm_graph *graph, const gm_node *outputs, size_t count, gm_plan **plan);
/** The names of --dim are symbols of the graph; `text` is "a=1, b=2", NULL without --dim. */
int check_dims(const cli *c, const gm_graph *graph, char **text);
/** Flags by place in the graph, freed by the caller: what the outputs need. */
bool *needed_nodes(const gm_graph *graph, const gm_node *outputs, size_t count);

/* ---- symbols.c ---- */
typedef struct symbol {
  const char *name;
  char *origin;
  int64_t value;
} symbol;
typedef struct symbols {
  symbol *items;
  size_t count;
} symbols;
/** Reads a number of --dim: >= 0. false when it is none. */
bool read_dim(const char *text, int64_t *value);
void symbols_from_dims(const cli *c, const gm_graph *graph, symbols *known);
/** What a fed value says of the symbols that stand alone in its placeholder's shape. */
int symbols_from_feed(
    const cli *c, const gm_graph *graph, gm_node node, const gm_tensor *value, symbols *known);
/** The length of an axis of a placeholder for which a value is made up. */
int evaluate_dim(
    const cli *c, const gm_graph *graph, gm_node node, int axis, const symbols *known, int64_t *length);
void symbols_free(symbols *known);

/* ---- feed.c ---- */
/** Checks the names of --feed before anything is read. */
int check_feeds(const cli *c, const gm_graph *graph);
/** Values for the placeholders that are needed: values[i] belongs to feed i; NULL where it is not needed. */
int make_feeds(const cli *c, const gm_graph *graph, const bool *needed, gm_tensor **values);
/** An error that lists the needed placeholders that no feed names. */
int check_missing(const cli *c, const gm_graph *graph, const bool *needed);

/* ---- compare.c ---- */
typedef struct difference {
  int64_t elements, differing;
  double largest;
  bool shapes_differ;
} difference;
/** numpy.allclose(value, expected, rtol, atol, equal_nan=True), counted. */
difference compare_tensors(const gm_tensor *value, const gm_tensor *expected, double rtol, double atol);

#endif
