/* SPDX-License-Identifier: MIT
 *
 * The graph itself: nodes in the order in which they were made (inputs first), their names, the table of
 * dims, and the store of values that runs share. A plan's private graph is one of these too. */
#ifndef GM_GRAPH_GRAPH_H
#define GM_GRAPH_GRAPH_H

#include <gemmule/graph.h>
#include <pthread.h>
#include "base/hash.h"
#include "graph/op.h"
#include "graph/store.h"

/** How a variable got its first value, for saving. */
typedef enum gm__init_kind {
  GM__INIT_VALUE, /* given as a tensor */
  GM__INIT_ZEROS,
  GM__INIT_ONES,
  GM__INIT_CONSTANT,
  GM__INIT_UNIFORM,
  GM__INIT_NORMAL
} gm__init_kind;
typedef struct gm__init {
  gm__init_kind kind;
  double a, b;
  uint64_t seed;
} gm__init;

typedef struct gm__node {
  const gm__op *op;
  const char *name;       /* NULL for numbers */
  const char *doc;        /* NULL: none */
  const uint32_t *inputs; /* numbers of nodes */
  const gm__attr *attrs;  /* op->attr_count */
  const gm__dim *dims;
  gm__dim flops;        /* of one evaluation; GM__DIM_AUTO: beyond what can be counted */
  const char *declared; /* a source's shape as declared: "batch, 64" */
  const gm__init *init; /* variables; a number: its value, as GM__INIT_CONSTANT */
  uint32_t input_count,
      place;       /* place: its number in messages (in a plan, that of the graph that was planned) */
  uint32_t slot;   /* of the store: variables, constants, numbers */
  uint16_t result; /* which of its operation's results; the operation's node is `id - result` */
  uint8_t rank, dtype;
  bool open; /* a plan's copy for known dims: one of these was a symbol, or an input is open */
} gm__node;

/** A graph's memory, which its plans hold too: nothing in it ever changes. The lock is held while the array
 * of nodes grows, shrinks or is written, since values are got and set meanwhile. */
typedef struct gm__body {
  atomic_int references;
  struct gm__body *parent;
  gm__arena arena;
  pthread_mutex_t lock;
} gm__body;

struct gm_graph {
  gm__body *body;
  gm__dims *dims;
  gm__store *store;
  gm__node *nodes; /* [1, count]; 0 is no node */
  size_t count, capacity, max_nodes;
  gm__names names;   /* name -> node */
  gm__names made_up; /* op -> the last number tried */
  uint32_t *outputs;
  size_t output_count;
  const char *name, *doc;
  gm_error error;       /* the first failure; GM_OK: none */
  uint32_t place_shift; /* a node's place is its number plus this, when it is added to a plan's graph */
  uint32_t tag;         /* the upper bits of the handles, so that another graph's are refused */
};

/** The records of the sources. */
extern const gm__op gm__op_placeholder, gm__op_variable, gm__op_constant, gm__op_number;

/** Handles: GM__INDEX_BITS of number, and the graph's tag above. */
#define GM__INDEX_BITS 24
#define GM__MAX_NODES ((UINT32_C(1) << GM__INDEX_BITS) - 1)
static inline gm_node gm__handle(const gm_graph *graph, uint32_t id) {
  return (gm_node){id ? graph->tag << GM__INDEX_BITS | id : 0};
}
/** The node's number; 0 when the handle is none of this graph's. */
uint32_t gm__node_id(const gm_graph *graph, gm_node node);

static inline const gm__node *gm__node_of(const gm_graph *graph, uint32_t id) {
  return &graph->nodes[id];
}
gm__namer gm__graph_namer(const gm_graph *graph);
/** The infer context of a node that stands, for asking its record again (product). What it computes grows
 * `dims`, a copy of the graph's; `scratch` is freed by the caller after use. */
