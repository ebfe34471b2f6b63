/* SPDX-License-Identifier: MIT
 *
 * The records of what has no inputs: placeholders, variables, constants, numbers. They are no operations by
 * name. */
#include "graph/graph.h"

const gm__op gm__op_placeholder = {.name = "placeholder", .kind = "feed", .results = 1, .flags = GM__SOURCE};
const gm__op gm__op_variable = {.name = "variable", .kind = "variable", .results = 1, .flags = GM__SOURCE};
const gm__op gm__op_constant = {.name = "constant", .kind = "constant", .results = 1, .flags = GM__SOURCE};
const gm__op gm__op_number = {.name = "number", .kind = "constant", .results = 1, .flags = GM__SOURCE};
