/* SPDX-License-Identifier: MIT
 *
 * The words of map.def, the table of elementwise operations. A row is
 *   GM_MAP(name, arity, kinds, result, properties, "doc", "formula", "source", REAL, INTEGER, COMPLEX, sets)
 * and is expanded twice: here into a loop for each dtype of `kinds`, and in ops into the operation's record.
 *
 * The three expressions are over x, y, z (as many as `arity`) and p, the parameters:
 *   REAL     T is float (float16 and bfloat16 too, with one rounding at the end) or double; the functions of
 *            vector_math.h fit T (gm__exp(x) and others, without calls or branches: the loop becomes
 * vectors), and those of <tgmath.h>, which are called element by element; INTEGER  T is the integer type, U
 * the unsigned type to compute wrapping sums and products in; bool too, as 0 and 1, whose result is compared
 * with 0; COMPLEX  T is float _Complex or double _Complex. A kind that the row does not have still needs an
 * expression that compiles: `x`. `sets` tells for how many instruction sets the loops of REAL are compiled:
 * ALL where arithmetic takes the time, FEW where memory does, NONE where vectors are of no use. */
#ifndef GM_KERNEL_MAP_ROW_H
#define GM_KERNEL_MAP_ROW_H

#include "kernel/law.h"
#include "tensor/dtype.h"

/** Which dtypes an operation takes: bits 1 << gm__kind. */
enum {
  GM__BOOLS = 1 << GM__KIND_BOOL,
  GM__INTEGERS = 1 << GM__KIND_INT | 1 << GM__KIND_UINT,
  GM__REALS = 1 << GM__KIND_FLOAT,
  GM__COMPLEXES = 1 << GM__KIND_COMPLEX,
  GM__NUMBERS = GM__INTEGERS | GM__REALS | GM__COMPLEXES
};

/** The dtype of the result: that of the arguments; bool; the real one that belongs to a complex argument. */
enum { GM__SAME, GM__TO_BOOL, GM__TO_REAL };

/** Properties are those of law.h, and PARAMETERS: the function reads p, so the operation has attributes and a
 * record of its own in ops. */
enum { GM__PARAMETERS = 1 << 16 };

#endif
