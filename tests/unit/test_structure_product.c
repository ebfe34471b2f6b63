/* SPDX-License-Identifier: MIT
 *
 * Products with declared and learnt structure: with the pass and without it they agree, whatever lies outside
 * the structure (NaN, for floats), for every structure, side, dtype and layout; and the plan says which
 * kernel was chosen. A case is a node in YAML over the matrices `a` (square, fed) and `b`, the stack `k` and
 * the vectors `v` and `w`. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/build.h"
#include "support/suite.h"
#include "tensor/dtype.h"

static gm_error error;

static const struct {
  const char *declared;
  char inside; /* l, u, s, d, t, 3 */
} structures[] = {{"structure: lower_triangular", 'l'}, {"structure: upper_triangular", 'u'},
    {"structure: symmetric", 's'}, {"structure: diagonal", 'd'}, {"structure: tridiagonal", 't'},
    {"structure: block_diagonal, block: 3", '3'}};
enum { STRUCTURES = sizeof structures / sizeof *structures };

static const char *const products[] = {"{dot: [S, b]}", "{dot: [bt, S]}", "{dot: [S, {transpose: bt}]}",
    "{dot: [{transpose: b}, S]}", "{dot: [{transpose: S}, b]}", "{dot: [bt, {transpose: S}]}",
    "{dot: [S, v]}", "{dot: [v, S]}", "{matmul: [v, {transpose: S}]}", "{dot: [S, {expand_dims: v}]}",
    "{dot: [k, S]}", "{dot: [S, k]}", "{matmul: [S, k]}", "{matmul: [k, S]}",
    "{batch_dot: [{expand_dims: S, axis: 0}, k1]}",
    "{batch_dot: [{expand_dims: S, axis: 0}, k1], axes: [1, 1]}", "{dot: [S, S]}",
    "{dot: [S, {transpose: S}]}", "{dot: [{transpose: S}, S]}", "{dot: [S, {index: b, at: \":, ::2\"}]}",
    "{dot: [{index: bt, at: \"1:, :\"}, S]}", "{add: [{multiply: [{dot: [S, b]}, 3]}, b]}",
    "{add: [{dot: [S, b]}, {dot: [S, b]}]}", "{negative: {dot: [S, b]}}",
    "{negative: {add: [{dot: [bt, S]}, bt]}}", "{dot: [{dot: [S, S]}, b]}",
    "{dot: [{add: [S, {transpose: S}]}, b]}", "{dot: [{multiply: [S, 2]}, b]}", "{dot: [{square: S}, b]}",
    "{dot: [{assume: S, structure: lower_triangular}, b]}", "{dot: [{assume: S, structure: symmetric}, b]}",
    "{dot: [b2, {assume: {transpose: S}, structure: symmetric}]}",
    "{dot: [{assume: S, structure: tridiagonal}, b]}",
    "{dot: [{transpose: {assume: S, structure: upper_triangular}}, b]}",
    "{dot: [{index: S, at: \"1:, :\"}, b]}", "{index: {dot: [S, b]}, at: \"0\"}",
    "{matmul: [{assume: k2, structure: lower_triangular}, k2]}",
    "{matmul: [k2, {assume: k2, structure: symmetric}]}",
    "{dot: [{assume: b, structure: lower_triangular}, {transpose: b}]}",
    "{dot: [{transpose: b}, {assume: b, structure: upper_triangular}]}",
    "{dot: [{transpose: {assume: b, structure: diagonal}}, S]}", "{dot: [b, {transpose: b}]}",
    "{dot: [{assume: S, structure: diagonal}, S]}",
    "{dot: [{assume: b2, structure: diagonal}, {assume: S, structure: tridiagonal}]}"};
enum { PRODUCTS = sizeof products / sizeof *products };

static gm_graph *graph_of(const char *node, const char *declared, gm_dtype dtype) {
  char text[3000];
  const char *type = gm_dtype_name(dtype);
  snprintf(text, sizeof text,
      "gemmule: 1\nplaceholders:\n  a: {shape: [n, n], dtype: %s}\n  b: {shape: [n, m], dtype: %s}\n"
      "  b2: {shape: [n, n], dtype: %s}\n  bt: {shape: [m, n], dtype: %s}\n  v: {shape: [n], dtype: %s}\n"
      "  k: {shape: [2, n, n], dtype: %s}\n  k1: {shape: [1, n, m], dtype: %s}\n  k2: {shape: [3, n, n], "
      "dtype: %s}\n"
      "nodes:\n  S: {assume: a, %s}\n  y: %s\noutputs: [y]\n",
      type, type, type, type, type, type, type, type, declared, node);
  gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, &error);
  ck_assert_msg(graph != NULL, "%s: %s", node, error.message);
  return graph;
}

