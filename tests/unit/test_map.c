/* SPDX-License-Identifier: MIT
 *
 * The elementwise interpreter and its functions, against plain loops over generated shapes, strides and
 * dtypes. */
#include "kernel_step.h"

enum { MOST_INPUTS = 3 };

typedef struct map_case {
  int rank, inputs;
  int64_t dims[GM__LOOPS_RANK], strides[(MOST_INPUTS + 1) * GM__LOOPS_RANK];
  layout layouts[MOST_INPUTS + 1];
  gm_dtype dtypes[MOST_INPUTS + 1];
  void *memory[MOST_INPUTS + 1], *buffers[MOST_INPUTS + 1];
} map_case;

static void shape_case(generator *g, map_case *c) {
  c->rank = (int)pick(g, 5);
  for (int i = 0; i < c->rank; i++) c->dims[i] = pick(g, 12) == 0 ? 0 : pick(g, 6) + 1;
  if (c->rank > 0 && c->rank < 3 && pick(g, 2) == 0) c->dims[c->rank - 1] = pick(g, 1500) + 60;
}

static void begin_case(generator *g, map_case *c, int inputs, gm_dtype in, gm_dtype out) {
  shape_case(g, c);
  c->inputs = inputs;
  for (int o = 0; o <= inputs; o++) {
    int sort = (int)pick(g, o == inputs ? BROADCAST : LAYOUTS);
    c->layouts[o] = make_layout(g, c->rank, c->dims, pick(g, 2) == 0 ? DENSE : sort);
    c->dtypes[o] = o == inputs ? out : in;
    c->memory[o] =
        o == inputs ? new_buffer(c->layouts[o].extent, out) : random_buffer(g, c->layouts[o].extent, in);
    c->buffers[o] = at_element(c->memory[o], c->layouts[o].origin, c->dtypes[o]);
    memcpy(c->strides + o * c->rank, c->layouts[o].strides, (size_t)c->rank * sizeof(int64_t));
  }
}

static void end_case(map_case *c) {
  for (int o = 0; o <= c->inputs; o++) free(c->memory[o]);
}

static gm_status run_case(map_case *c, gm__map_op *program, int count) {
  gm__map map = {{c->rank, c->dims, c->strides}, c->inputs, count, program, 0, 0};
  gm__map_allot(&map, program);
  return run_kernel(&gm__kernel_map, &map, c->inputs, 1, c->buffers, c->dtypes, NULL);
}

static double _Complex input(const map_case *c, int operand, int64_t number) {
  int64_t element = element_of(&c->layouts[operand], c->rank, c->dims, number);
  return get_number(c->memory[operand], element, c->dtypes[operand]);
}

static int64_t input_integer(const map_case *c, int operand, int64_t number) {
  int64_t element = element_of(&c->layouts[operand], c->rank, c->dims, number);
  return get_integer(c->memory[operand], element, c->dtypes[operand]);
}

static double _Complex oracle(const char *name, double _Complex x, double _Complex y) {
  if (strcmp(name, "add") == 0) return x + y;
  if (strcmp(name, "subtract") == 0) return x - y;
  if (strcmp(name, "multiply") == 0) return x * y;
  if (strcmp(name, "divide") == 0) return x / y;
  if (strcmp(name, "negative") == 0) return -x;
  if (strcmp(name, "exp") == 0) return cexp(x);
  if (strcmp(name, "tanh") == 0) return ctanh(x);
  ck_assert_str_eq(name, "sigmoid");
  return 1 / (1 + cexp(-x));
}

static const struct {
  const char *name;
  int arity;
  bool integers;
} functions[] = {{"add", 2, true}, {"subtract", 2, true}, {"multiply", 2, true}, {"divide", 2, false},
    {"negative", 1, true}, {"exp", 1, false}, {"tanh", 1, false}, {"sigmoid", 1, false}};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

static void check_floats(const map_case *c, const char *name, gm_dtype dtype) {
  for (int64_t i = 0; i < count_of(c->rank, c->dims); i++) {
    double _Complex y = c->inputs > 1 ? input(c, 1, i) : 0;
    double _Complex want = oracle(name, input(c, 0, i), y), got = input(c, c->inputs, i);
    double bound = 8 * unit_of(dtype) * (cabs(want) + (name[0] == 'm' || name[0] == 'd' ? cabs(want) : 1));
    if (!(cabs(got - want) <= bound + tiny_of(dtype)) && cabs(want) < 60000)
      ck_abort_msg("%s of %s: %g, not %g", name, gm_dtype_name(dtype), creal(got), creal(want));
  }
}

