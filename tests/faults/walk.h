/* SPDX-License-Identifier: MIT
 *
 * The walk: a call is made again and again, each time with another allocation failing, until it has none left
 * to fail. Each time it must say GM_NO_MEMORY (or do its work without that memory, where it may), must do its
 * work when it is called once more, with the result of a call that nothing disturbed, and must leave no block
 * behind when everything is freed. */
#ifndef GM_TESTS_FAULTS_WALK_H
#define GM_TESTS_FAULTS_WALK_H

#include "faults/notes.h"

#define WORLD_TENSORS 8
#define WORLD_NODES 8

/** What a call works on. Everything in it is freed by the walk. */
typedef struct world {
  const void *how; /**< the case's own */
  gm_graph *graph;
  gm_plan *plan;
  gm_executor *executor;
  gm_tensor *tensors[WORLD_TENSORS]; /**< fed and bound */
  gm_tensor *made;                   /**< by the call */
  gm_node nodes[WORLD_NODES], node;  /**< given to the call, and made by it */
  size_t count;
  notes *written;      /**< what the call wrote as text */
  bool may_do_without; /**< set by a call that may work, as ever, without memory that only makes it faster */
} world;

typedef struct walk_case {
  const char *name;
  void (*setup)(world *w); /**< with all the memory there is; NULL: nothing to set up */
  gm_status (*call)(world *w, gm_error *error);
  void (*describe)(const world *w, notes *out); /**< what stands after the call worked */
  void (*state)(const world *w, notes *out);    /**< what a failure must leave as it is; NULL: nothing */
  const void *how;
  bool may_fail_otherwise; /**< the call fails, and says why, also with all the memory there is */
} walk_case;

/** How allocations fail: one, one while the caller wants no gm_error, or all from one on. */
typedef enum walk_mode { WALK_ONE, WALK_ONE_UNSAID, WALK_ALL_LATER, WALK_MODES } walk_mode;

/** At most `most` of the call's allocations are tried, all where it has no more than that: the first, the
 *  last, and others drawn with a printed seed (GM_SEED gives another; GM_FAULTS_ALL=1 tries all). Returns how
 *  many were made to fail. */
long walk(const walk_case *c, walk_mode mode, long most);
/** The pieces of a walk, for walks of another kind: a world set up and freed, and the call as it is when
 * nothing disturbs it; its result goes to `out`, and how many allocations it made is returned. */
void walk_begin(const walk_case *c, world *w);
long walk_in_peace(const walk_case *c, world *w, notes *out);
void walk_drop(world *w);
/** Makes sure that OpenBLAS has its buffers. */
void walk_warm(void);
/** A call's status from what it returned. */
gm_status walk_status(const void *made, const gm_error *error);
/** The same for a builder; clears the graph's error. */
gm_status walk_built(gm_graph *graph, gm_node node, gm_error *error);

#endif