static bool is_inside(char kind, int64_t i, int64_t j) {
  switch (kind) {
  case 'l':
  case 's': return j <= i;
  case 'u': return j >= i;
  case 'd': return i == j;
  case 't': return i - j <= 1 && j - i <= 1;
  case '3': return i / 3 == j / 3;
  default: return true;
  }
}

static bool is_float(gm_dtype dtype) {
  return dtype >= GM_FLOAT16;
}

/** Small numbers, exact in every dtype, or fractions; `kind`: where NaN stands is decided by a structure. */
static gm_tensor *tensor_of(gm_dtype dtype, int rank, const int64_t *dims, uint32_t seed, char kind) {
  gm_tensor *doubles = gm_tensor_new(GM_FLOAT64, rank, dims, &error), *out = NULL;
  ck_assert(doubles != NULL);
  double *at = gm_tensor_data(doubles);
  int64_t columns = rank > 0 ? dims[rank - 1] : 1;
  for (int64_t i = 0; i < gm_tensor_count(doubles); i++) {
    seed = seed * 1664525u + 1013904223u;
    at[i] = is_float(dtype) ? (double)(seed >> 8) / 0x1p23 - 1 : (double)(seed >> 24) - 128;
    if (!is_inside(kind, i / columns, i % columns)) at[i] = is_float(dtype) ? NAN : 77;
  }
  gm_graph *g = gm_graph_new(NULL, NULL);
  char attributes[60];
  snprintf(attributes, sizeof attributes, "{dtype: %s}", gm_dtype_name(dtype));
  gm_node node = apply1(g, "cast", gm_constant(g, NULL, doubles), attributes);
  ck_assert_msg(gm_eval(g, node, &out, &error) == GM_OK, "%s", error.message);
  gm_graph_free(g);
  gm_tensor_free(doubles);
  return out;
}

static const char *const names[] = {"a", "b", "b2", "bt", "v", "k", "k1", "k2"};
enum { NAMES = sizeof names / sizeof *names };

/** Those that the node does not name are left out. */
static void make_feeds(
    gm_tensor *feeds[NAMES], const char *node, gm_dtype dtype, int64_t n, int64_t m, char kind) {
  const int64_t dims[NAMES][3] = {{n, n}, {n, m}, {n, n}, {m, n}, {n}, {2, n, n}, {1, n, m}, {3, n, n}};
  const int ranks[NAMES] = {2, 2, 2, 2, 1, 3, 3, 3};
  for (int i = 0; i < NAMES; i++) {
    bool used = i < 2 || strstr(node, names[i]) != NULL;
    feeds[i] = used ? tensor_of(dtype, ranks[i], dims[i], (uint32_t)(i + 1 + n), i == 0 ? kind : 0) : NULL;
  }
}

