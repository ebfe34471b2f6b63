/* SPDX-License-Identifier: MIT
 *
 * The rows of whole runs: a bias and relu fused into a product, one very small product, the digits of
 * graphs/, and a net of three layers. */
#include "gemm.h"
#include "counted.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Epilogue ---- */

static void *drawn(int64_t count, uint64_t seed, double most) {
  gm_error error = {0};
  void *data = memory_take((size_t)count * sizeof(float));
  gm_tensor *tensor = gm_tensor_wrap(GM_FLOAT32, 1, &count, data, NULL, NULL, &error);
  if (!tensor || gm_tensor_random_uniform(tensor, -most, most, seed, &error)) ours_stop("operand", &error);
  gm_tensor_free(tensor);
  return data;
}

static void limit_by(contest *c, const machine *m, double flops, double bytes) {
  level from = machine_level(m, bytes);
  double compute = flops / m->peak[0], read = bytes / m->rate[from];
  c->limit = fmax(compute, read);
  c->by = compute >= read ? "peak" : machine_level_name(from);
}

static void measure(bench *b, contest *c, double flops, double bytes) {
  level from = machine_level(&b->machine, bytes);
  machine_join(&b->machine, c, GM_FLOAT32, from);
  contest_run(c, &b->set, 0);
  machine_learn(&b->machine, c, GM_FLOAT32, from);
  limit_by(c, &b->machine, flops, bytes);
}

static void epilogue(bench *b) {
  const product bare = {1024, 512, 512, 1, 1, 1, GM_FLOAT32, true, false, false};
  product fused = bare;
  operands o = {.x = drawn(1024 * 512, 1, 1), .y = {drawn(512 * 512, 2, 1)}, .bias = drawn(512, 3, 1)};
  contest c = {.what = "1024x512 . 512x512"};
  fused.bias = fused.relu = true;
  contest_heading("bias and relu, fused");
  c.entries[OURS] = ours_product(b, &fused, &o, 0);
  c.entries[OTHER] = ours_product(b, &bare, &o, 0);
  c.entries[ONEDNN] = onednn_product(&fused, &o, memory_take(sizeof(float) * 1024 * 512));
  measure(b, &c, 2.0 * 1024 * 512 * 512, 4.0 * 512 * 512);
  snprintf(c.note, sizeof c.note, "the bare product takes %.2f us", 1e6 * c.entries[OTHER].seconds);
  contest_goal(&c, "of the bare product's time", contest_ours(&c) / c.entries[OTHER].seconds, 1.02, true);
  contest_print(b, &c);
  contest_drop(&c);
}

/* ---- One dot ---- */

static void dot(bench *b) {
  const product p = {2, 4, 3, 1, 1, 1, GM_FLOAT32, false, false, false};
  operands o = {.x = drawn(6, 1, 1), .y = {drawn(12, 2, 1)}};
  contest c = {.what = "(2, 3) . (3, 4), fed, warm"};
  contest_heading("one small product");
  c.entries[OURS] = ours_product(b, &p, &o, 0);
  c.entries[OPENBLAS] = openblas_product(&p, &o, memory_take(64));
  contest_run(&c, &b->set, 0);
  unsigned long before = counted_allocations();
  for (int i = 0; i < 10000; i++) c.entries[OURS].run(c.entries[OURS].state);
  unsigned long allocations = counted_allocations() - before;
  snprintf(c.note, sizeof c.note, "%lu allocations in 10000 runs", allocations);
  contest_goal(&c, "us", 1e6 * contest_ours(&c), 0.15, true);
  contest_goal(&c, "allocations", (double)allocations, 0, true);
  contest_print(b, &c);
  contest_drop(&c);
}

/* ---- The digits ---- */

enum { PIXELS = 64, HIDDEN = 32, DIGITS = 10 };

static gm_graph *digits_graph(gm_node *output) {
  gm_error error = {0};
  gm_graph *graph = gm_graph_load(GM_SOURCE_DIR "/graphs/digits.yaml", NULL, &error);
  if (!graph) ours_stop("graphs/digits.yaml", &error);
  gm_graph_outputs(graph, output, 1);
  return graph;
}

