/* SPDX-License-Identifier: MIT
 *
 * Laws that hold whatever is computed: products associate, distribute and transpose within the bound of the
 * theory of rounding (exactly for integers); passes, threads and symbols change no bit; a graph computes what
 * its parts compute. */
#include "support/suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/pool.h"
#include "exec/executor.h"
#include "support/build.h"
#include "support/cells.h"
#include "support/random_graph.h"

/* ---- Products ---- */

static gm_tensor *drawn(draw *from, gm_dtype dtype, int64_t rows, int64_t columns) {
  cells made = cells_new(dtype, 2, (int64_t[]){rows, columns});
  draw_fill(from, &made);
  gm_tensor *tensor = cells_tensor(&made);
  cells_free(&made);
  return tensor;
}

static gm_tensor *value_of(const gm_graph *graph, gm_node node) {
  gm_error error = {0};
  gm_tensor *value = NULL;
  ck_assert_msg(gm_eval(graph, node, &value, &error) == GM_OK, "%s", error.message);
  return value;
}

/** |A|, as float64. */
static gm_tensor *sizes_of(const gm_tensor *tensor) {
  cells from = cells_of(tensor), to = cells_new(GM_FLOAT64, from.rank, from.dims);
  for (int64_t i = 0; i < from.count; i++) to.at[i].re = fabs(from.at[i].re) + fabs((double)from.at[i].whole);
  gm_tensor *made = cells_tensor(&to);
  cells_free(&from);
  cells_free(&to);
  return made;
}

/** Three factors A (m, k), B (k, l), C (l, n), their sizes |A|, |B|, |C|, and a graph of all of them. */
typedef struct factors {
  gm_graph *graph;
  gm_dtype dtype;
  gm_node a, b, c, size_a, size_b, size_c;
  int64_t k, l;
} factors;

static gm_node constant(gm_graph *graph, gm_tensor *value, gm_node *size) {
  gm_tensor *sizes = sizes_of(value);
  gm_node node = gm_constant(graph, NULL, value);
  *size = gm_constant(graph, NULL, sizes);
  gm_tensor_free(value);
  gm_tensor_free(sizes);
  return node;
}

static factors draw_factors(draw *from, gm_dtype dtype, bool square) {
  int64_t m = 1 + draw_below(from, 12), k = draw_below(from, 40), l = square ? k : 1 + draw_below(from, 20);
  int64_t n = square ? k : 1 + draw_below(from, 9);
  factors f = {.graph = gm_graph_new(NULL, NULL), .dtype = dtype, .k = k, .l = l};
  f.a = constant(f.graph, drawn(from, dtype, m, k), &f.size_a);
  f.b = constant(f.graph, drawn(from, dtype, k, l), &f.size_b);
  f.c = constant(f.graph, drawn(from, dtype, square ? k : l, square ? l : n), &f.size_c);
  return f;
}

/** |one - other| <= factor · u · size, element by element; equal for integers. */
static void ck_within(const factors *f, gm_node one, gm_node other, gm_node size, double factor) {
  gm_tensor *x = value_of(f->graph, one), *y = value_of(f->graph, other), *s = value_of(f->graph, size);
  cells a = cells_of(x), b = cells_of(y), bound = cells_of(s);
  bool fine = a.count == b.count && a.count == bound.count;
  double unit = dtype_unit(f->dtype);
  for (int64_t i = 0; i < a.count && fine; i++)
    fine = a.at[i].whole == b.at[i].whole && fabs(a.at[i].re - b.at[i].re) <= factor * unit * bound.at[i].re;
  ck_assert(fine);
  cells_free(&a);
  cells_free(&b);
  cells_free(&bound);
  gm_tensor_free(x);
  gm_tensor_free(y);
  gm_tensor_free(s);
}

static const gm_dtype product_dtypes[] = {GM_FLOAT32, GM_FLOAT64, GM_INT32, GM_INT8, GM_UINT8, GM_INT64};
enum { DTYPES = sizeof product_dtypes / sizeof *product_dtypes };

START_TEST(products_associate) {
  draw from = {1};
  for (int i = 0; i < 60; i++) {
    factors f = draw_factors(&from, product_dtypes[i % DTYPES], false);
    gm_graph *g = f.graph;
    gm_node left = gm_dot(g, gm_dot(g, f.a, f.b), f.c), right = gm_dot(g, f.a, gm_dot(g, f.b, f.c));
    ck_within(&f, left, right, gm_dot(g, gm_dot(g, f.size_a, f.size_b), f.size_c), 2.2 * (double)(f.k + f.l));
    gm_graph_free(g);
  }
}
END_TEST

