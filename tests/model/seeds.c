/* SPDX-License-Identifier: MIT
 *
 * One seed: its recipe is grown and compared; what differs is printed with the smallest recipe that does, and
 * with how to run it again, also where the library crashes. */
#include "model/agree.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char running[96] = "nothing runs\n";

static void tell(void) {
  ssize_t wrote = write(STDERR_FILENO, running, strlen(running));
  (void)wrote;
}

static void on_crash(int signal_number) {
  tell();
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

/** The sanitizers end without a signal. */
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

void seeds_tell_crashes(void) {
  if (__sanitizer_set_death_callback) {
    __sanitizer_set_death_callback(tell);
    return;
  }
  signal(SIGSEGV, on_crash);
  signal(SIGBUS, on_crash);
  signal(SIGFPE, on_crash);
  signal(SIGABRT, on_crash);
}

bool seed_agrees(uint64_t seed, bool exact, tally *sum) {
  char why[512];
  recipe r;
  const char *kind = exact ? "integers" : "reals";
  snprintf(running, sizeof running, "crashed: model_long %s %llu 1\n", kind, (unsigned long long)seed);
  bool grown = recipe_grow(&r, seed, exact, why, sizeof why);
  if (grown && recipe_agrees(&r, sum, why, sizeof why)) return true;
  printf("\nmodel_long %s %llu 1: %s\n", kind, (unsigned long long)seed, why);
  if (grown) recipe_shrink(&r);
  if (grown && !recipe_agrees(&r, sum, why, sizeof why)) printf("the smallest that differs: %s\n", why);
  recipe_print(&r);
  fflush(stdout);
  return false;
}
