/* SPDX-License-Identifier: MIT
 *
 * Regular files: opened without ever waiting, read whole. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tensor/file.h"
#include "tensor/tensor.h"

enum { SHOWN_PATH = 200, REASON = 128, CHUNK = 1 << 30 };

const char *gm__path_dots(const char *path) {
  return strlen(path) > SHOWN_PATH ? "..." : "";
}

const char *gm__path_tail(const char *path) {
  size_t length = strlen(path);
  if (length <= SHOWN_PATH) return path;
  const char *tail = path + (length - SHOWN_PATH);
  while (((unsigned char)*tail & 0xC0) == 0x80) tail++;
  return tail;
}

gm_status gm__file_failed(gm_error *error, const char *what, const char *path) {
  char reason[REASON];
  const char *text = gm__errno_text(errno, reason, sizeof reason);
  GM_FAIL(error, GM_IO, "cannot %s " GM__PATH ": %s", what, GM__SHOW(path), text);
}

const char *gm__file_kind(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

static gm_status check_regular(int fd, const char *path, gm_error *error) {
  struct stat status;
  if (fstat(fd, &status) != 0) return gm__file_failed(error, "examine", path);
  if (S_ISREG(status.st_mode)) return GM_OK;
  GM_FAIL(error, GM_IO, GM__PATH " is %s, not a regular file", GM__SHOW(path), gm__file_kind(status.st_mode));
}

int gm__file_open_as(const char *path, int flags, mode_t mode) {
  int fd;
  do fd = open(path, flags, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

int gm__file_open(const char *path, gm_error *error) {
  if (path == NULL || *path == '\0') {
    gm__fail(error, GM_BAD_ARGUMENT, "no path is given");
    return -1;
  }
  int fd = gm__file_open_as(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0);
  if (fd < 0) {
    gm__file_failed(error, "open", path);
    return -1;
  }
  if (check_regular(fd, path, error) == GM_OK) return fd;
  close(fd);
  return -1;
}

gm_status gm__file_size(int fd, const char *path, size_t *size, gm_error *error) {
  struct stat status;
  if (fstat(fd, &status) != 0) return gm__file_failed(error, "examine", path);
  *size = (size_t)status.st_size;
  return GM_OK;
}

gm_status gm__file_read_at(
    int fd, const char *path, void *data, size_t count, size_t offset, size_t *got, gm_error *error) {
  for (*got = 0; *got < count;) {
    size_t wanted = count - *got < CHUNK ? count - *got : CHUNK;
    ssize_t n = pread(fd, (char *)data + *got, wanted, (off_t)(offset + *got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return gm__file_failed(error, "read", path);
    if (n == 0) return GM_OK;
    *got += (size_t)n;
  }
  return GM_OK;
}

/* Reads on until the end, or until more than `limit` bytes are there; one byte is kept for the NUL. */
static gm_status read_rest(
    int fd, const char *path, size_t limit, char **data, size_t *capacity, size_t *size, gm_error *error) {
  while (*size <= limit) {
    void *block = *data;
    if (!gm__grow(&block, capacity, *size + 2, 1)) return gm__no_memory(error);
    *data = block;
    size_t got, room = *capacity - *size - 1;
    GM_TRY(gm__file_read_at(fd, path, *data + *size, room, *size, &got, error));
    *size += got;
    if (got < room) return GM_OK;
  }
  return GM_OK;
}

gm_status gm__file_read(int fd, const char *path, size_t limit, char **data, size_t *size, gm_error *error) {
  size_t expected = 0, capacity = 0, length = 0;
  void *block = NULL;
  GM_TRY(gm__file_size(fd, path, &expected, error));
  if (expected > limit)
    GM_FAIL(error, GM_LIMIT, GM__PATH " has %zu bytes, more than the limit of %zu", GM__SHOW(path), expected,
        limit);
  if (!gm__grow(&block, &capacity, expected + 2, 1)) return gm__no_memory(error);
  char *text = block;
  gm_status status = read_rest(fd, path, limit, &text, &capacity, &length, error);
  if (status == GM_OK && length < expected)
    status = gm__fail(error, GM_IO, GM__PATH " became shorter while it was read: %zu bytes of %zu are left",
        GM__SHOW(path), length, expected);
  if (status == GM_OK && length > limit)
    status =
        gm__fail(error, GM_LIMIT, GM__PATH " has more than the limit of %zu bytes", GM__SHOW(path), limit);
  if (status != GM_OK) {
    gm__free(text);
    return status;
  }
  text[length] = '\0';
  *data = text;
  *size = length;
  return GM_OK;
}