START_TEST(functions_agree_with_the_formula) {
  generator g = {1};
  for (int f = 0; f < FUNCTIONS; f++)
    for (gm_dtype dtype = GM_FLOAT16; dtype <= GM_COMPLEX128; dtype++)
      for (int round = 0; round < 40; round++) {
        map_case c;
        gm_dtype result = GM_BOOL;
        gm__map_op op = {gm__map_find(functions[f].name, dtype, &result), functions[f].name,
            (uint8_t)functions[f].arity, {0, 1, 0}, (uint8_t)dtype, NULL, 0};
        ck_assert(op.function != NULL);
        ck_assert_int_eq(result, dtype);
        begin_case(&g, &c, functions[f].arity, dtype, dtype);
        ck_assert_int_eq(run_case(&c, &op, 1), GM_OK);
        check_floats(&c, op.name, dtype);
        end_case(&c);
      }
}
END_TEST

static int64_t wrapped(const char *name, int64_t x, int64_t y, gm_dtype dtype) {
  uint64_t u = (uint64_t)x, v = (uint64_t)y;
  uint64_t value = name[0] == 'a' ? u + v : name[0] == 's' ? u - v : name[0] == 'm' ? u * v : 0 - u;
  char narrow[8];
  gm__convert(narrow, dtype, &value, GM_INT64, 1);
  return get_integer(narrow, 0, dtype);
}

START_TEST(integers_wrap) {
  generator g = {2};
  for (int f = 0; f < FUNCTIONS; f++)
    for (gm_dtype dtype = GM_INT8; dtype <= GM_INT64; dtype++)
      for (int round = 0; round < 30 && functions[f].integers; round++) {
        map_case c;
        gm__map_op op = {gm__map_find(functions[f].name, dtype, NULL), functions[f].name,
            (uint8_t)functions[f].arity, {0, 1, 0}, (uint8_t)dtype, NULL, 0};
        begin_case(&g, &c, functions[f].arity, dtype, dtype);
        ck_assert_int_eq(run_case(&c, &op, 1), GM_OK);
        for (int64_t i = 0; i < count_of(c.rank, c.dims); i++) {
          int64_t y = c.inputs > 1 ? input_integer(&c, 1, i) : 0;
          if (input_integer(&c, c.inputs, i) != wrapped(op.name, input_integer(&c, 0, i), y, dtype))
            ck_abort_msg("%s of %s is wrong", op.name, gm_dtype_name(dtype));
        }
        end_case(&c);
      }
}
END_TEST

START_TEST(a_kind_without_the_function_has_none) {
  gm_dtype result;
  ck_assert(gm__map_find("exp", GM_INT32, &result) == NULL);
  ck_assert(gm__map_find("divide", GM_INT64, &result) == NULL);
  ck_assert(gm__map_find("add", GM_BOOL, &result) == NULL);
  ck_assert(gm__map_find("relu", GM_COMPLEX64, &result) == NULL);
  ck_assert(gm__map_find("frobnicate", GM_FLOAT32, &result) == NULL);
  ck_assert(gm__map_find("add", (gm_dtype)77, &result) == NULL);
}
END_TEST

/* (x + y) * x, cast to float64 and negated: three dtypes of registers. */
START_TEST(programs_hand_registers_on) {
  generator g = {3};
  for (int round = 0; round < 300; round++) {
    map_case c;
    gm__map_op program[] = {{gm__map_find("add", GM_FLOAT32, NULL), "add", 2, {0, 1, 0}, GM_FLOAT32, NULL, 0},
        {gm__map_find("multiply", GM_FLOAT32, NULL), "multiply", 2, {2, 0, 0}, GM_FLOAT32, NULL, 0},
        {gm__map_cast(GM_FLOAT32, GM_FLOAT64), "cast", 1, {3, 0, 0}, GM_FLOAT64, NULL, 0},
        {gm__map_find("negative", GM_FLOAT64, NULL), "negative", 1, {4, 0, 0}, GM_FLOAT64, NULL, 0}};
    begin_case(&g, &c, 2, GM_FLOAT32, GM_FLOAT64);
    ck_assert_int_eq(run_case(&c, program, 4), GM_OK);
    for (int64_t i = 0; i < count_of(c.rank, c.dims); i++) {
      float x = (float)creal(input(&c, 0, i)), y = (float)creal(input(&c, 1, i)), sum = x + y,
            product = sum * x;
      if (creal(input(&c, 2, i)) != -(double)product) ck_abort_msg("element %lld is wrong", (long long)i);
    }
    end_case(&c);
  }
}
END_TEST

