/* SPDX-License-Identifier: MIT
 *
 * .npy files: what is read, what is written, and what is refused before memory is taken. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tensor/file.h"
#include "tensor/tensor.h"
#include "support/suite.h"

static char folder[64], path[128];
static gm_error error;

static void make_folder(void) {
  strcpy(folder, "/tmp/gemmule_npy_XXXXXX");
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

/* A file with this header text and these data. */
static void write_npy(int version, const char *header, const void *data, size_t size) {
  char bytes[1024] = "\x93NUMPY";
  size_t length = strlen(header), start = version == 1 ? 10 : 12;
  bytes[6] = (char)version;
  bytes[8] = (char)(length & 0xFF);
  bytes[9] = (char)(length >> 8);
  memcpy(bytes + start, header, length);
  if (size > 0) memcpy(bytes + start + length, data, size);
  write_bytes(bytes, start + length + size);
}

static void is_refused(gm_status status, const char *words) {
  ck_assert_ptr_null(gm_tensor_load(path, &error));
  ck_assert_int_eq(error.status, status);
  if (strstr(error.message, words) == NULL) ck_abort_msg("'%s' is not in '%s'", words, error.message);
}

static void header_is_refused(const char *header, gm_status status, const char *words) {
  write_npy(1, header, "12345678", 8);
  is_refused(status, words);
}

static gm_tensor *load(void) {
  gm_tensor *tensor = gm_tensor_load(path, &error);
  if (tensor == NULL) ck_abort_msg("%s", error.message);
  return tensor;
}

/* The one int32 vector that most headers here describe. */
static void loads_1_2(int version, const char *header) {
  int32_t data[] = {1, 2};
  write_npy(version, header, data, sizeof data);
  gm_tensor *tensor = load();
  ck_assert_int_eq(tensor->dtype, GM_INT32);
  ck_assert_int_eq(tensor->count, 2);
  ck_assert_int_eq(memcmp(tensor->data, data, sizeof data), 0);
  gm_tensor_free(tensor);
}

START_TEST(versions_1_to_3_are_read) {
  for (int version = 1; version <= 3; version++)
    loads_1_2(version, "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }      \n");
}
END_TEST

START_TEST(headers_may_be_written_otherwise) {
  loads_1_2(1, "{\"shape\":(2L,),'fortran_order':False,'descr':'=i4'}");
  loads_1_2(1, " { 'shape' : ( 1 , 2 , ) , 'descr' : 'i4' , 'fortran_order' : True } \n");
  loads_1_2(1, "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 1)}");
}
END_TEST

