/* SPDX-License-Identifier: MIT
 *
 * The bits of whole plans: under `exact` a row of a batch has the same ones whatever other rows there are,
 * however operands lie and whether they are packed; for any number of threads, and on any pool, they are the
 * same always. With each kernel that this processor has. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>
#include "kernel/clones.h"
#include "support/build.h"
#include "support/generator.h"

enum { MOST_ROWS = 70, KERNELS = 16 };

/** Under sanitizers, which take their time, one of so many. */
enum { STEP = GM__SANITIZED ? 3 : 1 };

/* ---- Networks: of D, over x with `rows` rows ---- */

#define VARIABLE(name, shape, seed)                                                                          \
  "  " name ": {shape: " shape ", dtype: D, init: {random_uniform: {low: -0.5, high: 0.5, seed: " seed "}}}" \
  "\n"
#define X(shape) "gemmule: 1\nplaceholders:\n  x: {shape: " shape ", dtype: D}\nvariables:\n"

typedef struct network {
  const char *name, *text;
  int rank;
  int64_t dims[3]; /* of one row of x */
  bool large;      /* too slow for many rows */
} network;

static const network networks[] = {
    {"dense",
        X("[rows, 37]") VARIABLE("v", "[37, 61]", "1") VARIABLE("b", "[61]", "2") VARIABLE(
            "w", "[61, 23]", "3") VARIABLE("c", "[23]", "4") "nodes:\n"
                                                             "  h: {relu: {bias_add: [{dot: [x, v]}, b]}}\n"
                                                             "  g: {gelu: {add: [{dot: [h, w]}, c]}}\n"
                                                             "  y: {softmax: g}\n"
                                                             "outputs: [y, h]\n",
        1, {37}, false},
    {"norm",
        X("[rows, 40]") VARIABLE("v", "[40, 40]", "1") VARIABLE("g", "[40]", "2") VARIABLE("b", "[40]", "3")
            VARIABLE("w", "[40, 1]", "4") "nodes:\n"
                                          "  h: {add: [{dot: [x, v]}, x]}\n"
                                          "  n: {layer_normalization: [h, g, b]}\n"
                                          "  s: {sum: n, axis: 1}\n"
                                          "  u: {var: h, axis: 1}\n"
                                          "  l: {logsumexp: {tanh: h}, axis: -1}\n"
                                          "  y: {sigmoid: {dot: [n, w]}}\n"
                                          "outputs: [y, s, u, l]\n",
        1, {40}, false},
    {"attention",
        X("[rows, 9, 20]") VARIABLE("q", "[20, 16]", "1") VARIABLE("k", "[20, 16]", "2")
            VARIABLE("v", "[20, 16]", "3") VARIABLE("w", "[16, 20]",
                "4") "nodes:\n"
                     "  a: {dot: [x, q]}\n"
                     "  b: {dot: [x, k]}\n"
                     "  c: {dot: [x, v]}\n"
                     "  s: {multiply: [{matmul: [a, {permute_dimensions: b, pattern: [0, 2, 1]}]}, 0.25]}\n"
                     "  t: {matmul: [{softmax: s}, c]}\n"
                     "  y: {rms_normalization: {add: [{dot: [t, w]}, x]}}\n"
                     "outputs: [y, s]\n",
        2, {9, 20}, false},
    {"deep",
        X("[rows, 1300]") VARIABLE("v", "[1300, 70]", "1")
            VARIABLE("w", "[1300]", "2") "nodes:\n"
                                         "  h: {dot: [x, v]}\n"
                                         "  y: {elu: {multiply: [h, -0.3]}}\n"
                                         "  z: {dot: [x, w]}\n"
                                         "  m: {mean: {square: x}, axis: 1}\n"
                                         "outputs: [y, z, m]\n",
        1, {1300}, true},
    {"wide",
        X("[rows, 130]") VARIABLE("v", "[130, 600]", "1") VARIABLE("b", "[600]", "2")
            VARIABLE("w", "[600, 130]", "3") "nodes:\n"
                                             "  h: {relu: {add: [{dot: [x, v]}, b]}}\n"
                                             "  y: {add: [{dot: [h, w]}, x]}\n"
                                             "  z: {softmax: y}\n"
                                             "outputs: [y, z]\n",
        1, {130}, true},
};
enum { NETWORKS = sizeof networks / sizeof *networks, DENSE = 0 };

