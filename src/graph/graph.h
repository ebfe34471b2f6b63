/* SPDX-License-Identifier: MIT
 *
 * The graph itself: nodes in the order in which they were made (inputs first), their names, the table of dims, and the
 * store of values that runs share. A plan's private graph is one of these too. */
#ifndef GM_GRAPH_GRAPH_H
#define GM_GRAPH_GRAPH_H

#include <gemmule/graph.h>
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
typedef struct gm__init { gm__init_kind kind; double a, b; uint64_t seed; } gm__init;

typedef struct gm__node {
  const gm__op *op;
  const char *name;            /* NULL for numbers */
  const char *doc;             /* NULL: none */
  const uint32_t *inputs;      /* numbers of nodes */
  const gm__attr *attrs;       /* op->attr_count */
  const gm__dim *dims;
  const char *declared;        /* a source's shape as declared: "batch, 64" */
  const gm__init *init;        /* variables */
  uint32_t input_count, place; /* place: its number in messages (in a plan, that of the graph that was planned) */
  uint32_t slot;               /* of the store: variables, constants, numbers */
  uint16_t result;             /* which of its operation's results; the operation's node is `id - result` */
  uint8_t rank, dtype;
  bool made_up;                /* nobody gave the name */
} gm__node;

/** Memory that a graph and its plans share: nothing in it ever changes. */
typedef struct gm__body { atomic_int references; gm__arena arena; } gm__body;

struct gm_graph {
  gm__body *body;
  gm__dims *dims;
  gm__store *store;
  gm__node *nodes;             /* [1, count]; 0 is no node */
  size_t count, capacity, max_nodes;
  gm__names names;             /* name -> node */
  gm__names made_up;           /* op -> the last number tried */
  uint32_t *outputs;
  size_t output_count;
  const char *name, *doc;
  gm_error error;              /* the first failure; GM_OK: none */
};

/** The records of the sources. */
extern const gm__op gm__op_placeholder, gm__op_variable, gm__op_constant, gm__op_number;

static inline const gm__node *gm__node_of(const gm_graph *graph, uint32_t id) { return &graph->nodes[id]; }
/** The node, or NULL when the handle is none of this graph's. */
const gm__node *gm__node_get(const gm_graph *graph, gm_node node);
gm__namer gm__graph_namer(const gm_graph *graph);
/** Of the node's number `id`: "xy", or a number's value in text. Valid until the graph changes. */
const char *gm__node_label(const gm_graph *graph, uint32_t id);

/* ---- Building with errors returned (the public builders keep the first in the graph) ---- */
/** Adds an operation's node; numbers among the inputs take the dtype of the others. `name` NULL: one is made up. On
 *  failure nothing is added or learnt; error.node is the name, line and column those of the attribute at fault. */
gm_status gm__graph_apply(gm_graph *graph, const gm__op *op, const uint32_t *inputs, size_t count, const gm__value *attrs,
    const char *name, uint32_t *out, gm_error *error);
gm_status gm__graph_placeholder(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape, uint32_t *out,
    gm_error *error);
/** A variable or constant; keeps `value` (a reference more), `init` NULL: GM__INIT_VALUE. */
gm_status gm__graph_value(gm_graph *graph, const gm__op *source, const char *name, gm_tensor *value, const gm__init *init,
    uint32_t *out, gm_error *error);
/** A variable of a known shape, made by an initialiser. `shape` as text (integers only). */
gm_status gm__graph_initialised(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape, const gm__init *init,
    uint32_t *out, gm_error *error);
/** A number: an integer when `integer` is not NULL. */
gm_status gm__graph_number(gm_graph *graph, double value, const int64_t *integer, uint32_t *out, gm_error *error);
gm_status gm__graph_set_node_name(gm_graph *graph, uint32_t id, const char *name, gm_error *error);
gm_status gm__graph_set_node_doc(gm_graph *graph, uint32_t id, const char *doc, gm_error *error);
/** Is it a name? [A-Za-z_][A-Za-z0-9_-]*, at most 127 bytes; GM_BAD_ARGUMENT says why not. */
gm_status gm__name_check(const char *name, gm_error *error);
/** Keeps the first failure: graph->error. Returns {0}. */
gm_node gm__graph_failed(gm_graph *graph, const gm_error *error);
/** A number node's value: true for an integer one. */
bool gm__node_number(const gm__node *node, double *value, int64_t *integer);

/** A copy of what `outputs` need, numbered anew from 1 in the same order; `fresh[i]` becomes the number of outputs[i].
 *  Shares the body and the store. */
gm_status gm__graph_extract(const gm_graph *graph, const uint32_t *outputs, size_t count, gm_graph **out, uint32_t *fresh,
    gm_error *error);

#endif
