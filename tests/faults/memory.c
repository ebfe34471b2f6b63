/* SPDX-License-Identifier: MIT
 *
 * The wrapped allocator of memory.h. */
#include "faults/memory.h"

#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **block, size_t alignment, size_t size);
void __real_free(void *block);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **block, size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);
void __wrap_free(void *block);

static long left = -1, calls, live;
static bool persistent, failed;

void memory_arm(long allowed, bool persists) {
  left = allowed;
  persistent = persists;
  failed = false;
  calls = 0;
}

bool memory_disarm(void) {
  left = -1;
  return failed;
}

long memory_calls(void) {
  return calls;
}

long memory_live(void) {
  return live;
}

static bool fails(void) {
  calls++;
  if (left < 0 || left-- > 0) return false;
  failed = true;
  left = persistent ? 0 : -1;
  return true;
}

static void *counted(void *block) {
  live += block != NULL;
  return block;
}

void *__wrap_malloc(size_t size) {
  return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size) {
  return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size) {
  if (fails()) return NULL;
  void *moved = __real_realloc(block, size);
  return block == NULL ? counted(moved) : moved;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  return fails() ? NULL : counted(__real_aligned_alloc(alignment, size));
}

int __wrap_posix_memalign(void **block, size_t alignment, size_t size) {
  if (fails()) return 12;
  int wrong = __real_posix_memalign(block, alignment, size);
  live += wrong == 0;
  return wrong;
}

char *__wrap_strndup(const char *text, size_t most) {
  size_t length = strnlen(text, most);
  char *copy = __wrap_malloc(length + 1);
  if (copy == NULL) return NULL;
  copy[length] = '\0';
  return memcpy(copy, text, length);
}

char *__wrap_strdup(const char *text) {
  return __wrap_strndup(text, strlen(text));
}

void __wrap_free(void *block) {
  live -= block != NULL;
  __real_free(block);
}
