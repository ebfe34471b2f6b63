/* SPDX-License-Identifier: MIT
 *
 * .npy files byte by byte: versions, the length of the header, both byte orders of every dtype, the order of
 * axes; and reading and writing files whole, or not at all. */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/text.h"
#include "tensor/file.h"
#include "tensor/tensor.h"
#include "support/suite.h"

static char folder[64], path[128];
static gm_error error;

static void make_folder(void) {
  strcpy(folder, "/tmp/gemmule_bytes_XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/x.npy", folder);
}

static void remove_folder(void) {
  unlink(path);
  ck_assert_int_eq(rmdir(folder), 0);
}

static void write_bytes(const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
  fclose(file);
}

/* A file of this version whose header text has `length` bytes, blanks behind `text`. */
static void write_npy(const char *version, const char *text, size_t length, const void *data, size_t size) {
  size_t start = version[0] == 1 ? 10 : 12;
  char *bytes = malloc(start + length + size + 1);
  memcpy(bytes, "\x93NUMPY", 6);
  memcpy(bytes + 6, version, 2);
  for (size_t i = 0; i < start - 8; i++) bytes[8 + i] = (char)(length >> (8 * i) & 0xFF);
  memset(bytes + start, ' ', length);
  memcpy(bytes + start, text, strlen(text));
  if (size) memcpy(bytes + start + length, data, size);
  write_bytes(bytes, start + length + size);
  free(bytes);
}

static gm_tensor *load(void) {
  gm_tensor *tensor = gm_tensor_load(path, &error);
  if (!tensor) ck_abort_msg("%s", error.message);
  return tensor;
}

/* Refused with exactly "'PATH' and what follows". */
static void is_refused(gm_status status, const char *rest) {
  char sentence[400];
  ck_assert_ptr_null(gm_tensor_load(path, &error));
  snprintf(sentence, sizeof sentence, "'%s'%s", path, rest);
  ck_assert_str_eq(error.message, sentence);
  ck_assert_int_eq(error.status, status);
}

#define HEADER "{'descr': '|i1', 'fortran_order': False, 'shape': (3,)}"

/* ---- Versions and lengths ---- */

static void loads_abc(const char *version, size_t length) {
  write_npy(version, HEADER, length, "abc", 3);
  gm_tensor *tensor = load();
  ck_assert_int_eq(tensor->dtype, GM_INT8);
  ck_assert_int_eq(tensor->rank, 1);
  ck_assert_uint_eq(tensor->bytes, 3);
  ck_assert_mem_eq(tensor->data, "abc", 3);
  gm_tensor_free(tensor);
}

START_TEST(headers_are_as_long_as_their_version_allows) {
  for (size_t length = strlen(HEADER); length < 120; length++) loads_abc("\x01\0", length);
  loads_abc("\x01\0", 255);
  loads_abc("\x01\0", 256);
  loads_abc("\x01\0", 65535);
  loads_abc("\x02\0", 65535);
  loads_abc("\x02\0", 65536);
  loads_abc("\x02\0", 0x12345);
  loads_abc("\x03\0", 1 << 20);
  write_npy("\x02\0", HEADER, (1 << 20) + 1, "abc", 3);
  is_refused(GM_LIMIT, " has a header of 1048577 bytes, more than the limit of 1048576");
  write_npy("\x03\0", HEADER, 1 << 24, "abc", 3);
  is_refused(GM_LIMIT, " has a header of 16777216 bytes, more than the limit of 1048576");
}
END_TEST

START_TEST(other_versions_are_not_read) {
  static const char versions[][3] = {"\x00\x00", "\x04\x00", "\x01\x01", "\x02\x01", "\xFF\x00", "\x03\xFF"};
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
    char rest[100];
    const unsigned char *version = (const unsigned char *)versions[i];
    write_npy(versions[i], HEADER, 64, "abc", 3);
    snprintf(
        rest, sizeof rest, " has .npy version %d.%d, but 1.0, 2.0 and 3.0 are known", version[0], version[1]);
    is_refused(GM_UNSUPPORTED, rest);
  }
}
END_TEST

