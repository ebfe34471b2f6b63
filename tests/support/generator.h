/* SPDX-License-Identifier: MIT
 *
 * A small generator with a seed (splitmix64). */
#ifndef GM_TESTS_GENERATOR_H
#define GM_TESTS_GENERATOR_H

#include <stdint.h>

typedef struct generator {
  uint64_t state;
} generator;

static inline uint64_t next_random(generator *g) {
  g->state += UINT64_C(0x9E3779B97F4A7C15);
  uint64_t z = g->state;
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

/* 0 … below - 1. */
static inline int64_t pick(generator *g, int64_t below) {
  return (int64_t)(next_random(g) % (uint64_t)below);
}
static inline double pick_real(generator *g) {
  return (double)(next_random(g) >> 11) * 0x1p-52 - 1;
}

#endif
