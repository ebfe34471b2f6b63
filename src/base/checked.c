/* SPDX-License-Identifier: MIT
 *
 * The one function that turns dims into a number of elements and of bytes. */
#include "base/checked.h"
#include "base/text.h"

enum { SHAPE_TEXT = 128 };

static const int64_t largest = INT64_MAX / 2;

static gm_status too_large(int rank, const int64_t *dims, size_t element, gm_error *error) {
  char shape[SHAPE_TEXT];
  gm__text text = gm__text_into(shape, sizeof shape);
  gm__text_dims(&text, rank, dims);
  gm__text_end(&text);
  GM_FAIL(error, GM_LIMIT, "shape %s of %zu-byte elements exceeds %lld bytes", shape, element,
      (long long)largest);
}

static gm_status check(int rank, const int64_t *dims, gm_error *error) {
  if (rank < 0) GM_FAIL(error, GM_BAD_SHAPE, "a rank cannot be negative, but is %d", rank);
  if (rank > GM_MAX_RANK) GM_FAIL(error, GM_LIMIT, "rank %d exceeds the limit of %d", rank, GM_MAX_RANK);
  if (rank > 0 && dims == NULL) GM_FAIL(error, GM_BAD_ARGUMENT, "rank %d, but no dims are given", rank);
  for (int i = 0; i < rank; i++)
    if (dims[i] < 0)
      GM_FAIL(error, GM_BAD_SHAPE, "a length cannot be negative, but axis %d is %lld", i, (long long)dims[i]);
  return GM_OK;
}

gm_status gm__shape_size(
    int rank, const int64_t *dims, size_t element, int64_t *count, size_t *bytes, gm_error *error) {
  GM_TRY(check(rank, dims, error));
  int64_t product = 1, total;
  bool empty = false;
  for (int i = 0; i < rank; i++) {
    empty = empty || dims[i] == 0;
    if (dims[i] == 0) continue;
    if (!gm__mul_ok(product, dims[i], &product) || product > largest)
      return too_large(rank, dims, element, error);
  }
  if (empty) product = 0;
  if (element > INT64_MAX || !gm__mul_ok(product, (int64_t)element, &total) || total > largest)
    return too_large(rank, dims, element, error);
  if (count != NULL) *count = product;
  if (bytes != NULL) *bytes = (size_t)total;
  return GM_OK;
}
