/* SPDX-License-Identifier: MIT
 *
 * The plan: a private graph, rewritten by passes, and its specialisations, one for each set of dims in use.
 * Everything but the cache is fixed once the plan is made. */
#ifndef GM_PLAN_PLAN_H
#define GM_PLAN_PLAN_H

#include <pthread.h>
#include <gemmule/plan.h>
#include "graph/graph.h"
#include "graph/lower.h"

/** One line of the log: what a pass did, and why. Costs are flops, as text. */
typedef struct gm__note {
  const struct gm__pass *pass;
  const char *node, *before, *after, *cost_before, *cost_after;
} gm__note;

/** A pass over the private graph (`graph`) or over the steps of a specialisation (`program`). Its file's head
 * states the law. `may_round`: it can change a rounding, NaN, Inf or -0; `exact` switches exactly these off.
 */
typedef struct gm__pass {
  const char *name, *law;
  bool may_round;
  gm_status (*graph)(gm_plan *plan, const struct gm__pass *pass, gm_error *error);
  gm_status (*program)(gm_plan *plan, gm__program *program, gm_error *error);
} gm__pass;

/** A placeholder that the plan needs: its node, and where its lengths stand in a key. */
typedef struct gm__feed {
  uint32_t node, key;
} gm__feed;

/** The steps for one set of dims. Shared by the cache and by executors. */
typedef struct gm__special {
  atomic_int references;
  gm__program program;
  int64_t *key; /* the lengths of all feeds, one after the other */
  uint32_t *output_buffers;
  int64_t **output_dims;
  size_t *output_bytes;
  uint32_t *value_buffers, *value_slots; /* the variables and constants that the steps read */
  size_t value_count;
  size_t workspace, outputs, unshared, lower_bound;
  double flops;
  uint64_t used; /* when last asked for */
} gm__special;

struct gm_plan {
  atomic_int references;
  gm__arena arena;
  gm_graph *graph;
  uint32_t *outputs;
  size_t output_count;
  bool *dead; /* nodes that a pass found nobody needs; NULL: none */
  gm__feed *feeds;
  size_t feed_count, key_length;
  gm__names placeholders; /* of the whole graph: index of the feed + 1, or GM__NOT_NEEDED */
  gm_plan_options options;
  uint32_t without; /* bit i: pass i is switched off */
  gm__note *notes;
  size_t note_count, note_capacity;
  pthread_mutex_t lock; /* the cache and its clock */
  gm__special **cache;
  size_t cached, cache_limit;
  uint64_t clock;
};

#define GM__NOT_NEEDED UINT32_MAX

gm_plan *gm__plan_retain(gm_plan *plan);

/** Placing itself is no option; the pass is whether memory is shared. */
extern const gm__pass gm__pass_memory;
/** The passes in the order in which they run; NULL past the end. */
const gm__pass *gm__pass_at(size_t index);
bool gm__pass_enabled(const gm_plan *plan, const gm__pass *pass);
/** Adds a line to the log. The texts are copied; costs may be NULL. */
gm_status gm__plan_note(gm_plan *plan, const gm__pass *pass, const char *node, const char *before,
    const char *after, const char *cost_before, const char *cost_after, gm_error *error);

/** A specialisation of one's own (not cached): lowers every node for `values`. `key` has plan->key_length
 * lengths. */
gm_status gm__special_new(
    gm_plan *plan, const gm__values *values, const int64_t *key, gm__special **out, gm_error *error);
void gm__special_release(gm__special *special);
/** From the cache, or NULL: a reference more. */
gm__special *gm__plan_find(gm_plan *plan, const int64_t *key);
/** Puts one into the cache, unless another thread was faster with the same lengths; the one that was unused
 * for longest is dropped when it is full. */
void gm__plan_keep(gm_plan *plan, gm__special *special);

/** Places the buffers of a program that have memory of their own: temporaries in one workspace. Fills
 * workspace, unshared, lower_bound. */
gm_status gm__memory_place(gm__program *program, bool share, gm__special *sizes, gm_error *error);
/** "batch=64, n=3" to values; NULL or blank gives none. */
gm_status gm__plan_dims(const gm_plan *plan, const char *text, gm__values *values, gm_error *error);
/** A specialisation for dims given as text, not cached. */
gm_status gm__plan_special(const gm_plan *plan, const char *dims, gm__special **out, gm_error *error);
/** The lengths of all feeds under `values`. */
gm_status gm__plan_key(const gm_plan *plan, const gm__values *values, int64_t *key, gm_error *error);

#endif
