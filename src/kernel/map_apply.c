/* SPDX-License-Identifier: MIT
 *
 * An elementwise function on any number of elements. Its loop takes whole units: of what exceeds them, the
 * last unit that there is goes into a unit on the stack, before the rest may overwrite it; fewer elements
 * than a unit are padded to one. An element has the same bits wherever it stands, so it may be computed
 * twice. Narrow floats are converted a block at a time on the stack, computed in float32, and rounded once.
 */
#include "kernel/step.h"

enum { UNIT = GM__UNIT, WIDEST = 16, CHUNK = 256 };

/* `skip` elements further. */
static void move_on(const gm__map_function *f, const void *const *args, size_t skip, const void *moved[3]) {
  for (int i = 0; i < f->arity; i++) moved[i] = (const char *)args[i] + skip * f->in;
}

static void run_padded(
    const gm__map_function *f, void *out, const void *const *args, size_t n, const double *parameters) {
  _Alignas(64) char in[3][UNIT * WIDEST], result[UNIT * WIDEST];
  const void *const padded[3] = {in[0], in[1], in[2]};
  for (int i = 0; i < f->arity; i++) {
    memset(in[i], 0, (size_t)UNIT * f->in);
    memcpy(in[i], args[i], n * f->in);
  }
  f->loop(result, padded, UNIT, parameters);
  memcpy(out, result, n * f->out);
}

static void run_last(
    const gm__map_function *f, void *out, const void *const *args, size_t n, const double *parameters) {
  _Alignas(64) char result[UNIT * WIDEST];
  const void *last[3] = {NULL, NULL, NULL};
  move_on(f, args, n - UNIT, last);
  f->loop(result, last, UNIT, parameters);
  f->loop(out, args, gm__whole_units(n), parameters);
  memcpy((char *)out + (n - UNIT) * f->out, result, (size_t)UNIT * f->out);
}

static void run_units(
    const gm__map_function *f, void *out, const void *const *args, size_t n, const double *parameters) {
  if (n == gm__whole_units(n))
    f->loop(out, args, n, parameters);
  else
    (n < UNIT ? run_padded : run_last)(f, out, args, n, parameters);
}

static void run_chunk(
    const gm__map_function *f, void *out, const void *const *args, size_t n, const double *parameters) {
  _Alignas(64) float in[3][CHUNK], result[CHUNK];
  const void *const wide[3] = {in[0], in[1], in[2]};
  size_t padded = gm__whole_units(n + UNIT - 1);
  for (int i = 0; i < f->arity; i++) {
    gm__convert(in[i], GM_FLOAT32, args[i], (gm_dtype)f->from, n);
    memset(in[i] + n, 0, (padded - n) * sizeof(float));
  }
  f->loop(result, wide, padded, parameters);
  gm__convert(out, (gm_dtype)f->to, result, f->to == GM_BOOL ? GM_BOOL : GM_FLOAT32, n);
}

static void run_narrow(
    const gm__map_function *f, void *out, const void *const *args, size_t n, const double *parameters) {
  for (size_t done = 0; done < n; done += CHUNK) {
    const void *at[3] = {NULL, NULL, NULL};
    move_on(f, args, done, at);
    run_chunk(f, (char *)out + done * f->out, at, n - done < CHUNK ? n - done : CHUNK, parameters);
  }
}

void gm__map_apply(
    const gm__map_function *f, void *out, const void *const *args, size_t n, const double *parameters) {
  if (f->loop == NULL)
    gm__convert(out, (gm_dtype)f->to, args[0], (gm_dtype)f->from, n);
  else if (f->from == GM_FLOAT16 || f->from == GM_BFLOAT16)
    run_narrow(f, out, args, n, parameters);
  else
    run_units(f, out, args, n, parameters);
}