gm_status gm__node_infer(
    const gm_graph *graph, gm__dims *dims, uint32_t id, gm__arena *scratch, gm__infer *out, gm_error *error);
/** Operations of one evaluation: 2 M N K of a product, else what the record says, else 1 an element of the
 * result. */
gm_status gm__infer_flops(gm__infer *c, gm__dim *flops);
/** Flags over [0, count], gm__free'd by the caller: the nodes that `outputs` need. NULL: out of memory. */
bool *gm__graph_needed(const gm_graph *graph, const uint32_t *outputs, size_t count);
/** A copy of a node while others may build; false when the handle is none of this graph's. */
bool gm__node_copy(const gm_graph *graph, gm_node node, gm__node *out);
/** Of the node's number `id`: "xy", or a number's value in text. Valid until the graph changes. */
const char *gm__node_label(const gm_graph *graph, uint32_t id);

/* ---- Building with errors returned (the public builders keep the first in the graph) ---- */
/** Adds an operation's node; numbers among the inputs take the dtype of the others. `name` NULL: one is made
 * up. On failure nothing is added or learnt; error.node is the name, line and column those of the attribute
 * at fault. */
gm_status gm__graph_apply(gm_graph *graph, const gm__op *op, const uint32_t *inputs, size_t count,
    const gm__value *attrs, const char *name, uint32_t *out, gm_error *error);
/** The same with the attributes as text, which is read when the inputs have been checked. The name is made
 * up. */
gm_status gm__graph_apply_text(gm_graph *graph, const gm__op *op, const uint32_t *inputs, size_t count,
    const char *attrs, uint32_t *out, gm_error *error);
gm_status gm__graph_placeholder(
    gm_graph *graph, const char *name, gm_dtype dtype, const char *shape, uint32_t *out, gm_error *error);
/** A variable or constant; keeps `value` (a reference more), `init` NULL: GM__INIT_VALUE. */
gm_status gm__graph_value(gm_graph *graph, const gm__op *source, const char *name, gm_tensor *value,
    const gm__init *init, uint32_t *out, gm_error *error);
/** A variable of a known shape, made by an initialiser. `shape` as text (integers only). */
gm_status gm__graph_initialised(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape,
    const gm__init *init, uint32_t *out, gm_error *error);
/** A number: an integer when `integer` is not NULL. */
gm_status gm__graph_number(
    gm_graph *graph, double value, const int64_t *integer, uint32_t *out, gm_error *error);
gm_status gm__graph_set_node_name(gm_graph *graph, uint32_t id, const char *name, gm_error *error);
gm_status gm__graph_set_node_doc(gm_graph *graph, uint32_t id, const char *doc, gm_error *error);
/** Is it a name? [A-Za-z_][A-Za-z0-9_-]*, at most 127 bytes; GM_BAD_ARGUMENT says why not. */
gm_status gm__name_check(const char *name, gm_error *error);
/** Writes the numbers of `count` handles; GM_BAD_ARGUMENT for one of another graph, the recorded error (or
 *  GM_BAD_ARGUMENT) for {0}. */
gm_status gm__graph_ids(
    const gm_graph *graph, const gm_node *nodes, size_t count, uint32_t *ids, gm_error *error);
/** Keeps the first failure: graph->error. Returns {0}. */
gm_node gm__graph_failed(gm_graph *graph, const gm_error *error);
/** A number node's value: true for an integer one. */
bool gm__node_number(const gm__node *node, double *value, int64_t *integer);

/** An empty graph that holds the other's memory and store. */
void gm__graph_share(gm_graph *graph, const gm_graph *from);
/** A copy of what `outputs` need, numbered anew from 1 in the same order; `fresh[i]` becomes the number of
 * outputs[i]. Holds the body and the store. */
gm_status gm__graph_extract(const gm_graph *graph, const uint32_t *outputs, size_t count, gm_graph **out,
    uint32_t *fresh, gm_error *error);

#endif
