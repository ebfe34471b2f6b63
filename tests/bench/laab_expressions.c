/* SPDX-License-Identifier: MIT
 *
 * The expressions of the benchmark as a person writes them, from left to right, by the public interface. */
#include "laab.h"

#include <stdio.h>

static gm_node t(const scene *s, gm_node x) {
  return gm_apply(s->graph, "transpose", &x, 1, NULL);
}

static gm_node dot(const scene *s, gm_node x, gm_node y) {
  return gm_dot(s->graph, x, y);
}

static gm_node pair(const scene *s, const char *op, gm_node x, gm_node y) {
  return gm_apply(s->graph, op, (gm_node[]){x, y}, 2, NULL);
}

static gm_node at(const scene *s, gm_node x, const char *place) {
  char text[64];
  snprintf(text, sizeof text, "{at: '%s'}", place);
  return gm_apply(s->graph, "index", &x, 1, text);
}

static gm_node assumed(const scene *s, int input, const char *attributes) {
  return gm_apply(s->graph, "assume", &s->input[input], 1, attributes);
}

#define IN(name) s->input[name]
#define DOT(x, y) dot(s, x, y)
#define TR(x) t(s, x)
#define ADD(x, y) pair(s, "add", x, y)

static gm_node build_1a(const scene *s) {
  return DOT(TR(IN(A)), IN(B));
}

static gm_node build_1b(const scene *s) {
  return DOT(assumed(s, L, "{structure: lower_triangular}"), IN(B));
}

static gm_node build_1c(const scene *s) {
  return DOT(IN(A), TR(IN(A)));
}

static gm_node build_1d(const scene *s) {
  return DOT(assumed(s, T, "{structure: tridiagonal}"), IN(B));
}

static gm_node build_2a(const scene *s) {
  return ADD(DOT(TR(IN(A)), IN(B)), DOT(TR(IN(A)), IN(B)));
}

static gm_node build_2b(const scene *s) {
  return DOT(TR(DOT(TR(IN(A)), IN(B))), DOT(TR(IN(A)), IN(B)));
}

static gm_node build_2c(const scene *s) {
  return DOT(DOT(TR(DOT(TR(IN(A)), IN(B))), TR(IN(A))), IN(B));
}

static gm_node build_2d(const scene *s) {
  return DOT(DOT(DOT(DOT(TR(IN(A)), IN(B)), TR(IN(A))), IN(B)), IN(Y));
}

static gm_node build_3a(const scene *s) {
  return DOT(DOT(TR(IN(H)), IN(H)), IN(X));
}

static gm_node build_3b(const scene *s) {
  return DOT(DOT(TR(IN(Y)), TR(IN(H))), IN(H));
}

static gm_node build_3c(const scene *s) {
  return DOT(DOT(DOT(TR(IN(H)), IN(Y)), TR(IN(X))), IN(H));
}

static gm_node build_4a(const scene *s) {
  return ADD(DOT(IN(A), IN(B)), DOT(IN(A), IN(C)));
}

static gm_node build_4b(const scene *s) {
  return DOT(pair(s, "subtract", IN(A), DOT(TR(IN(H)), IN(H))), IN(X));
}

static gm_node build_4c(const scene *s) {
  return DOT(DOT(DOT(TR(IN(B)), IN(A)), TR(IN(A))), IN(B));
}

static gm_node build_5a(const scene *s) {
  static const char *const rows[] = {"0:1", "1:2", "2:3"};
  gm_node last = {0};
  for (int i = 0; i < 3; i++) {
    gm_node row = at(s, IN(V), rows[i]);
    last = ADD(DOT(IN(A), IN(B)), DOT(TR(row), row));
  }
  return last;
}

static gm_node build_5b(const scene *s) {
  return at(s, ADD(IN(A), IN(B)), "2, 2");
}

static gm_node build_5c(const scene *s) {
  return at(s, DOT(IN(A), IN(B)), "2, 2");
}

static gm_node build_diagonal(const scene *s) {
  return DOT(assumed(s, D, "{structure: diagonal}"), IN(B));
}

static gm_node build_symmetric(const scene *s) {
  return DOT(assumed(s, S, "{structure: symmetric}"), IN(B));
}

static gm_node build_blocks(const scene *s) {
  char text[64];
  snprintf(text, sizeof text, "{structure: block_diagonal, block: %d}", s->n / 2);
  return DOT(assumed(s, K, text), IN(B));
}

static gm_node build_rank_2k(const scene *s) {
  return ADD(DOT(IN(A), TR(IN(B))), DOT(IN(B), TR(IN(A))));
}

static gm_node build_scaled(const scene *s) {
  gm_node three = gm_number(s->graph, 3);
  return ADD(pair(s, "multiply", three, DOT(IN(A), IN(B))), pair(s, "multiply", three, IN(C)));
}

static gm_node build_thin_3(const scene *s) {
  return DOT(DOT(IN(P), IN(R)), IN(Q));
}

static gm_node build_thin_4(const scene *s) {
  return DOT(DOT(DOT(IN(P), IN(R)), IN(Q)), IN(W));
}

static gm_node build_column(const scene *s) {
  return at(s, DOT(IN(A), IN(B)), ":, 2");
}

static gm_node build_trace(const scene *s) {
  char text[32];
  snprintf(text, sizeof text, "{size: %d}", s->n);
  gm_node diagonal = pair(s, "multiply", DOT(IN(A), IN(B)), gm_apply(s->graph, "eye", NULL, 0, text));
  return gm_apply(s->graph, "sum", &diagonal, 1, "{axis: 1}");
}

#define ROW(id, text)                                                                                        \
  { #id, text, build_##id, good_##id, bad_##id }
#define ROW_WITHOUT_BAD(id, text)                                                                            \
  { #id, text, build_##id, good_##id, NULL }

const expression expressions[] = {ROW_WITHOUT_BAD(1a, "A'B"), ROW(1b, "L B"), ROW(1c, "A A'"), ROW(1d, "T B"),
    ROW_WITHOUT_BAD(2a, "A'B + A'B"), ROW_WITHOUT_BAD(2b, "(A'B)' (A'B)"), ROW(2c, "(A'B)' A' B"),
    ROW(2d, "A' B A' B y"), ROW(3a, "H' H x"), ROW_WITHOUT_BAD(3b, "y' H' H"), ROW(3c, "H' y x' H"),
    ROW(4a, "A B + A C"), ROW(4b, "(A - H'H) x"), ROW(4c, "B' A A' B"),
    ROW_WITHOUT_BAD(5a, "last of A B + V[i] V[i]'"), ROW(5b, "(A + B)[2, 2]"), ROW(5c, "(A B)[2, 2]"),
    ROW(diagonal, "D B"), ROW(symmetric, "S B"), ROW(blocks, "K B, K block-diagonal"),
    ROW(rank_2k, "A B' + B A'"), ROW(scaled, "3 A B + 3 C"), ROW(thin_3, "P R Q, P and Q tall"),
    ROW(thin_4, "P R Q W, P and Q tall"), ROW(column, "(A B)[:, 2]"), ROW(trace, "diagonal of A B"),
    {"syrk", "(A'B)' (A'B), half of it mirrored", build_2b, good_syrk, good_2b}, {0}};
