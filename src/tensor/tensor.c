/* SPDX-License-Identifier: MIT
 *
 * The tensor: one block for the record and its dims, another for the data. Owning its data or lending a
 * caller's is the same thing but for `release`. */
#include "base/checked.h"
#include "tensor/tensor.h"

static void release_data(void *arg, void *data) {
  (void)arg;
  gm__free(data);
}

/* The record without data; its size is checked. */
static gm_tensor *record(gm_dtype dtype, int rank, const int64_t *dims, gm_error *error) {
  if (!gm__dtype_valid(dtype)) {
    gm__fail(error, GM_BAD_DTYPE, "%d is no dtype", (int)dtype);
    return NULL;
  }
  int64_t count;
  size_t bytes;
  if (gm__shape_size(rank, dims, gm__dtype_bytes(dtype), &count, &bytes, error) != GM_OK) return NULL;
  gm_tensor *tensor = gm__alloc_zero(1, sizeof *tensor + (size_t)rank * sizeof *dims);
  if (tensor == NULL) {
    gm__no_memory(error);
    return NULL;
  }
  atomic_init(&tensor->references, 1);
  tensor->dtype = dtype;
  tensor->rank = rank;
  tensor->count = count;
  tensor->bytes = bytes;
  if (rank > 0) memcpy(tensor->dims, dims, (size_t)rank * sizeof *dims);
  return tensor;
}

gm_tensor *gm__tensor_blank(gm_dtype dtype, int rank, const int64_t *dims, gm_error *error) {
  gm_tensor *tensor = record(dtype, rank, dims, error);
  if (tensor == NULL) return NULL;
  tensor->data = gm__alloc_data(tensor->bytes);
  tensor->release = release_data;
  if (tensor->data != NULL) return tensor;
  gm__fail(error, GM_NO_MEMORY, "out of memory for a tensor of %zu bytes", tensor->bytes);
  gm__free(tensor);
  return NULL;
}

gm_tensor *gm_tensor_new(gm_dtype dtype, int rank, const int64_t *dims, gm_error *error) {
  gm_tensor *tensor = gm__tensor_blank(dtype, rank, dims, error);
  if (tensor != NULL) memset(tensor->data, 0, tensor->bytes);
  return tensor;
}

static gm_status check_data(const gm_tensor *tensor, const void *data, gm_error *error) {
  if (data == NULL && tensor->count > 0)
    GM_FAIL(error, GM_BAD_ARGUMENT, "no data is given for a tensor of %zu bytes", tensor->bytes);
  size_t alignment = gm__dtype_row(tensor->dtype)->alignment;
  if ((uintptr_t)data % alignment != 0)
    GM_FAIL(error, GM_BAD_ARGUMENT, "%s data must be aligned to %zu bytes", gm_dtype_name(tensor->dtype),
        alignment);
  return GM_OK;
}

gm_tensor *gm_tensor_wrap(gm_dtype dtype, int rank, const int64_t *dims, void *data,
    void (*release)(void *arg, void *data), void *arg, gm_error *error) {
  gm_tensor *tensor = record(dtype, rank, dims, error);
  if (tensor == NULL) return NULL;
  if (check_data(tensor, data, error) != GM_OK) {
    gm__free(tensor);
    return NULL;
  }
  tensor->data = data;
  tensor->release = release;
  tensor->arg = arg;
  return tensor;
}

void gm_tensor_free(gm_tensor *tensor) {
  if (tensor == NULL) return;
  if (atomic_fetch_sub_explicit(&tensor->references, 1, memory_order_acq_rel) != 1) return;
  if (tensor->release != NULL) tensor->release(tensor->arg, tensor->data);
  gm__free(tensor);
}

gm_tensor *gm__tensor_retain(const gm_tensor *tensor) {
  gm_tensor *shared = (gm_tensor *)tensor;
  if (shared != NULL) atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
  return shared;
}

gm_tensor *gm__tensor_copy(const gm_tensor *tensor, gm_error *error) {
  return gm__tensor_cast(tensor, tensor->dtype, error);
}

gm_tensor *gm__tensor_cast(const gm_tensor *tensor, gm_dtype dtype, gm_error *error) {
  gm_tensor *result = gm__tensor_blank(dtype, tensor->rank, tensor->dims, error);
  if (result != NULL) gm__convert(result->data, dtype, tensor->data, tensor->dtype, (size_t)tensor->count);
  return result;
}

gm_dtype gm_tensor_dtype(const gm_tensor *tensor) {
  return tensor == NULL ? GM_FLOAT32 : tensor->dtype;
}

int gm_tensor_rank(const gm_tensor *tensor) {
  return tensor == NULL ? 0 : tensor->rank;
}

const int64_t *gm_tensor_dims(const gm_tensor *tensor) {
  return tensor == NULL ? NULL : tensor->dims;
}

int64_t gm_tensor_count(const gm_tensor *tensor) {
  return tensor == NULL ? 0 : tensor->count;
}

void *gm_tensor_data(gm_tensor *tensor) {
  return tensor == NULL ? NULL : tensor->data;
}

const void *gm_tensor_cdata(const gm_tensor *tensor) {
  return tensor == NULL ? NULL : tensor->data;
}
