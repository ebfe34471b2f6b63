/* SPDX-License-Identifier: MIT
 *
 * The main job on real input: graphs/digits.yaml reproduces the stored probabilities within the rounding of
 * float32 and names 385 of the 397 digits as labelled, and the same for any number of images at a time. */
#include "support/suite.h"

#include <gemmule/gemmule.h>
#include <stdio.h>
#include <math.h>

#define IMAGES 397
#define CLASSES 10

static gm_tensor *data(const char *name) {
  char path[512];
  gm_error error = {0};
  snprintf(path, sizeof path, "%s/graphs/digits/%s.npy", GM_SOURCE_DIR, name);
  gm_tensor *made = gm_tensor_load(path, &error);
  ck_assert_msg(made != NULL, "%s: %s", path, error.message);
  return made;
}

static gm_executor *digits(void) {
  gm_error error = {0};
  gm_graph *graph = gm_graph_load(GM_SOURCE_DIR "/graphs/digits.yaml", NULL, &error);
  ck_assert_msg(graph != NULL, "%s", error.message);
  gm_plan *plan = gm_plan_new(graph, NULL, 0, NULL, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  gm_executor *made = gm_executor_new(plan, &error);
  gm_plan_free(plan);
  gm_graph_free(graph);
  return made;
}

static const float *run(gm_executor *executor, const gm_tensor *images) {
  gm_error error = {0};
  gm_executor_feed(executor, "images", images, &error);
  ck_assert_msg(gm_executor_run(executor, &error) == GM_OK, "%s", error.message);
  return gm_tensor_cdata(gm_executor_output(executor, 0));
}

START_TEST(probabilities_are_the_stored_ones) {
  gm_tensor *images = data("images"), *stored = data("probabilities");
  gm_executor *executor = digits();
  const float *got = run(executor, images), *want = gm_tensor_cdata(stored);
  for (int i = 0; i < IMAGES * CLASSES; i++) ck_assert(fabs((double)got[i] - (double)want[i]) <= 1e-5);
  gm_executor_free(executor);
  gm_tensor_free(images);
  gm_tensor_free(stored);
}
END_TEST

static int most(const float *row) {
  int best = 0;
  for (int i = 1; i < CLASSES; i++)
    if (row[i] > row[best]) best = i;
  return best;
}

START_TEST(named_as_labelled_385_of_397) {
  gm_tensor *images = data("images"), *labels = data("labels");
  gm_executor *executor = digits();
  const float *got = run(executor, images);
  const int32_t *label = gm_tensor_cdata(labels);
  int right = 0;
  for (int i = 0; i < IMAGES; i++) right += most(got + CLASSES * i) == label[i];
  ck_assert_int_eq(right, 385);
  gm_executor_free(executor);
  gm_tensor_free(images);
  gm_tensor_free(labels);
}
END_TEST

START_TEST(any_number_of_images_at_a_time) {
  static const int64_t counts[] = {1, 0, 5, 397, 2, 1};
  gm_tensor *images = data("images"), *stored = data("probabilities");
  gm_executor *executor = digits();
  const float *want = gm_tensor_cdata(stored);
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
    gm_tensor *some =
        gm_tensor_wrap(GM_FLOAT32, 2, (int64_t[]){counts[c], 64}, gm_tensor_data(images), NULL, NULL, NULL);
    const float *got = run(executor, some);
    for (int i = 0; i < counts[c] * CLASSES; i++) ck_assert(fabs((double)got[i] - (double)want[i]) <= 1e-5);
    gm_executor_feed(executor, "images", NULL, NULL);
    gm_tensor_free(some);
  }
  gm_executor_free(executor);
  gm_tensor_free(images);
  gm_tensor_free(stored);
}
END_TEST

SUITE(digits) {
  CASE(probabilities_are_the_stored_ones);
  CASE(named_as_labelled_385_of_397);
  CASE(any_number_of_images_at_a_time);
}
