/* SPDX-License-Identifier: MIT
 *
 * The cost model: what work takes, in modelled nanoseconds of one core. Its constants are compiled in; only
 * their ratios matter. Nothing is measured while planning, so that a plan depends on its graph and dims
 * alone. */
#ifndef GM_PLAN_COST_H
#define GM_PLAN_COST_H

#include "kernel/form.h"
#include "tensor/dtype.h"

/** A product of m × k and k × n. `symmetric`: one side is the transpose of the other, so that half of the
 * result is computed and mirrored. */
typedef struct gm__work {
  double m, n, k;
  gm_dtype dtype;
  gm__form a, b;
  bool symmetric;
} gm__work;
double gm__cost_product(const gm__work *work);
/** Does it use what is known of its sides? Such a product cannot add to what is there. */
bool gm__work_formed(const gm__work *work);
/** a·bᵗ + b·aᵗ, n × n with inner length k. */
double gm__cost_rank_2k(double n, double k, gm_dtype dtype);
/** A step that does little but read and write so many bytes. */
double gm__cost_bytes(double bytes);

#endif
