#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The products of tests/native on aarch64, whose vectors have fused multiply-adds: the rooms base, tensor and kernel and
# native_long, cross-built and run by qemu. `aarch64.sh [COUNT]` tries so many small products (5,000), and a share of
# the others. Debian: gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, qemu-user.
set -euo pipefail
cd "$(dirname "$0")/../.."
count=${1:-5000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/gemmule"
printf '#define GM_API\n' >"$work/gemmule/export.h"
flags=(-std=gnu11 -O2 -Wall -Wextra -Werror -ffp-contract=off -fno-math-errno -fno-trapping-math -D_GNU_SOURCE
  -Iinclude -I"$work" -Isrc -Itests)
sources=$(ls src/base/*.c src/tensor/*.c src/kernel/*.c src/kernel/gemm/*.c tests/native/*.c |
  grep -v -e /openblas -e /native_avx -e /test_native -e /with_kernel)

# shellcheck disable=SC2086  # file names are words
printf '%s\n' $sources | xargs -P "$(nproc)" -I {} sh -c \
  'aarch64-linux-gnu-gcc "$@" -c {} -o "$0/$(echo {} | tr / _).o"' "$work" "${flags[@]}"
aarch64-linux-gnu-gcc -static "$work"/*.o -lm -pthread -o "$work/native_long"

for group in "small 0 $count" "deep 0 $((count / 50))" "large 0 $((count / 500))" "empty 0 $((count / 20))"; do
  printf '%s\n' "native_long $group"
  # shellcheck disable=SC2086  # three words
  qemu-aarch64 "$work/native_long" $group
done
echo "all fine on aarch64"
