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

START_TEST(a_number_that_no_float_holds_is_refused) {
  refuse_saying("gemmule: 1\nvariables: {x: {value: [1, 1e400], dtype: float64}}\n", GM_BAD_ARGUMENT, 2, 28,
      "x", "the value '1e400' cannot be held by float64");
  refuse_saying("gemmule: 1\nvariables: {x: {value: -1e400}}\n", GM_BAD_ARGUMENT, 2, 24, "x",
      "the value '-1e400' cannot be held by float32");
  refuse_saying("gemmule: 1\nvariables: {x: {shape: [], init: {constant: 1e400}}}\n", GM_BAD_ARGUMENT, 2, 45,
      "x", "'constant' is 1e400, which no number can hold");
  refuse_saying("gemmule: 1\nplaceholders: {x: {shape: []}}\nnodes: {y: {add: [x, -1e400]}}\n",
      GM_BAD_ARGUMENT, 3, 22, "y", "'input' is -1e400, which no number can hold");
}
END_TEST

SUITE(spec_inline) {
  CASE(lists_are_compared_before_memory_is_taken);
  CASE(a_number_that_no_float_holds_is_refused);
}
