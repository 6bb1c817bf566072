#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# docs.sh: builds the site in a clean copy of the tree, leaves it in build/ci/site, and opens its pages in Chromium.
# docs.sh linkcheck: follows the links to other sites instead.
source "$(dirname "$0")/../lib.sh"
clone="$work/docs-clone" venv="$work/docs-venv" site="$work/site"

# need <program> <Debian's package>: installs the package if no such program is here.
need() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  if ! command -v "$1" >/dev/null; then
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "$2" >/dev/null
  fi
}
need doxygen doxygen
need dot graphviz
command -v google-chrome >/dev/null || need chromium chromium # which GitHub's machines have under the first name

copy_of_tree "$clone"
fresh_venv "$(main_python)" "$venv"
PATH="$venv/bin:$PATH"
wheel="$(wheel_of "$(main_python)")"
pip install --quiet "${wheel:-$clone}[docs]"

cd "$clone"
case "${1:-}" in
  "")
    python -m docs
    BANZHAF_SITE="$clone/docs/_build/html" python -m pytest tests/docs/test_site.py tests/html
    rm -rf "$site"
    mv docs/_build/html "$site"
    ;;
  linkcheck) python -m docs --linkcheck ;;
  *)
    echo "usage: docs.sh [linkcheck]" >&2
    exit 2
    ;;
esac
rm -rf "$clone" "$venv"
