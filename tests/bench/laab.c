/* SPDX-License-Identifier: MIT
 *
 * The linear-algebra awareness benchmark (Sankaran, Bientinesi and others, arXiv 2202.09888): laab [-n N]
 * [-r ROUNDS] [-e ROUNDS] [-s] [ID...]. Each expression as plainly written, planned and run by Gemmule,
 * beside two references by hand: a good one and a bad one, on the same inputs, one thread, interleaved.
 *   slowdown(t) = (t - good) / good, or 0 where the quartiles meet; loss = slowdown(t) / slowdown(bad);
 *   passed with a loss of at most 0.05, or, without a bad reference that is worse by a tenth, with t at most
 *   1.05 good.
 * -n: the side of the matrices, 3000; -r, -e: rounds of the 17 and of the others, 15 and 7; -s: shapes with
 * symbols. OPENBLAS_CORETYPE is the caller's to choose. Exits with 1 where a result is wrong. */
#include "clock.h"
#include "laab.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROUNDS = 101, PLANS = 15, MOST_INNER = 1000 };

typedef struct settings {
  int n, rounds, extra_rounds;
  bool symbols;
} settings;

/** Sorted times. */
typedef struct times {
  double at[MOST_ROUNDS];
} times;

typedef struct made {
  gm_graph *graph;
  gm_plan *plan;
  gm_executor *executor;
  gm_tensor *out;
  double planning, specialising;
} made;

static const char *const names[INPUTS] = {
    "A", "B", "C", "H", "L", "T", "D", "S", "K", "x", "y", "V", "P", "Q", "R", "W"};

static double quantile(const double *sorted, int count, double share) {
  return sorted[(int)(share * (count - 1) + 0.5)];
}

static void stop(const char *what, const gm_error *error) {
  fprintf(stderr, "%s: %s\n", what, error->message);
  exit(1);
}

/* ---- Inputs ---- */

static void shape_of(int n, int k, int input, int64_t dims[2]) {
  dims[0] = input == V ? 3 : input == R || input == W ? k : n;
  dims[1] = input == X || input == Y ? 1 : input == P || input == Q ? k : n;
}

/** Is the element one that the input's structure has? */
static bool inside(int n, int input, int row, int column) {
  switch (input) {
  case L: return column <= row;
  case T: return abs(row - column) <= 1;
  case D: return row == column;
  case K: return row / (n / 2) == column / (n / 2);
  default: return true;
  }
}

static void give_structure(int n, int input, float *values) {
  for (int r = 0; r < n; r++)
    for (int c = 0; c < n; c++) {
      float *value = &values[(size_t)r * n + c];
      if (!inside(n, input, r, c)) *value = 0;
      if (input == S && c > r) *value = values[(size_t)c * n + r];
    }
}

static gm_tensor *new_input(int n, int k, int input) {
  gm_error error = {0};
  int64_t dims[2];
  shape_of(n, k, input, dims);
  gm_tensor *tensor = gm_tensor_new(GM_FLOAT32, 2, dims, &error);
  double bound = 1.7 / sqrt(n);
  if (!tensor || gm_tensor_random_uniform(tensor, -bound, bound, (uint64_t)input + 1, &error))
    stop("input", &error);
  if (input == L || input == T || input == D || input == K) give_structure(n, input, gm_tensor_data(tensor));
  return tensor;
}

static void mirror_input(int n, float *values) {
  for (int r = 0; r < n; r++)
    for (int c = r + 1; c < n; c++) values[(size_t)r * n + c] = values[(size_t)c * n + r];
}

static data new_data(int n) {
  data d = {.n = n, .k = n / 30 > 1 ? n / 30 : 1};
  for (int i = 0; i < INPUTS; i++) d.input[i] = new_input(n, d.k, i);
  mirror_input(n, gm_tensor_data(d.input[S]));
  for (int i = 0; i < 3; i++) d.scratch[i] = calloc((size_t)n * n, sizeof(float));
  return d;
}

static void free_data(data *d) {
  for (int i = 0; i < INPUTS; i++) gm_tensor_free(d->input[i]);
  for (int i = 0; i < 3; i++) free(d->scratch[i]);
}

/* ---- An expression made ready ---- */

static void shape_text(const data *d, const settings *o, int input, char *text, size_t size) {
  int64_t dims[2];
  char sides[2][24];
  shape_of(d->n, d->k, input, dims);
  for (int i = 0; i < 2; i++) {
    bool symbol = o->symbols && dims[i] > 3;
    if (symbol)
      snprintf(sides[i], sizeof sides[i], "%s", dims[i] == d->n ? "n" : "k");
    else
      snprintf(sides[i], sizeof sides[i], "%lld", (long long)dims[i]);
  }
  snprintf(text, size, "%s, %s", sides[0], sides[1]);
}

