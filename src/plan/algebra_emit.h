/* SPDX-License-Identifier: MIT
 *
 * Building what was chosen. */
#ifndef GM_PLAN_ALGEBRA_EMIT_H
#define GM_PLAN_ALGEBRA_EMIT_H

#include "plan/algebra_state.h"

/** What has been built of a group: chains by their letters, and definitions. Zero-initialise; lives in the
 * scratch arena. */
typedef struct gm__built {
  uint32_t first, count, node;
} gm__built;
typedef struct gm__emitter {
  gm__algebra *a;
  gm__rebuild *rebuild;
  const gm__group *group;
  const gm__state *state; /* NULL: the group stays as it was written */
  gm__built *chains;
  size_t chain_count, chain_capacity;
} gm__emitter;

/** Builds the value of a definition where the rebuild is; *out is its new node. */
gm_status gm__emit_def(gm__emitter *e, uint32_t def, uint32_t *out);
void gm__emitter_free(gm__emitter *e);

#endif
