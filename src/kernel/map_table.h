/* SPDX-License-Identifier: MIT
 *
 * What the rows of map.def become: a number each, and three tables of functions by row and dtype, one a file,
 * since a kind has its own expression column. No loop where a row does not have the kind. */
#ifndef GM_KERNEL_MAP_TABLE_H
#define GM_KERNEL_MAP_TABLE_H

#include "kernel/clones.h"
#include "kernel/map_row.h"
#include "kernel/step.h"

enum {
#define GM_MAP(name, ...) GM__MAP_##name,
#include "kernel/map.def"
#undef GM_MAP
  GM__MAP_ROWS
};

/** By row, and by dtype counted from GM_BOOL, GM_FLOAT16 and GM_COMPLEX64. */
extern const gm__map_function gm__map_integer[GM__MAP_ROWS][6];
extern const gm__map_function gm__map_real[GM__MAP_ROWS][4];
extern const gm__map_function gm__map_complex[GM__MAP_ROWS][2];

/* An entry of a table: the function where `has`, else none. */
#define GM__ENTRY(has, loop, dtype, result, arity, in, out)                                                  \
  { (has) ? loop : NULL, GM_##dtype, result, arity, in, out }

#define GM__UNUSED __attribute__((unused))

/* The pointers to, and then the values of, the arguments. */
#define GM__ARGS_1(V) const V *const a = args[0];
#define GM__ARGS_2(V) GM__ARGS_1(V) const V *const b = args[1];
#define GM__ARGS_3(V) GM__ARGS_2(V) const V *const c = args[2];
#define GM__LOAD_1 const T x GM__UNUSED = a[i];
#define GM__LOAD_2 GM__LOAD_1 const T y GM__UNUSED = b[i];
#define GM__LOAD_3 GM__LOAD_2 const T z GM__UNUSED = c[i];

/* The dtype and the type of the result and its value, by the column `result`. */
#define GM__DTYPE_GM__SAME(same, real) GM_##same
#define GM__DTYPE_GM__TO_BOOL(same, real) GM_BOOL
#define GM__DTYPE_GM__TO_REAL(same, real) GM_##real
#define GM__OUT_GM__SAME(V, R) V
#define GM__OUT_GM__TO_BOOL(V, R) unsigned char
#define GM__OUT_GM__TO_REAL(V, R) R
#define GM__STORE_GM__SAME(V, R, e) ((V)(e))
#define GM__STORE_GM__TO_BOOL(V, R, e) ((unsigned char)((e) != 0))
#define GM__STORE_GM__TO_REAL(V, R, e) ((R)(e))

/* One loop, of whole units: V is the type of an element, R that of its real part, W the unsigned one for
 * wrapping sums. */
#define GM__MAP_LOOP(function, arity, V, R, W, result, e)                                                    \
  static void function(void *to, const void *const *args, size_t n, const double *restrict p GM__UNUSED) {   \
    typedef V T;                                                                                             \
    typedef W U GM__UNUSED;                                                                                  \
    GM__ARGS_##arity(V) GM__OUT_##result(V, R) *const out = to;                                              \
    n = gm__whole_units(n);                                                                                  \
    GM__VECTORISE                                                                                            \
    for (size_t i = 0; i < n; i++) {                                                                         \
      GM__LOAD_##arity out[i] = GM__STORE_##result(V, R, e);                                                 \
    }                                                                                                        \
  }

#endif
