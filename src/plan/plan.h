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

/** One line of the log: what a pass did, and why. Costs, in `unit`, are numbers or polynomials as text. */
typedef struct gm__note {
  const struct gm__pass *pass;
  const char *node, *before, *after, *unit, *cost_before, *cost_after;
} gm__note;
typedef struct gm__log {
  gm__arena arena;
  gm__note *notes;
  size_t count, capacity;
} gm__log;
/** Adds a line. The texts are copied; node, unit and costs may be NULL. */
gm_status gm__log_add(gm__log *log, const gm__note *note, gm_error *error);
void gm__log_free(gm__log *log);

/** A pass. Its file's head states the law. `may_round`: it can change a rounding, NaN, Inf or -0; `exact`
 * switches exactly these off. What it does, of these one, is NULL where the pass is a switch that another
 * file asks: graph: rewrites the private graph; called again and again, until no pass changes anything; and
 * once more for known dims where plan->waits was set.
 * settle: once behind them all.
 * program: rewrites the steps of a specialisation; `log` may be NULL. */
typedef struct gm__pass {
  const char *name, *law;
  bool may_round;
  gm_status (*graph)(gm_plan *plan, const struct gm__pass *pass, gm_error *error);
  gm_status (*settle)(gm_plan *plan, const struct gm__pass *pass, gm_error *error);
  gm_status (*program)(
      gm_plan *plan, const struct gm__pass *pass, gm__program *program, gm__log *log, gm_error *error);
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
  size_t once;  /* so many leading steps run once for each set of values of kept buffers */
  double gains; /* nanoseconds of the steps that gain by more threads */
  size_t workspace, outputs, packed, unshared, lower_bound;
  double flops;
  gm__log log;   /* of the passes over the program, when it was asked for */
  uint64_t used; /* when last asked for */
} gm__special;

struct gm_plan {
  atomic_int references;
  gm_graph *graph;
  uint32_t *outputs;
  size_t output_count;
  bool *unneeded;     /* by node: passes left it without readers; NULL: all are needed */
  bool pruned;        /* and such are not computed */
  bool changed;       /* by a pass of the present round */
  bool waits;         /* a pass will choose when the dims are known: the graph passes run again then, */
  bool known;         /* over a copy of the graph whose dims are numbers, as this one's are */
  gm_tensor **folded; /* the values of gm__op_folded, by slot */
  size_t folded_count, folded_capacity, fold_bytes; /* fold_bytes, fold_flops: what folding has cost so far */
  double fold_flops;
  gm__feed *feeds;
  size_t feed_count, key_length;
  gm__names placeholders; /* of the whole graph: index of the feed + 1, or GM__NOT_NEEDED */
  gm_plan_options options;
  gm_pool lent;     /* the caller's pool, as many threads of it as the plan may use */
  uint32_t without; /* bit i: pass i is switched off */
  gm__log log;
  pthread_mutex_t lock; /* the cache and its clock, and the making of the pool */
  gm__special **cache;
  size_t cached, cache_limit;
  uint64_t clock;
  gm_pool *pool; /* the plan's own, from when a specialisation first gains by it; NULL before */
};

#define GM__NOT_NEEDED UINT32_MAX

gm_plan *gm__plan_retain(gm_plan *plan);
/** The threads for runs of the specialisation, as many as it gains by, the calling one among them: the
 * caller's, or the plan's own, made now if need be and as far as can be. */
gm_pool gm__plan_pool(gm_plan *plan, const gm__special *special);

/** The passes in the order in which they run; NULL past the end. */
const gm__pass *gm__pass_at(size_t index);
bool gm__pass_enabled(const gm_plan *plan, const gm__pass *pass);
/** Those that other files ask for. */
extern const gm__pass gm__pass_views, gm__pass_memory, gm__pass_in_place, gm__pass_structure, gm__pass_sums,
    gm__pass_hoist, gm__pass_slice_product;
/** Runs the passes over the private graph. */
gm_status gm__passes_run(gm_plan *plan, gm_error *error);
/** Is the node computed? */
bool gm__plan_computes(const gm_plan *plan, uint32_t id);