/** The text with D the dtype. */
static gm_graph *graph_of(const char *text, gm_dtype dtype) {
  static char written[8000];
  size_t length = 0;
  for (const char *at = text; *at != '\0' && length + 20 < sizeof written; at++) {
    bool here = strncmp(at, "dtype: D", 8) == 0;
    length +=
        (size_t)sprintf(written + length, here ? "dtype: %s" : "%.1s", here ? gm_dtype_name(dtype) : at);
    if (here) at += 7;
  }
  gm_error error = {0};
  gm_graph *graph = gm_graph_parse(written, length, NULL, &error);
  ck_assert_msg(graph != NULL, "%d: %s", error.line, error.message);
  return graph;
}

static int64_t row_count(const network *n) {
  int64_t count = 1;
  for (int i = 0; i < n->rank; i++) count *= n->dims[i];
  return count;
}

/** Rows `first` … of the one x that all tests have. */
static gm_tensor *rows_of(const network *n, gm_dtype dtype, int64_t first, int64_t rows) {
  int64_t dims[4] = {first + rows, n->dims[0], n->dims[1], n->dims[2]}, count = row_count(n);
  gm_tensor *all = gm_tensor_new(dtype, n->rank + 1, dims, NULL);
  dims[0] = rows;
  gm_tensor *made = gm_tensor_new(dtype, n->rank + 1, dims, NULL);
  size_t bytes = (size_t)count * gm_dtype_size(dtype);
  ck_assert(all != NULL && made != NULL);
  ck_assert_int_eq(gm_tensor_random_uniform(all, -1, 1, 9, NULL), GM_OK);
  memcpy(gm_tensor_data(made), (char *)gm_tensor_data(all) + (size_t)first * bytes, (size_t)rows * bytes);
  gm_tensor_free(all);
  return made;
}

/* ---- Plans ---- */

static gm_plan_options exact_by(const char *kernel) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.exact = true;
  options.threads = 1;
  options.kernel = kernel;
  return options;
}