/** Runs a plan of the graph; the executor keeps its output. */
static gm_executor *executed(
    const gm_graph *graph, const gm_plan_options *options, gm_tensor *const *feeds, gm_status *status) {
  gm_plan *plan = gm_plan_new(graph, NULL, 0, options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  gm_executor *executor = gm_executor_new(plan, &error);
  for (int i = 0; i < NAMES; i++) {
    if (feeds[i]) feed(executor, names[i], feeds[i]);
  }
  *status = gm_executor_run(executor, &error);
  gm_plan_free(plan);
  return executor;
}

static void free_feeds(gm_tensor **feeds) {
  for (int i = 0; i < NAMES; i++) gm_tensor_free(feeds[i]);
}

static double tolerance(gm_dtype dtype) {
  return dtype == GM_FLOAT64 || dtype == GM_COMPLEX128 ? 1e-12 : dtype == GM_FLOAT16 ? 0.02 : 1e-4;
}

static void compare(const gm_tensor *got, const gm_tensor *want, const char *what, int64_t n) {
  gm_dtype dtype = gm_tensor_dtype(got);
  size_t bytes = (size_t)gm_tensor_count(got) * gm__dtype_bytes(dtype);
  if (!is_float(dtype)) {
    ck_assert_msg(memcmp(gm_tensor_cdata(got), gm_tensor_cdata(want), bytes) == 0, "%s n=%d", what, (int)n);
    return;
  }
  bool single = dtype == GM_FLOAT32 || dtype == GM_COMPLEX64;
  size_t count = bytes / (single ? 4 : dtype == GM_FLOAT16 ? 2 : 8);
  for (size_t i = 0; i < count && dtype != GM_FLOAT16; i++) {
    double x = single ? ((const float *)gm_tensor_cdata(got))[i] : ((const double *)gm_tensor_cdata(got))[i];
    double y =
        single ? ((const float *)gm_tensor_cdata(want))[i] : ((const double *)gm_tensor_cdata(want))[i];
    ck_assert_msg(fabs(x - y) <= tolerance(dtype) * (double)n * (1 + fabs(y)),
        "%s %s n=%d: element %d is %g, not %g", what, gm_dtype_name(dtype), (int)n, (int)i, x, y);
  }
}

static void agree(int product, int s, gm_dtype dtype, int64_t n, int64_t m, const char *kernel) {
  gm_plan_options with = GM_PLAN_OPTIONS_INIT, without = GM_PLAN_OPTIONS_INIT;
  char what[300];
  snprintf(what, sizeof what, "%s, S %s", products[product], structures[s].declared);
  gm_graph *graph = graph_of(products[product], structures[s].declared, dtype);
  with.kernel = kernel;
  without.without = "structure";
  gm_tensor *feeds[NAMES];
  gm_status status[2];
  make_feeds(feeds, products[product], dtype, n, m, structures[s].inside);
  gm_executor *one = executed(graph, &with, feeds, &status[0]);
  gm_executor *other = executed(graph, &without, feeds, &status[1]);
  ck_assert_msg(status[0] == GM_OK && status[1] == GM_OK, "%s: %s", what, error.message);
  compare(gm_executor_output(one, 0), gm_executor_output(other, 0), what, n);
  free_feeds(feeds);
  gm_executor_free(one);
  gm_executor_free(other);
  gm_graph_free(graph);
}

static void agree_all(gm_dtype dtype, const int64_t *sizes, int count, const char *kernel) {
  for (int p = 0; p < PRODUCTS; p++)
    for (int s = 0; s < STRUCTURES; s++)
      for (int i = 0; i < count; i++)
        if (sizes[i] < 100 || s == p % STRUCTURES)
          agree(p, s, dtype, sizes[i], i % 2 ? sizes[i] : sizes[i] + 3, kernel);
}

START_TEST(every_product_agrees_with_the_pass_off) {
  static const int64_t sizes[] = {1, 2, 7, 40, 70, 140};
  agree_all(GM_FLOAT32, sizes, 6, NULL);
}
END_TEST

START_TEST(doubles_and_complex_numbers_agree) {
  static const int64_t sizes[] = {3, 132};
  agree_all(GM_FLOAT64, sizes, 2, NULL);
  agree_all(GM_COMPLEX64, sizes, 2, NULL);
}
END_TEST

START_TEST(integers_are_exact) {
  static const int64_t sizes[] = {1, 5, 38, 68, 131};
  agree_all(GM_INT32, sizes, 5, NULL);
  agree_all(GM_INT8, sizes, 2, NULL);
}
END_TEST

START_TEST(the_reference_agrees) {
  static const int64_t sizes[] = {2, 67};
  agree_all(GM_FLOAT32, sizes, 2, "loops");
}
END_TEST

/** The output for n = 0. */
static void check_empty(const char *node, const char *declared, int64_t m, int64_t count) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_graph *graph = graph_of(node, declared, GM_FLOAT32);
  gm_tensor *feeds[NAMES];
  gm_status status;
  make_feeds(feeds, node, GM_FLOAT32, 0, m, 0);
  gm_executor *executor = executed(graph, &options, feeds, &status);
  ck_assert_int_eq(status, GM_OK);
  ck_assert_int_eq(gm_tensor_count(gm_executor_output(executor, 0)), count);
  for (int64_t i = 0; i < count; i++) ck_assert(floats(executor, 0)[i] == 0);
  gm_executor_free(executor);
  free_feeds(feeds);
  gm_graph_free(graph);
}

