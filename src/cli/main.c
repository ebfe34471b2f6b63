/* SPDX-License-Identifier: MIT
 *
 * The command `gemmule`: one table of commands, and what is common to all: help, version, streams, exit code.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const command commands[] = {
    {"show", "GRAPH.yaml", "Prints the nodes of a graph with their shapes, parameters and flops.", FOR_SHOW,
        cmd_show},
    {"run", "GRAPH.yaml", "Runs a graph on values and prints its outputs.", FOR_RUN, cmd_run},
    {"plan", "GRAPH.yaml", "Prints what a run will execute, and why.", FOR_PLAN, cmd_plan},
    {"check", "GRAPH.yaml", "Loads a graph, which checks every shape in it.", FOR_CHECK, cmd_check},
    {"ops", "[NAME]", "Lists the operations, or tells all about one.", FOR_OPS, cmd_ops},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_help(output *out) {
  put(out, "Usage: gemmule COMMAND GRAPH.yaml [options]\n\nCommands:\n");
  for (size_t i = 0; i < COMMANDS; i++) {
    put(out, "  %-6s  %s\n", commands[i].name, commands[i].summary);
  }
  put(out, "\ngemmule COMMAND --help tells the options of a command; gemmule --version the version.\n"
           "GRAPH.yaml may be - for standard input.\n\n"
           "Exit codes: 0 ok, 1 --expect differs, 2 usage, 3 a file or stream, 4 shape, dtype or structure,\n"
           "5 a limit or memory, 70 internal, 130 interrupted.\n");
}

static int find_command(cli *c, const char *name) {
  char near[NEAR_ROOM];
  const char *names[COMMANDS];
  for (size_t i = 0; i < COMMANDS; i++) {
    names[i] = commands[i].name;
    if (strcmp(name, names[i]) == 0) c->args.command = &commands[i];
  }
  if (c->args.command) return EXIT_OK;
  const char *what = name[0] == '-' ? "option" : "command";
  return say_usage(c, "there is no %s '%s'%s", what, name, near_text(near, name, names, COMMANDS));
}

static bool is_one_of(const char *word, const char *a, const char *b) {
  return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

static bool wants_json(int argc, char **argv) {
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strcmp(argv[i], "--json") == 0) return true;
  }
  return false;
}

static int run_command(cli *c, int argc, char **argv) {
  int code = find_command(c, argv[1]);
  if (code == EXIT_OK) code = read_arguments(c, argc - 2, argv + 2);
  if (code) return code;
  if (!c->args.help) return c->args.command->run(c);
  print_command_help(&c->out, c->args.command);
  return EXIT_OK;
}

static int dispatch(cli *c, int argc, char **argv) {
  c->args.json = wants_json(argc, argv);
  if (argc < 2)
    return say_usage(c, "a command is missing: show, run, plan, check or ops; gemmule --help tells more");
  if (is_one_of(argv[1], "--help", "-h")) {
    print_help(&c->out);
    return EXIT_OK;
  }
  if (strcmp(argv[1], "--version") == 0) {
    put(&c->out, "gemmule %s\n", gm_version());
    return EXIT_OK;
  }
  return run_command(c, argc, argv);
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
  cli c = {.out = {stdout, 0}};
  bool open_streams = has_streams();
  signal(SIGPIPE, SIG_IGN);
  catch_interrupts();
  if (!open_streams) {
    c.args.json = wants_json(argc, argv);
    return say(&c, GM_IO, EXIT_FILE, "standard output is closed");
  }
  int code = dispatch(&c, argc, argv);
  int written = finish_output(&c.out);
  free_arguments(&c.args);
  return code ? code : written;
}
