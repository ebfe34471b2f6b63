/* SPDX-License-Identifier: MIT
 *
 * How failures travel: a function returns a gm_status, and the first that knows what happened writes the
 * sentence. GM_TRY forwards, GM_FAIL records and returns. */
#ifndef GM_BASE_ERROR_H
#define GM_BASE_ERROR_H

#include <gemmule/base.h>

#if defined(__GNUC__)
#define GM__PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define GM__PRINTF(text, first)
#endif

#define GM_TRY(call)                                                                                         \
  do {                                                                                                       \
    gm_status status_ = (call);                                                                              \
    if (status_ != GM_OK) return status_;                                                                    \
  } while (0)

#define GM_FAIL(error, status, ...) return (void)gm__fail((error), (status), __VA_ARGS__), (status)

/** Fills `error` (NULL is fine) with the status and the sentence, every other field empty; returns the
 * status. */
gm_status gm__fail(gm_error *error, gm_status status, const char *format, ...) GM__PRINTF(3, 4);
/** gm__fail with GM_NO_MEMORY and its sentence. */
static inline gm_status gm__no_memory(gm_error *error) {
  gm__fail(error, GM_NO_MEMORY, "out of memory");
  return GM_NO_MEMORY;
}
/** Adds to a filled error: the node, the place in a file (the tail of a long path), the axes and lengths. */
void gm__error_node(gm_error *error, const char *node);
void gm__error_place(gm_error *error, const char *file, int line, int column);
void gm__error_axes(gm_error *error, int axis0, int64_t value0, int axis1, int64_t value1);

/** What errno means, thread-safe; a pointer into `buffer` or to static text. */
const char *gm__errno_text(int number, char *buffer, size_t size);

/** Checks an options struct: at least `first` bytes long (its first release), and zero beyond `known`, what
 * this library knows. NULL options are fine. Copies what is known of it to `out`, which the caller has filled
 * with defaults. `name` is for the message. */
gm_status gm__options_read(
    void *out, const void *options, size_t first, size_t known, const char *name, gm_error *error);

#endif
