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
  tensor->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
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

/* ---- Forms of the data ---- */

struct gm__derived {
  gm__derived *next;
  void *memory;
  size_t key_bytes;
  unsigned char key[];
};

static void *find_derived(const gm_tensor *tensor, const void *key, size_t key_bytes) {
  for (const gm__derived *d = tensor->derived; d != NULL; d = d->next)
    if (d->key_bytes == key_bytes && memcmp(d->key, key, key_bytes) == 0) return d->memory;
  return NULL;
}

static gm__derived *add_derived(gm_tensor *tensor, const void *key, size_t key_bytes, size_t bytes) {
  gm__derived *made = gm__alloc(1, sizeof *made + key_bytes);
  void *memory = made == NULL ? NULL : gm__alloc_data(bytes);
  if (memory == NULL) {
    gm__free(made);
    return NULL;
  }
  *made = (gm__derived){tensor->derived, memory, key_bytes};
  memcpy(made->key, key, key_bytes);
  tensor->derived = made;
  return made;
}

void *gm__tensor_derive(gm_tensor *tensor, const void *key, size_t key_bytes, size_t bytes,
    void (*make)(const void *context, const void *data, void *derived), const void *context) {
  pthread_mutex_lock(&tensor->lock);
  void *found = find_derived(tensor, key, key_bytes);
  gm__derived *added = found == NULL ? add_derived(tensor, key, key_bytes, bytes) : NULL;
  if (added != NULL) make(context, tensor->data, found = added->memory);
  pthread_mutex_unlock(&tensor->lock);
  return found;
}

static void free_derived(gm_tensor *tensor) {
  for (gm__derived *made = tensor->derived, *next; made != NULL; made = next) {
    next = made->next;
    gm__free(made->memory);
    gm__free(made);
  }
}

void gm_tensor_free(gm_tensor *tensor) {
  if (tensor == NULL) return;
  if (atomic_fetch_sub_explicit(&tensor->references, 1, memory_order_acq_rel) != 1) return;
  free_derived(tensor);
  pthread_mutex_destroy(&tensor->lock);
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
