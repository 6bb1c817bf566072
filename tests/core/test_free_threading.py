# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Many threads share objects, with Python's lock and without it."""

from __future__ import annotations

import sys
import sysconfig

import pytest

has_no_lock = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

in_time = (lambda test: test) if has_no_lock else pytest.mark.slow


@pytest.mark.skipif(not has_no_lock, reason="this interpreter has a lock")
def test_the_lock_stays_off(fresh_python):
    printed = fresh_python("""
import sys, warnings
warnings.simplefilter("error")  # an import that brings the lock back warns
import banzhaf
assert not sys._is_gil_enabled()
print(banzhaf.exact(lambda coalitions: coalitions.sum(axis=1), 3).values.tolist())
""")
    assert printed.strip() == "[1.0, 1.0, 1.0]"


@pytest.mark.skipif(sys.platform == "win32", reason="bench.soak reads memory as POSIX shows it")
@in_time
def test_threads_do_not_disturb_one_another():
    """Each kind of work gives the values that it gives alone, whatever the others do."""
    from bench.soak import soak

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        found = soak(8, 1.0)
    finally:
        sys.setswitchinterval(before)
    assert not found.errors
    assert found.n_wrong == 0
    assert found.n_calls >= 8
