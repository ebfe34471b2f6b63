/* SPDX-License-Identifier: MIT
 *
 * The form of a matrix: which of its entries may be other than zero, and whether it is its own transpose. A
 * small lattice that is closed under sums, products and transposes; what is not known to have a form is
 * general. Everything here is a pure function. */
#ifndef GM_KERNEL_FORM_H
#define GM_KERNEL_FORM_H

#include <stdbool.h>
#include <stdint.h>

/** What `assume` promises about the last two axes. */
typedef enum gm__structure {
  GM__GENERAL,
  GM__LOWER_TRIANGULAR,
  GM__UPPER_TRIANGULAR,
  GM__SYMMETRIC,
  GM__DIAGONAL,
  GM__TRIDIAGONAL,
  GM__BLOCK_DIAGONAL
} gm__structure;
const char *gm__structure_name(gm__structure structure);

/** The bandwidth of a side without bound. */
#define GM__FORM_FULL INT64_MAX

/** Entries with row - column > lower or column - row > upper are zero, and those outside the diagonal blocks
 * of side `block` (0: there are none). A negative bandwidth leaves out the diagonal and its neighbours; a
 * zero matrix has -1 on both sides. A diagonal matrix has blocks of side 1. */
typedef struct gm__form {
  int64_t lower, upper, block;
  bool symmetric, identity; /* both only of a square matrix */
} gm__form;

gm__form gm__form_general(void);
gm__form gm__form_zero(void);
gm__form gm__form_identity(void);
/** What a declaration says; `block` is that of GM__BLOCK_DIAGONAL. */
gm__form gm__form_declared(gm__structure structure, int64_t block);
/** Of what a declaration makes of a matrix with form f. */
gm__form gm__form_assumed(gm__form f, gm__structure structure, int64_t block);
gm__form gm__form_transposed(gm__form f);
/** Of a linear combination of both; of the product element by element; of the matrix product. */
gm__form gm__form_sum(gm__form a, gm__form b);
gm__form gm__form_both(gm__form a, gm__form b);
gm__form gm__form_product(gm__form a, gm__form b);

bool gm__form_is_general(gm__form f);
bool gm__form_is_zero(gm__form f);
bool gm__form_is_diagonal(gm__form f);
bool gm__form_is_lower(gm__form f);
bool gm__form_is_upper(gm__form f);
bool gm__form_equal(gm__form a, gm__form b);

/** The columns [*first, *end) of a row that are inside, of a matrix with `columns` of them; for a symmetric
 * matrix too, as if all of it were stored. */
void gm__form_row(gm__form f, int64_t row, int64_t columns, int64_t *first, int64_t *end);
/** How many entries of a rows × columns matrix are inside, to count with: half of them for a triangle. */
double gm__form_entries(gm__form f, int64_t rows, int64_t columns);
/** Is a form worth a kernel of its own in a product of so many multiplications; is half of an m × m result
 * with inner length k, and its mirror? What the planner counts on and what lowering does are both asked here.
 */
bool gm__form_pays(gm__form f, int64_t rows, int64_t columns, double multiplications);
bool gm__form_half_pays(double m, double k);
/** "lower triangular", "symmetric tridiagonal", "band of 2 and 3": a name for people; static or written to
 * `text`. */
const char *gm__form_name(gm__form f, char text[64]);

#endif
