/* SPDX-License-Identifier: MIT
 *
 * A pool of threads. Who runs opens a gate, wakes as many threads as there are tasks, takes part, closes the
 * gate and waits for those inside alone: a thread that has not come by then is too late, and never waited
 * for. So a pool costs little where threads are slow to wake, and a process that was forked, where there are
 * none, computes on. Threads look out for work between the steps of a run, and no longer: libpthreadpool,
 * which is as quick, does so for some 25 ms after each step, or else wakes them anew for every step. */
#include "base/pool.h"

#include <fenv.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "base/alloc.h"

#if defined(__x86_64__) || defined(__i386__)
#define RELAX() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define RELAX() __asm__ volatile("yield")
#else
#define RELAX() atomic_signal_fence(memory_order_seq_cst)
#endif

/* The gate: OPEN, WAITS (who runs sleeps until the last one is out), and how many are inside. Rounds of
 * looking out: for the last ones to finish, and for the next step of a run. */
enum { OPEN = 1 << 30, WAITS = 1 << 29, ROUNDS = 2000, STACK = 1 << 21, SPIN_NS = 2 * 1000 * 1000 };

typedef struct crew {
  gm_pool face; /* its context is the crew */
  atomic_bool busy, ends;
  atomic_uint gate, epoch, sleepers, runs;
  atomic_int next;
  int count;
  void (*task)(void *argument, int index);
  void *argument;
  bool spins;
  int rounds; /* of looking out: none where there are more threads than processors */
  pid_t process;
  int made, most; /* threads besides the calling one */
  pthread_t threads[];
} crew;

/* ---- Sleeping ---- */

