/* SPDX-License-Identifier: MIT
 *
 * What the files of the target `calls` share: the graph that the bytes build, the plans that they make, and
 * the steps of which a sequence consists. */
#ifndef GM_TESTS_CALLS_H
#define GM_TESTS_CALLS_H

#include "graph/op.h"
#include "run_graph.h"

enum { NODES = 48, OUTPUTS = 4, VALUES = 12 };

/** A plan, two by which its results are checked, and an executor of each. */
typedef struct planned {
  gm_plan *plan[3];
  gm_executor *executor[3];
  bool exact;
  size_t count;
  int rank[OUTPUTS];
  int64_t dims[OUTPUTS][GM_MAX_RANK];
  gm_dtype dtype[OUTPUTS];
  gm_tensor *bound[OUTPUTS];
} planned;
enum { GIVEN, CHECKED, PLAIN };

typedef struct state {
  bytes from;
  gm_graph *graph, *other;
  uint64_t print; /* of the graph, after the last call that added a node */
  gm_node nodes[NODES], foreign;
  int count;
  planned slots[2];
  gm_tensor *values[VALUES]; /* fed ones: they outlive the executors */
  int value_count;
} state;

/* ---- calls_draw.c: what is likely, and what is not ---- */
const char *take_name(bytes *from);
/** Now and then none that there is. */
gm_dtype take_dtype(bytes *from);
enum { SHAPE_TEXT = 400, ATTRIBUTES_TEXT = 512 };
void take_shape(bytes *from, char text[SHAPE_TEXT]);
gm_tensor *take_tensor(bytes *from);
/** Those that must be given, and some of the others; now and then one that there is not. */
void take_attributes(bytes *from, const gm__op *op, char text[ATTRIBUTES_TEXT]);

/* ---- calls_build.c ---- */
void start_graph(state *s);
/** A source, or an operation: by `kind`, 0 to 9. */
void add_node(state *s, unsigned kind);
void set_variable(state *s);
void set_outputs(state *s);
void evaluate(state *s);
size_t take_outputs(state *s, gm_node *outputs);
/** Small enough to be run with small lengths. */
bool affordable(const gm_graph *graph);

/* ---- calls_run.c ---- */
void release(planned *p);
void make_plans(state *s, planned *p);
void print_plan(state *s, const planned *p);
void feed_all(state *s, const planned *p);
void feed_one(state *s, const planned *p);
void bind_one(state *s, planned *p);
void run_all(const planned *p);
void cancel(const planned *p);

#endif