static void feed_all(const data *d, gm_executor *executor) {
  gm_error error = {0};
  for (int i = 0; i < INPUTS; i++)
    if (gm_executor_feed(executor, names[i], d->input[i], &error)) stop(names[i], &error);
}

/** Plans anew and prepares; *planning and *specialising: the seconds it took. */
static gm_executor *planned(
    const data *d, const gm_graph *graph, gm_node node, double *planning, double *specialising) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  options.threads = 1;
  double start = now();
  gm_plan *plan = gm_plan_new(graph, &node, 1, &options, &error);
  *planning = now() - start;
  gm_executor *executor = plan ? gm_executor_new(plan, &error) : NULL;
  if (!executor) stop("plan", &error);
  gm_plan_free(plan);
  feed_all(d, executor);
  start = now();
  if (gm_executor_prepare(executor, &error)) stop("prepare", &error);
  *specialising = now() - start;
  return executor;
}

static void bind_result(made *m) {
  gm_error error = {0};
  int rank;
  const int64_t *dims = gm_executor_output_dims(m->executor, 0, &rank);
  m->out = gm_tensor_new(GM_FLOAT32, rank, dims, &error);
  if (!m->out || gm_executor_bind_output(m->executor, 0, m->out, &error)) stop("output", &error);
}

static made make(const expression *e, const data *d, const settings *o) {
  made m = {.graph = gm_graph_new(NULL, NULL)};
  scene s = {.graph = m.graph, .n = d->n};
  char text[64];
  double planning[PLANS], specialising[PLANS];
  gm_error error = {0};
  for (int i = 0; i < INPUTS; i++) {
    shape_text(d, o, i, text, sizeof text);
    s.input[i] = gm_placeholder(m.graph, names[i], GM_FLOAT32, text);
  }
  gm_node node = e->build(&s);
  if (gm_graph_error(m.graph, &error)) stop(e->id, &error);
  for (int i = 0; i < PLANS; i++) {
    gm_executor_free(m.executor);
    m.executor = planned(d, m.graph, node, &planning[i], &specialising[i]);
  }
  qsort(planning, PLANS, sizeof *planning, by_value);
  qsort(specialising, PLANS, sizeof *specialising, by_value);
  m.planning = planning[PLANS / 2];
  m.specialising = specialising[PLANS / 2];
  bind_result(&m);
  return m;
}

static void free_made(made *m) {
  gm_executor_free(m->executor);
  gm_tensor_free(m->out);
  gm_graph_free(m->graph);
}

/* ---- Measuring ---- */

typedef struct contest {
  const expression *e;
  const data *d;
  made *m;
  float *reference; /* the result of good and bad */
} contest;

enum { OURS, GOOD, BAD, RIVALS };

static void run_once(const contest *c, int rival) {
  gm_error error = {0};
  if (rival == GOOD) c->e->good(c->d, c->reference);
  if (rival == BAD) c->e->bad(c->d, c->reference);
  if (rival == OURS && gm_executor_run(c->m->executor, &error)) stop(c->e->id, &error);
}

static double run_time(const contest *c, int rival, int inner) {
  double start = now();
  for (int i = 0; i < inner; i++) run_once(c, rival);
  return (now() - start) / inner;
}

/** Very short runs are repeated within a round. */
static int inner_runs(double time) {
  double runs = 2e-5 / (time + 1e-9);
  return runs < 1 ? 1 : runs > MOST_INNER ? MOST_INNER : (int)runs;
}

static void measure(const contest *c, int rounds, times out[RIVALS]) {
  int inner[RIVALS], rivals = c->e->bad ? RIVALS : BAD;
  for (int i = 0; i < rivals; i++) inner[i] = inner_runs(run_time(c, i, 1));
  for (int r = 0; r < rounds; r++)
    for (int i = 0; i < rivals; i++) out[i].at[r] = run_time(c, i, inner[i]);
  for (int i = 0; i < rivals; i++) qsort(out[i].at, (size_t)rounds, sizeof(double), by_value);
}

/** The greatest difference between the result and that of the bad reference, over what is allowed. */
static double disagreement(const contest *c) {
  const float *ours = gm_tensor_cdata(c->m->out);
  double most = 0, difference = 0;
  for (int64_t i = 0; i < gm_tensor_count(c->m->out); i++) {
    double distance = fabs((double)ours[i] - (double)c->reference[i]);
    most = fmax(most, fabs((double)c->reference[i]));
    difference = distance <= difference ? difference : distance;
  }
  return difference / (1e-4 * (most + 0.01));
}

typedef struct verdict {
  double slowdown, loss;
  bool passed, right;
} verdict;

