/* SPDX-License-Identifier: MIT
 *
 * A test program in two words: SUITE(name) { CASE(fact); CASE(other_fact); } at the end of the file. */
#ifndef GM_TESTS_SUITE_H
#define GM_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

#define CASE(fact) tcase_add_test(cases, fact)

#define SUITE(name)                                                                                          \
  static void name##_cases(TCase *cases);                                                                    \
  int main(void) {                                                                                           \
    Suite *suite = suite_create(#name);                                                                      \
    TCase *cases = tcase_create(#name);                                                                      \
    tcase_set_timeout(cases, 240);                                                                           \
    name##_cases(cases);                                                                                     \
    suite_add_tcase(suite, cases);                                                                           \
    SRunner *runner = srunner_create(suite);                                                                 \
    srunner_run_all(runner, CK_ENV);                                                                         \
    int wrong = srunner_ntests_failed(runner);                                                               \
    srunner_free(runner);                                                                                    \
    return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;                                                         \
  }                                                                                                          \
  static void name##_cases(TCase *cases)

#endif
