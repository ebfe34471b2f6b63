/* SPDX-License-Identifier: MIT
 *
 * The wrapped calls of calls.h. */
#include "faults/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int __real_open(const char *path, int flags, ...);
int __real_openat(int folder, const char *path, int flags, ...);
ssize_t __real_pread(int fd, void *data, size_t size, off_t offset);
ssize_t __real_read(int fd, void *data, size_t size);
ssize_t __real_write(int fd, const void *data, size_t size);
int __real_fstat(int fd, struct stat *out);
int __real_fstatat(int folder, const char *path, struct stat *out, int flags);
int __real_stat(const char *path, struct stat *out);
int __real_lstat(const char *path, struct stat *out);
int __real_close(int fd);
int __real_rename(const char *from, const char *to);
int __real_link(const char *from, const char *to);
int __real_unlink(const char *path);
int __real_mkdir(const char *path, mode_t mode);
int __real_rmdir(const char *path);

int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
ssize_t __wrap_pread(int fd, void *data, size_t size, off_t offset);
ssize_t __wrap_read(int fd, void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
int __wrap_fstat(int fd, struct stat *out);
int __wrap_fstatat(int folder, const char *path, struct stat *out, int flags);
int __wrap_stat(const char *path, struct stat *out);
int __wrap_lstat(const char *path, struct stat *out);
int __wrap_close(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_rmdir(const char *path);

static long left = -1, made;
static bool armed, persistent, without_links;
static call_fault fault;
static int number;
static const char *first;

void calls_arm(long allowed, bool persists, call_fault kind, int error) {
  left = allowed;
  persistent = persists;
  fault = kind;
  number = error;
  first = NULL;
  made = 0;
  armed = true;
}

const char *calls_disarm(void) {
  left = -1;
  armed = false;
  return first;
}

long calls_made(void) {
  return made;
}

void calls_without_links(bool without) {
  without_links = without;
}

/** Is this call of that name the one? */
static bool chosen(const char *name) {
  if (!armed) return false;
  made++;
  if (first != NULL) return persistent && strcmp(first, name) == 0;
  if (left < 0 || left-- > 0) return false;
  first = name;
  return true;
}

static bool fails(const char *name) {
  if (!chosen(name) || fault != CALL_FAILS) return false;
  errno = number;
  return true;
}

/** How much a call of `size` bytes may move; -1 with errno set when it is to fail. */
static ssize_t allowance(const char *name, size_t size) {
  if (!chosen(name)) return (ssize_t)size;
  errno = number;
  switch (fault) {
  case CALL_FAILS: return -1;
  case CALL_HALVES: return (ssize_t)(size > 1 ? size / 2 : size);
  case CALL_IS_SLOW: return size > 0;
  case CALL_ENDS: break;
  }
  return 0;
}

static mode_t mode_of(int flags, va_list more) {
  return flags & O_CREAT ? va_arg(more, mode_t) : 0;
}

int __wrap_open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = mode_of(flags, more);
  va_end(more);
  return fails("open") ? -1 : __real_open(path, flags, mode);
}

int __wrap_openat(int folder, const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = mode_of(flags, more);
  va_end(more);
  return fails("openat") ? -1 : __real_openat(folder, path, flags, mode);
}

ssize_t __wrap_pread(int fd, void *data, size_t size, off_t offset) {
  ssize_t most = allowance("pread", size);
  return most <= 0 ? most : __real_pread(fd, data, (size_t)most, offset);
}

ssize_t __wrap_read(int fd, void *data, size_t size) {
  ssize_t most = allowance("read", size);
  return most <= 0 ? most : __real_read(fd, data, (size_t)most);
}

ssize_t __wrap_write(int fd, const void *data, size_t size) {
  ssize_t most = allowance("write", size);
  return most <= 0 ? most : __real_write(fd, data, (size_t)most);
}

int __wrap_fstat(int fd, struct stat *out) {
  return fails("fstat") ? -1 : __real_fstat(fd, out);
}

int __wrap_fstatat(int folder, const char *path, struct stat *out, int flags) {
  return fails("fstatat") ? -1 : __real_fstatat(folder, path, out, flags);
}

int __wrap_stat(const char *path, struct stat *out) {
  return fails("stat") ? -1 : __real_stat(path, out);
}

int __wrap_lstat(const char *path, struct stat *out) {
  return fails("lstat") ? -1 : __real_lstat(path, out);
}

/** A close that fails has closed, as Linux does it. */
int __wrap_close(int fd) {
  int result = __real_close(fd);
  return fails("close") ? -1 : result;
}

int __wrap_rename(const char *from, const char *to) {
  return fails("rename") ? -1 : __real_rename(from, to);
}

int __wrap_link(const char *from, const char *to) {
  if (without_links) errno = EPERM;
  if (without_links) return -1;
  return fails("link") ? -1 : __real_link(from, to);
}

int __wrap_unlink(const char *path) {
  return fails("unlink") ? -1 : __real_unlink(path);
}

int __wrap_mkdir(const char *path, mode_t mode) {
  return fails("mkdir") ? -1 : __real_mkdir(path, mode);
}

int __wrap_rmdir(const char *path) {
  return fails("rmdir") ? -1 : __real_rmdir(path);
}
