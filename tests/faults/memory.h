/* SPDX-License-Identifier: MIT
 *
 * Memory that runs out: malloc and its kin, wrapped by the linker in the library, in libyaml where that is
 * linked statically, and in the tests themselves. Calls are counted, the chosen one fails, and so do all
 * after it if asked for; blocks are counted, so that a leak shows without a sanitizer. */
#ifndef GM_TESTS_FAULTS_MEMORY_H
#define GM_TESTS_FAULTS_MEMORY_H

#include <stdbool.h>

/** Lets `allowed` more calls through; then one fails, or with `persists` every one. Negative: none fails. */
void memory_arm(long allowed, bool persists);
/** Back to normal; true when a call has failed. */
bool memory_disarm(void);
/** Allocating calls since memory_arm. */
long memory_calls(void);
/** Blocks that were allocated and not freed. */
long memory_live(void);

#endif
