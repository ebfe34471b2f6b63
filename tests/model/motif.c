/* SPDX-License-Identifier: MIT
 *
 * Motifs: the small patterns that rewriting laws are about, on random operands. A motif is steps separated by
 * ';', each an operation and its operands: a, b, c a random node, the same one throughout; $0, $1 … the
 * motif's earlier steps; a number as it is. Attributes are drawn unless they are written. */
#include "model/grow.h"

#include <stdlib.h>
#include <string.h>

static const char *const motifs[] = {
    "transpose a; transpose $0",
    "permute_dimensions a; permute_dimensions $0",
    "permute_dimensions a; transpose $0; permute_dimensions $1",
    "reshape a; reshape $0",
    "flatten a; reshape $0",
    "expand_dims a; squeeze $0",
    "expand_dims a {axis: 1}; squeeze $0 {axis: 1}; index $1",
    "expand_dims a; index $0; squeeze $1",
    "expand_dims a; expand_dims $0; transpose $1",
    "negative a; negative $0",
    "negative a; add b $0",
    "negative a; subtract b $0",
    "negative a; multiply $0 b; negative $1",
    "add a 0",
    "add 0 a",
    "subtract a 0",
    "subtract 0 a",
    "multiply a 1",
    "multiply 1 a; add $0 0",
    "multiply a 0",
    "multiply a -1; negative $0",
    "divide a 1",
    "divide a 2; multiply $0 2",
    "pow a {a: 1}",
    "pow a {a: 2}; square a; subtract $0 $1",
    "subtract a a",
    "add a a",
    "maximum a a; minimum $0 a",
    "identity a; identity $0",
    "cast a {dtype: float32}; cast $0 {dtype: float32}",
    "cast a {dtype: float64}; cast $0 {dtype: float32}",
    "cast a {dtype: int32}; cast $0 {dtype: int64}",
    "index a; index $0",
    "index a; index $0; index $1",
    "dot a b; index $0",
    "dot a b; index $0; index $0; add $1 $2",
    "matmul a b; relu $0; index $1",
    "batch_dot a b; index $0",
    "dot a b; dot $0 c; index $1",
    "transpose a; dot $0 b; transpose $1; index $2",
    "add a b; multiply $0 c; index $1",
    "concatenate a b; index $0",
    "stack a b; index $0",
    "exp a; reshape $0; index $1",
    "tanh a; expand_dims $0; index $1",
    "sum a {axis: 0}; index $0",
    "mean a {axis: -1, keepdims: true}; subtract a $0; index $1",
    "softmax a; index $0",
    "cumsum a; index $0",
    "where a b c; index $0",
    "square a; tile $0; index $1",
    "square a; repeat_elements $0; index $1",
    "square a; reverse $0; index $1",
    "argmax a; index $0",
    "reverse a; reverse $0",
    "reverse a {axes: 0}; index $0 {at: \"::-1\"}",
    "relu a; relu $0",
    "clip a {min_value: 0, max_value: 1}; clip $0 {min_value: -1}",
    "abs a; abs $0; negative $1",
    "add a b; multiply $0 c; relu $1; negative $2",
    "tanh a; sigmoid $0; exp $1; add $2 b",
    "square a; add $0 b; maximum $1 c; subtract $2 a",
    "add a b; add b a; subtract $0 $1",
    "multiply a b; multiply b a; add $0 $1",
    "add a b; add $0 c; add a c; add $2 b",
    "dot a b; dot a b; add $0 $1",
    "dot a b; dot $0 c",
    "dot b c; dot a $0",
    "dot a b; dot b c; dot $0 c; dot a $1",
    "dot a b; dot a c; add $0 $1",
    "dot b a; dot c a; subtract $0 $1",
    "transpose a; dot $0 b; transpose $1; dot $2 $1",
    "transpose a; dot $0 b; dot $1 $0; dot $2 b; dot $3 c",
    "dot a b; transpose $0; dot $1 $0; dot $0 $1",
    "dot a b; transpose b; transpose a; dot $1 $2; transpose $3; add $0 $4",
    "transpose b; dot a $0; transpose a; dot b $2; add $1 $3",
    "dot a b; multiply $0 3; multiply c 3; add $1 $2",
    "dot a b; multiply $0 2; dot $1 c; negative $2; add $3 $3",
    "dot a b; add $0 c; dot $1 b; dot c b; subtract $2 $3",
    "transpose a; dot $0 a; subtract b $1; dot $2 c",
    "transpose a; dot $0 a; dot $1 b; dot $1 c",
    "add a b; dot $0 c; dot a c; dot b c; add $2 $3; subtract $1 $4",
    "dot a b; dot $0 c; dot $1 a; relu $0",
    "dot a b; dot c $0; dot $1 c; add $0 $2",
    "matmul a b; matmul $0 c; matmul $1 a",
    "dot a b; multiply $0 0; dot $1 c",
    "dot a b; divide $0 2; add $1 c; divide $2 b",
    "dot a b; divide c $0; dot $0 c; add $1 $2",
    "dot a a; dot $0 $0; dot $1 $1",
    "add a b; add $0 c; dot $1 a; add $2 $0",
    "add a b; dot $0 c; dot c $0",
    "subtract a b; dot $0 c; dot a c; dot b c",
    "transpose a; dot $0 a; dot $1 b",
    "transpose a; dot a $0; dot b $1",
    "transpose a; dot $0 b; transpose $1; dot $2 $1",
    "transpose a; transpose b; dot $0 $1; dot b a",
    "dot a b; transpose $0",
    "transpose a; dot $0 b",
    "transpose b; dot a $0; dot b a",
    "transpose b; dot a $0; transpose a; dot b $2; add $1 $3",
    "dot a b; index $0",
    "add a b; index $0",
    "concatenate a b; index $0",
    "transpose a; index $0",
    "index a; dot $0 b",
    "index b; dot a $0",
    "reverse a; dot $0 b",
    "reshape a; dot $0 b",
    "permute_dimensions a; matmul $0 b",
    "permute_dimensions b; matmul a $0; index $1",
    "batch_dot a b; transpose $0",
    "dot a b; multiply $0 3; multiply c 2; add $1 $2",
    "multiply a 2; dot $0 b; subtract $1 c",
    "dot a b; add $0 c; relu $1",
    "dot a b; bias_add $0 c; tanh $1",
    "dot a b; sum $0",
    "eye {size: 3}; dot a b; multiply $0 $1; sum $2",
    "dot a b; assume $0 {structure: diagonal}; sum $1",
    "dot a b; assume c {structure: diagonal}; multiply $0 $1; sum $2",
    "sum a; dot $0 b",
    "transpose a; sum $0",
    "sum a; sum $0",
    "mean a; subtract a $0; square $1; mean $2",
    "max a {keepdims: true}; subtract a $0; exp $1; sum $2 {keepdims: true}; divide $2 $3",
    "multiply a a; sum $0; sqrt $1",
    "eye {size: 3}; dot $0 a; dot a $0",
    "eye {size: 3}; multiply $0 2; dot a $1",
    "zeros_like a; add a $0",
    "zeros_like a; dot $0 b; add $1 c",
    "ones_like a; multiply $0 b",
    "zeros_like a; multiply $0 a; subtract a $1",
    "arange; multiply $0 2",
    "assume a {structure: lower_triangular}; dot $0 b",
    "assume a {structure: upper_triangular}; dot b $0",
    "assume a {structure: symmetric}; dot $0 b; transpose $0; dot b $2",
    "assume a {structure: diagonal}; dot $0 b; dot b $0",
    "assume a {structure: tridiagonal}; dot $0 b; transpose $0; dot $2 b",
    "assume a; transpose $0; dot $0 $1",
    "assume a; assume b; dot $0 $1; add $0 $1",
    "assume a; dot b $0; index $1",
    "dot a b; diag_part $0",
    "diag_part a; multiply $0 b",
    "transpose a; dot $0 b; diag_part $1; add $2 c",
    "dot a b; add $0 c; relu $1; diag_part $2",
    "eye {size: 3}; dot a b; multiply $0 $1; sum $2",
    "eye {size: 2}; multiply a $0; add $1 $0; sum $2 {axis: -1}",
    "assume a {structure: diagonal}; multiply $0 b; sum $1",
    "assume a {structure: diagonal}; negative $0; sum $1 {axis: 0}; sum $1 {axis: -1, keepdims: true}",
    "where a b b",
    "greater a b; where $0 a b; maximum a b",
    "stack a b; index $0",
    "stack a a; sum $0",
    "tile a; index $0",
    "tile a; sum $0",
    "repeat_elements a; index $0; add $1 b",
    "concatenate a b; dot $0 c",
    "concatenate a a; transpose $0; sum $1",
    "concatenate a b; relu $0; negative $1",
    "softmax a; softmax a; subtract $0 $1",
    "one_hot a; dot $0 b",
    "argmax a; gather b $0",
    "argmax a; one_hot $0",
    "index a {at: \"0\"}; expand_dims $0 {axis: 1}; transpose $1; dot $1 $2; dot b c; add $3 $4",
    "dot a b; transpose $0; dot $1 $0",
    "transpose a; dot $0 b; transpose $1; dot $2 $0; dot $3 b",
    "dot a b; index $0 {at: \"0, 0\"}",
    "dot a b; index $0 {at: \":, 0\"}",
    "dot a b; negative $0; dot $1 c",
    "reshape a; add $0 0; reshape $1",
    "transpose a; relu $0; transpose $1",
    "transpose a; transpose b; add $0 $1; transpose $2",
    "concatenate a b {axis: 0}; concatenate $0 c {axis: 0}; index $1",
    "concatenate a b; reverse $0",
    "stack a b; transpose $0; index $1",
    "cumsum a; index $0",
    "reverse a; cumsum $0; reverse $1",
    "divide a b; multiply $0 c",
    "divide a 2; divide $0 3",
    "exp a; log $0",
    "sqrt a; square $0",
    "mean a; multiply $0 2",
    "cast a {dtype: float64}; dot $0 b",
    "squeeze a; expand_dims $0; add $1 b",
    "negative a; transpose $0; add $0 $1",
    "add a b; transpose $0; multiply $0 $1",
    "negative a; reverse $0; subtract $0 $1",
    "abs a; index $0 {at: \"0\"}; multiply $0 $1",
    "square a; index $0 {at: \"..., :1\"}; subtract $1 $0; negative $2",
    "sum a; sum a; add $0 $1",
    "cumsum a; cumsum a; subtract $0 $1",
};