START_TEST(a_transposed_product_is_the_product_of_transposes) {
  draw from = {2};
  for (int i = 0; i < 60; i++) {
    factors f = draw_factors(&from, product_dtypes[i % DTYPES], false);
    gm_graph *g = f.graph;
    gm_node left = apply1(g, "transpose", gm_dot(g, f.a, f.b), NULL);
    gm_node right = gm_dot(g, apply1(g, "transpose", f.b, NULL), apply1(g, "transpose", f.a, NULL));
    gm_node size = apply1(g, "transpose", gm_dot(g, f.size_a, f.size_b), NULL);
    ck_within(&f, left, right, size, 2.2 * (double)f.k);
    gm_graph_free(g);
  }
}
END_TEST

START_TEST(products_distribute_over_sums) {
  draw from = {3};
  for (int i = 0; i < 60; i++) {
    factors f = draw_factors(&from, product_dtypes[i % DTYPES], true);
    gm_graph *g = f.graph;
    gm_node left = gm_dot(g, f.a, apply2(g, "add", f.b, f.c, NULL));
    gm_node right = apply2(g, "add", gm_dot(g, f.a, f.b), gm_dot(g, f.a, f.c), NULL);
    gm_node size = gm_dot(g, f.size_a, apply2(g, "add", f.size_b, f.size_c, NULL));
    ck_within(&f, left, right, size, 2.2 * (double)(f.k + 2));
    gm_graph_free(g);
  }
}
END_TEST

START_TEST(the_identity_changes_nothing) {
  draw from = {4};
  for (int64_t n = 1; n < 20; n += 3) {
    gm_graph *g = gm_graph_new(NULL, NULL);
    gm_tensor *x = drawn(&from, GM_FLOAT32, n + 2, n),
              *eye = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){n, n}, NULL);
    for (int64_t i = 0; i < n; i++) ((float *)gm_tensor_data(eye))[i * (n + 1)] = 1;
    gm_tensor *y = value_of(g, gm_dot(g, gm_constant(g, NULL, x), gm_constant(g, NULL, eye)));
    ck_assert(tensors_agree(x, y));
    gm_tensor_free(x);
    gm_tensor_free(y);
    gm_tensor_free(eye);
    gm_graph_free(g);
  }
}
END_TEST

START_TEST(transposing_twice_changes_nothing) {
  draw from = {5};
  gm_graph *g = gm_graph_new(NULL, NULL);
  gm_tensor *x = drawn(&from, GM_FLOAT32, 70, 33);
  gm_node turned = apply1(g, "transpose", gm_constant(g, NULL, x), NULL);
  gm_tensor *y = value_of(g, apply1(g, "transpose", turned, NULL));
  ck_assert(tensors_agree(x, y));
  gm_tensor_free(x);
  gm_tensor_free(y);
  gm_graph_free(g);
}
END_TEST

/* ---- Random graphs ---- */

typedef struct trial {
  script script;
  gm_graph *graph;
  gm_node nodes[SCRIPT_STEPS];
  gm_tensor *values[SCRIPT_SOURCES];
} trial;

static void begin(trial *t, uint64_t seed, int steps) {
  draw from = {seed};
  script_grow(&t->script, &from, steps);
  t->graph = gm_graph_new(NULL, NULL);
  ck_assert(script_build(&t->script, t->graph, "n", t->nodes));
  script_values(&from, script_length(t->graph, 3), t->values);
}

static void end(trial *t) {
  for (int i = 0; i < SCRIPT_SOURCES; i++) gm_tensor_free(t->values[i]);
  gm_graph_free(t->graph);
}

