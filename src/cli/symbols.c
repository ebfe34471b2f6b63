/* SPDX-License-Identifier: MIT
 *
 * Lengths for values that are made up (zeros, ones, random): symbols from --dim and from the other feeds, and
 * the arithmetic of dims as the library prints it. */
#include "cli.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool read_dim(const char *text, int64_t *value) {
  int64_t number = 0;
  if (*text == '+') text++;
  if (!*text) return false;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return false;
    if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, *text - '0', &number)) {
      return false;
    }
  }
  *value = number;
  return true;
}

/* ---- What is known ---- */

static const symbol *find_symbol(const symbols *known, const char *name, size_t length) {
  for (size_t i = 0; i < known->count; i++) {
    const char *other = known->items[i].name;
    if (strlen(other) == length && memcmp(other, name, length) == 0) return &known->items[i];
  }
  return NULL;
}

void symbols_from_dims(const cli *c, const gm_graph *graph, symbols *known) {
  known->items = need(gm_graph_symbol_count(graph) + c->args.dims.count, sizeof *known->items);
  for (size_t i = 0; i < c->args.dims.count; i++) {
    const pair *dim = &c->args.dims.items[i];
    symbol *added = &known->items[known->count++];
    *added = (symbol){dim->name, need_text("--dim"), 0};
    read_dim(dim->value, &added->value);
  }
}

void symbols_free(symbols *known) {
  for (size_t i = 0; i < known->count; i++) free(known->items[i].origin);
  free(known->items);
}

static const char *graph_symbol(const gm_graph *graph, const char *text) {
  for (size_t i = 0; i < gm_graph_symbol_count(graph); i++) {
    if (strcmp(gm_graph_symbol_name(graph, i), text) == 0) return gm_graph_symbol_name(graph, i);
  }
  return NULL;
}

/** One axis of a feed; a contradiction with --dim is said here, one between feeds by the library. */
static int learn_axis(
    const cli *c, const char *placeholder, int axis, const char *name, int64_t length, symbols *known) {
  const symbol *other = find_symbol(known, name, strlen(name));
  if (!other) {
    known->items[known->count++] = (symbol){name, need_text("'%s' axis %d", placeholder, axis), length};
    return EXIT_OK;
  }
  if (other->value == length || strcmp(other->origin, "--dim") != 0) return EXIT_OK;
  return say(c, GM_BAD_SHAPE, EXIT_SHAPE, "%s = %" PRId64 " from --dim, but %" PRId64 " from '%s' axis %d",
      name, other->value, length, placeholder, axis);
}

int symbols_from_feed(
    const cli *c, const gm_graph *graph, gm_node node, const gm_tensor *value, symbols *known) {
  int rank = gm_node_rank(graph, node), code = EXIT_OK;
  if (rank != gm_tensor_rank(value)) return EXIT_OK;
  for (int axis = 0; axis < rank && code == EXIT_OK; axis++) {
    if (gm_node_dim(graph, node, axis) >= 0) continue;
    char *text = dim_text(graph, node, axis);
    const char *name = graph_symbol(graph, text);
    if (name) code = learn_axis(c, gm_node_name(graph, node), axis, name, gm_tensor_dims(value)[axis], known);
    free(text);
  }
  return code;
}

/* ---- Arithmetic ---- */

/** What went wrong, as the value of `trouble`: a symbol (of `length` bytes at `at`), or what is said. */
typedef struct evaluation {
  const char *at;
  const symbols *known;
  const char *missing;
  size_t missing_length;
  const char *trouble;
  int depth;
} evaluation;

static int64_t read_sum(evaluation *e);

static void skip_blanks(evaluation *e) {
  while (*e->at == ' ') e->at++;
}

static bool take_text(evaluation *e, const char *text) {
  skip_blanks(e);
  if (strncmp(e->at, text, strlen(text)) != 0) return false;
  e->at += strlen(text);
  return true;
}

static int64_t trouble(evaluation *e, const char *what) {
  if (!e->trouble) e->trouble = what;
  return 0;
}

static int64_t combine(evaluation *e, const char *function, size_t length, int64_t a, int64_t b) {
  if (length == 3 && memcmp(function, "min", 3) == 0) return a < b ? a : b;
  if (length == 3 && memcmp(function, "max", 3) == 0) return a > b ? a : b;
  if (length != 9 || memcmp(function, "broadcast", 9) != 0)
    return trouble(e, "is no arithmetic that is known");
  if (a != b && a != 1 && b != 1) return trouble(e, "cannot be broadcast");
  return a == 1 ? b : a;
}

