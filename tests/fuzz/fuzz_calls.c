/* SPDX-License-Identifier: MIT
 *
 * Sequences of calls of the C interface, chosen by the bytes: graphs are built with likely and unlikely
 * shapes and attributes, planned, fed, run and freed in any order. Facts: a builder that fails adds nothing
 * and leaves every shape as it was; a run gives the dims that were inferred; running again gives the same
 * bits; a plan without any pass agrees bit for bit with `exact` ones. */
#include "fuzz.h"

#include <stdio.h>
#include "exec/executor.h"
#include "graph/graph.h"
#include "ops/registry.h"
#include "run_graph.h"

enum { CALLS = 100, NODES = 48, OUTPUTS = 4, VALUES = 12, WORKSPACE = 1 << 23 };

/** A plan, two by which its results are checked, and an executor of each. */
typedef struct planned {
  gm_plan *plan[3];
  gm_executor *executor[3];
  bool exact;
  size_t count;
  int rank[OUTPUTS];
  int64_t dims[OUTPUTS][GM_MAX_RANK];
  gm_dtype dtype[OUTPUTS];
  gm_tensor *bound[OUTPUTS];
} planned;
enum { GIVEN, CHECKED, PLAIN };

typedef struct state {
  bytes from;
  gm_graph *graph, *other;
  uint64_t print; /* of the graph, after the last call that added a node */
  gm_node nodes[NODES], foreign;
  int count;
  planned slots[2];
  gm_tensor *values[VALUES]; /* fed ones: they outlive the executors */
  int value_count;
} state;

/* ---- What is chosen from ---- */

static const char *const names[] = {NULL, NULL, NULL, "a", "b", "c", "n", "x", "x-1", "1x", "", "add",
    "add_1", "y z",
    "a_name_of_128_bytes_"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "456789012"};
static const char *const dims[] = {"n", "3", "2", "1", "4", "m", "n", "3", "0", "?", "2*n", "n + 1", "n*m",
    "(n + 1)//2", "min(n, 3)", "max(n, 2)", "n - 1", "5", "6", "8", "k", "2*n + 1", "n//2", "m + n", "n*n",
    "7", "100000", "4611686018427387904", "9223372036854775807", "9223372036854775808", "-1", "n*", "(",
    "n - m", "k*3", "16"};
static const gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT64,
    GM_INT32, GM_INT32, GM_BOOL, GM_INT8, GM_UINT8, GM_INT16, GM_INT64, GM_FLOAT16, GM_BFLOAT16, GM_COMPLEX64,
    GM_COMPLEX128, (gm_dtype)99, (gm_dtype)-1};
enum { DTYPES = sizeof dtypes / sizeof *dtypes };

static gm_dtype take_dtype(bytes *from) {
  return dtypes[take_below(from, DTYPES)];
}

static void take_shape(bytes *from, char text[400]) {
  unsigned rank = take_below(from, 16);
  text[0] = 0;
  rank = rank < 12 ? rank % 4 : rank == 15 ? 33 : rank - 8;
  for (unsigned i = 0; i < rank; i++) {
    snprintf(text + strlen(text), 400 - strlen(text), "%s%s", i ? ", " : "",
        rank > 8 ? "1" : take_word(from, dims, sizeof dims / sizeof *dims));
  }
}

static gm_tensor *take_tensor(bytes *from) {
  static const int64_t lengths[] = {3, 2, 1, 4, 3, 2, 5, 0};
  int64_t shape[4];
  int rank = (int)take_below(from, 5);
  for (int i = 0; i < rank; i++) shape[i] = lengths[take_below(from, 8)];
  return fuzz_tensor(take_dtype(from) % 12, rank, shape, take(from));
}

/** Recent nodes more often; sometimes none, or one of another graph. */
static gm_node take_node(state *s) {
  unsigned byte = take(&s->from);
  if (byte == 255) return (gm_node){0};
  if (byte == 254) return s->foreign;
  if (s->count == 0) return (gm_node){byte};
  if (byte < 96) return s->nodes[byte % s->count];
  return s->nodes[s->count - 1 - byte % (s->count < 6 ? s->count : 6)];
}

