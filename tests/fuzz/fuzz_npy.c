/* SPDX-License-Identifier: MIT
 *
 * .npy files. What is loaded is saved, loads again as the same bits and is saved as the same bytes. */
#include "fuzz.h"

static gm_tensor *load(const char *path, gm_error *error) {
  gm_tensor *tensor = gm_tensor_load(path, error);
  if (!tensor) fuzz_refused(error);
  return tensor;
}

static void comes_back(const gm_tensor *tensor) {
  gm_error error = {0};
  const char *one = fuzz_path("one.npy"), *two = fuzz_path("two.npy");
  size_t one_size, two_size;
  NEED(gm_tensor_save(tensor, one, &error) == GM_OK);
  gm_tensor *again = gm_tensor_load(one, &error);
  NEED(again != NULL && fuzz_same(tensor, again));
  NEED(gm_tensor_save(again, two, &error) == GM_OK);
  char *one_bytes = fuzz_read(one, &one_size), *two_bytes = fuzz_read(two, &two_size);
  NEED(one_bytes && two_bytes && one_size == two_size && memcmp(one_bytes, two_bytes, one_size) == 0);
  free(one_bytes);
  free(two_bytes);
  gm_tensor_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  gm_error error = {0};
  char text[2000];
  const char *path = fuzz_path("input.npy");
  fuzz_write(path, data, size);
  gm_tensor *tensor = load(path, &error);
  if (!tensor) return 0;
  NEED((size_t)gm_tensor_count(tensor) * gm_dtype_size(gm_tensor_dtype(tensor)) <= size);
  gm_tensor_text(tensor, text, sizeof text);
  gm_tensor_json(tensor, text, sizeof text);
  comes_back(tensor);
  gm_tensor_free(tensor);
  return 0;
}