/* x + 1 + 1 … with as many instructions and inputs as there may be. */
START_TEST(the_largest_program_runs) {
  gm__map_op program[GM__MAP_PROGRAM];
  int inputs = GM__MAP_REGISTERS - GM__MAP_PROGRAM;
  int64_t dims[] = {3, 700}, strides[2 * (GM__MAP_REGISTERS + 1)];
  double ones[32], *out = malloc(3 * 700 * sizeof *out);
  void *buffers[GM__MAP_REGISTERS];
  gm_dtype dtypes[GM__MAP_REGISTERS];
  for (int i = 0; i <= inputs; i++) {
    strides[2 * i] = i == inputs ? 700 : 0;
    strides[2 * i + 1] = i == inputs ? 1 : 0;
    buffers[i] = i == inputs ? out : &ones[i];
    dtypes[i] = GM_FLOAT64;
    if (i < inputs) ones[i] = 1;
  }
  for (int i = 0; i < GM__MAP_PROGRAM; i++)
    program[i] = (gm__map_op){gm__map_find("add", GM_FLOAT64, NULL), "add", 2,
        {(uint8_t)(i == 0 ? 0 : inputs + i - 1), (uint8_t)i, 0}, GM_FLOAT64, NULL, 0};
  gm__map map = {{2, dims, strides}, inputs, GM__MAP_PROGRAM, program, 0, 0};
  gm__map_allot(&map, program);
  ck_assert_int_eq(run_kernel(&gm__kernel_map, &map, inputs, 1, buffers, dtypes, NULL), GM_OK);
  for (int i = 0; i < 2100; i++) ck_assert_double_eq(out[i], GM__MAP_PROGRAM + 1);
  free(out);
}
END_TEST

START_TEST(a_program_beyond_the_limits_is_refused) {
  gm_error error;
  gm__map map = {{0, NULL, NULL}, 1, GM__MAP_PROGRAM + 1, NULL, 0, 0};
  ck_assert_int_eq(run_kernel(&gm__kernel_map, &map, 0, 0, NULL, NULL, &error), GM_INTERNAL);
  map.count = 0;
  ck_assert_int_eq(run_kernel(&gm__kernel_map, &map, 0, 0, NULL, NULL, &error), GM_INTERNAL);
}
END_TEST

static void count_call(void *out, const void *const *args, size_t n, const double *parameters) {
  (void)args;
  (void)parameters;
  ++*(int *)out;
  ck_assert_uint_eq(n, 8000);
}

START_TEST(one_instruction_on_contiguous_operands_is_one_call) {
  static int in[8000], out[8000];
  int64_t dims[] = {8000}, strides[] = {1, 1};
  static const gm__map_function counting = {count_call, GM_INT32, GM_INT32, 1, 4, 4};
  gm__map_op op = {&counting, "count", 1, {0, 0, 0}, GM_INT32, NULL, 0};
  gm__map map = {{1, dims, strides}, 1, 1, &op, 0, 0};
  gm_dtype dtypes[] = {GM_INT32, GM_INT32};
  void *buffers[] = {in, out};
  ck_assert_int_eq(run_kernel(&gm__kernel_map, &map, 1, 1, buffers, dtypes, NULL), GM_OK);
  ck_assert_int_eq(out[0], 1);
}
END_TEST

START_TEST(the_output_may_be_an_input) {
  float x[3000], *buffers[] = {x, x, x};
  int64_t dims[] = {3, 1000}, strides[] = {1000, 1, 1000, 1, 1000, 1};
  gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32, GM_FLOAT32};
  gm__map_op program[] = {{gm__map_find("add", GM_FLOAT32, NULL), "add", 2, {0, 1, 0}, GM_FLOAT32, NULL, 0},
      {gm__map_find("multiply", GM_FLOAT32, NULL), "multiply", 2, {2, 0, 0}, GM_FLOAT32, NULL, 0}};
  for (int i = 0; i < 3000; i++) x[i] = (float)i;
  gm__map map = {{2, dims, strides}, 2, 2, program, 0, 0};
  gm__map_allot(&map, program);
  ck_assert_int_eq(run_kernel(&gm__kernel_map, &map, 2, 1, (void *const *)buffers, dtypes, NULL), GM_OK);
  for (int i = 0; i < 3000; i++) ck_assert_float_eq(x[i], 2 * (float)i * (float)i);
}
END_TEST

static float relu(float x, double alpha, double most, double threshold) {
  double parameters[] = {alpha, most, threshold};
  const void *args[] = {&x};
  float out;
  gm__map_apply(gm__map_find("relu_bent", GM_FLOAT32, NULL), &out, args, 1, parameters);
  return out;
}

