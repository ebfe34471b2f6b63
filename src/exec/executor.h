/* SPDX-License-Identifier: MIT
 *
 * The executor: what one thread needs to run a plan again and again. */
#ifndef GM_EXEC_EXECUTOR_H
#define GM_EXEC_EXECUTOR_H

#include <gemmule/executor.h>
#include "plan/plan.h"

/** An output: the tensor that callers see, over memory of its own or over the bound tensor's. */
typedef struct gm__out {
  gm_tensor *tensor; /* its dims and data follow the last prepare */
  gm_tensor *bound;  /* the caller's; NULL: none */
  void *memory;
  size_t capacity;
} gm__out;

_Static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "a signal handler sets `cancelled`");

struct gm_executor {
  gm_plan *plan;
  gm__special *special;    /* the steps for the present dims; NULL before the first prepare */
  gm_pool pool;            /* the threads for them */
  const gm_tensor **feeds; /* by feed; NULL: not fed */
  gm__out *outputs;
  int64_t *key; /* scratch: the lengths of what is fed */
  gm__bound *bounds;
  gm__values values;
  char **bases; /* one address a buffer of the program */
  size_t base_capacity;
  uint32_t *feed_buffers; /* by feed: its buffer in the program; UINT32_MAX: none */
  gm_tensor **held;       /* the snapshot: a reference to each value that the steps read */
  size_t held_count, held_capacity;
  uint64_t version; /* of the store, when the snapshot was taken; 0: none */
  void *workspace;
  size_t workspace_size;
  bool settled; /* the steps that run once have, with the values of the snapshot */
  bool ready;   /* bases are right for feeds, outputs and dims as they are */
  bool solved;  /* `special` is that of the last prepare or run */
  bool ran;     /* outputs hold the last run's values */
  atomic_bool cancelled;
};

/** References to the values of variables and constants as they are now, unless the present ones are these;
 * constant factors are packed. (snapshot.c) */
gm_status gm__snapshot_take(gm_executor *e, gm_error *error);
void gm__snapshot_drop(gm_executor *e);

#endif
