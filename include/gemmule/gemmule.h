/* SPDX-License-Identifier: MIT
 *
 * Gemmule, a lazy computation-graph engine: describe a graph, see its shapes, plan it, run it. */
#ifndef GEMMULE_GEMMULE_H
#define GEMMULE_GEMMULE_H

#include <gemmule/base.h>
#include <gemmule/tensor.h>
#include <gemmule/graph.h>
#include <gemmule/ops.h>
#include <gemmule/plan.h>
#include <gemmule/executor.h>
#include <gemmule/spec.h>

#endif
