/* SPDX-License-Identifier: MIT
 *
 * Tensors with memory running out at every allocation: made, wrapped, read from text and from .npy files,
 * saved. A wrap that fails does not release what it was given; texts of tensors need no memory at all. */
#include "faults/walk.h"
#include "support/suite.h"
#include "unit/spec_support.h"

#include "faults/memory.h"

#define MOST 400

static char folder[] = "/tmp/gemmule-faults-XXXXXX";

static void at_path(char path[64], const char *name) {
  snprintf(path, 64, "%s/%s", folder, name);
}

static void describe(const world *w, notes *out) {
  note_tensor(out, w->made);
}

/* ---- Making ---- */

static gm_status new_tensor(world *w, gm_error *error) {
  w->made = gm_tensor_new(GM_COMPLEX128, 3, (int64_t[]){2, 3, 4}, error);
  return walk_status(w->made, error);
}

static gm_status new_scalar(world *w, gm_error *error) {
  w->made = gm_tensor_new(GM_BOOL, 0, NULL, error);
  return walk_status(w->made, error);
}

static gm_status new_too_large(world *w, gm_error *error) {
  w->made = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){INT64_C(1) << 40, INT64_C(1) << 40}, error);
  return walk_status(w->made, error);
}

static int released;
static float wrapped[6] = {1, 2, 3, 4, 5, 6};

static void release(void *arg, void *data) {
  released += arg == &released && data == wrapped;
}

static gm_status wrap(world *w, gm_error *error) {
  int before = released;
  w->made = gm_tensor_wrap(GM_FLOAT32, 2, (int64_t[]){2, 3}, wrapped, release, &released, error);
  return released == before ? walk_status(w->made, error) : GM_INTERNAL;
}

static gm_status parse(world *w, gm_error *error) {
  w->made = gm_tensor_parse(w->how, GM_FLOAT32, error);
  return walk_status(w->made, error);
}

static void filled(world *w) {
  w->tensors[0] = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){30, 40}, NULL);
  gm_tensor_random_normal(w->tensors[0], 0, 1, 3, NULL);
}

static gm_status uniform(world *w, gm_error *error) {
  return gm_tensor_random_uniform(w->tensors[0], -1, 1, 5, error);
}

static gm_status normal(world *w, gm_error *error) {
  return gm_tensor_random_normal(w->tensors[0], -1, 1, 5, error);
}

static void describe_first(const world *w, notes *out) {
  note_tensor(out, w->tensors[0]);
}

static const walk_case made[] = {
    {"gm_tensor_new", NULL, new_tensor, describe, NULL, NULL, false},
    {"gm_tensor_new of rank 0", NULL, new_scalar, describe, NULL, NULL, false},
    {"gm_tensor_new too large", NULL, new_too_large, describe, NULL, NULL, true},
    {"gm_tensor_wrap", NULL, wrap, describe, NULL, NULL, false},
    {"gm_tensor_parse", NULL, parse, describe, NULL, "[[[1, 2.5], [nan, -inf]], [[3, 4], [5e-3, 6]]]", false},
    {"gm_tensor_parse of a number", NULL, parse, describe, NULL, "7", false},
    {"gm_tensor_parse of nothing", NULL, parse, describe, NULL, "[[], [], []]", false},
    {"gm_tensor_parse, ragged", NULL, parse, describe, NULL, "[[1, 2], [3]]", true},
    {"gm_tensor_parse, no number", NULL, parse, describe, NULL, "[1, 2, x", true},
    {"gm_tensor_random_uniform", filled, uniform, describe_first, NULL, NULL, false},
    {"gm_tensor_random_normal", filled, normal, describe_first, NULL, NULL, false},
};

START_TEST(a_tensor_is_made_whole_or_not) {
  long failed = 0;
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) failed += walk(&made[i], (walk_mode)_i, MOST);
  ck_assert_int_gt(failed, 10);
}
END_TEST

