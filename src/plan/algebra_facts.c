/* SPDX-License-Identifier: MIT
 *
 * What each node is to the algebra, asked of its record: a product of matrices, a sum, a multiple, a
 * transpose, or an atom; and which are roots, whose values somebody outside of the algebra needs. */
#include <float.h>
#include <math.h>
#include "plan/algebra.h"

/** Beyond so many letters a node is not read into others; so many readers may read one again. */
#define MOST_LETTERS 4096
#define MOST_SHARED_LETTERS 16
#define MOST_READERS 8
/** So many letters of sums are read together, and brackets within brackets. */
#define MOST_SUM_LETTERS 256
#define MOST_DEPTH 8
/** Whole coefficients of integers, beyond which they may wrap before they are used. */
#define MOST_WHOLE (1 << 30)

/** As far as is known; what is not known now is asked again when it is. */
static bool same_dims(const gm_plan *plan, const gm__node *a, const gm__node *b) {
  const gm__dims *dims = plan->graph->dims;
  bool same = a->rank == b->rank;
  for (int i = 0; same && i < a->rank; i++) {
    int64_t length = gm__dim_value(dims, a->dims[i]);
    same = a->dims[i] == b->dims[i] || (length >= 0 && length == gm__dim_value(dims, b->dims[i]));
  }
  return same;
}

/** An elementwise operation on two real numbers; its attributes, where it has any, are its parameters. */
static void apply_real(const gm__node *node, const double *x, const double *y, double *out) {
  gm_dtype result;
  double parameters[2] = {0, 0};
  const gm__map_function *function = gm__map_find(node->op->map, GM_FLOAT64, &result);
  for (int i = 0; i < node->op->attr_count && i < 2; i++) {
    if (node->op->attrs[i].type == GM__ATTR_NUMBER) parameters[i] = node->attrs[i].number;
  }
  gm__map_apply(function, out, (const void *const[]){x, y}, 1, parameters);
}

void gm__linear_coefficients(const gm__node *node, double out[2]) {
  static const double units[2][2] = {{1, 0}, {0, 1}};
  for (int i = 0; i < 2; i++) apply_real(node, &units[i][0], &units[i][1], &out[i]);
}

/** Rounding, wrapping and huge coefficients as they are computed with. */
static bool scalable(gm_dtype dtype) {
  return gm__dtype_is_float(dtype) || gm__dtype_is_complex(dtype) || dtype == GM_INT32 || dtype == GM_INT64;
}

int gm__scaled_input(const gm_plan *plan, uint32_t id) {
  const gm__node *node = gm__node_of(plan->graph, id);
  bool divides = node->op->map && node->op->laws & GM__HOMOGENEOUS;
  bool scales = divides || (node->op->laws & GM__BILINEAR && node->op->map) || node->op->laws & GM__CONTRACTS;
  if (!scales || node->input_count != 2 || !scalable((gm_dtype)node->dtype)) return -1;
  for (int i = 1; i >= (divides ? 1 : 0); i--) {
    const gm__node *element = gm__node_of(plan->graph, node->inputs[i]);
    const gm__node *other = gm__node_of(plan->graph, node->inputs[1 - i]);
    if (element->rank == 0 && element->dtype == node->dtype && other->dtype == node->dtype &&
        same_dims(plan, other, node))
      return 1 - i;
  }
  return -1;
}

bool gm__scale_known(const gm_plan *plan, uint32_t id, double *value) {
  const gm__node *node = gm__node_of(plan->graph, id);
  const double one = 1;
  if (!gm__rewrite_uniform(plan, node->inputs[1 - gm__scaled_input(plan, id)], value)) return false;
  if (node->op->map && node->op->laws & GM__HOMOGENEOUS) apply_real(node, &one, value, value);
  return true;
}

bool gm__scale_fits(gm_dtype dtype, double value) {
  double whole, size = fabs(value);
  bool real = gm__dtype_is_float(dtype) || gm__dtype_is_complex(dtype);
  bool wide = dtype == GM_FLOAT64 || dtype == GM_COMPLEX128;
  if (!real) return size > 0 && size <= MOST_WHOLE && modf(value, &whole) == 0;
  return wide ? size >= DBL_MIN && size <= DBL_MAX : size >= (double)FLT_MIN && size <= (double)FLT_MAX;
}

