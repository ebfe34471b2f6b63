/* SPDX-License-Identifier: MIT
 *
 * Work for several threads: a gm_pool (base.h), the caller's or one of our own. */
#ifndef GM_BASE_POOL_H
#define GM_BASE_POOL_H

#include <gemmule/base.h>

/** Calls task(argument, i) for each i below count, on the pool's threads and this one, and returns when all
 * have returned; on this thread alone without a pool (NULL) or where count is 1. */
static inline void gm__pool_run(
    const gm_pool *pool, int count, void (*task)(void *argument, int index), void *argument) {
  if (pool != NULL && count > 1) {
    pool->run(pool->context, count, task, argument);
    return;
  }
  for (int i = 0; i < count; i++) task(argument, i);
}

/** How many threads work may be cut for: 1 without a pool. */
static inline int gm__pool_threads(const gm_pool *pool) {
  return pool == NULL ? 1 : pool->threads;
}

#endif
