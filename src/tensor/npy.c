/* SPDX-License-Identifier: MIT
 *
 * The .npy format of NumPy: magic, version, a header in text, the raw data. Everything is checked against the
 * size of the file before memory is taken. */
#include <unistd.h>
#include "base/checked.h"
#include "tensor/file.h"
#include "tensor/npy_header.h"
#include "tensor/tensor.h"

enum { MAGIC = 6, PREFIX_1 = 10, PREFIX_2 = 12, HEADER_LIMIT = 1 << 20, WRITTEN_HEADER = 2048 };

typedef struct source {
  int fd;
  const char *path;
  size_t size, offset; /* of the file, and where the data begin */
  gm__npy_header header;
  gm_error *error;
} source;

static gm_status truncated(const source *s, const char *what, size_t needed) {
  GM_FAIL(s->error, GM_IO, GM__PATH " is truncated: %s %zu bytes, but the file has %zu", GM__SHOW(s->path),
      what, needed, s->size);
}

static gm_status read_exactly(const source *s, void *data, size_t count, size_t offset) {
  size_t got;
  GM_TRY(gm__file_read_at(s->fd, s->path, data, count, offset, &got, s->error));
  if (got == count) return GM_OK;
  GM_FAIL(s->error, GM_IO, GM__PATH " became shorter while it was read: %zu bytes of %zu are left",
      GM__SHOW(s->path), offset + got, s->size);
}

/* Where the header text begins, and how long it is. */
static gm_status read_prefix(const source *s, size_t *start, size_t *length) {
  unsigned char prefix[PREFIX_2] = {0};
  size_t there = s->size < PREFIX_2 ? s->size : PREFIX_2;
  GM_TRY(read_exactly(s, prefix, there, 0));
  if (memcmp(prefix, "\x93NUMPY", there < MAGIC ? there : MAGIC) != 0)
    GM_FAIL(s->error, GM_BAD_SYNTAX, GM__PATH " is no .npy file: it does not begin with \\x93NUMPY",
        GM__SHOW(s->path));
  if (there < PREFIX_1) return truncated(s, "a .npy file has at least", PREFIX_1);
  if (prefix[6] < 1 || prefix[6] > 3 || prefix[7] != 0)
    GM_FAIL(s->error, GM_UNSUPPORTED, GM__PATH " has .npy version %d.%d, but 1.0, 2.0 and 3.0 are known",
        GM__SHOW(s->path), prefix[6], prefix[7]);
  *start = prefix[6] == 1 ? PREFIX_1 : PREFIX_2;
  if (s->size < *start) return truncated(s, "its version has at least", *start);
  *length = prefix[8] | (size_t)prefix[9] << 8;
  if (prefix[6] > 1) *length |= (size_t)prefix[10] << 16 | (size_t)prefix[11] << 24;
  return GM_OK;
}

/* The status of `inner`, with the path before its sentence. */
static gm_status named(const source *s, const gm_error *inner) {
  GM_FAIL(s->error, inner->status, GM__PATH ": %s", GM__SHOW(s->path), inner->message);
}

static gm_status read_header(source *s) {
  size_t start = 0, length = 0;
  GM_TRY(read_prefix(s, &start, &length));
  if (length > HEADER_LIMIT)
    GM_FAIL(s->error, GM_LIMIT, GM__PATH " has a header of %zu bytes, more than the limit of %d",
        GM__SHOW(s->path), length, HEADER_LIMIT);
  if (s->size - start < length) return truncated(s, "its header ends after", start + length);
  char *text = gm__alloc(length, 1);
  if (text == NULL) return gm__no_memory(s->error);
  gm_error inner;
  gm_status status = read_exactly(s, text, length, start);
  if (status == GM_OK) {
    status = gm__npy_header_parse(text, length, &s->header, &inner);
    if (status != GM_OK) named(s, &inner);
  }
  gm__free(text);
  s->offset = start + length;
  return status;
}

static gm_status check_size(const source *s) {
  const gm__npy_header *h = &s->header;
  size_t bytes, there = s->size - s->offset;
  gm_error inner;
  if (gm__shape_size(h->rank, h->dims, gm__dtype_bytes(h->dtype), NULL, &bytes, &inner) != GM_OK)
    return named(s, &inner);
  if (bytes == there) return GM_OK;
  char shape[128];
  gm__text text = gm__text_into(shape, sizeof shape);
  gm__text_dims(&text, h->rank, h->dims);
  gm__text_end(&text);
  GM_FAIL(s->error, GM_IO, GM__PATH " %s: %s %s needs %zu bytes of data, but the file has %zu",
      GM__SHOW(s->path), there < bytes ? "is truncated" : "has surplus bytes", shape, gm_dtype_name(h->dtype),
      bytes, there);
}

