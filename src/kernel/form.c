/* SPDX-License-Identifier: MIT
 *
 * Forms: what is inside, and what follows for sums and products. The nonzero entries of a product lie as far
 * from the diagonal as those of both factors together; blocks stay where one side's contain the other's. */
#include "kernel/form.h"

/** Entries of more than this share are not worth a kernel of its own; nor is a product of fewer
 * multiplications. */
#define WORTH_SHARE 0.75
#define WORTH_PRODUCT 32768.0
/** A symmetric result is mirrored, which a product of short or few sums does not pay for. */
#define WORTH_SUM 32
#define WORTH_SQUARE 16384.0

#include <stdio.h>

static const char *const names[] = {"general", "lower_triangular", "upper_triangular", "symmetric",
    "diagonal", "tridiagonal", "block_diagonal"};

const char *gm__structure_name(gm__structure structure) {
  return structure <= GM__BLOCK_DIAGONAL ? names[structure] : "unknown";
}

/* ---- Bandwidths ---- */

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}
static int64_t most(int64_t a, int64_t b) {
  return a > b ? a : b;
}

/** The sum of two bandwidths, without bound where one has none or the sum is too large. */
static int64_t together(int64_t a, int64_t b) {
  if (a == GM__FORM_FULL || b == GM__FORM_FULL || (b > 0 && a >= GM__FORM_FULL - b)) return GM__FORM_FULL;
  return b < 0 && a < -GM__FORM_FULL - b ? -GM__FORM_FULL : a + b;
}

/** The smallest blocks that hold those of both; 0: none that are known. */
static int64_t joint_block(int64_t a, int64_t b) {
  if (a == 0 || b == 0) return 0;
  if (a % b == 0) return a;
  return b % a == 0 ? b : 0;
}

/** One way to say the same: a symmetric matrix has one bandwidth, blocks bound it, a diagonal is blocks of 1.
 */
static gm__form normal(gm__form f) {
  if (f.symmetric) f.lower = f.upper = least(f.lower, f.upper);
  if (f.block > 0) {
    f.lower = least(f.lower, f.block - 1);
    f.upper = least(f.upper, f.block - 1);
  }
  if (gm__form_is_zero(f)) return gm__form_zero();
  if (gm__form_is_diagonal(f)) f.block = 1;
  return f;
}

/* ---- Forms ---- */

gm__form gm__form_general(void) {
  return (gm__form){.lower = GM__FORM_FULL, .upper = GM__FORM_FULL};
}

gm__form gm__form_zero(void) {
  return (gm__form){.lower = -1, .upper = -1, .block = 1};
}

gm__form gm__form_identity(void) {
  return (gm__form){.block = 1, .symmetric = true, .identity = true};
}

gm__form gm__form_declared(gm__structure structure, int64_t block) {
  gm__form f = gm__form_general();
  switch (structure) {
  case GM__GENERAL: break;
  case GM__LOWER_TRIANGULAR: f.upper = 0; break;
  case GM__UPPER_TRIANGULAR: f.lower = 0; break;
  case GM__SYMMETRIC: f.symmetric = true; break;
  case GM__DIAGONAL: f.lower = f.upper = 0; break;
  case GM__TRIDIAGONAL: f.lower = f.upper = 1; break;
  case GM__BLOCK_DIAGONAL: f.block = block; break;
  }
  return normal(f);
}

gm__form gm__form_assumed(gm__form f, gm__structure structure, int64_t block) {
  if (structure != GM__SYMMETRIC) return gm__form_both(f, gm__form_declared(structure, block));
  if (!f.symmetric) f.upper = f.lower;
  f.symmetric = true;
  return normal(f);
}

gm__form gm__form_transposed(gm__form f) {
  gm__form t = f;
  t.lower = f.upper;
  t.upper = f.lower;
  return t;
}

/** Of two matrices with the same dims, one of which is square if the other is. */
static bool stays_symmetric(gm__form a, gm__form b) {
  bool diagonal_a = gm__form_is_diagonal(a), diagonal_b = gm__form_is_diagonal(b);
  return (a.symmetric && (b.symmetric || diagonal_b)) || (b.symmetric && diagonal_a);
}

gm__form gm__form_sum(gm__form a, gm__form b) {
  return normal((gm__form){.lower = most(a.lower, b.lower),
      .upper = most(a.upper, b.upper),
      .block = joint_block(a.block, b.block),
      .symmetric = stays_symmetric(a, b)});
}

gm__form gm__form_both(gm__form a, gm__form b) {
  int64_t block = a.block == 0 || (b.block != 0 && b.block < a.block) ? b.block : a.block;
  return normal((gm__form){.lower = least(a.lower, b.lower),
      .upper = least(a.upper, b.upper),
      .block = block,
      .symmetric = stays_symmetric(a, b)});
}

