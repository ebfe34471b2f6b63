/* SPDX-License-Identifier: MIT
 *
 * What the laws of products and sums make of expressions: the steps of the plan are told, and the values,
 * on small whole numbers, are those of the expression as it was written, bit for bit. */
#include "support/suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "support/build.h"

static gm_error error;

/** The sources of every row; %s is the dtype. */
static const char sources[] = "gemmule: 1\n"
                              "placeholders:\n"
                              "  A: {shape: [n, n], dtype: %1$s}\n"
                              "  B: {shape: [n, n], dtype: %1$s}\n"
                              "  C: {shape: [n, n], dtype: %1$s}\n"
                              "  H: {shape: [n, n], dtype: %1$s}\n"
                              "  x: {shape: [n, 1], dtype: %1$s}\n"
                              "  y: {shape: [n, 1], dtype: %1$s}\n"
                              "  v: {shape: [n], dtype: %1$s}\n"
                              "  w: {shape: [n], dtype: %1$s}\n"
                              "  P: {shape: [n, k], dtype: %1$s}\n"
                              "  Q: {shape: [k, n], dtype: %1$s}\n"
                              "  X: {shape: [3, m, n], dtype: %1$s}\n"
                              "  s: {shape: [], dtype: %1$s}\n"
                              "nodes:\n";
static const char *const fed[] = {"A", "B", "C", "H", "x", "y", "v", "w", "P", "Q", "X", "s"};

static const char dims[] = "n=300, k=4, m=20";

/** nodes: with the outputs, as YAML. */
static gm_graph *graph_of(const char *nodes, const char *dtype) {
  char text[4000], form[4000];
  snprintf(form, sizeof form, "%s%%2$s\n", sources);
  snprintf(text, sizeof text, form, dtype, nodes);
  gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, &error);
  ck_assert_msg(graph != NULL, "%s: %s", nodes, error.message);
  return graph;
}

static gm_plan *planned(const gm_graph *graph, const char *without) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.without = without;
  gm_plan *plan = gm_plan_new(graph, NULL, 0, &options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  return plan;
}

/* ---- Values ---- */

/** Whole numbers from -2 to 2, by name and place. */
static gm_tensor *small_numbers(gm_dtype dtype, int rank, const int64_t *lengths, unsigned seed) {
  gm_tensor *tensor = gm_tensor_new(dtype, rank, lengths, NULL);
  int64_t count = gm_tensor_count(tensor);
  for (int64_t i = 0; i < count; i++) {
    seed = seed * 1103515245u + 12345u;
    int value = (int)(seed >> 16) % 5 - 2;
    if (dtype == GM_INT32)
      ((int32_t *)gm_tensor_data(tensor))[i] = value;
    else if (dtype == GM_FLOAT64)
      ((double *)gm_tensor_data(tensor))[i] = value;
    else
      ((float *)gm_tensor_data(tensor))[i] = (float)value;
  }
  return tensor;
}

typedef struct values {
  gm_plan *plan;
  gm_executor *executor;
  gm_tensor *fed[12];
} values;

static values values_of(const gm_graph *graph, const char *without, gm_dtype dtype, int64_t n, int64_t k) {
  values v = {.plan = planned(graph, without)};
  const int64_t lengths[][3] = {
      {n, n}, {n, n}, {n, n}, {n, n}, {n, 1}, {n, 1}, {n}, {n}, {n, k}, {k, n}, {3, 2, n}, {0}};
  static const int ranks[] = {2, 2, 2, 2, 2, 2, 1, 1, 2, 2, 3, 0};
  v.executor = gm_executor_new(v.plan, &error);
  for (unsigned i = 0; i < 12; i++) {
    v.fed[i] = small_numbers(dtype, ranks[i], lengths[i], i + 1);
    feed(v.executor, fed[i], v.fed[i]);
  }
  run(v.executor);
  return v;
}

static void free_values(values *v) {
  gm_executor_free(v->executor);
  gm_plan_free(v->plan);
  for (int i = 0; i < 12; i++) gm_tensor_free(v->fed[i]);
}

static double number_at(const gm_tensor *tensor, int64_t i) {
  const void *data = gm_tensor_cdata(tensor);
  if (gm_tensor_dtype(tensor) == GM_INT32) return ((const int32_t *)data)[i];
  return gm_tensor_dtype(tensor) == GM_FLOAT64 ? ((const double *)data)[i] : ((const float *)data)[i];
}

