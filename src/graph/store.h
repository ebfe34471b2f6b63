/* SPDX-License-Identifier: MIT
 *
 * The store: values of variables and constants, shared by a graph, its plans and executors. Each value is a
 * tensor with a reference count; setting one swaps another in, so that a run keeps what it began with. */
#ifndef GM_GRAPH_STORE_H
#define GM_GRAPH_STORE_H

#include "tensor/tensor.h"

typedef struct gm__store gm__store;

gm__store *gm__store_new(gm_error *error);
gm__store *gm__store_retain(gm__store *store);
void gm__store_release(gm__store *store);
/** A new slot holding `value` (takes a reference); slots are counted from 0. */
gm_status gm__store_add(gm__store *store, const gm_tensor *value, uint32_t *slot, gm_error *error);
/** Takes the last slots away again (undo of a failed build). */
void gm__store_shrink(gm__store *store, uint32_t count);
uint32_t gm__store_count(const gm__store *store);
/** A reference to the present value: gm_tensor_free it. Never fails for a slot that there is. */
gm_tensor *gm__store_get(const gm__store *store, uint32_t slot);
/** References to the values of `count` slots as they are at one moment: no set falls between two of them.
 * Returns the version of that moment. */
uint64_t gm__store_snapshot(const gm__store *store, const uint32_t *slots, size_t count, gm_tensor **values);
/** Swaps `value` in (takes a reference), and counts the version up. */
void gm__store_set(gm__store *store, uint32_t slot, const gm_tensor *value);
/** Has the slot ever been set since it was made? */
bool gm__store_was_set(const gm__store *store, uint32_t slot);
/** Counts every set; a run compares it without a lock. */
uint64_t gm__store_version(const gm__store *store);

#endif
