/* SPDX-License-Identifier: MIT
 *
 * identity. Laws, exact in every bit: x·1, x/1, x - 0 are x, and so is the sum with 0 of integers; f(f(x)) is
 * x for what undoes itself (a double negation, a double transpose) and f(x) for what once is enough for (abs,
 * round, clip); max(x, x) is x; a cast, reshape or repetition to what x is already is x. Which operation
 * obeys which is said by its record. Complex numbers are left out of the products: i·inf times 1 has a NaN.
 */
#include <math.h>
#include "plan/plan.h"

static bool is_float(const gm__node *node) {
  return gm__dtype_is_float((gm_dtype)node->dtype) || gm__dtype_is_complex((gm_dtype)node->dtype);
}

/** Is input `at` everywhere `wanted`, so that the other input is the result? */
static bool neutral(gm__rewrite *r, uint32_t id, int at, double wanted) {
  double value;
  const uint32_t *in = gm__node_of(r->plan->graph, id)->inputs;
  return gm__rewrite_alike(r, id, in[1 - at]) && gm__rewrite_uniform(r->plan, in[at], &value) &&
         value == wanted && !signbit(value);
}

/** The input that a binary operation gives back, or 0. */
static uint32_t given_back(gm__rewrite *r, uint32_t id) {
  const gm__node *node = gm__node_of(r->plan->graph, id);
  unsigned laws = node->op->laws;
  bool real = !gm__dtype_is_complex((gm_dtype)node->dtype), whole = !is_float(node);
  bool one = real && laws & (GM__TIMES_ONE | GM__OVER_ONE), one_first = real && laws & GM__TIMES_ONE;
  bool zero = laws & GM__MINUS_ZERO || (whole && laws & GM__PLUS_ZERO);
  bool zero_first = whole && laws & GM__PLUS_ZERO;
  const uint32_t *in = node->inputs;
  if (laws & GM__SELECTS && in[0] == in[1] && gm__rewrite_alike(r, id, in[0])) return in[0];
  if ((one && neutral(r, id, 1, 1)) || (zero && neutral(r, id, 1, 0))) return in[0];
  if ((one_first && neutral(r, id, 0, 1)) || (zero_first && neutral(r, id, 0, 0))) return in[1];
  return 0;
}

/** What f(f(x)) is: x, f(x), or (0) nothing known. */
static uint32_t twice(gm__rewrite *r, uint32_t id) {
  const gm__node *node = gm__node_of(r->plan->graph, id);
  const gm__node *inner = gm__node_of(r->plan->graph, node->inputs[0]);
  if (inner->op != node->op || !gm__rewrite_same_attrs(node, inner)) return 0;
  uint32_t same = node->op->laws & GM__INVOLUTORY ? inner->inputs[0] : node->inputs[0];
  return gm__rewrite_alike(r, id, same) ? same : 0;
}

static gm_status visit(gm__rewrite *r, uint32_t id) {
  const gm__node *node = gm__node_of(r->plan->graph, id);
  unsigned laws = node->op->laws;
  uint32_t same = 0;
  if (node->input_count == 0) return GM_OK;
  if (laws & GM__KEEPS && gm__rewrite_alike(r, id, node->inputs[0])) same = node->inputs[0];
  if (!same && node->input_count == 2) same = given_back(r, id);
  if (!same && laws & (GM__INVOLUTORY | GM__IDEMPOTENT)) same = twice(r, id);
  return same ? gm__rewrite_replace(r, id, same) : GM_OK;
}

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  return gm__rewrite_each(plan, pass, visit, NULL, error);
}

const gm__pass gm__pass_identity = {
    .name = "identity", .law = "what changes nothing, or undoes itself, is left out", .graph = run};
