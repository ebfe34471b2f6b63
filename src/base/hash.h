/* SPDX-License-Identifier: MIT
 *
 * FNV-1a, and a map from names to numbers (open addressing; the keys are borrowed). */
#ifndef GM_BASE_HASH_H
#define GM_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GM__HASH_SEED UINT64_C(0xcbf29ce484222325)

/** FNV-1a-64 of `count` bytes, going on from `hash` (GM__HASH_SEED to begin). */
uint64_t gm__hash(uint64_t hash, const void *bytes, size_t count);

/** Zero-initialise to make one. Values are nonzero. */
typedef struct gm__names {
  struct gm__names_slot {
    const char *name;
    uint32_t value;
    uint32_t hash;
  } * slots;
  size_t capacity, count, used;
} gm__names;

/** The value of `name` (of `length` bytes); 0 when absent. */
uint32_t gm__names_find(const gm__names *names, const char *name, size_t length);
/** Adds or replaces; `name` must stay valid. false when out of memory. */
bool gm__names_put(gm__names *names, const char *name, uint32_t value);
void gm__names_remove(gm__names *names, const char *name);
void gm__names_free(gm__names *names);

#endif
