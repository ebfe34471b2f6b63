/* SPDX-License-Identifier: MIT
 *
 * A reader by recursive descent. */
#include "support/infix.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 32, MOST_OPERANDS = 4 };

typedef struct reader {
  gm_graph *graph;
  const char *text, *at;
  gm_dtype dtype;
  int side;
} reader;

/** number: `value` instead of a node, until it meets one. */
typedef struct operand {
  gm_node node;
  double value;
  bool number;
} operand;

static operand sum(reader *r);

static void bad(const reader *r) {
  fprintf(stderr, "no expression: '%s' at column %d\n", r->text, (int)(r->at - r->text) + 1);
  abort();
}

static bool takes(reader *r, char c) {
  while (*r->at == ' ') r->at++;
  if (*r->at != c) return false;
  r->at++;
  return true;
}

static gm_node node_of(reader *r, operand x) {
  return x.number ? gm_number(r->graph, x.value) : x.node;
}

static operand applied(
    reader *r, const char *op, const gm_node *inputs, size_t count, const char *attributes) {
  return (operand){.node = gm_apply(r->graph, op, inputs, count, attributes)};
}

static operand pair(reader *r, const char *op, operand x, operand y) {
  return applied(r, op, (gm_node[]){node_of(r, x), node_of(r, y)}, 2, NULL);
}

/** Behind the bracket of name(x, y). */
static operand call(reader *r, char *op) {
  gm_node inputs[MOST_OPERANDS];
  char attributes[WORD], *last = op + strlen(op) - 1;
  bool axis = isdigit((unsigned char)*last);
  size_t count = 0;
  snprintf(attributes, sizeof attributes, "{axis: %c}", *last);
  if (axis) *last = '\0';
  do {
    if (count == MOST_OPERANDS) bad(r);
    inputs[count++] = node_of(r, sum(r));
  } while (takes(r, ','));
  if (!takes(r, ')')) bad(r);
  return applied(r, op, inputs, count, axis ? attributes : NULL);
}

static operand named(reader *r) {
  char word[WORD], size[2 * WORD];
  int length = 0;
  while ((isalnum((unsigned char)*r->at) || *r->at == '_') && length < WORD - 1) word[length++] = *r->at++;
  word[length] = '\0';
  if (length == 0) bad(r);
  if (takes(r, '(')) return call(r, word);
  snprintf(size, sizeof size, "{size: %d, dtype: %s}", r->side, gm_dtype_name(r->dtype));
  if (strcmp(word, "I") == 0) return applied(r, "eye", NULL, 0, size);
  operand made = {.node = gm_node_named(r->graph, word)};
  if (made.node.id == 0) bad(r);
  return made;
}

static operand primary(reader *r) {
  char *end;
  if (takes(r, '(')) {
    operand inner = sum(r);
    if (!takes(r, ')')) bad(r);
    return inner;
  }
  if (!isdigit((unsigned char)*r->at)) return named(r);
  operand number = {.value = strtod(r->at, &end), .number = true};
  r->at = end;
  return number;
}

static operand indexed(reader *r, operand x) {
  char attributes[2 * WORD];
  const char *end = strchr(r->at, ']');
  if (!end) bad(r);
  snprintf(attributes, sizeof attributes, "{at: '%.*s'}", (int)(end - r->at), r->at);
  r->at = end + 1;
  return applied(r, "index", &x.node, 1, attributes);
}

static operand postfix(reader *r) {
  operand x = primary(r);
  for (;;) {
    if (takes(r, '\''))
      x = applied(r, "transpose", &x.node, 1, NULL);
    else if (takes(r, '['))
      x = indexed(r, x);
    else
      return x;
  }
}

static operand unary(reader *r) {
  if (!takes(r, '-')) return postfix(r);
  operand x = unary(r);
  return applied(r, "negative", &x.node, 1, NULL);
}

static operand term(reader *r) {
  operand x = unary(r);
  while (takes(r, '*')) {
    operand y = unary(r);
    x = pair(r, x.number || y.number ? "multiply" : "dot", x, y);
  }
  return x;
}

static operand sum(reader *r) {
  operand x = term(r);
  for (;;) {
    if (takes(r, '+'))
      x = pair(r, "add", x, term(r));
    else if (takes(r, '-'))
      x = pair(r, "subtract", x, term(r));
    else
      return x;
  }
}

gm_node infix(gm_graph *graph, const char *text, gm_dtype dtype, int side) {
  reader r = {graph, text, text, dtype, side};
  operand made = sum(&r);
  if (*r.at != '\0') bad(&r);
  return node_of(&r, made);
}
