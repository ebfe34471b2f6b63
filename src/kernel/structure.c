/* SPDX-License-Identifier: MIT
 *
 * structure: what `assume` promises, applied. In each row the columns inside the structure are one run, found
 * by formula; they are copied and the others become 0, or, for a symmetric matrix, the mirror of the lower
 * triangle. */
#include "kernel/strided.h"
#include "kernel/walk.h"
#include "tensor/tensor.h"

/* One matrix of the batch. */
typedef struct matrix {
  const gm__structured *how;
  const char *from;
  char *to;
  gm_dtype dtype;
  int64_t size;
} matrix;

typedef struct range {
  int64_t first, end;
} range;

/* The columns of a row that are inside the form, of a symmetric matrix those that are stored. */
static range inside(const gm__structured *how, int64_t row) {
  range r;
  gm__form_row(how->form, row, how->columns, &r.first, &r.end);
  if (how->form.symmetric && r.end > row + 1) r.end = row + 1;
  return r;
}

static const char *from_at(const matrix *m, int64_t row, int64_t column) {
  return m->from + (row * m->how->from_row + column * m->how->from_column) * m->size;
}

static char *to_at(const matrix *m, int64_t row, int64_t column) {
  return m->to + (row * m->how->to_row + column * m->how->to_column) * m->size;
}

static void zero(const matrix *m, int64_t row, int64_t first, int64_t end) {
  static const char zeros[16];
  if (first < end)
    gm__strided_fill(to_at(m, row, first), m->how->to_column, zeros, (size_t)(end - first), (size_t)m->size);
}

/* Where the mirror of a symmetric row ends: the others are beyond its band. */
static int64_t mirror_end(const gm__structured *how, int64_t row) {
  int64_t first, end;
  gm__form_row(how->form, row, how->columns, &first, &end);
  return how->form.symmetric ? end : 0;
}

static void apply_row(const matrix *m, int64_t row) {
  const gm__structured *how = m->how;
  range in = inside(how, row);
  int64_t end = mirror_end(how, row);
  if (in.first < in.end)
    gm__strided_copy(to_at(m, row, in.first), how->to_column, from_at(m, row, in.first), how->from_column,
        (size_t)(in.end - in.first), (size_t)m->size);
  if (in.end < end)
    gm__strided_copy(to_at(m, row, in.end), how->to_column, from_at(m, in.end, row), how->from_row,
        (size_t)(end - in.end), (size_t)m->size);
  zero(m, row, 0, in.first);
  zero(m, row, end > in.end ? end : in.end, how->columns);
}

static bool is_zero(const matrix *m, const char *element) {
  bool nonzero;
  gm__convert(&nonzero, GM_BOOL, element, m->dtype, 1);
  return !nonzero;
}

static bool differ(const matrix *m, const char *a, const char *b) {
  return memcmp(a, b, (size_t)m->size) != 0 && !(is_zero(m, a) && is_zero(m, b));
}

static gm_status broken(const matrix *m, int64_t row, int64_t column, gm_error *error) {
  char value[64], mirror[64];
  gm__text text = gm__text_into(value, sizeof value), other = gm__text_into(mirror, sizeof mirror);
  gm__element_text(&text, from_at(m, row, column), m->dtype);
  gm__text_end(&text);
  if (m->how->declared != GM__SYMMETRIC)
    GM_FAIL(error, GM_BAD_SHAPE, "entry [%lld, %lld] is %s, but the matrix is declared %s", (long long)row,
        (long long)column, value, gm__structure_name(m->how->declared));
  gm__element_text(&other, from_at(m, column, row), m->dtype);
  gm__text_end(&other);
  GM_FAIL(error, GM_BAD_SHAPE,
      "entry [%lld, %lld] is %s and [%lld, %lld] is %s, but the matrix is declared symmetric", (long long)row,
      (long long)column, value, (long long)column, (long long)row, mirror);
}

static gm_status check_columns(const matrix *m, int64_t row, int64_t first, int64_t end, gm_error *error) {
  bool symmetric = m->how->declared == GM__SYMMETRIC;
  for (int64_t column = first; column < end; column++) {
    const char *entry = from_at(m, row, column);
    if (symmetric ? differ(m, entry, from_at(m, column, row)) : !is_zero(m, entry))
      return broken(m, row, column, error);
  }
  return GM_OK;
}

static gm_status check(const matrix *m, gm_error *error) {
  for (int64_t row = 0; row < m->how->rows; row++) {
    range in = inside(m->how, row);
    GM_TRY(check_columns(m, row, 0, in.first, error));
    GM_TRY(check_columns(m, row, in.end > in.first ? in.end : in.first, m->how->columns, error));
  }
  return GM_OK;
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__structured *how = step->descriptor;
  gm_dtype dtype = (gm_dtype)step->operands[0].dtype;
  int64_t index[GM__LOOPS_RANK], offsets[2], size = (int64_t)gm__dtype_bytes(dtype);
  if (how->form.symmetric && how->rows != how->columns)
    GM_FAIL(run->error, GM_BAD_SHAPE, "a matrix of %lld rows and %lld columns cannot be symmetric",
        (long long)how->rows, (long long)how->columns);
  if (gm__loops_empty(&how->outer) || how->columns == 0) return GM_OK;
  gm__loops_begin(how->outer.rank, 2, index, offsets);
  do {
    const char *from = gm__step_address(step, run, 0);
    char *to = step->writes > 0 ? gm__step_address(step, run, 1) : NULL;
    matrix m = {how, from + offsets[0] * size, to, dtype, size};
    if (to != NULL) m.to = to + offsets[1] * size;
    if (how->check) GM_TRY(check(&m, run->error));
    for (int64_t row = 0; row < how->rows && to != NULL; row++) apply_row(&m, row);
  } while (gm__loops_next(&how->outer, how->outer.rank, 2, index, offsets));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__structured *how = step->descriptor;
  char name[64];
  gm__text_format(
      text, "%s %lldx%lld", gm__form_name(how->form, name), (long long)how->rows, (long long)how->columns);
}

const gm__kernel gm__kernel_structure = {
    "structure", run, NULL, text, GM__CUT(gm__structured, outer, 0, 2, 0)};
