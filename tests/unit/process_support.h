/* SPDX-License-Identifier: MIT
 *
 * What the system tells of this process. */
#ifndef GM_TESTS_PROCESS_SUPPORT_H
#define GM_TESTS_PROCESS_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int threads_of_process(void) {
  char line[256];
  int count = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status))
    if (strncmp(line, "Threads:", 8) == 0) count = atoi(line + 8);
  if (status) fclose(status);
  return count;
}

#endif
