# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Catalogues of translations as pretraining sources: ``python -m bench.sources`` values them."""