START_TEST(what_is_empty_stays_so) {
  for (int s = 0; s < STRUCTURES; s++) {
    check_empty("{dot: [S, b]}", structures[s].declared, 3, 0);
    check_empty("{dot: [bt, {dot: [S, b]}]}", structures[s].declared, 2, 4);
  }
}
END_TEST

/* ---- What the plan says ---- */

static void says_with(const char *kernel, const char *node, const char *declared, const char *dims,
    const char *wanted, bool absent) {
  gm_graph *graph = graph_of(node, declared, GM_FLOAT32);
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.kernel = kernel;
  gm_plan *plan = gm_plan_new(graph, NULL, 0, &options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  char *text = plan_text(plan, dims, 0);
  ck_assert_msg((strstr(text, wanted) == NULL) == absent, "%s: '%s' in\n%s", node, wanted, text);
  free(text);
  gm_plan_free(plan);
  gm_graph_free(graph);
}

static void says(const char *node, const char *declared, const char *dims, const char *wanted, bool absent) {
  says_with(NULL, node, declared, dims, wanted, absent);
}

static void says_so(const char *node, int s, const char *wanted) {
  says(node, structures[s].declared, "n=200, m=90", wanted, false);
}

START_TEST(a_zero_costs_nothing) {
  says_so("{dot: [{zeros_like: b2}, b]}", 0, "y -> zero (");
  says_so("{dot: [{zeros_like: b2}, b]}", 0, "fill");
}
END_TEST

START_TEST(the_identity_is_left_out) {
  gm_graph *graph;
  static const char text[] =
      "gemmule: 1\nplaceholders:\n  x: {shape: [n, 4]}\n  t: {shape: [4, 4, 4]}\nnodes:\n"
      "  e: {eye: [], size: 4}\n  y: {tanh: {dot: [x, e]}}\n  z: {tanh: {dot: [e, t]}}\n"
      "outputs: [y, z]\n";
  graph = gm_graph_parse(text, strlen(text), NULL, &error);
  ck_assert_msg(graph != NULL, "%s", error.message);
  gm_plan *plan = gm_plan_new(graph, NULL, 0, NULL, &error);
  char *printed = plan_text(plan, "n=5", 0);
  ck_assert_ptr_nonnull(strstr(printed, "dot -> x ("));
  ck_assert_ptr_null(strstr(printed, "dot_1 -> t ("));
  free(printed);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_diagonal_is_a_scaling) {
  says_so("{dot: [S, {transpose: bt}]}", 3, "map   y     multiply");
  says_so("{dot: [{transpose: b}, S]}", 3, "map   y     multiply");
  says_so("{dot: [S, b]}", 3, " band ");
  says_so("{dot: [bt, S]}", 3, " band ");
  says_so("{dot: [S, b]}", 3, "flops 7200000 -> 36000;");
}
END_TEST

START_TEST(blocks_are_a_batch) {
  says_so("{dot: [S, b]}", 5, "m=3 n=90 k=3 batch=66");
  says_so("{dot: [S, b]}", 5, "m=2 n=90 k=2");
  says_so("{dot: [bt, S]}", 5, "m=90 n=3 k=3 batch=66");
}
END_TEST

START_TEST(a_band_has_its_kernel) {
  says_so("{dot: [S, b]}", 4, " band ");
  says_so("{dot: [S, {transpose: bt}]}", 4, " band ");
  says_so("{dot: [bt, S]}", 4, " band ");
  says_so("{dot: [S, v]}", 4, " band ");
  says_so("{dot: [S, b]}", 4, "flops 7200000 -> 107640;");
}
END_TEST

#if defined(GM_HAVE_OPENBLAS)
static void openblas_says(const char *node, int s, const char *wanted) {
  says_with("openblas", node, structures[s].declared, "n=200, m=90", wanted, false);
}

START_TEST(triangles_and_symmetric_matrices_have_theirs) {
  openblas_says("{dot: [S, b]}", 0, " trmm ");
  openblas_says("{dot: [bt, {transpose: S}]}", 0, " trmm ");
  openblas_says("{dot: [S, v]}", 1, " trmm ");
  openblas_says("{dot: [S, b]}", 2, " symm ");
  openblas_says("{dot: [b, {transpose: b}]}", 2, " syrk ");
  openblas_says("{dot: [{dot: [{assume: b2, structure: lower_triangular}, S]}, b]}", 0, " trmm ");
}
END_TEST
#endif

static void ours_say(const char *node, int s, const char *wanted) {
  says_with("vector", node, structures[s].declared, "n=200, m=90", wanted, false);
}

START_TEST(our_own_take_triangles_and_halves) {
  ours_say("{dot: [S, b]}", 0, "a=lower_triangular");
  ours_say("{dot: [bt, {transpose: S}]}", 0, "b=upper_triangular");
  ours_say("{dot: [S, v]}", 1, "a=upper_triangular");
  ours_say("{dot: [S, b]}", 0, "flops 7200000 -> 3600000;");
  ours_say("{dot: [b, {transpose: b}]}", 2, "b=a^T");
  ours_say("{dot: [S, b]}", 2, "structure  S ");
}
END_TEST

START_TEST(a_matrix_is_made_whole_once) {
  const char *both = "{add: [{relu: S}, {tanh: S}]}";
  says_so(both, 0, "structure  S ");
  says(both, structures[0].declared, "n=50, m=2", "   1  structure", true);
  says("{dot: [S, b]}", structures[0].declared, "n=50, m=2", "structure  S", true);
}
END_TEST

START_TEST(exact_plans_and_the_switch_make_it_whole) {
  gm_plan_options exact = GM_PLAN_OPTIONS_INIT, off = GM_PLAN_OPTIONS_INIT;
  gm_graph *graph = graph_of("{dot: [S, b]}", structures[0].declared, GM_FLOAT32);
  exact.exact = true;
  off.without = "structure";
  for (int i = 0; i < 2; i++) {
    gm_plan *plan = gm_plan_new(graph, NULL, 0, i ? &exact : &off, &error);
    char *text = plan_text(plan, "n=50, m=40", 0);
    ck_assert_ptr_nonnull(strstr(text, "lower_triangular 50x50"));
    ck_assert_ptr_null(strstr(text, "trmm"));
    free(text);
    gm_plan_free(plan);
  }
  gm_graph_free(graph);
}
END_TEST

/* ---- check_structure ---- */

static gm_status checked(const char *node, int s) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.check_structure = true;
  gm_graph *graph = graph_of(node, structures[s].declared, GM_FLOAT32);
  gm_tensor *feeds[NAMES];
  gm_status status;
  make_feeds(feeds, node, GM_FLOAT32, 9, 4, 0);
  gm_executor_free(executed(graph, &options, feeds, &status));
  free_feeds(feeds);
  gm_graph_free(graph);
  return status;
}

