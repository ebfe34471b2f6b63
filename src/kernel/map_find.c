/* SPDX-License-Identifier: MIT
 *
 * The functions of map by name and dtype, and the casts, one a pair of dtypes. */
#include "kernel/map_table.h"

typedef struct row {
  const char *name;
  uint8_t result;
} row;

static const row rows[GM__MAP_ROWS] = {
#define GM_MAP(name, arity, kinds, result, ...) {#name, result},
#include "kernel/map.def"
#undef GM_MAP
};

static int row_named(const char *name) {
  for (int i = 0; i < GM__MAP_ROWS; i++)
    if (strcmp(rows[i].name, name) == 0) return i;
  return -1;
}

static gm__map_function *function_of(int number, gm_dtype dtype) {
  if (dtype >= GM_COMPLEX64) return gm__map_complex[number][dtype - GM_COMPLEX64];
  if (dtype >= GM_FLOAT16) return gm__map_real[number][dtype - GM_FLOAT16];
  return gm__map_integer[number][dtype];
}

static gm_dtype result_of(int number, gm_dtype dtype) {
  if (rows[number].result == GM__TO_BOOL) return GM_BOOL;
  if (rows[number].result == GM__TO_REAL && dtype == GM_COMPLEX64) return GM_FLOAT32;
  if (rows[number].result == GM__TO_REAL && dtype == GM_COMPLEX128) return GM_FLOAT64;
  return dtype;
}

gm__map_function *gm__map_find(const char *name, gm_dtype dtype, gm_dtype *result) {
  int number = row_named(name);
  if (number < 0 || !gm__dtype_valid(dtype)) return NULL;
  if (result != NULL) *result = result_of(number, dtype);
  return function_of(number, dtype);
}

#define CAST(from, to)                                                                                       \
  static void cast_##from##_##to(void *out, const void *const *args, size_t n, const double *p) {            \
    (void)p;                                                                                                 \
    gm__convert(out, GM_##to, args[0], GM_##from, n);                                                        \
  }
/* clang-format off */
#define DTYPES(X, from)                                                                                      \
  X(from, BOOL) X(from, INT8) X(from, UINT8) X(from, INT16) X(from, INT32) X(from, INT64)                    \
  X(from, FLOAT16) X(from, BFLOAT16) X(from, FLOAT32) X(from, FLOAT64) X(from, COMPLEX64)                    \
  X(from, COMPLEX128)
#define EACH(X)                                                                                              \
  X(BOOL) X(INT8) X(UINT8) X(INT16) X(INT32) X(INT64) X(FLOAT16) X(BFLOAT16) X(FLOAT32) X(FLOAT64)           \
  X(COMPLEX64) X(COMPLEX128)
/* clang-format on */

#define CASTS(from) DTYPES(CAST, from)
EACH(CASTS)

static gm__map_function *const casts[GM__DTYPES][GM__DTYPES] = {
#define NAMED(from, to) [GM_##to] = cast_##from##_##to,
#define LINE(from) [GM_##from] = {DTYPES(NAMED, from)},
    EACH(LINE)};

gm__map_function *gm__map_cast(gm_dtype from, gm_dtype to) {
  return gm__dtype_valid(from) && gm__dtype_valid(to) ? casts[from][to] : NULL;
}
