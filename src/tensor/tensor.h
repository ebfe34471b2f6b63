/* SPDX-License-Identifier: MIT
 *
 * The tensor itself: reference-counted inside, so that variables' values can be shared with runs under way.
 * With it lie forms of its data that were made once, for whoever holds it. */
#ifndef GM_TENSOR_TENSOR_H
#define GM_TENSOR_TENSOR_H

#include <pthread.h>
#include <stdatomic.h>
#include "base/alloc.h"
#include "base/text.h"
#include "tensor/dtype.h"

/** Another form of a tensor's data, found by its key. */
typedef struct gm__derived gm__derived;

struct gm_tensor {
  atomic_int references;
  gm_dtype dtype;
  int rank;
  int64_t count;
  size_t bytes;
  void *data;
  void (*release)(void *arg, void *data);
  void *arg;
  pthread_mutex_t lock; /* of `derived` */
  gm__derived *derived;
  int64_t dims[]; /* `rank` of them */
};

/** gm_tensor_new with data that is not initialised. */
gm_tensor *gm__tensor_blank(gm_dtype dtype, int rank, const int64_t *dims, gm_error *error);
/** One holder more; gm_tensor_free lets go. */
gm_tensor *gm__tensor_retain(const gm_tensor *tensor);
/** A new tensor with the same dtype, dims and values. */
gm_tensor *gm__tensor_copy(const gm_tensor *tensor, gm_error *error);
/** A new tensor with the values converted to `dtype` (gm__convert). */
gm_tensor *gm__tensor_cast(const gm_tensor *tensor, gm_dtype dtype, gm_error *error);
/** The form of the tensor's data that `key` describes: `bytes` of gm__alloc_data, made by `make` when first
 * asked for, and kept as long as the tensor. Whoever asks meanwhile waits. NULL without memory. The data must
 * not change any more. */
void *gm__tensor_derive(gm_tensor *tensor, const void *key, size_t key_bytes, size_t bytes,
    void (*make)(const void *context, const void *data, void *derived), const void *context);
/** gm_tensor_load on a descriptor that is open (and stays so): `path` is for messages. The caller has seen to
 * it that it is a regular file. */
gm_tensor *gm__tensor_load_fd(int fd, const char *path, gm_error *error);
/** Opens a regular file for reading without ever waiting (a FIFO, device or folder is refused, GM_IO). -1
 * with `error` filled. */
int gm__file_open(const char *path, gm_error *error);
/** Reads the whole of an open regular file into gm__alloc'ed memory with a NUL behind; at most `limit` bytes,
 * more is GM_LIMIT. */
gm_status gm__file_read(int fd, const char *path, size_t limit, char **data, size_t *size, gm_error *error);
/** One element as Python prints it ("1.0", "True", "(1+2j)"): for inline values and messages. */
void gm__element_text(gm__text *text, const void *element, gm_dtype dtype);

#endif
