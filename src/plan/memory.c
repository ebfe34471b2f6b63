/* SPDX-License-Identifier: MIT
 *
 * Offsets of temporaries in one workspace, by the steps between which each is alive: who takes part, the
 * bound below which no plan can be, and the choice between the ways of placing. */
#include "plan/memory.h"

#include <stdio.h>

/** Up to here by search; beyond, one sweep over time. */
#define SEARCH_LIMIT 2048

static size_t rounded(size_t bytes) {
  return (bytes + GM__ALIGNMENT - 1) / GM__ALIGNMENT * GM__ALIGNMENT;
}

static bool is_used(const gm__buffer *b) {
  return b->kind == GM__BUFFER_TEMPORARY && b->first != UINT32_MAX && b->bytes > 0;
}

/** Does it take part: a temporary that a step touches, with memory of its own? */
static bool placed(const gm__buffer *buffers, size_t i) {
  return is_used(&buffers[i]) && buffers[i].same == i;
}

/** The temporaries that take part, and the sum of all without sharing. */
static gm_status collect(
    const gm__program *program, gm__block *blocks, size_t *count, size_t *sum, gm_error *error) {
  *count = *sum = 0;
  for (size_t i = 0; i < program->buffer_count; i++) {
    const gm__buffer *b = &program->buffers[i];
    if (!is_used(b)) continue;
    if (b->bytes > PTRDIFF_MAX - GM__ALIGNMENT || rounded(b->bytes) > PTRDIFF_MAX - *sum) {
      GM_FAIL(error, GM_LIMIT, "the temporaries of a run exceed the address space");
    }
    *sum += rounded(b->bytes);
    if (!placed(program->buffers, i)) continue;
    blocks[(*count)++] = (gm__block){rounded(b->bytes), 0, b->first, b->last, (uint32_t)i};
  }
  return GM_OK;
}

gm_status gm__memory_bound(
    const gm__buffer *buffers, size_t count, size_t steps, size_t *bound, gm_error *error) {
  size_t *born = gm__alloc_zero(steps + 1, sizeof *born), *gone = gm__alloc_zero(steps + 1, sizeof *gone);
  gm_status status = born && gone ? GM_OK : gm__no_memory(error);
  *bound = 0;
  for (size_t i = 0; status == GM_OK && i < count; i++) {
    if (!placed(buffers, i)) continue;
    born[buffers[i].first] += rounded(buffers[i].bytes);
    gone[buffers[i].last] += rounded(buffers[i].bytes);
  }
  for (size_t s = 0, alive = 0; status == GM_OK && s < steps; s++) {
    alive += born[s];
    if (alive > *bound) *bound = alive;
    alive -= gone[s];
  }
  gm__free(gone);
  gm__free(born);
  return status;
}

static void place_apart(gm__block *blocks, size_t count) {
  for (size_t i = 0, offset = 0; i < count; offset += blocks[i++].size) blocks[i].offset = offset;
}

static gm_status place_blocks(gm__block *blocks, size_t count, bool share, size_t bound, gm_error *error) {
  if (share && count <= SEARCH_LIMIT) return gm__memory_fit(blocks, count, bound, error);
  if (share) return gm__memory_sweep(blocks, count, error);
  place_apart(blocks, count);
  return GM_OK;
}

static gm_status place(
    gm__program *program, bool share, gm__block *blocks, gm__special *sizes, gm_error *error) {
  size_t count;
  GM_TRY(collect(program, blocks, &count, &sizes->unshared, error));
  GM_TRY(gm__memory_bound(
      program->buffers, program->buffer_count, program->step_count, &sizes->lower_bound, error));
  GM_TRY(place_blocks(blocks, count, share, sizes->lower_bound, error));
  sizes->workspace = 0;
  for (size_t i = 0; i < count; i++) {
    size_t end = blocks[i].offset + blocks[i].size;
    program->buffers[blocks[i].buffer].offset = blocks[i].offset;
    if (end > sizes->workspace) sizes->workspace = end;
  }
  return GM_OK;
}

gm_status gm__memory_place(gm__program *program, bool share, gm__special *sizes, gm_error *error) {
  gm__block *blocks = gm__alloc(program->buffer_count, sizeof *blocks);
  gm_status status = blocks ? place(program, share, blocks, sizes, error) : gm__no_memory(error);
  gm__free(blocks);
  return status;
}

gm_status gm__memory_log(gm__special *special, gm_error *error) {
  char before[40], after[40];
  if (special->workspace == special->unshared) return GM_OK;
  snprintf(before, sizeof before, "%zu", special->unshared);
  snprintf(after, sizeof after, "%zu", special->workspace);
  const gm__note note = {
      &gm__pass_memory, NULL, "all temporaries apart", "in one workspace", "bytes", before, after};
  return gm__log_add(&special->log, &note, error);
}