static void sleep_while(atomic_uint *word, unsigned value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake(atomic_uint *word, int count) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- The threads ---- */

static bool is_new(crew *c, unsigned seen) {
  return atomic_load_explicit(&c->epoch, memory_order_acquire) != seen;
}

/* Is there work by and by, while a run lasts? */
static bool look_out(crew *c, unsigned seen) {
  for (int i = 0; i < c->rounds && atomic_load_explicit(&c->runs, memory_order_relaxed) > 0; i++) {
    if (is_new(c, seen)) return true;
    RELAX();
  }
  return is_new(c, seen);
}

static bool look_out_long(crew *c, unsigned seen) {
  for (int64_t end = now() + SPIN_NS; now() < end;)
    for (int i = 0; i < 64; i++) {
      if (is_new(c, seen)) return true;
      RELAX();
    }
  return false;
}

static unsigned next_epoch(crew *c, unsigned seen) {
  if (c->spins ? look_out_long(c, seen) : look_out(c, seen)) return atomic_load(&c->epoch);
  atomic_fetch_add(&c->sleepers, 1);
  while (!is_new(c, seen)) sleep_while(&c->epoch, seen);
  atomic_fetch_sub(&c->sleepers, 1);
  return atomic_load(&c->epoch);
}

static bool enter(crew *c) {
  unsigned gate = atomic_load_explicit(&c->gate, memory_order_relaxed);
  while (gate & OPEN)
    if (atomic_compare_exchange_weak_explicit(
            &c->gate, &gate, gate + 1, memory_order_acquire, memory_order_relaxed))
      return true;
  return false;
}

static void leave(crew *c) {
  if (atomic_fetch_sub_explicit(&c->gate, 1, memory_order_release) - 1 == WAITS) wake(&c->gate, 1);
}

static void take_part(crew *c) {
  for (int i; (i = atomic_fetch_add_explicit(&c->next, 1, memory_order_relaxed)) < c->count;)
    c->task(c->argument, i);
}

static void *work(void *argument) {
  crew *c = argument;
  for (unsigned seen = 0;;) {
    seen = next_epoch(c, seen);
    if (atomic_load(&c->ends)) return NULL;
    if (!enter(c)) continue;
    take_part(c);
    leave(c);
  }
}

/* ---- Running ---- */

static void call_for(crew *c, int count) {
  atomic_fetch_add(&c->epoch, 1);
  if (atomic_load(&c->sleepers) > 0) wake(&c->epoch, count);
}

/* Closes the gate behind those inside and waits for them. */
static void close_gate(crew *c) {
  unsigned gate =
      atomic_fetch_and_explicit(&c->gate, ~(unsigned)OPEN, memory_order_acquire) & ~(unsigned)OPEN;
  for (int i = 0; i < c->rounds && gate != 0; i++) {
    RELAX();
    gate = atomic_load_explicit(&c->gate, memory_order_acquire);
  }
  if (gate == 0) return;
  gate = atomic_fetch_or_explicit(&c->gate, WAITS, memory_order_acquire) | WAITS;
  while (gate != WAITS) {
    sleep_while(&c->gate, gate);
    gate = atomic_load_explicit(&c->gate, memory_order_acquire);
  }
}

static void run(void *context, int count, void (*task)(void *argument, int index), void *argument) {
  crew *c = context;
  if (atomic_exchange_explicit(&c->busy, true, memory_order_acquire)) {
    for (int i = 0; i < count; i++) task(argument, i);
    return;
  }
  c->count = count;
  c->task = task;
  c->argument = argument;
  atomic_store_explicit(&c->next, 0, memory_order_relaxed);
  atomic_store_explicit(&c->gate, OPEN, memory_order_release);
  call_for(c, count - 1);
  take_part(c);
  close_gate(c);
  atomic_store_explicit(&c->busy, false, memory_order_release);
}

/* What several calls of a pool's `run` share: each takes what is there until there is no more, so that it
 * does not matter how many of them there are. */
typedef struct shared {
  void (*task)(void *argument, int index);
  void *argument;
  int count;
  atomic_int next, done;
  pthread_t caller;
  fenv_t rounding;
} shared;

static void take_all(shared *s) {
  while (atomic_load_explicit(&s->next, memory_order_relaxed) < s->count) {
    int i = atomic_fetch_add_explicit(&s->next, 1, memory_order_relaxed);
    if (i >= s->count) return;
    s->task(s->argument, i);
    atomic_fetch_add_explicit(&s->done, 1, memory_order_release);
  }
}

static void take_rounded(void *argument, int index) {
  shared *s = argument;
  fenv_t own;
  (void)index;
  if (pthread_equal(s->caller, pthread_self())) {
    take_all(s);
    return;
  }
  fegetenv(&own);
  fesetenv(&s->rounding);
  take_all(s);
  fesetenv(&own);
}

void gm__pool_run(const gm_pool *pool, int count, void (*task)(void *argument, int index), void *argument) {
  int threads = gm__pool_threads(pool);
  if (threads <= 1 || count <= 1) {
    for (int i = 0; i < count; i++) task(argument, i);
    return;
  }
  shared s = {.task = task, .argument = argument, .count = count, .caller = pthread_self()};
  fegetenv(&s.rounding);
  pool->run(pool->context, count < threads ? count : threads, take_rounded, &s);
  take_all(&s);
  while (atomic_load_explicit(&s.done, memory_order_acquire) < count) sched_yield();
}

static crew *crew_of(const gm_pool *pool) {
  return gm__pool_threads(pool) > 1 && pool->run == run ? pool->context : NULL;
}

void gm__pool_enter(const gm_pool *pool) {
  crew *c = crew_of(pool);
  if (c == NULL) return;
  if (atomic_fetch_add_explicit(&c->runs, 1, memory_order_relaxed) == 0) call_for(c, pool->threads - 1);
}

void gm__pool_leave(const gm_pool *pool) {
  crew *c = crew_of(pool);
  if (c != NULL) atomic_fetch_sub_explicit(&c->runs, 1, memory_order_relaxed);
}

/* ---- Life ---- */

/* Signals are for the threads of the process, not for these. */
static void make_threads(crew *c, int count) {
  sigset_t all, before;
  pthread_attr_t attributes;
  if (c->made >= count || c->process != getpid() || pthread_attr_init(&attributes) != 0) return;
  pthread_attr_setstacksize(&attributes, STACK);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (c->made < count && pthread_create(&c->threads[c->made], &attributes, work, c) == 0) c->made++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
}

gm_pool *gm__pool_new(int most, bool spins) {
  crew *c = gm__alloc_zero(1, sizeof *c + (size_t)most * sizeof *c->threads);
  if (c == NULL) return NULL;
  c->process = getpid();
  c->most = most - 1;
  bool crowded = most > gm__processors();
  c->spins = spins && !crowded;
  c->rounds = crowded ? 0 : ROUNDS;
  c->face = (gm_pool){sizeof c->face, c, 1, run};
  return &c->face;
}

void gm__pool_grow(gm_pool *pool, int threads) {
  crew *c = pool->context;
  make_threads(c, threads - 1 < c->most ? threads - 1 : c->most);
  pool->threads = c->made + 1;
}

void gm__pool_free(gm_pool *face) {
  if (face == NULL) return;
  crew *c = face->context;
  bool here = c->process == getpid();
  atomic_store(&c->ends, true);
  atomic_fetch_add(&c->epoch, 1);
  if (here) wake(&c->epoch, INT_MAX);
  for (int i = 0; i < c->made && here; i++) pthread_join(c->threads[i], NULL);
  gm__free(c);
}

int gm__processors(void) {
  cpu_set_t set;
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return online > 0 && online < INT_MAX ? (int)online : 1;
}