START_TEST(what_is_used_as_it_is_is_checked_all_the_same) {
  for (int s = 0; s < STRUCTURES; s++) {
    ck_assert_int_eq(checked("{dot: [S, b]}", s), GM_BAD_SHAPE);
    ck_assert_str_eq(error.node, "S");
    ck_assert_int_eq(checked("{dot: [b2, {transpose: S}]}", s), GM_BAD_SHAPE);
  }
  ck_assert_int_eq(checked("{dot: [{assume: b2, structure: diagonal}, {assume: S, structure: diagonal}]}", 4),
      GM_BAD_SHAPE);
  ck_assert_int_eq(checked("{dot: [b2, v]}", 0), GM_OK);
}
END_TEST

SUITE(structure_product) {
  CASE(every_product_agrees_with_the_pass_off);
  CASE(doubles_and_complex_numbers_agree);
  CASE(integers_are_exact);
  CASE(the_reference_agrees);
  CASE(what_is_empty_stays_so);
  CASE(a_zero_costs_nothing);
  CASE(the_identity_is_left_out);
  CASE(a_diagonal_is_a_scaling);
  CASE(blocks_are_a_batch);
  CASE(a_band_has_its_kernel);
#if defined(GM_HAVE_OPENBLAS)
  CASE(triangles_and_symmetric_matrices_have_theirs);
#endif
  CASE(our_own_take_triangles_and_halves);
  CASE(a_matrix_is_made_whole_once);
  CASE(exact_plans_and_the_switch_make_it_whole);
  CASE(what_is_used_as_it_is_is_checked_all_the_same);
}
