# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""An application for a process of its own, whose model waits until a file exists."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
from explain_service.app import create_app
from explain_service.engines import SAMPLED, Loaded, Sampled

import banzhaf


def load(settings):
    go_on = Path(os.environ["GO_ON"])
    background = np.zeros((1, 2), dtype=np.float32)

    def predict(rows):
        if rows.any():  # the warm-up and the background have only zeros
            go_on.with_suffix(".reached").touch()
            while not go_on.exists():
                time.sleep(0.01)
        return rows.sum(axis=1)

    explainer = banzhaf.Explainer(predict, background, num_threads=1, random_state=0)
    return Loaded(
        name="held",
        version="1",
        columns=("x0", "x1"),
        dtype=background.dtype,
        engines={SAMPLED: Sampled(explainer)},
        outputs={SAMPLED: "prediction"},
        base_values={SAMPLED: 0.0},
        examples=background,
        seed=0,
    )


def app():
    return create_app(load=load)
