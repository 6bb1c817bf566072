#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# fuzz.sh <seconds>: each parser under libFuzzer for so long, from its seeds. Needs clang++, with AddressSanitizer.
source "$(dirname "$0")/../lib.sh"
seconds="$1"
tools build

cmake --preset fuzz -DPython_EXECUTABLE="$work/tools-build/bin/python"
cmake --build --preset fuzz
for source in cpp/fuzz/fuzz_*.cpp; do
  target="$(basename "$source" .cpp)"
  found="$work/found-$target" # what reaches new code, and what fails
  mkdir -p "$found"
  build/fuzz/cpp/fuzz/"$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -artifact_prefix="$found/" \
    "$found" cpp/fuzz/corpus/"${target#fuzz_}"
done