START_TEST(relu_follows_keras) {
  ck_assert_float_eq(relu(3, 0, INFINITY, 0), 3);
  ck_assert_float_eq(relu(-3, 0, INFINITY, 0), 0);
  ck_assert(!signbit(relu(-3, 0, INFINITY, 0)));
  ck_assert_float_eq(relu(-INFINITY, 0, INFINITY, 0), 0);
  ck_assert_float_nan(relu(-INFINITY, 0, INFINITY, 3));
  ck_assert_float_eq(relu(3, 0, INFINITY, 3), 0);
  ck_assert_float_eq(relu(INFINITY, 0, INFINITY, 0), INFINITY);
  ck_assert_float_nan(relu(NAN, 0, INFINITY, 0));
  ck_assert_float_eq(relu(-3, 0.5, INFINITY, 0), -1.5f);
  ck_assert_float_eq(relu(7, 0, 6, 0), 6);
  ck_assert_float_eq(relu(2, 0.5, 6, 3), -0.5f);
  ck_assert_float_eq(relu(3, 0.5, 6, 3), 0);
}
END_TEST

/* The loop for no attributes at all gives the bits of the general one. */
START_TEST(plain_relu_is_the_bent_one_without_a_bend) {
  float x[] = {-INFINITY, -3, -0.0f, 0, 3, INFINITY, NAN}, plain[7], bent[7];
  double parameters[] = {0, INFINITY, 0};
  const void *args[] = {x};
  gm__map_apply(gm__map_find("relu", GM_FLOAT32, NULL), plain, args, 7, NULL);
  gm__map_apply(gm__map_find("relu_bent", GM_FLOAT32, NULL), bent, args, 7, parameters);
  ck_assert_mem_eq(plain, bent, sizeof plain);
}
END_TEST

/* Counts below, at and above whole units, in place and not; what lies around the result stays. */
START_TEST(any_number_of_elements_is_computed_and_no_other) {
  const gm__map_function *subtract = gm__map_find("subtract", GM_INT16, NULL);
  for (size_t n = 0; n <= 70; n++)
    for (int in_place = -1; in_place < 2; in_place++) {
      int16_t x[2][72], apart[72], *out = in_place < 0 ? apart : x[in_place];
      const void *args[] = {x[0] + 1, x[1] + 1};
      for (int i = 0; i < 72; i++) x[0][i] = (int16_t)(i * 7), x[1][i] = (int16_t)(i * i), apart[i] = -1;
      int16_t before = out[0], behind = out[n + 1];
      gm__map_apply(subtract, out + 1, args, n, NULL);
      for (int i = 1; i <= (int)n; i++) ck_assert_int_eq(out[i], (int16_t)(i * 7 - i * i));
      ck_assert_int_eq(out[0], before);
      ck_assert_int_eq(out[n + 1], behind);
    }
}
END_TEST

START_TEST(relu_takes_integers) {
  int8_t x[] = {-128, -3, 0, 4, 127}, out[5];
  double plain[] = {0, INFINITY, 0}, bounded[] = {2, 100, 1};
  const void *args[] = {x};
  gm__map_apply(gm__map_find("relu_bent", GM_INT8, NULL), out, args, 5, plain);
  ck_assert_int_eq(out[0] + out[1] + out[2], 0);
  ck_assert_int_eq(out[3] + out[4], 131);
  gm__map_apply(gm__map_find("relu_bent", GM_INT8, NULL), out, args, 5, bounded);
  ck_assert_int_eq(out[1], -8);
  ck_assert_int_eq(out[2], -2);
  ck_assert_int_eq(out[3], 4);
  ck_assert_int_eq(out[4], 100);
}
END_TEST

START_TEST(sigmoid_holds_on_both_tails) {
  double x[] = {-800, -700, -40, 0, 40, 800, NAN, -INFINITY, INFINITY}, out[9];
  const void *args[] = {x};
  gm__map_apply(gm__map_find("sigmoid", GM_FLOAT64, NULL), out, args, 9, NULL);
  ck_assert_double_eq(out[0], 0);
  ck_assert_double_eq(out[1], exp(-700.0));
  ck_assert(fabs(out[2] - exp(-40.0)) <= 0x1p-52 * out[2]);
  ck_assert_double_eq(out[3], 0.5);
  ck_assert_double_eq(out[4], 1);
  ck_assert_double_eq(out[5], 1);
  ck_assert_double_nan(out[6]);
  ck_assert_double_eq(out[7], 0);
  ck_assert_double_eq(out[8], 1);
}
END_TEST

