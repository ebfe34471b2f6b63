/* SPDX-License-Identifier: MIT
 *
 * What lower_product.c and lower_form.c share: a product whose factors' forms are known. */
#ifndef GM_GRAPH_LOWER_FORM_H
#define GM_GRAPH_LOWER_FORM_H

#include "graph/lower.h"

/** The forms of a (rows × inner) and b (inner × columns). `by_rows`: the factor without one must lie by rows.
 */
typedef struct gm__factors {
  gm__form a, b;
  bool a_raw, b_raw;
  bool symmetric; /* b is aᵗ */
  bool by_rows;
} gm__factors;

static inline int gm__product_columns(const gm__product *p) {
  return p->c.rank - p->batch_axes - p->row_axes;
}

/** From l->known; a symmetric operand may be turned in `p`. Sets l->wanted where a raw input's form is of no
 * use. */
gm__factors gm__factors_of(gm__lower *l, gm__product *p);
/** Products that are no gemm at all (zero, a scaling), or several (blocks), are made here: *done. What is
 * left is as short as the forms allow, without those that do not pay; or l->wanted says why there is nothing
 * yet. */
gm_status gm__lower_formed(gm__lower *l, gm__product *p, gm__factors *f, bool *done);
/** Who would take the product if every matrix were contiguous. */
const gm__provider *gm__lower_taker(const gm__lower *l, const gm__product *p, const gm__factors *f);
/** What is added, laid out as c is, from the same offset. */
gm_status gm__lower_added(gm__lower *l, const gm__product *p, gm__view *added);
/** The product of such factors. */
gm_status gm__lower_factors(gm__lower *l, gm__product *p, gm__factors *f);

#endif
