/* SPDX-License-Identifier: MIT
 *
 * The rows of single products: squares, odd sizes, few rows against large weights, many small ones, two
 * threads, float64, narrow dtypes, and factors with structure. */
#include "gemm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double thread_pause = 0.04;

/* ---- A product made ready ---- */

static void *drawn(gm_dtype dtype, int64_t count, uint64_t seed) {
  gm_error error = {0};
  void *data = memory_take((size_t)count * gm_dtype_size(dtype));
  gm_tensor *tensor = gm_tensor_wrap(dtype, 1, &count, data, NULL, NULL, &error);
  double most = dtype == GM_INT8 ? 100 : 1;
  if (!tensor || gm_tensor_random_uniform(tensor, -most, most, seed, &error)) ours_stop("operand", &error);
  gm_tensor_free(tensor);
  return data;
}

static operands operands_of(const product *p) {
  operands o = {0};
  o.x = drawn(p->dtype, (int64_t)p->count * p->m * p->k, 1);
  for (int i = 0; i < p->copies; i++)
    o.y[i] = drawn(p->dtype, (int64_t)p->count * p->k * p->n, 2 + (uint64_t)i);
  o.bias = drawn(p->dtype, p->n, 99);
  return o;
}

static void *room(const product *p) {
  return memory_take((size_t)p->count * p->m * p->n * gm_dtype_size(p->dtype));
}

/** Are the results of ours and of a peer the same, but for rounding? */
static void check(bench *b, const contest *c, const product *p, int peer, const void *got) {
  int64_t count;
  const void *ours = ours_result(&c->entries[OURS], &count);
  bool wide = p->dtype == GM_FLOAT64;
  double most = 0;
  for (int i = 0; i < p->copies && c->entries[peer].run; i++) c->entries[peer].run(c->entries[peer].state);
  for (int64_t i = 0; i < count && c->entries[peer].run; i++) {
    double mine = wide ? ((const double *)ours)[i] : (double)((const float *)ours)[i];
    double theirs = wide ? ((const double *)got)[i] : (double)((const float *)got)[i];
    most = fabs(mine - theirs) <= most ? most : fabs(mine - theirs);
  }
  if (most <= 1e-5 * p->k) return;
  printf("WRONG: %s differs by %g from peer %d\n", c->what, most, peer);
  b->wrong++;
}

static void add_peers(bench *b, contest *c, const product *p, const operands *o) {
  entry (*const made[])(const product *, const operands *, void *) = {
      openblas_product, onednn_product, xsmm_product};
  for (int i = 0; i < 3; i++) {
    bool wanted = OPENBLAS + i != XSMM || (int64_t)p->m * p->n * p->k <= 128 * 128 * 128;
    void *out = room(p);
    if (wanted) c->entries[OPENBLAS + i] = made[i](p, o, out);
    check(b, c, p, OPENBLAS + i, out);
  }
  if (p->m == 1 && p->count == 1) c->entries[SGEMV] = openblas_row(p, o, room(p));
}

static double flops_of(const product *p) {
  return 2.0 * p->count * p->m * p->n * p->k;
}

/** Weights; of many products all that is read and written. */
static double bytes_of(const product *p) {
  double weights = (double)p->k * p->n, all = weights + (double)p->m * p->k + (double)p->m * p->n;
  return (double)gm_dtype_size(p->dtype) * (p->count > 1 ? p->count * all : weights);
}

static contest start(bench *b, const product *p, const operands *o) {
  contest c = {0};
  snprintf(
      c.what, sizeof c.what, p->m == p->n && p->n == p->k ? "%d" : "%dx%d . %dx%d", p->m, p->k, p->k, p->n);
  c.entries[OURS] = ours_product(b, p, o, 0);
  return c;
}

