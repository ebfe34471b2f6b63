/* SPDX-License-Identifier: MIT
 *
 * The machine's rates: the peak by registers, of the widest vectors that are fastest, and what one thread
 * reads from L2, L3 and memory, by the pattern that is fastest. A level is read over as many bytes as the
 * rows' weights have there: half of L2; 4 MiB of L3; memory over six times L3, which keeps a good part of
 * what is but twice as large. */
#include "clock.h"
#include "gemm.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ROUNDS = 16000, TRIES = 9, LINE = 64 };
static const size_t mebi = 1 << 20;

/* ---- Caches ---- */

/** The size of cpu0's unified cache of that level; `otherwise` where the system does not tell. */
static size_t cache_size(int wanted, size_t otherwise) {
  for (int i = 0; i < 8; i++) {
    char path[80];
    int found = 0;
    long size = 0;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/level", i);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%d", &found) != 1) found = 0;
    if (file) fclose(file);
    if (found != wanted) continue;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/size", i);
    file = fopen(path, "r");
    if (file && fscanf(file, "%ldK", &size) != 1) size = 0;
    if (file) fclose(file);
    if (size > 0) return (size_t)size << 10;
  }
  return otherwise;
}

level machine_level(const machine *m, double bytes) {
  return bytes <= 0.75 * (double)m->cache[L2] ? L2 : bytes <= 0.75 * (double)m->cache[L3] ? L3 : MEMORY;
}

const char *machine_level_name(level from) {
  static const char *const names[] = {"L2", "L3", "memory"};
  return names[from];
}

/* ---- One measurement ---- */

typedef struct peak_task {
  const machine *machine;
  int kind; /* 0: float32, 1: float64 */
  pthread_barrier_t *start;
} peak_task;

static void run_peak(void *state) {
  const peak_task *task = state;
  task->machine->loops->peak[task->kind](ROUNDS);
}

static double peak_flops(const machine *m, int kind) {
  return m->loops->peak[kind](1) * ROUNDS;
}

enum { BOTH_ROUNDS = 100 };

static void *peak_beside(void *state) {
  const peak_task *task = state;
  pthread_barrier_wait(task->start);
  for (int i = 0; i < BOTH_ROUNDS; i++) run_peak(state);
  pthread_barrier_wait(task->start);
  return NULL;
}

/** Seconds of BOTH_ROUNDS peaks on two threads at once. */
static double both_time(const machine *m) {
  pthread_barrier_t start;
  pthread_t other;
  pthread_barrier_init(&start, NULL, 2);
  peak_task task = {m, 0, &start};
  if (pthread_create(&other, NULL, peak_beside, &task) != 0) return NAN;
  pthread_barrier_wait(&start);
  double begin = now();
  for (int i = 0; i < BOTH_ROUNDS; i++) run_peak(&task);
  pthread_barrier_wait(&start);
  double time = now() - begin;
  pthread_join(other, NULL);
  pthread_barrier_destroy(&start);
  return time;
}

typedef struct read_task {
  const machine *machine;
  level from;
} read_task;

static volatile int64_t sink;

static void run_read(void *state) {
  const read_task *task = state;
  const machine *m = task->machine;
  sink = m->loops->read(m->at[task->from], m->bytes[task->from], m->pattern[task->from]);
}

static entry peak_entry(machine *m, gm_dtype dtype) {
  entry e = {run_peak, free, malloc(sizeof(peak_task)), 0};
  *(peak_task *)e.state = (peak_task){m, dtype == GM_FLOAT64, NULL};
  return e;
}

void machine_join(machine *m, contest *c, gm_dtype dtype, level from) {
  entry e = {run_read, free, malloc(sizeof(read_task)), 0};
  *(read_task *)e.state = (read_task){m, from};
  c->entries[READ] = e;
  c->entries[PEAK] = peak_entry(m, dtype);
  c->entries[PEAK_AGAIN] = peak_entry(m, dtype);
}

void machine_learn(machine *m, const contest *c, gm_dtype dtype, level from) {
  int kind = dtype == GM_FLOAT64;
  m->peak[kind] = peak_flops(m, kind) / fmin(c->entries[PEAK].seconds, c->entries[PEAK_AGAIN].seconds);
  m->rate[from] = fmax(m->rate[from], (double)m->bytes[from] / c->entries[READ].seconds);
  if (kind) return;
  m->least = fmin(m->least, m->peak[0]);
  m->most = fmax(m->most, m->peak[0]);
}

