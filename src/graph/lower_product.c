/* SPDX-License-Identifier: MIT
 *
 * Products: axes of rows and columns coalesced into one matrix product where strides allow, and into batch loops of
 * products, each written in place, where they do not. An operand is copied only where its strides fit no kernel, or
 * where the slabs would be too narrow to be worth a call each. */
#include "graph/lower.h"

#include "graph/lower_step.h"

/** Below this many rows or columns a slab costs more in calls than a copy that joins the slabs. */
#define NARROW 16

typedef struct layout {
  gm__nest rows, columns; /* operands {a, c} and {b, c} */
  int64_t k, a_k, b_k;
} layout;

static layout lay_out(const gm__product *p) {
  layout out = {.rows = {.operands = 2}, .columns = {.operands = 2}};
  for (int i = 0; i < p->c.rank; i++) {
    bool row = i < p->row_axes;
    int axis = row ? p->rows[i] : p->columns[i - p->row_axes];
    int64_t stride = row ? p->a.strides[axis] : p->b.strides[axis];
    gm__nest_push(row ? &out.rows : &out.columns, p->c.dims[i], (int64_t[]){stride, p->c.strides[i]});
  }
  out.k = p->a.dims[p->a_inner];
  out.a_k = p->a.strides[p->a_inner];
  out.b_k = p->b.strides[p->b_inner];
  return out;
}

/** Length and stride of operand `o` of the innermost axis of a nest. */
static int64_t inner(const gm__nest *nest, int o, int64_t *length) {
  *length = nest->rank ? nest->dims[nest->rank - 1] : 1;
  return nest->rank ? nest->strides[o][nest->rank - 1] : 1;
}

/** Can a library address a length × k matrix with these strides? */
static bool addressable(int64_t length, int64_t stride, int64_t k, int64_t k_stride) {
  if (length <= 1) return k <= 1 || k_stride > 0;
  if (k <= 1) return stride > 0;
  return (k_stride == 1 && stride >= k) || (stride == 1 && k_stride >= length);
}

static bool wants_copy(const gm__nest *nest, int64_t k, int64_t k_stride, int64_t others) {
  int64_t length, stride = inner(nest, 0, &length);
  if (!addressable(length, stride, k, k_stride)) return true;
  return nest->rank > 1 && length < NARROW && others >= NARROW / 2;
}

static int64_t count_of(const gm__nest *nest) {
  int64_t count = 1;
  for (int a = 0; a < nest->rank; a++) count *= nest->dims[a];
  return count;
}

/** Copies a to (rows…, k), contiguous. */
static gm_status pack_a(gm__lower *l, gm__product *p) {
  int order[GM_MAX_RANK], rank = p->a.rank;
  for (int i = 0; i < p->row_axes; i++) {
    order[i] = p->rows[i];
    p->rows[i] = i;
  }
  order[rank - 1] = p->a_inner;
  p->a_inner = rank - 1;
  gm__view_permute(&p->a, order);
  gm__view to = p->a;
  GM_TRY(gm__lower_new(l, &to));
  GM_TRY(gm__lower_copy(l, &p->a, &to));
  p->a = to;
  return GM_OK;
}

/** Copies b to (k, columns…), contiguous. */
static gm_status pack_b(gm__lower *l, gm__product *p) {
  int order[GM_MAX_RANK];
  order[0] = p->b_inner;
  p->b_inner = 0;
  for (int i = 0; i < p->c.rank - p->row_axes; i++) {
    order[i + 1] = p->columns[i];
    p->columns[i] = i + 1;
  }
  gm__view_permute(&p->b, order);
  gm__view to = p->b;
  GM_TRY(gm__lower_new(l, &to));
  GM_TRY(gm__lower_copy(l, &p->b, &to));
  p->b = to;
  return GM_OK;
}

static gm_status make_addressable(gm__lower *l, gm__product *p, layout *out) {
  bool library = gm__dtype_is_complex(p->a.dtype) || p->a.dtype == GM_FLOAT32 || p->a.dtype == GM_FLOAT64;
  *out = lay_out(p);
  if (!library || out->k == 0) return GM_OK;
  bool copy_a = wants_copy(&out->rows, out->k, out->a_k, count_of(&out->columns));
  bool copy_b = wants_copy(&out->columns, out->k, out->b_k, count_of(&out->rows));
  if (copy_a) GM_TRY(pack_a(l, p));
  if (copy_b) GM_TRY(pack_b(l, p));
  *out = lay_out(p);
  return GM_OK;
}

static gm_status batch_loops(gm__lower *l, const layout *at, gm__loops *out) {
  gm__nest batch = {.operands = 3};
  for (int i = 0; i < at->rows.rank - 1; i++) {
    gm__nest_push(&batch, at->rows.dims[i], (int64_t[]){at->rows.strides[0][i], 0, at->rows.strides[1][i]});
  }
  for (int i = 0; i < at->columns.rank - 1; i++) {
    gm__nest_push(&batch, at->columns.dims[i], (int64_t[]){0, at->columns.strides[0][i], at->columns.strides[1][i]});
  }
  return gm__lower_loops(l, &batch, out);
}

gm_status gm__lower_product(gm__lower *l, gm__product *p) {
  layout at;
  const char *refusal;
  if (gm__view_count(&p->c) == 0) return GM_OK;
  GM_TRY(make_addressable(l, p, &at));
  gm__gemm gemm = {.k = at.k, .a_column = at.a_k, .b_row = at.b_k, .in = p->a.dtype, .out = p->c.dtype, .alpha = 1};
  gemm.a_row = inner(&at.rows, 0, &gemm.m);
  gemm.c_row = inner(&at.rows, 1, &gemm.m);
  gemm.b_column = inner(&at.columns, 0, &gemm.n);
  gemm.c_column = inner(&at.columns, 1, &gemm.n);
  if (gemm.m == 1) gemm.c_row = gemm.n;
  GM_TRY(batch_loops(l, &at, &gemm.batch));
  gemm.provider = gm__provider_choose(&gemm, l->kernel, &refusal);
  if (gemm.provider->prepare) GM_TRY(gemm.provider->prepare(l->keep_blas_threads, l->error));
  const gm__operand operands[3] = {gm__lower_operand(&p->a), gm__lower_operand(&p->b), gm__lower_operand(&p->c)};
  gm__step *step;
  GM_TRY(gm__lower_step(l, &gm__kernel_gemm, operands, 2, 1, &gemm, sizeof gemm, &step));
  double size = (double)gm__dtype_bytes(p->a.dtype), rows = (double)count_of(&at.rows), columns = (double)count_of(&at.columns);
  step->flops = 2 * rows * columns * (double)at.k;
  step->bytes = size * (double)at.k * (rows + columns) + (double)gm__dtype_bytes(p->c.dtype) * rows * columns;
  return GM_OK;
}
