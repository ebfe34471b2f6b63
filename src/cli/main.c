/* SPDX-License-Identifier: MIT
 *
 * The command `gemmule`: what is common to all commands: help, version, streams, exit code. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Bytes of standard output kept back where it is no terminal. */
static const size_t BUFFER = (size_t)1 << 16;

static bool is_one_of(const char *word, const char *a, const char *b) {
  return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

/** Is the switch given, wherever it stands? Asked before the rest is understood. */
static bool has_switch(int argc, char **argv, const char *name) {
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strcmp(argv[i], name) == 0) return true;
  }
  return false;
}

static int run_command(cli *c, int argc, char **argv) {
  c->args.command = need_command(c, argv[0]);
  int code = c->args.command ? read_arguments(c, argc - 1, argv + 1) : EXIT_USAGE;
  if (code) return code;
  if (!c->args.help) return c->args.command->run(c);
  print_command_help(&c->out, c->args.command);
  return EXIT_OK;
}

static int no_command(const cli *c) {
  char *names = need_text("%s", "");
  for (size_t i = 0; command_at(i); i++) {
    char *before = names;
    names = need_text("%s%s%s", before, !i ? "" : command_at(i + 1) ? ", " : " or ", command_at(i)->name);
    free(before);
  }
  int code = say_usage(c, "a command is missing: %s; gemmule --help tells more", names);
  free(names);
  return code;
}

static int dispatch(cli *c, int argc, char **argv) {
  int at = 1;
  while (at < argc && strcmp(argv[at], "--no-color") == 0) at++;
  if (at >= argc) return no_command(c);
  if (is_one_of(argv[at], "--help", "-h")) {
    print_help(&c->out);
    return EXIT_OK;
  }
  if (strcmp(argv[at], "--version") == 0) {
    put(&c->out, "gemmule %s\n", gm_version());
    return EXIT_OK;
  }
  return run_command(c, argc - at, argv + at);
}

/** Files that are opened must not land on a closed stream's number. */
static bool has_streams(void) {
  bool out = fcntl(STDOUT_FILENO, F_GETFD) >= 0 || errno != EBADF;
  int fd = open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = dup(fd);
  if (fd >= 0) close(fd);
  return out;
}

int main(int argc, char **argv) {
  cli c = {.out = {.file = stdout}};
  bool open_streams = has_streams();
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  catch_interrupts();
  c.args.json = has_switch(argc, argv, "--json");
  c.args.no_color = has_switch(argc, argv, "--no-color");
  if (!open_streams) return say(&c, GM_IO, EXIT_FILE, "standard output is closed");
  look_at_terminal(&c.out, c.args.no_color);
  if (c.out.width == 0) setvbuf(stdout, need(BUFFER, 1), _IOFBF, BUFFER);
  int code = dispatch(&c, argc, argv);
  int written = finish_output(&c.out);
  free_arguments(&c.args);
  return code ? code : written;
}