/** Runs the entries and finds the limit. */
static void finish(bench *b, contest *c, const product *p) {
  machine *m = &b->machine;
  level from = machine_level(m, bytes_of(p) * p->copies);
  machine_join(m, c, p->dtype, from);
  contest_run(c, &b->set, p->threads > 1 ? thread_pause : 0);
  machine_learn(m, c, p->dtype, from);
  if (p->threads > 1) machine_learn_both(m);
  double flops = flops_of(p) / (p->threads * m->peak[p->dtype == GM_FLOAT64]),
         bytes = bytes_of(p) / m->rate[from];
  c->limit = fmax(flops, bytes);
  c->by = flops >= bytes ? "peak" : machine_level_name(from);
}

static void add_note(contest *c, const char *format, double one, double two) {
  size_t length = strlen(c->note);
  snprintf(c->note + length, sizeof c->note - length, format, one, two);
}

/* ---- Squares ---- */

static void print_square(bench *b, contest *c, const product *p, double share) {
  double onednn = c->entries[ONEDNN].run ? c->entries[ONEDNN].seconds / contest_ours(c) : 0;
  if (p->n >= 256 && onednn > 0) contest_goal(c, "of oneDNN", onednn, 1, false);
  contest_goal(c, "share", contest_share(c), share, false);
  contest_print(b, c);
  contest_drop(c);
}

