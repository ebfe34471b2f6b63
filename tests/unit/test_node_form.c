/* SPDX-License-Identifier: MIT
 *
 * What follows for the forms of nodes: sums, products, transposes, declarations, and what keeps nothing. */
#include "graph_support.h"
#include "plan/node_form.h"

static gm__form form_of(const gm_graph *g, gm_node node) {
  gm__form forms[64];
  uint32_t id = gm__node_id(g, node);
  ck_assert_uint_lt(id, 64);
  for (uint32_t i = 1; i <= id; i++) forms[i] = gm__node_form(g, i, forms);
  return forms[id];
}

static void has_name(const gm_graph *g, gm_node node, const char *name) {
  char text[64];
  ck_assert_str_eq(gm__form_name(form_of(g, node), text), name);
}

typedef struct matrices {
  gm_graph *g;
  gm_node a, lower, three, diagonal, symmetric, blocks, eye, zeros, scalar;
} matrices;

static gm_node added(gm_graph *g, gm_node x, gm_node y) {
  return op2(g, "add", x, y, NULL);
}

static gm_node assumed(gm_graph *g, gm_node x, const char *attributes) {
  return op1(g, "assume", x, attributes);
}

static matrices matrices_of(void) {
  gm_graph *g = new_graph();
  gm_node a = input(g, "a", "n, n");
  return (matrices){g, a, assumed(g, a, "{structure: lower_triangular}"),
      assumed(g, a, "{structure: tridiagonal}"), assumed(g, a, "{structure: diagonal}"),
      assumed(g, a, "{structure: symmetric}"), assumed(g, a, "{structure: block_diagonal, block: 3}"),
      gm_apply(g, "eye", NULL, 0, "{size: 4}"), op1(g, "zeros_like", a, NULL), gm_number(g, 3)};
}

START_TEST(declarations_meet) {
  matrices m = matrices_of();
  has_name(m.g, m.a, "general");
  has_name(m.g, m.eye, "identity");
  has_name(m.g, m.zeros, "zero");
  has_name(m.g, m.blocks, "block_diagonal 3");
  has_name(m.g, assumed(m.g, m.lower, "{structure: upper_triangular}"), "diagonal");
  has_name(m.g, assumed(m.g, m.lower, "{structure: symmetric}"), "symmetric");
  has_name(m.g, assumed(m.g, op1(m.g, "transpose", m.lower, NULL), "{structure: symmetric}"), "diagonal");
  has_name(m.g, assumed(m.g, m.three, "{structure: lower_triangular}"), "lower_triangular");
  gm_graph_free(m.g);
}
END_TEST

START_TEST(elementwise_operations_follow) {
  matrices m = matrices_of();
  has_name(m.g, added(m.g, m.lower, m.diagonal), "lower_triangular");
  has_name(m.g, op2(m.g, "subtract", m.symmetric, m.symmetric, NULL), "symmetric");
  has_name(m.g, op1(m.g, "negative", m.three, NULL), "tridiagonal");
  has_name(m.g, op2(m.g, "multiply", m.lower, m.a, NULL), "lower_triangular");
  has_name(m.g, op2(m.g, "multiply", m.scalar, m.symmetric, NULL), "symmetric");
  has_name(m.g, op2(m.g, "multiply", m.scalar, m.eye, NULL), "diagonal");
  has_name(m.g, added(m.g, m.scalar, m.lower), "general");
  has_name(m.g, added(m.g, m.lower, m.a), "general");
  has_name(m.g, op1(m.g, "exp", m.lower, NULL), "general");
  has_name(m.g, added(m.g, m.lower, input(m.g, "row", "n")), "general");
  gm_graph_free(m.g);
}
END_TEST

START_TEST(products_follow) {
  matrices m = matrices_of();
  gm_node b = input(m.g, "b", "m, n"), turned = op1(m.g, "transpose", b, NULL);
  has_name(m.g, gm_dot(m.g, m.lower, m.lower), "lower_triangular");
  has_name(m.g, gm_dot(m.g, m.three, m.three), "band -2..2");
  has_name(m.g, gm_dot(m.g, m.zeros, m.a), "zero");
  has_name(m.g, gm_dot(m.g, b, turned), "symmetric");
  has_name(m.g, gm_dot(m.g, turned, b), "symmetric");
  has_name(m.g, op2(m.g, "matmul", turned, b, NULL), "symmetric");
  has_name(m.g, gm_dot(m.g, m.symmetric, m.symmetric), "symmetric");
  has_name(m.g, gm_dot(m.g, m.a, m.a), "general");
  has_name(m.g, op1(m.g, "transpose", gm_dot(m.g, m.lower, m.lower), NULL), "upper_triangular");
  gm_graph_free(m.g);
}
END_TEST

START_TEST(other_products_have_no_form) {
  matrices m = matrices_of();
  gm_node stack = input(m.g, "stack", "b, n, n");
  has_name(m.g, gm_dot(m.g, stack, m.lower), "general");
  has_name(m.g, op2(m.g, "batch_dot", m.lower, m.lower, NULL), "general");
  has_name(m.g, assumed(m.g, stack, "{structure: diagonal}"), "diagonal");
  gm_graph_free(m.g);
}
END_TEST

START_TEST(orders_of_axes_follow_where_they_keep_the_matrix) {
  gm_graph *g = new_graph();
  gm_node lower = assumed(g, input(g, "x", "b, n, n"), "{structure: lower_triangular}");
  has_name(g, op1(g, "permute_dimensions", lower, "{pattern: [0, 2, 1]}"), "upper_triangular");
  has_name(g, op1(g, "permute_dimensions", lower, "{pattern: [0, 1, 2]}"), "lower_triangular");
  has_name(g, op1(g, "permute_dimensions", lower, "{pattern: [1, 0, 2]}"), "general");
  has_name(g, op1(g, "reshape", lower, "{shape: \"b, n, n\"}"), "general");
  gm_graph_free(g);
}
END_TEST

SUITE(node_form) {
  CASE(declarations_meet);
  CASE(elementwise_operations_follow);
  CASE(products_follow);
  CASE(other_products_have_no_form);
  CASE(orders_of_axes_follow_where_they_keep_the_matrix);
}
