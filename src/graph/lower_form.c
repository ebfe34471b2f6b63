/* SPDX-License-Identifier: MIT
 *
 * Products with a form: entries outside the structure of a factor take no part. A zero factor makes a fill, a
 * diagonal one a scaling, diagonal blocks a batch of small products; for triangles, bands and symmetric
 * factors or results there are providers, which are asked here whether it pays. A raw operand that nobody
 * wants as it is is made whole first. */
#include "graph/lower_form.h"

#include <stdio.h>
#include <string.h>

/* ---- Which forms ---- */

/** The form of an input, for a matrix with rows along one of its axes and columns along another. A symmetric
 * one is read where its lower triangle lies, so it is never turned. */
static bool place(const gm__known *known, gm__view *view, int row, int column, gm__form *form) {
  int last = view->rank - 1;
  bool turned = row == last;
  if ((row != last && column != last) || (row != last - 1 && column != last - 1)) return false;
  *form = turned ? gm__form_transposed(known->form) : known->form;
  if (turned && form->symmetric) {
    int64_t kept = view->strides[row];
    view->strides[row] = view->strides[column];
    view->strides[column] = kept;
  }
  return true;
}

/** `columns`: the axis beside the inner one is that of columns. */
static void find(gm__lower *l, int input, gm__view *view, const int *axes, int count, int inner, bool columns,
    gm__form *form, bool *raw) {
  const gm__known *known = &l->known[input];
  if (gm__form_is_zero(known->form)) {
    *form = known->form;
  } else if (!gm__form_is_general(known->form)) {
    bool found = count == 1 && (columns ? place(known, view, inner, axes[0], form)
                                        : place(known, view, axes[0], inner, form));
    *raw = found && known->raw;
    if (!found && known->raw) l->wanted |= 1u << input;
  }
}

static bool same_axis(const gm__product *p, int a, int b) {
  return p->a.dims[a] == p->b.dims[b] && p->a.strides[a] == p->b.strides[b];
}

/** Are a and b one matrix, once as it is and once transposed? */
static bool is_square_of_one(const gm__product *p) {
  if (p->row_axes != 1 || gm__product_columns(p) != 1 || p->added || p->a.dtype != p->c.dtype) return false;
  bool same = p->a.buffer == p->b.buffer && p->a.offset == p->b.offset;
  for (int i = 0; i < p->batch_axes && same; i++) same = same_axis(p, p->a_batch[i], p->b_batch[i]);
  return same && same_axis(p, p->rows[0], p->columns[0]) && same_axis(p, p->a_inner, p->b_inner);
}

/** Is it a symmetric matrix times itself? Neither is turned. */
static bool is_square_of_symmetric(const gm__product *p, const gm__factors *f) {
  bool plain = p->row_axes == 1 && gm__product_columns(p) == 1 && p->batch_axes == 0 && !p->added;
  if (!plain || !f->a.symmetric || !f->b.symmetric || p->a.dtype != p->c.dtype) return false;
  return p->a.buffer == p->b.buffer && p->a.offset == p->b.offset &&
         p->a.strides[p->rows[0]] == p->b.strides[p->b_inner] &&
         p->a.strides[p->a_inner] == p->b.strides[p->columns[0]];
}

/** The square of a matrix that was declared symmetric is worth a copy that is so. */
gm__factors gm__factors_of(gm__lower *l, gm__product *p) {
  gm__factors f = {.a = gm__form_general(), .b = gm__form_general()};
  if (!l->known) return f;
  f.symmetric = is_square_of_one(p);
  find(l, 0, &p->a, p->rows, p->row_axes, p->a_inner, false, &f.a, &f.a_raw);
  find(l, 1, &p->b, p->columns, gm__product_columns(p), p->b_inner, true, &f.b, &f.b_raw);
  bool square = is_square_of_symmetric(p, &f);
  bool pays = square && gm__form_half_pays((double)p->a.dims[p->rows[0]], (double)p->a.dims[p->a_inner]);
  if (pays && f.a_raw) l->wanted |= 3;
  f.symmetric = (f.symmetric || square) && !f.a_raw && !f.b_raw;
  return f;
}

/* ---- Sizes ---- */

static int64_t rows_of(const gm__product *p) {
  int64_t m = 1;
  for (int i = 0; i < p->row_axes; i++) m *= p->a.dims[p->rows[i]];
  return m;
}