gm__form gm__form_product(gm__form a, gm__form b) {
  if (gm__form_is_zero(a) || gm__form_is_zero(b)) return gm__form_zero();
  if (a.identity) return b;
  if (b.identity) return a;
  return normal((gm__form){.lower = together(a.lower, b.lower),
      .upper = together(a.upper, b.upper),
      .block = joint_block(a.block, b.block),
      .symmetric = a.symmetric && b.symmetric && gm__form_is_diagonal(a) && gm__form_is_diagonal(b)});
}

/* ---- Questions ---- */

bool gm__form_is_general(gm__form f) {
  return f.lower == GM__FORM_FULL && f.upper == GM__FORM_FULL && f.block == 0 && !f.symmetric;
}

bool gm__form_is_zero(gm__form f) {
  return f.lower < 0 ? f.upper < -f.lower : f.upper < 0 && f.lower < -f.upper;
}

bool gm__form_is_diagonal(gm__form f) {
  return f.lower <= 0 && f.upper <= 0;
}

bool gm__form_is_lower(gm__form f) {
  return f.upper <= 0;
}

bool gm__form_is_upper(gm__form f) {
  return f.lower <= 0;
}

bool gm__form_equal(gm__form a, gm__form b) {
  return a.lower == b.lower && a.upper == b.upper && a.block == b.block && a.symmetric == b.symmetric &&
         a.identity == b.identity;
}

static int64_t clamp(int64_t value, int64_t end) {
  return value < 0 ? 0 : least(value, end);
}

void gm__form_row(gm__form f, int64_t row, int64_t columns, int64_t *first, int64_t *end) {
  int64_t from = f.lower == GM__FORM_FULL ? 0 : together(row, -f.lower);
  int64_t to = together(together(row, f.upper), 1);
  if (f.block > 0) {
    int64_t start = row / f.block * f.block;
    from = most(from, start);
    to = least(to, together(start, f.block));
  }
  *first = clamp(from, columns);
  *end = clamp(to, columns);
  if (*end < *first) *end = *first;
}

/** Entries with column - row >= distance. */
static double beyond(int64_t distance, int64_t rows, int64_t columns) {
  if (distance >= columns) return 0;
  if (distance <= -rows) return (double)rows * (double)columns;
  if (distance < 0) return (double)rows * (double)columns - beyond(1 - distance, columns, rows);
  double first = (double)(columns - distance), lines = (double)least(rows, columns - distance);
  return lines * first - lines * (lines - 1) / 2;
}

static double in_blocks(int64_t block, int64_t rows, int64_t columns) {
  int64_t whole = least(rows, columns) / block * block;
  double rest = (double)least(block, rows - whole) * (double)least(block, columns - whole);
  return (double)whole * (double)block + rest;
}

double gm__form_entries(gm__form f, int64_t rows, int64_t columns) {
  double all = (double)rows * (double)columns;
  bool triangle = (f.lower == GM__FORM_FULL && f.upper == 0) || (f.upper == GM__FORM_FULL && f.lower == 0);
  if (gm__form_is_zero(f)) return 0;
  if (triangle && rows == columns) return all / 2;
  if (f.block > 0) all = in_blocks(f.block, rows, columns);
  double band = (double)rows * (double)columns;
  if (f.upper != GM__FORM_FULL) band -= beyond(f.upper + 1, rows, columns);
  if (f.lower != GM__FORM_FULL) band -= beyond(f.lower + 1, columns, rows);
  return all < band ? all : band;
}

bool gm__form_pays(gm__form f, int64_t rows, int64_t columns, double multiplications) {
  double all = (double)rows * (double)columns;
  if (multiplications < WORTH_PRODUCT || all <= 0) return false;
  return gm__form_entries(f, rows, columns) <= WORTH_SHARE * all;
}

bool gm__form_half_pays(double m, double k) {
  return k >= WORTH_SUM && m * k >= WORTH_SQUARE;
}

const char *gm__form_name(gm__form f, char text[64]) {
  if (gm__form_is_zero(f)) return "zero";
  if (f.identity) return "identity";
  for (gm__structure s = GM__GENERAL; s <= GM__TRIDIAGONAL; s++) {
    if (gm__form_equal(f, gm__form_declared(s, 0))) return gm__structure_name(s);
  }
  if (gm__form_is_diagonal(f)) return "diagonal";
  if (gm__form_is_lower(f)) return "lower_triangular";
  if (gm__form_is_upper(f)) return "upper_triangular";
  if (f.block > 0)
    snprintf(text, 64, "block_diagonal %lld", (long long)f.block);
  else
    snprintf(text, 64, "band -%lld..%lld", (long long)f.lower, (long long)f.upper);
  return text;
}
