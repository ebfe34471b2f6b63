/* SPDX-License-Identifier: MIT
 *
 * What the readers and writers of files share. */
#ifndef GM_TENSOR_FILE_H
#define GM_TENSOR_FILE_H

#include "base/error.h"

/** For messages: a path in quotes, a long one by its tail. printf(GM__PATH, GM__SHOW(path)). */
#define GM__PATH "'%s%s'"
#define GM__SHOW(path) gm__path_dots(path), gm__path_tail(path)
const char *gm__path_dots(const char *path);
const char *gm__path_tail(const char *path);

/** Reads up to `count` bytes at `offset`, less only at the end of the file. */
gm_status gm__file_read_at(
    int fd, const char *path, void *data, size_t count, size_t offset, size_t *got, gm_error *error);
/** The size of an open regular file. */
gm_status gm__file_size(int fd, const char *path, size_t *size, gm_error *error);

#endif