/** An executor with everything fed that has been run; NULL when the constraints do not admit the lengths. */
static gm_executor *ran(const gm_graph *graph, const gm_node *outputs, int count,
    const gm_plan_options *options, gm_tensor *const *values) {
  gm_error error = {0};
  gm_plan *plan = gm_plan_new(graph, outputs, (size_t)count, options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  gm_executor *e = gm_executor_new(plan, NULL);
  gm_plan_free(plan);
  for (int i = 0; i < SCRIPT_SOURCES; i++) feed(e, script_sources[i], values[i]);
  gm_status status = gm_executor_run(e, &error);
  if (status == GM_OK) return e;
  ck_assert_msg(status == GM_BAD_SHAPE, "%s", error.message);
  gm_executor_free(e);
  return NULL;
}

static bool outputs_agree(const gm_executor *a, const gm_executor *b, int count) {
  bool fine = true;
  for (int i = 0; i < count && fine; i++)
    fine = tensors_agree(gm_executor_output(a, (size_t)i), gm_executor_output(b, (size_t)i));
  return fine;
}

/** Does a plan with `options` agree bit for bit with `reference`? */
static void ck_same_bits(const trial *t, const gm_executor *reference, const gm_plan_options *options) {
  gm_executor *e = ran(t->graph, t->nodes, t->script.count, options, t->values);
  ck_assert_ptr_nonnull(e);
  ck_assert_msg(
      outputs_agree(e, reference, t->script.count), "without '%s'", options->without ? options->without : "");
  gm_executor_free(e);
}

START_TEST(passes_that_exact_allows_change_no_bit) {
  for (uint64_t seed = 1; seed <= 40; seed++) {
    trial t;
    gm_plan_options options = GM_PLAN_OPTIONS_INIT;
    options.exact = true;
    begin(&t, seed, 60);
    gm_executor *reference = ran(t.graph, t.nodes, t.script.count, &options, t.values);
    for (size_t i = 0; reference && gm_pass_name(i); i++) {
      options.without = gm_pass_name(i);
      ck_same_bits(&t, reference, &options);
    }
    options.without = every_pass();
    if (reference) ck_same_bits(&t, reference, &options);
    gm_executor_free(reference);
    end(&t);
  }
}
END_TEST

START_TEST(exact_plans_with_and_without_passes_agree) {
  for (uint64_t seed = 100; seed <= 140; seed++) {
    trial t;
    gm_plan_options options = GM_PLAN_OPTIONS_INIT;
    options.exact = true;
    begin(&t, seed, 60);
    gm_executor *reference = ran(t.graph, t.nodes, t.script.count, &options, t.values);
    options.without = every_pass();
    if (reference) ck_same_bits(&t, reference, &options);
    gm_executor_free(reference);
    end(&t);
  }
}
END_TEST

/** Runs once more, on a pool, each step as if it were a lot of work. */
static void run_cut(gm_executor *e, const gm_pool *pool) {
  gm__step *steps = (gm__step *)(uintptr_t)e->special->program.steps;
  for (size_t i = 0; i < e->special->program.step_count; i++) steps[i].flops = steps[i].bytes = 1e9;
  e->pool = *pool;
  e->settled = false;
  run(e);
}

static void draw_longer(trial *t, uint64_t seed, int64_t length) {
  draw from = {seed};
  for (int i = 0; i < SCRIPT_SOURCES; i++) gm_tensor_free(t->values[i]);
  script_values(&from, script_length(t->graph, length), t->values);
}

START_TEST(the_number_of_threads_changes_no_bit) {
  int cut = 0;
  gm_pool *pool = gm__pool_new(3, true);
  gm__pool_grow(pool, 3);
  for (uint64_t seed = 200; seed <= 240; seed++) {
    trial t;
    gm_plan_options options = GM_PLAN_OPTIONS_INIT;
    options.threads = 1;
    begin(&t, seed, 40);
    draw_longer(&t, seed, 150);
    gm_executor *reference = ran(t.graph, t.nodes, t.script.count, &options, t.values);
    gm_executor *e = reference ? ran(t.graph, t.nodes, t.script.count, &options, t.values) : NULL;
    if (e) run_cut(e, pool);
    ck_assert(!e || outputs_agree(e, reference, t.script.count));
    cut += e != NULL;
    gm_executor_free(e);
    gm_executor_free(reference);
    end(&t);
  }
  ck_assert_int_gt(cut, 20);
  gm__pool_free(pool);
}
END_TEST

START_TEST(what_else_is_asked_for_changes_no_bit) {
  for (uint64_t seed = 300; seed <= 320; seed++) {
    trial t;
    begin(&t, seed, 60);
    gm_executor *reference = ran(t.graph, t.nodes, t.script.count, NULL, t.values);
    for (int i = 0; reference && i < t.script.count; i++) {
      gm_executor *one = ran(t.graph, &t.nodes[i], 1, NULL, t.values);
      ck_assert_ptr_nonnull(one);
      ck_assert(tensors_agree(gm_executor_output(one, 0), gm_executor_output(reference, (size_t)i)));
      gm_executor_free(one);
    }
    gm_executor_free(reference);
    end(&t);
  }
}
END_TEST

/* ---- Symbols ---- */

/** With lengths written in, the graph is built if and only if the one with symbols runs; their values agree.
 */
static bool ck_written_in(trial *t, int64_t length) {
  char text[24];
  gm_node nodes[SCRIPT_STEPS];
  gm_graph *fixed = gm_graph_new(NULL, NULL);
  snprintf(text, sizeof text, "%d", (int)length);
  gm_executor *bound = ran(t->graph, t->nodes, t->script.count, NULL, t->values), *written = NULL;
  bool built = script_build(&t->script, fixed, text, nodes);
  ck_assert_msg(
      built == (bound != NULL), "n = %s is %s when written in only", text, built ? "taken" : "refused");
  if (bound) {
    written = ran(fixed, nodes, t->script.count, NULL, t->values);
    ck_assert_ptr_nonnull(written);
    ck_assert(outputs_agree(bound, written, t->script.count));
  }
  gm_executor_free(bound);
  gm_executor_free(written);
  gm_graph_free(fixed);
  return built;
}

START_TEST(symbols_bound_at_run_are_lengths_written_in) {
  static const int64_t lengths[] = {0, 1, 2, 3, 5};
  int built = 0;
  for (uint64_t seed = 400; seed < 460; seed++) {
    for (int i = 0; i < 5; i++) {
      trial t;
      draw from = {seed + 1};
      begin(&t, seed, 4 + (int)(seed % 40));
      for (int s = 0; s < SCRIPT_SOURCES; s++) gm_tensor_free(t.values[s]);
      script_values(&from, lengths[i], t.values);
      built += ck_written_in(&t, lengths[i]);
      end(&t);
    }
  }
  printf("%d of 300 random graphs take the length\n", built);
  ck_assert_int_ge(built, 60);
}
END_TEST

/* ---- Parts ---- */

static double largest(const gm_tensor *tensor) {
  cells all = cells_of(tensor);
  double most = 0;
  for (int64_t i = 0; i < all.count; i++)
    most = fmax(most, isfinite(all.at[i].re) ? fabs(all.at[i].re) : INFINITY);
  cells_free(&all);
  return most;
}

/** How far sums may differ that are formed in another order: 2·K·u·K·max|A|·max|B|; the others not at all. */
static double room(const script_step *step, gm_tensor *const *inputs) {
  static const char *const summing[] = {"dot", "matmul", "batch_dot", "sum", "mean"};
  bool sums = false;
  for (size_t i = 0; i < sizeof summing / sizeof *summing; i++)
    sums = sums || strcmp(step->op, summing[i]) == 0;
  if (!sums) return 0;
  double count = 1, product = 1;
  for (int i = 0; i < step->count; i++) {
    count = fmax(count, (double)gm_tensor_count(inputs[i]));
    product *= largest(inputs[i]);
  }
  return 2 * count * count * dtype_unit(gm_tensor_dtype(inputs[0])) * product;
}

static bool near(const gm_tensor *got, const gm_tensor *want, double bound) {
  if (bound == 0 || gm_tensor_dtype(want) == GM_INT32) return tensors_agree(got, want);
  cells a = cells_of(got), b = cells_of(want);
  bool fine = a.dtype == b.dtype && a.count == b.count;
  for (int64_t i = 0; i < a.count && fine && isfinite(bound); i++)
    fine = fabs(a.at[i].re - b.at[i].re) <= bound;
  cells_free(&a);
  cells_free(&b);
  return fine;
}

/** The step alone, on constants that hold what its inputs are. */
static void ck_part(const script_step *step, gm_tensor *const *values, const gm_tensor *want) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *given[3] = {NULL};
  gm_node inputs[3];
  for (int i = 0; i < step->count; i++) {
    given[i] = values[step->inputs[i]];
    inputs[i] = gm_constant(graph, NULL, given[i]);
  }
  gm_node node =
      gm_apply(graph, step->op, inputs, (size_t)step->count, step->attributes[0] ? step->attributes : NULL);
  gm_tensor *got = value_of(graph, node);
  ck_assert_msg(near(got, want, room(step, given)), "%s %s", step->op, step->attributes);
  gm_tensor_free(got);
  gm_graph_free(graph);
}

