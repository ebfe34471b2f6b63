/* SPDX-License-Identifier: MIT
 *
 * Runs a target on every file of the folders that are named, in the order of their names, and says which file
 * it was when the process ends on one. A folder that is not there or empty is a failure. */
#include "fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static const char *running = "";

static void say_file(int number) {
  static const char lead[] = "\nthis happened in ";
  bool said = write(STDERR_FILENO, lead, sizeof lead - 1) > 0;
  said = said && write(STDERR_FILENO, running, strlen(running)) > 0;
  said = said && write(STDERR_FILENO, "\n", 1) > 0;
  (void)said;
  signal(number, SIG_DFL);
  raise(number);
}

static void replay(const char *path) {
  size_t size = 0;
  char *text = fuzz_read(path, &size);
  NEED(text != NULL);
  uint8_t *exact = malloc(size ? size : 1);
  NEED(exact != NULL);
  memcpy(exact, text, size);
  free(text);
  running = path;
  LLVMFuzzerTestOneInput(exact, size);
  running = "";
  free(exact);
}

static int visible(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

static int replay_folder(const char *folder) {
  struct dirent **entries;
  int count = scandir(folder, &entries, visible, alphasort);
  for (int i = 0; i < count; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    replay(path);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
  return count;
}

int main(int argc, char **argv) {
  fuzz_limit_memory();
  signal(SIGABRT, say_file);
  signal(SIGSEGV, say_file);
  signal(SIGFPE, say_file);
  for (int i = 1; i < argc; i++) {
    int count = replay_folder(argv[i]);
    printf("%s: %d inputs\n", argv[i], count);
    if (count <= 0) return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