void machine_learn_both(machine *m) {
  double times[TRIES];
  for (int i = 0; i < TRIES; i++) times[i] = both_time(m);
  m->both = 2 * BOTH_ROUNDS * peak_flops(m, 0) / median(times, TRIES);
}

/* ---- The first measurements ---- */

static double block_time(void (*run)(void *), void *state) {
  double times[TRIES], start = now();
  int inner = 1;
  run(state);
  inner += (int)(1e-4 / (now() - start + 1e-9));
  for (int i = 0; i < TRIES; i++) {
    start = now();
    for (int j = 0; j < inner; j++) run(state);
    times[i] = (now() - start) / inner;
  }
  return median(times, TRIES);
}

static void best_loops(machine *m, const loops *candidate) {
  machine tried = {.loops = candidate};
  peak_task task = {&tried, 0, NULL};
  double rate = peak_flops(&tried, 0) / block_time(run_peak, &task);
  if (!m->loops || rate > 1.02 * m->peak[0]) m->loops = candidate;
  m->peak[0] = fmax(m->peak[0], rate);
}

#if defined __x86_64__
static void choose_loops(machine *m) {
  best_loops(m, &gemm_loops_plain);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) best_loops(m, &gemm_loops_avx2);
  if (__builtin_cpu_supports("avx512vl")) best_loops(m, &gemm_loops_avx512);
}
#else
static void choose_loops(machine *m) {
  best_loops(m, &gemm_loops_plain);
}
#endif

static void learn_float64(machine *m) {
  peak_task task = {m, 1, NULL};
  m->peak[1] = peak_flops(m, 1) / block_time(run_peak, &task);
}

static double read_rate(machine *m, level from) {
  read_task task = {m, from};
  return (double)m->bytes[from] / block_time(run_read, &task);
}

static void learn_level(machine *m, level from) {
  int best = 0;
  for (int i = 0; i < PATTERNS; i++) {
    m->pattern[from] = i;
    double rate = read_rate(m, from);
    if (rate > m->rate[from]) best = i;
    m->rate[from] = fmax(m->rate[from], rate);
  }
  m->pattern[from] = best;
}

static char *small_pages(size_t bytes) {
  char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return NULL;
  madvise(at, bytes, MADV_NOHUGEPAGE);
  memset(at, 0, bytes);
  return at;
}

/** The same bytes once more, on small pages. */
static void learn_small(machine *m, level from) {
  char *huge = m->at[from], *small = small_pages(m->bytes[from]);
  if (!small) return;
  m->at[from] = small;
  m->small_pages[from] = read_rate(m, from);
  munmap(small, m->bytes[from]);
  m->at[from] = huge;
}

static char *huge_pages(size_t bytes) {
  size_t page = 2 * mebi, size = (bytes + page - 1) / page * page;
  char *at = aligned_alloc(page, size);
  if (!at) exit(1);
  madvise(at, size, MADV_HUGEPAGE);
  memset(at, 0, size);
  return at;
}

static int processors(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static size_t least_size(size_t a, size_t b) {
  return a < b ? a : b;
}

void machine_open(machine *m) {
  choose_loops(m);
  learn_float64(m);
  m->least = m->most = m->peak[0];
  m->processors = processors();
  m->cache[L2] = cache_size(2, mebi);
  m->cache[L3] = cache_size(3, 32 * mebi);
  m->bytes[L2] = m->cache[L2] / 2;
  m->bytes[L3] = 4 * mebi;
  m->bytes[MEMORY] = least_size(6 * m->cache[L3], 1024 * mebi);
  for (level from = L2; from < LEVELS; from++) {
    m->at[from] = huge_pages(m->bytes[from]);
    learn_level(m, from);
    learn_small(m, from);
  }
  if (m->processors > 1) machine_learn_both(m);
}

void machine_print(const machine *m) {
  printf("peak by registers, %s: float32 %.1f GFLOP/s, float64 %.1f", m->loops->name, 1e-9 * m->peak[0],
      1e-9 * m->peak[1]);
  if (m->both > 0) printf(", float32 on two threads %.1f", 1e-9 * m->both);
  printf("\nread by one thread, GB/s on huge pages (on small ones):");
  for (level from = L2; from < LEVELS; from++)
    printf(" %s %.1f (%.1f)%s", machine_level_name(from), 1e-9 * m->rate[from], 1e-9 * m->small_pages[from],
        from + 1 < LEVELS ? "," : "\n");
}
