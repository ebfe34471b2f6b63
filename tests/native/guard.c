/* SPDX-License-Identifier: MIT
 *
 * Guarded memory, by mmap and mprotect; and what is said where it is left. */
#include "native/guard.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool guarded_new(pages *g, size_t bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  bytes = (bytes + page - 1) / page * page;
  char *all = mmap(NULL, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED) return false;
  *g = (pages){all + page, bytes};
  return mprotect(g->first, bytes, PROT_READ | PROT_WRITE) == 0;
}

void guarded_free(pages *g) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (g->first != NULL) munmap(g->first - page, g->bytes + 2 * page);
  *g = (pages){0};
}

char *guarded_place(const pages *g, generator *from, size_t bytes, size_t step) {
  int64_t where = pick(from, 9);
  if (bytes > g->bytes) return NULL;
  size_t last = g->bytes - bytes, near = (size_t)pick(from, 17) * step;
  if (where < 4) return g->first;
  return g->first + (where < 8 || near > last ? last : near);
}

/* ---- Crashes ---- */

static char running[208];

static void tell(void) {
  ssize_t wrote = write(STDERR_FILENO, running, strlen(running));
  (void)wrote;
}

static void on_crash(int number) {
  tell();
  signal(number, SIG_DFL);
  raise(number);
}

/** The sanitizers end without a signal. */
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void begin_to_tell(void) {
  if (__sanitizer_set_death_callback) {
    __sanitizer_set_death_callback(tell);
    return;
  }
  signal(SIGSEGV, on_crash);
  signal(SIGBUS, on_crash);
  signal(SIGILL, on_crash);
  signal(SIGFPE, on_crash);
}

void guarded_tell(const char *format, ...) {
  static bool begun;
  va_list values;
  if (!begun) begin_to_tell();
  begun = true;
  va_start(values, format);
  vsnprintf(running, sizeof running - 8, format, values);
  va_end(values);
  strcat(running, "\n");
}
