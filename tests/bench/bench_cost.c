/* SPDX-License-Identifier: MIT
 *
 * How well the cost model (src/plan/cost.c) tells times: bench_cost [PRODUCTS [SEED]] [-d]. Random products
 * of each kind are planned as they are, run warm on one thread, and the least time is set against the
 * modelled one. Only ratios matter to a planner, so each kind prints the quantiles of measured over modelled:
 * the middle ones of all kinds should lie close together, and the outer ones of a kind close to its middle.
 * -d: prints each product: kind, m, n, k, measured and modelled nanoseconds, for fitting the constants. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gemmule/gemmule.h>
#include "clock.h"
#include "plan/cost.h"

enum { LONGEST = 1024, ROUNDS = 9, MOST_PRODUCTS = 100000 };

/** structure: what the first factor is assumed to be; own: it is multiplied by its transpose. rows, columns,
 * inner: fixed lengths, 0 for drawn ones. */
typedef struct kind {
  const char *name, *structure;
  gm__structure form;
  bool own;
  int rows, columns, inner;
} kind;

static const kind kinds[] = {{"matrices", NULL, 0, false, 0, 0, 0}, {"row", NULL, 0, false, 1, 0, 0},
    {"column", NULL, 0, false, 0, 1, 0}, {"dot", NULL, 0, false, 1, 1, 0},
    {"one deep", NULL, 0, false, 0, 0, 1}, {"symmetric result", NULL, 0, true, 0, 0, 0},
    {"lower", "lower_triangular", GM__LOWER_TRIANGULAR, false, 0, 0, 0},
    {"tridiagonal", "tridiagonal", GM__TRIDIAGONAL, false, 0, 0, 0},
    {"diagonal", "diagonal", GM__DIAGONAL, false, 0, 0, 0},
    {"symmetric", "symmetric", GM__SYMMETRIC, false, 0, 0, 0}};

typedef struct sizes {
  int m, n, k;
} sizes;

static void stop(const char *what, const gm_error *error) {
  fprintf(stderr, "%s: %s\n", what, error->message);
  exit(1);
}

static int drawn_length(uint64_t *state, int fixed) {
  uint64_t x = *state += UINT64_C(0x9E3779B97F4A7C15);
  x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
  double share = (double)((x ^ x >> 31) >> 11) * 0x1p-53;
  return fixed ? fixed : (int)(2 * exp(share * log(LONGEST / 2)));
}

/* ---- Measuring ---- */

static gm_node build(gm_graph *graph, const kind *what, sizes s) {
  char text[64];
  snprintf(text, sizeof text, "%d, %d", s.m, s.k);
  gm_node a = gm_placeholder(graph, "a", GM_FLOAT32, text);
  snprintf(text, sizeof text, "%d, %d", s.k, s.n);
  gm_node b = gm_placeholder(graph, "b", GM_FLOAT32, text);
  snprintf(text, sizeof text, "{structure: %s}", what->structure ? what->structure : "");
  gm_node left = what->structure ? gm_apply(graph, "assume", &a, 1, text) : a;
  return gm_dot(graph, left, what->own ? gm_apply(graph, "transpose", &a, 1, NULL) : b);
}

static double least_time(gm_executor *executor) {
  gm_error error = {0};
  double least = INFINITY;
  int inner = 1;
  for (int round = 0; round < ROUNDS; round++) {
    double start = now();
    for (int i = 0; i < inner; i++)
      if (gm_executor_run(executor, &error)) stop("run", &error);
    double time = (now() - start) / inner;
    if (round == 1 && time < 2e-5) inner = 1 + (int)(2e-5 / (time + 1e-9));
    least = fmin(least, time);
  }
  return least;
}

static gm_tensor *fed(gm_executor *executor, const char *name, int rows, int columns) {
  gm_error error = {0};
  gm_tensor *value = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){rows, columns}, &error);
  if (!value || gm_tensor_random_uniform(value, -1, 1, 1, &error)) stop(name, &error);
  if (gm_executor_feed(executor, name, value, &error)) stop(name, &error);
  return value;
}

static double measured(const kind *what, sizes s) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  gm_graph *graph = gm_graph_new(NULL, &error);
  gm_node node = build(graph, what, s);
  options.threads = 1;
  gm_plan *plan = gm_plan_new(graph, &node, 1, &options, &error);
  gm_executor *executor = plan ? gm_executor_new(plan, &error) : NULL;
  if (!executor) stop("plan", &error);
  gm_tensor *a = fed(executor, "a", s.m, s.k), *b = fed(executor, "b", s.k, s.n);
  double least = least_time(executor);
  gm_executor_free(executor);
  gm_plan_free(plan);
  gm_graph_free(graph);
  gm_tensor_free(a);
  gm_tensor_free(b);
  return 1e9 * least;
}

static double modelled(const kind *what, sizes s) {
  gm__form general = gm__form_general(), a = what->structure ? gm__form_declared(what->form, 0) : general;
  const gm__work work = {s.m, s.n, s.k, GM_FLOAT32, a, general, what->own};
  return gm__cost_product(&work);
}

/** The structure wants a square. */
static sizes drawn_sizes(const kind *what, uint64_t *state) {
  sizes s = {
      drawn_length(state, what->rows), drawn_length(state, what->columns), drawn_length(state, what->inner)};
  if (what->structure) s.k = s.m;
  if (what->own) s.n = s.m;
  return s;
}

static void try_kind(const kind *what, int count, uint64_t *state, bool dump) {
  static double ratios[MOST_PRODUCTS];
  for (int i = 0; i < count; i++) {
    sizes s = drawn_sizes(what, state);
    double real = measured(what, s), model = modelled(what, s);
    ratios[i] = real / model;
    if (dump) printf("%s,%d,%d,%d,%.1f,%.1f\n", what->name, s.m, s.n, s.k, real, model);
  }
  qsort(ratios, (size_t)count, sizeof *ratios, by_value);
  printf("%-18s measured / modelled, quantiles 5 %% to 95 %%:", what->name);
  for (int i = 1; i <= 19; i += 3) printf(" %6.2f", ratios[(count - 1) * i / 20]);
  printf("\n");
}

int main(int argc, char **argv) {
  bool dump = argc > 1 && strcmp(argv[argc - 1], "-d") == 0;
  int numbers = argc - dump, count = numbers > 1 ? atoi(argv[1]) : 300;
  uint64_t state = numbers > 2 ? strtoull(argv[2], NULL, 10) : 1;
  if (count < 1 || count > MOST_PRODUCTS) {
    fprintf(stderr, "usage: bench_cost [PRODUCTS, at most %d [SEED]] [-d]\n", MOST_PRODUCTS);
    return 2;
  }
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) try_kind(&kinds[i], count, &state, dump);
  return 0;
}
