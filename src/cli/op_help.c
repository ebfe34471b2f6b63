/* SPDX-License-Identifier: MIT
 *
 * All about one operation. Its record holds a node as an example; here a whole graph is made around that
 * node, with constants of the first dtypes and shapes under which it loads and runs. */
#include "cli.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static char *op_text(const char *name, unsigned flags) {
  size_t length = gm_op_text(name, flags, NULL, 0);
  char *text = need(length + 1, 1);
  gm_op_text(name, flags, text, length + 1);
  while (length && text[length - 1] == '\n') text[--length] = 0;
  return text;
}

void print_op(output *out, const char *name, unsigned flags) {
  char *text = op_text(name, flags);
  if (flags & GM_TEXT_JSON) {
    put_text(out, text);
  } else {
    put_lines(out, text);
    char *line = need_text("gemmule ops %s --example | gemmule run -", name);
    put_text(out, "  ");
    put_wrapped(out, line, 2, 4, out->width);
    free(line);
  }
  free(text);
}

void print_ops_json(output *out, const char *only) {
  bool first = true;
  json_head(out);
  put(out, ", \"ops\": [");
  for (size_t i = 0; i < gm_op_count(); i++) {
    if (only && strcmp(only, gm_op_name(i)) != 0) continue;
    if (!first) put(out, ", ");
    print_op(out, gm_op_name(i), GM_TEXT_JSON);
    first = false;
  }
  put(out, "]}\n");
}

int unknown_op(const cli *c, const char *name) {
  char near[NEAR_ROOM];
  size_t count = gm_op_count();
  const char **names = need(count, sizeof *names);
  for (size_t i = 0; i < count; i++) names[i] = gm_op_name(i);
  int code = say(
      c, GM_UNKNOWN_OP, EXIT_USAGE, "unknown operation '%s'%s", name, near_text(near, name, names, count));
  free(names);
  return code;
}

/* ---- The example's node, and the names in it ---- */

enum { INPUTS = 4 };
typedef struct example {
  const char *op;
  char *node;
  char name[INPUTS][16];
  int count;
} example;

static bool is_word(char c) {
  return isalnum((unsigned char)c) || c == '_';
}

/** Does the word stand in the node, as an input and not as a key or inside of another word? */
static bool uses(const char *node, const char *word) {
  size_t length = strlen(word);
  for (const char *at = strstr(node, word); at; at = strstr(at + 1, word)) {
    bool alone = (at == node || !is_word(at[-1])) && !is_word(at[length]);
    if (alone && at[length] != ':') return true;
  }
  return false;
}

/** The names of the record's "x, y" that the node uses; "x..." and the like are x, y, z. */
static void find_inputs(example *e, const char *inputs) {
  static const char *const usual[] = {"x", "y", "z", "w"};
  for (const char *at = inputs; *at && e->count < INPUTS;) {
    size_t length = 0;
    while (is_word(at[length])) length++;
    if (length > 0 && length < sizeof e->name[0]) {
      memcpy(e->name[e->count], at, length);
      e->name[e->count][length] = 0;
      e->count += uses(e->node, e->name[e->count]);
    }
    at += length ? length : 1;
  }
  for (int i = 0; i < INPUTS && e->count < INPUTS; i++) {
    bool known = !uses(e->node, usual[i]);
    for (int j = 0; j < e->count; j++) known = known || strcmp(e->name[j], usual[i]) == 0;
    if (!known) strcpy(e->name[e->count++], usual[i]);
  }
}

/** The value of a member of the record's JSON, unescaped: "\"" and "\\" are all that examples hold. */
static char *json_member(const char *json, const char *key) {
  char *name = need_text("\"%s\": \"", key), *value = need(strlen(json) + 1, 1), *to = value;
  const char *at = strstr(json, name);
  for (at = at ? at + strlen(name) : ""; *at && *at != '"'; at++) {
    if (*at == '\\' && at[1]) at++;
    *to++ = *at;
  }
  free(name);
  return value;
}

/* ---- Trying ---- */

