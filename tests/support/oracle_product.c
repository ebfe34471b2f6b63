/* SPDX-License-Identifier: MIT
 *
 * The oracle's products with batches: one contraction whose operands' axes each stand for an axis of the
 * result, for the one that is summed over, or for nothing (broadcast). */
#include "support/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUMMED = -1, REPEATED = -2 };

/** What each axis of an operand stands for. */
typedef struct role {
  int of[GM_MAX_RANK];
} role;

static cell at(const cells *operand, const role *axes, const int64_t *index, int64_t k) {
  int64_t own[GM_MAX_RANK];
  for (int a = 0; a < operand->rank; a++)
    own[a] = axes->of[a] == SUMMED ? k : axes->of[a] == REPEATED ? 0 : index[axes->of[a]];
  return operand->at[cells_offset(operand, own)];
}

static void contract(
    sample *made, const role *x, const role *y, int64_t length, int rank, const int64_t *dims) {
  int64_t index[GM_MAX_RANK] = {0}, place = 0;
  gm_dtype dtype = made->inputs[0].dtype;
  double factor = dtype_is_complex(dtype) ? 4 : 2;
  sample_want(made, dtype, rank, dims);
  if (made->want.count == 0) return;
  do {
    cell sum = {0};
    double size = 0;
    for (int64_t k = 0; k < length; k++) {
      cell a = at(&made->inputs[0], x, index, k), b = at(&made->inputs[1], y, index, k);
      sum = cell_add(sum, cell_multiply(a, b));
      size += cell_size(a) * cell_size(b);
    }
    made->want.at[place] = cell_rounded(sum, dtype);
    made->bound[place++] = factor * (double)length * dtype_unit(dtype) * size + dtype_least(dtype);
  } while (next_index(rank, dims, index));
}

/* ---- batch_dot ---- */

static int outer_roles(const cells *operand, int inner, int next, role *axes, int64_t *dims) {
  axes->of[0] = 0;
  for (int a = 1; a < operand->rank; a++) {
    axes->of[a] = a == inner ? SUMMED : next;
    if (a != inner) dims[next++] = operand->dims[a];
  }
  return next;
}

void make_batch_dot(draw *from, gm_dtype dtype, sample *made) {
  int64_t x_dims[GM_MAX_RANK], y_dims[GM_MAX_RANK], dims[GM_MAX_RANK];
  int x_rank = drawn_dims(from, 2, 4, x_dims), y_rank = drawn_dims(from, 2, 4, y_dims);
  int x_axis = 1 + (int)draw_below(from, x_rank - 1), y_axis = 1 + (int)draw_below(from, y_rank - 1);
  bool plain = draw_below(from, 3) == 0;
  role x, y;
  if (plain) x_axis = x_rank - 1, y_axis = y_rank == 2 ? 1 : y_rank - 2;
  y_dims[0] = x_dims[0];
  y_dims[y_axis] = x_dims[x_axis];
  dims[0] = x_dims[0];
  int rank = outer_roles(sample_input(made, from, dtype, x_rank, x_dims), x_axis, 1, &x, dims);
  rank = outer_roles(sample_input(made, from, dtype, y_rank, y_dims), y_axis, rank, &y, dims);
  if (rank == 1) dims[rank++] = 1;
  int shift = draw_below(from, 2) == 0 ? 0 : y_rank;
  if (!plain) snprintf(made->attributes, sizeof made->attributes, "{axes: [%d, %d]}", x_axis, y_axis - shift);
  contract(made, &x, &y, x_dims[x_axis], rank, dims);
}

/* ---- matmul ---- */

/** The last of the leading lengths, `least` or more of them; all, or some of them 1. */
static int leading(draw *from, int batch, const int64_t *dims, int least, int64_t *out) {
  int count = (int)draw_below(from, batch + 1);
  if (count < least) count = least;
  for (int a = 0; a < count; a++) {
    out[a] = dims[batch - count + a];
    if (least == 0 && draw_below(from, 4) == 0) out[a] = 1;
  }
  return count;
}

static void stacked_roles(const cells *operand, int batch, int own, role *axes) {
  int count = operand->rank - own;
  for (int a = 0; a < count; a++) axes->of[a] = operand->dims[a] == 1 ? REPEATED : batch - count + a;
}

void make_matmul(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], x_dims[GM_MAX_RANK], y_dims[GM_MAX_RANK], own[3];
  int batch = drawn_dims(from, 0, 3, dims), whole = (int)draw_below(from, 2);
  bool row = draw_below(from, 5) == 0, column = draw_below(from, 5) == 0;
  for (int i = 0; i < 3; i++) own[i] = draw_below(from, 24) == 0 ? 0 : 1 + draw_below(from, 20);
  if (row && column) batch = 0;
  if (row) whole = 1;
  if (column) whole = 0;
  int x_rank = row ? 0 : leading(from, batch, dims, whole == 0 ? batch : 0, x_dims);
  int y_rank = column ? 0 : leading(from, batch, dims, whole == 1 ? batch : 0, y_dims);
  if (!row) x_dims[x_rank++] = own[0];
  x_dims[x_rank++] = own[1];
  y_dims[y_rank++] = own[1];
  if (!column) y_dims[y_rank++] = own[2];
  role x, y;
  stacked_roles(sample_input(made, from, dtype, x_rank, x_dims), batch, row ? 1 : 2, &x);
  stacked_roles(sample_input(made, from, dtype, y_rank, y_dims), batch, column ? 1 : 2, &y);
  int rank = batch;
  if (!row) x.of[x_rank - 2] = rank, dims[rank++] = own[0];
  x.of[x_rank - 1] = SUMMED;
  y.of[column ? y_rank - 1 : y_rank - 2] = SUMMED;
  if (!column) y.of[y_rank - 1] = rank, dims[rank++] = own[2];
  contract(made, &x, &y, own[1], rank, dims);
}