/** A source that a pass made: its value is plan->folded[slot]. */
extern const gm__op gm__op_folded;

/* ---- Rewriting the private graph (rewrite.c) ---- */
typedef struct gm__rewrite {
  gm_plan *plan;
  const gm__pass *pass;
  uint32_t *stand_in; /* by node: the node to read instead, or itself */
  void *context;
  gm_status status; /* of the questions asked: they fail for want of memory only */
  gm_error *error;
} gm__rewrite;
/** Visits every node that is needed, inputs before users; its inputs have been replaced by their stand-ins.
 */
gm_status gm__rewrite_each(gm_plan *plan, const gm__pass *pass,
    gm_status (*visit)(gm__rewrite *r, uint32_t id), void *context, gm_error *error);
/** From here on `other`, an earlier node, is read in place of `id`. Logged, but for numbers. */
gm_status gm__rewrite_replace(gm__rewrite *r, uint32_t id, uint32_t other);
/** Has the value of `id` the dtype and the dims of `other`'s, as far as is known? */
bool gm__rewrite_alike(gm__rewrite *r, uint32_t id, uint32_t other);
/** The node's attributes are those of `other`, which has the same record. */
bool gm__rewrite_same_attrs(const gm__node *node, const gm__node *other);
/** Is every element of the node the same real number, known by now? *value: which. */
bool gm__rewrite_uniform(const gm_plan *plan, uint32_t id, double *value);

/** A specialisation of one's own (not cached): lowers every node for `values`. `key` has plan->key_length
 * lengths. `logged`: with its log. */
gm_status gm__special_new(gm_plan *plan, const gm__values *values, const int64_t *key, bool logged,
    gm__special **out, gm_error *error);
void gm__special_release(gm__special *special);
/** From the cache, or NULL: a reference more. */
gm__special *gm__plan_find(gm_plan *plan, const int64_t *key);
/** Puts one into the cache, unless another thread was faster with the same lengths; the one that was unused
 * for longest is dropped when it is full. */
void gm__plan_keep(gm_plan *plan, gm__special *special);

/** Where the memory of a buffer is: itself, or the one that it became one with. */
static inline uint32_t gm__buffer_root(const gm__buffer *buffers, uint32_t buffer) {
  while (buffers[buffer].same != buffer) buffer = buffers[buffer].same;
  return buffer;
}
/** The step and the index of its read that `from` is, whose memory the result takes over: UINT32_MAX for
 * none. (pass_in_place.c) */
uint32_t gm__in_place_join(gm__buffer *buffers, const gm__step *step, uint32_t at);
/** The largest sum of temporaries alive at one step. */
gm_status gm__memory_bound(
    const gm__buffer *buffers, size_t count, size_t steps, size_t *bound, gm_error *error);
/** Places the buffers of a program that have memory of their own: temporaries in one workspace. Fills
 * workspace, unshared, lower_bound. */
gm_status gm__memory_place(gm__program *program, bool share, gm__special *sizes, gm_error *error);
/** The plan over a copy of the private graph in which every dim is the number that it has under `values`; its
 * passes have run again, logging to `log` (NULL: nowhere). gm__known_free in any case. (known.c) */
gm_status gm__known_plan(
    const gm_plan *plan, const gm__values *values, gm__log *log, gm_plan *known, gm_error *error);
void gm__known_free(gm_plan *known);
/** The node of the plan's graph from which a node of the copy comes. */
uint32_t gm__known_origin(const gm_plan *plan, const gm_plan *known, uint32_t id);
/** What was saved by it. */
gm_status gm__memory_log(gm__special *special, gm_error *error);
/** "batch=64, n=3" to values; NULL or blank gives none. */
gm_status gm__plan_dims(const gm_plan *plan, const char *text, gm__values *values, gm_error *error);
/** A specialisation for dims given as text, not cached, with its log. */
gm_status gm__plan_special(const gm_plan *plan, const char *dims, gm__special **out, gm_error *error);
/** The lengths of all feeds under `values`. */
gm_status gm__plan_key(const gm_plan *plan, const gm__values *values, int64_t *key, gm_error *error);

#endif
