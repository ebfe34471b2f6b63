/* SPDX-License-Identifier: MIT
 *
 * Bounded time: whatever 64 KB hold, reading them ends within 0.2 s, refused or not (ten times that where
 * sanitizers or a build without optimisation slow everything). The texts are those that hurt readers:
 * nesting, words without end, keys by the thousand, polynomials that would expand, names that are nearly
 * others. Processor time counts, the best of three. */
#include "support/suite.h"

#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cli.h"
#include "fuzz.h"
#include "nasty.h"

#if defined(__has_feature)
#define HAS(sanitizer) __has_feature(sanitizer)
#else
#define HAS(sanitizer) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || HAS(address_sanitizer) ||               \
    HAS(thread_sanitizer)
static const double limit = 2.0;
#elif !defined(__OPTIMIZE__)
static const double limit = 2.0;
#else
static const double limit = 0.2;
#endif

enum { SIZE = 65536 };

/* ---- Texts ---- */

static void add_unit(char *text, const char *unit, unsigned number) {
  for (; *unit; unit++) {
    char digits[16] = {*unit, 0};
    if (*unit == '#' || *unit == '@')
      snprintf(digits, sizeof digits, "%u", *unit == '#' ? number : number - 1);
    strcat(text + strlen(text), digits);
  }
}

static void add_units(char *text, const char *unit, size_t room) {
  char one[1024] = "";
  size_t used = 0;
  char *end = text + strlen(text);
  for (unsigned number = 1; unit && *unit; number++) {
    one[0] = 0;
    add_unit(one, unit, number);
    size_t length = strlen(one);
    if (used + length > room) return;
    memcpy(end + used, one, length + 1);
    used += length;
  }
}

static char *text_of(const nasty *n) {
  const char *between = n->between ? n->between : "", *tail = n->tail ? n->tail : "";
  char *text = calloc(1, SIZE + 1);
  size_t room = SIZE - strlen(n->head) - strlen(between) - strlen(tail);
  ck_assert_ptr_nonnull(text);
  strcpy(text, n->head);
  add_units(text, n->unit, n->other ? room / 2 : room);
  strcat(text, between);
  add_units(text, n->other, room / 2);
  strcat(text, tail);
  ck_assert_uint_le(strlen(text), SIZE);
  return text;
}

/* ---- Time ---- */

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

typedef void reading(const char *text, size_t size, gm_error *error);

static void check_one(const char *what, const nasty *n, reading *read) {
  char *text = text_of(n);
  double best = 1e9;
  gm_error error = {0};
  for (int i = 0; i < 3 && best > limit; i++) {
    double begin = now();
    read(text, strlen(text), &error);
    double took = now() - begin;
    best = took < best ? took : best;
  }
  bool only_shown = getenv("GM_SHOW_TIMES") != NULL;
  if (only_shown) printf("%s, %s: %.4f s: %s\n", what, n->name, best, error.message);
  ck_assert_msg(only_shown || best <= limit, "%s, %s: %.3f s: %s", what, n->name, best, error.message);
  free(text);
}

static void check_all(const char *what, const nasty *texts, size_t count, reading *read) {
  for (size_t i = 0; i < count; i++) check_one(what, &texts[i], read);
}
#define CHECK(what, texts, read) check_all(what, texts, sizeof(texts) / sizeof *(texts), read)

/* ---- Graph files ---- */

static void read_graph(const char *text, size_t size, gm_error *error) {
  gm_graph_free(gm_graph_parse(text, size, NULL, error));
}

START_TEST(graph_files) {
  check_all("graph", nasty_graphs, nasty_graph_count, read_graph);
}
END_TEST

/* ---- Shapes ---- */

static const nasty shapes[] = {
    {.name = "(", .head = "", .unit = "("},
    {.name = "-", .head = "", .unit = "-"},
    {.name = "dims", .head = "", .unit = "n, "},
    {.name = "a number", .head = "", .unit = "9"},
    {.name = "a symbol", .head = "", .unit = "n"},
    {.name = "powers", .head = "n", .unit = "*n"},
    {.name = "a product", .head = "n", .unit = "*n#"},
    {.name = "a sum", .head = "n", .unit = " + n#"},
    {.name = "a sum of products", .head = "n", .unit = " + n#*n@"},
    {.name = "divisions", .head = "n", .unit = "//n"},
    {.name = "divisions by numbers", .head = "n", .unit = "//2 + 1"},
    {.name = "binomials", .head = "n", .unit = "*(a + b)"},
    {.name = "short binomials", .head = "n", .unit = "*(a + b + #)", .tail = ""},
    {.name = "a product of sums", .head = "1", .unit = "*(a# + b#)"},
    {.name = "min and max", .head = "", .unit = "min(n#, max(m#, "},
    {.name = "pairs", .head = "n", .unit = " + min(n, #)"},
    {.name = "unknowns", .head = "?", .unit = " + ?"},
    {.name = "unknowns multiplied", .head = "?", .unit = "*?"},
    {.name = "parentheses", .head = "1", .unit = " + ((((((n))))))"},
    {.name = "commas", .head = "", .unit = ","},
    {.name = "brackets", .head = "[", .unit = "[]", .tail = "]"},
};

