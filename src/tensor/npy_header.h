/* SPDX-License-Identifier: MIT
 *
 * The header of a .npy file: a Python dict in text. */
#ifndef GM_TENSOR_NPY_HEADER_H
#define GM_TENSOR_NPY_HEADER_H

#include "base/text.h"
#include "tensor/dtype.h"

typedef struct gm__npy_header {
  gm_dtype dtype;
  bool swapped, fortran;
  int rank;
  int64_t dims[GM_MAX_RANK];
} gm__npy_header;

/** Parses `length` bytes. GM_BAD_SYNTAX, GM_UNSUPPORTED (the descr), GM_LIMIT (rank, a length beyond int64);
 * the sentence does not name the file. */
gm_status gm__npy_header_parse(const char *text, size_t length, gm__npy_header *header, gm_error *error);
/** The whole head of a file of version 1, padded as NumPy does. */
void gm__npy_header_write(gm__text *text, gm_dtype dtype, int rank, const int64_t *dims);

#endif
