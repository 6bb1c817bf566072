#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# What a bare Debian or Ubuntu lacks: a compiler and its cache, git, a Python that makes environments and extensions.
source "$(dirname "$0")/../lib.sh"

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq --yes --no-install-recommends ca-certificates ccache g++ git python3-dev python3-venv >/dev/null
