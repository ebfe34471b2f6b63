/* SPDX-License-Identifier: MIT
 *
 * Is the chosen order of a chain the fastest? chains [-n CHAINS] [-r ROUNDS] [-s SEED] [-d]: random chains of
 * 3 to 5 factors, float32, lengths from 1 to 1024, some drawn evenly and some by their logarithm. Every order
 * is planned as it is parenthesised, with the passes off that would change it, and all are run in turn on one
 * thread; the medians count. The chosen order is known by its products' lengths in the printed plan. Those
 * that take more than 1.5 times the best in the first round are out. -d: prints every order's products and
 * time, for fitting the cost model. Exits with 1 where fewer than 95 % are within 10 %, or one is beyond 1.5.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gemmule/gemmule.h>
#include "clock.h"

enum { MOST_FACTORS = 5, MOST_ORDERS = 14, MOST_ROUNDS = 51, LONGEST = 1024, MOST_CHAINS = 10000 };

typedef struct product {
  long m, n, k;
} product;

/** An order made ready: its products, sorted; times of the rounds in seconds. */
typedef struct rival {
  gm_executor *executor;
  product products[MOST_FACTORS];
  int count, inner;
  double times[MOST_ROUNDS], median;
} rival;

typedef struct chain {
  int factors;
  int64_t lengths[MOST_FACTORS + 1];
  gm_tensor *values[MOST_FACTORS];
} chain;

typedef struct settings {
  int chains, rounds;
  uint64_t seed;
  bool dump;
} settings;

static void stop(const char *what, const gm_error *error) {
  fprintf(stderr, "%s: %s\n", what, error->message);
  exit(1);
}

/* ---- Chains ---- */

static uint64_t drawn(uint64_t *state) {
  uint64_t x = *state += UINT64_C(0x9E3779B97F4A7C15);
  x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
  return x ^ x >> 31;
}

static int64_t drawn_length(uint64_t *state, int kind) {
  bool even = kind == 2 ? drawn(state) & 1 : kind == 1;
  double share = (double)(drawn(state) >> 11) * 0x1p-53;
  int64_t length = even ? 1 + (int64_t)(share * LONGEST) : (int64_t)exp(share * log(LONGEST + 1));
  return length > LONGEST ? LONGEST : length;
}

static chain drawn_chain(uint64_t *state) {
  gm_error error = {0};
  chain c = {.factors = 3 + (int)(drawn(state) % 3)};
  int kind = (int)(drawn(state) % 3);
  for (int i = 0; i <= c.factors; i++) c.lengths[i] = drawn_length(state, kind);
  for (int i = 0; i < c.factors; i++) {
    c.values[i] = gm_tensor_new(GM_FLOAT32, 2, &c.lengths[i], &error);
    if (!c.values[i] || gm_tensor_random_uniform(c.values[i], -1, 1, (uint64_t)i, &error))
      stop("factor", &error);
  }
  return c;
}

static void free_chain(chain *c) {
  for (int i = 0; i < c->factors; i++) gm_tensor_free(c->values[i]);
}

/* ---- Orders ---- */

/** How many ways there are to multiply so many factors. */
static int order_count(int factors) {
  int count = factors < 2;
  for (int left = 1; left < factors; left++) count += order_count(left) * order_count(factors - left);
  return count;
}

/** Order `index` of the factors from `first`; reads like a number whose digits are the orders of both sides.
 */
static gm_node build(gm_graph *graph, const gm_node *factors, int first, int count, int index) {
  if (count == 1) return factors[first];
  for (int left = 1;; left++) {
    int lefts = order_count(left), both = lefts * order_count(count - left);
    if (index >= both) {
      index -= both;
      continue;
    }
    return gm_dot(graph, build(graph, factors, first, left, index % lefts),
        build(graph, factors, first + left, count - left, index / lefts));
  }
}

static int by_lengths(const void *a, const void *b) {
  return memcmp(a, b, sizeof(product));
}

/** The lengths of the products among the steps of a plan. */
static void read_products(const gm_plan *plan, rival *r) {
  gm_error error = {0};
  size_t size = gm_plan_text(plan, NULL, 0, NULL, 0, &error) + 1;
  char *text = malloc(size), *at = text;
  if (!text || size == 1) stop("text", &error);
  gm_plan_text(plan, NULL, 0, text, size, &error);
  for (; (at = strstr(at, " m=")) && r->count < MOST_FACTORS; at++) {
    product *p = &r->products[r->count];
    *p = (product){0};
    r->count += sscanf(at, " m=%ld n=%ld k=%ld", &p->m, &p->n, &p->k) == 3;
  }
  qsort(r->products, (size_t)r->count, sizeof(product), by_lengths);
  free(text);
}

