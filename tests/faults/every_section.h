/* SPDX-License-Identifier: MIT
 *
 * A graph file that uses every section and every form there is; `w` comes from the data file given. */
#ifndef GM_TESTS_FAULTS_EVERY_SECTION_H
#define GM_TESTS_FAULTS_EVERY_SECTION_H

#define EVERY_SECTION                                                                                        \
  "gemmule: 1\n"                                                                                             \
  "name: every_section\n"                                                                                    \
  "doc: \"A line, with \\\"quotes\\\" and \\u00e9\"\n"                                                       \
  "placeholders:\n"                                                                                          \
  "  x: {shape: [batch, 2*n + 1], dtype: float32, doc: the input}\n"                                         \
  "  l: {shape: [n, n], structure: lower_triangular}\n"                                                      \
  "  i: {shape: \"batch, ?\", dtype: int32}\n"                                                               \
  "variables:\n"                                                                                             \
  "  w: {file: data/w.npy, doc: from a file}\n"                                                              \
  "  z: {shape: [3, 4], init: zeros}\n"                                                                      \
  "  o: {shape: [2], dtype: int8, init: ones}\n"                                                             \
  "  c: {shape: [2], init: {constant: 0.5}}\n"                                                               \
  "  u: {shape: [5, 5], init: {random_uniform: {low: -0.1, high: 0.1, seed: 7}}, structure: "                \
  "block_diagonal, block: 2}\n"                                                                              \
  "  g: {shape: [3, 3], dtype: float64, init: {random_normal: {mean: 0, scale: 2}}, structure: symmetric}\n" \
  "  v: {value: [[1, 2, nan], [-inf, 16, 6e-3]], shape: [2, 3]}\n"                                           \
  "  b: {value: [true, false], dtype: bool}\n"                                                               \
  "  k: {value: [\"1+2j\", 3], dtype: complex64}\n"                                                          \
  "constants:\n"                                                                                             \
  "  scale: 0.0625\n"                                                                                        \
  "  bias: [[0.5, -0.5, 1.5, 2.5]]\n"                                                                        \
  "  eleven: {value: 11, dtype: int32, doc: no more}\n"                                                      \
  "  r: {shape: [2, 2], init: {random_uniform: {low: 0, high: 1}}}\n"                                        \
  "nodes:\n"                                                                                                 \
  "  out:\n"                                                                                                 \
  "    softmax:\n"                                                                                           \
  "      add:\n"                                                                                             \
  "        - {multiply: [{dot: [{dot: [x, w]}, z]}, scale]}\n"                                               \
  "        - bias\n"                                                                                         \
  "    axis: -1\n"                                                                                           \
  "    doc: probabilities\n"                                                                                 \
  "  solved: {dot: [l, {transpose: l}]}\n"                                                                   \
  "  count: {add: [{add: [{sum: i, axis: [1], keepdims: true}, eleven]}, 3]}\n"                              \
  "  parts: {concatenate: [v, v, v], axis: 0}\n"                                                             \
  "  cut: {index: parts, at: \"1:5:2, ..., ::-1\"}\n"                                                        \
  "  range: {arange: [], start: 0, stop: 6}\n"                                                               \
  "  shaped: {reshape: range, shape: \"2, -1\"}\n"                                                           \
  "outputs: [out, solved, count, cut, shaped]\n"

#endif
