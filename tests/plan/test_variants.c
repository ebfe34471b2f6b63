/* SPDX-License-Identifier: MIT
 *
 * Laws, not patterns: expressions of linear algebra under other names, in other orders and nestings, alone
 * and beside others, are planned with no more arithmetic than they need; and on small whole numbers, at
 * lengths down to 0, they equal, bit for bit, what the plan without passes computes. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>
#include <gemmule/gemmule.h>
#include "support/cells.h"
#include "support/infix.h"

/** Outputs separated by ';'. Operations at most cubic n³ + square n² + linear n, at n = 1000. */
typedef struct variant {
  const char *text;
  double cubic, square, linear;
} variant;

static const variant variants[] = {
    /* transposes are flags */
    {"A'*B", 2, 0, 0}, {"B'*A", 2, 0, 0}, {"A'*B'", 2, 0, 0}, {"(B*A)'", 2, 0, 0}, {"(A'*B')'", 2, 0, 0},
    /* declared structure, and what follows from it */
    {"L*B", 1, 1, 0}, {"U*B", 1, 1, 0}, {"B*L", 1, 1, 0}, {"L'*B", 1, 1, 0}, {"B*U'", 1, 1, 0},
    {"(L*B)'", 1, 1, 0}, {"2*(L*B)", 1, 2, 0}, {"(2*L)*B", 1, 2, 0}, {"(-L)*B", 1, 2, 0},
    {"L*(D*B)", 1, 3, 0}, {"(L*L)*B", 2, 1, 0}, {"T*B", 0, 6, 0}, {"B*T", 0, 6, 0}, {"T'*B", 0, 6, 0},
    {"2*(T*B)", 0, 8, 0}, {"T*(T*B)", 0, 14, 0}, {"(T*T)*B", 0, 14, 0}, {"D*B", 0, 2, 0}, {"B*D", 0, 2, 0},
    {"(D*D)*B", 0, 4, 0}, {"D*x", 0, 2, 0}, {"S*B", 2, 1, 0}, {"K*B", 1, 1, 0}, {"B*K", 1, 1, 0},
    {"I*B", 0, 1, 0}, {"zeros_like(A)*B", 0, 1, 0},
    /* symmetric results */
    {"A*A'", 1, 2, 0}, {"A'*A", 1, 2, 0}, {"2*(A*A')", 1, 3, 0}, {"(2*A)*A'", 1, 3, 0}, {"L*L'", 1, 2, 0},
    {"(A+B)*(A+B)'", 1, 3, 0}, {"relu(A*A')", 1, 3, 0}, {"matmul(A, A')", 1, 2, 0},
    {"(A+A')*(A+A')", 2, 4, 0}, {"A*B' + B*A'", 2, 3, 0}, {"A'*B + B'*A", 2, 3, 0},
    {"A*B' + (A*B')'", 2, 3, 0},
    /* sharing */
    {"A'*B + A'*B", 2, 1, 0}, {"A'*B + A'*B + A'*B", 2, 2, 0}, {"A'*B + (B'*A)'", 2, 1, 0},
    {"2*(A'*B) + 3*(A'*B)", 2, 2, 0}, {"(A'*B)'*(A'*B)", 3, 2, 0}, {"(B'*A)*(A'*B)", 3, 2, 0},
    {"(A*B')*(B*A')", 3, 2, 0}, {"(A'*B)'*A'*B", 3, 2, 0}, {"B'*(A*(A'*B))", 3, 2, 0},
    {"(B'*(A*A'))*B", 3, 2, 0}, {"(A'*B)'*2*A'*B", 3, 3, 0}, {"B'*A*A'*B", 3, 2, 0}, {"A'*B*B'*A", 3, 2, 0},
    {"C'*H*H'*C", 3, 2, 0}, {"A*B; (A*B)*x", 2, 2, 0}, {"A'*B; B'*A", 2, 2, 0}, {"A'*B; B'*A*x", 2, 2, 0},
    /* orders */
    {"A'*B*A'*B*y", 0, 8, 0}, {"A'*B*A'*B*v", 0, 8, 0}, {"y'*(A'*B*A'*B)", 0, 8, 0},
    {"(A'*B)*((A'*B)*y)", 0, 8, 0}, {"A'*B*A'*B*y; A'*B*A'*B*x", 0, 16, 0}, {"H'*H*x", 0, 4, 0},
    {"H'*H*v", 0, 4, 0}, {"y'*H'*H", 0, 4, 0}, {"y'*(H'*H)", 0, 4, 0}, {"H'*y*x'*H", 0, 6, 0},
    {"(H'*(y*x'))*H", 0, 6, 0}, {"H'*((y*x')*H)", 0, 6, 0}, {"(3*(H'*H))*x", 0, 5, 0},
    {"((H'*2)*H)*x", 0, 5, 0}, {"(-(H'*H))*x", 0, 4, 4}, {"H'*H*x + x", 0, 4, 4}, {"x*x'*y", 0, 0, 6},
    {"H'*H*x; H'*H*y", 0, 8, 0}, {"A*B*C*x", 0, 6, 0}, {"matmul(matmul(A, B), C)*x", 0, 6, 0},
    {"P*Q*P", 0, 0, 400}, {"P*Q*P*Q", 0, 20, 400}, {"P*Q*x", 0, 0, 40}, {"A*P*Q", 0, 40, 0},
    {"A*(P*Q)*B", 0, 60, 0}, {"X*P*Q", 0, 48, 0}, {"X*A*P", 0, 44, 0}, {"X*(A*P)", 0, 44, 0},
    /* distributivity, both ways */
    {"A*B + A*C", 2, 1, 0}, {"A*B - A*C", 2, 1, 0}, {"B*A + C*A", 2, 1, 0}, {"A*B + A*C + A*H", 2, 2, 0},
    {"2*(A*B) + 3*(A*C)", 2, 4, 0}, {"A'*B + A'*C", 2, 1, 0}, {"(B'*A')' + A*C", 2, 1, 0},
    {"A*B + (A*C + A*H)", 2, 2, 0}, {"A*x + A*y", 0, 2, 2}, {"(A - H'*H)*x", 0, 6, 3},
    {"(A + H'*H)*x", 0, 6, 3}, {"y'*(A - H'*H)", 0, 6, 3}, {"(A*B - C*H)*x", 0, 8, 3},
    {"(A - H'*H)*v", 0, 6, 3}, {"(2*A - 3*(H'*H))*x", 0, 7, 5}, {"(A - P*Q)*x", 0, 2, 100},
    {"3*(A*B) + 3*C", 2, 3, 0}, {"3*(A*B + C)", 2, 3, 0}, {"A*B - C", 2, 1, 0}, {"C - A*B", 2, 1, 0},
    {"A*B + V[2:3]'*V[2:3]", 2, 3, 0}, {"A*B + V[0:1]'*V[0:1]; A*B + V[1:2]'*V[1:2]", 2, 6, 0},
    {"A*B + C*B + A*H + C*H", 2, 2, 0}, {"(A - H'*H)*x; (A - H'*H)*y", 0, 12, 6}, {"(I - x*x')*B", 0, 7, 1},
    {"(I - 2*(x*x'))*y", 0, 0, 10}, {"(I - P*P')*A", 0, 42, 0}, {"A*(I - P*P')", 0, 42, 0},
    {"(I - P*P')*x", 0, 0, 44}, {"(R'*R + 2*I)*x", 0, 1.2, 5}, {"(R'*R + I)*x - y", 0, 1.2, 5},
    {"(R'*R + D)*x", 0, 3.2, 5}, {"(L+D)*B", 1, 2, 0}, {"(T+D)*B", 0, 8, 0}, {"D*B + D*C", 0, 3, 0},
    {"(2*D - 3*T)*B", 0, 12, 0}, {"(A+B)*(A'+B')", 1, 4, 0}, {"A*A' + C", 1, 3, 0},
    {"(A*A')*(A*A')", 2, 4, 0}, {"H'*H; (H'*H)*(H'*H)", 2, 4, 0}, {"(I - x*y')*(A*(I - y*x'))", 0, 14, 20},
    /* diagonals of products */
    {"sum1(multiply(A*B, I))", 0, 3, 0}, {"sum1(multiply(I, A*B))", 0, 3, 0},
    {"sum0(multiply(A*B, I))", 0, 3, 0}, {"sum(multiply(A'*B, I))", 0, 3, 0},
    {"sum1(multiply(A*B, D))", 0, 4, 0}, {"sum0(multiply(A*B, D))", 0, 4, 0},
    {"sum(multiply(P*Q, I))", 0, 0, 40}, {"sum1(multiply(A*A', I))", 0, 3, 0},
    {"sum1(multiply(A*B, I)); A*B", 2, 4, 0},
    /* slices */
    {"(A+B)[2, 2]", 0, 0, 0.001}, {"(A+B)[2]", 0, 0, 1}, {"(A+B)[:, 2]", 0, 0, 1},
    {"(A+B*2-C)[2, 2]", 0, 0, 0.01}, {"relu(A+B)[2, 2]", 0, 0, 0.01}, {"(A*B)[2, 2]", 0, 0, 2},
    {"(A*B)[2]", 0, 2, 0}, {"(A*B)[:, 2]", 0, 2, 0}, {"(A*B)[:10, :10]", 0, 0, 200},
    {"(A*B)[-1, -1]", 0, 0, 2}, {"(A*B)[2][2]", 0, 0, 2}, {"(A*B)'[2, 3]", 0, 0, 2},
    {"(A*B + C)[2, 2]", 0, 0, 2.01}, {"(A*B*C)[2, 2]", 0, 2, 2}, {"(A*B*C)[2]", 0, 4, 0},
    {"(3*(A*B))[2, 2]", 0, 0, 2.01}, {"matmul(A, B)[2, 2]", 0, 0, 2}, {"relu(A*B)[2, 2]", 0, 0, 2.01},
    {"(A*B)[::2]", 1, 0, 0}, {"(L*B)[:, 2]", 0, 2, 0}, {"(A*A')[2, 3]", 0, 0, 2},
    {"(A*B)[2, 2]; A*B", 2, 0, 0},
    /* diagonals */
    {"diag_part(A*B)", 0, 2, 0}, {"diag_part(A'*B)", 0, 2, 0}, {"diag_part((A*B)')", 0, 2, 0},
    {"diag_part(matmul(A, B'))", 0, 2, 0}, {"diag_part(A*B + C)", 0, 2, 1}, {"diag_part(3*(A*B))", 0, 2, 1},
    {"diag_part(relu(A*B - C))", 0, 2, 2}, {"diag_part(A*B*C)", 2, 2, 0}, {"diag_part(P*Q)", 0, 0, 20},
    {"diag_part(Q*P)", 0, 0, 20}, {"diag_part(X[0]*P)", 0, 0, 20}, {"diag_part(L*B)", 0, 3, 0},
    {"diag_part(A*B + x)", 0, 2, 1}, {"diag_part(x*x')", 0, 0, 2}, {"diag_part(D)", 0, 0, 0},
    {"sum(multiply(A*B, I))", 0, 2, 1}, {"sum(multiply(I, A*B))", 0, 2, 1}, {"sum(D)", 0, 0, 1},
    {"sum(multiply(A*B, D))", 0, 2, 2}, {"sum(multiply(I, relu(A*B + C)))", 0, 2, 3},
    {"diag_part(A*B); A*B", 2, 0, 0}};