START_TEST(texts_of_tensors_need_no_memory) {
  static char text[1 << 16];
  gm_tensor *value = gm_tensor_new(GM_COMPLEX64, 3, (int64_t[]){3, 40, 5}, NULL);
  gm_tensor_random_normal(value, 0, 1e4, 3, NULL);
  memory_arm(0, true);
  size_t plain = gm_tensor_text(value, text, sizeof text), json = gm_tensor_json(value, text, sizeof text);
  long calls = memory_calls();
  memory_disarm();
  gm_tensor_free(value);
  ck_assert_int_eq(calls, 0);
  ck_assert_uint_gt(plain, 600);
  ck_assert_uint_gt(json, 600);
}
END_TEST

/* ---- Files ---- */

typedef struct header {
  const char *name, *text;
  size_t data;
} header;

/** Files in every form that is read: C and Fortran order, either byte order, and broken ones. */
static const header headers[] = {
    {"c.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24},
    {"fortran.npy", "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", 48},
    {"swapped.npy", "{'descr': '>i4', 'fortran_order': True, 'shape': (3, 2), }", 24},
    {"bool.npy", "{'descr': '|b1', 'fortran_order': False, 'shape': (), }", 1},
    {"cut.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 23},
    {"strings.npy", "{'descr': '<U4', 'fortran_order': False, 'shape': (2, 3), }", 96},
    {"broken.npy", "{'descr': '<f4', 'fortran_order", 0},
};
enum { GOOD_HEADERS = 4 };

static void write_header(const header *h) {
  char path[64];
  size_t length = strlen(h->text);
  at_path(path, h->name);
  FILE *file = fopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  fprintf(file, "\x93NUMPY%c%c%c%c%s", 1, 0, (int)length, 0, h->text);
  for (size_t i = 0; i < h->data; i++) fputc((int)i, file);
  ck_assert_int_eq(fclose(file), 0);
}

static gm_status load(world *w, gm_error *error) {
  const header *h = w->how;
  char path[64];
  at_path(path, h->name);
  w->made = gm_tensor_load(path, error);
  return walk_status(w->made, error);
}

START_TEST(a_tensor_is_loaded_whole_or_not) {
  long failed = 0;
  ck_assert_ptr_nonnull(mkdtemp(folder));
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    write_header(&headers[i]);
    const walk_case c = {headers[i].name, NULL, load, describe, NULL, &headers[i], i >= GOOD_HEADERS};
    failed += walk(&c, (walk_mode)_i, MOST);
  }
  ck_assert_int_gt(failed, 10);
  remove_folder(strdup(folder));
}
END_TEST

/** An earlier file stands where the call saves. */
static void with_earlier(world *w) {
  char path[64];
  filled(w);
  at_path(path, "saved.npy");
  ck_assert_int_eq(gm_tensor_save(w->tensors[0], path, NULL), GM_OK);
  gm_tensor_random_normal(w->tensors[0], 0, 1, 4, NULL);
}

static gm_status save(world *w, gm_error *error) {
  char path[64];
  at_path(path, "saved.npy");
  return gm_tensor_save(w->tensors[0], path, error);
}

static void describe_folder(const world *w, notes *out) {
  (void)w;
  note_folder(out, folder, true);
}

START_TEST(a_tensor_is_saved_or_the_earlier_file_stays) {
  const walk_case c = {"gm_tensor_save", with_earlier, save, describe_folder, describe_folder, NULL, false};
  ck_assert_ptr_nonnull(mkdtemp(folder));
  ck_assert_int_gt(walk(&c, (walk_mode)_i, MOST), 0);
  remove_folder(strdup(folder));
}
END_TEST

SUITE(faults_tensor) {
  tcase_add_loop_test(cases, a_tensor_is_made_whole_or_not, 0, WALK_MODES);
  CASE(texts_of_tensors_need_no_memory);
  tcase_add_loop_test(cases, a_tensor_is_loaded_whole_or_not, 0, WALK_MODES);
  tcase_add_loop_test(cases, a_tensor_is_saved_or_the_earlier_file_stays, 0, WALK_MODES);
}