static void reverse(unsigned char *bytes, size_t size) {
  for (size_t i = 0; i < size / 2; i++) {
    unsigned char byte = bytes[i];
    bytes[i] = bytes[size - 1 - i];
    bytes[size - 1 - i] = byte;
  }
}

static void swap_bytes(unsigned char *data, size_t bytes, gm_dtype dtype) {
  size_t size = gm__dtype_bytes(dtype) / (gm__dtype_is_complex(dtype) ? 2 : 1);
  for (size_t i = 0; i < bytes; i += size) reverse(data + i, size);
}

static void make_native(const source *s, unsigned char *data, size_t bytes) {
  if (s->header.swapped) swap_bytes(data, bytes, s->header.dtype);
  if (s->header.dtype != GM_BOOL) return;
  for (size_t i = 0; i < bytes; i++) data[i] = data[i] != 0;
}

/* From column-major to row-major: the last axis walks with the greatest stride. */
static void reorder(const gm_tensor *tensor, unsigned char *to, const unsigned char *from) {
  size_t size = gm__dtype_bytes(tensor->dtype);
  size_t strides[GM_MAX_RANK], offset = 0;
  int64_t index[GM_MAX_RANK] = {0};
  for (int axis = 0; axis < tensor->rank; axis++)
    strides[axis] = axis == 0 ? size : strides[axis - 1] * (size_t)tensor->dims[axis - 1];
  for (int64_t i = 0; i < tensor->count; i++, to += size) {
    memcpy(to, from + offset, size);
    int axis = tensor->rank - 1;
    for (; axis >= 0 && ++index[axis] == tensor->dims[axis]; axis--) {
      offset -= strides[axis] * (size_t)(tensor->dims[axis] - 1);
      index[axis] = 0;
    }
    if (axis >= 0) offset += strides[axis];
  }
}

static gm_status read_data(const source *s, gm_tensor *tensor) {
  GM_TRY(read_exactly(s, tensor->data, tensor->bytes, s->offset));
  make_native(s, tensor->data, tensor->bytes);
  if (!s->header.fortran || tensor->rank < 2 || tensor->count == 0) return GM_OK;
  void *ordered = gm__alloc_data(tensor->bytes);
  if (ordered == NULL) return gm__no_memory(s->error);
  reorder(tensor, ordered, tensor->data);
  gm__free(tensor->data);
  tensor->data = ordered;
  return GM_OK;
}

gm_tensor *gm__tensor_load_fd(int fd, const char *path, gm_error *error) {
  source s = {.fd = fd, .path = path, .error = error};
  if (gm__file_size(fd, path, &s.size, error) != GM_OK) return NULL;
  if (read_header(&s) != GM_OK || check_size(&s) != GM_OK) return NULL;
  gm_tensor *tensor = gm__tensor_blank(s.header.dtype, s.header.rank, s.header.dims, error);
  if (tensor == NULL || read_data(&s, tensor) == GM_OK) return tensor;
  gm_tensor_free(tensor);
  return NULL;
}

gm_tensor *gm_tensor_load(const char *npy_path, gm_error *error) {
  int fd = gm__file_open(npy_path, error);
  if (fd < 0) return NULL;
  gm_tensor *tensor = gm__tensor_load_fd(fd, npy_path, error);
  close(fd);
  return tensor;
}

gm_status gm__tensor_write(
    const gm_tensor *tensor, gm__pending *pending, const char *npy_path, gm_error *error) {
  char head[WRITTEN_HEADER];
  gm__text text = gm__text_into(head, sizeof head);
  gm__npy_header_write(&text, tensor->dtype, tensor->rank, tensor->dims);
  return gm__pending_write(pending, npy_path, head, text.length, tensor->data, tensor->bytes, error);
}

gm_status gm_tensor_save(const gm_tensor *tensor, const char *npy_path, gm_error *error) {
  gm__pending pending = {NULL, 0, 0};
  if (tensor == NULL) GM_FAIL(error, GM_BAD_ARGUMENT, "no tensor is given to save");
  gm_status status = gm__tensor_write(tensor, &pending, npy_path, error);
  if (status == GM_OK) status = gm__pending_commit(&pending, error);
  gm__pending_free(&pending);
  return status;
}
