#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# cpp.sh <preset>: builds that preset with warnings as errors and runs the C++ tests, on each kernel the CPU has.
source "$(dirname "$0")/../lib.sh"
preset="$1"
tools build

[ "$preset" != release ] || compile_once
cmake --preset "$preset" -DPython_EXECUTABLE="$work/tools-build/bin/python"
some=(--parallel "$(nproc)") targets=()
if [ "$preset" = tsan ]; then # the tests that start threads; the others cannot have races
  mapfile -t threaded < <(grep -lrE 'thread|parallel' cpp/tests --include='test_*.cpp' | sed -E 's|.*/(.*)\.cpp|\1|')
  targets=(--target "${threaded[@]}")
  some+=(--tests-regex "^($(IFS='|' && echo "${threaded[*]}"))\$")
fi
cmake --build --preset "$preset" "${targets[@]}"

# The sanitizers' maps do not fit every kernel's address randomisation; where it may not be turned off, try as it is.
without_randomisation=()
if setarch --addr-no-randomize true 2>/dev/null; then
  without_randomisation=(setarch --addr-no-randomize)
fi
kernels=("")
if [ "$preset" = release ]; then
  kernels+=(generic)
  ! grep -qw avx2 /proc/cpuinfo || kernels+=(avx2)
fi
for kernel in "${kernels[@]}"; do
  echo "kernels: ${kernel:-the best that this CPU has}"
  BANZHAF_KERNEL="$kernel" "${without_randomisation[@]}" ctest --preset "$preset" "${some[@]}"
done
