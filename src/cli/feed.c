/* SPDX-License-Identifier: MIT
 *
 * --feed NAME=VALUE. VALUE is the name of a generator (zeros, ones, random[:SEED]), an inline value, or a
 * .npy file, in this order. Files and inline values are read first, since their shapes tell what symbols
 * stand for. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

typedef struct feeding {
  const cli *c;
  const gm_graph *graph;
  symbols known;
} feeding;

static bool is_random(const char *value) {
  return strcmp(value, "random") == 0 || strncmp(value, "random:", 7) == 0;
}

static bool is_generated(const char *value) {
  return strcmp(value, "zeros") == 0 || strcmp(value, "ones") == 0 || is_random(value);
}

static bool is_inline(const char *value) {
  static const char *const words[] = {"nan", "inf", "true", "false"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(value, words[i]) == 0) return true;
  }
  return *value && strchr("[0123456789+-.", *value);
}

/* ---- Names ---- */

static int unknown_placeholder(const cli *c, const gm_graph *graph, const char *name) {
  char near[NEAR_ROOM];
  size_t count = 0, nodes = gm_graph_node_count(graph);
  const char **names = need(nodes, sizeof *names);
  for (size_t i = 0; i < nodes; i++) {
    gm_node node = gm_graph_node_at(graph, i);
    if (strcmp(gm_node_op(graph, node), "placeholder") == 0) names[count++] = gm_node_name(graph, node);
  }
  int code =
      say_usage(c, "--feed: the graph has no placeholder '%s'%s", name, near_text(near, name, names, count));
  free(names);
  return code;
}

int check_feeds(const cli *c, const gm_graph *graph) {
  for (size_t i = 0; i < c->args.feeds.count; i++) {
    const char *name = c->args.feeds.items[i].name;
    gm_node node = gm_node_named(graph, name);
    if (node.id == 0) return unknown_placeholder(c, graph, name);
    const char *op = gm_node_op(graph, node);
    if (strcmp(op, "placeholder") != 0)
      return say_usage(c, "--feed: '%s' is no placeholder, but a node '%s'", name, op);
  }
  return EXIT_OK;
}

static bool is_fed(const cli *c, const char *name) {
  for (size_t i = 0; i < c->args.feeds.count; i++) {
    if (strcmp(c->args.feeds.items[i].name, name) == 0) return true;
  }
  return false;
}

int check_missing(const cli *c, const gm_graph *graph, const bool *needed) {
  char *list = NULL;
  size_t count = 0;
  for (size_t i = 0; i < gm_graph_node_count(graph); i++) {
    gm_node node = gm_graph_node_at(graph, i);
    bool placeholder = needed[i] && strcmp(gm_node_op(graph, node), "placeholder") == 0;
    if (!placeholder || is_fed(c, gm_node_name(graph, node))) continue;
    char *shape = node_text(gm_node_shape_text, graph, node), *before = list;
    list = need_text("%s%s'%s' %s %s", before ? before : "", before ? ", " : "", gm_node_name(graph, node),
        shape, gm_dtype_name(gm_node_dtype(graph, node)));
    count++;
    free(before);
    free(shape);
  }
  if (!list) return EXIT_OK;
  int code = say(
      c, GM_UNBOUND, EXIT_USAGE, "%zu placeholder%s not fed: %s", count, count == 1 ? " is" : "s are", list);
  free(list);
  return code;
}

/* ---- Values that are made up ---- */

static uint64_t seed_of(const char *name) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (; *name; name++) hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
  return hash;
}

static bool read_seed(const char *value, const char *name, uint64_t *seed) {
  *seed = seed_of(name);
  if (value[6] != ':') return true;
  uint64_t number = 0;
  const char *at = value + 7;
  if (!*at) return false;
  for (; *at >= '0' && *at <= '9'; at++) {
    if (__builtin_mul_overflow(number, 10, &number)) return false;
    if (__builtin_add_overflow(number, (uint64_t)(*at - '0'), &number)) return false;
  }
  *seed = number;
  return *at == 0;
}

static bool is_integer(gm_dtype dtype) {
  return dtype >= GM_INT8 && dtype <= GM_INT64;
}

/** 0 … 9 for integers, 0 and 1 for bool: from uniform numbers, element by element. */
static int fill_digits(const feeding *f, gm_tensor *value, uint64_t seed) {
  gm_error error = {.status = GM_OK};
  int64_t count = gm_tensor_count(value);
  double base = gm_tensor_dtype(value) == GM_BOOL ? 2 : 10;
  gm_tensor *draws = gm_tensor_new(GM_FLOAT32, 1, &count, &error);
  if (!draws || gm_tensor_random_uniform(draws, 0, 1, seed, &error)) {
    gm_tensor_free(draws);
    return say_error(f->c, &error);
  }
  const float *draw = gm_tensor_cdata(draws);
  char *to = gm_tensor_data(value);
  size_t size = gm_dtype_size(gm_tensor_dtype(value));
  for (int64_t i = 0; i < count; i++) {
    int64_t digit = (int64_t)((double)draw[i] * base);
    int8_t as8 = (int8_t)digit;
    int16_t as16 = (int16_t)digit;
    int32_t as32 = (int32_t)digit;
    const void *element = size == 1   ? (void *)&as8
                          : size == 2 ? (void *)&as16
                          : size == 4 ? (void *)&as32
                                      : (void *)&digit;
    memcpy(to + (size_t)i * size, element, size);
  }
  gm_tensor_free(draws);
  return EXIT_OK;
}