START_TEST(float16_rounds_once) {
  uint16_t x[600], y[600], out[600];
  const void *args[] = {x, y};
  generator g = {4};
  for (int i = 0; i < 600; i++)
    x[i] = gm__double_to_half(pick_real(&g)), y[i] = gm__double_to_half(pick_real(&g));
  gm__map_apply(gm__map_find("multiply", GM_FLOAT16, NULL), out, args, 600, NULL);
  for (int i = 0; i < 600; i++)
    ck_assert_uint_eq(out[i], gm__float_to_half(gm__half_to_float(x[i]) * gm__half_to_float(y[i])));
}
END_TEST

START_TEST(casts_convert) {
  generator g = {5};
  for (gm_dtype from = GM_BOOL; from <= GM_COMPLEX128; from++)
    for (gm_dtype to = GM_BOOL; to <= GM_COMPLEX128; to++) {
      map_case c;
      gm__map_op op = {gm__map_cast(from, to), "cast", 1, {0, 0, 0}, (uint8_t)to, NULL, 0};
      begin_case(&g, &c, 1, from, to);
      ck_assert_int_eq(run_case(&c, &op, 1), GM_OK);
      for (int64_t i = 0; i < count_of(c.rank, c.dims); i++) {
        char want[16];
        int64_t element = element_of(&c.layouts[0], c.rank, c.dims, i);
        gm__convert(want, to, at_element(c.memory[0], element, from), from, 1);
        element = element_of(&c.layouts[1], c.rank, c.dims, i);
        if (memcmp(at_element(c.memory[1], element, to), want, gm__dtype_bytes(to)) != 0)
          ck_abort_msg("%s to %s is wrong", gm_dtype_name(from), gm_dtype_name(to));
      }
      end_case(&c);
    }
  ck_assert(gm__map_cast(GM_BOOL, (gm_dtype)-1) == NULL);
}
END_TEST

START_TEST(ranks_up_to_64_are_walked) {
  int64_t dims[GM__LOOPS_RANK], strides[2 * GM__LOOPS_RANK];
  float x[128], out[128];
  void *buffers[] = {x, out};
  gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32};
  for (int i = 0; i < GM__LOOPS_RANK; i++) dims[i] = 1, strides[i] = strides[GM__LOOPS_RANK + i] = 1;
  for (int i = 0; i < 7; i++)
    dims[9 * i] = 2, strides[9 * i] = 1 << i, strides[GM__LOOPS_RANK + 9 * i] = 64 >> i;
  for (int i = 0; i < 128; i++) x[i] = (float)i, out[i] = -1;
  gm__map_op op = {gm__map_find("negative", GM_FLOAT32, NULL), "negative", 1, {0, 0, 0}, GM_FLOAT32, NULL, 0};
  gm__map map = {{GM__LOOPS_RANK, dims, strides}, 1, 1, &op, 0, 0};
  ck_assert_int_eq(run_kernel(&gm__kernel_map, &map, 1, 1, buffers, dtypes, NULL), GM_OK);
  for (int i = 0; i < 128; i++) {
    int mirrored = 0;
    for (int bit = 0; bit < 7; bit++) mirrored |= (i >> bit & 1) << (6 - bit);
    ck_assert_float_eq(out[mirrored], -x[i]);
  }
}
END_TEST

START_TEST(the_text_lists_the_instructions) {
  char buffer[64];
  gm__map_op program[] = {{.name = "add"}, {.name = "relu"}};
  gm__map map = {{0, NULL, NULL}, 2, 2, program, 0, 0};
  ck_assert_str_eq(kernel_text(&gm__kernel_map, &map, buffer, sizeof buffer), "add relu");
}
END_TEST

SUITE(map) {
  CASE(functions_agree_with_the_formula);
  CASE(integers_wrap);
  CASE(a_kind_without_the_function_has_none);
  CASE(programs_hand_registers_on);
  CASE(the_largest_program_runs);
  CASE(a_program_beyond_the_limits_is_refused);
  CASE(one_instruction_on_contiguous_operands_is_one_call);
  CASE(the_output_may_be_an_input);
  CASE(relu_follows_keras);
  CASE(plain_relu_is_the_bent_one_without_a_bend);
  CASE(any_number_of_elements_is_computed_and_no_other);
  CASE(relu_takes_integers);
  CASE(sigmoid_holds_on_both_tails);
  CASE(float16_rounds_once);
  CASE(casts_convert);
  CASE(ranks_up_to_64_are_walked);
  CASE(the_text_lists_the_instructions);
}
