/* SPDX-License-Identifier: MIT
 *
 * The benchmark of products: what is measured (an entry), one row of its table (a contest), the machine's
 * rates, the products of ours and of the peers. A peer that the build lacks, or that cannot compute a
 * product, is an entry whose `run` is NULL. */
#ifndef TESTS_BENCH_GEMM_H
#define TESTS_BENCH_GEMM_H

#include <gemmule/gemmule.h>

/** What holds the bytes that a product reads. */
typedef enum level { L2, L3, MEMORY, LEVELS } level;

/** Loops compiled for one width of vectors. peak: that many rounds of independent fused multiply-adds of
 * float32 and float64 by registers; returns the flops. read: reads `bytes`, a multiple of 4096, by the
 * pattern. */
typedef struct loops {
  const char *name;
  double (*peak[2])(long rounds);
  int64_t (*read)(const char *from, size_t bytes, int pattern);
} loops;
enum { PATTERNS = 16 };
extern const loops gemm_loops_plain, gemm_loops_avx2, gemm_loops_avx512;

/** peak: flops a second of float32 and float64 on one thread, as measured last, in turn with a row; least,
 * most: of peak[0] so far; both: of float32 on two threads at once; rate: bytes a second, the best median so
 * far; pattern: the one that reads fastest. at: what is read. */
typedef struct machine {
  const loops *loops;
  double peak[2], both, least, most, rate[LEVELS], small_pages[LEVELS];
  int pattern[LEVELS], processors;
  size_t cache[LEVELS], bytes[LEVELS];
  char *at[LEVELS];
} machine;

/** What is timed: run(state), again and again. drop releases the state. seconds: the median. */
typedef struct entry {
  void (*run)(void *state);
  void (*drop)(void *state);
  void *state;
  double seconds;
} entry;

/* In the order in which they run. */
enum { PEAK, OURS, OPENBLAS, ONEDNN, XSMM, SGEMV, OTHER, READ, PEAK_AGAIN, ENTRIES };

/** count products of (m, k) by (k, n); the same factors where `copies` is 1, else so many second factors in
 * turn. constant: the second factor is a variable of the graph. bias, relu: are applied to the result. */
typedef struct product {
  int m, n, k, count, copies, threads;
  gm_dtype dtype;
  bool constant, bias, relu;
} product;

enum { MOST_COPIES = 16 };
/** What all entries share. */
typedef struct operands {
  void *x, *y[MOST_COPIES], *bias;
} operands;

typedef struct settings {
  int repetitions;
  double budget; /* seconds of a row */
  bool quick, least;
  const char *only, *kernel;
} settings;

/** A goal of a row: `reached` is at least, or at most, `wanted`. */
typedef struct goal {
  const char *text;
  double reached, wanted;
  bool at_most;
} goal;

/** A row: limit is in seconds; subtracted: seconds that are taken off our median. */
typedef struct contest {
  char what[48], note[400];
  double limit, subtracted;
  const char *by;
  entry entries[ENTRIES];
  goal goals[2];
  int goal_count, repetitions;
} contest;

typedef struct bench {
  settings set;
  machine machine;
  int rows, met, wrong;
} bench;

/* ---- gemm_machine.c ---- */

void machine_open(machine *m);
void machine_print(const machine *m);
/** Adds the entries that measure the peak of a dtype and the read rate of a level in turn with the others. */
void machine_join(machine *m, contest *c, gm_dtype dtype, level from);
/** Takes the better median of the two peaks, and that of the reads where it beats the earlier ones. */
void machine_learn(machine *m, const contest *c, gm_dtype dtype, level from);
/** Two threads' peak, anew. */
void machine_learn_both(machine *m);
/** The level that holds so many bytes. */
level machine_level(const machine *m, double bytes);
const char *machine_level_name(level from);

/* ---- gemm_memory.c ---- */

/** Zeroed memory on huge pages where there are some, until memory_drop gives all of it back. Exits where
 * there is none. */
void *memory_take(size_t bytes);
void memory_drop(void);

/* ---- gemm_ours.c ---- */

/** Through the public interface; max_packed as in the options of plans, 0 without a limit. */
entry ours_product(const bench *b, const product *p, const operands *o, size_t max_packed);
/** A node's plan, its placeholder `name` (NULL: none) fed with rows × columns floats at x. */
entry ours_graph(
    const bench *b, gm_graph *graph, gm_node node, const char *name, int rows, int columns, const void *x);
/** The first element of the result, after a run; `count` tells how many there are. */
const void *ours_result(const entry *ours, int64_t *count);
/** Seconds that the first run takes longer than the next after a second factor was set; 0 where nothing is
 * packed. */
double ours_pack_time(const entry *ours);
void ours_stop(const char *what, const gm_error *error);

/* ---- gemm_openblas.c, gemm_onednn.c, gemm_xsmm.c: `out` has room for the result ---- */

const char *openblas_core(void);
entry openblas_product(const product *p, const operands *o, void *out);
entry openblas_row(const product *p, const operands *o, void *out);
const char *onednn_version(void);
entry onednn_product(const product *p, const operands *o, void *out);
/** Layers one after the other, each with a bias and all but the last with relu: widths[0] → … →
 * widths[layers]. */
entry onednn_layers(int batch, const int *widths, int layers, const void *x, void *const *weights,
    void *const *biases, void *out);
const char *xsmm_version(void);
entry xsmm_product(const product *p, const operands *o, void *out);

/* ---- gemm_contest.c ---- */

/** Runs the entries in turn and finds their medians; pause: seconds before each block. */
void contest_run(contest *c, const settings *set, double pause);
void contest_goal(contest *c, const char *text, double reached, double wanted, bool at_most);
/** limit / our time, after what is subtracted. */
double contest_share(const contest *c);
double contest_ours(const contest *c);
void contest_print(bench *b, const contest *c);
void contest_drop(contest *c);
void contest_heading(const char *text);

/* ---- gemm_products.c, gemm_nets.c ---- */

typedef struct group {
  const char *name;
  void (*run)(bench *b);
} group;
extern const group product_groups[], net_groups[];

#endif