static gm_executor *executor_with(const gm_graph *graph, const gm_plan_options *options) {
  gm_error error = {0};
  gm_plan *plan = gm_plan_new(graph, NULL, 0, options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  gm_executor *executor = gm_executor_new(plan, &error);
  ck_assert_msg(executor != NULL, "%s", error.message);
  gm_plan_free(plan);
  return executor;
}

/** The kernels that this processor has, NULL, which is the best one, first; under sanitizers that alone. */
static int kernels_here(const char *names[KERNELS]) {
  int count = 1;
  names[0] = NULL;
  gm_graph *graph = graph_of(networks[DENSE].text, GM_FLOAT32);
  for (size_t i = 0; gm_kernel_name(i) != NULL && count < KERNELS; i++) {
    gm_plan_options options = exact_by(gm_kernel_name(i));
    gm_error error = {0};
    gm_plan *plan = gm_plan_new(graph, NULL, 0, &options, &error);
    if (plan != NULL) names[count++] = gm_kernel_name(i);
    ck_assert(plan != NULL || strstr(error.message, "this processor") != NULL);
    gm_plan_free(plan);
  }
  gm_graph_free(graph);
  return GM__SANITIZED ? 1 : count;
}

static bool is_repeatable(const char *kernel) {
  return kernel == NULL || strcmp(kernel, "openblas") != 0;
}

/* ---- Rows ---- */

/** Each output's bytes for one row, and those of all rows one after the other. */
typedef struct alone {
  size_t count, bytes[4];
  char *rows[4];
} alone;

static alone compute_alone(gm_executor *e, const network *n, gm_dtype dtype, int64_t rows) {
  alone made = {0};
  for (int64_t i = 0; i < rows; i++) {
    gm_tensor *x = rows_of(n, dtype, i, 1);
    feed(e, "x", x);
    run(e);
    for (made.count = 0; gm_executor_output(e, made.count) != NULL; made.count++) {
      const gm_tensor *output = gm_executor_output(e, made.count);
      size_t bytes = (size_t)gm_tensor_count(output) * gm_dtype_size(gm_tensor_dtype(output));
      if (i == 0) made.rows[made.count] = malloc(bytes * (size_t)rows), made.bytes[made.count] = bytes;
      memcpy(made.rows[made.count] + (size_t)i * bytes, gm_tensor_cdata(output), bytes);
    }
    feed(e, "x", NULL);
    gm_tensor_free(x);
  }
  return made;
}

static void check_rows(gm_executor *e, const network *n, gm_dtype dtype, const alone *want, int64_t first,
    int64_t rows, const char *kernel) {
  gm_tensor *x = rows_of(n, dtype, first, rows);
  feed(e, "x", x);
  run(e);
  for (size_t o = 0; o < want->count; o++) {
    const gm_tensor *output = gm_executor_output(e, o);
    ck_assert_int_eq(gm_tensor_dims(output)[0], rows);
    const char *got = gm_tensor_cdata(output);
    for (int64_t i = 0; i < rows; i++)
      if (memcmp(got + (size_t)i * want->bytes[o], want->rows[o] + (size_t)(first + i) * want->bytes[o],
              want->bytes[o]) != 0)
        ck_abort_msg("%s of %s by %s: row %d of %d, output %d, is not what it is alone", n->name,
            gm_dtype_name(dtype), kernel != NULL ? kernel : "the best", (int)i, (int)rows, (int)o);
  }
  feed(e, "x", NULL);
  gm_tensor_free(x);
}

static void try_rows(const network *n, gm_dtype dtype, const char *kernel) {
  gm_graph *graph = graph_of(n->text, dtype);
  gm_plan_options options = exact_by(kernel);
  gm_executor *e = executor_with(graph, &options);
  alone want = compute_alone(e, n, dtype, MOST_ROWS);
  for (int64_t rows = 1; rows <= MOST_ROWS; rows += n->large ? 1 + rows / 8 : STEP) {
    check_rows(e, n, dtype, &want, 0, rows, kernel);
    check_rows(e, n, dtype, &want, MOST_ROWS - rows, rows, kernel);
  }
  for (size_t o = 0; o < want.count; o++) free(want.rows[o]);
  gm_executor_free(e);
  gm_graph_free(graph);
}

static void try_all_rows(int number) {
  const char *names[KERNELS];
  int count = kernels_here(names);
  for (int i = 0; i < count; i++)
    for (gm_dtype dtype = GM_FLOAT16; dtype <= GM_FLOAT64 && is_repeatable(names[i]); dtype++)
      if (dtype >= GM_FLOAT32 || !networks[number].large) try_rows(&networks[number], dtype, names[i]);
}

START_TEST(a_row_of_an_exact_plan_is_what_it_is_alone) {
  try_all_rows(_i);
}
END_TEST

/* ---- Threads ---- */

/** A pool of one thread that takes tasks backwards, or in steps of three. */
static void run_oddly(void *context, int count, void (*task)(void *argument, int index), void *argument) {
  bool backwards = *(const int *)context == 0;
  for (int i = count - 1; i >= 0 && backwards; i--) task(argument, i);
  for (int from = 0; from < 3 && !backwards; from++)
    for (int i = from; i < count; i += 3) task(argument, i);
}

/** Whoever lends a pool is asked to compute nothing: what it leaves is done all the same. */
static void run_nothing(void *context, int count, void (*task)(void *argument, int index), void *argument) {
  (void)context, (void)count, (void)task, (void)argument;
}

/** All outputs of one run, freed by the caller. */
typedef struct outcome {
  size_t count;
  gm_tensor *values[4];
} outcome;

static gm_tensor *copied(const gm_tensor *from) {
  gm_tensor *made = gm_tensor_new(gm_tensor_dtype(from), gm_tensor_rank(from), gm_tensor_dims(from), NULL);
  ck_assert_ptr_nonnull(made);
  memcpy(gm_tensor_data(made), gm_tensor_cdata(from),
      (size_t)gm_tensor_count(from) * gm_dtype_size(gm_tensor_dtype(from)));
  return made;
}

static outcome outcome_of(const gm_graph *graph, const gm_plan_options *options, const gm_tensor *x) {
  outcome made = {0};
  gm_executor *e = executor_with(graph, options);
  feed(e, "x", x);
  run(e);
  run(e);
  for (; gm_executor_output(e, made.count) != NULL; made.count++)
    made.values[made.count] = copied(gm_executor_output(e, made.count));
  gm_executor_free(e);
  return made;
}

static bool outcomes_agree(const outcome *a, const outcome *b) {
  bool fine = a->count == b->count;
  for (size_t i = 0; i < a->count && fine; i++) fine = tensors_agree(a->values[i], b->values[i]);
  return fine;
}

static void outcome_free(outcome *o) {
  for (size_t i = 0; i < o->count; i++) gm_tensor_free(o->values[i]);
}

static void check_outcome(const gm_graph *graph, const gm_plan_options *options, const gm_tensor *x,
    const outcome *want, const char *name) {
  outcome got = outcome_of(graph, options, x);
  ck_assert_msg(outcomes_agree(&got, want), "%s by %s, %s, is another with %d threads%s", name,
      options->kernel != NULL ? options->kernel : "the best", options->exact ? "exact" : "not exact",
      options->threads, options->pool != NULL ? " of a pool" : "");
  outcome_free(&got);
}

static void try_threads(const network *n, gm_dtype dtype, const char *kernel, bool exact) {
  gm_graph *graph = graph_of(n->text, dtype);
  gm_tensor *x = rows_of(n, dtype, 0, 203);
  gm_plan_options options = exact_by(kernel);
  int orders[] = {0, 1};
  options.exact = exact;
  outcome want = outcome_of(graph, &options, x);
  for (options.threads = 2; options.threads <= 8; options.threads += STEP)
    check_outcome(graph, &options, x, &want, n->name);
  for (int threads = 1; threads <= 8; threads += 1 + threads / 3)
    for (int way = 0; way < 3; way++) {
      gm_pool pool = {sizeof pool, &orders[way % 2], threads, way < 2 ? run_oddly : run_nothing};
      options.pool = &pool;
      options.threads = 0;
      check_outcome(graph, &options, x, &want, n->name);
    }
  outcome_free(&want);
  gm_tensor_free(x);
  gm_graph_free(graph);
}

START_TEST(threads_do_not_change_a_bit) {
  const char *names[KERNELS];
  int count = kernels_here(names);
  for (int i = 0; i < count; i++)
    for (gm_dtype dtype = GM_FLOAT32; dtype <= GM_FLOAT64; dtype++)
      for (int exact = 0; exact < 2; exact++) try_threads(&networks[_i], dtype, names[i], exact);
}
END_TEST

/* ---- Packing ---- */

START_TEST(packing_does_not_change_a_bit) {
  const char *names[KERNELS];
  int count = kernels_here(names);
  for (int i = 0; i < count; i++) {
    if (!is_repeatable(names[i])) continue;
    for (int64_t rows = 1; rows < 150; rows = rows * 3 + 1) {
      gm_graph *graph = graph_of(networks[_i].text, GM_FLOAT32);
      gm_tensor *x = rows_of(&networks[_i], GM_FLOAT32, 0, rows);
      gm_plan_options options = exact_by(names[i]);
      outcome want = outcome_of(graph, &options, x);
      options.max_packed_bytes = 1;
      check_outcome(graph, &options, x, &want, "what is hardly packed");
      options.max_packed_bytes = 0;
      options.without = "pack";
      check_outcome(graph, &options, x, &want, "what is not packed");
      outcome_free(&want);
      gm_tensor_free(x);
      gm_graph_free(graph);
    }
  }
}
END_TEST

/* ---- How operands lie ---- */

/** A matrix inside a larger value: what that holds, and how the matrix is taken from it. */
typedef enum lie { AS_IT_IS, TURNED, INNER, EVERY_OTHER, ROWS_BACK, COLUMNS_BACK, MIDDLE, LIES } lie;
static const char *const taken[LIES] = {[INNER] = "{at: ':, 3:-2'}",
    [EVERY_OTHER] = "{at: ':, ::2'}",
    [ROWS_BACK] = "{at: '::-1'}",
    [COLUMNS_BACK] = "{at: ':, ::-1'}",
    [MIDDLE] = "{at: ':, 1'}"};

/** The lengths of what holds a matrix; returns the rank. */
static int holder_dims(lie how, int64_t rows, int64_t columns, int64_t dims[3]) {
  dims[0] = how == TURNED ? columns : rows;
  dims[1] = how == TURNED ? rows : how == INNER ? columns + 5 : how == EVERY_OTHER ? 2 * columns : columns;
  if (how != MIDDLE) return 2;
  dims[1] = 3, dims[2] = columns;
  return 3;
}

static int64_t element_at(lie how, int64_t rows, int64_t columns, int64_t i, int64_t j) {
  switch (how) {
  case TURNED: return j * rows + i;
  case INNER: return i * (columns + 5) + 3 + j;
  case EVERY_OTHER: return i * 2 * columns + 2 * j;
  case ROWS_BACK: return (rows - 1 - i) * columns + j;
  case COLUMNS_BACK: return i * columns + columns - 1 - j;
  case MIDDLE: return (3 * i + 1) * columns + j;
  default: return i * columns + j;
  }
}

/** Random noise around the numbers of a matrix that depend on its lengths alone. */
static gm_tensor *holder_of(lie how, gm_dtype dtype, int64_t rows, int64_t columns) {
  int64_t dims[3];
  int rank = holder_dims(how, rows, columns, dims);
  gm_tensor *made = gm_tensor_new(dtype, rank, dims, NULL);
  generator from = {(uint64_t)(rows * 1000 + columns)};
  ck_assert_ptr_nonnull(made);
  ck_assert_int_eq(gm_tensor_random_uniform(made, -9, 9, 5, NULL), GM_OK);
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) {
      double value = pick_real(&from);
      int64_t at = element_at(how, rows, columns, i, j);
      if (dtype == GM_FLOAT64)
        ((double *)gm_tensor_data(made))[at] = value;
      else
        ((float *)gm_tensor_data(made))[at] = (float)value;
    }
  return made;
}