static int64_t columns_of(const gm__product *p) {
  int64_t n = 1;
  for (int i = 0; i < gm__product_columns(p); i++) n *= p->b.dims[p->columns[i]];
  return n;
}

static int64_t inner_of(const gm__product *p) {
  return p->a.dims[p->a_inner];
}

static double share(gm__form form, int64_t rows, int64_t columns) {
  double all = (double)rows * (double)columns;
  return all > 0 ? gm__form_entries(form, rows, columns) / all : 1;
}

/** What says nothing about so few rows and columns is left out. */
static void fit(gm__form *form, bool *raw, int64_t rows, int64_t columns) {
  if (form->lower >= rows - 1) form->lower = GM__FORM_FULL;
  if (form->upper >= columns - 1) form->upper = GM__FORM_FULL;
  if (form->block >= rows && form->block >= columns) form->block = 0;
  *raw = *raw && !gm__form_is_general(*form);
}

/** Forms that need not be used are kept only where that pays. */
static void weigh(const gm__product *p, gm__factors *f) {
  int64_t m = rows_of(p), n = columns_of(p), k = inner_of(p);
  double all = (double)m * (double)n * (double)k;
  fit(&f->a, &f->a_raw, m, k);
  fit(&f->b, &f->b_raw, k, n);
  bool halved = share(f->a, m, k) < 0.5 || share(f->b, k, n) < 0.5;
  if (halved || !gm__form_half_pays((double)m, (double)k)) f->symmetric = false;
  if (!f->a_raw && (f->symmetric || !gm__form_pays(f->a, m, k, all))) f->a = gm__form_general();
  if (!f->b_raw && (f->symmetric || !gm__form_pays(f->b, k, n, all))) f->b = gm__form_general();
}

/** Columns of A beyond its last row's end, and rows of B beyond its last column's, are zero. */
static void trim(gm__product *p, const gm__factors *f) {
  int64_t first, end = inner_of(p), least = end;
  if (!gm__form_is_general(f->a) && p->row_axes == 1) gm__form_row(f->a, rows_of(p) - 1, least, &first, &end);
  if (end < least) least = end;
  end = least;
  if (!gm__form_is_general(f->b) && gm__product_columns(p) == 1)
    gm__form_row(gm__form_transposed(f->b), columns_of(p) - 1, least, &first, &end);
  if (end < least) least = end;
  p->a.dims[p->a_inner] = p->b.dims[p->b_inner] = least;
}

const gm__provider *gm__lower_taker(const gm__lower *l, const gm__product *p, const gm__factors *f) {
  int64_t m = rows_of(p), n = columns_of(p), k = inner_of(p);
  gm__gemm gemm = {.m = m,
      .n = n,
      .k = k,
      .a_row = k,
      .a_column = 1,
      .b_row = n,
      .b_column = 1,
      .c_row = n,
      .c_column = 1,
      .in = p->a.dtype,
      .out = p->c.dtype,
      .alpha = p->alpha,
      .beta = p->beta,
      .adds = p->added != NULL,
      .symmetric = f->symmetric,
      .a_form = gm__form_is_general(f->a) ? NULL : &f->a,
      .b_form = gm__form_is_general(f->b) ? NULL : &f->b,
      .a_raw = f->a_raw,
      .b_raw = f->b_raw};
  return gm__provider_choose(&gemm, l->kernel, l->exact, NULL);
}

/* ---- Zero ---- */

static gm_status lower_zero(gm__lower *l, gm__product *p, gm__factors *f, bool *done) {
  l->formed.flops_after = 0;
  snprintf(l->formed.how, sizeof l->formed.how, "zero");
  *f = (gm__factors){.a = gm__form_general(), .b = gm__form_general()};
  p->a.dims[p->a_inner] = p->b.dims[p->b_inner] = 0;
  *done = p->added == NULL;
  return *done ? gm__lower_zero(l, &p->c) : GM_OK;
}

/* ---- A diagonal: a scaling ---- */

/** The other factor with c's axes: the batches, then its own axes in c's order. */
static gm__view spread(const gm__view *from, const gm__product *p, const int *batch, const int *axes) {
  gm__view view = p->c;
  view.buffer = from->buffer;
  view.offset = from->offset;
  for (int i = 0; i < p->batch_axes; i++) view.strides[i] = from->strides[batch[i]];
  for (int i = p->batch_axes; i < p->c.rank; i++) view.strides[i] = from->strides[axes[i - p->batch_axes]];
  return view;
}