/* ---- Attributes ---- */

static const char *const numbers[] = {
    "0", "1", "0.5", "-1", "2", "3", "nan", "inf", "-inf", "1e300", "1e-30", "null"};
static const char *const integers[] = {"0", "-1", "1", "2", "3", "-2", "4", "-3", "null",
    "9223372036854775807", "-9223372036854775808", "100000"};
static const char *const indices[] = {"\"0\"", "\"::-1\"", "\"..., 1:\"", "\"-1, :2\"", "\"None, ...\"",
    "\":, ::2\"", "\"1:1\"", "\"-5:9223372036854775807\"", "\"::-9223372036854775808\"", "\"...\"",
    "\"0, 0, 0\"", "\"2:0:-1\""};

/** The word number `index` of a list with commas; the first where there is none. */
static void add_choice(char *text, size_t size, const char *choices, unsigned index) {
  const char *at = choices;
  for (; index && strchr(at, ','); index--) at = strchr(at, ',') + 1;
  snprintf(text, size, "%.*s", (int)strcspn(at, ","), at);
}

static void add_list(
    bytes *from, char *text, size_t size, const char *const *words, unsigned count, const char *quote) {
  unsigned length = take_below(from, 5);
  if (length == 0) {
    snprintf(text, size, "%s%s%s", quote, take_word(from, words, count), quote);
    return;
  }
  snprintf(text, size, "[");
  for (unsigned i = 1; i < length; i++) {
    size_t used = strlen(text);
    snprintf(
        text + used, size - used, "%s%s%s%s", i > 1 ? ", " : "", quote, take_word(from, words, count), quote);
  }
  size_t used = strlen(text);
  snprintf(text + used, size - used, "]");
}

static void add_value(bytes *from, const gm__attr_row *row, char *text, size_t size) {
  static const char *const flags[] = {"true", "false", "null"};
  switch (row->type) {
  case GM__ATTR_BOOL: snprintf(text, size, "%s", TAKE_WORD(from, flags)); break;
  case GM__ATTR_INTEGER: snprintf(text, size, "%s", TAKE_WORD(from, integers)); break;
  case GM__ATTR_NUMBER: snprintf(text, size, "%s", TAKE_WORD(from, numbers)); break;
  case GM__ATTR_CHOICE: add_choice(text, size, row->choices, take_below(from, 8)); break;
  case GM__ATTR_DTYPE: snprintf(text, size, "%s", gm_dtype_name((gm_dtype)take_below(from, 12))); break;
  case GM__ATTR_INTEGERS: add_list(from, text, size, integers, 8, ""); break;
  case GM__ATTR_SHAPE: add_list(from, text, size, take(from) & 1 ? dims : integers, 8, "\""); break;
  case GM__ATTR_TEXT: snprintf(text, size, "%s", TAKE_WORD(from, indices)); break;
  }
}

/** Those that must be given, and some of the others; now and then one that there is not. */
static void take_attributes(bytes *from, const gm__op *op, char text[512]) {
  unsigned wanted = take(from);
  bool any = false;
  snprintf(text, 512, "{");
  for (int i = 0; i < op->attr_count; i++) {
    if (op->attrs[i].initial && !(wanted >> i & 1)) continue;
    size_t used = strlen(text);
    snprintf(text + used, 512 - used, "%s%s: ", any ? ", " : "", op->attrs[i].name);
    used = strlen(text);
    add_value(from, &op->attrs[i], text + used, 512 - used);
    any = true;
  }
  size_t used = strlen(text);
  snprintf(text + used, 512 - used, wanted == 255 ? "%saxes_: 1}" : "}", any ? ", " : "");
}

/* ---- Building ---- */

