/* SPDX-License-Identifier: MIT
 *
 * Builders: each adds one node whose shape and dtype are inferred and checked at once.
 * They return {0} on failure; the first failure stays in the graph (gm_graph_error). {0} inputs pass through
 * quietly, so gm_dot(g, gm_dot(g, a, b), c) needs no checks in between. A failed call adds nothing. */
#ifndef GEMMULE_OPS_H
#define GEMMULE_OPS_H

#include <gemmule/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/** tf.keras.backend.dot: out[i…, j…, n] = Σ_k x[i…, k] · y[j…, k, n]; shape x[:-1] + y[:-2] + y[-1:].
 *  Rank 0 on either side scales; a rank-1 y drops the axis (NumPy's rule where Keras fails). Both sides have
 * the same dtype; the inner lengths are unified. */
GM_API gm_node gm_dot(gm_graph *graph, gm_node x, gm_node y);
/** Any operation by name. `attributes` is one flow mapping, JSON or YAML, "{axis: 1}", or NULL. */
GM_API gm_node gm_apply(
    gm_graph *graph, const char *op, const gm_node *inputs, size_t count, const char *attributes);
/** Result `index` of an operation with several; 0 is the node itself. */
GM_API gm_node gm_result(gm_graph *graph, gm_node node, size_t index);
/** Names a node (any but a number). Returns the node. */
GM_API gm_node gm_name(gm_graph *graph, gm_node node, const char *name);
/** Plans and runs `node` once; for nodes that need no feeds (other placeholders may exist). The value is the
 *  caller's. */
GM_API gm_status gm_eval(const gm_graph *graph, gm_node node, gm_tensor **value, gm_error *error);

/** The operations there are, by name, sorted. */
GM_API size_t gm_op_count(void);
GM_API const char *gm_op_name(size_t index);
/** One line of doc; NULL for an unknown name. */
GM_API const char *gm_op_doc(const char *name);
/** What a person wants to know of an operation: formula, inputs, attributes with their types and defaults,
 * the source of its semantics, an example. With GM_TEXT_JSON the same as one object. "" for an unknown name.
 */
GM_API size_t gm_op_text(const char *name, unsigned flags, char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
