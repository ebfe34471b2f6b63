/* SPDX-License-Identifier: MIT
 *
 * The functions of map by name and dtype, and the conversions, one a pair of dtypes. */
#include "kernel/map_table.h"

static const char *const names[GM__MAP_ROWS] = {
#define GM_MAP(name, ...) #name,
#include "kernel/map.def"
#undef GM_MAP
};

static int row_named(const char *name) {
  for (int i = 0; i < GM__MAP_ROWS; i++)
    if (strcmp(names[i], name) == 0) return i;
  return -1;
}

static const gm__map_function *function_of(int number, gm_dtype dtype) {
  if (dtype >= GM_COMPLEX64) return &gm__map_complex[number][dtype - GM_COMPLEX64];
  if (dtype >= GM_FLOAT16) return &gm__map_real[number][dtype - GM_FLOAT16];
  return &gm__map_integer[number][dtype];
}

const gm__map_function *gm__map_find(const char *name, gm_dtype dtype, gm_dtype *result) {
  int number = row_named(name);
  if (number < 0 || !gm__dtype_valid(dtype)) return NULL;
  const gm__map_function *function = function_of(number, dtype);
  if (result != NULL) *result = (gm_dtype)function->to;
  return function->loop != NULL ? function : NULL;
}

/* clang-format off */
#define CAST(from, bytes)                                                                                    \
  {{NULL, from, GM_BOOL, 1, bytes, 1}, {NULL, from, GM_INT8, 1, bytes, 1},                                   \
   {NULL, from, GM_UINT8, 1, bytes, 1}, {NULL, from, GM_INT16, 1, bytes, 2},                                 \
   {NULL, from, GM_INT32, 1, bytes, 4}, {NULL, from, GM_INT64, 1, bytes, 8},                                 \
   {NULL, from, GM_FLOAT16, 1, bytes, 2}, {NULL, from, GM_BFLOAT16, 1, bytes, 2},                            \
   {NULL, from, GM_FLOAT32, 1, bytes, 4}, {NULL, from, GM_FLOAT64, 1, bytes, 8},                             \
   {NULL, from, GM_COMPLEX64, 1, bytes, 8}, {NULL, from, GM_COMPLEX128, 1, bytes, 16}}
static const gm__map_function casts[GM__DTYPES][GM__DTYPES] = {
  CAST(GM_BOOL, 1), CAST(GM_INT8, 1), CAST(GM_UINT8, 1), CAST(GM_INT16, 2), CAST(GM_INT32, 4),
  CAST(GM_INT64, 8), CAST(GM_FLOAT16, 2), CAST(GM_BFLOAT16, 2), CAST(GM_FLOAT32, 4), CAST(GM_FLOAT64, 8),
  CAST(GM_COMPLEX64, 8), CAST(GM_COMPLEX128, 16)};
/* clang-format on */

const gm__map_function *gm__map_cast(gm_dtype from, gm_dtype to) {
  return gm__dtype_valid(from) && gm__dtype_valid(to) ? &casts[from][to] : NULL;
}
