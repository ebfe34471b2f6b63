/* SPDX-License-Identifier: MIT
 *
 * Elements with their errors, and arrays of them. */
#include "model/known.h"

#include <stdlib.h>
#include <string.h>

known known_real(double value) {
  return (known){.value = value, .mass = fabs(value)};
}

known known_whole(int64_t value) {
  return (known){.whole = value};
}

known known_nothing(void) {
  return (known){.error = INFINITY, .mass = INFINITY};
}

known known_settled(known x, gm_dtype dtype) {
  if (dtype_is_whole(dtype)) {
    x.whole = cell_rounded((cell){.whole = x.whole}, dtype).whole;
    return (known){.whole = x.whole, .error = x.error == 0 ? 0 : INFINITY};
  }
  x.whole = 0;
  double most = cell_rounded((cell){.re = fabs(x.value) + x.error}, dtype).re;
  return isfinite(x.value) && isfinite(most) && isfinite(x.mass) ? x : known_nothing();
}

int known_truth(known x, gm_dtype dtype) {
  if (!is_known(x)) return -1;
  if (dtype_is_whole(dtype)) return x.whole != 0;
  return fabs(x.value) > x.error ? 1 : x.error == 0 ? 0 : -1;
}

field field_new(gm_dtype dtype, int rank, const int64_t *dims) {
  field made = {.dtype = dtype, .rank = rank, .count = 1};
  if (rank > FIELD_RANK) abort();
  for (int a = 0; a < rank; a++) made.count *= made.dims[a] = dims[a];
  made.at = calloc((size_t)made.count + 1, sizeof *made.at);
  if (made.at == NULL) abort();
  return made;
}

field field_of(const cells *array) {
  field made = field_new(array->dtype, array->rank, array->dims);
  for (int64_t i = 0; i < made.count; i++)
    made.at[i] = dtype_is_whole(array->dtype) ? known_whole(array->at[i].whole) : known_real(array->at[i].re);
  return made;
}

void field_free(field *array) {
  free(array->at);
  array->at = NULL;
}

int64_t field_offset(const field *array, const int64_t *index) {
  int64_t offset = 0;
  for (int a = 0; a < array->rank; a++) offset = offset * array->dims[a] + index[a];
  return offset;
}

known field_broadcast(const field *array, int rank, const int64_t *index) {
  int64_t offset = 0;
  for (int a = 0; a < array->rank; a++)
    offset = offset * array->dims[a] + (array->dims[a] == 1 ? 0 : index[rank - array->rank + a]);
  return array->at[offset];
}

bool field_same_shape(const field *array, int rank, const int64_t *dims) {
  return array->rank == rank && memcmp(array->dims, dims, (size_t)rank * sizeof *dims) == 0;
}