enum { SIDE = 1000 };

/* ---- Graphs ---- */

typedef struct source {
  const char *name, *shape, *structure;
} source;

static const source sources[] = {{"A", "n, n", NULL}, {"B", "n, n", NULL}, {"C", "n, n", NULL},
    {"H", "n, n", NULL}, {"x", "n, 1", NULL}, {"y", "n, 1", NULL}, {"v", "n", NULL}, {"V", "3, n", NULL},
    {"R", "m, n", NULL}, {"P", "n, k", NULL}, {"Q", "k, n", NULL}, {"X", "b, m, n", NULL},
    {"L", "n, n", "lower_triangular"}, {"U", "n, n", "upper_triangular"}, {"T", "n, n", "tridiagonal"},
    {"D", "n, n", "diagonal"}, {"S", "n, n", "symmetric"}, {"K", "n, n", "block_diagonal"}};
enum { SOURCES = sizeof sources / sizeof *sources, MOST_OUTPUTS = 4 };

/** The lengths of the symbols. */
typedef struct lengths {
  int n, k, m, b;
} lengths;

static int length_of(const lengths *at, char symbol) {
  return symbol == 'n'   ? at->n
         : symbol == 'k' ? at->k
         : symbol == 'm' ? at->m
         : symbol == 'b' ? at->b
                         : symbol - '0';
}

