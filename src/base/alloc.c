/* SPDX-License-Identifier: MIT
 *
 * Memory: malloc and its kin with checked sizes, and arenas. An arena is a stack of blocks, each twice as
 * large as the one before (up to a limit) or as large as the one request that it was made for. Large data
 * asks for huge pages, since a stream over many small ones waits for their addresses. */
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "base/alloc.h"

enum { HUGE_PAGE = 2 << 20 };

enum { ARENA_FIRST = 4096, ARENA_LARGEST = 1 << 20, ARENA_ALIGN = 16 };

struct gm__arena_block {
  alignas(ARENA_ALIGN) struct gm__arena_block *below;
  size_t size, used;
};

static bool product(size_t count, size_t size, size_t *bytes) {
  return !__builtin_mul_overflow(count, size, bytes) && *bytes <= PTRDIFF_MAX;
}

void *gm__alloc(size_t count, size_t size) {
  size_t bytes;
  if (!product(count, size, &bytes)) return NULL;
  return malloc(bytes == 0 ? 1 : bytes);
}

void *gm__alloc_zero(size_t count, size_t size) {
  size_t bytes;
  if (!product(count, size, &bytes)) return NULL;
  return calloc(1, bytes == 0 ? 1 : bytes);
}

void *gm__realloc(void *block, size_t count, size_t size) {
  size_t bytes;
  if (!product(count, size, &bytes)) return NULL;
  return realloc(block, bytes == 0 ? 1 : bytes);
}

/* Whether the system grants it or not: the memory is the same. */
#if defined(MADV_HUGEPAGE)
static void ask_huge(void *block, size_t bytes) {
  (void)madvise(block, bytes, MADV_HUGEPAGE);
}
#else
static void ask_huge(void *block, size_t bytes) {
  (void)block, (void)bytes;
}
#endif

void *gm__alloc_data(size_t bytes) {
  size_t alignment = bytes < 2 * HUGE_PAGE ? GM__ALIGNMENT : HUGE_PAGE;
  if (bytes > PTRDIFF_MAX - alignment) return NULL;
  size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void *block = aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (block != NULL && alignment == HUGE_PAGE) ask_huge(block, rounded);
  return block;
}

void gm__free(void *block) {
  free(block);
}

char *gm__strdup(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = gm__alloc(size, 1);
  return copy == NULL ? NULL : memcpy(copy, text, size);
}

bool gm__grow(void **block, size_t *capacity, size_t needed, size_t size) {
  if (needed <= *capacity) return true;
  size_t wanted = *capacity > SIZE_MAX / 2 ? needed : *capacity * 2;
  if (wanted < 8) wanted = 8;
  if (wanted < needed) wanted = needed;
  void *grown = gm__realloc(*block, wanted, size);
  if (grown == NULL) return false;
  *block = grown;
  *capacity = wanted;
  return true;
}

static size_t next_size(const gm__arena *arena) {
  if (arena->top == NULL) return ARENA_FIRST;
  return arena->top->size >= ARENA_LARGEST / 2 ? ARENA_LARGEST : arena->top->size * 2;
}

static bool push_block(gm__arena *arena, size_t bytes) {
  size_t size = next_size(arena);
  if (size < bytes) size = bytes;
  if (size > PTRDIFF_MAX - sizeof(struct gm__arena_block)) return false;
  struct gm__arena_block *block = gm__alloc(sizeof *block + size, 1);
  if (block == NULL) return false;
  *block = (struct gm__arena_block){.below = arena->top, .size = size};
  arena->top = block;
  return true;
}

void *gm__arena_alloc(gm__arena *arena, size_t count, size_t size) {
  size_t bytes;
  if (!product(count, size, &bytes) || bytes > PTRDIFF_MAX - ARENA_ALIGN) return NULL;
  bytes = (bytes + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
  bool fits = arena->top != NULL && arena->top->size - arena->top->used >= bytes;
  if (!fits && !push_block(arena, bytes)) return NULL;
  char *base = (char *)(arena->top + 1);
  void *result = base + arena->top->used;
  arena->top->used += bytes;
  return result;
}

void *gm__arena_zero(gm__arena *arena, size_t count, size_t size) {
  void *block = gm__arena_alloc(arena, count, size);
  return block == NULL ? NULL : memset(block, 0, count * size);
}

void *gm__arena_copy(gm__arena *arena, const void *data, size_t bytes) {
  void *copy = gm__arena_alloc(arena, bytes, 1);
  if (copy != NULL && bytes > 0) memcpy(copy, data, bytes);
  return copy;
}

char *gm__arena_text(gm__arena *arena, const char *text, size_t length) {
  if (length == SIZE_MAX) return NULL;
  char *copy = gm__arena_alloc(arena, length + 1, 1);
  if (copy == NULL) return NULL;
  if (length > 0) memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}

gm__arena_mark gm__arena_now(const gm__arena *arena) {
  return (gm__arena_mark){arena->top, arena->top == NULL ? 0 : arena->top->used};
}

void gm__arena_rewind(gm__arena *arena, gm__arena_mark mark) {
  while (arena->top != mark.block) {
    struct gm__arena_block *below = arena->top->below;
    gm__free(arena->top);
    arena->top = below;
  }
  if (arena->top != NULL) arena->top->used = mark.used;
}

void gm__arena_free(gm__arena *arena) {
  gm__arena_rewind(arena, (gm__arena_mark){NULL, 0});
}

size_t gm__arena_bytes(const gm__arena *arena) {
  size_t bytes = 0;
  for (const struct gm__arena_block *block = arena->top; block != NULL; block = block->below)
    bytes += block->size + sizeof *block;
  return bytes;
}
