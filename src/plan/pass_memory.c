/* SPDX-License-Identifier: MIT
 *
 * memory. Law: values that are never alive at once may have the same memory. Offsets are chosen greedily by
 * size, the largest first, each at the lowest gap that is free for its whole life (Pisarchyk and Lee, arXiv
 * 2001.03288); very many buffers are swept in the order of time instead, which is linear but for the list of
 * gaps. The placing itself is in memory.c; switched off, every buffer has memory of its own. */
#include "plan/plan.h"

const gm__pass gm__pass_memory = {.name = "memory", .law = "values never alive at once share memory"};