/** Is what it is multiplied with a number that fits, or a scalar that is multiplied later? */
static bool is_scaled(const gm_plan *plan, uint32_t id) {
  const gm__node *node = gm__node_of(plan->graph, id);
  double value;
  if (gm__scaled_input(plan, id) < 0) return false;
  if (gm__scale_known(plan, id, &value)) return gm__scale_fits((gm_dtype)node->dtype, value);
  return !(node->op->map && node->op->laws & GM__HOMOGENEOUS);
}

static bool is_known_shape(const gm_plan *plan, const gm__node *node) {
  bool known = true;
  for (int i = 0; i < node->rank; i++) known = known && gm__dim_value(plan->graph->dims, node->dims[i]) >= 0;
  return known;
}

/** Nothing is broadcast; *open: lengths may turn out to be the same. */
static bool is_sum(const gm_plan *plan, const gm__node *node, bool *open) {
  bool linear = node->op->map && node->op->laws & GM__LINEAR && node->rank > 0 && node->input_count <= 2;
  bool sum = linear && scalable((gm_dtype)node->dtype);
  for (uint32_t i = 0; i < node->input_count && sum; i++) {
    const gm__node *input = gm__node_of(plan->graph, node->inputs[i]);
    sum = input->dtype == node->dtype && same_dims(plan, input, node);
    if (linear && !sum && input->rank == node->rank)
      *open = *open || !is_known_shape(plan, node) || !is_known_shape(plan, input);
  }
  return sum;
}

/** Rows of x times columns of y: what else x has are rows, y is a matrix or a vector. */
static bool is_product(const gm_plan *plan, const gm__node *node) {
  if (!(node->op->laws & GM__CONTRACTS)) return false;
  const gm__node *x = gm__node_of(plan->graph, node->inputs[0]),
                 *y = gm__node_of(plan->graph, node->inputs[1]);
  return x->rank > 0 && y->rank > 0 && y->rank < 3 && x->dtype == node->dtype && y->dtype == node->dtype;
}

static bool is_turned(const gm__node *node) {
  int order[GM_MAX_RANK];
  if (!node->op->order || node->rank != 2) return false;
  node->op->order(node->attrs, 2, order);
  return order[0] == 1;
}

static gm__role role_of(gm__algebra *a, uint32_t id) {
  const gm__node *node = gm__node_of(a->plan->graph, id);
  if (node->input_count == 0 || node->op->results != 1 || node->op->flags & (GM__RANDOM | GM__STATEFUL))
    return GM__ROLE_ATOM;
  if (is_turned(node)) return GM__ROLE_TURNED;
  if (is_product(a->plan, node)) return GM__ROLE_PRODUCT;
  if (a->sums && is_scaled(a->plan, id)) return GM__ROLE_SCALED;
  return a->sums && is_sum(a->plan, node, &a->open) ? GM__ROLE_SUM : GM__ROLE_ATOM;
}

static bool is_known(const gm__algebra *a, const gm__node *node) {
  if (node->op == &gm__op_placeholder || node->op->flags & (GM__RANDOM | GM__STATEFUL)) return false;
  bool known = true;
  for (uint32_t i = 0; i < node->input_count; i++) known = known && a->facts[node->inputs[i]].known;
  return known;
}

bool gm__algebra_opens(const gm__algebra *a, uint32_t id) {
  const gm__node_facts *f = &a->facts[id];
  if (f->role == GM__ROLE_ATOM || f->closed) return false;
  return f->uses < 2 || (f->uses <= MOST_READERS && f->size <= MOST_SHARED_LETTERS);
}

/* ---- Bottom up: roles and sizes ---- */

/** A vector out of a stack of matrices has no columns of its own to go on with. */
static bool is_closed(const gm_plan *plan, const gm__node *node, gm__role role) {
  if (role != GM__ROLE_PRODUCT) return false;
  const gm__node *x = gm__node_of(plan->graph, node->inputs[0]),
                 *y = gm__node_of(plan->graph, node->inputs[1]);
  return x->rank > 2 && y->rank == 1;
}