static int64_t read_call(evaluation *e, const char *function, size_t length) {
  int64_t value = read_sum(e);
  while (!e->trouble && take_text(e, ",")) value = combine(e, function, length, value, read_sum(e));
  return take_text(e, ")") ? value : trouble(e, "is no arithmetic that is known");
}

static int64_t read_word(evaluation *e) {
  const char *from = e->at;
  while (isalnum((unsigned char)*e->at) || *e->at == '_') e->at++;
  size_t length = (size_t)(e->at - from);
  if (take_text(e, "(")) return read_call(e, from, length);
  const symbol *found = find_symbol(e->known, from, length);
  if (found) return found->value;
  if (!e->missing) {
    e->missing = from;
    e->missing_length = length;
  }
  return trouble(e, "");
}

static int64_t read_digits(evaluation *e) {
  int64_t value = 0;
  for (; isdigit((unsigned char)*e->at); e->at++) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *e->at - '0', &value)) {
      return trouble(e, "is too large");
    }
  }
  return value;
}

static int64_t read_factor(evaluation *e) {
  int64_t value = 0;
  if (take_text(e, "?"))
    return trouble(e, "is unnamed, so that it comes from a file or an inline value only");
  if (take_text(e, "-")) {
    value = read_factor(e);
    return __builtin_sub_overflow(0, value, &value) ? trouble(e, "is too large") : value;
  }
  if (!take_text(e, "(")) {
    skip_blanks(e);
    return isdigit((unsigned char)*e->at)                    ? read_digits(e)
           : isalpha((unsigned char)*e->at) || *e->at == '_' ? read_word(e)
                                                             : trouble(e, "is no arithmetic that is known");
  }
  value = read_sum(e);
  return take_text(e, ")") ? value : trouble(e, "is no arithmetic that is known");
}

static int64_t floor_divide(evaluation *e, int64_t a, int64_t b) {
  if (b == 0) return trouble(e, "divides by zero");
  if (b == -1) return __builtin_sub_overflow(0, a, &a) ? trouble(e, "is too large") : a;
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

static int64_t read_product(evaluation *e) {
  int64_t value = read_factor(e);
  while (!e->trouble) {
    if (take_text(e, "//")) {
      value = floor_divide(e, value, read_factor(e));
    } else if (take_text(e, "*")) {
      if (__builtin_mul_overflow(value, read_factor(e), &value)) return trouble(e, "is too large");
    } else {
      break;
    }
  }
  return value;
}

static int64_t read_sum(evaluation *e) {
  if (++e->depth > 200) return trouble(e, "is nested too deep");
  int64_t value = read_product(e);
  bool overflow = false;
  while (!e->trouble && !overflow) {
    if (take_text(e, "+"))
      overflow = __builtin_add_overflow(value, read_product(e), &value);
    else if (take_text(e, "-"))
      overflow = __builtin_sub_overflow(value, read_product(e), &value);
    else
      break;
  }
  e->depth--;
  return overflow ? trouble(e, "is too large") : value;
}

static int say_trouble(
    const cli *c, const gm_graph *graph, gm_node node, const char *text, const evaluation *e) {
  char *shape = node_text(gm_node_shape_text, graph, node);
  const char *name = gm_node_name(graph, node);
  int code = e->missing ? say_usage(c, "the value of '%s' %s cannot be made: give --dim %.*s=INT", name,
                              shape, (int)e->missing_length, e->missing)
                        : say_usage(c, "the value of '%s' %s cannot be made: the dim '%s' %s", name, shape,
                              text, e->trouble);
  free(shape);
  return code;
}

int evaluate_dim(
    const cli *c, const gm_graph *graph, gm_node node, int axis, const symbols *known, int64_t *length) {
  *length = gm_node_dim(graph, node, axis);
  if (*length >= 0) return EXIT_OK;
  char *text = dim_text(graph, node, axis);
  evaluation e = {.at = text, .known = known};
  int code = EXIT_OK;
  *length = read_sum(&e);
  if (!e.trouble && *length < 0) trouble(&e, "would be negative");
  if (e.trouble) code = say_trouble(c, graph, node, text, &e);
  free(text);
  return code;
}
