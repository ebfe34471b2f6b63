/* SPDX-License-Identifier: MIT
 *
 * SIGINT: a run under way is cancelled and comes back with GM_CANCELLED; a second signal, or one at any other
 * time, ends the process at once. Either way the exit code is 130. */
#include "cli.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/** The executor that runs now; NULL: none. */
static _Atomic(gm_executor *) running;

static void interrupt(int signal) {
  (void)signal;
  gm_executor *executor = atomic_exchange(&running, NULL);
  if (!executor) _exit(EXIT_INTERRUPTED);
  gm_executor_cancel(executor);
}

void catch_interrupts(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
}

void interruptible(gm_executor *executor) {
  atomic_store(&running, executor);
}
