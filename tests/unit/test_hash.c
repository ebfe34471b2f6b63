/* SPDX-License-Identifier: MIT
 *
 * FNV-1a and the map from names to numbers. */
#include <stdio.h>
#include <string.h>
#include "base/hash.h"
#include "support/suite.h"

enum { MANY = 5000 };

START_TEST(hashes_are_fnv_1a) {
  ck_assert_uint_eq(gm__hash(GM__HASH_SEED, "", 0), UINT64_C(0xcbf29ce484222325));
  ck_assert_uint_eq(gm__hash(GM__HASH_SEED, "a", 1), UINT64_C(0xaf63dc4c8601ec8c));
  ck_assert_uint_eq(gm__hash(GM__HASH_SEED, "foobar", 6), UINT64_C(0x85944171f73967e8));
  ck_assert_uint_eq(gm__hash(gm__hash(GM__HASH_SEED, "foo", 3), "bar", 3), UINT64_C(0x85944171f73967e8));
}
END_TEST

START_TEST(an_empty_map_finds_nothing) {
  gm__names names = {0};
  ck_assert_uint_eq(gm__names_find(&names, "x", 1), 0);
  gm__names_remove(&names, "x");
  gm__names_free(&names);
}
END_TEST

START_TEST(a_name_is_found_by_its_length) {
  gm__names names = {0};
  ck_assert(gm__names_put(&names, "abc", 7));
  ck_assert(gm__names_put(&names, "", 8));
  ck_assert_uint_eq(gm__names_find(&names, "abcdef", 3), 7);
  ck_assert_uint_eq(gm__names_find(&names, "abc", 2), 0);
  ck_assert_uint_eq(gm__names_find(&names, "abc\0d", 5), 0);
  ck_assert_uint_eq(gm__names_find(&names, "abc", 0), 8);
  gm__names_free(&names);
}
END_TEST

START_TEST(putting_again_replaces) {
  gm__names names = {0};
  gm__names_put(&names, "abc", 7);
  gm__names_put(&names, "abc", 9);
  ck_assert_uint_eq(gm__names_find(&names, "abc", 3), 9);
  ck_assert_uint_eq(names.count, 1);
  gm__names_free(&names);
}
END_TEST

static char many[MANY][12];

static void put_many(gm__names *names) {
  for (int i = 0; i < MANY; i++) {
    snprintf(many[i], sizeof many[i], "name%d", i);
    ck_assert(gm__names_put(names, many[i], (uint32_t)i + 1));
  }
}

START_TEST(many_names_are_found_and_removed) {
  gm__names names = {0};
  put_many(&names);
  for (int i = 0; i < MANY; i += 2) gm__names_remove(&names, many[i]);
  ck_assert_uint_eq(names.count, MANY / 2);
  for (int i = 0; i < MANY; i++)
    ck_assert_uint_eq(gm__names_find(&names, many[i], strlen(many[i])), i % 2 == 0 ? 0 : (uint32_t)i + 1);
  gm__names_free(&names);
  ck_assert_uint_eq(names.capacity, 0);
}
END_TEST

START_TEST(coming_and_going_does_not_grow_the_map) {
  gm__names names = {0};
  put_many(&names);
  for (int i = 0; i < MANY; i++) gm__names_remove(&names, many[i]);
  size_t capacity = names.capacity;
  for (int round = 0; round < 100000; round++) {
    gm__names_put(&names, many[round % MANY], 1);
    gm__names_remove(&names, many[round % MANY]);
  }
  ck_assert_uint_le(names.capacity, capacity);
  gm__names_free(&names);
}
END_TEST

SUITE(hash) {
  CASE(hashes_are_fnv_1a);
  CASE(an_empty_map_finds_nothing);
  CASE(a_name_is_found_by_its_length);
  CASE(putting_again_replaces);
  CASE(many_names_are_found_and_removed);
  CASE(coming_and_going_does_not_grow_the_map);
}