/** The diagonal along c's axis `along`, repeated along the others. */
static gm__view diagonal_of(
    const gm__view *from, const gm__product *p, const int *batch, int along, int row, int column) {
  gm__view view = p->c;
  view.buffer = from->buffer;
  view.offset = from->offset;
  for (int i = 0; i < p->c.rank; i++) view.strides[i] = i < p->batch_axes ? from->strides[batch[i]] : 0;
  view.strides[along] = from->strides[row] + from->strides[column];
  return view;
}

static gm_status lower_scaling(gm__lower *l, const gm__product *p, bool left) {
  int axes[GM_MAX_RANK], count = 0;
  gm__view in[2];
  if (left) {
    axes[count++] = p->b_inner;
    for (int i = 0; i < gm__product_columns(p); i++) axes[count++] = p->columns[i];
    in[0] = diagonal_of(&p->a, p, p->a_batch, p->batch_axes, p->rows[0], p->a_inner);
    in[1] = spread(&p->b, p, p->b_batch, axes);
  } else {
    for (int i = 0; i < p->row_axes; i++) axes[count++] = p->rows[i];
    axes[count++] = p->a_inner;
    in[0] = spread(&p->a, p, p->a_batch, axes);
    in[1] = diagonal_of(&p->b, p, p->b_batch, p->c.rank - 1, p->columns[0], p->b_inner);
  }
  snprintf(l->formed.how, sizeof l->formed.how, "a scaling");
  l->formed.flops_after = (double)gm__view_count(&p->c);
  return gm__lower_function(l, "multiply", p->c.dtype, NULL, 0, in, 2, &p->c);
}

static bool scales(const gm__product *p, const gm__factors *f, bool left) {
  gm__form form = left ? f->a : f->b;
  int64_t other = left ? rows_of(p) : columns_of(p);
  bool plain = p->alpha == 1 && !p->added && p->a.dtype == p->c.dtype;
  bool single = (left ? p->row_axes : gm__product_columns(p)) == 1;
  return plain && single && gm__form_is_diagonal(form) && other == inner_of(p) &&
         !(left ? f->b_raw : f->a_raw);
}

/** Does the other factor lie by rows, so that a band's kernel reads it as it lies? */
static bool lies_by_rows(const gm__product *p, bool left) {
  int columns = gm__product_columns(p);
  if (!left) return p->a.strides[p->a_inner] == 1;
  return columns > 0 && p->b.dims[p->columns[columns - 1]] > 1 && p->b.strides[p->columns[columns - 1]] == 1;
}

/* ---- Diagonal blocks: a batch ---- */

/** Blocks [at, at + count) of the form's matrix along its two axes, and of one axis of the two other views;
 * as a batch where there are several. */
typedef struct blocks {
  int64_t side, at, count;
} blocks;

static void cut(gm__view *view, const blocks *b, int axis, int other) {
  int64_t step = view->strides[axis] + (other >= 0 ? view->strides[other] : 0);
  view->dims[axis] = b->side;
  if (other >= 0) view->dims[other] = b->side;
  view->offset += b->at * step;
  if (b->count <= 1) return;
  memmove(view->dims + 1, view->dims, (size_t)view->rank * sizeof *view->dims);
  memmove(view->strides + 1, view->strides, (size_t)view->rank * sizeof *view->strides);
  view->dims[0] = b->count;
  view->strides[0] = b->side * step;
  view->rank++;
}

/** All axes move by one, behind the blocks. */
static void shift_axes(gm__product *p) {
  for (int i = p->batch_axes; i > 0; i--) {
    p->a_batch[i] = p->a_batch[i - 1] + 1;
    p->b_batch[i] = p->b_batch[i - 1] + 1;
  }
  for (int i = 0; i < p->row_axes; i++) p->rows[i]++;
  for (int i = 0; i < gm__product_columns(p); i++) p->columns[i]++;
  p->a_batch[0] = p->b_batch[0] = 0;
  p->a_inner++;
  p->b_inner++;
}

