/* SPDX-License-Identifier: MIT
 *
 * Steps over the same rows that can run a block of rows at a time: which these are, and the step that they
 * become. */
#ifndef GM_PLAN_ROW_GROUP_H
#define GM_PLAN_ROW_GROUP_H

#include "plan/step_uses.h"

/** The most steps of a group. */
#define GM__GROUP_STEPS 12

/** Steps first … first + count - 1, with `rows` rows each. */
typedef struct gm__row_group {
  gm__program *program;
  const gm__uses *uses;
  uint32_t first, count;
  int64_t rows;
} gm__row_group;

/** The rows of a step: the length of its outermost axis; 0: it has none. */
int64_t gm__step_rows(const gm__step *step);
/** Can the group grow by the step before it, or behind it, which has to do with it? */
bool gm__row_group_takes(const gm__row_group *group, uint32_t at);
/** The step that they become, of the last one's node. *done: false where it does not pay, or they are too
 * many or too wide. */
gm_status gm__row_group_end(const gm__row_group *group, gm__step *out, bool *done, gm_error *error);

#endif