/** The inputs that are read by the role: of a multiple, only what is multiplied. */
static bool reads(const gm__algebra *a, uint32_t id, uint32_t input) {
  gm__role role = a->facts[id].role;
  if (role == GM__ROLE_SCALED) return (int)input == gm__scaled_input(a->plan, id);
  return role != GM__ROLE_ATOM;
}

static void gather(gm__algebra *a, uint32_t id) {
  gm__node_facts *f = &a->facts[id];
  const gm__node *node = gm__node_of(a->plan->graph, id);
  f->product = f->role == GM__ROLE_PRODUCT;
  f->bracket = f->role == GM__ROLE_SUM;
  f->size = f->depth = 0;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const gm__node_facts *in = &a->facts[node->inputs[i]];
    if (!reads(a, id, i)) continue;
    bool open = gm__algebra_opens(a, node->inputs[i]);
    uint8_t depth = open ? (uint8_t)(in->depth + (f->role == GM__ROLE_PRODUCT && in->bracket)) : 0;
    f->size += open ? in->size : 1;
    f->depth = depth > f->depth ? depth : f->depth;
    f->product = f->product || (open && in->product);
    f->bracket = f->bracket || (f->role != GM__ROLE_PRODUCT && open && in->bracket);
  }
}

/** The larger of what the node reads is an atom from here on. */
static void close_larger(gm__algebra *a, uint32_t id) {
  const gm__node *node = gm__node_of(a->plan->graph, id);
  uint32_t largest = 0;
  for (uint32_t i = 0; i < node->input_count; i++) {
    uint32_t in = node->inputs[i];
    if (!reads(a, id, i) || !gm__algebra_opens(a, in)) continue;
    if (!largest || a->facts[in].size > a->facts[largest].size) largest = in;
  }
  if (largest) a->facts[largest].closed = true;
}

static bool too_large(const gm__node_facts *f) {
  return f->size > (f->bracket ? MOST_SUM_LETTERS : MOST_LETTERS) || f->depth > MOST_DEPTH;
}

static void note_node(gm__algebra *a, uint32_t id) {
  gm__node_facts *f = &a->facts[id];
  const gm__node *node = gm__node_of(a->plan->graph, id);
  f->known = is_known(a, node);
  f->role = (uint8_t)role_of(a, id);
  f->closed = is_closed(a->plan, node, f->role);
  f->size = 1;
  if (f->role == GM__ROLE_ATOM) return;
  gather(a, id);
  for (int i = 0; i < 2 && too_large(f); i++) {
    close_larger(a, id);
    gather(a, id);
  }
}

/* ---- Top down: roots ---- */

static void count_uses(gm__algebra *a) {
  const gm_plan *plan = a->plan;
  for (size_t i = 0; i < plan->output_count; i++) a->facts[plan->outputs[i]].needed = true;
  for (uint32_t id = (uint32_t)plan->graph->count; id > 0; id--) {
    const gm__node *node = gm__node_of(plan->graph, id);
    a->facts[id - node->result].needed = a->facts[id - node->result].needed || a->facts[id].needed;
    if (!a->facts[id].needed) continue;
    for (uint32_t i = 0; i < node->input_count; i++) {
      a->facts[node->inputs[i]].needed = true;
      a->facts[node->inputs[i]].uses++;
    }
  }
}

static void find_roots(gm__algebra *a) {
  const gm_plan *plan = a->plan;
  for (size_t i = 0; i < plan->output_count; i++) a->facts[plan->outputs[i]].root = true;
  for (uint32_t id = 1; id <= plan->graph->count; id++) {
    const gm__node *node = gm__node_of(plan->graph, id);
    for (uint32_t i = 0; i < node->input_count && a->facts[id].needed; i++) {
      gm__node_facts *in = &a->facts[node->inputs[i]];
      in->root = in->root || !reads(a, id, i) || !gm__algebra_opens(a, node->inputs[i]);
    }
  }
}

gm_status gm__algebra_facts(gm__algebra *a) {
  a->facts = gm__alloc_zero(a->plan->graph->count + 1, sizeof *a->facts);
  if (!a->facts) return gm__no_memory(a->error);
  count_uses(a);
  for (uint32_t id = 1; id <= a->plan->graph->count; id++) {
    if (a->facts[id].needed) note_node(a, id);
  }
  find_roots(a);
  return GM_OK;
}