START_TEST(each_part_that_is_missing_is_named) {
  write_bytes("", 0);
  is_refused(GM_IO, " is truncated: a .npy file has at least 10 bytes, but the file has 0");
  write_bytes("\x93NUM", 4);
  is_refused(GM_IO, " is truncated: a .npy file has at least 10 bytes, but the file has 4");
  write_bytes("\x93NUMPY\x01\0\x01", 9);
  is_refused(GM_IO, " is truncated: a .npy file has at least 10 bytes, but the file has 9");
  write_bytes("\x93NUMPY\x02\0\x01\0", 10);
  is_refused(GM_IO, " is truncated: its version has at least 12 bytes, but the file has 10");
  write_bytes("\x93NUMPY\x03\0\x01\0\0", 11);
  is_refused(GM_IO, " is truncated: its version has at least 12 bytes, but the file has 11");
  write_bytes("\x93NUMPY\x01\0\x01\0", 10);
  is_refused(GM_IO, " is truncated: its header ends after 11 bytes, but the file has 10");
  write_bytes("\x93NUMPY\x02\0\0\x01\0\0abc", 15);
  is_refused(GM_IO, " is truncated: its header ends after 268 bytes, but the file has 15");
  write_bytes("\x93NUMPY\x01\0\0\0", 10);
  is_refused(GM_BAD_SYNTAX, ": the .npy header ends where '{' is expected");
  write_bytes("\x93NUMPX\x01\0\0\0", 10);
  is_refused(GM_BAD_SYNTAX, " is no .npy file: it does not begin with \\x93NUMPY");
  write_bytes("\x92", 1);
  is_refused(GM_BAD_SYNTAX, " is no .npy file: it does not begin with \\x93NUMPY");
}
END_TEST

START_TEST(data_are_as_long_as_the_shape_says) {
  write_npy("\x01\0", HEADER, 64, "ab", 2);
  is_refused(GM_IO, " is truncated: (3,) int8 needs 3 bytes of data, but the file has 2");
  write_npy("\x01\0", HEADER, 64, "abcd", 4);
  is_refused(GM_IO, " has surplus bytes: (3,) int8 needs 3 bytes of data, but the file has 4");
  write_npy("\x01\0", HEADER, 64, "", 0);
  is_refused(GM_IO, " is truncated: (3,) int8 needs 3 bytes of data, but the file has 0");
  write_npy(
      "\x01\0", "{'descr': '<c16', 'fortran_order': False, 'shape': (3037000500, 3037000500)}", 80, "", 0);
  is_refused(
      GM_LIMIT, ": shape (3037000500, 3037000500) of 16-byte elements exceeds 4611686018427387903 bytes");
}
END_TEST

/* ---- Byte orders ---- */

/* `size` bytes, most significant first in each part of `part` bytes. */
static void is_read_in_both_orders(
    const char *code, gm_dtype dtype, const char *big, size_t part, size_t size) {
  char header[100], little[16], native[16];
  for (size_t i = 0; i < size; i++) little[i] = big[i / part * part + part - 1 - i % part];
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  memcpy(native, big, size);
#else
  memcpy(native, little, size);
#endif
  for (int order = 0; order < 2; order++) {
    snprintf(header, sizeof header, "{'descr': '%c%s', 'fortran_order': False, 'shape': ()}",
        order ? '>' : '<', code);
    write_npy("\x01\0", header, 80, order ? big : little, size);
    gm_tensor *tensor = load();
    ck_assert_int_eq(tensor->dtype, dtype);
    ck_assert_int_eq(tensor->rank, 0);
    ck_assert_uint_eq(tensor->bytes, size);
    ck_assert_mem_eq(tensor->data, native, size);
    gm_tensor_free(tensor);
  }
}

START_TEST(every_dtype_is_read_in_both_orders) {
  is_read_in_both_orders("b1", GM_BOOL, "\x01", 1, 1);
  is_read_in_both_orders("i1", GM_INT8, "\x81", 1, 1);
  is_read_in_both_orders("u1", GM_UINT8, "\x82", 1, 1);
  is_read_in_both_orders("i2", GM_INT16, "\x01\x02", 2, 2);
  is_read_in_both_orders("i4", GM_INT32, "\x01\x02\x03\x04", 4, 4);
  is_read_in_both_orders("i8", GM_INT64, "\x01\x02\x03\x04\x05\x06\x07\x08", 8, 8);
  is_read_in_both_orders("f2", GM_FLOAT16, "\x3C\x01", 2, 2);
  is_read_in_both_orders("V2", GM_BFLOAT16, "\x3F\x81", 2, 2);
  is_read_in_both_orders("f4", GM_FLOAT32, "\x3F\x80\x01\x02", 4, 4);
  is_read_in_both_orders("f8", GM_FLOAT64, "\x3F\xF0\x01\x02\x03\x04\x05\x06", 8, 8);
  is_read_in_both_orders("c8", GM_COMPLEX64, "\x3F\x80\x01\x02\x40\x03\x04\x05", 4, 8);
  is_read_in_both_orders(
      "c16", GM_COMPLEX128, "\x3F\xF0\x01\x02\x03\x04\x05\x06\x40\x11\x12\x13\x14\x15\x16\x17", 8, 16);
}
END_TEST