static int number_index(double value) {
  for (int k = 0; k < RECIPE_NUMBERS; k++)
    if (recipe_numbers[k] == value) return -1 - k;
  abort();
}

/** A letter is drawn where it stands first. */
static int operand(const growth *g, draw *from, binding *b, const char *word) {
  if (word[0] == '$') return b->results[word[1] - '0'];
  if (word[0] >= 'a' && word[0] <= 'c') {
    int *letter = &b->letters[word[0] - 'a'];
    if (*letter == UNBOUND) *letter = growth_draw_input(g, from);
    return *letter;
  }
  return number_index(strtod(word, NULL));
}

/** Reads one step and moves behind it; true when it has attributes of its own. */
static bool read_step(const growth *g, draw *from, const char **at, binding *b, recipe_step *step) {
  char word[64];
  *step = (recipe_step){0};
  for (;;) {
    *at += strspn(*at, " ");
    size_t length = strcspn(*at, " ;{");
    if (length == 0) break;
    memcpy(word, *at, length);
    word[length] = '\0';
    *at += length;
    if (step->op == NULL)
      step->op = model_named(word)->op;
    else
      step->inputs[step->count++] = operand(g, from, b, word);
  }
  size_t own = strcspn(*at, ";");
  memcpy(step->attributes, *at, own);
  *at += own;
  *at += strspn(*at, ";");
  return own > 0;
}

/** One step, with other nodes for the letters that stand in it first as long as it is refused. */
static bool try_step(growth *g, draw *from, const char **at, binding *b) {
  const char *begin = *at;
  for (int tries = 0; tries < 12; tries++) {
    binding drawn = *b;
    recipe_step step;
    *at = begin;
    if (!read_step(g, from, at, &drawn, &step)) growth_choose(g, from, &step);
    if (!growth_try(g, &step)) continue;
    drawn.results[drawn.count++] = g->made->leaf_count + g->made->count - 1;
    *b = drawn;
    return true;
  }
  return false;
}

bool growth_add_motif(growth *g, draw *from, const char *motif, binding *b) {
  while (*motif != '\0' && try_step(g, from, &motif, b)) continue;
  return *motif == '\0';
}

void growth_motif(growth *g, draw *from) {
  binding b = {.letters = {UNBOUND, UNBOUND, UNBOUND}};
  growth_add_motif(g, from, motifs[draw_below(from, sizeof motifs / sizeof *motifs)], &b);
}
