/* SPDX-License-Identifier: MIT
 *
 * pack: a factor is brought into the order in which its provider reads it, once for all products that read
 * it. Tasks are some columns of one matrix. */
#include "base/pool.h"
#include "kernel/gemm/provider.h"
#include "kernel/walk.h"

/* Columns of a task: whole panels, and as many bytes as are worth another thread. */
enum { PANEL = 64, WORTH_THREAD = 1 << 18 };

typedef struct job {
  const gm__pack *pack;
  const char *b;
  char *packed;
  int64_t columns, across;  /* of a piece; pieces of a matrix */
  int64_t pieces, together; /* of all matrices; of a task */
} job;

static void piece(const job *j, int64_t number) {
  const gm__gemm *gemm = j->pack->gemm;
  const gm__loops *matrices = &j->pack->matrices;
  int64_t matrix = number / j->across, column = number % j->across * j->columns, offset = 0;
  int64_t end = gemm->n - column < j->columns ? gemm->n : column + j->columns, rest = matrix;
  for (int axis = matrices->rank - 1; axis >= 0; axis--) {
    offset += rest % matrices->dims[axis] * matrices->strides[axis];
    rest /= matrices->dims[axis];
  }
  const char *b = j->b + offset * (int64_t)gm__dtype_bytes(gemm->in);
  gemm->provider->pack(gemm, b, j->packed + (size_t)matrix * j->pack->bytes, column, end);
}

static void task(void *argument, int number) {
  const job *j = argument;
  int64_t first = number * j->together, end = first + j->together;
  for (int64_t i = first; i < end && i < j->pieces; i++) piece(j, i);
}

static int64_t parts_of(int64_t whole, int64_t part) {
  return (whole + part - 1) / part;
}

void gm__pack_all(const gm__pack *pack, const char *b, char *packed, const gm_pool *pool) {
  int64_t panels = parts_of(pack->gemm->n, PANEL), matrices = gm__loops_count(&pack->matrices);
  int64_t bytes = parts_of((int64_t)pack->bytes, panels), worth = parts_of(WORTH_THREAD, bytes);
  job j = {pack, b, packed, worth * PANEL, parts_of(panels, worth), 0, 1};
  j.pieces = matrices * j.across;
  if (j.across == 1) j.together = parts_of(worth, panels);
  int64_t tasks = parts_of(j.pieces, j.together);
  if (tasks > INT32_MAX) j.together = j.pieces, tasks = 1;
  gm__pool_run(pool, (int)tasks, task, &j);
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm_pool *pool = gm__step_gains(step) ? run->pool : NULL;
  gm__pack_all(step->descriptor, gm__step_address(step, run, 0), gm__step_address(step, run, 1), pool);
  return GM_OK;
}

static const char *variant(const gm__step *step) {
  const gm__pack *pack = step->descriptor;
  return pack->gemm->provider->name;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__pack *pack = step->descriptor;
  int64_t batch = gm__loops_count(&pack->matrices);
  gm__text_format(text, "n=%lld k=%lld", (long long)pack->gemm->n, (long long)pack->gemm->k);
  if (batch != 1) gm__text_format(text, " batch=%lld", (long long)batch);
}

const gm__kernel gm__kernel_pack = {"pack", run, variant, text, {0}};
