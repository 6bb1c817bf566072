# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The service of examples/service, with a model of three columns that a test can hold up."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest
from small import BACKGROUND, COLUMNS, SERVICE, Gate

import banzhaf

sys.path.insert(0, str(SERVICE))


@pytest.fixture
def gate():
    found = Gate()
    yield found
    found.open()


@pytest.fixture
def explainer(gate):
    def model(rows):
        gate.pass_()
        return np.where(np.isnan(rows), 0.0, rows).astype(float) @ [1.0, 2.0, 3.0] + np.nan_to_num(rows).prod(axis=1)

    return banzhaf.Explainer(model, BACKGROUND, feature_names=COLUMNS, num_threads=1, random_state=0)


@pytest.fixture
def loaded(explainer, gate):
    """What a `load` function returns: one engine that samples, and none for trees."""
    from explain_service.engines import SAMPLED, Loaded, Sampled

    engine = Sampled(explainer)
    return Loaded(
        name="small",
        version="1",
        columns=COLUMNS,
        dtype=BACKGROUND.dtype,
        engines={SAMPLED: engine},
        outputs={SAMPLED: "prediction"},
        base_values={SAMPLED: float(explainer(BACKGROUND[:1]).base_values)},
        examples=BACKGROUND,
        seed=0,
    )


@pytest.fixture
def serve(loaded):
    """Return a function that starts the application in this process and gives a client for it."""
    pytest.importorskip("prometheus_client")
    pytest.importorskip("fastapi")
    from asgi import Client
    from explain_service.app import create_app
    from explain_service.settings import Settings

    started = []

    def start(load=lambda settings: loaded, wait=True, **settings):
        chosen = {"name": "small", "drain_seconds": 0.0, "threads": 1, "default_deadline_ms": 60_000.0}
        chosen |= {"max_deadline_ms": 60_000.0, "log_level": "CRITICAL", **settings}
        client = Client(create_app(Settings(**chosen), load))
        started.append(client)
        if wait:
            for _ in range(6000):
                if client.get("/readyz").status_code == 200:
                    break
                threading.Event().wait(0.01)
        return client

    yield start
    for client in started:
        client.close()
