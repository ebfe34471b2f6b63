/* SPDX-License-Identifier: MIT
 *
 * The peer oneDNN, with the second factor packed once, in the layout that it chooses (format any): as a
 * matmul and as an inner product, whichever is faster. Its threads are OpenMP's, set while a primitive is
 * made and run. */
#include "clock.h"
#include "gemm.h"

#ifdef GM_HAVE_ONEDNN
#include <dlfcn.h>
#include <dnnl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS = 4, PROBES = 9 };

/** One product made ready. */
typedef struct layer {
  dnnl_primitive_t primitive;
  dnnl_memory_t memory[ARGUMENTS];
  dnnl_exec_arg_t arguments[ARGUMENTS];
  int count;
} layer;

/** Layers that run one after the other, or, where `rotate`, one a run in turn. */
typedef struct chain {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  layer layers[MOST_COPIES];
  int count, turn;
  bool rotate;
} chain;

static void set_threads(int threads) {
  void (*set)(int) = NULL;
  void *found = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  memcpy(&set, &found, sizeof set);
  if (set) set(threads);
}

static void run_layer(const chain *c, const layer *l) {
  dnnl_primitive_execute(l->primitive, c->stream, l->count, l->arguments);
}

static void run_chain(void *state) {
  chain *c = state;
  if (c->rotate)
    run_layer(c, &c->layers[c->turn++ % c->count]);
  else
    for (int i = 0; i < c->count; i++) run_layer(c, &c->layers[i]);
  dnnl_stream_wait(c->stream);
}

static void drop_chain(void *state) {
  chain *c = state;
  for (int i = 0; i < c->count; i++) {
    for (int j = 0; j < c->layers[i].count; j++) dnnl_memory_destroy(c->layers[i].memory[j]);
    dnnl_primitive_destroy(c->layers[i].primitive);
  }
  dnnl_stream_destroy(c->stream);
  dnnl_engine_destroy(c->engine);
  free(c);
}

static chain *new_chain(int threads) {
  chain *c = calloc(1, sizeof *c);
  set_threads(threads);
  dnnl_engine_create(&c->engine, dnnl_cpu, 0);
  dnnl_stream_create(&c->stream, c->engine, dnnl_stream_default_flags);
  return c;
}

/* ---- A layer ---- */

/** What a layer computes: (m, k) by (k, n); bias may be NULL. inner: as an inner product. */
typedef struct task {
  int m, n, k;
  const void *x, *y, *bias;
  void *out;
  bool relu, inner;
} task;

static dnnl_memory_desc_t described(int rank, int64_t rows, int64_t columns, dnnl_format_tag_t tag) {
  dnnl_memory_desc_t d;
  dnnl_dims_t dims = {rows, columns};
  dnnl_memory_desc_init_by_tag(&d, rank, dims, dnnl_f32, tag);
  return d;
}

static dnnl_status_t describe(
    const task *t, const dnnl_primitive_attr_t attributes, chain *c, dnnl_primitive_desc_t *made) {
  dnnl_memory_desc_t x = described(2, t->m, t->k, dnnl_ab), out = described(2, t->m, t->n, dnnl_ab);
  dnnl_memory_desc_t any = t->inner ? described(2, t->n, t->k, dnnl_format_tag_any)
                                    : described(2, t->k, t->n, dnnl_format_tag_any);
  dnnl_memory_desc_t bias = t->inner ? described(1, t->n, 0, dnnl_a) : described(2, 1, t->n, dnnl_ab);
  dnnl_inner_product_desc_t inner;
  dnnl_matmul_desc_t matmul;
  if (t->inner) {
    dnnl_inner_product_forward_desc_init(
        &inner, dnnl_forward_inference, &x, &any, t->bias ? &bias : NULL, &out);
    return dnnl_primitive_desc_create(made, &inner, attributes, c->engine, NULL);
  }
  dnnl_matmul_desc_init(&matmul, &x, &any, t->bias ? &bias : NULL, &out);
  return dnnl_primitive_desc_create(made, &matmul, attributes, c->engine, NULL);
}

static dnnl_primitive_attr_t attributes_of(const task *t) {
  dnnl_primitive_attr_t attributes;
  dnnl_post_ops_t post;
  dnnl_primitive_attr_create(&attributes);
  dnnl_post_ops_create(&post);
  if (t->relu) dnnl_post_ops_append_eltwise(post, 1, dnnl_eltwise_relu, 0, 0);
  dnnl_primitive_attr_set_post_ops(attributes, post);
  dnnl_post_ops_destroy(post);
  return attributes;
}

