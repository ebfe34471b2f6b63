/* SPDX-License-Identifier: MIT
 *
 * Many random graphs against the model, by hand: model_long [integers|reals|both] [FIRST [COUNT]], from seed
 * FIRST (1) on, COUNT (until interrupted) of them of each kind; every disagreement is printed with the
 * smallest graph that shows it. Ends with 1 where there was one. */
#include "model/agree.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number) {
  (void)signal_number;
  interrupted = 1;
}

static void report(uint64_t seed, const tally *sum, int wrong) {
  printf("seed %llu: %lld graphs, %lld plans, %lld elements compared, %.1f %% of them closely; %d disagree\n",
      (unsigned long long)seed, (long long)sum->graphs, (long long)sum->plans, (long long)sum->elements,
      100.0 * (double)sum->close / (double)(sum->elements + 1), wrong);
  fflush(stdout);
}

int main(int count, char **words) {
  const char *kind = count > 1 ? words[1] : "both";
  uint64_t first = count > 2 ? strtoull(words[2], NULL, 10) : 1;
  uint64_t last = count > 3 ? first + strtoull(words[3], NULL, 10) : UINT64_MAX, seed = first;
  tally sum = {0};
  int wrong = 0;
  if (strcmp(kind, "integers") != 0 && strcmp(kind, "reals") != 0 && strcmp(kind, "both") != 0) {
    fprintf(stderr, "usage: model_long [integers|reals|both] [FIRST [COUNT]]\n");
    return 2;
  }
  seeds_tell_crashes();
  signal(SIGINT, on_interrupt);
  signal(SIGTERM, on_interrupt);
  for (; seed < last && !interrupted; seed++) {
    for (int exact = 0; exact < 2; exact++) {
      if (strcmp(kind, exact ? "reals" : "integers") == 0) continue;
      wrong += !seed_agrees(seed, exact, &sum);
    }
    if (seed % 5000 == 0) report(seed, &sum, wrong);
  }
  report(seed, &sum, wrong);
  printf("%lld runs at other lengths\n", (long long)sum.resized);
  for (size_t i = 0; gm_pass_name(i) && i < PASSES_MOST; i++)
    printf("%s rewrote %lld graphs\n", gm_pass_name(i), (long long)sum.rewritten[i]);
  return wrong > 0;
}
