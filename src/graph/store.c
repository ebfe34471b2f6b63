/* SPDX-License-Identifier: MIT
 *
 * One lock guards the slots; it is held for a pointer swap and a reference, never while data moves. The
 * version is read without it. */
#include "graph/store.h"

#include <pthread.h>

typedef struct slot {
  gm_tensor *value;
  bool was_set;
} slot;

struct gm__store {
  atomic_int references;
  atomic_uint_fast64_t version;
  pthread_mutex_t lock;
  slot *slots;
  size_t count, capacity;
};

gm__store *gm__store_new(gm_error *error) {
  gm__store *store = gm__alloc_zero(1, sizeof *store);
  if (!store) {
    gm__no_memory(error);
    return NULL;
  }
  if (pthread_mutex_init(&store->lock, NULL) != 0) {
    gm__free(store);
    gm__no_memory(error);
    return NULL;
  }
  atomic_init(&store->references, 1);
  atomic_init(&store->version, 1);
  return store;
}

gm__store *gm__store_retain(gm__store *store) {
  atomic_fetch_add_explicit(&store->references, 1, memory_order_relaxed);
  return store;
}

void gm__store_release(gm__store *store) {
  if (!store || atomic_fetch_sub_explicit(&store->references, 1, memory_order_acq_rel) != 1) return;
  gm__store_shrink(store, 0);
  pthread_mutex_destroy(&store->lock);
  gm__free(store->slots);
  gm__free(store);
}

gm_status gm__store_add(gm__store *store, const gm_tensor *value, uint32_t *slot_out, gm_error *error) {
  pthread_mutex_lock(&store->lock);
  bool grown = gm__grow((void **)&store->slots, &store->capacity, store->count + 1, sizeof *store->slots);
  if (grown) {
    *slot_out = (uint32_t)store->count;
    store->slots[store->count++] = (slot){gm__tensor_retain(value), false};
  }
  pthread_mutex_unlock(&store->lock);
  return grown ? GM_OK : gm__no_memory(error);
}

void gm__store_shrink(gm__store *store, uint32_t count) {
  pthread_mutex_lock(&store->lock);
  while (store->count > count) gm_tensor_free(store->slots[--store->count].value);
  pthread_mutex_unlock(&store->lock);
}

uint32_t gm__store_count(const gm__store *store) {
  return (uint32_t)store->count;
}

gm_tensor *gm__store_get(const gm__store *store, uint32_t at) {
  gm__store *owner = (gm__store *)(uintptr_t)store;
  pthread_mutex_lock(&owner->lock);
  gm_tensor *value = gm__tensor_retain(owner->slots[at].value);
  pthread_mutex_unlock(&owner->lock);
  return value;
}

uint64_t gm__store_snapshot(const gm__store *store, const uint32_t *slots, size_t count, gm_tensor **values) {
  gm__store *owner = (gm__store *)(uintptr_t)store;
  pthread_mutex_lock(&owner->lock);
  for (size_t i = 0; i < count; i++) values[i] = gm__tensor_retain(owner->slots[slots[i]].value);
  uint64_t version = gm__store_version(store);
  pthread_mutex_unlock(&owner->lock);
  return version;
}

void gm__store_set(gm__store *store, uint32_t at, const gm_tensor *value) {
  gm_tensor *fresh = gm__tensor_retain(value);
  pthread_mutex_lock(&store->lock);
  gm_tensor *old = store->slots[at].value;
  store->slots[at] = (slot){fresh, true};
  atomic_fetch_add_explicit(&store->version, 1, memory_order_release);
  pthread_mutex_unlock(&store->lock);
  gm_tensor_free(old);
}

bool gm__store_was_set(const gm__store *store, uint32_t at) {
  gm__store *owner = (gm__store *)(uintptr_t)store;
  pthread_mutex_lock(&owner->lock);
  bool was = owner->slots[at].was_set;
  pthread_mutex_unlock(&owner->lock);
  return was;
}

uint64_t gm__store_version(const gm__store *store) {
  return atomic_load_explicit(&((gm__store *)(uintptr_t)store)->version, memory_order_acquire);
}
