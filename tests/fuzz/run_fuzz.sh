#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs the fuzzers by hand, one after the other:  run_fuzz.sh SECONDS [TARGET...]
# BUILD (default build-fuzz) is made by `cmake --preset fuzz && cmake --build --preset fuzz`; FOUND (default
# BUILD/found) keeps a growing corpus and what was found. OPTIONS go to the fuzzer ("-max_len=65536 -timeout=1").
set -euo pipefail
[ $# -ge 1 ] || { sed -n '5,7s/^# //p' "$0"; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${BUILD:-$here/../../build-fuzz}")
found=$(realpath -m "${FOUND:-$build/found}")
seconds=$1
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cd "$here" && ls fuzz_*.c | sed 's/^fuzz_//; s/\.c$//')
declare -A longest=([calls]=250 [shape]=400)
for target in "${targets[@]}"; do
  mkdir -p "$found/$target"
  dictionary=()
  [ ! -f "$here/dictionaries/$target.dict" ] || dictionary=(-dict="$here/dictionaries/$target.dict")
  log=$found/$target.log
  wrong=0
  # shellcheck disable=SC2086  # options are words
  "$build/tests/fuzz/fuzz_$target" "${dictionary[@]}" -max_total_time="$seconds" -max_len="${longest[$target]:-4096}" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$found/$target-" ${OPTIONS:-} "$found/$target" "$here/corpus/$target" \
    >"$log" 2>&1 || wrong=$?
  coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -1 || true)
  runs=$(sed -n 's/.*number_of_executed_units: *//p' "$log")
  echo "$target: ${runs:-?} executions, $coverage, exit $wrong, corpus $(find "$found/$target" -type f | wc -l), log $log"
  [ "$wrong" = 0 ] || tail -40 "$log"
done
