/* SPDX-License-Identifier: MIT
 *
 * slice_product. Law: (X·Y)[r, c] = X[r, :]·Y[:, c], and a part of a sum over other axes is the sum of that
 * part. It is done by slice (pass_slice.c), but is a switch of its own: fewer rows or columns may be summed
 * in another order. */
#include "plan/plan.h"

const gm__pass gm__pass_slice_product = {
    .name = "slice_product", .law = "a part of a product is a product of parts", .may_round = true};
