/* SPDX-License-Identifier: MIT
 *
 * Memory between pages that may not be touched, for data that begins or ends exactly there. */
#ifndef GM_TESTS_GUARD_H
#define GM_TESTS_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include "support/generator.h"

typedef struct pages {
  char *first;
  size_t bytes;
} pages;

/** Pages for at least so many bytes, which take memory as they are touched. */
bool guarded_new(pages *g, size_t bytes);
void guarded_free(pages *g);
/** Where `bytes` are to lie, a multiple of `step`: at the first page's start, at the last one's end, or,
 * seldom, a few steps behind the start. */
char *guarded_place(const pages *g, generator *from, size_t bytes, size_t step);
/** Whoever crashes, or runs into a sanitizer, leaves this line behind; of at most 200 characters. */
void guarded_tell(const char *format, ...);

#endif