static entry small_dot(const bench *b) {
  static const float x[6] = {1, 2, 3, 4, 5, 6}, y[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const product p = {2, 4, 3, 1, 1, 1, GM_FLOAT32, false, false, false};
  const operands o = {(void *)(uintptr_t)x, {(void *)(uintptr_t)y}, NULL};
  return ours_product(b, &p, &o, 0);
}

static void run_square(bench *b, int n, double share) {
  const product p = {n, n, n, 1, 1, 1, GM_FLOAT32, true, false, false};
  operands o = operands_of(&p);
  contest c = start(b, &p, &o);
  add_peers(b, &c, &p, &o);
  if (n <= 128) c.entries[OTHER] = small_dot(b);
  finish(b, &c, &p);
  c.subtracted = c.entries[OTHER].seconds;
  if (n <= 128)
    add_note(&c, "a run takes %.1f ns; the %.1f ns of one of (2, 3) . (3, 4) are subtracted",
        1e9 * c.entries[OURS].seconds, 1e9 * c.subtracted);
  print_square(b, &c, &p, share);
}

static void squares(bench *b) {
  static const struct {
    int n;
    double share;
  } small[] = {{16, 0.85}, {32, 0.93}, {64, 0.97}, {128, 0.97}};
  contest_heading("products, y packed");
  for (int i = 0; i < 4; i++) run_square(b, small[i].n, small[i].share);
  for (int n = 256; n <= 2048; n *= 2) run_square(b, n, b->machine.peak[0] > 180e9 ? 0.93 : 0.96);
}

/* ---- Odd sizes, beside the next multiples of 64 ---- */

static int rounded(int length) {
  return (length + 63) / 64 * 64;
}

static void run_odd(bench *b, int m, int k, int n) {
  const product p = {m, n, k, 1, 1, 1, GM_FLOAT32, true, false, false};
  const product even = {rounded(m), rounded(n), rounded(k), 1, 1, 1, GM_FLOAT32, true, false, false};
  operands o = operands_of(&p), even_o = operands_of(&even);
  contest c = start(b, &p, &o);
  add_peers(b, &c, &p, &o);
  c.entries[OTHER] = ours_product(b, &even, &even_o, 0);
  finish(b, &c, &p);
  double rate = flops_of(&p) / contest_ours(&c), even_rate = flops_of(&even) / c.entries[OTHER].seconds;
  add_note(&c, "%.1f GFLOP/s; at the next multiples of 64 %.1f", 1e-9 * rate, 1e-9 * even_rate);
  contest_goal(&c, "of that rate", rate / even_rate, 0.92, false);
  contest_print(b, &c);
  contest_drop(&c);
}

static void odd(bench *b) {
  contest_heading("odd sizes, y packed");
  run_odd(b, 777, 513, 333);
  run_odd(b, 509, 1021, 257);
  run_odd(b, 97, 127, 101);
}

/* ---- Few rows ---- */

/** So many large matrices in turn that memory holds them, not L3. */
static int copies_for(const bench *b, double bytes) {
  int copies = (int)ceil((double)b->machine.bytes[MEMORY] / bytes);
  return bytes < 16e6 ? 1 : copies < MOST_COPIES ? copies : MOST_COPIES;
}

static void note_packing(contest *c) {
  double times[3], packed = c->entries[OURS].seconds, unpacked = c->entries[OTHER].seconds;
  for (int i = 0; i < 3; i++) times[i] = ours_pack_time(&c->entries[OURS]);
  double pack = fmax(0, fmin(times[0], fmin(times[1], times[2])));
  if (pack == 0) {
    add_note(c, "nothing is packed", 0, 0);
    return;
  }
  add_note(c, "packed in %.3f ms; unpacked a run takes %.3f ms: ", 1e3 * pack, 1e3 * unpacked);
  if (unpacked > packed)
    add_note(c, "packing has paid after %.0f calls", ceil(pack / (unpacked - packed)), 0);
  else
    add_note(c, "packing never pays", 0, 0);
}

static void run_rows(bench *b, int m, int n, double share) {
  product p = {m, n, n, 1, 1, 1, GM_FLOAT32, true, false, false};
  p.copies = copies_for(b, bytes_of(&p));
  operands o = operands_of(&p);
  contest c = start(b, &p, &o);
  add_peers(b, &c, &p, &o);
  c.entries[OTHER] = ours_product(b, &p, &o, 1);
  finish(b, &c, &p);
  note_packing(&c);
  if (c.entries[SGEMV].run)
    add_note(&c, "; sgemv %.4f ms, share %.2f", 1e3 * c.entries[SGEMV].seconds,
        c.limit / c.entries[SGEMV].seconds);
  contest_goal(&c, "share", contest_share(&c), share, false);
  contest_print(b, &c);
  contest_drop(&c);
}

static void few_rows(bench *b) {
  static const double large[] = {0.96, 0.93, 0.93, 0.82, 0.90, 0.94};
  contest_heading("few rows, weights packed");
  for (int i = 0; i < 6; i++) run_rows(b, 1 << i, 4096, large[i]);
  for (int i = 0; i < 6; i++) run_rows(b, 1 << i, 1024, i < 3 ? 0.92 : 0.97);
}

/* ---- Many small products in one step ---- */

static void run_many(bench *b, int n) {
  const product p = {n, n, n, 1000, 1, 1, GM_FLOAT32, false, false, false};
  operands o = operands_of(&p);
  contest c = start(b, &p, &o);
  add_peers(b, &c, &p, &o);
  finish(b, &c, &p);
  snprintf(c.what, sizeof c.what, "1000 of %d", n);
  if (n == 64)
    contest_goal(&c, "share", contest_share(&c), 0.9, false);
  else if (c.entries[XSMM].run)
    contest_goal(&c, "of libxsmm's time", contest_ours(&c) / c.entries[XSMM].seconds, 1, true);
  contest_print(b, &c);
  contest_drop(&c);
}

static void many(bench *b) {
  contest_heading("products in one step");
  run_many(b, 16);
  run_many(b, 64);
}

/* ---- Two threads ---- */

static void run_two(bench *b, int n) {
  const product p = {n, n, n, 1, 1, 2, GM_FLOAT32, true, false, false};
  operands o = operands_of(&p);
  contest c = start(b, &p, &o);
  add_peers(b, &c, &p, &o);
  finish(b, &c, &p);
  add_note(&c, "%.1f GFLOP/s; two threads at once have a peak of %.1f",
      1e-9 * flops_of(&p) / contest_ours(&c), 1e-9 * b->machine.both);
  contest_goal(&c, "share", contest_share(&c), 0.95, false);
  contest_print(b, &c);
  contest_drop(&c);
}

static void two_threads(bench *b) {
  contest_heading("two threads, y packed");
  if (b->machine.processors < 2)
    printf("this process may use one processor only: left out\n");
  else
    for (int n = 1024; n <= 2048; n *= 2) run_two(b, n);
}

/* ---- Other dtypes ---- */

static void run_float64(bench *b, int n) {
  const product p = {n, n, n, 1, 1, 1, GM_FLOAT64, true, false, false};
  operands o = operands_of(&p);
  contest c = start(b, &p, &o);
  add_peers(b, &c, &p, &o);
  finish(b, &c, &p);
  contest_goal(&c, "share", contest_share(&c), 0.95, false);
  contest_print(b, &c);
  contest_drop(&c);
}

static void float64(bench *b) {
  contest_heading("float64, y packed");
  for (int n = 256; n <= 2048; n *= 2) run_float64(b, n);
}

static void run_narrow(bench *b, gm_dtype dtype) {
  const product p = {1024, 1024, 1024, 1, 1, 1, dtype, true, false, false};
  operands o = operands_of(&p);
  contest c = start(b, &p, &o);
  finish(b, &c, &p);
  snprintf(c.what, sizeof c.what, "1024, %s", gm_dtype_name(dtype));
  contest_print(b, &c);
  contest_drop(&c);
}

static void narrow(bench *b) {
  contest_heading("narrow, by float32's peak");
  run_narrow(b, GM_INT8);
  run_narrow(b, GM_BFLOAT16);
  run_narrow(b, GM_FLOAT16);
}

/* ---- Factors with structure: ours, and ours with OpenBLAS's kernels in its place ---- */

static gm_node build_form(gm_graph *graph, const char *form, const void *data, int n) {
  const int64_t dims[] = {n, n};
  gm_tensor *values = gm_tensor_wrap(GM_FLOAT32, 2, dims, (void *)(uintptr_t)data, NULL, NULL, NULL);
  char text[80];
  snprintf(text, sizeof text, "%d, %d", n, n);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, text), a = gm_variable(graph, "a", values);
  gm_tensor_free(values);
  if (!form) return gm_dot(graph, x, gm_apply(graph, "transpose", &x, 1, NULL));
  snprintf(text, sizeof text, "{structure: %s}", form);
  return gm_dot(graph, gm_apply(graph, "assume", &x, 1, text), a);
}

