/* SPDX-License-Identifier: MIT
 *
 * The loops of map.def for complex64 and complex128. */
#include <tgmath.h>
#include "kernel/map_table.h"

#define GM_MAP(name, arity, kinds, result, properties, doc, formula, source, real, integer, complex_, sets)  \
  GM__MAP_LOOP(name##_complex64, arity, float _Complex, float, unsigned, result, complex_)                   \
  GM__MAP_LOOP(name##_complex128, arity, double _Complex, double, unsigned, result, complex_)
#include "kernel/map.def"
#undef GM_MAP

#define ENTRY(kinds, loop, dtype, real, result, arity, bytes)                                                \
  GM__ENTRY((kinds)&GM__COMPLEXES, loop, dtype, GM__DTYPE_##result(dtype, real), arity, bytes,               \
      sizeof(GM__OUT_##result(char[bytes], char[bytes / 2])))
const gm__map_function gm__map_complex[GM__MAP_ROWS][2] = {
#define GM_MAP(name, arity, kinds, result, ...)                                                              \
  {ENTRY(kinds, name##_complex64, COMPLEX64, FLOAT32, result, arity, 8),                                     \
      ENTRY(kinds, name##_complex128, COMPLEX128, FLOAT64, result, arity, 16)},
#include "kernel/map.def"
#undef GM_MAP
};
