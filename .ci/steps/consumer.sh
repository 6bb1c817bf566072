#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# Installs what cpp.sh release built and lets a C++ program of its own find, link and use it.
source "$(dirname "$0")/../lib.sh"
tools build

rm -rf "$work/prefix" "$work/consumer"
cmake --install build/release --prefix "$work/prefix" >/dev/null
if grep -rnE '#include.*(Eigen|omp\.h|pybind11|Python\.h)' "$work/prefix/include"; then
  echo "public headers may not show these" >&2
  exit 1
fi
cmake -S examples/cpp -B "$work/consumer" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix"
cmake --build "$work/consumer"
"$work/consumer/weighted_voting" | tee "$work/consumer/printed.txt"
awk '/^```text$/ { inside = 1; next } /^```$/ { inside = 0 } inside' docs/cpp.md | # which says what the program prints
  diff - "$work/consumer/printed.txt"
