/* SPDX-License-Identifier: MIT
 *
 * What the processor has. The compiler's library reads CPUID when the program is loaded, and knows what the
 * system saves of the registers; the C library knows the caches, or says 0. */
#include "kernel/gemm/cpu.h"
#include <pthread.h>
#include <unistd.h>

enum { L1 = 32 * 1024, L2 = 512 * 1024 };

static gm__processor found;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#if defined(__x86_64__)
static void find_instructions(gm__processor *p) {
  __builtin_cpu_init();
  p->avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  p->avx512 = p->avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  p->vnni = p->avx512 && __builtin_cpu_supports("avx512vnni");
}
#else
static void find_instructions(gm__processor *p) {
  (void)p;
}
#endif

#if defined(_SC_LEVEL1_DCACHE_SIZE) && defined(_SC_LEVEL2_CACHE_SIZE)
static void find_caches(gm__processor *p) {
  p->l1 = sysconf(_SC_LEVEL1_DCACHE_SIZE);
  p->l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
}
#else
static void find_caches(gm__processor *p) {
  (void)p;
}
#endif

static void find(void) {
  find_instructions(&found);
  find_caches(&found);
  if (found.l1 <= 0) found.l1 = L1;
  if (found.l2 <= 0) found.l2 = L2;
}

const gm__processor *gm__cpu(void) {
  pthread_once(&once, find);
  return &found;
}
