/* SPDX-License-Identifier: MIT
 *
 * The table of operations, made from ops.def. */
#ifndef GM_OPS_REGISTRY_H
#define GM_OPS_REGISTRY_H

#include "graph/op.h"

/** The record of an operation; NULL for an unknown name. */
const gm__op *gm__op_named(const char *name);
/** GM_UNKNOWN_OP with the nearest name. */
gm_status gm__op_unknown(const char *name, gm_error *error);

#endif