static entry form_entry(const bench *b, const char *kernel, const char *form, const operands *o, int n) {
  bench with = *b;
  if (kernel) with.set.kernel = kernel;
  gm_graph *graph = gm_graph_new(NULL, NULL);
  return ours_graph(&with, graph, build_form(graph, form, o->y[0], n), "x", n, n, o->x);
}

static void run_form(bench *b, const char *what, const char *form) {
  const product p = {1024, 1024, 1024, 1, 1, 1, GM_FLOAT32, true, false, false};
  operands o = operands_of(&p);
  contest c = {0};
  snprintf(c.what, sizeof c.what, "%s, 1024", what);
  c.entries[OURS] = form_entry(b, NULL, form, &o, p.n);
  if (openblas_core()) c.entries[OPENBLAS] = form_entry(b, "openblas", form, &o, p.n);
  finish(b, &c, &p);
  c.limit /= form && strcmp(form, "symmetric") == 0 ? 1 : 2;
  contest_print(b, &c);
  contest_drop(&c);
}

static void forms(bench *b) {
  contest_heading("structure; ours with openblas");
  run_form(b, "x x'", NULL);
  run_form(b, "lower triangular", "lower_triangular");
  run_form(b, "symmetric", "symmetric");
}

const group product_groups[] = {{"squares", squares}, {"odd", odd}, {"rows", few_rows}, {"many", many},
    {"threads", two_threads}, {"float64", float64}, {"narrow", narrow}, {"forms", forms}, {0}};
