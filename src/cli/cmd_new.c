/* SPDX-License-Identifier: MIT
 *
 * gemmule new: a graph to start from, with comments. It is checked and runs as it stands; a file that exists
 * is left alone. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char start[] =
    "# 'gemmule ops' lists the operations, 'man 5 gemmule' tells all about this format.\n"
    "gemmule: 1\n"
    "name: layer\n"
    "doc: A dense layer.\n"
    "\n"
    "# Fed before each run. A dim is a number, or a symbol such as batch, whose length the fed value "
    "decides.\n"
    "placeholders:\n"
    "  x: {shape: [batch, 3], dtype: float32, doc: a row of 3 numbers for each sample}\n"
    "\n"
    "# What would be learnt: from an initialiser, {value: ...}, or a data file beside this one, {file: "
    "w.npy}.\n"
    "variables:\n"
    "  w: {shape: [3, 2], init: {random_uniform: {low: -1, high: 1, seed: 7}}}\n"
    "  b: {shape: [2], init: zeros}\n"
    "\n"
    "# What never changes.\n"
    "constants:\n"
    "  scale: 0.5\n"
    "\n"
    "# An operation and its inputs; the attributes stand beside it. Nodes may be nested, and come in any "
    "order.\n"
    "nodes:\n"
    "  y: {relu: {bias_add: [{dot: [x, w]}, b]}}\n"
    "  halved: {multiply: [y, scale]}\n"
    "  probabilities: {softmax: y, axis: -1}\n"
    "\n"
    "# What a run computes and prints when no --fetch is given.\n"
    "outputs: [y, probabilities]\n";

/** The commands of the head of the file stand with its own name. */
static char *start_text(const char *word) {
  return need_text("# A graph to start from: one dense layer, y = relu(x w + b).\n"
                   "#\n"
                   "#     gemmule show %s\n"
                   "#     gemmule run %s --feed 'x=[[1, 2, 3], [0.5, 0, -1]]'\n"
                   "#     gemmule run %s --feed x=random --dim batch=4\n"
                   "#\n%s",
      word, word, word, start);
}

/** The name as one word of a shell: in quotes where that is needed. */
static char *shell_word(const char *name) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-,:@%";
  if (*name && strspn(name, plain) == strlen(name)) return need_text("%s", name);
  char *word = need(strlen(name) * 4 + 3, 1), *to = word;
  *to++ = '\'';
  for (; *name; name++) {
    bool quote = *name == '\'';
    memcpy(to, quote ? "'\\''" : (*name == '\n' ? " " : name), quote ? 4 : 1);
    to += quote ? 4 : 1;
  }
  *to = '\'';
  return word;
}

static int write_all(int fd, const char *text, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, text, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return EIO;
    text += written;
    size -= (size_t)written;
  }
  return 0;
}

static int write_new(cli *c, const char *name, const char *text) {
  int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0 && errno == EEXIST)
    return say(c, GM_IO, EXIT_FILE, "'%s' exists already, and is left as it is", name);
  if (fd < 0) return say(c, GM_IO, EXIT_FILE, "'%s' cannot be made: %s", name, strerror(errno));
  int why = write_all(fd, text, strlen(text));
  if (close(fd) != 0 && why == 0) why = errno;
  if (why == 0) return EXIT_OK;
  unlink(name);
  return say(c, GM_IO, EXIT_FILE, "'%s' cannot be written: %s", name, strerror(why));
}

static int run(cli *c) {
  const char *name = c->args.operand;
  bool to_stdout = strcmp(name, "-") == 0;
  char *word = shell_word(to_stdout ? "FILE.yaml" : name), *text = start_text(word);
  int code = EXIT_OK;
  if (to_stdout)
    put_text(&c->out, text);
  else
    code = write_new(c, name, text);
  if (code == EXIT_OK && !to_stdout) {
    put(&c->out, "%s: a graph to start from; now try\n  gemmule show %s\n", name, word);
    put(&c->out, "  gemmule run %s --feed x=random --dim batch=4\n", word);
  }
  free(word);
  free(text);
  return code;
}

extern const command command_new;
const command command_new = {
    .name = "new",
    .operand = "FILE.yaml",
    .summary = "Writes a graph to start from; never over a file that exists.",
    .example = "gemmule new layer.yaml",
    .options = OPT_ALWAYS,
    .run = run,
};