/** The longest shape that is read, and one that is too long. */
static void read_shape(const char *text, size_t size, gm_error *error) {
  char cut[16385];
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_placeholder(graph, NULL, GM_FLOAT32, text);
  gm_graph_clear_error(graph);
  memcpy(cut, text, size < sizeof cut ? size : sizeof cut - 1);
  cut[size < sizeof cut ? size : sizeof cut - 1] = 0;
  gm_placeholder(graph, NULL, GM_FLOAT32, cut);
  gm_graph_error(graph, error);
  gm_graph_free(graph);
}

START_TEST(shape_texts) {
  CHECK("shape", shapes, read_shape);
}
END_TEST

/* ---- Attributes ---- */

static const nasty attributes[] = {
    {.name = "{", .head = "", .unit = "{"},
    {.name = "[", .head = "{shape: ", .unit = "["},
    {.name = "blanks", .head = "{", .unit = " "},
    {.name = "keys", .head = "{", .unit = "k#: 1, ", .tail = "}"},
    {.name = "long keys",
        .head = "{",
        .unit = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#: 1, ",
        .tail = "}"},
    {.name = "one key", .head = "{", .unit = "shape: 1, ", .tail = "}"},
    {.name = "a long key", .head = "{", .unit = "a", .tail = ": 1}"},
    {.name = "a number", .head = "{shape: ", .unit = "1", .tail = "}"},
    {.name = "items", .head = "{shape: [", .unit = "1, ", .tail = "]}"},
    {.name = "a string", .head = "{shape: \"", .unit = "\\u0041", .tail = "\"}"},
    {.name = "quotes", .head = "{shape: '", .unit = "''", .tail = "'}"},
    {.name = "a word", .head = "{shape: ", .unit = "a ", .tail = "}"},
    {.name = "polynomials", .head = "{shape: [", .unit = "\"" POLYNOMIAL "\", ", .tail = "]}"},
    {.name = "lists", .head = "{shape: [", .unit = "[], ", .tail = "]}"},
};

static const nasty indices[] = {
    {.name = "colons", .head = "{at: \"", .unit = ":,", .tail = "\"}"},
    {.name = "a number", .head = "{at: \"", .unit = "1", .tail = "\"}"},
    {.name = "blanks", .head = "{at: \"", .unit = " ", .tail = "\"}"},
    {.name = "new axes", .head = "{at: \"", .unit = "None, ", .tail = "\"}"},
};

static void apply(const char *op, const char *text, gm_error *error) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "a, b, c");
  gm_apply(graph, op, &x, 1, text);
  gm_graph_error(graph, error);
  gm_graph_free(graph);
}

static void read_attributes(const char *text, size_t size, gm_error *error) {
  (void)size;
  apply("reshape", text, error);
}

static void read_index(const char *text, size_t size, gm_error *error) {
  (void)size;
  apply("index", text, error);
}

START_TEST(attribute_texts) {
  CHECK("attributes", attributes, read_attributes);
  CHECK("index", indices, read_index);
}
END_TEST

/* ---- Values ---- */

static const nasty values[] = {
    {.name = "[", .head = "", .unit = "["},
    {.name = "[]", .head = "[", .unit = "[], ", .tail = "]"},
    {.name = "numbers", .head = "[", .unit = "1, ", .tail = "]"},
    {.name = "rows", .head = "[", .unit = "[1], ", .tail = "]"},
    {.name = "ragged rows", .head = "[", .unit = "[1], ", .tail = "[1, 2]]"},
    {.name = "deep rows", .head = "[", .unit = "[[[[[[[[[[1]]]]]]]]]], ", .tail = "]"},
    {.name = "digits", .head = "", .unit = "1"},
    {.name = "a small fraction", .head = "0.", .unit = "0", .tail = "1"},
    {.name = "half way", .head = "9007199254740993.", .unit = "0", .tail = "1"},
    {.name = "an exponent", .head = "1e", .unit = "9"},
    {.name = "a negative exponent", .head = "1e-", .unit = "9"},
    {.name = "large fractions", .head = "[", .unit = "1.7976931348623157e308, ", .tail = "]"},
    {.name = "small fractions",
        .head = "[",
        .unit = "4.9406564584124654417656879286822137e-324, ",
        .tail = "]"},
    {.name = "long fractions",
        .head = "[",
        .unit = "0.1000000000000000055511151231257827021181583404541015625, ",
        .tail = "]"},
    {.name = "signs", .head = "", .unit = "-"},
    {.name = "complex", .head = "[", .unit = "1e-300+2e300j, ", .tail = "]"},
    {.name = "a complex sum", .head = "1", .unit = "+1j"},
    {.name = "blanks", .head = "[1", .unit = " ", .tail = "]"},
    {.name = "words", .head = "[", .unit = "nan, -inf, ", .tail = "]"},
};

