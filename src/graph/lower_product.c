/* SPDX-License-Identifier: MIT
 *
 * Products: axes of rows and columns coalesced into one matrix product where strides allow, and into batch
 * loops of products, each written in place, where they do not. An operand is copied only where its strides
 * do not suit the kernel, or where the slabs would be too narrow to be worth a call each. */
#include "graph/lower_form.h"

#include <stdio.h>
#include <string.h>
#include "graph/lower_step.h"
#include "kernel/gemm/provider.h"

/** Below this many rows or columns a slab costs more in calls than a copy that joins the slabs. */
#define NARROW 16

typedef struct layout {
  gm__nest batch, rows, columns; /* operands {a, b, c}, {a, c} and {b, c} */
  int64_t k, a_k, b_k;
} layout;

/** Batches that all have the same b are rows, if they stand next to these. */
static void absorb(gm__product *p) {
  while (p->batch_axes > 0 && p->b.strides[p->b_batch[p->batch_axes - 1]] == 0) {
    memmove(p->rows + 1, p->rows, (size_t)p->row_axes++ * sizeof *p->rows);
    p->rows[0] = p->a_batch[--p->batch_axes];
  }
}

static layout lay_out(const gm__product *p) {
  layout out = {.batch = {.operands = 3}, .rows = {.operands = 2}, .columns = {.operands = 2}};
  const int64_t *dims = p->c.dims, *strides = p->c.strides;
  for (int i = 0; i < p->batch_axes; i++) {
    int64_t a = p->a.strides[p->a_batch[i]], b = p->b.strides[p->b_batch[i]];
    gm__nest_push(&out.batch, *dims++, (int64_t[]){a, b, *strides++});
  }
  for (int i = 0; i < p->row_axes; i++) {
    gm__nest_push(&out.rows, *dims++, (int64_t[]){p->a.strides[p->rows[i]], *strides++});
  }
  for (int i = 0; i < gm__product_columns(p); i++) {
    gm__nest_push(&out.columns, *dims++, (int64_t[]){p->b.strides[p->columns[i]], *strides++});
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

/** Slabs whose width may be another in the next run are never joined: a smaller length must not need more. */
static bool wants_copy(
    const gm__nest *nest, int64_t k, int64_t k_stride, int64_t others, bool open, bool any_strides) {
  int64_t length, stride = inner(nest, 0, &length);
  if (!any_strides && !addressable(length, stride, k, k_stride)) return true;
  return nest->rank > 1 && length < NARROW && others >= NARROW / 2 && !open;
}

/** Moves `count` axes to the end of an order; axes[i] becomes their place there. */
static void gather_axes(int *axes, int count, int *order, int *next) {
  for (int i = 0; i < count; i++) {
    order[*next] = axes[i];
    axes[i] = (*next)++;
  }
}

/** Copies a view whose axes take a new order (those that are not in it were absorbed), contiguous; what is
 * the same in all batches is copied once. */
static gm_status pack(gm__lower *l, gm__view *view, const int *order, int rank, int batch_axes) {
  view->rank = rank;
  gm__view_permute(view, order);
  gm__view to = *view;
  for (int i = 0; i < batch_axes; i++) {
    if (to.strides[i] == 0) to.dims[i] = 1;
  }
  GM_TRY(gm__lower_new(l, &to));
  GM_TRY(gm__lower_copy(l, view, &to));
  gm__view_broadcast(&to, view->rank, view->dims);
  *view = to;
  return GM_OK;
}

/** Copies a to (batch…, rows…, k). */
static gm_status pack_a(gm__lower *l, gm__product *p) {
  int order[GM_MAX_RANK], next = 0;
  gather_axes(p->a_batch, p->batch_axes, order, &next);
  gather_axes(p->rows, p->row_axes, order, &next);
  gather_axes(&p->a_inner, 1, order, &next);
  return pack(l, &p->a, order, next, p->batch_axes);
}

/** Copies b to (batch…, k, columns…). */
static gm_status pack_b(gm__lower *l, gm__product *p) {
  int order[GM_MAX_RANK], next = 0;
  gather_axes(p->b_batch, p->batch_axes, order, &next);
  gather_axes(&p->b_inner, 1, order, &next);
  gather_axes(p->columns, gm__product_columns(p), order, &next);
  return pack(l, &p->b, order, next, p->batch_axes);
}

/** Is the one factor to lie by rows, since the other has a form, and does it not? */
static bool wants_rows(const gm__factors *f, gm__form other, int64_t length, int64_t stride) {
  return f->by_rows && !gm__form_is_general(other) && length > 1 && stride != 1;
}

static gm_status make_addressable(gm__lower *l, gm__product *p, const gm__factors *f, layout *out) {
  int64_t length, stride;
  bool library = gm__dtype_is_complex(p->a.dtype) || p->a.dtype == GM_FLOAT32 || p->a.dtype == GM_FLOAT64;
  *out = lay_out(p);
  if (!library || out->k == 0) return GM_OK;
  const gm__provider *taker = gm__lower_taker(l, p, f);
  bool any = taker->any_strides || taker == &gm__provider_row;
  bool copy_a = wants_copy(&out->rows, out->k, out->a_k, gm__nest_count(&out->columns), l->open & 1, any);
  bool copy_b = wants_copy(&out->columns, out->k, out->b_k, gm__nest_count(&out->rows), l->open & 2, any);
  stride = inner(&out->columns, 0, &length);
  copy_b = copy_b || wants_rows(f, f->a, length, stride);
  copy_a = copy_a || wants_rows(f, f->b, out->k, out->a_k);
  if (copy_a) GM_TRY(pack_a(l, p));
  if (copy_b) GM_TRY(pack_b(l, p));
  *out = lay_out(p);
  return GM_OK;
}

static gm_status batch_loops(gm__lower *l, const layout *at, gm__loops *out) {
  gm__nest batch = at->batch;
  for (int i = 0; i < at->rows.rank - 1; i++) {
    gm__nest_push(&batch, at->rows.dims[i], (int64_t[]){at->rows.strides[0][i], 0, at->rows.strides[1][i]});
  }
  for (int i = 0; i < at->columns.rank - 1; i++) {
    gm__nest_push(
        &batch, at->columns.dims[i], (int64_t[]){0, at->columns.strides[0][i], at->columns.strides[1][i]});
  }
  return gm__lower_loops(l, &batch, out);
}

/** Does a value lie just as c does, from its buffer's start? */
static bool lies_as(const gm__view *view, const gm__view *c) {
  bool same = view->offset == c->offset;
  for (int a = 0; a < c->rank; a++) same = same && (c->dims[a] == 1 || view->strides[a] == c->strides[a]);
  return same;
}

gm_status gm__lower_added(gm__lower *l, const gm__product *p, gm__view *added) {
  if (!p->added) return GM_OK;
  *added = *p->added;
  gm__view_broadcast(added, p->c.rank, p->c.dims);
  if (lies_as(added, &p->c)) return GM_OK;
  gm__view from = *added;
  GM_TRY(gm__lower_new(l, added));
  return gm__lower_copy(l, &from, added);
}

static bool formed(const gm__gemm *gemm) {
  return gemm->symmetric || gemm->a_form || gemm->b_form;
}

/** The forms that are used, in the program's memory. */
static gm_status add_forms(gm__lower *l, const gm__factors *f, gm__gemm *gemm) {
  gm__arena *arena = &l->program->arena;
  bool a = !gm__form_is_general(f->a), b = !gm__form_is_general(f->b);
  if (a) gemm->a_form = gm__arena_copy(arena, &f->a, sizeof f->a);
  if (b) gemm->b_form = gm__arena_copy(arena, &f->b, sizeof f->b);
  gemm->a_raw = f->a_raw;
  gemm->b_raw = f->b_raw;
  gemm->symmetric = f->symmetric;
  return (a && !gemm->a_form) || (b && !gemm->b_form) ? gm__no_memory(l->error) : GM_OK;
}

static void say_how(const gm__gemm *gemm, char *out, size_t size) {
  char a[64], b[64];
  const char *of_a = gemm->a_form ? gm__form_name(*gemm->a_form, a) : gemm->symmetric ? "one matrix" : "any";
  const char *of_b = gemm->b_form      ? gm__form_name(*gemm->b_form, b)
                     : gemm->symmetric ? "its transpose"
                                       : "any";
  snprintf(out, size, "%s of %.30s and %.30s", gemm->provider->name, of_a, of_b);
}

/** The step of a product whose descriptor is complete. */
static gm_status add_step(gm__lower *l, const gm__product *p, const gm__gemm *gemm) {
  gm__operand operands[4] = {gm__lower_operand(&p->a), gm__lower_operand(&p->b)};
  gm__view added = p->c;
  gm__step *step;
  GM_TRY(gm__lower_added(l, p, &added));
  operands[2] = gm__lower_operand(&added);
  operands[2 + gemm->adds] = gm__lower_operand(&p->c);
  GM_TRY(gm__lower_step(l, &gm__kernel_gemm, operands, 2 + gemm->adds, 1, gemm, sizeof *gemm, &step));
  step->in_place = gemm->adds ? 4 : 0;
  step->flops = 2 * (double)gm__view_count(&p->c) * (double)gemm->k;
  if (gemm->provider->share && formed(gemm)) {
    step->flops *= gemm->provider->share(gemm);
    say_how(gemm, l->formed.how, sizeof l->formed.how);
    l->formed.flops_after = step->flops;
  }
  step->bytes = gm__lower_bytes(&p->a) + gm__lower_bytes(&p->b) + gm__lower_bytes(&p->c);
  if (gemm->adds) step->bytes += gm__lower_bytes(&added);
  return GM_OK;
}

gm_status gm__lower_factors(gm__lower *l, gm__product *p, gm__factors *f) {
  layout at;
  const char *refusal;
  bool done = false;
  GM_TRY(gm__lower_formed(l, p, f, &done));
  if (done || l->wanted) return GM_OK;
  GM_TRY(make_addressable(l, p, f, &at));
  gm__gemm gemm = {.k = at.k,
      .a_column = at.a_k,
      .b_row = at.b_k,
      .in = p->a.dtype,
      .out = p->c.dtype,
      .alpha = p->alpha,
      .beta = p->beta,
      .adds = p->added != NULL,
      .loose = !l->exact};
  gemm.a_row = inner(&at.rows, 0, &gemm.m);
  gemm.c_row = inner(&at.rows, 1, &gemm.m);
  gemm.b_column = inner(&at.columns, 0, &gemm.n);
  gemm.c_column = inner(&at.columns, 1, &gemm.n);
  if (gemm.m == 1) gemm.c_row = gemm.n;
  GM_TRY(batch_loops(l, &at, &gemm.batch));
  GM_TRY(add_forms(l, f, &gemm));
  gemm.provider = gm__provider_choose(&gemm, l->kernel, l->exact, &refusal);
  if (gemm.provider->prepare) GM_TRY(gemm.provider->prepare(l->keep_blas_threads, l->error));
  return add_step(l, p, &gemm);
}

gm_status gm__lower_product(gm__lower *l, gm__product *p) {
  if (gm__view_count(&p->c) == 0) return GM_OK;
  absorb(p);
  gm__factors factors = gm__factors_of(l, p);
  return l->wanted ? GM_OK : gm__lower_factors(l, p, &factors);
}