START_TEST(every_element_is_turned_round) {
  write_npy("\x01\0", "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 2)}", 80,
      "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
  gm_tensor *tensor = load();
  const int16_t expected[] = {0x0102, 0x0506, 0x0304, 0x0708};
  ck_assert_mem_eq(tensor->data, expected, 8);
  gm_tensor_free(tensor);
}
END_TEST

/* ---- Orders of axes ---- */

static void is_ordered(const char *shape, const char *data, const char *expected) {
  char header[100];
  snprintf(header, sizeof header, "{'descr': '|u1', 'fortran_order': True, 'shape': %s}", shape);
  write_npy("\x01\0", header, 90, data, strlen(data));
  gm_tensor *tensor = load();
  ck_assert_uint_eq(tensor->bytes, strlen(expected));
  ck_assert_mem_eq(tensor->data, expected, strlen(expected));
  gm_tensor_free(tensor);
}

START_TEST(columns_become_rows) {
  is_ordered("()", "a", "a");
  is_ordered("(4,)", "abcd", "abcd");
  is_ordered("(0, 3)", "", "");
  is_ordered("(0,)", "", "");
  is_ordered("(1, 1)", "a", "a");
  is_ordered("(2, 3)", "abcdef", "acebdf");
  is_ordered("(3, 2)", "abcdef", "adbecf");
  is_ordered("(1, 4)", "abcd", "abcd");
  is_ordered("(4, 1)", "abcd", "abcd");
  is_ordered("(2, 2, 2)", "abcdefgh", "aecgbfdh");
  is_ordered("(2, 1, 3)", "abcdef", "acebdf");
  is_ordered("(2, 3, 2)", "abcdefghijkl", "agciekbhdjfl");
}
END_TEST

START_TEST(truth_values_are_0_or_1_in_any_order) {
  write_npy("\x01\0", "{'descr': '|b1', 'fortran_order': True, 'shape': (2, 2)}", 80, "\0\x02\x80\xFF", 4);
  gm_tensor *tensor = load();
  ck_assert_mem_eq(tensor->data, "\0\x01\x01\x01", 4);
  gm_tensor_free(tensor);
}
END_TEST

/* ---- Files ---- */

START_TEST(a_folder_cannot_be_read_whole) {
  char *data = NULL, sentence[200];
  size_t size = 0;
  int fd = open(folder, O_RDONLY);
  ck_assert_int_eq(gm__file_read(fd, folder, 1 << 20, &data, &size, &error), GM_IO);
  snprintf(sentence, sizeof sentence, "cannot read '%s': Is a directory", folder);
  ck_assert_str_eq(error.message, sentence);
  close(fd);
  ck_assert_int_eq(gm__file_read(-1, "gone", 1 << 20, &data, &size, &error), GM_IO);
  ck_assert_str_eq(error.message, "cannot examine 'gone': Bad file descriptor");
}
END_TEST

START_TEST(a_file_is_read_up_to_its_limit) {
  char *data, bytes[3000];
  size_t size;
  memset(bytes, 'x', sizeof bytes);
  for (size_t length = 0; length < sizeof bytes; length += 499) {
    write_bytes(bytes, length);
    int fd = gm__file_open(path, &error);
    ck_assert_int_eq(gm__file_read(fd, path, length, &data, &size, &error), GM_OK);
    ck_assert_uint_eq(size, length);
    ck_assert_mem_eq(data, bytes, length);
    ck_assert_int_eq(data[length], 0);
    gm__free(data);
    if (length) ck_assert_int_eq(gm__file_read(fd, path, length - 1, &data, &size, &error), GM_LIMIT);
    close(fd);
  }
}
END_TEST

START_TEST(long_paths_are_shown_by_their_tails) {
  char name[401];
  memset(name, 'a', 400);
  name[400] = 0;
  ck_assert_str_eq(gm__path_dots(name + 200), "");
  ck_assert_ptr_eq(gm__path_tail(name + 200), name + 200);
  ck_assert_str_eq(gm__path_dots(name + 199), "...");
  ck_assert_ptr_eq(gm__path_tail(name + 199), name + 200);
  memcpy(name + 199, "\xE2\x82\xAC", 3);
  ck_assert_ptr_eq(gm__path_tail(name), name + 202);
  memcpy(name + 198,
      "\xE2\x82\xAC"
      "a",
      4);
  ck_assert_ptr_eq(gm__path_tail(name), name + 201);
}
END_TEST

static void saves_not(const char *target, gm_status status, const char *sentence) {
  gm_tensor *tensor = gm_tensor_parse("[1, 2]", GM_INT8, NULL);
  ck_assert_int_eq(gm_tensor_save(tensor, target, &error), status);
  ck_assert_str_eq(error.message, sentence);
  gm_tensor_free(tensor);
}

START_TEST(a_path_is_needed_to_save) {
  saves_not(NULL, GM_BAD_ARGUMENT, "no path is given");
  saves_not("", GM_BAD_ARGUMENT, "no path is given");
  saves_not("/dev/null", GM_IO, "cannot write '/dev/null': it is a device");
  ck_assert_int_eq(gm_tensor_save(NULL, path, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, "no tensor is given to save");
}
END_TEST

START_TEST(a_file_beside_is_saved_without_a_folder) {
  gm_tensor *tensor = gm_tensor_parse("[1, 2]", GM_INT8, NULL);
  ck_assert_int_eq(chdir(folder), 0);
  ck_assert_int_eq(gm_tensor_save(tensor, "x.npy", &error), GM_OK);
  ck_assert_int_eq(chdir("/"), 0);
  ck_assert_int_eq(access(path, R_OK), 0);
  gm_tensor_free(tensor);
}
END_TEST

static int files_in(const char *name) {
  int count = 0;
  DIR *stream = opendir(name);
  for (const struct dirent *entry = readdir(stream); entry; entry = readdir(stream))
    count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
  closedir(stream);
  return count;
}

/* Saves 1000 bytes behind a head of 128 where files may have `most` bytes. */
static gm_status save_within(rlim_t most) {
  const int64_t dims[] = {1000};
  gm_tensor *tensor = gm_tensor_new(GM_INT8, 1, dims, NULL);
  struct rlimit before, limit;
  ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = before;
  limit.rlim_cur = most;
  signal(SIGXFSZ, SIG_IGN);
  ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  gm_status status = gm_tensor_save(tensor, path, &error);
  ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
  gm_tensor_free(tensor);
  return status;
}

START_TEST(a_file_that_cannot_be_whole_is_not_there) {
  char sentence[200];
  snprintf(sentence, sizeof sentence, "cannot write '%s': File too large", path);
  write_bytes("old", 3);
  for (rlim_t most = 0; most < 1128; most += 94) {
    ck_assert_int_eq(save_within(most), GM_IO);
    ck_assert_str_eq(error.message, sentence);
    ck_assert_int_eq(files_in(folder), 1);
  }
  struct stat status;
  ck_assert_int_eq(stat(path, &status), 0);
  ck_assert_int_eq(status.st_size, 3);
  ck_assert_int_eq(save_within(1128), GM_OK);
  ck_assert_int_eq(stat(path, &status), 0);
  ck_assert_int_eq(status.st_size, 1128);
  ck_assert_int_eq(files_in(folder), 1);
}
END_TEST

/** A service that has closed its standard input gets 0 from open; what errno held before is nothing to go by.
 */
START_TEST(descriptor_0_is_one_like_any_other) {
  int kept = dup(STDIN_FILENO), unclosed;
  gm_tensor *written = gm_tensor_new(GM_INT32, 1, (int64_t[]){3}, NULL), *read;
  ck_assert_int_ge(kept, 0);
  close(STDIN_FILENO);
  gm_status status = gm_tensor_save(written, path, &error);
  errno = EINTR;
  read = gm_tensor_load(path, &error);
  unclosed = fcntl(STDIN_FILENO, F_GETFD);
  ck_assert_int_eq(dup2(kept, STDIN_FILENO), STDIN_FILENO);
  close(kept);
  ck_assert_int_eq(status, GM_OK);
  ck_assert_msg(read != NULL, "%s", error.message);
  ck_assert_int_eq(unclosed, -1);
  gm_tensor_free(read);
  gm_tensor_free(written);
}
END_TEST

SUITE(npy_bytes) {
  tcase_add_checked_fixture(cases, make_folder, remove_folder);
  CASE(headers_are_as_long_as_their_version_allows);
  CASE(other_versions_are_not_read);
  CASE(each_part_that_is_missing_is_named);
  CASE(data_are_as_long_as_the_shape_says);
  CASE(every_dtype_is_read_in_both_orders);
  CASE(every_element_is_turned_round);
  CASE(columns_become_rows);
  CASE(truth_values_are_0_or_1_in_any_order);
  CASE(a_folder_cannot_be_read_whole);
  CASE(a_file_is_read_up_to_its_limit);
  CASE(long_paths_are_shown_by_their_tails);
  CASE(a_path_is_needed_to_save);
  CASE(a_file_beside_is_saved_without_a_folder);
  CASE(a_file_that_cannot_be_whole_is_not_there);
  CASE(descriptor_0_is_one_like_any_other);
}
