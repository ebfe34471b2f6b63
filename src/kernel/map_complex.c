/* SPDX-License-Identifier: MIT
 *
 * The loops of map.def for complex64 and complex128. */
#include <tgmath.h>
#include "kernel/map_table.h"

#define GM_MAP(name, arity, kinds, result, properties, doc, formula, source, real, integer, complex_)        \
  GM__MAP_LOOP(name##_complex64, arity, float _Complex, float, unsigned, result, complex_)                   \
  GM__MAP_LOOP(name##_complex128, arity, double _Complex, double, unsigned, result, complex_)
#include "kernel/map.def"
#undef GM_MAP

#define WHERE(kinds, function) (((kinds)&GM__COMPLEXES) != 0 ? function : NULL)
gm__map_function *const gm__map_complex[GM__MAP_ROWS][2] = {
#define GM_MAP(name, arity, kinds, ...) {WHERE(kinds, name##_complex64), WHERE(kinds, name##_complex128)},
#include "kernel/map.def"
#undef GM_MAP
};
