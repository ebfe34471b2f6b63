/* SPDX-License-Identifier: MIT
 *
 * Runs graphviz's program `dot`, without a shell. It reads the text from an unnamed temporary file and says
 * what is wrong into another, so that the one pipe, its output, can be read to the end without waiting for
 * each other. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct child {
  FILE *in, *complaints;
  int reader, writer; /* of the pipe; -1: closed */
  pid_t pid;          /* 0: none */
} child;

static int cannot(const cli *c, const char *what, int why) {
  return say(c, GM_IO, EXIT_FILE, "%s: %s", what, strerror(why));
}

static int open_files(const cli *c, child *d, const char *text, size_t length) {
  int ends[2];
  d->in = tmpfile();
  d->complaints = tmpfile();
  if (!d->in || !d->complaints) return cannot(c, "a temporary file cannot be made", errno);
  errno = 0;
  if (fwrite(text, 1, length, d->in) != length || fflush(d->in) != 0)
    return cannot(c, "a temporary file cannot be written", errno);
  rewind(d->in);
  lseek(fileno(d->in), 0, SEEK_SET);
  if (pipe2(ends, O_CLOEXEC) != 0) return cannot(c, "a pipe cannot be made", errno);
  d->reader = ends[0];
  d->writer = ends[1];
  return EXIT_OK;
}

/** errno's kind of number. The child gets back the signals that this process ignores. */
static int spawn_with(child *d, posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes) {
  char *const words[] = {(char[]){"dot"}, (char[]){"-Tsvg"}, NULL};
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGXFSZ);
  int why = posix_spawnattr_setsigdefault(attributes, &defaults);
  if (!why) why = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
  if (!why) why = posix_spawn_file_actions_adddup2(actions, fileno(d->in), STDIN_FILENO);
  if (!why) why = posix_spawn_file_actions_adddup2(actions, d->writer, STDOUT_FILENO);
  if (!why) why = posix_spawn_file_actions_adddup2(actions, fileno(d->complaints), STDERR_FILENO);
  return why ? why : posix_spawnp(&d->pid, "dot", actions, attributes, words, environ);
}

static int start(const cli *c, child *d) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  int why = spawn_with(d, &actions, &attributes);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(d->writer);
  d->writer = -1;
  if (why == 0) return EXIT_OK;
  d->pid = 0;
  if (why != ENOENT) return cannot(c, "graphviz's program 'dot' cannot be run", why);
  return say(c, GM_IO, EXIT_FILE,
      "a picture needs graphviz's program 'dot', which is not installed; --out FILE.dot writes its text");
}

static int read_picture(const cli *c, const child *d, char **picture, size_t *size) {
  size_t capacity = (size_t)1 << 16;
  *picture = need(capacity, 1);
  for (*size = 0;;) {
    if (*size == capacity) {
      char *larger = realloc(*picture, capacity *= 2);
      if (!larger) return say(c, GM_NO_MEMORY, EXIT_LIMIT, "out of memory");
      *picture = larger;
    }
    ssize_t got = read(d->reader, *picture + *size, capacity - *size);
    if (got == 0) return EXIT_OK;
    if (got < 0 && errno != EINTR) return cannot(c, "the picture cannot be read", errno);
    if (got > 0) *size += (size_t)got;
  }
}

/** Waits for the child; what it complained of is said where it came to nothing. */
static int finish(const cli *c, child *d) {
  char line[300] = "";
  int status = 0;
  while (waitpid(d->pid, &status, 0) < 0 && errno == EINTR) {
  }
  d->pid = 0;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return EXIT_OK;
  lseek(fileno(d->complaints), 0, SEEK_SET);
  ssize_t got = read(fileno(d->complaints), line, sizeof line - 1);
  line[got > 0 ? (size_t)got : 0] = 0;
  line[strcspn(line, "\n")] = 0;
  if (WIFSIGNALED(status))
    return say(c, GM_IO, EXIT_FILE, "graphviz's program 'dot' was ended by signal %d", WTERMSIG(status));
  return say(c, GM_IO, EXIT_FILE, "graphviz's program 'dot' ended with code %d%s%s", WEXITSTATUS(status),
      *line ? ": " : "", line);
}

static void close_files(const child *d) {
  if (d->in) fclose(d->in);
  if (d->complaints) fclose(d->complaints);
  if (d->reader >= 0) close(d->reader);
  if (d->writer >= 0) close(d->writer);
}

int render_svg(const cli *c, const char *text, size_t length, char **picture, size_t *size) {
  child d = {.reader = -1, .writer = -1};
  *picture = NULL;
  int code = open_files(c, &d, text, length);
  if (code == EXIT_OK) code = start(c, &d);
  if (code == EXIT_OK) code = read_picture(c, &d, picture, size);
  if (code && d.reader >= 0) {
    close(d.reader);
    d.reader = -1;
  }
  if (d.pid) {
    int ended = finish(c, &d);
    code = code ? code : ended;
  }
  close_files(&d);
  return code;
}
