# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# What every step shares: strictness, where things are, which interpreters there are. Steps source it.
# shellcheck shell=bash
set -euo pipefail
shopt -s nullglob

export CI=true PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1
export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
work="$root/build/ci" # all that the steps make, except CMake's build/<preset>
mkdir -p "$work"
cd "$root"

# find_python <3.x>: that CPython, from pyenv or the PATH, if it is here and can make environments.
find_python() {
  local candidate
  for candidate in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1."*/bin/python "python$1"; do
    if "$candidate" -c "import ensurepip, sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
}

# pythons: every supported CPython that is here, one a line, oldest first.
pythons() {
  local version
  for version in 3.10 3.11 3.12 3.13 3.14; do
    find_python "$version"
  done
}

# main_python: the interpreter for what is done once.
main_python() {
  local python
  python="$(find_python 3.12)"
  echo "${python:-$(pythons | tail -n 1)}"
}

# fresh_venv <python> <folder>: an empty environment there.
fresh_venv() {
  rm -rf "$2"
  "$1" -m venv "$2"
}

# tools <group>: puts the tools of that dependency group first on the PATH.
tools() {
  local venv="$work/tools-$1"
  if [ ! -e "$venv/ready" ]; then
    fresh_venv "$(main_python)" "$venv"
    "$venv/bin/pip" install --quiet --upgrade 'pip>=25.1'
    "$venv/bin/pip" install --quiet --group "$1"
    touch "$venv/ready"
  fi
  PATH="$venv/bin:$PATH"
}

# copy_of_tree <folder>: what git knows or would take, there; steps that build into the tree use such a copy.
copy_of_tree() {
  rm -rf "$1"
  mkdir -p "$1"
  git -c safe.directory="$root" ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do
      [ ! -e "$file" ] || printf '%s\0' "$file"
    done |
    tar --create --null --files-from - | tar --extract --directory "$1"
}

# compile_once: from here on, a cache compiles each file of the library once for the C++ tests, the wheels and the README.
# Neither paths nor the compiler's name may differ: the sources lie two folders above the folder of the build.
compile_once() {
  if command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_DIR="$work/ccache" CCACHE_BASEDIR="$root"
    export CC="${CC:-cc}" CXX="${CXX:-c++}" # which the builds of wheels would call gcc and g++
  fi
}

# wheel_venv <python>: where that interpreter's wheel is installed.
wheel_venv() {
  echo "$work/$("$1" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')"
}

# wheel_of <python>: that interpreter's wheel.
wheel_of() {
  local venv
  venv="$(wheel_venv "$1")"
  echo "$root"/wheelhouse/banzhaf-*-"${venv##*/}"-*.whl
}

# without_compiler <venv>: from here on, that environment, the few programs that libraries ask for, and nothing else.
without_compiler() {
  local program
  mkdir -p "$work/bin"
  for program in cat env git lscpu sh tr uname; do
    ln -sf "$(command -v "$program")" "$work/bin/$program"
  done
  PATH="$1/bin:$work/bin"
  hash -r
  for program in cc c++ gcc g++ clang clang++ cmake ninja make; do
    if command -v "$program"; then
      echo "no compiler should be reachable" >&2
      exit 1
    fi
  done
}