/** The structured ones stand under their names behind an assume, and are fed as "fed_L". */
static void add_source(gm_graph *graph, const source *s, gm_dtype dtype, int side) {
  char name[16], text[64];
  snprintf(name, sizeof name, "%s%s", s->structure ? "fed_" : "", s->name);
  gm_node node = gm_placeholder(graph, name, dtype, s->shape);
  if (!s->structure) return;
  bool blocks = strcmp(s->structure, "block_diagonal") == 0;
  snprintf(text, sizeof text, "{structure: %s%s}", s->structure, "");
  if (blocks)
    snprintf(text, sizeof text, "{structure: %s, block: %d}", s->structure, side > 1 ? side / 2 : 1);
  gm_name(graph, gm_apply(graph, "assume", &node, 1, text), s->name);
}

static size_t add_outputs(gm_graph *graph, const char *text, gm_dtype dtype, int side, gm_node *outputs) {
  char copy[256], *rest = copy, *part;
  size_t count = 0;
  snprintf(copy, sizeof copy, "%s", text);
  while ((part = strtok_r(rest, ";", &rest)) && count < MOST_OUTPUTS)
    outputs[count++] = infix(graph, part + strspn(part, " "), dtype, side);
  return count;
}

static gm_plan *planned(const variant *v, gm_dtype dtype, int side, const char *without) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  gm_node outputs[MOST_OUTPUTS];
  gm_graph *graph = gm_graph_new(NULL, NULL);
  for (int i = 0; i < SOURCES; i++) add_source(graph, &sources[i], dtype, side);
  size_t count = add_outputs(graph, v->text, dtype, side, outputs);
  options.without = without;
  options.threads = 1;
  gm_plan *plan = gm_plan_new(graph, outputs, count, &options, &error);
  ck_assert_msg(plan != NULL, "%s: %s", v->text, error.message);
  gm_graph_free(graph);
  return plan;
}

