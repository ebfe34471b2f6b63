/* SPDX-License-Identifier: MIT
 *
 * Products by the number, by hand: `native_long small 0 1000000`, `native_long deep 17 1`; `native_long all 0
 * 2` goes through the first half of all lengths from 1 to 70, in all layouts. Ends with 1 where something is
 * wrong. */
#include "native/shapes.h"

#include <stdio.h>
#include <stdlib.h>

static int usage(void) {
  fputs("native_long small|deep|large|far|empty FIRST COUNT\nnative_long all PART PARTS\n", stderr);
  return 2;
}

int main(int count, char **words) {
  if (count != 4) return usage();
  uint64_t first = strtoull(words[2], NULL, 10), second = strtoull(words[3], NULL, 10);
  if (strcmp(words[1], "all") == 0)
    return second > 0 && shapes_try_all((int64_t)first, (int64_t)second) == 0 ? 0 : 1;
  for (int i = 0; i < GROUPS; i++)
    if (strcmp(words[1], groups[i].name) == 0) return shapes_try(&groups[i], first, second) == 0 ? 0 : 1;
  return usage();
}
