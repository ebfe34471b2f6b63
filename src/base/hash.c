/* SPDX-License-Identifier: MIT
 *
 * FNV-1a, and the map from names to numbers: open addressing with linear probing, a power of two of slots, at
 * most three quarters in use. A removed name leaves a grave (no name, value 1), cleared when the table is
 * rebuilt. */
#include <string.h>
#include "base/alloc.h"
#include "base/hash.h"

typedef struct gm__names_slot slot;

enum { GRAVE = 1, FIRST_CAPACITY = 16 };

uint64_t gm__hash(uint64_t hash, const void *bytes, size_t count) {
  const unsigned char *byte = bytes;
  for (size_t i = 0; i < count; i++) hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
  return hash;
}

static uint32_t short_hash(const char *name, size_t length) {
  uint64_t hash = gm__hash(GM__HASH_SEED, name, length);
  return (uint32_t)(hash ^ (hash >> 32));
}

static bool is_empty(const slot *s) {
  return s->name == NULL && s->value == 0;
}

static bool holds(const slot *s, uint32_t hash, const char *name, size_t length) {
  return s->name != NULL && s->hash == hash && strlen(s->name) == length &&
         memcmp(s->name, name, length) == 0;
}

static slot *lookup(const gm__names *names, const char *name, size_t length) {
  if (names->capacity == 0) return NULL;
  uint32_t hash = short_hash(name, length);
  size_t mask = names->capacity - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    slot *s = &names->slots[i];
    if (is_empty(s)) return NULL;
    if (holds(s, hash, name, length)) return s;
  }
}

uint32_t gm__names_find(const gm__names *names, const char *name, size_t length) {
  const slot *s = lookup(names, name, length);
  return s == NULL ? 0 : s->value;
}

static void insert(gm__names *names, slot fresh) {
  size_t mask = names->capacity - 1;
  size_t i = fresh.hash & mask;
  while (names->slots[i].name != NULL) i = (i + 1) & mask;
  if (is_empty(&names->slots[i])) names->used++;
  names->count++;
  names->slots[i] = fresh;
}

static bool rebuild(gm__names *names) {
  size_t capacity = FIRST_CAPACITY;
  while (capacity / 2 <= names->count) {
    if (capacity > SIZE_MAX / 2) return false;
    capacity *= 2;
  }
  gm__names fresh = {.slots = gm__alloc_zero(capacity, sizeof(slot)), .capacity = capacity};
  if (fresh.slots == NULL) return false;
  for (size_t i = 0; i < names->capacity; i++)
    if (names->slots[i].name != NULL) insert(&fresh, names->slots[i]);
  gm__free(names->slots);
  *names = fresh;
  return true;
}

bool gm__names_put(gm__names *names, const char *name, uint32_t value) {
  size_t length = strlen(name);
  slot *found = lookup(names, name, length);
  if (found != NULL) {
    found->name = name;
    found->value = value;
    return true;
  }
  if (names->used + 1 > names->capacity / 4 * 3 && !rebuild(names)) return false;
  insert(names, (slot){name, value, short_hash(name, length)});
  return true;
}

void gm__names_remove(gm__names *names, const char *name) {
  slot *found = lookup(names, name, strlen(name));
  if (found == NULL) return;
  *found = (slot){NULL, GRAVE, 0};
  names->count--;
}

void gm__names_free(gm__names *names) {
  gm__free(names->slots);
  *names = (gm__names){0};
}