/** Values that inputs may have, those that most operations take first; the first input's and the others'. */
static const char *const values[][2] = {
    {"[[1.0, -2.0, 3.0], [0.5, 4.0, -1.5]]", "[[2.0, 2.0, -1.0], [0.5, 1.0, 3.0]]"},
    {"[[1.0, 2.0, 0.5, -1.0], [0.0, 1.0, 3.0, 2.0], [-2.0, 0.25, 1.0, 1.0]]",
        "[[1.0, 0.0, 2.0, 1.0], [0.0, 1.0, 1.0, 0.5], [2.0, -1.0, 0.0, 1.0]]"},
    {"[0.5, 1.0, -2.0]", "[1.0, 3.0, 2.0]"},
    {"[[2.0, 1.0], [0.0, 3.0]]", "[[1.0, 0.0], [2.0, 1.0]]"},
    {"[[[1.0, -2.0, 3.0], [0.5, 4.0, -1.5]], [[2.0, 0.0, 1.0], [1.0, 1.0, 0.5]]]",
        "[[[1.0, 0.0, 1.0], [2.0, 1.0, 0.0]], [[0.5, 1.0, 2.0], [3.0, 0.0, 1.0]]]"},
    {"{value: [[1, 0, 2], [2, 1, 0]], dtype: int32}", "{value: [[2, 2, 1], [1, 3, 2]], dtype: int32}"},
    {"{value: [0, 1], dtype: int32}", "{value: [1, 0], dtype: int32}"},
    {"{value: [[true, false, true], [false, false, true]], dtype: bool}",
        "{value: [[true, true, false], [false, true, false]], dtype: bool}"},
    {"[[[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]], [[1.0, 0.0], [2.0, 2.0], [0.5, 1.0]]]",
        "[[[1.0, 0.0], [1.0, 2.0], [0.0, 1.0]], [[2.0, 1.0], [0.0, 1.0], [1.0, 3.0]]]"},
    {"[[[1.0], [2.0], [0.5]], [[3.0], [0.0], [1.0]]]", "[[[2.0], [1.0], [3.0]], [[0.0], [1.0], [0.5]]]"},
    {"[[[[1.0], [2.0]], [[3.0], [4.0]]]]", "[[[[0.5], [1.0]], [[0.0], [2.0]]]]"},
    {"2.0", "3.0"},
};
enum { VALUES = sizeof values / sizeof *values };

static char *graph_text(const example *e, const int *choice) {
  char *text = need_text("# %s\n#\n#     gemmule ops %s --example | gemmule run -\ngemmule: 1\n%s",
      gm_op_doc(e->op), e->op, e->count ? "constants:\n" : "");
  for (int i = 0; i < e->count; i++) {
    char *before = text;
    text = need_text("%s  %s: %s\n", before, e->name[i], values[choice[i]][i > 0]);
    free(before);
  }
  char *whole = need_text("%snodes:\n  result: %s\noutputs: [result]\n", text, e->node);
  free(text);
  return whole;
}

static bool runs(const char *text) {
  gm_node result = {0};
  gm_tensor *value = NULL;
  gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, NULL);
  if (graph) gm_graph_outputs(graph, &result, 1);
  bool fine = graph && gm_eval(graph, result, &value, NULL) == GM_OK;
  gm_tensor_free(value);
  gm_graph_free(graph);
  return fine;
}

/** The next choice of values, the last input changing fastest; false after the last. */
static bool next_choice(const example *e, int *choice) {
  for (int i = e->count; i-- > 0;) {
    if (++choice[i] < VALUES) return true;
    choice[i] = 0;
  }
  return false;
}

static char *find_graph(const example *e) {
  int choice[INPUTS] = {0};
  do {
    char *text = graph_text(e, choice);
    if (runs(text)) return text;
    free(text);
  } while (next_choice(e, choice));
  return NULL;
}

int print_op_example(cli *c, const char *name) {
  char *json = op_text(name, GM_TEXT_JSON), *inputs = json_member(json, "inputs");
  example e = {.op = name, .node = json_member(json, "example")};
  find_inputs(&e, inputs);
  char *text = find_graph(&e);
  if (text) put_text(&c->out, text);
  int code =
      text ? EXIT_OK
           : say(c, GM_INTERNAL, EXIT_BUG, "no values were found for the example of '%s': %s", name, e.node);
  free(text);
  free(e.node);
  free(inputs);
  free(json);
  return code;
}
