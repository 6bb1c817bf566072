#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# Runs the README's two commands, as they stand there, in a clean copy of the tree.
source "$(dirname "$0")/../lib.sh"

# command_of_readme <k>: the k-th sh block under the heading "Try it".
command_of_readme() {
  awk -v k="$1" '
    /^## / { here = /^## Try it/ }
    here && /^```sh$/ { n++; inside = 1; next }
    /^```$/ { inside = 0 }
    inside && n == k' README.md
}
if [ -z "$(command_of_readme 2)" ] || [ -n "$(command_of_readme 3)" ]; then
  echo "README.md must have two sh blocks under 'Try it'" >&2
  exit 1
fi

clone="$work/clone"
copy_of_tree "$clone"

# The same flags and places as for the wheel, so that the cache has the library.
compile_once
export SKBUILD_CMAKE_DEFINE=BANZHAF_WERROR=ON SKBUILD_BUILD_DIR="$clone/build/{wheel_tag}"

# The commands say "python": an empty environment gives that name where a system has only python3.
fresh_venv "$(main_python)" "$work/newcomer"
for k in 1 2; do
  command_of_readme "$k" | sed 's/^/$ /'
  (cd "$clone" && PATH="$work/newcomer/bin:$PATH" && eval "$(command_of_readme "$k")")
done
rm -rf "$clone" "$work/newcomer"