/** What a failed call must leave alone: the number of nodes, their shapes and the symbols. */
static uint64_t print_of(const gm_graph *graph) {
  uint64_t hash = gm__hash(GM__HASH_SEED, &graph->count, sizeof graph->count);
  char text[1024];
  for (size_t i = 0; i < gm_graph_node_count(graph); i++) {
    gm_node_shape_text(graph, gm_graph_node_at(graph, i), text, sizeof text);
    hash = gm__hash(hash, text, strlen(text));
  }
  for (size_t i = 0; i < gm_graph_symbol_count(graph); i++) {
    gm_graph_symbol_text(graph, i, text, sizeof text);
    hash = gm__hash(hash, text, strlen(text));
  }
  return hash;
}

static gm_node apply(state *s) {
  const gm__op *op = gm__op_named(gm_op_name(take(&s->from) % gm_op_count()));
  char attributes[512];
  gm_node inputs[4];
  unsigned extra = take_below(&s->from, 16);
  int count = op->min_inputs + (extra == 15                                       ? 1
                                   : extra > 9 && op->max_inputs > op->min_inputs ? 1 + (extra == 12)
                                                                                  : 0);
  if (extra == 14 && count) count--;
  if (count > 4) count = 4;
  for (int i = 0; i < count; i++) inputs[i] = take_node(s);
  take_attributes(&s->from, op, attributes);
  return gm_apply(s->graph, op->name, inputs, (size_t)count, attributes);
}

static gm_node value_node(state *s, bool variable) {
  gm_tensor *value = take_tensor(&s->from);
  const char *name = TAKE_WORD(&s->from, names);
  gm_node node = variable ? gm_variable(s->graph, name, value) : gm_constant(s->graph, name, value);
  gm_tensor_free(value);
  return node;
}

static gm_node initialised(state *s) {
  char shape[400];
  const char *name = TAKE_WORD(&s->from, names);
  unsigned kind = take_below(&s->from, 5);
  gm_dtype dtype = take_dtype(&s->from);
  take_shape(&s->from, shape);
  switch (kind) {
  case 0: return gm_zeros(s->graph, name, dtype, shape);
  case 1: return gm_ones(s->graph, name, dtype, shape);
  case 2: return gm_full(s->graph, name, dtype, shape, (double)take(&s->from) / 4);
  case 3: return gm_random_uniform_variable(s->graph, name, dtype, shape, 0, 2, take(&s->from));
  default: return gm_random_normal_variable(s->graph, name, dtype, shape, 0, 1, take(&s->from));
  }
}

static gm_node placeholder(state *s) {
  char shape[400];
  const char *name = TAKE_WORD(&s->from, names);
  gm_dtype dtype = take_dtype(&s->from);
  take_shape(&s->from, shape);
  return gm_placeholder(s->graph, name, dtype, shape);
}

static gm_node build(state *s, unsigned kind) {
  gm_node x, y;
  switch (kind) {
  case 0: return placeholder(s);
  case 1: return value_node(s, true);
  case 2: return value_node(s, false);
  case 3: return initialised(s);
  case 4: return gm_number(s->graph, (double)take(&s->from) / 8 - 16);
  case 5: return gm_integer(s->graph, (int64_t)take(&s->from) - 128);
  case 6:
    x = take_node(s);
    y = take_node(s);
    return gm_dot(s->graph, x, y);
  case 7: return gm_result(s->graph, take_node(s), take_below(&s->from, 4));
  case 8: x = take_node(s); return gm_name(s->graph, x, TAKE_WORD(&s->from, names));
  default: return apply(s);
  }
}

static void check_node(const gm_graph *graph, gm_node node) {
  char text[2048];
  int rank = gm_node_rank(graph, node);
  NEED(rank >= 0 && rank <= GM_MAX_RANK && gm_dtype_name(gm_node_dtype(graph, node)) != NULL);
  NEED(gm_node_dim(graph, node, rank) == -2 && gm_node_dim(graph, node, -rank - 1) == -2);
  NEED(gm_node_shape_text(graph, node, text, sizeof text) >= 2);
  NEED(gm_node_attributes_text(graph, node, GM_TEXT_JSON, text, sizeof text) > 0);
  NEED(gm_node_flops_text(graph, node, text, sizeof text) > 0);
  for (int axis = 0; axis < rank; axis++) NEED(gm_node_dim(graph, node, axis) >= -1);
}

