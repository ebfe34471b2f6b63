/* SPDX-License-Identifier: MIT
 *
 * Steps on several threads. Elements, rows and results that a step makes apart from each other are those of
 * its loops, so it is cut along an axis of these: a part is the same step over fewer of them, and its kernel
 * never knows. No sum is cut, so the bits are those of one thread. Products and rows cut themselves. */
#include <stdatomic.h>
#include <string.h>
#include "base/pool.h"
#include "kernel/walk.h"

/* Tasks for a thread, so that none waits long for the others; nanoseconds that a step and a task take at
 * least; elements of a part along the innermost axis. */
enum { TASKS = 4, WORTH = 8000, LEAST = 2000, NARROW = 64, DESCRIPTOR = 192, OPERANDS = GM__MAP_REGISTERS };

/* Bytes that are moved in a nanosecond, and how long an operation of a map takes. */
static const double byte_rate = 80, unary_time = 0.4, other_time = 0.05;

/* Functions of one argument are mostly those that are long. */
static double map_time(const gm__map *map) {
  double sum = 0;
  for (int i = 0; i < map->count; i++) sum += map->program[i].arity == 1 ? unary_time : other_time;
  return sum / map->count;
}

double gm__step_time(const gm__step *step) {
  bool maps = step->kernel == &gm__kernel_map;
  double operation = maps ? map_time(step->descriptor) : (double)step->kernel->cut.time;
  return step->bytes / byte_rate + step->flops * operation;
}

bool gm__step_gains(const gm__step *step) {
  return gm__step_time(step) >= WORTH;
}

/* A step being cut. */
typedef struct job {
  const gm__step *step;
  const gm__run *run;
  const gm__loops *loops;
  int axis;
  int64_t chunk; /* lengths of a part, along the axis */
  atomic_bool failed;
} job;

/* Moves the operands that the loops walk over. */
static void move_operands(const job *j, int64_t by, gm__operand *operands) {
  const gm__step *step = j->step;
  const gm__cut *cut = &step->kernel->cut;
  int all = step->reads + step->writes, count = cut->operands > 0 ? cut->operands : step->reads + 1;
  memcpy(operands, step->operands, (size_t)all * sizeof *operands);
  for (int i = 0; i < count; i++) {
    int at = i == count - 1 ? step->reads : cut->first + i;
    if (at >= all) continue;
    int64_t size = (int64_t)gm__dtype_bytes((gm_dtype)operands[at].dtype);
    operands[at].offset += by * gm__loops_stride(j->loops, i, j->axis) * size;
  }
}

static void part(void *argument, int index) {
  job *j = argument;
  const gm__cut *cut = &j->step->kernel->cut;
  int64_t dims[GM__LOOPS_RANK], from = index * j->chunk, left = j->loops->dims[j->axis] - from;
  gm__operand operands[OPERANDS];
  _Alignas(16) char descriptor[DESCRIPTOR];
  gm__step step = *j->step;
  const gm__run run = {j->run->bases, NULL, NULL};
  memcpy(dims, j->loops->dims, (size_t)j->loops->rank * sizeof *dims);
  dims[j->axis] = left < j->chunk ? left : j->chunk;
  memcpy(descriptor, step.descriptor, cut->size);
  ((gm__loops *)(descriptor + cut->loops))->dims = dims;
  move_operands(j, from, operands);
  step.descriptor = descriptor;
  step.operands = operands;
  if (step.kernel->run(&step, &run) != GM_OK) atomic_store(&j->failed, true);
}

/* The outermost axis that gives parts enough, or the longest. */
static int axis_to_cut(const gm__loops *loops, int64_t parts) {
  int longest = 0;
  for (int axis = 0; axis < loops->rank; axis++) {
    if (loops->dims[axis] >= 4 * parts) return axis;
    if (loops->dims[axis] > loops->dims[longest]) longest = axis;
  }
  return longest;
}

static int64_t magnitude(int64_t stride) {
  return stride < 0 ? -stride : stride;
}

/* Elements that lie side by side, in the first operand and the last, stay so. */
static int64_t least_chunk(const job *j) {
  const gm__cut *how = &j->step->kernel->cut;
  int last = (how->operands > 0 ? how->operands : j->step->reads + 1) - 1;
  int64_t first_stride = magnitude(gm__loops_stride(j->loops, 0, j->axis));
  int64_t last_stride = magnitude(gm__loops_stride(j->loops, last, j->axis));
  int64_t stride = first_stride > last_stride ? first_stride : last_stride;
  return stride < NARROW ? NARROW / (stride + (stride == 0)) : 1;
}

/* So much of `length` that there are about so many parts: a round number of elements. */
static int64_t chunk_of(int64_t length, int64_t parts, int64_t least) {
  int64_t chunk = (length + parts - 1) / parts, unit = 1024;
  if (chunk < least) chunk = least;
  while (unit > 1 && chunk < 4 * unit) unit /= 4;
  return (chunk + unit - 1) / unit * unit;
}

int64_t gm__step_parts(const gm__step *step, const gm_pool *pool) {
  int threads = gm__pool_threads(pool);
  if (threads == 1 || !gm__step_gains(step)) return 1;
  double most = gm__step_time(step) / LEAST;
  return most < threads * TASKS ? (int64_t)most : (int64_t)threads * TASKS;
}

/* How many parts; 1: it is not cut. */
static int cut(job *j) {
  const gm__step *step = j->step;
  const gm__cut *how = &step->kernel->cut;
  int64_t parts = how->size > 0 ? gm__step_parts(step, j->run->pool) : 1;
  if (parts == 1 || how->size > DESCRIPTOR || step->reads + step->writes > OPERANDS) return 1;
  j->loops = (const gm__loops *)((const char *)step->descriptor + how->loops);
  if (j->loops->rank == 0 || gm__loops_empty(j->loops)) return 1;
  j->axis = axis_to_cut(j->loops, parts);
  j->chunk = chunk_of(j->loops->dims[j->axis], parts, least_chunk(j));
  return (int)((j->loops->dims[j->axis] + j->chunk - 1) / j->chunk);
}

gm_status gm__step_run(const gm__step *step, const gm__run *run) {
  job j = {.step = step, .run = run};
  int parts = cut(&j);
  if (parts == 1) return step->kernel->run(step, run);
  gm__pool_run(run->pool, parts, part, &j);
  return atomic_load(&j.failed) ? step->kernel->run(step, run) : GM_OK;
}