static gm_node matrix_of(gm_graph *graph, gm_node holder, lie how) {
  if (how == AS_IT_IS) return holder;
  return how == TURNED ? apply1(graph, "transpose", holder, NULL)
                       : apply1(graph, "index", holder, taken[how]);
}

typedef struct lengths {
  int64_t m, k, n;
} lengths;

/** x · w, w a variable that may be packed or a feed. */
static gm_tensor *product_of(
    lengths l, gm_dtype dtype, lie x_lies, lie w_lies, bool fed, const char *kernel) {
  static const char *const shapes[] = {"?, ?", "?, ?, ?"};
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *x = holder_of(x_lies, dtype, l.m, l.k), *w = holder_of(w_lies, dtype, l.k, l.n);
  gm_node of_x = gm_placeholder(graph, "x", dtype, shapes[x_lies == MIDDLE]);
  gm_node of_w =
      fed ? gm_placeholder(graph, "w", dtype, shapes[w_lies == MIDDLE]) : gm_variable(graph, "w", w);
  gm_node y = gm_dot(graph, matrix_of(graph, of_x, x_lies), matrix_of(graph, of_w, w_lies));
  ck_assert_int_eq(gm_graph_set_outputs(graph, &y, 1, NULL), GM_OK);
  gm_plan_options options = exact_by(kernel);
  gm_executor *e = executor_with(graph, &options);
  feed(e, "x", x);
  if (fed) feed(e, "w", w);
  run(e);
  gm_tensor *made = copied(gm_executor_output(e, 0));
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(w);
  gm_graph_free(graph);
  return made;
}