/** With whole products, whatever is read of them. */
static gm_tensor *value_of_whole(const gm_graph *graph, gm_node node) {
  gm_plan *plan = plan_without(graph, &node, 1, "slice_product");
  gm_executor *e = gm_executor_new(plan, NULL);
  run(e);
  cells all = cells_of(gm_executor_output(e, 0));
  gm_tensor *value = cells_tensor(&all);
  cells_free(&all);
  gm_executor_free(e);
  gm_plan_free(plan);
  return value;
}

static void ck_parts(uint64_t seed, int *seen) {
  draw from = {seed};
  script made;
  gm_node nodes[SCRIPT_STEPS];
  gm_tensor *values[SCRIPT_SOURCES + SCRIPT_STEPS];
  gm_graph *graph = gm_graph_new(NULL, NULL);
  script_grow(&made, &from, 50);
  script_values(&from, 3, values);
  bool built = script_build_on(&made, graph, values, nodes);
  for (int i = 0; built && i < made.count; i++) values[SCRIPT_SOURCES + i] = value_of_whole(graph, nodes[i]);
  for (int i = 0; built && i < made.count; i++) {
    ck_part(&made.steps[i], values, values[SCRIPT_SOURCES + i]);
    for (size_t op = 0; op < gm_op_count(); op++) seen[op] += strcmp(gm_op_name(op), made.steps[i].op) == 0;
  }
  for (int i = 0; i < SCRIPT_SOURCES + (built ? made.count : 0); i++) gm_tensor_free(values[i]);
  gm_graph_free(graph);
}

