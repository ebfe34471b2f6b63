/* SPDX-License-Identifier: MIT
 *
 * The linear-algebra awareness benchmark: its inputs, and an expression with its two references. */
#ifndef TESTS_BENCH_LAAB_H
#define TESTS_BENCH_LAAB_H

#include <gemmule/gemmule.h>

/** The inputs, by name: n×n matrices; L lower triangular, T tridiagonal, D diagonal, S symmetric, K of two
 * diagonal blocks; columns x and y; V of three rows; P and Q are tall, n×k, R and W are wide, k×n. */
enum { A, B, C, H, L, T, D, S, K, X, Y, V, P, Q, R, W, INPUTS };

typedef struct data {
  int n, k;
  gm_tensor *input[INPUTS];
  float *scratch[3]; /* n×n each */
} data;

/** An expression under construction: its graph, and a node for each input. */
typedef struct scene {
  gm_graph *graph;
  gm_node input[INPUTS];
  int n;
} scene;

/** text: as it is written. good, bad: write the result to `out` and change nothing else but scratch; bad may
 * be NULL. */
typedef struct expression {
  const char *id, *text;
  gm_node (*build)(const scene *s);
  void (*good)(const data *d, float *out);
  void (*bad)(const data *d, float *out);
} expression;

/** All of them, the 17 first; id is NULL at the end. */
extern const expression expressions[];
enum { TESTS = 17 };

#define REFERENCES(id) void good_##id(const data *d, float *out), bad_##id(const data *d, float *out)
REFERENCES(1a);
REFERENCES(1b);
REFERENCES(1c);
REFERENCES(1d);
REFERENCES(2a);
REFERENCES(2b);
REFERENCES(2c);
REFERENCES(2d);
REFERENCES(3a);
REFERENCES(3b);
REFERENCES(3c);
REFERENCES(4a);
REFERENCES(4b);
REFERENCES(4c);
REFERENCES(5a);
REFERENCES(5b);
REFERENCES(5c);
REFERENCES(diagonal);
REFERENCES(symmetric);
REFERENCES(blocks);
REFERENCES(rank_2k);
REFERENCES(scaled);
REFERENCES(thin_3);
REFERENCES(thin_4);
REFERENCES(column);
REFERENCES(trace);
REFERENCES(syrk);

#endif
