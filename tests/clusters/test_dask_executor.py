# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Noisy games on Dask: each evaluation is made, also if the coalition was evaluated before."""

from __future__ import annotations

import os

import pytest

import banzhaf

distributed = pytest.importorskip("distributed")


@pytest.mark.filterwarnings("ignore")  # Dask's own, of ports and versions
def test_each_repeat_is_evaluated(tmp_path):
    path = str(tmp_path / "calls")  # a game is pickled, so it counts in a file

    def worth(players):
        with open(path, "ab", buffering=0) as stream:
            stream.write(b".")
            return len(players) + 0.01 * stream.tell()

    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        game = banzhaf.per_coalition(worth, "indices")
        for options in ({}, {"pure": False}):
            executor = client.get_executor(**options)  # by default, Dask takes equal calls for one
            values = banzhaf.estimate(game, 3, budget=64, noisy=True, random_state=0, executor=executor)
            assert values.n_evaluations == 64
            assert os.path.getsize(path) == 64  # of only 8 coalitions
            os.remove(path)
