/* SPDX-License-Identifier: MIT
 *
 * Standard output with its first error remembered, and memory that is there or ends the process. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void note_error(output *out, bool failed) {
  if (failed && out->error == 0) out->error = errno ? errno : EIO;
}

void put_bytes(output *out, const char *bytes, size_t count) {
  if (out->error || count == 0) return;
  errno = 0;
  note_error(out, fwrite_unlocked(bytes, 1, count, out->file) != count);
}

void put_text(output *out, const char *text) {
  put_bytes(out, text, strlen(text));
}

void put(output *out, const char *format, ...) {
  if (out->error) return;
  va_list list;
  va_start(list, format);
  errno = 0;
  note_error(out, vfprintf(out->file, format, list) < 0);
  va_end(list);
}

int finish_output(output *out) {
  errno = 0;
  if (out->error == 0) note_error(out, fflush(out->file) != 0);
  if (out->error == 0) return EXIT_OK;
  if (out->error != EPIPE)
    fprintf(stderr, "gemmule: standard output cannot be written: %s\n", strerror(out->error));
  return EXIT_FILE;
}

_Noreturn void no_memory(void) {
  fputs("gemmule: out of memory\n", stderr);
  exit(EXIT_LIMIT);
}

void *need(size_t count, size_t size) {
  void *block = calloc(count ? count : 1, size ? size : 1);
  if (!block) no_memory();
  return block;
}

char *need_text(const char *format, ...) {
  char *text = NULL;
  va_list list;
  va_start(list, format);
  int length = vasprintf(&text, format, list);
  va_end(list);
  if (length < 0) no_memory();
  return text;
}
