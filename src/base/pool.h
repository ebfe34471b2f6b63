/* SPDX-License-Identifier: MIT
 *
 * Work for several threads: a gm_pool (base.h), the caller's or one of our own. */
#ifndef GM_BASE_POOL_H
#define GM_BASE_POOL_H

#include <gemmule/base.h>

/** Calls task(argument, i) for each i below count, on the pool's threads and this one, each with this one's
 * rounding, and returns when all have returned; on this thread alone without a pool (NULL) or where count is
 * 1. What a pool leaves undone is done here. */
void gm__pool_run(const gm_pool *pool, int count, void (*task)(void *argument, int index), void *argument);

/** How many threads work may be cut for: 1 without a pool. */
static inline int gm__pool_threads(const gm_pool *pool) {
  return pool == NULL ? 1 : pool->threads;
}

/** A pool of our own: the calling thread, whichever it is, and up to `most` - 1 others, which sleep while
 * there is nothing to do; none yet. One that is busy, or the copy of which a fork made, is not waited for:
 * run does everything on its own thread. NULL: no memory. `spins`: threads look out for work for some
 * milliseconds before they sleep. */
gm_pool *gm__pool_new(int most, bool spins);
/** Makes threads until there are so many, the calling one among them, or no more can be made. While it runs,
 * too, but one at a time, and the pool's record belongs to who grows it: others run copies of that. */
void gm__pool_grow(gm_pool *pool, int threads);
/** Not while it runs. */
void gm__pool_free(gm_pool *pool);
/** Between enter, which wakes the threads, and leave there is work again and again, so that threads look out
 * for it a while. Nothing for a pool that is not our own. */
void gm__pool_enter(const gm_pool *pool);
void gm__pool_leave(const gm_pool *pool);

/** The processors that this process may use. */
int gm__processors(void);

#endif
