/* SPDX-License-Identifier: MIT
 *
 * Graphs: placeholders, variables, constants and the nodes that operations add (see ops.h).
 * A shape is known, with its unknown dims as symbols, the moment a node is made.
 * One thread builds a graph at a time; any number may read it when nobody builds. */
#ifndef GEMMULE_GRAPH_H
#define GEMMULE_GRAPH_H

#include <gemmule/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gm_graph gm_graph;
/** A handle, valid in the graph that made it; {0} is "no node". */
typedef struct gm_node {
  uint32_t id;
} gm_node;

/** Options of a graph. struct_size comes first; fields are only ever added at the end. */
typedef struct gm_graph_options {
  size_t struct_size;
  size_t max_nodes; /**< 0: 16 million; more is GM_LIMIT */
} gm_graph_options;
#define GM_GRAPH_OPTIONS_INIT                                                                                \
  { sizeof(gm_graph_options), 0 }

/** A new, empty graph. `options` may be NULL. */
GM_API gm_graph *gm_graph_new(const gm_graph_options *options, gm_error *error);
/** Plans and executors made from the graph live on. */
GM_API void gm_graph_free(gm_graph *graph);
/** The first failure of a builder call since the last clear; leaves it. GM_OK where there was none. */
GM_API gm_status gm_graph_error(const gm_graph *graph, gm_error *error);
GM_API void gm_graph_clear_error(gm_graph *graph);

/** A value fed before each run. `shape` is text: "batch, 28, 3", "2*n+1, ?", "" for rank 0.
 *  Any name may be NULL, here and below: one is made up. */
GM_API gm_node gm_placeholder(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape);
/** A value that gm_variable_set may change between runs. Copies `value`. */
GM_API gm_node gm_variable(gm_graph *graph, const char *name, const gm_tensor *value);
/** A value that never changes. Copies `value`. */
GM_API gm_node gm_constant(gm_graph *graph, const char *name, const gm_tensor *value);
/** Rank 0; takes the dtype of whoever uses it (float32 where nobody decides); an error for a user whose dtype
 *  cannot hold it. */
GM_API gm_node gm_number(gm_graph *graph, double value);
GM_API gm_node gm_integer(gm_graph *graph, int64_t value);
/** Variables, as in Keras. The shape must be known: integers only. */
GM_API gm_node gm_zeros(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape);
GM_API gm_node gm_ones(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape);
/** Every element `value`, rounded to the dtype; one that the dtype cannot hold is GM_BAD_ARGUMENT. */
GM_API gm_node gm_full(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape, double value);
/** The numbers are those of gm_tensor_random_uniform / _normal. */
GM_API gm_node gm_random_uniform_variable(gm_graph *graph, const char *name, gm_dtype dtype,
    const char *shape, double low, double high, uint64_t seed);
GM_API gm_node gm_random_normal_variable(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape,
    double mean, double scale, uint64_t seed);

/** {0} when absent, which is no error. */
GM_API gm_node gm_node_named(const gm_graph *graph, const char *name);
/** -1 for an invalid node. */
GM_API int gm_node_rank(const gm_graph *graph, gm_node node);
/** The number once known, -1 while unknown (Keras's int_shape), -2 for an invalid node or axis; negative axes
 *  count from the end. */
GM_API int64_t gm_node_dim(const gm_graph *graph, gm_node node, int axis);
/** (gm_dtype)-1 for an invalid node. */
GM_API gm_dtype gm_node_dtype(const gm_graph *graph, gm_node node);
/** "(batch, 28, 4)"; "" for an invalid node. */
GM_API size_t gm_node_shape_text(const gm_graph *graph, gm_node node, char *buffer, size_t size);
/** One dim: "2*n + 1". */
GM_API size_t gm_node_dim_text(const gm_graph *graph, gm_node node, int axis, char *buffer, size_t size);
/** "<gm_node 'xy' shape=(2, 4) dtype=float32>"; "<gm_node none>" for an invalid node. */
GM_API size_t gm_node_text(const gm_graph *graph, gm_node node, char *buffer, size_t size);

/** A new tensor with the variable's (or constant's) value, the caller's. May be called while plans run. */
GM_API gm_status gm_variable_get(const gm_graph *graph, gm_node variable, gm_tensor **value, gm_error *error);
/** Copies `value` into a new buffer and swaps it in: runs under way keep the old one. dtype and shape must be
 *  the variable's. May be called while plans run; never waits for a run nor disturbs one. */
GM_API gm_status gm_variable_set(gm_graph *graph, gm_node variable, const gm_tensor *value, gm_error *error);
/** Declares the graph's outputs, in order; replaces earlier ones. A node may stand more than once. */
GM_API gm_status gm_graph_set_outputs(gm_graph *graph, const gm_node *outputs, size_t count, gm_error *error);
/** Writes up to `capacity` of the declared outputs and returns their count. */
GM_API size_t gm_graph_outputs(const gm_graph *graph, gm_node *outputs, size_t capacity);

/* ---- Looking at a graph: what printers and editors need ---- */

/** The graph's name and doc line; "" where none was set. Valid until set again or the graph is freed. */
GM_API const char *gm_graph_name(const gm_graph *graph);
GM_API const char *gm_graph_doc(const gm_graph *graph);
GM_API gm_status gm_graph_set_name(gm_graph *graph, const char *name, gm_error *error);
GM_API gm_status gm_graph_set_doc(gm_graph *graph, const char *doc, gm_error *error);
/** Nodes in the order in which they were made, inputs before users. Numbers count: they have no name. */
GM_API size_t gm_graph_node_count(const gm_graph *graph);
/** The node at `index`; {0} past the end. */
GM_API gm_node gm_graph_node_at(const gm_graph *graph, size_t index);
/** The node's name; NULL for a number, which has none, and for an invalid node. */
GM_API const char *gm_node_name(const gm_graph *graph, gm_node node);
/** "placeholder", "variable", "constant", "number", or the operation's name; NULL for an invalid node. */
GM_API const char *gm_node_op(const gm_graph *graph, gm_node node);
/** The node's doc line, "" where there is none. */
GM_API const char *gm_node_doc(const gm_graph *graph, gm_node node);
GM_API size_t gm_node_input_count(const gm_graph *graph, gm_node node);
GM_API gm_node gm_node_input(const gm_graph *graph, gm_node node, size_t index);
/** The attributes that differ from their defaults, as one flow mapping "{axis: 1}" or, with GM_TEXT_JSON, as
 *  JSON; "{}" where there is none. For a number: its value. */
GM_API size_t gm_node_attributes_text(
    const gm_graph *graph, gm_node node, unsigned flags, char *buffer, size_t size);
/** Floating-point (or integer) operations of one evaluation as a polynomial in the symbols, "4096*batch". */
GM_API size_t gm_node_flops_text(const gm_graph *graph, gm_node node, char *buffer, size_t size);
/** The sum over all nodes that the declared outputs need (all nodes where none are declared). */
GM_API size_t gm_graph_flops_text(const gm_graph *graph, char *buffer, size_t size);
/** Named symbols in the order of their first appearance. */
GM_API size_t gm_graph_symbol_count(const gm_graph *graph);
GM_API const char *gm_graph_symbol_name(const gm_graph *graph, size_t index);
/** What was learnt about the symbol and where: "n = 3, from 'x' axis 1 and 'y' axis 0 in 'xy'"; "" while
 * free. */
GM_API size_t gm_graph_symbol_text(const gm_graph *graph, size_t index, char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