START_TEST(a_graph_computes_what_its_parts_compute) {
  int seen[256] = {0};
  ck_assert_uint_le(gm_op_count(), 256);
  for (uint64_t seed = 500; seed < 900; seed++) ck_parts(seed, seen);
  for (size_t op = 0; op < gm_op_count(); op++)
    ck_assert_msg(seen[op] > 0 || !script_draws(gm_op_name(op)), "'%s' was never drawn", gm_op_name(op));
}
END_TEST

/* ---- Rows ---- */

static gm_tensor *row_of(const gm_tensor *x, int64_t row) {
  int64_t columns = gm_tensor_dims(x)[1];
  gm_tensor *made = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){1, columns}, NULL);
  const float *from = gm_tensor_cdata(x);
  memcpy(gm_tensor_data(made), from + row * columns, (size_t)columns * sizeof *from);
  return made;
}

START_TEST(exact_rows_do_not_depend_on_their_number) {
  draw from = {6};
  gm_graph *g = gm_graph_new(NULL, NULL);
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.exact = true;
  options.kernel = "loops";
  gm_tensor *x = drawn(&from, GM_FLOAT32, 37, 53), *w = drawn(&from, GM_FLOAT32, 53, 19);
  gm_node hidden = gm_dot(g, gm_placeholder(g, "x", GM_FLOAT32, "n, 53"), gm_constant(g, "w", w));
  gm_node y = apply1(g, "softmax", apply1(g, "tanh", hidden, NULL), NULL);
  gm_plan *plan = gm_plan_new(g, &y, 1, &options, NULL);
  gm_executor *all = gm_executor_new(plan, NULL), *one = gm_executor_new(plan, NULL);
  feed(all, "x", x);
  run(all);
  for (int64_t row = 0; row < 37; row++) {
    gm_tensor *single = row_of(x, row);
    feed(one, "x", single);
    run(one);
    ck_assert_int_eq(memcmp(floats(one, 0), floats(all, 0) + row * 19, 19 * sizeof(float)), 0);
    feed(one, "x", NULL);
    gm_tensor_free(single);
  }
  gm_executor_free(all);
  gm_executor_free(one);
  gm_plan_free(plan);
  gm_tensor_free(x);
  gm_tensor_free(w);
  gm_graph_free(g);
}
END_TEST

SUITE(laws) {
  CASE(products_associate);
  CASE(a_transposed_product_is_the_product_of_transposes);
  CASE(products_distribute_over_sums);
  CASE(the_identity_changes_nothing);
  CASE(transposing_twice_changes_nothing);
  CASE(passes_that_exact_allows_change_no_bit);
  CASE(exact_plans_with_and_without_passes_agree);
  CASE(the_number_of_threads_changes_no_bit);
  CASE(what_else_is_asked_for_changes_no_bit);
  CASE(symbols_bound_at_run_are_lengths_written_in);
  CASE(a_graph_computes_what_its_parts_compute);
  CASE(exact_rows_do_not_depend_on_their_number);
}
