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

/** A stream that remembers its first error. `width` 0: no terminal, lines are never cut or wrapped. */
typedef struct output {
  FILE *file;
  int error; /* errno; 0: none */
  int width;
  bool colour;
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
  const char *operand; /* the one operand: a graph file, "-", or a name; NULL: none */
  pairs feeds, dims, expects;
  const char **fetches;
  size_t fetch_count;
  const char *out, *kernel, *data_root, *names;
  char *without; /* comma-separated; NULL: none */
  double rtol, atol;
  int threads;
  bool exact, check_structure, json, example, no_color, help;
} arguments;

typedef struct cli {
  output out;
  arguments args;
} cli;

/** A command's record, in the file that runs it. */
typedef struct command {
  const char *name, *operand, *summary, *example; /* an operand in [] may be absent */
  unsigned options;
  int (*run)(cli *c);
} command;

/** The options, as flags of a command's record; options.c has a row for each. */
enum {
  OPT_FEED = 1 << 0,
  OPT_FETCH = 1 << 1,
  OPT_DIM = 1 << 2,
  OPT_OUT = 1 << 3,
  OPT_DRAWING = 1 << 4,
  OPT_EXPECT = 1 << 5,
  OPT_RTOL = 1 << 6,
  OPT_ATOL = 1 << 7,
  OPT_THREADS = 1 << 8,
  OPT_KERNEL = 1 << 9,
  OPT_WITHOUT = 1 << 10,
  OPT_EXACT = 1 << 11,
  OPT_CHECK_STRUCTURE = 1 << 12,
  OPT_DATA_ROOT = 1 << 13,
  OPT_EXAMPLE = 1 << 14,
  OPT_NAMES = 1 << 15,
  OPT_NAMES_HELP = 1 << 16,
  OPT_JSON = 1 << 17,
  OPT_NO_COLOR = 1 << 18,
  OPT_HELP = 1 << 19,
  OPT_ALWAYS = OPT_NO_COLOR | OPT_HELP
};

/** One row of the table of options. */
typedef struct option {
  unsigned bit;
  char letter;                    /* "-o"; 0: none */
  const char *name, *value, *doc; /* value NULL: a switch */
  int (*take)(cli *c, const char *value);
} option;

/* ---- commands.c: the one table of commands ---- */
/** NULL past the end. */
const command *command_at(size_t index);
const command *command_named(const char *name);
/** NULL, and a message with what is near. */
const command *need_command(const cli *c, const char *name);

/* ---- output.c ---- */
void put(output *out, const char *format, ...) CLI_PRINTF(2, 3);
void put_bytes(output *out, const char *bytes, size_t count);
void put_text(output *out, const char *text);
/** Flushes. EXIT_FILE when something could not be written, with a message unless the reader went away. */
int finish_output(output *out);
/** Ends the process with a message. */
_Noreturn void no_memory(void);
/** calloc that does so rather than fail. */
void *need(size_t count, size_t size);
char *need_text(const char *format, ...) CLI_PRINTF(1, 2);

/* ---- terminal.c ---- */
#define STYLE_PLAIN "0"
#define STYLE_BOLD "1"
#define STYLE_ERROR "1;31"
/** Sets width and colour from the stream, NO_COLOR, TERM, COLUMNS and --no-color. */
void look_at_terminal(output *out, bool no_color);
/** Changes how what follows looks; nothing where there is no colour. */
void put_style(output *out, const char *style);
void put_styled(output *out, const char *style, const char *text);
/** The columns that UTF-8 text takes. */
int columns_of(const char *text, size_t length);
/** Prints `text` in lines of at most `width` columns (0: one line), each but the first after `indent` blanks;
 *  `column` is where the first begins. */
void put_wrapped(output *out, const char *text, int column, int indent, int width);
/** Lines as they are, but those too wide for the terminal are wrapped with the indent that they have. */
void put_lines(output *out, const char *text);

/* ---- table.c ---- */
typedef struct table_column {
  const char *title;
  int least; /* columns that it keeps when it is shortened */
  int drop;  /* where even that is too wide, the highest goes first; 0: never */
  bool cut_middle;
} table_column;
/** Cells row by row in one memory. Zero-initialise, but for columns and count. */
typedef struct table {
  const table_column *columns;
  size_t count; /* of columns, at most TABLE_MOST */
  char *bytes;
  size_t used, capacity;
  size_t *starts; /* of the cells */
  size_t cells, cell_capacity;
  const char **styles; /* of each row's first cell */
} table;
enum { TABLE_MOST = 8 };
void table_text(table *t, const char *text);
/** Room for `size` bytes at the end of the cell; table_took says how many became text. */
char *table_room(table *t, size_t size);
void table_took(table *t, size_t size);
void table_end_cell(table *t);
/** The style of the row that the cell last ended belongs to. */
void table_style(table *t, const char *style);
/** Prints titles and rows, shortened to the terminal's width. */
void table_print(output *out, const table *t);
void table_free(table *t);

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
/** NULL past the end. */
const option *option_at(size_t index);

/* ---- help.c ---- */
void print_help(output *out);
void print_command_help(output *out, const command *one);
/** The tables of commands and options as JSON; of one command where `only` is given. */
void print_help_json(output *out, const command *only);

/* ---- op_help.c ---- */
/** Prints formula, attributes, defaults and example of an operation. */
void print_op(output *out, const char *name, unsigned flags);
/** The operations as JSON; only that one where `only` is given. */
void print_ops_json(output *out, const char *only);
/** A whole graph file around the operation's example: it runs as it stands. */
int print_op_example(cli *c, const char *name);
int unknown_op(const cli *c, const char *name);

/* ---- show_json.c ---- */
void show_json(output *out, const gm_graph *graph);
/** The elements of a variable; 0 for other nodes. */
int64_t parameters_of(const gm_graph *graph, gm_node node);
int64_t all_parameters(const gm_graph *graph);

/* ---- dot_text.c ---- */
/** The graph in graphviz's language, freed by the caller. */
char *dot_text(const gm_graph *graph, size_t *length);

/* ---- graphviz.c ---- */
/** Runs graphviz's `dot -Tsvg` on `text`; the picture is freed by the caller. */
int render_svg(const cli *c, const char *text, size_t length, char **picture, size_t *size);

/* ---- texts.c: texts of the library in memory of their own, freed by the caller ---- */
typedef size_t node_text_function(const gm_graph *graph, gm_node node, char *buffer, size_t size);
char *node_text(node_text_function *function, const gm_graph *graph, gm_node node);
char *attributes_text(const gm_graph *graph, gm_node node, unsigned flags);
char *dim_text(const gm_graph *graph, gm_node node, int axis);
char *graph_flops_text(const gm_graph *graph);
char *symbol_text(const gm_graph *graph, size_t index);
/** "one, two, three", as it grows. */
typedef struct word_list {
  output out;
  bool any;
  char *text; /* after list_end; freed by the caller */
  size_t length;
} word_list;
void list_begin(word_list *words);
void list_add(word_list *words, const char *word);
void list_end(word_list *words);
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
