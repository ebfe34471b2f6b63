/* SPDX-License-Identifier: MIT
 *
 * The sizes asked for stand in a table by address: open addressing, holes closed at once. A block that is not
 * in it (some library's own) is freed without being counted. */
#include "support/heap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

enum { SLOTS = 1 << 16 };

typedef struct entry {
  void *memory;
  size_t size;
} entry;

/* All but the atomics belong to the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static entry table[SLOTS];
static int entries;
static size_t bytes, peak;
static atomic_int calls, data_calls, data_left = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *memory);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *memory);

/* ---- The table ---- */

static size_t home(const void *memory) {
  return ((uintptr_t)memory >> 4) * 0x9E3779B1u % SLOTS;
}

static size_t place_of(const void *memory) {
  size_t at = home(memory);
  while (table[at].memory && table[at].memory != memory) at = (at + 1) % SLOTS;
  return at;
}

static void insert(void *memory, size_t size) {
  if (++entries > SLOTS / 2) abort();
  table[place_of(memory)] = (entry){memory, size};
  bytes += size;
  if (bytes > peak) peak = bytes;
}

/** Empties a place, and moves up what would not be found any more. */
static void erase(size_t hole) {
  entries--;
  bytes -= table[hole].size;
  for (size_t at = (hole + 1) % SLOTS; table[at].memory; at = (at + 1) % SLOTS) {
    size_t far = (at - home(table[at].memory)) % SLOTS;
    if (far < (at - hole) % SLOTS) continue;
    table[hole] = table[at];
    hole = at;
  }
  table[hole].memory = NULL;
}

/** The size that stood there; 0 where there was none. */
static size_t forget(void *memory) {
  size_t at = place_of(memory), size = table[at].size;
  if (!table[at].memory) return 0;
  erase(at);
  return size;
}

/* ---- The functions wrapped ---- */

static void *given(void *memory, size_t size) {
  pthread_mutex_lock(&lock);
  if (memory) insert(memory, size);
  pthread_mutex_unlock(&lock);
  return memory;
}

void *__wrap_malloc(size_t size) {
  atomic_fetch_add(&calls, 1);
  return given(__real_malloc(size), size);
}

void *__wrap_calloc(size_t count, size_t size) {
  atomic_fetch_add(&calls, 1);
  return given(__real_calloc(count, size), count * size);
}

void *__wrap_realloc(void *memory, size_t size) {
  atomic_fetch_add(&calls, 1);
  pthread_mutex_lock(&lock);
  size_t old = memory ? forget(memory) : 0;
  void *moved = __real_realloc(memory, size);
  if (moved) insert(moved, size);
  if (moved && bytes + old > peak) peak = bytes + old;
  if (!moved && old) insert(memory, old);
  pthread_mutex_unlock(&lock);
  return moved;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  atomic_fetch_add(&calls, 1);
  atomic_fetch_add(&data_calls, 1);
  if (atomic_load(&data_left) >= 0 && atomic_fetch_sub(&data_left, 1) == 0) return NULL;
  return given(__real_aligned_alloc(alignment, size), size);
}

void __wrap_free(void *memory) {
  if (memory == NULL) return;
  atomic_fetch_add(&calls, 1);
  pthread_mutex_lock(&lock);
  forget(memory);
  pthread_mutex_unlock(&lock);
  __real_free(memory);
}

/* ---- What was seen ---- */

void heap_mark(void) {
  pthread_mutex_lock(&lock);
  peak = bytes;
  pthread_mutex_unlock(&lock);
  atomic_store(&calls, 0);
  atomic_store(&data_calls, 0);
}

int heap_calls(void) {
  return atomic_load(&calls);
}

int heap_data_calls(void) {
  return atomic_load(&data_calls);
}

static size_t locked(const size_t *value) {
  pthread_mutex_lock(&lock);
  size_t copy = *value;
  pthread_mutex_unlock(&lock);
  return copy;
}

size_t heap_bytes(void) {
  return locked(&bytes);
}

size_t heap_peak(void) {
  return locked(&peak);
}

void heap_refuse_data(int count) {
  atomic_store(&data_left, count);
}
