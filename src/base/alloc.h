/* SPDX-License-Identifier: MIT
 *
 * Memory: malloc and its kin with checked sizes, 64-byte alignment for data, and arenas for what lives
 * together. */
#ifndef GM_BASE_ALLOC_H
#define GM_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#define GM__ALIGNMENT 64

/** count * size bytes, uninitialised / zeroed; NULL when out of memory or on overflow. A size of 0 gives a
 * pointer. */
void *gm__alloc(size_t count, size_t size);
void *gm__alloc_zero(size_t count, size_t size);
/** realloc to count * size; the old block stays valid on NULL. */
void *gm__realloc(void *block, size_t count, size_t size);
/** 64-byte aligned, uninitialised; from 4 MB on in huge pages, where the system has them. */
void *gm__alloc_data(size_t bytes);
/** Frees what any of the above gave. */
void gm__free(void *block);
char *gm__strdup(const char *text);

/** Grows *block (capacity in elements) to hold at least `needed`, doubling. false when out of memory; nothing
 * is lost then. */
bool gm__grow(void **block, size_t *capacity, size_t needed, size_t size);

/** An arena: allocations that are freed together, or back to a mark. Zero-initialise to make one. */
typedef struct gm__arena {
  struct gm__arena_block *top;
} gm__arena;
typedef struct gm__arena_mark {
  struct gm__arena_block *block;
  size_t used;
} gm__arena_mark;

/** 16-byte aligned, uninitialised; NULL when out of memory or on overflow. */
void *gm__arena_alloc(gm__arena *arena, size_t count, size_t size);
void *gm__arena_zero(gm__arena *arena, size_t count, size_t size);
void *gm__arena_copy(gm__arena *arena, const void *data, size_t bytes);
/** A NUL-terminated copy of `length` bytes. */
char *gm__arena_text(gm__arena *arena, const char *text, size_t length);
gm__arena_mark gm__arena_now(const gm__arena *arena);
void gm__arena_rewind(gm__arena *arena, gm__arena_mark mark);
void gm__arena_free(gm__arena *arena);
/** Bytes reserved from malloc. */
size_t gm__arena_bytes(const gm__arena *arena);

#endif
