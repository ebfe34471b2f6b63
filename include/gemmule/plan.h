/* SPDX-License-Identifier: MIT
 *
 * Plans: a graph and its outputs, pruned, rewritten and lowered to steps. A plan never changes, seen from
 * outside; any number of executors on any threads may use it. Its specialisations (one for each set of dims)
 * are cached. */
#ifndef GEMMULE_PLAN_H
#define GEMMULE_PLAN_H

#include <gemmule/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gm_plan gm_plan;

/** Options of a plan. Strings are copied. */
typedef struct gm_plan_options {
  size_t struct_size;
  int threads; /**< at most so many a run, the calling one among them; 0: all that the process may use, or all
                  of `pool`. The bits are the same for any number */
  bool exact;  /**< no rewrite that can change a rounding, NaN, Inf or -0; and, where no kernel is named,
                  products only by kernels whose bits depend on neither rows nor strides */
  const char *kernel;      /**< the provider of products: NULL for the best, "avx512", "avx2", "openblas",
                              "vector", "loops" */
  const char *without;     /**< passes switched off, comma-separated */
  bool check_structure;    /**< verify what `assume` promises, at run time */
  int max_specialisations; /**< 0: 16 */
  size_t max_packed_bytes; /**< for constants that are packed, of each set of dims: those that would exceed
                              it, in the order of the steps, are read as they lie; 0: no limit */
  const gm_pool *pool;     /**< NULL: the plan has threads of its own (below); the record of a lent pool is
                              copied,     what it leads to must outlive the plan's executors */
  uint64_t flags;          /**< GM_PLAN_… */
} gm_plan_options;
#define GM_PLAN_OPTIONS_INIT                                                                                 \
  { sizeof(gm_plan_options), 0, false, NULL, NULL, false, 0, 0, NULL, 0 }

/* A plan's own threads are made when an executor is prepared for lengths that gain by them, as many as these
 * gain by, and go with the plan's last executor. They sleep between runs. A run that finds them busy with
 * that of another executor does what they would on its own thread; so does a process that inherits a plan by
 * fork. */

/** Do not set OpenBLAS's process-wide thread count to 1. */
#define GM_PLAN_KEEP_BLAS_THREADS UINT64_C(1)
/** The plan's own threads look out for work for 2 ms after a run before they sleep: the next run begins some
 * microseconds earlier, and so much processor time is spent in between. Not where there are more of them than
 * processors. */
#define GM_PLAN_SPIN UINT64_C(2)

/** flops: 2 M N K a product (half for a symmetric result or a triangular factor), 1 an element of an
 * elementwise operation, of all steps, also of those that run once for many runs; the rest in bytes. Set
 * struct_size before the call. */
typedef struct gm_plan_size {
  size_t struct_size;
  double flops;
  size_t workspace;   /**< what a run allocates once, before its first step */
  size_t packed;      /**< constants packed once for all runs, kept with their values: other dims, plans and
                         executors that want them so share them */
  size_t peak;        /**< temporaries alive at once as placed */
  size_t unshared;    /**< the sum of all temporaries, without sharing */
  size_t lower_bound; /**< the largest set of temporaries alive at one step */
} gm_plan_size;

/** Plans `outputs` (NULL with count 0: the declared ones) of the graph as it stands: later building never
 * changes the plan. A {0} node gives the graph's recorded error. GM_UNBOUND for a symbol that no placeholder
 * can give, GM_UNSUPPORTED for a kernel that this processor cannot run. The first plan that computes a
 * product with OpenBLAS sets, when its dims are known, OpenBLAS's process-wide thread count to 1, once,
 * unless GM_PLAN_KEEP_BLAS_THREADS is set. Where OpenBLAS is built on OpenMP, whose count belongs to each
 * thread, a thread that runs then sets its own. */
GM_API gm_plan *gm_plan_new(const gm_graph *graph, const gm_node *outputs, size_t count,
    const gm_plan_options *options, gm_error *error);
/** Executors made from the plan live on. */
GM_API void gm_plan_free(gm_plan *plan);
/** What will be executed and why. `dims` is "batch=64, n=3", or NULL for symbolic dims. Returns the length,
 * or 0 with `error` filled. */
GM_API size_t gm_plan_text(
    const gm_plan *plan, const char *dims, unsigned flags, char *buffer, size_t size, gm_error *error);
/** Sizes for given dims, before any run. */
GM_API gm_status gm_plan_sizes(const gm_plan *plan, const char *dims, gm_plan_size *sizes, gm_error *error);

/** The passes there are, in the order in which they run: for `without`. NULL past the end. */
GM_API const char *gm_pass_name(size_t index);
/** The providers of products, best first: for `kernel`. NULL past the end. */
GM_API const char *gm_kernel_name(size_t index);

#ifdef __cplusplus
}
#endif

#endif
