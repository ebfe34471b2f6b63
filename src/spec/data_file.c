/* SPDX-License-Identifier: MIT
 *
 * Data files of a graph, by a path below the root. The path is walked folder by folder with descriptors and
 * no symbolic link is followed, so that what is checked is what is read, whatever happens to the names
 * meanwhile. */
#include "spec/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tensor/file.h"

typedef struct data_file {
  const gm__reader *r;
  const gm__value *path;
  const char *node;
} data_file;

static gm_status refuse(const data_file *f, gm_status status, const char *why) {
  return gm__reader_fail(
      f->r, f->path->line, f->path->column, f->node, status, "the data file '%.300s' %s", f->path->text, why);
}

static bool is_dots(const char *part, size_t length) {
  return length == 2 && part[0] == '.' && part[1] == '.';
}

static gm_status check_path(const data_file *f) {
  if (f->path->kind != GM__VALUE_STRING || f->path->text[0] == 0) {
    return gm__reader_fail(
        f->r, f->path->line, f->path->column, f->node, GM_BAD_ARGUMENT, "'file' is the path of a data file");
  }
  if (!f->r->root) return refuse(f, GM_BAD_ARGUMENT, "cannot be read: no data root was given");
  if (f->path->text[0] == '/')
    return refuse(f, GM_BAD_ARGUMENT, "must lie below the data root: no absolute path");
  for (const char *at = f->path->text; *at;) {
    size_t length = strcspn(at, "/");
    if (is_dots(at, length)) return refuse(f, GM_BAD_ARGUMENT, "must lie below the data root: no '..'");
    at += length;
    at += strspn(at, "/");
  }
  return GM_OK;
}

static bool is_link(int folder, const char *name) {
  struct stat stat = {.st_mode = 0};
  (void)fstatat(folder, name, &stat, AT_SYMLINK_NOFOLLOW);
  return S_ISLNK(stat.st_mode);
}

/** Opens `name` in `folder`; -1 with the error recorded. */
static int open_part(const data_file *f, int folder, const char *name, bool last) {
  int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (last ? O_NOCTTY : O_DIRECTORY);
  int opened;
  do opened = openat(folder, name, flags);
  while (opened < 0 && errno == EINTR);
  if (opened >= 0) return opened;
  int why = errno;
  char reason[128];
  bool link = (why == ELOOP || why == ENOTDIR) && is_link(folder, name);
  gm__reader_fail(f->r, f->path->line, f->path->column, f->node, GM_IO,
      "the data file '%.300s' cannot be read: %s", f->path->text,
      link ? "a symbolic link is on its way" : strerror_r(why, reason, sizeof reason));
  return -1;
}

/** Follows the parts of `path` (which it cuts up) from the root's descriptor, which it closes. */
static int walk_path(const data_file *f, int folder, char *path) {
  for (char *at = path; folder >= 0 && *at;) {
    size_t length = strcspn(at, "/");
    bool ends = at[length] == 0;
    at[length] = 0;
    bool here = length == 0 || strcmp(at, ".") == 0;
    int next = here && !ends ? folder : open_part(f, folder, at, ends);
    if (next != folder) close(folder);
    folder = next;
    at += length + !ends;
  }
  return folder;
}

static int open_below(const data_file *f) {
  int root = gm__file_open_as(f->r->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (root < 0) {
    char reason[128];
    gm__reader_fail(f->r, f->path->line, f->path->column, f->node, GM_IO,
        "the data root '%.200s' cannot be read: %s", f->r->root, strerror_r(errno, reason, sizeof reason));
    return -1;
  }
  char *path = gm__strdup(f->path->text);
  int opened = path ? walk_path(f, root, path) : -1;
  if (!path) {
    gm__no_memory(f->r->error);
    close(root);
  }
  gm__free(path);
  return opened;
}

static gm_tensor *load_regular(const data_file *f, int file) {
  struct stat stat;
  if (fstat(file, &stat) != 0)
    gm__file_failed(f->r->error, "examine", f->path->text);
  else if (!S_ISREG(stat.st_mode))
    refuse(f, GM_IO, "is no regular file");
  else
    return gm__tensor_load_fd(file, f->path->text, f->r->error);
  return NULL;
}

gm_status gm__data_file_load(const gm__reader *r, const gm__value *path, const char *node, gm_tensor **out) {
  data_file f = {r, path, node};
  GM_TRY(check_path(&f));
  int file = open_below(&f);
  if (file < 0) return r->error->status;
  *out = load_regular(&f, file);
  close(file);
  if (*out) return GM_OK;
  gm_status status = r->error->status;
  r->error->line = 0;
  return gm__reader_at(r, path, node, status);
}