/** The second factor in the layout that the primitive wants, on huge pages. */
static dnnl_memory_t packed(const task *t, chain *c, dnnl_primitive_desc_t described_as) {
  const dnnl_memory_desc_t *wanted = dnnl_primitive_desc_query_md(described_as, dnnl_query_weights_md, 0);
  dnnl_memory_desc_t plain = t->inner ? described(2, t->n, t->k, dnnl_ba) : described(2, t->k, t->n, dnnl_ab);
  dnnl_memory_t from, to;
  dnnl_primitive_desc_t pd;
  dnnl_primitive_t reorder;
  dnnl_memory_create(&from, &plain, c->engine, (void *)(uintptr_t)t->y);
  dnnl_memory_create(&to, wanted, c->engine, memory_take(dnnl_memory_desc_get_size(wanted)));
  dnnl_reorder_primitive_desc_create(&pd, &plain, c->engine, wanted, c->engine, NULL);
  dnnl_primitive_create(&reorder, pd);
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  dnnl_primitive_execute(reorder, c->stream, 2, arguments);
  dnnl_stream_wait(c->stream);
  dnnl_primitive_destroy(reorder);
  dnnl_primitive_desc_destroy(pd);
  dnnl_memory_destroy(from);
  return to;
}

static void add_argument(layer *l, int name, dnnl_memory_t memory) {
  l->memory[l->count] = memory;
  l->arguments[l->count++] = (dnnl_exec_arg_t){name, memory};
}

static dnnl_memory_t memory_of(
    chain *c, dnnl_primitive_desc_t pd, dnnl_query_t what, int index, const void *data) {
  dnnl_memory_t made;
  dnnl_memory_create(
      &made, dnnl_primitive_desc_query_md(pd, what, index), c->engine, (void *)(uintptr_t)data);
  return made;
}

static bool add_layer(chain *c, const task *t) {
  layer *l = &c->layers[c->count];
  dnnl_primitive_attr_t attributes = attributes_of(t);
  dnnl_primitive_desc_t pd;
  bool fine = describe(t, attributes, c, &pd) == dnnl_success;
  if (fine) {
    dnnl_primitive_create(&l->primitive, pd);
    add_argument(l, DNNL_ARG_SRC, memory_of(c, pd, dnnl_query_src_md, 0, t->x));
    add_argument(l, DNNL_ARG_WEIGHTS, packed(t, c, pd));
    add_argument(l, DNNL_ARG_DST, memory_of(c, pd, dnnl_query_dst_md, 0, t->out));
    if (t->bias) add_argument(l, DNNL_ARG_BIAS, memory_of(c, pd, dnnl_query_weights_md, 1, t->bias));
    dnnl_primitive_desc_destroy(pd);
    c->count++;
  }
  dnnl_primitive_attr_destroy(attributes);
  return fine;
}

/* ---- Entries ---- */

static double probe(chain *c) {
  double times[PROBES];
  for (int i = 0; i < PROBES; i++) {
    double start = now();
    run_chain(c);
    times[i] = now() - start;
  }
  return median(times, PROBES);
}

static entry faster(chain *one, chain *other) {
  bool first = other->count == 0 || (one->count && probe(one) <= probe(other));
  drop_chain(first ? other : one);
  return (entry){run_chain, drop_chain, first ? one : other, 0};
}

static chain *product_as(bool inner, const product *p, const operands *o, void *out) {
  chain *c = new_chain(p->threads);
  c->rotate = true;
  for (int i = 0; i < p->copies; i++)
    add_layer(c, &(task){p->m, p->n, p->k, o->x, o->y[i], p->bias ? o->bias : NULL, out, p->relu, inner});
  return c;
}

entry onednn_product(const product *p, const operands *o, void *out) {
  if (p->dtype != GM_FLOAT32 || p->count > 1) return (entry){0};
  return faster(product_as(false, p, o, out), product_as(true, p, o, out));
}

static chain *layers_as(bool inner, int batch, const int *widths, int layers, const void *x,
    void *const *weights, void *const *biases, void *out) {
  chain *c = new_chain(1);
  for (int i = 0; i < layers; i++) {
    bool last = i + 1 == layers;
    void *to = last ? out : memory_take(sizeof(float) * (size_t)batch * (size_t)widths[i + 1]);
    add_layer(c, &(task){batch, widths[i + 1], widths[i], x, weights[i], biases[i], to, !last, inner});
    x = to;
  }
  return c;
}

entry onednn_layers(int batch, const int *widths, int layers, const void *x, void *const *weights,
    void *const *biases, void *out) {
  return faster(layers_as(false, batch, widths, layers, x, weights, biases, out),
      layers_as(true, batch, widths, layers, x, weights, biases, out));
}

const char *onednn_version(void) {
  static char text[24];
  const dnnl_version_t *v = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
  return text;
}

#else

entry onednn_product(const product *p, const operands *o, void *out) {
  (void)p, (void)o, (void)out;
  return (entry){0};
}

entry onednn_layers(int batch, const int *widths, int layers, const void *x, void *const *weights,
    void *const *biases, void *out) {
  (void)batch, (void)widths, (void)layers, (void)x, (void)weights, (void)biases, (void)out;
  return (entry){0};
}

const char *onednn_version(void) {
  return NULL;
}
#endif