static gm_status lower_blocks_of(
    gm__lower *l, const gm__product *whole, const gm__factors *f, bool left, const blocks *b) {
  gm__product p = *whole;
  gm__factors inside = *f;
  gm__view added;
  int axis = left ? p.batch_axes : p.c.rank - 1;
  if (b->side == 0) return GM_OK;
  if (whole->added) added = *whole->added;
  if (whole->added) p.added = &added;
  cut(&p.a, b, left ? p.rows[0] : p.a_inner, left ? p.a_inner : -1);
  cut(&p.b, b, left ? p.b_inner : p.columns[0], left ? -1 : p.b_inner);
  if (whole->added) cut(&added, b, axis, -1);
  if (b->count > 1) shift_axes(&p);
  cut(&p.c, b, axis, -1);
  p.batch_axes += b->count > 1;
  (left ? &inside.a : &inside.b)->block = 0;
  return gm__lower_factors(l, &p, &inside);
}

static gm_status lower_blocks(gm__lower *l, gm__product *p, const gm__factors *f, bool left) {
  int64_t side = (left ? f->a : f->b).block, length = inner_of(p), count = length / side;
  gm__formed kept = l->formed;
  snprintf(kept.how, sizeof kept.how, "blocks of %lld in a batch", (long long)side);
  kept.flops_after = kept.flops_before * share(left ? f->a : f->b, length, length);
  blocks all = {side, 0, count}, rest = {length - count * side, count * side, 1};
  gm__view added;
  if (p->added) GM_TRY(gm__lower_added(l, p, &added));
  if (p->added) p->added = &added;
  GM_TRY(lower_blocks_of(l, p, f, left, &all));
  if (!l->wanted) GM_TRY(lower_blocks_of(l, p, f, left, &rest));
  l->formed = kept;
  return GM_OK;
}

static bool has_blocks(const gm__product *p, const gm__factors *f, bool left) {
  gm__form form = left ? f->a : f->b;
  int64_t length = inner_of(p), other = left ? rows_of(p) : columns_of(p);
  bool single = (left ? p->row_axes : gm__product_columns(p)) == 1;
  return form.block > 1 && form.block < length && other == length && single &&
         !(left ? f->b_raw : f->a_raw) && p->c.rank < GM_MAX_RANK && p->a.rank < GM_MAX_RANK &&
         p->b.rank < GM_MAX_RANK;
}

/* ---- Kernels of their own ---- */

static bool formed(const gm__factors *f) {
  return f->symmetric || !gm__form_is_general(f->a) || !gm__form_is_general(f->b);
}

/** Which raw factor is to be made whole: of two, the one with more entries inside. */
static uint32_t to_make_whole(const gm__product *p, const gm__factors *f) {
  if (!f->a_raw || !f->b_raw) return f->b_raw ? 2 : 1;
  double a = share(f->a, rows_of(p), inner_of(p)), b = share(f->b, inner_of(p), columns_of(p));
  return a > b ? 1 : 2;
}

/** Where only the reference could use the forms although a library knows the dtype, or only a library
 * although we compute such products ourselves, none is used. */
static void settle(gm__lower *l, const gm__product *p, gm__factors *f) {
  gm__factors none = {.a = gm__form_general(), .b = gm__form_general()};
  const gm__provider *provider = gm__lower_taker(l, p, f), *plain = gm__lower_taker(l, p, &none);
  bool library = provider->prepare && plain->part;
  f->by_rows = provider->by_rows;
  if (!library && (!provider->last || plain->last)) return;
  if (f->b_raw || f->a_raw)
    l->wanted |= to_make_whole(p, f);
  else
    *f = none;
}

gm_status gm__lower_formed(gm__lower *l, gm__product *p, gm__factors *f, bool *done) {
  l->formed.flops_before = 2 * (double)gm__view_count(&p->c) * (double)inner_of(p);
  if (gm__form_is_zero(f->a) || gm__form_is_zero(f->b)) return lower_zero(l, p, f, done);
  weigh(p, f);
  if (!formed(f)) return GM_OK;
  trim(p, f);
  for (int left = 1; left >= 0 && !*done; left--) {
    *done = true;
    if (scales(p, f, left) && !(lies_by_rows(p, left) && gm__lower_taker(l, p, f)->by_rows))
      return lower_scaling(l, p, left);
    if (has_blocks(p, f, left)) return lower_blocks(l, p, f, left);
    *done = false;
  }
  settle(l, p, f);
  return GM_OK;
}
