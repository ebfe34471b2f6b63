/* SPDX-License-Identifier: MIT
 *
 * assume: declares the structure of a matrix. It defines the value: entries outside count as zero, and for
 * symmetric the upper triangle mirrors the lower, whatever is stored. */
#include "graph/lower.h"

enum { STRUCTURE, BLOCK };

static const gm__attr_row attrs[] = {
    {"structure", GM__ATTR_CHOICE, NULL, "what the last two axes are",
        "lower_triangular,upper_triangular,symmetric,diagonal,tridiagonal,block_diagonal"},
    {"block", GM__ATTR_INTEGER, "null", "the side of the blocks of block_diagonal", NULL},
};

static gm__structure structure_of(const gm__attr *attr) {
  return (gm__structure)(GM__LOWER_TRIANGULAR + attr[STRUCTURE].integer);
}

static gm_status infer(gm__infer *c) {
  int rank = c->shape[0].rank;
  bool blocks = structure_of(c->attrs) == GM__BLOCK_DIAGONAL;
  if (blocks && (!c->attrs[BLOCK].given || c->attrs[BLOCK].integer < 1)) {
    return gm__infer_fail(
        c, GM_BAD_ARGUMENT, "block_diagonal needs the attribute 'block', an integer of 1 or more");
  }
  if (!blocks && c->attrs[BLOCK].given) {
    return gm__infer_fail(c, GM_BAD_ARGUMENT, "the attribute 'block' is for block_diagonal alone");
  }
  if (structure_of(c->attrs) == GM__SYMMETRIC) GM_TRY(gm__infer_equal(c, 0, rank - 2, 0, rank - 1));
  gm__infer_like(c, 0);
  return GM_OK;
}

static gm__form form(const gm__attr *given, const gm__form *inputs) {
  return gm__form_assumed(inputs[0], structure_of(given), given[BLOCK].given ? given[BLOCK].integer : 0);
}

/** Where forms are in use (l->known), nothing is copied: who reads the value knows its form. */
static gm_status lower(gm__lower *l) {
  gm__structure structure = structure_of(l->attrs);
  gm__form declared = gm__form_declared(structure, l->attrs[BLOCK].given ? l->attrs[BLOCK].integer : 0);
  if (l->known) {
    l->out[0] = l->in[0];
    if (!l->check_structure) return GM_OK;
    return gm__lower_structure(l, declared, structure, true, &l->in[0], NULL);
  }
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_structure(l, declared, structure, l->check_structure, &l->in[0], &l->out[0]);
}

const gm__op gm__op_assume = {
    .name = "assume",
    .doc = "Declares the structure of a matrix: entries outside it count as zero.",
    .formula =
        "out[i, j] = x[i, j] inside the structure, else 0; symmetric: out[i, j] = x[max(i, j), min(i, j)]",
    .source = "Gemmule's own",
    .inputs = "x",
    .kind = "structure",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__DECLARES,
    .attrs = attrs,
    .attr_count = 2,
    .example = "{assume: x, structure: lower_triangular}",
    .ranks = gm__infer_matrix,
    .infer = infer,
    .flops = gm__infer_no_flops,
    .form = form,
    .lower = lower,
};
