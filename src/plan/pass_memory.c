/* SPDX-License-Identifier: MIT
 *
 * memory. Law: values that are never alive at once may have the same memory. The placing itself is in
 * memory.c and its neighbours; switched off, every buffer has memory of its own. */
#include "plan/plan.h"

const gm__pass gm__pass_memory = {.name = "memory", .law = "values never alive at once share memory"};
