#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# Installs what cpp.sh release built, moves it, and lets a C++ and a C program of their own find, link and use it.
source "$(dirname "$0")/../lib.sh"
tools build

rm -rf "$work/prefix" "$work/prefix-before" "$work/consumer" "$work/consumer-c"
cmake --install build/release --prefix "$work/prefix-before" >/dev/null
mv "$work/prefix-before" "$work/prefix" # it must work wherever it is
if grep -rnE '#include.*(Eigen|omp\.h|pybind11|Python\.h)' "$work/prefix/include"; then
  echo "public headers may not show these" >&2
  exit 1
fi
cmake -S examples/cpp -B "$work/consumer" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix"
cmake --build "$work/consumer"
"$work/consumer/weighted_voting" | tee "$work/consumer/printed.txt"
awk '/^```text$/ { inside = 1; next } /^```$/ { inside = 0 } inside' docs/cpp.md | # which says what the program prints
  diff - "$work/consumer/printed.txt"

# The C program: by pkg-config where it is here, and by CMake. Rust calls the library too, where it is here.
pc_folder="$(dirname "$(find "$work/prefix" -name banzhaf.pc)")"
mkdir "$work/consumer-c"
cp examples/c/* "$work/consumer-c"
if command -v pkg-config >/dev/null; then
  PKG_CONFIG_PATH="$pc_folder" make -C "$work/consumer-c" CFLAGS="-O2 -Werror"
  (cd "$work/consumer-c" && ./explain) >"$work/consumer-c/printed.txt"
  awk '/^```text$/ { inside = 1; next } /^```$/ { inside = 0 } inside' docs/embedding.md |
    diff - "$work/consumer-c/printed.txt"
fi
if command -v rustc >/dev/null; then
  rustc --edition 2021 -L "$(dirname "$pc_folder")" -o "$work/consumer-c/from_rust" examples/other_languages/explain.rs
  (cd "$work/consumer-c" && LD_LIBRARY_PATH="$(dirname "$pc_folder")" ./from_rust)
fi
cmake -S examples/c -B "$work/consumer-c/cmake" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix"
cmake --build "$work/consumer-c/cmake"
"$work/consumer-c/cmake/explain" examples/c/diabetes.trees
shown="$(nm -D --defined-only "$work"/prefix/lib*/libbanzhaf_c.so 2>/dev/null | awk '$3 !~ /^banzhaf_/' || true)"
if [ -n "$shown" ]; then
  echo "the shared library shows more than banzhaf.h declares: $shown" >&2
  exit 1
fi