static int fill_random(const feeding *f, const pair *feed, gm_tensor *value) {
  gm_error error = {.status = GM_OK};
  uint64_t seed;
  if (!read_seed(feed->value, feed->name, &seed)) {
    return say_usage(
        f->c, "--feed %s=%s: the seed is an integer from 0 to 18446744073709551615", feed->name, feed->value);
  }
  gm_dtype dtype = gm_tensor_dtype(value);
  if (is_integer(dtype) || dtype == GM_BOOL) return fill_digits(f, value, seed);
  return gm_tensor_random_uniform(value, 0, 1, seed, &error) ? say_error(f->c, &error) : EXIT_OK;
}

/** Every dtype has its own 1. */
static int fill_ones(const feeding *f, gm_tensor *value) {
  gm_error error = {.status = GM_OK};
  gm_tensor *one =
      gm_tensor_parse(gm_tensor_dtype(value) == GM_BOOL ? "true" : "1", gm_tensor_dtype(value), &error);
  if (!one) return say_error(f->c, &error);
  size_t size = gm_dtype_size(gm_tensor_dtype(value));
  char *to = gm_tensor_data(value);
  for (int64_t i = 0; i < gm_tensor_count(value); i++)
    memcpy(to + (size_t)i * size, gm_tensor_cdata(one), size);
  gm_tensor_free(one);
  return EXIT_OK;
}

static int generate(const feeding *f, const pair *feed, gm_tensor **out) {
  gm_node node = gm_node_named(f->graph, feed->name);
  int64_t dims[GM_MAX_RANK];
  int rank = gm_node_rank(f->graph, node), code = EXIT_OK;
  gm_error error = {.status = GM_OK};
  for (int axis = 0; axis < rank && code == EXIT_OK; axis++) {
    code = evaluate_dim(f->c, f->graph, node, axis, &f->known, &dims[axis]);
  }
  if (code) return code;
  *out = gm_tensor_new(gm_node_dtype(f->graph, node), rank, dims, &error);
  if (!*out) return say_error(f->c, &error);
  if (is_random(feed->value)) return fill_random(f, feed, *out);
  return strcmp(feed->value, "ones") == 0 ? fill_ones(f, *out) : EXIT_OK;
}

/* ---- Values that are read ---- */

static int read_inline(const feeding *f, const pair *feed, gm_dtype dtype, gm_tensor **out) {
  gm_error error = {.status = GM_OK};
  *out = gm_tensor_parse(feed->value, dtype, &error);
  if (*out) return EXIT_OK;
  char sentence[sizeof error.message];
  memcpy(sentence, error.message, sizeof sentence);
  snprintf(error.message, sizeof error.message, "--feed %.60s: %.440s", feed->name, sentence);
  error.line = error.column = 0;
  return say_argument_error(f->c, &error);
}

static int read_file(const feeding *f, const pair *feed, gm_dtype dtype, gm_tensor **out) {
  gm_error error = {.status = GM_OK};
  *out = gm_tensor_load(feed->value, &error);
  if (!*out) return say_error(f->c, &error);
  if (gm_tensor_dtype(*out) == dtype) return EXIT_OK;
  return say(f->c, GM_BAD_DTYPE, EXIT_SHAPE, "the placeholder '%s' is %s, but '%s' is %s", feed->name,
      gm_dtype_name(dtype), feed->value, gm_dtype_name(gm_tensor_dtype(*out)));
}

static int read_value(feeding *f, const pair *feed, gm_tensor **out) {
  gm_node node = gm_node_named(f->graph, feed->name);
  gm_dtype dtype = gm_node_dtype(f->graph, node);
  int code = is_inline(feed->value) ? read_inline(f, feed, dtype, out) : read_file(f, feed, dtype, out);
  return code ? code : symbols_from_feed(f->c, f->graph, node, *out, &f->known);
}

/* ---- All of them ---- */

static bool is_needed(const gm_graph *graph, const bool *needed, const char *name) {
  gm_node node = gm_node_named(graph, name);
  for (size_t i = 0; i < gm_graph_node_count(graph); i++) {
    if (gm_graph_node_at(graph, i).id == node.id) return needed[i];
  }
  return false;
}

int make_feeds(const cli *c, const gm_graph *graph, const bool *needed, gm_tensor **values) {
  feeding f = {c, graph, {NULL, 0}};
  int code = EXIT_OK;
  symbols_from_dims(c, graph, &f.known);
  for (int generated = 0; generated < 2; generated++) {
    for (size_t i = 0; i < c->args.feeds.count && code == EXIT_OK; i++) {
      const pair *feed = &c->args.feeds.items[i];
      if (is_generated(feed->value) != generated || !is_needed(graph, needed, feed->name)) continue;
      code = generated ? generate(&f, feed, &values[i]) : read_value(&f, feed, &values[i]);
    }
  }
  symbols_free(&f.known);
  return code;
}