static void read_value(const char *text, size_t size, gm_error *error) {
  (void)size;
  gm_tensor_free(gm_tensor_parse(text, GM_FLOAT64, error));
}

static void read_complex(const char *text, size_t size, gm_error *error) {
  (void)size;
  gm_tensor_free(gm_tensor_parse(text, GM_COMPLEX64, error));
}

static void read_integers(const char *text, size_t size, gm_error *error) {
  (void)size;
  gm_tensor_free(gm_tensor_parse(text, GM_INT8, error));
}

START_TEST(value_texts) {
  CHECK("float64", values, read_value);
  CHECK("complex64", values, read_complex);
  CHECK("int8", values, read_integers);
}
END_TEST

/* ---- .npy ---- */

static const nasty headers[] = {
    {.name = "blanks", .head = "{", .unit = " "},
    {.name = "keys", .head = "{'descr': '<f4', ", .unit = "'k#': 1, "},
    {.name = "a string", .head = "{'descr': '", .unit = "<", .tail = "'}"},
    {.name = "dims", .head = "{'shape': (", .unit = "1, ", .tail = ")}"},
    {.name = "a length", .head = "{'shape': (", .unit = "0", .tail = ",)}"},
    {.name = "{", .head = "", .unit = "{"},
    {.name = "commas", .head = "{", .unit = ","},
};

/** The text as a header of version 2, which may be this long. */
static void read_header(const char *text, size_t size, gm_error *error) {
  unsigned char *file = malloc(size + 12);
  const char *path = fuzz_path("header.npy");
  memcpy(file, "\x93NUMPY\x02\x00", 8);
  for (int i = 0; i < 4; i++) file[8 + i] = (unsigned char)(size >> 8 * i);
  memcpy(file + 12, text, size);
  fuzz_write(path, file, size + 12);
  gm_tensor_free(gm_tensor_load(path, error));
  free(file);
}

START_TEST(npy_headers) {
  CHECK(".npy", headers, read_header);
}
END_TEST

/* ---- The command line ---- */

static const nasty lines[] = {
    {.name = "dims", .head = "", .unit = "--dim=n#=3\n"},
    {.name = "one dim", .head = "", .unit = "--dim=n=3\n"},
    {.name = "feeds", .head = "", .unit = "--feed=x#=1\n"},
    {.name = "fetches", .head = "", .unit = "--fetch=y\n"},
    {.name = "unknown fetches", .head = "--fetch=z\n", .unit = "--fetch=z#\n"},
    {.name = "passes", .head = "--without=share", .unit = ",share"},
    {.name = "options of passes", .head = "", .unit = "--without=share\n"},
    {.name = "expectations", .head = "", .unit = "--expect=y#=f\n"},
    {.name = "unknown options", .head = "", .unit = "--nothing#\n"},
    {.name = "a long value", .head = "--feed=x=", .unit = "1"},
    {.name = "a deep value", .head = "--feed=x=", .unit = "["},
    {.name = "a long name", .head = "--dim=", .unit = "n", .tail = "=3"},
    {.name = "a long seed", .head = "--feed=x=random:", .unit = "1"},
    {.name = "a long number", .head = "--rtol=0.", .unit = "1"},
    {.name = "operands", .head = "", .unit = "x\n"},
};

static char *graph_path(void) {
  static char path[160];
  static const char graph[] =
      "gemmule: 1\nplaceholders: {x: {shape: [n]}}\nnodes: {y: {abs: x}}\noutputs: [y]\n";
  if (!path[0]) {
    strcpy(path, fuzz_path("bounded.yaml"));
    fuzz_write(path, graph, sizeof graph - 1);
  }
  return path;
}

static int split(char *text, char **argv) {
  int argc = 0;
  for (char *word; (word = strsep(&text, "\n"));) {
    if (word[0]) argv[argc++] = word;
  }
  return argc;
}

/** What is said goes nowhere. */
static void read_line(const char *text, size_t size, gm_error *error) {
  static char *argv[SIZE / 2 + 2];
  char *copy = fuzz_text((const uint8_t *)text, size);
  cli c = {.args.command = command_named("run")};
  FILE *usual = stderr, *nowhere = fopen("/dev/null", "w");
  ck_assert(nowhere != NULL);
  c.out.file = stderr = nowhere;
  argv[0] = graph_path();
  int code = read_arguments(&c, 1 + split(copy, argv + 1), argv);
  if (code == EXIT_OK) code = c.args.command->run(&c);
  snprintf(error->message, sizeof error->message, "exit code %d", code);
  stderr = usual;
  fclose(nowhere);
  free_arguments(&c.args);
  free(copy);
}

START_TEST(command_lines) {
  CHECK("run", lines, read_line);
}
END_TEST

SUITE(bounded) {
  CASE(graph_files);
  CASE(shape_texts);
  CASE(attribute_texts);
  CASE(value_texts);
  CASE(npy_headers);
  CASE(command_lines);
}