static void ck_same_values(const char *nodes, const char *dtype_name, gm_dtype dtype, int64_t n, int64_t k) {
  gm_graph *graph = graph_of(nodes, dtype_name);
  values with = values_of(graph, NULL, dtype, n, k), without = values_of(graph, every_pass(), dtype, n, k);
  const gm_tensor *a, *b;
  for (size_t o = 0; (b = gm_executor_output(without.executor, o)); o++) {
    a = gm_executor_output(with.executor, o);
    ck_assert_ptr_nonnull(a);
    ck_assert_int_eq(gm_tensor_rank(a), gm_tensor_rank(b));
    ck_assert_int_eq(gm_tensor_count(a), gm_tensor_count(b));
    for (int64_t i = 0; i < gm_tensor_count(a); i++)
      ck_assert_msg(number_at(a, i) == number_at(b, i),
          "%s of %s, n = %lld, k = %lld: output %zu [%lld]: %g, not %g", nodes, dtype_name, (long long)n,
          (long long)k, o, (long long)i, number_at(a, i), number_at(b, i));
  }
  free_values(&with);
  free_values(&without);
  gm_graph_free(graph);
}

/* ---- Plans ---- */

typedef struct row {
  const char *nodes, *steps;
} row;

static void ck_row(const row *r) {
  char steps[2000];
  gm_graph *graph = graph_of(r->nodes, "float32");
  gm_plan *plan = planned(graph, "pack");
  char *text = plan_text(plan, dims, 0);
  plan_steps(text, steps, sizeof steps);
  ck_assert_msg(
      strcmp(steps, r->steps) == 0, "%s\n  has   %s\n  wants %s\n%s", r->nodes, steps, r->steps, text);
  free(text);
  gm_plan_free(plan);
  gm_graph_free(graph);
  static const int64_t sizes[][2] = {{5, 2}, {1, 3}, {2, 1}, {0, 2}, {3, 0}, {4, 7}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    ck_same_values(r->nodes, "float32", GM_FLOAT32, sizes[i][0], sizes[i][1]);
    ck_same_values(r->nodes, "float64", GM_FLOAT64, sizes[i][0], sizes[i][1]);
    ck_same_values(r->nodes, "int32", GM_INT32, sizes[i][0], sizes[i][1]);
  }
}

#define ROWS(...)                                                                                            \
  static const row rows[] = {__VA_ARGS__};                                                                   \
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) ck_row(&rows[i])
#define OUT(expression) "  r: " expression "\noutputs: [r]\n"

#define AB "{dot: [A, B]}"
#define AtB "{dot: [{transpose: A}, B]}"
#define T(x) "{transpose: " x "}"
#define DOT(x, y) "{dot: [" x ", " y "]}"
#define ADD(x, y) "{add: [" x ", " y "]}"
#define SUB(x, y) "{subtract: [" x ", " y "]}"
#define MUL(x, y) "{multiply: [" x ", " y "]}"
#define CUBE "gemm m=300 n=300 k=300"
#define SELF CUBE " b=a^T"
#define COLUMN "gemm m=300 n=1 k=300"
#define LINE "gemm m=1 n=300 k=300"

START_TEST(chains_take_the_cheapest_order) {
  ROWS({OUT(DOT(DOT(T("H"), "H"), "x")), COLUMN "; " COLUMN},
      {OUT(DOT(T("H"), DOT("H", "x"))), COLUMN "; " COLUMN},
      {OUT(DOT(T("y"), DOT(T("H"), "H"))), LINE "; " LINE},
      {OUT(DOT(DOT(DOT(T("H"), "y"), T("x")), "H")), COLUMN "; " LINE "; gemm m=300 n=300 k=1"},
      {OUT(DOT(DOT("A", "B"), "v")), COLUMN "; " COLUMN}, {OUT(DOT("v", DOT("A", "B"))), LINE "; " LINE},
      {OUT(DOT("v", DOT(DOT("A", "B"), "w"))), LINE "; " LINE "; gemm m=1 n=1 k=300"},
      {OUT(DOT(DOT("P", "Q"), "P")), "gemm m=4 n=4 k=300; gemm m=300 n=4 k=4"},
      {OUT(DOT(DOT("X", "P"), "Q")), "gemm m=60 n=4 k=300; gemm m=60 n=300 k=4"},
      {OUT(DOT("X", DOT("P", "Q"))), "gemm m=60 n=4 k=300; gemm m=60 n=300 k=4"},
      {OUT(DOT(T(DOT("A", "B")), "x")), COLUMN "; " COLUMN},
      {OUT("{matmul: [{matmul: [A, B]}, x]}"), COLUMN "; " COLUMN}, {OUT(DOT(AB, "C")), CUBE "; " CUBE});
}
END_TEST

