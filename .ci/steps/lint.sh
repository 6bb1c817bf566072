#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# Linters that need no build: Python, the layers, the layout of C++, shell, workflows, the citation.
source "$(dirname "$0")/../lib.sh"
tools lint

ruff check .
PYTHONPATH=python lint-imports --no-cache
python .ci/check_layers.py
git ls-files -z --cached --others --exclude-standard -- '*.cpp' '*.hpp' '*.inl' |
  xargs -0 clang-format --dry-run -Werror
shellcheck --external-sources --source-path=SCRIPTDIR .ci/run .ci/lib.sh .ci/steps/*.sh .devcontainer/setup.sh
check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*_*.yml
check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
zizmor --offline --quiet .github/workflows