static void try_lies(lengths l, gm_dtype dtype, const char *kernel) {
  gm_tensor *want = product_of(l, dtype, AS_IT_IS, AS_IT_IS, true, kernel);
  for (lie x = AS_IT_IS; x < LIES; x++)
    for (lie w = (lie)(x % STEP); w < LIES; w = (lie)(w + STEP))
      for (int fed = 0; fed < 2; fed++) {
        gm_tensor *got = product_of(l, dtype, x, w, fed, kernel);
        ck_assert_msg(tensors_agree(got, want), "%s by %s: %d x %d x %d is another where x lies %d, w %d, %s",
            gm_dtype_name(dtype), kernel != NULL ? kernel : "the best", (int)l.m, (int)l.k, (int)l.n, (int)x,
            (int)w, fed ? "fed" : "a variable");
        gm_tensor_free(got);
      }
  gm_tensor_free(want);
}

START_TEST(strides_do_not_change_a_bit) {
  static const lengths all[] = {{5, 37, 61}, {1, 40, 70}, {70, 600, 9}, {33, 64, 1}, {2, 1, 3}, {19, 1025, 1},
      {1, 700, 130}, {1, 9, 1}, {150, 33, 70}};
  const char *names[KERNELS];
  int count = kernels_here(names);
  for (int i = 0; i < count; i++)
    for (gm_dtype dtype = GM_FLOAT32; dtype <= GM_FLOAT64 && is_repeatable(names[i]); dtype++)
      try_lies(all[_i], dtype, names[i]);
}
END_TEST

