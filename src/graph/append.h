/* SPDX-License-Identifier: MIT
 *
 * What adding sources and adding operations share: undo, names, and the appending of one node. */
#ifndef GM_GRAPH_APPEND_H
#define GM_GRAPH_APPEND_H

#include "graph/graph.h"

/** What a graph was before a call. */
typedef struct gm__mark {
  gm__arena_mark arena;
  gm__dims_mark dims;
  uint32_t slots;
  size_t count;
} gm__mark;
gm__mark gm__mark_now(const gm_graph *graph);
/** Unless the status is GM_OK, takes back what was added since. Returns the status. */
gm_status gm__undone(gm_graph *graph, gm__mark before, gm_status status);

/** A new node's name; next: the number to try then, 0 for a name that was given. */
typedef struct gm__chosen {
  char text[160];
  uint32_t next;
} gm__chosen;
/** GM_BAD_ARGUMENT unless it has the form of a name and no node has it yet. */
gm_status gm__name_free(const gm_graph *graph, const char *name, gm_error *error);
/** Chooses the name that a new node of `op` will have: the given one, checked, or one made up. */
gm_status gm__choose_name(
    const gm_graph *graph, const gm__op *op, const char *name, gm__chosen *out, gm_error *error);
/** Once the node stands: a call that fails uses up no number. */
gm_status gm__use_name(gm_graph *graph, const gm__op *op, const gm__chosen *name, gm_error *error);

/** Room for so many more nodes; GM_LIMIT beyond the graph's own limit. */
gm_status gm__reserve_nodes(gm_graph *graph, size_t more, gm_error *error);
/** Appends a node with a result's shape. The name (NULL: a number) is copied and entered last. */
gm_status gm__append_node(
    gm_graph *graph, gm__node node, const gm__result *result, const char *name, gm_error *error);
gm_status gm__append_number(
    gm_graph *graph, gm_dtype dtype, const gm__init *init, uint32_t *out, gm_error *error);

#endif