static void add_node(state *s, unsigned kind) {
  if (s->count == NODES) return;
  size_t count = gm_graph_node_count(s->graph);
  gm_error error = {0};
  gm_node node = build(s, kind);
  if (node.id) {
    check_node(s->graph, node);
    s->nodes[s->count++] = node;
    s->print = print_of(s->graph);
    return;
  }
  gm_status status = gm_graph_error(s->graph, &error);
  fuzz_status(status, &error);
  NEED(gm_graph_node_count(s->graph) == count && print_of(s->graph) == s->print);
  gm_graph_clear_error(s->graph);
}

/* ---- Variables, outputs, values at once ---- */

static void set_variable(state *s) {
  gm_node node = take_node(s);
  gm_error error = {0};
  gm_tensor *value = NULL, *other = NULL;
  gm_status status = gm_variable_get(s->graph, node, &value, &error);
  fuzz_status(status, &error);
  if (status) return;
  unsigned seed = take(&s->from);
  other = fuzz_tensor(gm_tensor_dtype(value), gm_tensor_rank(value), gm_tensor_dims(value), seed);
  if (seed == 7) {
    gm_tensor_free(other);
    other = take_tensor(&s->from);
  }
  if (other) {
    status = gm_variable_set(s->graph, node, other, &error);
    fuzz_status(status, &error);
    gm_tensor_free(value);
    value = NULL;
    NEED(gm_variable_get(s->graph, node, &value, NULL) == GM_OK);
    if (status == GM_OK) NEED(fuzz_same(value, other));
  }
  gm_tensor_free(value);
  gm_tensor_free(other);
}

static size_t take_outputs(state *s, gm_node *outputs) {
  size_t count = 1 + take_below(&s->from, OUTPUTS);
  for (size_t i = 0; i < count; i++) outputs[i] = take_node(s);
  return count;
}

static void set_outputs(state *s) {
  gm_node outputs[OUTPUTS], declared[OUTPUTS];
  gm_error error = {0};
  size_t count = take_outputs(s, outputs);
  gm_status status = gm_graph_set_outputs(s->graph, outputs, count, &error);
  fuzz_status(status, &error);
  if (status) return;
  NEED(gm_graph_outputs(s->graph, declared, OUTPUTS) == count);
  NEED(memcmp(declared, outputs, count * sizeof *outputs) == 0);
}

static bool affordable(const gm_graph *graph) {
  lengths *of = fuzz_lengths(graph, 2);
  bool fine = of && fuzz_cost(graph, of) <= FUZZ_COST;
  fuzz_lengths_free(of);
  return fine;
}

static void evaluate(state *s) {
  gm_tensor *value = NULL;
  gm_error error = {0};
  gm_node node = take_node(s);
  if (!affordable(s->graph)) return;
  gm_status status = gm_eval(s->graph, node, &value, &error);
  fuzz_status(status, &error);
  NEED((status == GM_OK) == (value != NULL));
  if (value) NEED(gm_tensor_rank(value) == gm_node_rank(s->graph, node));
  gm_tensor_free(value);
}

/* ---- Planning ---- */

static void release(planned *p) {
  for (int i = 0; i < 3; i++) {
    gm_executor_free(p->executor[i]);
    gm_plan_free(p->plan[i]);
  }
  for (int i = 0; i < OUTPUTS; i++) gm_tensor_free(p->bound[i]);
  memset(p, 0, sizeof *p);
}

/** Some passes, by the bits of `which`; not the one that leaves out what is not needed. */
static const char *passes(unsigned which, char text[256]) {
  text[0] = 0;
  for (size_t i = 0; gm_pass_name(i); i++) {
    if (!(which >> i & 1) || strcmp(gm_pass_name(i), "prune") == 0) continue;
    strcat(text, text[0] ? "," : "");
    strcat(text, gm_pass_name(i));
  }
  return text;
}

