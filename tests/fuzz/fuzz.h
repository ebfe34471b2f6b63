/* SPDX-License-Identifier: MIT
 *
 * What the fuzz targets share. A target is a file fuzz_NAME.c with LLVMFuzzerTestOneInput, which states facts
 * about what the library does with the bytes: `NEED(fact)` ends the process where one does not hold. */
#ifndef GM_TESTS_FUZZ_H
#define GM_TESTS_FUZZ_H

#include <gemmule/gemmule.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NEED(fact) fuzz_need(fact, #fact, __FILE__, __LINE__)
void fuzz_need(bool holds, const char *fact, const char *file, int line);

/** For a process without a fuzzer around it: lengths without measure are refused rather than tried. */
void fuzz_limit_memory(void);

/** A failure as it should be: a status that is one of the caller's, a sentence of one line, terminated texts.
 */
void fuzz_refused(const gm_error *error);
/** A failure while reading `text`: its line and column, where there are any, lie inside it. */
void fuzz_placed(const gm_error *error, const char *text, size_t size);
/** The status of a call and its error agree. */
void fuzz_status(gm_status status, const gm_error *error);
/** A NUL-terminated copy, cut at the first NUL. */
char *fuzz_text(const uint8_t *data, size_t size);

/* ---- Bytes that choose: when they are used up, zeros ---- */
typedef struct bytes {
  const uint8_t *at, *end;
} bytes;
unsigned take(bytes *from);
/** Below `count`, which is at most 256. */
unsigned take_below(bytes *from, unsigned count);
const char *take_word(bytes *from, const char *const *words, unsigned count);
#define TAKE_WORD(from, words) take_word(from, words, sizeof(words) / sizeof *(words))

/* ---- Tensors ---- */
/** Equal dtype, dims and bits; a NaN is any NaN. */
bool fuzz_same(const gm_tensor *a, const gm_tensor *b);
/** Small values: quarters for floats, digits for integers. NULL when there is no memory for it. */
gm_tensor *fuzz_tensor(gm_dtype dtype, int rank, const int64_t *dims, unsigned seed);

/* ---- Files, in a folder of this process that goes away with it ---- */
/** The path of `name` in the folder; the memory of the last four calls stays. */
const char *fuzz_path(const char *name);
void fuzz_write(const char *path, const void *data, size_t size);
/** The whole file; NULL when there is none. */
char *fuzz_read(const char *path, size_t *size);

#endif
