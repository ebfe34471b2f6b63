/* SPDX-License-Identifier: MIT
 *
 * The algebra of operations: facts that hold for all values, bit for bit unless said otherwise. Rows of
 * map.def and records of operations state them, passes ask for them. */
#ifndef GM_KERNEL_LAW_H
#define GM_KERNEL_LAW_H

enum {
  GM__COMMUTATIVE = 1,     /* f(x, y) = f(y, x) */
  GM__ASSOCIATIVE = 2,     /* but for rounding */
  GM__LINEAR = 4,          /* f(a·u + b·v) = a·f(u) + b·f(v), all arguments together, but for rounding */
  GM__BILINEAR = 8,        /* so in each argument alone */
  GM__INVOLUTORY = 16,     /* f(f(x)) = x */
  GM__IDEMPOTENT = 32,     /* f(f(x)) = f(x) */
  GM__SELECTS = 64,        /* f(x, x) = x */
  GM__MINUS_ZERO = 128,    /* f(x, 0) = x */
  GM__PLUS_ZERO = 256,     /* f(x, 0) = f(0, x) = x, but for the sign of a zero */
  GM__TIMES_ONE = 512,     /* f(x, 1) = f(1, x) = x */
  GM__OVER_ONE = 1024,     /* f(x, 1) = x */
  GM__KEEPS = 2048,        /* a result with the dtype and the shape of the first argument is that argument */
  GM__RESHAPES = 4096,     /* the same elements in the same order, in a shape of its own */
  GM__HOMOGENEOUS = 16384, /* f(s·x, y) = s·f(x, y), but for rounding */
  GM__ADDS_UP = 32768,     /* the sum over the axes that no axis of the result runs along */
  GM__CONTRACTS = 8192     /* for y of rank 1 or 2: sums over x's last and y's first axis; the others of x are
                              rows;  of rank 0, x or y scales the other */
};

#endif
