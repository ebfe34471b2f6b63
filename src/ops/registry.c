/* SPDX-License-Identifier: MIT
 *
 * The table of operations, sorted by name as ops.def is. */
#include "ops/registry.h"

#include <string.h>
#include <gemmule/ops.h>

#define GM_OP(name, file) extern const gm__op gm__op_##name;
#define GM_ROW(name) extern const gm__op gm__row_##name;
#include "ops/ops.def"
#undef GM_OP
#undef GM_ROW

#define GM_OP(name, file) &gm__op_##name,
#define GM_ROW(name) &gm__row_##name,
static const gm__op *const records[] = {
#include "ops/ops.def"
};
#undef GM_OP
#undef GM_ROW

#define COUNT (sizeof records / sizeof *records)

const gm__op *gm__op_named(const char *name) {
  size_t low = 0, high = COUNT;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = strcmp(name, records[middle]->name);
    if (order == 0) return records[middle];
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

gm_status gm__op_unknown(const char *name, gm_error *error) {
  const char *names[COUNT];
  for (size_t i = 0; i < COUNT; i++) names[i] = records[i]->name;
  const char *near = gm_closest(name, names, COUNT);
  GM_FAIL(error, GM_UNKNOWN_OP, "there is no operation '%.80s'%s%s%s", name, near ? ": did you mean '" : "",
      near ? near : "", near ? "'?" : "");
}

size_t gm_op_count(void) {
  return COUNT;
}

const char *gm_op_name(size_t index) {
  return index < COUNT ? records[index]->name : NULL;
}

const char *gm_op_doc(const char *name) {
  const gm__op *op = name ? gm__op_named(name) : NULL;
  return op ? op->doc : NULL;
}
