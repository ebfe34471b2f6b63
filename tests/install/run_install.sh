#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs a build into a prefix of its own and uses it as others would: C and C++ programs by find_package and by
# pkg-config, the command, and the exported symbols.
# Usage: run_install.sh SOURCE BUILD CC CXX [CMAKE_OPTION]...   (options given: BUILD is configured and built first)
set -euo pipefail
source=$1 build=$2 cc=$3 cxx=$4
shift 4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# -gt 0 ]; then
  build=$work/build
  cmake -S "$source" -B "$build" -DCMAKE_C_COMPILER="$cc" -DCMAKE_BUILD_TYPE=Debug -DGEMMULE_TESTS=OFF "$@" >/dev/null
  cmake --build "$build" -j2 >/dev/null
fi
prefix=$work/prefix
cmake --install "$build" --prefix "$prefix" >/dev/null
lib=$(dirname "$(find "$prefix" -name 'libgemmule.*' | head -n 1)")
export PKG_CONFIG_PATH=$lib/pkgconfig LD_LIBRARY_PATH=$lib
want=$'<gm_node \'xy\' shape=(2, 4) dtype=float32>\n[[3. 3. 3. 3.]\n [3. 3. 3. 3.]]'

expect() {
  got=$("$@")
  [ "$got" = "$want" ] || { printf '%s printed:\n%s\n' "$1" "$got"; exit 1; }
  echo "${1##*/}: fine"
}

users=$source/tests/install/consumer
cmake -S "$users" -B "$work/users" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$work/users" >/dev/null
expect "$work/users/consumer_c"
expect "$work/users/consumer_cc"

flags=$(pkg-config --cflags gemmule) libs=$(pkg-config --libs gemmule)
# shellcheck disable=SC2086  # flags are words
"$cc" -std=c11 -Wall -Wextra -Werror $flags "$users/consumer.c" $libs -o "$work/by_pkg_config_c"
# shellcheck disable=SC2086
"$cxx" -std=c++11 -Wall -Wextra -Werror $flags "$users/consumer.cc" $libs -o "$work/by_pkg_config_cc"
expect "$work/by_pkg_config_c"
expect "$work/by_pkg_config_cc"

if [ -e "$prefix/bin/gemmule" ]; then
  env -u LD_LIBRARY_PATH "$prefix/bin/gemmule" --version
  "$prefix/bin/gemmule" check "$source/graphs/dot_2d.yaml"
  for file in man/man1/gemmule.1 man/man5/gemmule.5 bash-completion/completions/gemmule zsh/site-functions/_gemmule \
    fish/vendor_completions.d/gemmule.fish; do
    [ -s "$prefix/share/$file" ] || { echo "no share/$file"; exit 1; }
  done
fi
for header in base tensor graph ops plan executor spec gemmule export; do
  [ -e "$prefix/include/gemmule/$header.h" ] || { echo "no $header.h"; exit 1; }
done
python3 "$source/tests/lint/lint_symbols.py" "$(find "$lib" -maxdepth 1 -type f -name 'libgemmule.*' | head -n 1)"
