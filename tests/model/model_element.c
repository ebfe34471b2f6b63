/* SPDX-License-Identifier: MIT
 *
 * Arithmetic of single elements with their errors: the exact consequence of the operands' errors, and two
 * units of rounding of the mass. */
#include "model/model.h"
#include "support/places.h"

static int64_t wrapped(uint64_t value) {
  return (int64_t)value;
}

known known_sum(known a, known b, double unit) {
  double mass = a.mass + b.mass;
  return (known){a.value + b.value, a.error + b.error + 2 * unit * mass, mass,
      wrapped((uint64_t)a.whole + (uint64_t)b.whole)};
}

known known_difference(known a, known b, double unit) {
  double mass = a.mass + b.mass;
  return (known){a.value - b.value, a.error + b.error + 2 * unit * mass, mass,
      wrapped((uint64_t)a.whole - (uint64_t)b.whole)};
}

known known_product(known a, known b, double unit) {
  double mass = a.mass * b.mass;
  double error = a.error == 0 && b.error == 0 ? 0 : a.mass * b.error + a.error * b.mass + a.error * b.error;
  return (known){
      a.value * b.value, error + 2 * unit * mass, mass, wrapped((uint64_t)a.whole * (uint64_t)b.whole)};
}

known known_quotient(known a, known b, double unit) {
  double least = fabs(b.value) - b.error, mass = a.mass / least;
  if (!(least > 0)) return known_nothing();
  return (known){a.value / b.value, (a.error + mass * b.error) / least + 4 * unit * mass, mass, 0};
}

known known_as_real(known x, gm_dtype from) {
  if (!dtype_is_whole(from)) return x;
  known real = known_real((double)x.whole);
  real.error = x.error;
  return real;
}

static known to_whole(known x, gm_dtype from, gm_dtype to) {
  if (dtype_is_whole(from))
    return (known){.whole = cell_cast((cell){.whole = x.whole}, from, to).whole, .error = x.error};
  int64_t low = cell_cast((cell){.re = x.value - x.error}, from, to).whole;
  int64_t high = cell_cast((cell){.re = x.value + x.error}, from, to).whole;
  if (to == GM_BOOL) return known_truth(x, from) < 0 ? known_nothing() : known_whole(known_truth(x, from));
  return low == high ? known_whole(low) : known_nothing();
}

known known_cast(const call *c, known x, gm_dtype from, gm_dtype to) {
  if (!is_known(x)) return x;
  if (dtype_is_whole(to)) return to_whole(x, from, to);
  known real = known_as_real(x, from);
  double kept = cell_rounded((cell){.re = real.value}, to).re;
  bool fits = real.error == 0 && kept == real.value;
  if (!fits) real.error += call_unit(c, to) * real.mass + call_least(c, to);
  return real;
}