START_TEST(what_is_shared_is_priced_once) {
  ROWS({OUT(DOT(T(AtB), AtB)), CUBE "; " SELF}, {OUT(DOT(DOT(T(AtB), T("A")), "B")), CUBE "; " SELF},
      {OUT(DOT(DOT(DOT(T("B"), "A"), T("A")), "B")), CUBE "; " SELF},
      {OUT(DOT(DOT(DOT(AtB, T("A")), "B"), "y")), COLUMN "; " COLUMN "; " COLUMN "; " COLUMN},
      {OUT(DOT(DOT(DOT("A", "B"), "A"), "B")), CUBE "; " CUBE},
      {"  p: " ADD(MUL("2", AB), MUL("3", "C")) "\n  q: " DOT(T("B"), T("A")) "\noutputs: [p, q]\n",
          CUBE "; map combine; copy 90000 elements"},
      {"  p: " AB "\n  q: " DOT("C", AB) "\noutputs: [p, q]\n", CUBE "; " CUBE},
      {"  p: " AB "\n  q: " DOT(T("B"), T("A")) "\noutputs: [p, q]\n", CUBE "; copy 90000 elements"},
      {"  p: " AtB "\n  q: " DOT(DOT(DOT(AtB, T("A")), "B"), "y") "\noutputs: [p, q]\n",
          CUBE "; " COLUMN "; " COLUMN},
      {"  p: " DOT(AB, "x") "\n  q: " DOT(AB, "y") "\noutputs: [p, q]\n",
          COLUMN "; " COLUMN "; " COLUMN "; " COLUMN});
}
END_TEST

START_TEST(sums_are_factored_and_multiplied_out) {
  ROWS({OUT(ADD(DOT("A", "B"), DOT("A", "C"))), "map add; " CUBE},
      {OUT(ADD(DOT("B", "A"), DOT("C", "A"))), "map add; " CUBE},
      {OUT(ADD(ADD(DOT("A", "B"), DOT("A", "C")), DOT("A", "H"))), "map add add; " CUBE},
      {OUT(SUB(DOT("A", "B"), DOT("A", "C"))), "map subtract; " CUBE},
      {OUT(DOT(SUB("A", DOT(T("H"), "H")), "x")), COLUMN "; " COLUMN "; " COLUMN " alpha=-1 beta=1"},
      {OUT(DOT(ADD("A", "B"), "C")), "map add; " CUBE},
      {OUT(ADD(DOT("A", "x"), DOT("B", "x"))), COLUMN "; " COLUMN " beta=1"});
}
END_TEST

START_TEST(what_is_taken_off_again_is_not_computed) {
  ROWS({OUT(SUB(ADD(AB, DOT("C", "H")), AB)), CUBE},
      {OUT(ADD(SUB(AB, MUL("2", DOT("C", "H"))), "{negative: " AB "}")), CUBE " alpha=-2"},
      {OUT(SUB(ADD(AB, "C"), AB)), "copy 90000 elements"});
}
END_TEST

START_TEST(coefficients_go_into_products) {
  ROWS({OUT(ADD(AtB, AtB)), CUBE " alpha=2"}, {OUT(ADD(MUL("3", AB), MUL("3", "C"))), CUBE " alpha=3 beta=3"},
      {OUT(SUB(AB, "C")), CUBE " beta=-1"}, {OUT(SUB("C", AB)), CUBE " alpha=-1 beta=1"},
      {OUT("{negative: " AB "}"), CUBE " alpha=-1"},
      {OUT(MUL("0", DOT(AB, "x"))), COLUMN "; " COLUMN " then multiply"},
      {OUT(MUL("s", DOT(AB, "x"))), "map multiply; " COLUMN "; " COLUMN},
      {OUT(DOT(MUL("2", AB), MUL("s", "x"))), "map multiply; " COLUMN "; " COLUMN " alpha=2"});
}
END_TEST

/** What float32 or whole numbers cannot hold does not come of two coefficients that they can. */
START_TEST(coefficients_stay_within_the_dtype) {
  static const char *const large[] = {OUT(MUL("1e20", MUL("1e20", AB))), OUT(MUL("1e-30", MUL("1e-30", AB))),
      OUT(ADD(MUL("3e38", AB), MUL("3e38", AB)))};
  static const char *const whole[] = {OUT(MUL("1073741823", MUL("1073741823", AB))),
      OUT(DOT(MUL("1073741823", ADD(MUL("1073741823", "A"), AB)), "x")),
      OUT(ADD(MUL("1073741823", AB), ADD(MUL("1073741823", AB), MUL("1073741823", AB))))};
  for (size_t i = 0; i < sizeof large / sizeof *large; i++)
    ck_same_values(large[i], "float32", GM_FLOAT32, 5, 2);
  for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) ck_same_values(whole[i], "int32", GM_INT32, 5, 2);
}
END_TEST

SUITE(algebra) {
  CASE(chains_take_the_cheapest_order);
  CASE(what_is_shared_is_priced_once);
  CASE(sums_are_factored_and_multiplied_out);
  CASE(coefficients_go_into_products);
  CASE(what_is_taken_off_again_is_not_computed);
  CASE(coefficients_stay_within_the_dtype);
}
