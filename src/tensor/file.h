/* SPDX-License-Identifier: MIT
 *
 * What the readers and writers of files share. */
#ifndef GM_TENSOR_FILE_H
#define GM_TENSOR_FILE_H

#include <sys/types.h>
#include <gemmule/tensor.h>
#include "base/error.h"

/** For messages: a path in quotes, a long one by its tail. printf(GM__PATH, GM__SHOW(path)). */
#define GM__PATH "'%s%s'"
#define GM__SHOW(path) gm__path_dots(path), gm__path_tail(path)
const char *gm__path_dots(const char *path);
const char *gm__path_tail(const char *path);

/** Reads up to `count` bytes at `offset`, less only at the end of the file. */
gm_status gm__file_read_at(
    int fd, const char *path, void *data, size_t count, size_t offset, size_t *got, gm_error *error);
/** open(2), again when a signal interrupts it. */
int gm__file_open_as(const char *path, int flags, mode_t mode);
/** "a folder", "a device": what is no regular file. */
const char *gm__file_kind(mode_t mode);
/** GM_IO: "cannot write 'path': why", by errno. */
gm_status gm__file_failed(gm_error *error, const char *what, const char *path);
/** The size of an open regular file. */
gm_status gm__file_size(int fd, const char *path, size_t *size, gm_error *error);

/** Files that take their places together (file_write.c): each is written beside its place, and the last step
 * is to rename them all. Zero-initialise to make one. */
typedef struct gm__pending_file gm__pending_file;
typedef struct gm__pending {
  gm__pending_file *files;
  size_t count, capacity;
} gm__pending;
/** Writes one more file, head and data one after the other, beside its place. */
gm_status gm__pending_write(gm__pending *pending, const char *path, const void *head, size_t head_size,
    const void *data, size_t size, gm_error *error);
/** The same for a tensor, as a .npy file (npy.c). */
gm_status gm__tensor_write(
    const gm_tensor *tensor, gm__pending *pending, const char *npy_path, gm_error *error);
/** Renames them, in the order in which they were written. When one cannot be, the earlier files, or their
 * absence, are brought back; only if that fails too, or the process ends meanwhile, do earlier and new files
 * stand side by side. */
gm_status gm__pending_commit(gm__pending *pending, gm_error *error);
/** Removes what did not take its place. */
void gm__pending_free(gm__pending *pending);

#endif