/* ---- Conversions behind products ---- */

/** One sum of two products is float64 and one bfloat16: elements of another size than those that are added.
 */
static const network converted = {"converted",
    "gemmule: 1\n"
    "placeholders:\n"
    "  x: {shape: [rows, 64], dtype: D}\n"
    "variables:\n" VARIABLE("b", "[64, 300]", "1") VARIABLE(
        "d", "[64, 300]", "2") "nodes:\n"
                               "  c: {exp: x}\n"
                               "  y: {cast: {add: [{dot: [x, b]}, {dot: [c, d]}]}, dtype: float64}\n"
                               "  z: {cast: {add: [{dot: [x, d]}, {dot: [c, b]}]}, dtype: bfloat16}\n"
                               "outputs: [y, z]\n",
    1, {64}, false};

START_TEST(what_is_added_is_there_until_all_of_it_is_added) {
  const char *names[KERNELS];
  int count = kernels_here(names);
  gm_graph *graph = graph_of(converted.text, GM_FLOAT32);
  gm_tensor *x = rows_of(&converted, GM_FLOAT32, 0, 200);
  for (int i = 0; i < count; i++) {
    gm_plan_options options = exact_by(names[i]);
    options.exact = false;
    options.without = "in_place,epilogue";
    outcome want = outcome_of(graph, &options, x);
    options.without = NULL;
    check_outcome(graph, &options, x, &want, "a conversion");
    outcome_free(&want);
  }
  gm_tensor_free(x);
  gm_graph_free(graph);
}
END_TEST

SUITE(bits) {
  tcase_add_loop_test(cases, a_row_of_an_exact_plan_is_what_it_is_alone, 0, NETWORKS);
  tcase_add_loop_test(cases, threads_do_not_change_a_bit, 0, NETWORKS);
  tcase_add_loop_test(cases, packing_does_not_change_a_bit, 0, NETWORKS);
  tcase_add_loop_test(cases, strides_do_not_change_a_bit, 0, 9);
  CASE(what_is_added_is_there_until_all_of_it_is_added);
}
