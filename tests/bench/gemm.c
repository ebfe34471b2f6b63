/* SPDX-License-Identifier: MIT
 *
 * Products beside what the machine can do and beside others: gemm [-r REPETITIONS] [--only GROUP[,GROUP...]]
 * [--kernel NAME] [--quick] [--least]. The peak by registers and the read rates are measured in the same run,
 * at first and in turn with each row; the limit of a product is the larger of its flops over the row's peak
 * (frequencies drift) and the bytes of its weights over the best read rate of the level that holds them.
 * Beside us OpenBLAS at its best core type (it reads the type when it is loaded: candidates are tried in
 * processes of their own), and, where the build has them, oneDNN with packed weights and libxsmm. Medians, or
 * with --least the least times, for a machine that others load; one thread unless a row says so; results, and
 * what fits in a cache, are warm. */
#include "clock.h"
#include "gemm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const stage = "GEMMULE_BENCH_READY";
static const char *const core_types[] = {
    "", "SapphireRapids", "Cooperlake", "SkylakeX", "Zen", "Haswell", "NEOVERSEN1", NULL};

/* ---- OpenBLAS's best core type ---- */

enum { PROBE_SIDE = 512, PROBES = 15 };

static int run_probe(void) {
  operands o = {0};
  size_t bytes = sizeof(float) * PROBE_SIDE * PROBE_SIDE;
  product p = {PROBE_SIDE, PROBE_SIDE, PROBE_SIDE, 1, 1, 1, GM_FLOAT32, false, false, false};
  double times[PROBES];
  o.x = memory_take(bytes);
  o.y[0] = memory_take(bytes);
  entry e = openblas_product(&p, &o, memory_take(bytes));
  for (int i = 0; e.run && i < PROBES; i++) {
    double start = now();
    e.run(e.state);
    times[i] = now() - start;
  }
  qsort(times, PROBES, sizeof *times, by_value);
  printf("%g %s\n", e.run ? 2.0 * PROBE_SIDE * PROBE_SIDE * PROBE_SIDE / times[0] : 0,
      e.run ? openblas_core() : "none");
  return 0;
}

static void set_environment(const char *core) {
  unsetenv("OPENBLAS_CORETYPE");
  unsetenv("OPENBLAS_L2_SIZE");
  if (*core) setenv("OPENBLAS_CORETYPE", core, 1);
  setenv("OMP_NUM_THREADS", "1", 1);
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
}

/** In the child: probes, and writes the rate to `to`. */
static void be_probe(const char *core, const int to[2]) {
  char *arguments[] = {"gemm", "--probe", NULL};
  set_environment(core);
  dup2(to[1], STDOUT_FILENO);
  if (!freopen("/dev/null", "w", stderr)) _exit(1);
  close(to[0]);
  execv("/proc/self/exe", arguments);
  _exit(1);
}

/** The rate of sgemm with that core type; 0 where it does not run or is not known to this OpenBLAS. */
static double probe(const char *core) {
  char got[32] = "";
  int ends[2], status = 0;
  double rate = 0;
  if (pipe(ends) != 0) return 0;
  pid_t child = fork();
  if (child == 0) be_probe(core, ends);
  close(ends[1]);
  FILE *from = fdopen(ends[0], "r");
  if (!from || fscanf(from, "%lf %31s", &rate, got) != 2) rate = 0;
  if (from) fclose(from);
  if (child > 0) waitpid(child, &status, 0);
  return status == 0 && (!*core || strcasecmp(core, got) == 0) ? rate : 0;
}

/** Starts the program anew with the environment that serves OpenBLAS best. */
static void start_anew(char **argv) {
  const char *best = "";
  double most = 0;
  for (int i = 0; core_types[i]; i++) {
    double rate = probe(core_types[i]);
    if (rate > 1.02 * most) {
      best = core_types[i];
      most = rate;
    }
  }
  set_environment(best);
  setenv(stage, *best ? best : "none", 1);
  execv("/proc/self/exe", argv);
}

/* ---- The run ---- */

static int usage(void) {
  fprintf(stderr, "usage: gemm [-r REPETITIONS] [--only GROUP[,GROUP...]] [--kernel NAME] [--quick] "
                  "[--least]\ngroups:");
  for (const group *g = product_groups; g->name; g++) fprintf(stderr, " %s", g->name);
  for (const group *g = net_groups; g->name; g++) fprintf(stderr, " %s", g->name);
  fprintf(stderr, "\n");
  return 2;
}

static bool read_options(int argc, char **argv, settings *set) {
  for (int i = 1; i < argc; i++) {
    bool more = i + 1 < argc;
    if (strcmp(argv[i], "--quick") == 0)
      set->quick = true;
    else if (strcmp(argv[i], "--least") == 0)
      set->least = true;
    else if (strcmp(argv[i], "-r") == 0 && more)
      set->repetitions = atoi(argv[++i]);
    else if (strcmp(argv[i], "--only") == 0 && more)
      set->only = argv[++i];
    else if (strcmp(argv[i], "--kernel") == 0 && more)
      set->kernel = argv[++i];
    else
      return false;
  }
  if (!set->repetitions) set->repetitions = set->quick ? 7 : 15;
  set->budget = set->quick ? 0.2 : 0.8;
  return set->repetitions > 0;
}

/** Is the name one of the list that was asked for? */
static bool wanted(const char *only, const char *name) {
  size_t length = strlen(name);
  for (const char *at = only; at; at = strchr(at, ',')) {
    at += *at == ',';
    if (strncmp(at, name, length) == 0 && (at[length] == 0 || at[length] == ',')) return true;
  }
  return !only;
}

static void run_groups(bench *b, const group *groups) {
  for (const group *g = groups; g->name; g++)
    if (wanted(b->set.only, g->name)) g->run(b);
}

static void print_peer(const char *name, const char *version, const char *package) {
  if (version)
    printf("; %s %s", name, version);
  else
    printf("; no %s in this build (%s), hence none in the table", name, package);
}

static void print_peers(void) {
  const char *core = openblas_core();
  if (core)
    printf("beside: OpenBLAS for %s (OPENBLAS_CORETYPE %s is the fastest)", core, getenv(stage));
  else
    printf("beside: no OpenBLAS in this build");
  print_peer("oneDNN", onednn_version(), "libdnnl-dev");
  print_peer("libxsmm", xsmm_version(), "libxsmm-dev");
  printf("\n");
}

static void print_ours(const bench *b) {
  printf("ours: %s %s, kernels", gm_version(), b->set.kernel ? b->set.kernel : "by itself");
  for (size_t i = 0; gm_kernel_name(i); i++) printf("%s %s", i ? "," : "", gm_kernel_name(i));
  printf("\n");
}

int main(int argc, char **argv) {
  static bench b;
  if (argc == 2 && strcmp(argv[1], "--probe") == 0) return run_probe();
  if (!read_options(argc, argv, &b.set)) return usage();
  if (!getenv(stage)) start_anew(argv);
  double start = now();
  machine_open(&b.machine);
  print_ours(&b);
  print_peers();
  machine_print(&b.machine);
  run_groups(&b, product_groups);
  run_groups(&b, net_groups);
  printf("\npeak by registers through the run: %.1f to %.1f GFLOP/s; %.0f s\n", 1e-9 * b.machine.least,
      1e-9 * b.machine.most, now() - start);
  printf("%d of %d goals met\n", b.met, b.rows);
  return b.wrong ? 1 : 0;
}
