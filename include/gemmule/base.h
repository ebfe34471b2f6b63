/* SPDX-License-Identifier: MIT
 *
 * Statuses, the error record, the version, and the thread pool that a caller may lend.
 * Every call that can fail returns a gm_status or NULL / {0}, and fills the caller's gm_error.
 * The library never prints, aborts or exits. */
#ifndef GEMMULE_BASE_H
#define GEMMULE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <gemmule/export.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GM_VERSION_MAJOR 0
#define GM_VERSION_MINOR 1
#define GM_VERSION_PATCH 0

/** The greatest rank of a tensor or node; more is GM_LIMIT. */
#define GM_MAX_RANK 32

typedef enum gm_status {
  GM_OK = 0,
  GM_NO_MEMORY,
  GM_BAD_ARGUMENT,
  GM_BAD_SHAPE,
  GM_BAD_DTYPE,
  GM_UNBOUND,
  GM_UNKNOWN_OP,
  GM_BAD_SYNTAX,
  GM_LIMIT,
  GM_UNSUPPORTED,
  GM_IO,
  GM_CANCELLED,
  GM_INTERNAL
} gm_status;

/** The enumerator's own name, "GM_BAD_SHAPE"; "GM_UNKNOWN" for a value that is none. Static text. */
GM_API const char *gm_status_name(gm_status status);

/** What went wrong: the caller's own record, filled on failure and left alone on success.
 *  NULL may be passed wherever a gm_error is taken. */
typedef struct gm_error {
  gm_status status;
  int line, column;  /**< 1-based place in `file`, 0 where there is none */
  char file[256];    /**< a long path keeps its tail */
  char node[128];    /**< the node concerned, "" where there is none */
  char message[512]; /**< one sentence, no newline */
  int axis[2];       /**< the two axes that disagree; -1 where there is none */
  int64_t value[2];  /**< the two lengths that disagree; -1 where there is none */
  uint64_t reserved[4];
} gm_error;

/** The library's version, "0.1.0". */
GM_API const char *gm_version(void);

/** The word of `words` nearest to `word`, for "did you mean"; NULL when none is near. Points into `words`. */
GM_API const char *gm_closest(const char *word, const char *const *words, size_t count);

/** Flags of the text functions. All of them return the length without the NUL, like snprintf, and terminate
 *  whenever size > 0; a NULL buffer with size 0 asks for the length. */
#define GM_TEXT_JSON 1u

/** A thread pool that the caller lends to a plan. `run` calls task(argument, i) for each i below count, on
 * any of its threads and the caller's, and returns when all have returned; calls of `run` may come from
 * several threads at once. The library never asks for more than `threads` at a time. Calls that `run` leaves
 * out, as where threads are busy or missing, are made up for by the calling thread. A task needs up to 256
 * KiB of stack. */
typedef struct gm_pool {
  size_t struct_size; /**< sizeof(gm_pool) */
  void *context;
  int threads;
  void (*run)(void *context, int count, void (*task)(void *argument, int index), void *argument);
} gm_pool;

#ifdef __cplusplus
}
#endif

#endif
