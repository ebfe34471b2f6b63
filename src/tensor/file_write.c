/* SPDX-License-Identifier: MIT
 *
 * Files written: each beside its place, and renamed into it when all are complete. While several are renamed,
 * those that stood there before keep a second name, by which a failure brings them back; the last one needs
 * none, since its renaming is the end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "tensor/file.h"
#include "tensor/tensor.h"

enum { CHUNK = 1 << 30, NAME = 48, ATTEMPTS = 100 };

/** One block of memory holds the three paths. */
struct gm__pending_file {
  char *path, *temporary, *earlier;
  bool kept, placed; /* the earlier file under its second name; the new one under its own */
};

/* ---- Writing beside the place ---- */

static bool write_whole(int fd, const char *data, size_t size) {
  while (size > 0) {
    ssize_t n = write(fd, data, size < CHUNK ? size : CHUNK);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = EIO;
    if (n <= 0) return false;
    data += n;
    size -= (size_t)n;
  }
  return true;
}

/* A device or FIFO is not to be replaced by a file. */
static gm_status check_target(const char *path, gm_error *error) {
  struct stat status;
  if (path == NULL || *path == '\0') GM_FAIL(error, GM_BAD_ARGUMENT, "no path is given");
  if (stat(path, &status) != 0 || S_ISREG(status.st_mode)) return GM_OK;
  GM_FAIL(error, GM_IO, "cannot write " GM__PATH ": it is %s", GM__SHOW(path), gm__file_kind(status.st_mode));
}

static void write_name(char *name, const char *ending, const struct timespec *now, int attempt) {
  snprintf(name, NAME, ".gemmule-%lx-%lx-%x.%s", (unsigned long)getpid(), (unsigned long)now->tv_nsec,
      (unsigned)attempt, ending);
}

/* Makes a new file in the folder of the path, whose length is given. */
static int create_beside(const gm__pending_file *file, size_t folder) {
  struct timespec now = {0};
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    write_name(file->temporary + folder, "tmp", &now, attempt);
    write_name(file->earlier + folder, "old", &now, attempt);
    int fd = gm__file_open_as(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

/* An interrupted close has closed. */
static bool close_written(int fd) {
  return close(fd) == 0 || errno == EINTR;
}

static bool write_file(
    const gm__pending_file *file, int fd, const void *head, size_t head_size, const void *data, size_t size) {
  bool written = write_whole(fd, head, head_size) && write_whole(fd, data, size);
  int reason = errno;
  bool closed = close_written(fd);
  if (written && closed) return true;
  if (written) reason = errno;
  unlink(file->temporary);
  errno = reason;
  return false;
}

static bool name_file(gm__pending_file *file, const char *path, size_t folder) {
  size_t length = strlen(path) + 1, other = folder + NAME;
  char *block = gm__alloc(length + 2 * other, 1);
  if (block == NULL) return false;
  *file = (gm__pending_file){.path = block, .temporary = block + length, .earlier = block + length + other};
  memcpy(file->path, path, length);
  memcpy(file->temporary, path, folder);
  memcpy(file->earlier, path, folder);
  return true;
}

gm_status gm__pending_write(gm__pending *pending, const char *path, const void *head, size_t head_size,
    const void *data, size_t size, gm_error *error) {
  void *files = pending->files;
  GM_TRY(check_target(path, error));
  if (!gm__grow(&files, &pending->capacity, pending->count + 1, sizeof *pending->files))
    return gm__no_memory(error);
  pending->files = files;
  gm__pending_file *file = &pending->files[pending->count];
  const char *slash = strrchr(path, '/');
  size_t folder = slash == NULL ? 0 : (size_t)(slash - path) + 1;
  if (!name_file(file, path, folder)) return gm__no_memory(error);
  int fd = create_beside(file, folder);
  if (fd >= 0 && write_file(file, fd, head, head_size, data, size)) {
    pending->count++;
    return GM_OK;
  }
  gm_status status = gm__file_failed(error, "write", path);
  gm__free(file->path);
  return status;
}

/* ---- Taking the places ---- */

/* A link leaves the earlier file in its place until the new one is there; without links it is moved aside. */
static bool keep_earlier(gm__pending_file *file) {
  file->kept = link(file->path, file->earlier) == 0;
  if (!file->kept && errno != ENOENT) file->kept = rename(file->path, file->earlier) == 0;
  return file->kept || errno == ENOENT;
}

static bool place(gm__pending_file *file, bool last) {
  if (!last && !keep_earlier(file)) return false;
  file->placed = rename(file->temporary, file->path) == 0;
  return file->placed;
}

/* Renaming one name of a file to its other name does nothing, so the second may have to go. */
static void bring_back(gm__pending_file *file) {
  if (file->kept && rename(file->earlier, file->path) == 0)
    unlink(file->earlier);
  else if (!file->kept && file->placed)
    unlink(file->path);
  file->kept = false;
}

gm_status gm__pending_commit(gm__pending *pending, gm_error *error) {
  size_t done = 0;
  while (done < pending->count && place(&pending->files[done], done + 1 == pending->count)) done++;
  if (done == pending->count) return GM_OK;
  gm_status status = gm__file_failed(error, "write", pending->files[done].path);
  for (size_t i = done + 1; i-- > 0;) bring_back(&pending->files[i]);
  return status;
}

void gm__pending_free(gm__pending *pending) {
  for (size_t i = 0; i < pending->count; i++) {
    gm__pending_file *file = &pending->files[i];
    if (!file->placed) unlink(file->temporary);
    if (file->kept) unlink(file->earlier);
    gm__free(file->path);
  }
  gm__free(pending->files);
  *pending = (gm__pending){NULL, 0, 0};
}
