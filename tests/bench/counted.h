/* SPDX-License-Identifier: MIT
 *
 * A measuring program that is linked with counted.c counts its allocations. */
#ifndef GM_BENCH_COUNTED_H
#define GM_BENCH_COUNTED_H

/** Calls of malloc and its kin so far. */
unsigned long counted_allocations(void);

#endif
