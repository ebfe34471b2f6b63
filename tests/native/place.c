/* SPDX-License-Identifier: MIT
 *
 * Where operands lie, and the memory for them. */
#include "native/product.h"

#include <stdlib.h>
#include "base/pool.h"

#define COPY(T, ...)                                                                                         \
  for (int64_t x = 0; x < p->dims[0]; x++)                                                                   \
    for (int64_t y = 0; y < p->dims[1]; y++)                                                                 \
      for (int64_t i = 0; i < p->dims[2]; i++) {                                                             \
        T *at = (T *)memory + p->origin + x * p->strides[0] + y * p->strides[1] + i * p->strides[2];         \
        for (int64_t j = 0; j < p->dims[3]; j++, at += p->strides[3], line++) __VA_ARGS__;                   \
      }

/** Elements of so many bytes, aligned as little as any dtype's. */
#define ANYHOW __attribute__((may_alias, aligned(1)))
typedef uint8_t ANYHOW one;
typedef uint16_t ANYHOW two;
typedef uint32_t ANYHOW four;
typedef uint64_t ANYHOW eight;
typedef struct ANYHOW sixteen {
  uint64_t of[2];
} __attribute__((packed)) sixteen;

#define MOVES(name)                                                                                          \
  static void gather_##name(const place *p, const char *memory, char *dense) {                               \
    name *line = (name *)dense;                                                                              \
    COPY(const name, *line = *at)                                                                            \
  }                                                                                                          \
  static void scatter_##name(const place *p, char *memory, const char *dense) {                              \
    const name *line = (const name *)dense;                                                                  \
    COPY(name, *at = *line)                                                                                  \
  }
MOVES(one)
MOVES(two)
MOVES(four)
MOVES(eight)
MOVES(sixteen)

void place_gather(const place *p, const char *memory, char *dense, size_t size) {
  switch (size) {
  case 1: gather_one(p, memory, dense); break;
  case 2: gather_two(p, memory, dense); break;
  case 4: gather_four(p, memory, dense); break;
  case 8: gather_eight(p, memory, dense); break;
  default: gather_sixteen(p, memory, dense);
  }
}

void place_scatter(const place *p, char *memory, const char *dense, size_t size) {
  switch (size) {
  case 1: scatter_one(p, memory, dense); break;
  case 2: scatter_two(p, memory, dense); break;
  case 4: scatter_four(p, memory, dense); break;
  case 8: scatter_eight(p, memory, dense); break;
  default: scatter_sixteen(p, memory, dense);
  }
}

bool bench_new(bench *b) {
  bool fine = true;
  *b = (bench){0};
  for (int i = 0; i < BUFFERS; i++) {
    fine = guarded_new(&b->pages[i], (size_t)MOST_EXTENT * 16) && fine;
    b->dense[i] = malloc((size_t)MOST_ELEMENTS * 16);
    fine = fine && b->dense[i] != NULL;
  }
  b->expected = malloc((size_t)MOST_ELEMENTS * 16);
  b->got = malloc((size_t)MOST_ELEMENTS * 16);
  b->sums = malloc((size_t)MOST_ELEMENTS * 2 * sizeof(double));
  b->bounds = malloc((size_t)MOST_ELEMENTS * sizeof(double));
  b->numbers = malloc((size_t)MOST_ELEMENTS * 2 * sizeof(double));
  fine = fine && b->numbers != NULL;
  b->threads = gm__pool_new(4, false);
  return fine && b->expected != NULL && b->got != NULL && b->sums != NULL && b->bounds != NULL;
}

void bench_free(bench *b) {
  gm__pool_free(b->threads);
  for (int i = 0; i < BUFFERS; i++) {
    guarded_free(&b->pages[i]);
    free(b->dense[i]);
  }
  free(b->expected);
  free(b->got);
  free(b->sums);
  free(b->bounds);
  free(b->numbers);
}