static verdict judge(const contest *c, const times t[RIVALS], int rounds) {
  verdict v = {.right = disagreement(c) <= 1};
  double ours = quantile(t[OURS].at, rounds, 0.5), good = quantile(t[GOOD].at, rounds, 0.5);
  bool apart = quantile(t[GOOD].at, rounds, 0.75) <= quantile(t[OURS].at, rounds, 0.25);
  v.slowdown = apart ? (ours - good) / good : 0;
  double bad = c->e->bad ? quantile(t[BAD].at, rounds, 0.5) : 0;
  if (c->e->bad) v.loss = v.slowdown / ((bad - good) / good);
  v.passed = v.right && (bad > 1.1 * good ? v.loss <= 0.05 : ours <= 1.05 * good);
  return v;
}

static void print_result(const contest *c, const times t[RIVALS], int rounds, const verdict *v) {
  printf("%-9s %-34s", c->e->id, c->e->text);
  for (int i = 0; i < RIVALS; i++) {
    if (i == BAD && !c->e->bad)
      printf(" %28s", "-");
    else
      printf(" %10.4g (%7.3g..%7.3g)", 1e3 * quantile(t[i].at, rounds, 0.5),
          1e3 * quantile(t[i].at, rounds, 0.25), 1e3 * quantile(t[i].at, rounds, 0.75));
  }
  printf(" %8.3f", v->slowdown);
  if (c->e->bad)
    printf(" %8.4f", v->loss);
  else
    printf(" %8s", "-");
  printf(" %7.1f %7.1f  %s\n", 1e6 * c->m->planning, 1e6 * c->m->specialising,
      !v->right   ? "WRONG"
      : v->passed ? "passed"
                  : "not passed");
  fflush(stdout);
}

/** The counts of an answer over several expressions. */
typedef struct score {
  int tests, passed, wrong, with_loss;
  double loss;
} score;

static void try_expression(const expression *e, const data *d, const settings *o, score *s) {
  times t[RIVALS];
  made m = make(e, d, o);
  contest c = {e, d, &m, calloc((size_t)gm_tensor_count(m.out) + 1, sizeof(float))};
  bool test = e - expressions < TESTS;
  int rounds = test ? o->rounds : o->extra_rounds;
  measure(&c, rounds, t);
  verdict v = judge(&c, t, rounds);
  print_result(&c, t, rounds, &v);
  s->wrong += !v.right;
  s->tests += test;
  s->passed += test && v.passed;
  s->with_loss += test && e->bad;
  s->loss += test && e->bad ? v.loss : 0;
  free(c.reference);
  free_made(&m);
}

static bool wanted(const expression *e, int count, char *const *ids) {
  for (int i = 0; i < count; i++)
    if (strcmp(e->id, ids[i]) == 0) return true;
  return count == 0;
}

static int usage(void) {
  fprintf(stderr, "usage: laab [-n N, 4 or more] [-r ROUNDS] [-e ROUNDS, at most %d] [-s] [ID...]\n",
      MOST_ROUNDS);
  return 2;
}

/** Reads the options; the index of the first id, or -1. */
static int read_options(int argc, char **argv, settings *o) {
  int i = 1;
  for (; i < argc && argv[i][0] == '-'; i++) {
    if (strcmp(argv[i], "-s") == 0)
      o->symbols = true;
    else if (i + 1 == argc)
      return -1;
    else if (strcmp(argv[i], "-n") == 0)
      o->n = atoi(argv[++i]);
    else if (strcmp(argv[i], "-r") == 0)
      o->rounds = atoi(argv[++i]);
    else if (strcmp(argv[i], "-e") == 0)
      o->extra_rounds = atoi(argv[++i]);
    else
      return -1;
  }
  bool fine = o->n >= 4 && o->n <= 20000 && o->rounds > 0 && o->rounds <= MOST_ROUNDS &&
              o->extra_rounds > 0 && o->extra_rounds <= MOST_ROUNDS;
  return fine ? i : -1;
}

int main(int argc, char **argv) {
  settings o = {.n = 3000, .rounds = 15, .extra_rounds = 7};
  score s = {0};
  int first = read_options(argc, argv, &o);
  if (first < 0) return usage();
  openblas_set_num_threads(1);
  data d = new_data(o.n);
  printf(
      "n = %d, float32, one thread, OpenBLAS %s; medians (quartiles) of %d and %d rounds in ms; planning and "
      "specialising in us\n",
      o.n, openblas_get_corename(), o.rounds, o.extra_rounds);
  printf("%-9s %-34s %28s %28s %28s %8s %8s %7s %7s\n", "", "", "gemmule", "good", "bad", "slowdown", "loss",
      "plan", "special");
  for (const expression *e = expressions; e->id; e++)
    if (wanted(e, argc - first, argv + first)) try_expression(e, &d, &o, &s);
  printf("passed %d of %d, mean loss %.4f, %d wrong\n", s.passed, s.tests,
      s.with_loss ? s.loss / s.with_loss : 0.0, s.wrong);
  free_data(&d);
  return s.wrong ? 1 : 0;
}
