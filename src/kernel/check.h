/* SPDX-License-Identifier: MIT
 *
 * check: reads an operand of integers and computes nothing; an element below `least` fails the run, before
 * the steps that rely on it. */
#ifndef GM_KERNEL_CHECK_H
#define GM_KERNEL_CHECK_H

#include "kernel/step.h"

/** Operands: {read}. `rule` is a static sentence for the message, which goes on with the element. */
typedef struct gm__check {
  gm__loops loops;
  int64_t least;
  const char *rule;
} gm__check;
extern const gm__kernel gm__kernel_check;

#endif