START_TEST(every_dtype_survives_a_file) {
  int64_t dims[] = {2, 3};
  gm_tensor *tensor = gm_tensor_new((gm_dtype)_i, 2, dims, &error);
  for (size_t i = 0; i < tensor->bytes; i++)
    ((unsigned char *)tensor->data)[i] = (unsigned char)(_i == 0 ? i % 2 : i);
  ck_assert_int_eq(gm_tensor_save(tensor, path, &error), GM_OK);
  gm_tensor *read = load();
  ck_assert_int_eq(read->dtype, _i);
  ck_assert_int_eq(read->rank, 2);
  ck_assert_int_eq(read->dims[1], 3);
  ck_assert_int_eq(memcmp(read->data, tensor->data, tensor->bytes), 0);
  gm_tensor_free(read);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(files_are_as_numpy_writes_them) {
  static const char expected[] =
      "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  gm_tensor *tensor = gm_tensor_parse("[1, 2]", GM_FLOAT32, NULL);
  ck_assert_int_eq(gm_tensor_save(tensor, path, NULL), GM_OK);
  char bytes[200];
  FILE *file = fopen(path, "rb");
  ck_assert_uint_eq(fread(bytes, 1, sizeof bytes, file), 136);
  fclose(file);
  ck_assert_int_eq(memcmp(bytes, expected, sizeof expected - 1), 0);
  ck_assert_int_eq(bytes[127], '\n');
  ck_assert_int_eq(memcmp(bytes + 128, "\0\0\x80?\0\0\0@", 8), 0);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(any_rank_survives_a_file) {
  int64_t dims[32] = {1, 1, 1, 1, 1};
  for (int axis = 0; axis < 32; axis++) dims[axis] = 1;
  for (int rank = 0; rank <= 32; rank += 16) {
    gm_tensor *tensor = gm_tensor_new(GM_INT8, rank, dims, NULL);
    ck_assert_int_eq(gm_tensor_save(tensor, path, NULL), GM_OK);
    gm_tensor_free(tensor);
    tensor = load();
    ck_assert_int_eq(tensor->rank, rank);
    gm_tensor_free(tensor);
  }
}
END_TEST

START_TEST(big_endian_files_are_read) {
  write_npy(1, "{'descr': '>c8', 'fortran_order': False, 'shape': (1,), }", "\x3F\x80\0\0\x40\0\0\0", 8);
  gm_tensor *tensor = load();
  ck_assert_float_eq(((float *)tensor->data)[0], 1);
  ck_assert_float_eq(((float *)tensor->data)[1], 2);
  gm_tensor_free(tensor);
  write_npy(1, "{'descr': '>i8', 'fortran_order': False, 'shape': (), }", "\0\0\0\0\0\0\x01\x02", 8);
  tensor = load();
  ck_assert_int_eq(((int64_t *)tensor->data)[0], 258);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(fortran_order_is_reordered) {
  write_npy(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2), }", "abcdefghijkl", 12);
  gm_tensor *tensor = load();
  ck_assert_int_eq(memcmp(tensor->data, "agciekbhdjfl", 12), 0);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(a_bool_is_0_or_1) {
  write_npy(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }", "\0\x01\xFF", 3);
  gm_tensor *tensor = load();
  ck_assert_int_eq(memcmp(tensor->data, "\0\x01\x01", 3), 0);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(two_raw_bytes_are_a_bfloat16) {
  write_npy(1, "{'descr': '<V2', 'fortran_order': False, 'shape': (1,), }", "\x80\x3F", 2);
  gm_tensor *tensor = load();
  ck_assert_int_eq(tensor->dtype, GM_BFLOAT16);
  ck_assert_double_eq(gm__element_to_double(tensor->data, GM_BFLOAT16), 1);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(a_file_without_elements_is_read) {
  write_npy(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (4611686018427387903, 0), }", "", 0);
  gm_tensor *tensor = load();
  ck_assert_int_eq(tensor->count, 0);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(data_must_be_as_long_as_the_shape_says) {
  const char *header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  write_npy(1, header, "12345678", 8);
  is_refused(GM_IO, "/x.npy' is truncated: (2, 3) float32 needs 24 bytes of data, but the file has 8");
  write_npy(1, header, "1234567890123456789012345", 25);
  is_refused(GM_IO, "has surplus bytes: (2, 3) float32 needs 24 bytes of data, but the file has 25");
  write_npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000000,), }", "", 0);
  is_refused(GM_IO, "needs 4000000000000000 bytes of data, but the file has 0");
}
END_TEST

START_TEST(any_truncation_is_refused) {
  gm_tensor *tensor = gm_tensor_parse("[1, 2]", GM_FLOAT32, NULL);
  ck_assert_int_eq(gm_tensor_save(tensor, path, NULL), GM_OK);
  gm_tensor_free(tensor);
  for (int size = 135; size >= 0; size--) {
    ck_assert_int_eq(truncate(path, size), 0);
    is_refused(GM_IO, "is truncated");
  }
}
END_TEST

START_TEST(what_is_no_npy_is_refused) {
  write_bytes("hello, world", 12);
  is_refused(GM_BAD_SYNTAX, "is no .npy file");
  write_bytes("\x93NUMPZ\x01\0\0\0", 10);
  is_refused(GM_BAD_SYNTAX, "is no .npy file");
  write_bytes("\x93NUMPY\x04\0\0\0\0\0", 12);
  is_refused(GM_UNSUPPORTED, ".npy version 4.0");
  write_bytes("\x93NUMPY\x02\0\xFF\xFF\xFF\xFF", 12);
  is_refused(GM_LIMIT, "a header of 4294967295 bytes");
}
END_TEST

START_TEST(broken_headers_are_refused) {
  header_is_refused("", GM_BAD_SYNTAX, "ends where '{'");
  header_is_refused("{", GM_BAD_SYNTAX, "ends where a string");
  header_is_refused(
      "{'descr': '<i4', 'fortran_order': False, 'shape': (2,)", GM_BAD_SYNTAX, "ends where ',' or '}'");
  header_is_refused("{'descr': '<i4', 'shape': (2,)}", GM_BAD_SYNTAX, "no 'fortran_order'");
  header_is_refused("{'fortran_order': True, 'shape': (2,)}", GM_BAD_SYNTAX, "no 'descr'");
  header_is_refused("{'descr': '<i4', 'fortran_order': True}", GM_BAD_SYNTAX, "no 'shape'");
  header_is_refused("{'descr': '<i4', 'descr': '<i4'}", GM_BAD_SYNTAX, "'descr' twice");
  header_is_refused("{'color': 1}", GM_BAD_SYNTAX, "unknown key 'color'");
  header_is_refused("{'descr' '<i4'}", GM_BAD_SYNTAX, "where ':'");
  header_is_refused("{'descr': '<i4\n'}", GM_BAD_SYNTAX, "where a string");
  header_is_refused("{'descr': 4}", GM_BAD_SYNTAX, "'4}' where a string");
  header_is_refused("{'fortran_order': 1}", GM_BAD_SYNTAX, "True or False");
  header_is_refused("{'descr': '<i4', 'fortran_order': False, 'shape': (2,)} x", GM_BAD_SYNTAX, "the end");
  header_is_refused("{,}", GM_BAD_SYNTAX, "where a string");
}
END_TEST

START_TEST(broken_shapes_are_refused) {
  header_is_refused("{'shape': [2]}", GM_BAD_SYNTAX, "a tuple of lengths");
  header_is_refused("{'shape': (2)}", GM_BAD_SYNTAX, "a tuple, (n,)");
  header_is_refused("{'shape': (2 3)}", GM_BAD_SYNTAX, "',' or ')'");
  header_is_refused("{'shape': (-2,)}", GM_BAD_SYNTAX, "'-2,)}' where a length");
  header_is_refused("{'shape': (,)}", GM_BAD_SYNTAX, "a length");
  header_is_refused("{'shape': (2.0,)}", GM_BAD_SYNTAX, "',' or ')'");
  header_is_refused("{'shape': (9999999999999999999,)}", GM_LIMIT, "exceeds int64");
  header_is_refused(
      "{'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)}", GM_LIMIT, "rank");
  header_is_refused("{'descr': '<i4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", GM_LIMIT,
      "/x.npy': shape (4294967296, 4294967296) of 4-byte elements exceeds");
}
END_TEST

START_TEST(dtypes_that_there_are_not_are_named) {
  static const char *const descrs[] = {
      "'<u2'", "'<u4'", "'>u8'", "'|S5'", "'<U3'", "'|O'", "'<f16'", "'|V8'", "''", "'<'", "'<M8[ns]'"};
  for (size_t i = 0; i < sizeof descrs / sizeof *descrs; i++) {
    char header[100];
    snprintf(header, sizeof header, "{'descr': %s, 'fortran_order': False, 'shape': (2,)}", descrs[i]);
    header_is_refused(header, GM_UNSUPPORTED, descrs[i]);
  }
  header_is_refused(
      "{'descr': [('a', '<f4'), ('b', '<i4')], 'shape': (2,)}", GM_UNSUPPORTED, "[('a', '<f4')");
}
END_TEST

START_TEST(only_regular_files_are_read) {
  ck_assert_ptr_null(gm_tensor_load(folder, &error));
  ck_assert_int_eq(error.status, GM_IO);
  ck_assert_ptr_nonnull(strstr(error.message, "is a folder, not a regular file"));
  ck_assert_int_eq(mkfifo(path, 0600), 0);
  is_refused(GM_IO, "is a FIFO, not a regular file");
  ck_assert_ptr_null(gm_tensor_load("/dev/null", &error));
  ck_assert_ptr_nonnull(strstr(error.message, "is a device"));
}
END_TEST

START_TEST(a_missing_file_is_named) {
  is_refused(GM_IO, "/x.npy': No such file or directory");
  ck_assert_ptr_null(gm_tensor_load(NULL, &error));
  ck_assert_int_eq(error.status, GM_BAD_ARGUMENT);
  ck_assert_ptr_null(gm_tensor_load("", NULL));
}
END_TEST

START_TEST(the_reason_survives_a_long_path) {
  char name[5000];
  memset(name, 'x', sizeof name);
  name[sizeof name - 1] = '\0';
  ck_assert_ptr_null(gm_tensor_load(name, &error));
  ck_assert_ptr_nonnull(strstr(error.message, "': File name too long"));
}
END_TEST

START_TEST(saving_replaces_a_file_and_keeps_the_mask) {
  write_bytes("old", 3);
  mode_t mask = umask(027);
  gm_tensor *tensor = gm_tensor_parse("3", GM_INT8, NULL);
  ck_assert_int_eq(gm_tensor_save(tensor, path, &error), GM_OK);
  umask(mask);
  struct stat status;
  ck_assert_int_eq(stat(path, &status), 0);
  ck_assert_int_eq(status.st_mode & 0777, 0640);
  ck_assert_int_eq(status.st_size, 129);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(a_failed_save_leaves_nothing) {
  char target[128];
  gm_tensor *tensor = gm_tensor_parse("3", GM_INT8, NULL);
  snprintf(target, sizeof target, "%s/missing/x.npy", folder);
  ck_assert_int_eq(gm_tensor_save(tensor, target, &error), GM_IO);
  ck_assert_ptr_nonnull(strstr(error.message, "missing/x.npy': No such file or directory"));
  ck_assert_int_eq(gm_tensor_save(tensor, folder, &error), GM_IO);
  ck_assert_ptr_nonnull(strstr(error.message, "it is a folder"));
  ck_assert_int_eq(gm_tensor_save(tensor, "/dev/null", &error), GM_IO);
  ck_assert_int_eq(gm_tensor_save(tensor, NULL, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_tensor_save(NULL, path, &error), GM_BAD_ARGUMENT);
  snprintf(target, sizeof target, "%s/new/", folder);
  ck_assert_int_eq(gm_tensor_save(tensor, target, &error), GM_IO);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(a_file_is_read_whole_up_to_a_limit) {
  char *data;
  size_t size;
  write_bytes("hello", 5);
  int fd = gm__file_open(path, &error);
  ck_assert_int_eq(gm__file_read(fd, path, 5, &data, &size, &error), GM_OK);
  ck_assert_uint_eq(size, 5);
  ck_assert_str_eq(data, "hello");
  gm__free(data);
  ck_assert_int_eq(gm__file_read(fd, path, 4, &data, &size, &error), GM_LIMIT);
  ck_assert_ptr_nonnull(strstr(error.message, "has 5 bytes, more than the limit of 4"));
  close(fd);
}
END_TEST

START_TEST(a_file_that_hides_its_size_is_read) {
  char *data;
  size_t size;
  int fd = gm__file_open("/proc/self/maps", NULL);
  if (fd < 0) return;
  ck_assert_int_eq(gm__file_read(fd, "maps", 1 << 24, &data, &size, &error), GM_OK);
  ck_assert_uint_gt(size, 100);
  gm__free(data);
  ck_assert_int_eq(gm__file_read(fd, "maps", 10, &data, &size, &error), GM_LIMIT);
  close(fd);
}
END_TEST

SUITE(npy) {
  tcase_add_checked_fixture(cases, make_folder, remove_folder);
  CASE(versions_1_to_3_are_read);
  CASE(headers_may_be_written_otherwise);
  tcase_add_loop_test(cases, every_dtype_survives_a_file, 0, GM__DTYPES);
  CASE(files_are_as_numpy_writes_them);
  CASE(any_rank_survives_a_file);
  CASE(big_endian_files_are_read);
  CASE(fortran_order_is_reordered);
  CASE(a_bool_is_0_or_1);
  CASE(two_raw_bytes_are_a_bfloat16);
  CASE(a_file_without_elements_is_read);
  CASE(data_must_be_as_long_as_the_shape_says);
  CASE(any_truncation_is_refused);
  CASE(what_is_no_npy_is_refused);
  CASE(broken_headers_are_refused);
  CASE(broken_shapes_are_refused);
  CASE(dtypes_that_there_are_not_are_named);
  CASE(only_regular_files_are_read);
  CASE(a_missing_file_is_named);
  CASE(the_reason_survives_a_long_path);
  CASE(saving_replaces_a_file_and_keeps_the_mask);
  CASE(a_failed_save_leaves_nothing);
  CASE(a_file_is_read_whole_up_to_a_limit);
  CASE(a_file_that_hides_its_size_is_read);
}
