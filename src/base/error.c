/* SPDX-License-Identifier: MIT
 *
 * Statuses, the error record and the version.
 * A message is made in a buffer of its own, so that it may quote the record that it replaces; control
 * characters in it (a hostile name) become '?', and a cut never splits a UTF-8 sequence. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"

#define TEXT(x) #x
#define DOTTED(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

enum { OPTIONS_LIMIT = 65536 };

static const char *const names[] = {
    [GM_OK] = "GM_OK",
    [GM_NO_MEMORY] = "GM_NO_MEMORY",
    [GM_BAD_ARGUMENT] = "GM_BAD_ARGUMENT",
    [GM_BAD_SHAPE] = "GM_BAD_SHAPE",
    [GM_BAD_DTYPE] = "GM_BAD_DTYPE",
    [GM_UNBOUND] = "GM_UNBOUND",
    [GM_UNKNOWN_OP] = "GM_UNKNOWN_OP",
    [GM_BAD_SYNTAX] = "GM_BAD_SYNTAX",
    [GM_LIMIT] = "GM_LIMIT",
    [GM_UNSUPPORTED] = "GM_UNSUPPORTED",
    [GM_IO] = "GM_IO",
    [GM_CANCELLED] = "GM_CANCELLED",
    [GM_INTERNAL] = "GM_INTERNAL",
};

const char *gm_version(void) {
  return DOTTED(GM_VERSION_MAJOR, GM_VERSION_MINOR, GM_VERSION_PATCH);
}

const char *gm_status_name(gm_status status) {
  size_t index = (size_t)status;
  return index < sizeof names / sizeof *names ? names[index] : "GM_UNKNOWN";
}

static bool continues(char c) {
  return ((unsigned char)c & 0xC0) == 0x80;
}

/* The bytes of text[0..length) that end before a cut-off UTF-8 sequence. */
static size_t whole_characters(const char *text, size_t length) {
  size_t start = length;
  while (start > 0 && length - start < 3 && continues(text[start - 1])) start--;
  if (start == 0) return length;
  unsigned char lead = (unsigned char)text[start - 1];
  size_t needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  return length - (start - 1) < needed ? start - 1 : length;
}

static void copy_cut(char *to, size_t size, const char *from, bool cut) {
  size_t length = strnlen(from, size);
  cut = cut || length >= size;
  if (length >= size) length = size - 1;
  if (cut) length = whole_characters(from, length);
  memcpy(to, from, length);
  memset(to + length, 0, size - length);
}

static void copy_tail(char *to, size_t size, const char *from) {
  size_t length = strlen(from);
  if (length < size) {
    memcpy(to, from, length + 1);
    return;
  }
  const char *tail = from + (length - (size - 4));
  while (continues(*tail)) tail++;
  memcpy(to, "...", 3);
  memcpy(to + 3, tail, strlen(tail) + 1);
}

static void clean(char *text) {
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    if (c < 0x20 || c == 0x7F) *text = '?';
  }
}

static void record(gm_error *error, gm_status status, const char *message, bool cut) {
  memset(error, 0, sizeof *error);
  error->status = status;
  error->axis[0] = error->axis[1] = -1;
  error->value[0] = error->value[1] = -1;
  copy_cut(error->message, sizeof error->message, message, cut);
  clean(error->message);
}

gm_status gm__fail(gm_error *error, gm_status status, const char *format, ...) {
  if (error == NULL) return status;
  char message[sizeof error->message];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  if (length < 0) message[0] = '\0';
  record(error, status, message, length >= (int)sizeof message);
  return status;
}

void gm__error_node(gm_error *error, const char *node) {
  if (error == NULL || node == NULL) return;
  copy_cut(error->node, sizeof error->node, node, false);
  clean(error->node);
}

void gm__error_place(gm_error *error, const char *file, int line, int column) {
  if (error == NULL) return;
  if (file != NULL) copy_tail(error->file, sizeof error->file, file);
  error->line = line;
  error->column = column;
}

void gm__error_axes(gm_error *error, int axis0, int64_t value0, int axis1, int64_t value1) {
  if (error == NULL) return;
  error->axis[0] = axis0;
  error->axis[1] = axis1;
  error->value[0] = value0;
  error->value[1] = value1;
}

static const char *own_text(const char *text, const char *buffer) {
  (void)buffer;
  return text;
}

static const char *buffer_text(int status, const char *buffer) {
  return status == 0 ? buffer : "unknown error";
}

/* strerror_r returns the text in glibc, a status in POSIX. */
const char *gm__errno_text(int number, char *buffer, size_t size) {
  return _Generic(strerror_r(number, buffer, size), char *: own_text, int: buffer_text)(
      strerror_r(number, buffer, size), buffer);
}

static bool all_zero(const unsigned char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (bytes[i] != 0) return false;
  return true;
}

gm_status gm__options_read(
    void *out, const void *options, size_t first, size_t known, const char *name, gm_error *error) {
  if (options == NULL) return GM_OK;
  size_t size;
  memcpy(&size, options, sizeof size);
  if (size < first || size > OPTIONS_LIMIT)
    GM_FAIL(error, GM_BAD_ARGUMENT, "%s: struct_size is %zu, but must be sizeof(%s)", name, size, name);
  if (size > known && !all_zero((const unsigned char *)options + known, size - known))
    GM_FAIL(error, GM_UNSUPPORTED, "%s: a field beyond the %zu bytes that version %s knows is set", name,
        known, gm_version());
  memcpy(out, options, size < known ? size : known);
  return GM_OK;
}
