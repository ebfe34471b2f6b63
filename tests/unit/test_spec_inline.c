/* SPDX-License-Identifier: MIT
 *
 * Values that stand in a graph file: every dtype, what each holds, nesting, and what is refused. */
#include "spec_support.h"

/** Four lists in each other, the first of each being the next: "[[[[0, 0, …], 0, …], 0, …], 0, …]". By the
 * first of each they would be count⁴ numbers. */
static char *uneven_text(size_t count) {
  char *text = room_for(8 * count + 100), *at = text;
  at += sprintf(at, "gemmule: 1\nvariables: {x: {dtype: complex128, value: [[[[0");
  for (int lists = 0; lists < 4; lists++) {
    for (size_t i = 1; i < count; i++) at += sprintf(at, ",0");
    at += sprintf(at, "]");
  }
  sprintf(at, "}}\n");
  return text;
}

START_TEST(lists_are_compared_before_memory_is_taken) {
  char *text = uneven_text(20000);
  refuse_saying(text, GM_BAD_SYNTAX, 2, 40048, "x",
      "lists are nested unevenly: '0' stands where a list of 20000 is expected");
  free(text);
}
END_TEST

SUITE(spec_inline) {
  CASE(lists_are_compared_before_memory_is_taken);
}