static gm_plan *make_plan(const gm_graph *graph, const gm_node *outputs, size_t count, bool exact,
    unsigned without, const char *kernel, gm_error *error) {
  char text[256];
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.threads = 1;
  options.exact = exact;
  options.without = passes(without, text);
  options.kernel = kernel;
  options.max_specialisations = 2;
  return gm_plan_new(graph, outputs, count, &options, error);
}

static void note_outputs(const gm_graph *graph, const gm_node *outputs, planned *p) {
  for (size_t i = 0; i < p->count; i++) {
    p->rank[i] = gm_node_rank(graph, outputs[i]);
    p->dtype[i] = gm_node_dtype(graph, outputs[i]);
    for (int axis = 0; axis < p->rank[i]; axis++) p->dims[i][axis] = gm_node_dim(graph, outputs[i], axis);
  }
}

static void plan(state *s, planned *p) {
  gm_node outputs[OUTPUTS];
  gm_error error = {0};
  size_t count = take_outputs(s, outputs);
  unsigned byte = take(&s->from), without = take(&s->from);
  const char *kernel = byte & 2 ? gm_kernel_name(byte >> 2 & 1) : NULL;
  release(p);
  if (!affordable(s->graph)) return;
  p->plan[GIVEN] = make_plan(s->graph, outputs, count, byte & 1, byte & 8 ? without : 0, kernel, &error);
  if (!p->plan[GIVEN]) {
    fuzz_refused(&error);
    return;
  }
  p->exact = byte & 1;
  p->count = count;
  note_outputs(s->graph, outputs, p);
  p->plan[CHECKED] = make_plan(s->graph, outputs, count, true, without, kernel, &error);
  p->plan[PLAIN] = make_plan(s->graph, outputs, count, true, ~0u, kernel, &error);
  for (int i = 0; i < 3; i++) {
    NEED(p->plan[i] != NULL);
    p->executor[i] = gm_executor_new(p->plan[i], &error);
    NEED(p->executor[i] != NULL);
  }
}

static void print_plan(state *s, const planned *p) {
  static const char *const texts[] = {NULL, "n=3", "n=3, m=2, k=1", "n=0", "n", "n=-1",
      "n=9223372036854775808", "n=4, m=4", "zz=1", "n=1, n=2"};
  gm_error error = {0};
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  const char *text = TAKE_WORD(&s->from, texts);
  if (!p->plan[GIVEN]) return;
  fuzz_plan_text(p->plan[GIVEN], text);
  gm_status status = gm_plan_sizes(p->plan[GIVEN], text, &sizes, &error);
  fuzz_status(status, &error);
  if (status == GM_OK)
    NEED(sizes.lower_bound <= sizes.peak && sizes.peak <= sizes.unshared + sizes.lower_bound + 4096);
}

/* ---- Running ---- */

static gm_tensor *keep(state *s, gm_tensor *value) {
  if (!value) return NULL;
  NEED(s->value_count < VALUES);
  return s->values[s->value_count++] = value;
}

static void feed(const planned *p, const char *name, const gm_tensor *value) {
  for (int i = 0; i < 3; i++) {
    gm_error error = {0};
    gm_status status = gm_executor_feed(p->executor[i], name, value, &error);
    fuzz_status(status, &error);
  }
}

/** Values for all placeholders, with the lengths that `least` begins; other ones where bytes say so. */
static void feed_all(state *s, const planned *p) {
  unsigned byte = take(&s->from);
  if (!p->executor[GIVEN] || !s->graph) return;
  lengths *of = fuzz_lengths(s->graph, byte % 4);
  for (size_t i = 0; of && i < gm_graph_node_count(s->graph) && s->value_count < VALUES; i++) {
    gm_node node = gm_graph_node_at(s->graph, i);
    if (strcmp(gm_node_op(s->graph, node), "placeholder") != 0) continue;
    const gm_tensor *value = keep(s, byte >= 250 ? take_tensor(&s->from) : fuzz_value(s->graph, node, of));
    feed(p, gm_node_name(s->graph, node), value);
  }
  fuzz_lengths_free(of);
}

