/* SPDX-License-Identifier: MIT
 *
 * random_dump OUT.npy DTYPE DIMS uniform|normal A B SEED: writes a tensor of random numbers, for comparing
 * with NumPy. DIMS are separated by commas; A and B are the bounds, or mean and scale. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gemmule/tensor.h>

static gm_dtype dtype_named(const char *name) {
  gm_dtype dtype = GM_BOOL;
  while (gm_dtype_name(dtype) != NULL && strcmp(gm_dtype_name(dtype), name) != 0) dtype++;
  return dtype;
}

static int read_dims(char *text, int64_t *dims) {
  int rank = 0;
  for (char *word = strtok(text, ","); word != NULL && rank < GM_MAX_RANK; word = strtok(NULL, ","))
    dims[rank++] = strtoll(word, NULL, 10);
  return rank;
}

static gm_status dump(char **arguments, gm_error *error) {
  int64_t dims[GM_MAX_RANK];
  int rank = read_dims(arguments[3], dims);
  gm_tensor *tensor = gm_tensor_new(dtype_named(arguments[2]), rank, dims, error);
  double a = strtod(arguments[5], NULL), b = strtod(arguments[6], NULL);
  uint64_t seed = strtoull(arguments[7], NULL, 10);
  if (tensor == NULL) return error->status;
  gm_status status = strcmp(arguments[4], "normal") == 0
                         ? gm_tensor_random_normal(tensor, a, b, seed, error)
                         : gm_tensor_random_uniform(tensor, a, b, seed, error);
  if (status == GM_OK) status = gm_tensor_save(tensor, arguments[1], error);
  gm_tensor_free(tensor);
  return status;
}

int main(int count, char **arguments) {
  gm_error error;
  if (count != 8) {
    fprintf(stderr, "usage: random_dump OUT.npy DTYPE DIMS uniform|normal A B SEED\n");
    return 2;
  }
  if (dump(arguments, &error) == GM_OK) return 0;
  fprintf(stderr, "%s\n", error.message);
  return 1;
}