/* ---- Arithmetic ---- */

static bool is_frugal(const variant *v) {
  gm_plan_size size = {.struct_size = sizeof size};
  gm_error error = {0};
  double n = SIDE, allowed = v->cubic * n * n * n + v->square * n * n + v->linear * n;
  gm_plan *plan = planned(v, GM_FLOAT32, SIDE, NULL);
  gm_status status = gm_plan_sizes(plan, "n=1000, k=10, m=300, b=4", &size, &error);
  gm_plan_free(plan);
  if (status) printf("%s: %s\n", v->text, error.message);
  if (size.flops > allowed) printf("%s: %g operations, not %g\n", v->text, size.flops, allowed);
  return !status && size.flops <= allowed;
}

START_TEST(plans_have_no_more_arithmetic_than_it_takes) {
  int wrong = 0;
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) wrong += !is_frugal(&variants[i]);
  fflush(stdout);
  ck_assert_int_eq(wrong, 0);
}
END_TEST

/* ---- Values ---- */

static gm_tensor *small_numbers(const source *s, gm_dtype dtype, const lengths *at, uint64_t seed) {
  int64_t dims[3];
  int rank = 0;
  draw from = {seed};
  for (const char *c = s->shape; *c; c++)
    if (*c != ',' && *c != ' ') dims[rank++] = length_of(at, *c);
  cells values = cells_new(dtype, rank, dims);
  for (int64_t i = 0; i < values.count; i++) {
    int64_t value = draw_below(&from, 3) - 1;
    values.at[i] = (cell){.re = (double)value, .whole = value};
  }
  gm_tensor *tensor = cells_tensor(&values);
  cells_free(&values);
  return tensor;
}

