/* SPDX-License-Identifier: MIT
 *
 * Where the results of a program's instructions stay: in as few blocks as its order allows, so that long
 * programs still run in the first cache. A result takes the block of an argument that nobody reads after it,
 * where both have elements of one size. The last result has a place of its own: the output. */
#include "kernel/step.h"

/* While the instructions are walked: by instruction, who reads its result last; by block, whether it is
 * taken. */
typedef struct allotment {
  const gm__map *map;
  uint8_t last[GM__MAP_PROGRAM];
  bool taken[GM__MAP_PROGRAM];
} allotment;

/* The instruction whose result argument `argument` of instruction `at` is; negative: an input. */
static int maker_of(const gm__map *map, int at, int argument) {
  return map->program[at].args[argument] - map->inputs;
}

static void find_last(allotment *a) {
  for (int i = 0; i < a->map->count; i++) {
    a->last[i] = (uint8_t)i;
    for (int k = 0; k < a->map->program[i].arity; k++) {
      int maker = maker_of(a->map, i, k);
      if (maker >= 0) a->last[maker] = (uint8_t)i;
    }
  }
}

/* Gives back the blocks of arguments that are read for the last time: those of the size of the result, which
 * may lie over them, or the others. */
static void release(allotment *a, const gm__map_op *program, int at, bool alike) {
  for (int k = 0; k < program[at].arity; k++) {
    int maker = maker_of(a->map, at, k);
    if (maker < 0 || a->last[maker] != at) continue;
    bool same =
        gm__dtype_bytes((gm_dtype)program[maker].dtype) == gm__dtype_bytes((gm_dtype)program[at].dtype);
    if (same == alike) a->taken[program[maker].slot] = false;
  }
}

void gm__map_allot(gm__map *map, gm__map_op *program) {
  allotment a = {.map = map};
  map->program = program;
  map->slots = map->width = 0;
  find_last(&a);
  for (int i = 0; i < map->count - 1; i++) {
    size_t bytes = gm__dtype_bytes((gm_dtype)program[i].dtype);
    uint8_t slot = 0;
    release(&a, program, i, true);
    while (a.taken[slot]) slot++;
    a.taken[slot] = a.last[i] > i;
    program[i].slot = slot;
    release(&a, program, i, false);
    if (slot >= map->slots) map->slots = (uint8_t)(slot + 1);
    if (bytes > map->width) map->width = (uint8_t)bytes;
  }
}