static void run_digits(bench *b, int batch, double share) {
  contest c = {0};
  gm_node output = {0};
  double weights = PIXELS * HIDDEN + HIDDEN + HIDDEN * DIGITS + DIGITS;
  gm_graph *graph = digits_graph(&output);
  snprintf(c.what, sizeof c.what, "digits, batch %d", batch);
  c.entries[OURS] = ours_graph(b, graph, output, "images", batch, PIXELS, drawn(batch * PIXELS, 1, 1));
  measure(b, &c, 2.0 * batch * (PIXELS * HIDDEN + HIDDEN * DIGITS), 4 * weights);
  if (batch == 1)
    contest_goal(&c, "us", 1e6 * contest_ours(&c), 0.5, true);
  else
    contest_goal(&c, "share", contest_share(&c), share, false);
  contest_print(b, &c);
  contest_drop(&c);
}

/* ---- A net of three layers ---- */

enum { LAYERS = 3 };
static const int widths[LAYERS + 1] = {784, 512, 512, 10};

typedef struct net {
  void *weights[LAYERS], *biases[LAYERS];
} net;

static net new_net(void) {
  net n;
  for (int i = 0; i < LAYERS; i++) {
    n.weights[i] = drawn((int64_t)widths[i] * widths[i + 1], 10 + (uint64_t)i, 1.7 / sqrt(widths[i]));
    n.biases[i] = drawn(widths[i + 1], 20 + (uint64_t)i, 1);
  }
  return n;
}

static gm_node variable(gm_graph *graph, int rank, int rows, int columns, void *data) {
  const int64_t dims[] = {rows, columns};
  gm_tensor *value = gm_tensor_wrap(GM_FLOAT32, rank, rank == 1 ? dims + 1 : dims, data, NULL, NULL, NULL);
  gm_node made = gm_variable(graph, NULL, value);
  gm_tensor_free(value);
  return made;
}

static gm_node build_net(gm_graph *graph, const net *n) {
  gm_node at = gm_placeholder(graph, "x", GM_FLOAT32, "batch, 784");
  for (int i = 0; i < LAYERS; i++) {
    gm_node plain = gm_dot(graph, at, variable(graph, 2, widths[i], widths[i + 1], n->weights[i]));
    gm_node with[] = {plain, variable(graph, 1, 1, widths[i + 1], n->biases[i])};
    at = gm_apply(graph, "bias_add", with, 2, NULL);
    if (i + 1 < LAYERS) at = gm_apply(graph, "relu", &at, 1, NULL);
  }
  return at;
}

static void run_net(bench *b, int batch, double share) {
  contest c = {0};
  double weights = 0;
  net n = new_net();
  void *x = drawn((int64_t)batch * widths[0], 1, 1), *out = memory_take(sizeof(float) * (size_t)batch * 10);
  gm_graph *graph = gm_graph_new(NULL, NULL);
  for (int i = 0; i < LAYERS; i++) weights += (double)widths[i] * widths[i + 1];
  snprintf(c.what, sizeof c.what, "784-512-512-10, batch %d", batch);
  c.entries[OURS] = ours_graph(b, graph, build_net(graph, &n), "x", batch, widths[0], x);
  c.entries[ONEDNN] = onednn_layers(batch, widths, LAYERS, x, n.weights, n.biases, out);
  measure(b, &c, 2 * batch * weights, 4 * weights);
  contest_goal(&c, "share", contest_share(&c), share, false);
  contest_print(b, &c);
  contest_drop(&c);
}

static void nets(bench *b) {
  contest_heading("nets");
  run_digits(b, 1, 0);
  run_digits(b, 64, 0.7);
  run_digits(b, 397, 0.85);
  run_net(b, 1, 0.85);
  run_net(b, 16, 0.96);
  run_net(b, 256, 0.97);
}

const group net_groups[] = {{"epilogue", epilogue}, {"dot", dot}, {"nets", nets}, {0}};