/** NULL where the expression needs greater lengths. */
static gm_executor *run(
    const variant *v, gm_dtype dtype, const lengths *at, const char *without, gm_tensor *const *feeds) {
  gm_error error = {0};
  char name[16];
  gm_plan *plan = planned(v, dtype, at->n, without);
  gm_executor *e = gm_executor_new(plan, &error);
  gm_plan_free(plan);
  for (int i = 0; i < SOURCES; i++) {
    snprintf(name, sizeof name, "%s%s", sources[i].structure ? "fed_" : "", sources[i].name);
    ck_assert_msg(!gm_executor_feed(e, name, feeds[i], &error), "%s: %s", v->text, error.message);
  }
  if (!gm_executor_run(e, &error)) return e;
  ck_assert_msg(error.status == GM_BAD_SHAPE && at->n < 5, "%s: %s", v->text, error.message);
  gm_executor_free(e);
  return NULL;
}

static bool equal_values(const gm_tensor *a, const gm_tensor *b) {
  cells one = cells_of(a), other = cells_of(b);
  bool same = one.rank == other.rank && one.count == other.count;
  for (int64_t i = 0; same && i < one.count; i++)
    same = one.at[i].re == other.at[i].re && one.at[i].whole == other.at[i].whole;
  cells_free(&one);
  cells_free(&other);
  return same;
}

static bool keeps_values(const variant *v, gm_dtype dtype, const lengths *at) {
  static char all[512];
  gm_tensor *feeds[SOURCES];
  all[0] = '\0';
  for (size_t i = 0; gm_pass_name(i); i++) strcat(strcat(all, i ? "," : ""), gm_pass_name(i));
  for (int i = 0; i < SOURCES; i++) feeds[i] = small_numbers(&sources[i], dtype, at, (uint64_t)i + 1);
  gm_executor *with = run(v, dtype, at, NULL, feeds), *plain = run(v, dtype, at, all, feeds);
  bool same = !with == !plain;
  for (size_t i = 0; same && plain && gm_executor_output(plain, i); i++)
    same = equal_values(gm_executor_output(with, i), gm_executor_output(plain, i));
  if (!same) printf("%s: another value at n = %d\n", v->text, at->n);
  gm_executor_free(with);
  gm_executor_free(plain);
  for (int i = 0; i < SOURCES; i++) gm_tensor_free(feeds[i]);
  return same;
}

static void check_values(gm_dtype dtype) {
  static const lengths places[] = {{0, 2, 3, 1}, {1, 1, 2, 2}, {2, 0, 1, 2}, {7, 2, 3, 2}, {40, 3, 5, 2}};
  int wrong = 0;
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
    for (size_t k = 0; k < sizeof places / sizeof *places; k++)
      wrong += !keeps_values(&variants[i], dtype, &places[k]);
  fflush(stdout);
  ck_assert_int_eq(wrong, 0);
}

START_TEST(values_of_floats_stay) {
  check_values(GM_FLOAT32);
}
END_TEST

START_TEST(values_of_doubles_stay) {
  check_values(GM_FLOAT64);
}
END_TEST

START_TEST(values_of_integers_stay) {
  check_values(GM_INT32);
}
END_TEST

SUITE(variants) {
  CASE(plans_have_no_more_arithmetic_than_it_takes);
  CASE(values_of_floats_stay);
  CASE(values_of_doubles_stay);
  CASE(values_of_integers_stay);
}