static void make_ready(rival *r, const chain *c, const char *without, int order) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  gm_graph *graph = gm_graph_new(NULL, &error);
  gm_node factors[MOST_FACTORS];
  char text[48], name[16];
  for (int i = 0; i < c->factors; i++) {
    snprintf(text, sizeof text, "%d, %d", (int)c->lengths[i], (int)c->lengths[i + 1]);
    snprintf(name, sizeof name, "x%d", i);
    factors[i] = gm_placeholder(graph, name, GM_FLOAT32, text);
  }
  gm_node node = build(graph, factors, 0, c->factors, order);
  options.threads = 1;
  options.without = without;
  gm_plan *plan = gm_plan_new(graph, &node, 1, &options, &error);
  *r = (rival){.executor = plan ? gm_executor_new(plan, &error) : NULL};
  if (!r->executor) stop("plan", &error);
  read_products(plan, r);
  for (int i = 0; i < c->factors; i++) {
    snprintf(name, sizeof name, "x%d", i);
    if (gm_executor_feed(r->executor, name, c->values[i], &error)) stop(name, &error);
  }
  gm_plan_free(plan);
  gm_graph_free(graph);
}

/* ---- Measuring ---- */

static double run_time(rival *r, int inner) {
  gm_error error = {0};
  double start = now();
  for (int i = 0; i < inner; i++)
    if (gm_executor_run(r->executor, &error)) stop("run", &error);
  return (now() - start) / inner;
}

static void warm(rival *r) {
  run_time(r, 1);
  r->median = run_time(r, 2);
  r->inner = r->median < 5e-5 ? (int)(5e-5 / (r->median + 1e-9)) + 1 : 1;
  r->median = run_time(r, r->inner);
}

static double least_median(const rival *rivals, int count) {
  double least = INFINITY;
  for (int i = 0; i < count; i++) least = fmin(least, rivals[i].median);
  return least;
}

/** Medians; of those far behind only the first time. `chosen` stays in any case. */
static void measure(rival *rivals, int count, int chosen, const settings *o) {
  for (int i = 0; i < count; i++) warm(&rivals[i]);
  double limit = o->dump ? INFINITY : 1.5 * least_median(rivals, count);
  for (int round = 0; round < o->rounds; round++)
    for (int i = 0; i < count; i++)
      if (rivals[i].median <= limit || i == chosen)
        rivals[i].times[round] = run_time(&rivals[i], rivals[i].inner);
  for (int i = 0; i < count; i++) {
    if (rivals[i].median > limit && i != chosen) continue;
    qsort(rivals[i].times, (size_t)o->rounds, sizeof(double), by_value);
    rivals[i].median = rivals[i].times[o->rounds / 2];
  }
}

/** The rival with the same products as the last one, which the planner made; itself, where there is none. */
static int same_products(const rival *rivals, int last) {
  for (int i = 0; i < last; i++)
    if (memcmp(rivals[i].products, rivals[last].products, sizeof rivals[i].products) == 0) return i;
  return last;
}

static void print_order(const rival *r, const char *mark) {
  printf("order %.9g %s", r->median, mark);
  for (int i = 0; i < r->count; i++)
    printf(" %ld %ld %ld", r->products[i].m, r->products[i].n, r->products[i].k);
  printf("\n");
}

/** The chosen order's time over the best one's. */
static double ratio_of(const chain *c, int index, const settings *o) {
  rival rivals[MOST_ORDERS + 1];
  int count = order_count(c->factors);
  for (int i = 0; i < count; i++) make_ready(&rivals[i], c, "chain,sums", i);
  make_ready(&rivals[count], c, NULL, 0);
  int chosen = same_products(rivals, count), tried = chosen == count ? count + 1 : count;
  measure(rivals, tried, chosen, o);
  double ratio = rivals[chosen].median / least_median(rivals, tried);
  if (o->dump || ratio > 1.1) {
    printf("chain %d, %.3f of the best:", index, ratio);
    for (int i = 0; i <= c->factors; i++) printf(" %d", (int)c->lengths[i]);
    printf("\n");
    for (int i = 0; i < tried; i++) print_order(&rivals[i], i == chosen ? "chosen" : "-");
  }
  for (int i = 0; i <= count; i++) gm_executor_free(rivals[i].executor);
  return ratio;
}

static bool read_options(int argc, char **argv, settings *o) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "-d") == 0)
      o->dump = true;
    else if (i + 1 == argc)
      return false;
    else if (strcmp(argv[i], "-n") == 0)
      o->chains = atoi(argv[++i]);
    else if (strcmp(argv[i], "-r") == 0)
      o->rounds = atoi(argv[++i]);
    else if (strcmp(argv[i], "-s") == 0)
      o->seed = strtoull(argv[++i], NULL, 10);
    else
      return false;
  }
  return o->chains > 0 && o->chains <= MOST_CHAINS && o->rounds > 0 && o->rounds <= MOST_ROUNDS;
}

int main(int argc, char **argv) {
  settings o = {.chains = 200, .rounds = 9, .seed = 1};
  int near = 0;
  double worst = 1;
  if (!read_options(argc, argv, &o)) {
    fprintf(stderr, "usage: chains [-n CHAINS] [-r ROUNDS, at most %d] [-s SEED] [-d]\n", MOST_ROUNDS);
    return 2;
  }
  uint64_t state = o.seed;
  for (int i = 0; i < o.chains; i++) {
    chain c = drawn_chain(&state);
    double ratio = ratio_of(&c, i, &o);
    near += ratio <= 1.1;
    worst = fmax(worst, ratio);
    free_chain(&c);
  }
  printf("%d chains: the chosen order within 10 %% of the best in %.1f %%, at worst %.3f times\n", o.chains,
      100.0 * near / o.chains, worst);
  return near >= 0.95 * o.chains && worst <= 1.5 ? 0 : 1;
}