static void feed_one(state *s, const planned *p) {
  const char *name = TAKE_WORD(&s->from, names);
  if (!p->executor[GIVEN] || s->value_count == VALUES) return;
  feed(p, name, take(&s->from) & 1 ? NULL : keep(s, take_tensor(&s->from)));
}

static void bind(state *s, planned *p) {
  size_t index = take_below(&s->from, OUTPUTS);
  gm_error error = {0};
  int rank = 0;
  if (!p->executor[GIVEN]) return;
  const int64_t *shape = gm_executor_output_dims(p->executor[GIVEN], index, &rank);
  gm_tensor *value = NULL;
  if (shape && !(take(&s->from) & 8)) value = gm_tensor_new(p->dtype[index], rank, shape, &error);
  gm_status status = gm_executor_bind_output(p->executor[GIVEN], index, value, &error);
  fuzz_status(status, &error);
  if (status) {
    gm_tensor_free(value);
    return;
  }
  gm_tensor_free(p->bound[index]);
  p->bound[index] = value;
}

/** Prepared, and small enough to be run. */
static bool prepare(const planned *p, int which, gm_status *status, gm_error *error) {
  *status = gm_executor_prepare(p->executor[which], error);
  fuzz_status(*status, error);
  if (*status) return false;
  const gm__special *special = p->executor[which]->special;
  return special->workspace + special->outputs <= WORKSPACE && special->flops <= FUZZ_COST;
}

static void check_output(const planned *p, size_t index) {
  int rank = -1;
  const gm_tensor *value = gm_executor_output(p->executor[GIVEN], index);
  const int64_t *shape = gm_executor_output_dims(p->executor[GIVEN], index, &rank);
  NEED(value != NULL && rank == p->rank[index] && gm_tensor_rank(value) == rank);
  NEED(gm_tensor_dtype(value) == p->dtype[index]);
  NEED(!p->bound[index] || value == p->bound[index]);
  for (int axis = 0; axis < rank; axis++) {
    NEED(gm_tensor_dims(value)[axis] == shape[axis] && shape[axis] >= 0);
    NEED(p->dims[index][axis] < 0 || p->dims[index][axis] == shape[axis]);
  }
}

/** The outputs, copied, or NULL. */
static gm_tensor *copy_of(const gm_tensor *value) {
  gm_tensor *copy = gm_tensor_new(gm_tensor_dtype(value), gm_tensor_rank(value), gm_tensor_dims(value), NULL);
  if (copy && gm_tensor_count(value))
    memcpy(gm_tensor_data(copy), gm_tensor_cdata(value),
        (size_t)gm_tensor_count(value) * gm_dtype_size(gm_tensor_dtype(value)));
  return copy;
}

static void same_again(const planned *p) {
  gm_tensor *before[OUTPUTS] = {0};
  for (size_t i = 0; i < p->count; i++) before[i] = copy_of(gm_executor_output(p->executor[GIVEN], i));
  NEED(gm_executor_run(p->executor[GIVEN], NULL) == GM_OK);
  for (size_t i = 0; i < p->count; i++) {
    if (before[i]) NEED(fuzz_same(before[i], gm_executor_output(p->executor[GIVEN], i)));
    gm_tensor_free(before[i]);
  }
}

static void same_outputs(const planned *p, int one, int other) {
  for (size_t i = 0; i < p->count; i++) {
    const gm_tensor *a = gm_executor_output(p->executor[one], i),
                    *b = gm_executor_output(p->executor[other], i);
    NEED(a != NULL && b != NULL && fuzz_same(a, b));
  }
}

