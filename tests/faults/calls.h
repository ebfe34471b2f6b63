/* SPDX-License-Identifier: MIT
 *
 * Files that fail: the calls by which the library opens, reads, writes, renames and removes, wrapped by the
 * linker. Calls are counted; the chosen one fails or does less than it was asked, and with `persists` so do
 * all later calls of its name. */
#ifndef GM_TESTS_FAULTS_CALLS_H
#define GM_TESTS_FAULTS_CALLS_H

#include <stdbool.h>

typedef enum call_fault {
  CALL_FAILS,   /**< with the errno given */
  CALL_HALVES,  /**< reads or writes half of what it should, but one byte at least */
  CALL_IS_SLOW, /**< reads or writes one byte */
  CALL_ENDS     /**< reads or writes nothing and says so */
} call_fault;

/** Lets `allowed` more calls through; the next has the fault. Negative: none has. */
void calls_arm(long allowed, bool persists, call_fault fault, int number);
/** Back to normal; the name of the first call that had the fault, NULL where none had. */
const char *calls_disarm(void);
/** Calls since calls_arm. */
long calls_made(void);
/** A file system without hard links: link(2) gives EPERM, uncounted. */
void calls_without_links(bool without);

#endif