/** The two other plans do what the given one does. */
static void compare_plans(const planned *p, gm_status given) {
  gm_error error = {0};
  gm_status prepared;
  for (int which = CHECKED; which <= PLAIN; which++) {
    if (!prepare(p, which, &prepared, &error)) {
      NEED(!prepared || prepared == given || prepared == GM_NO_MEMORY || given == GM_NO_MEMORY);
      return;
    }
    gm_status status = gm_executor_run(p->executor[which], &error);
    fuzz_status(status, &error);
    NEED(status == given || status == GM_NO_MEMORY || given == GM_NO_MEMORY);
    if (status || given) return;
  }
  same_outputs(p, CHECKED, PLAIN);
  if (p->exact) same_outputs(p, GIVEN, PLAIN);
}

static void run(const planned *p) {
  gm_error error = {0};
  gm_status status;
  if (!p->executor[GIVEN]) return;
  if (prepare(p, GIVEN, &status, &error)) {
    status = gm_executor_run(p->executor[GIVEN], &error);
    fuzz_status(status, &error);
    for (size_t i = 0; i < p->count && status == GM_OK; i++) check_output(p, i);
    if (status == GM_OK) same_again(p);
    compare_plans(p, status);
  }
  if (status) NEED(gm_executor_output(p->executor[GIVEN], 0) == NULL);
}

static void cancel(const planned *p) {
  gm_error error = {0};
  gm_status status;
  if (!p->executor[GIVEN] || !prepare(p, GIVEN, &status, &error)) return;
  gm_executor_cancel(p->executor[GIVEN]);
  status = gm_executor_run(p->executor[GIVEN], &error);
  fuzz_status(status, &error);
}

/* ---- Calls ---- */

static void start_graph(state *s) {
  gm_graph_options options = GM_GRAPH_OPTIONS_INIT;
  options.max_nodes = 64;
  gm_graph_free(s->graph);
  s->graph = gm_graph_new(&options, NULL);
  NEED(s->graph != NULL);
  s->count = 0;
  s->print = print_of(s->graph);
}

/** Values stay as long as an executor may hold them. */
static void forget_values(state *s) {
  for (int i = 0; i < 2; i++) release(&s->slots[i]);
  for (int i = 0; i < s->value_count; i++) gm_tensor_free(s->values[i]);
  s->value_count = 0;
}

static void free_part(state *s, planned *p) {
  int which = (int)take_below(&s->from, 3);
  switch (take_below(&s->from, 4)) {
  case 0:
    gm_plan_free(p->plan[which]);
    p->plan[which] = NULL;
    break;
  case 1: start_graph(s); break;
  case 2: forget_values(s); break;
  default: release(p);
  }
}

static void call(state *s, unsigned byte) {
  planned *p = &s->slots[byte >> 7];
  unsigned kind = byte & 0x7F;
  if (kind < 74) {
    add_node(s, kind < 10 ? kind : kind < 22 ? 0 : kind < 26 ? 2 : kind < 30 ? 6 : 9);
  } else if (kind < 80) {
    set_outputs(s);
  } else if (kind < 86) {
    set_variable(s);
  } else if (kind < 90) {
    evaluate(s);
  } else if (kind < 100) {
    plan(s, p);
  } else if (kind < 104) {
    print_plan(s, p);
  } else if (kind < 110) {
    feed_all(s, p);
  } else if (kind < 113) {
    feed_one(s, p);
  } else if (kind < 116) {
    bind(s, p);
  } else if (kind < 122) {
    run(p);
  } else if (kind < 123) {
    cancel(p);
  } else if (kind < 124 && p->executor[GIVEN]) {
    gm_executor_trim(p->executor[GIVEN]);
  } else if (kind < 126) {
    free_part(s, p);
  } else if (kind < 127) {
    fuzz_saves(s->graph);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  state s = {.from = {data, data + size}};
  start_graph(&s);
  s.other = gm_graph_new(NULL, NULL);
  NEED(s.other != NULL);
  s.foreign = gm_integer(s.other, 1);
  for (int i = 0; i < CALLS && s.from.at < s.from.end; i++) call(&s, take(&s.from));
  forget_values(&s);
  gm_graph_free(s.graph);
  gm_graph_free(s.other);
  return 0;
}
