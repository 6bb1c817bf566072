# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The settings of the service, each of which an environment variable named EXPLAIN_... may change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_type_hints


def usable_cpus() -> int:
    """Return the number of CPUs that this process may use. It knows of affinities, but not of a container's quota."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Settings:
    """The settings. A field `max_rows` is read from EXPLAIN_MAX_ROWS."""

    # What is explained. Without a model, one is trained on scikit-learn's breast cancer data.
    model: str | None = None  # an XGBoost model, .json or .ubj
    background: str | None = None  # a CSV file with the names of the columns in its first line
    trees: str | None = None  # a file of TreeExplainer.save for the exact route; without a model, for that route alone
    name: str = "breast-cancer"
    seed: int = 0  # one seed for all processes and replicas, so that they answer alike
    budget: int | None = None  # model evaluations for each row; by default what the package chooses
    model_batch_rows: int = 2048  # most rows in one call of the model: a deadline waits for one call at most
    allow_missing: bool = True  # whether a cell may be null

    # Work.
    threads: int = usable_cpus()  # threads that explain; the model and the package use one each
    nice: int = 5  # lower priority of these threads on Linux, so that they do not delay answers that are ready
    max_queue_rows: int = 512  # rows that may wait; more are refused with 503
    max_batch_rows: int = 64
    batch_ms: float = 10.0  # a batch takes as many rows as are expected to finish within this time
    wait_ms: float = 0.0  # how long an idle thread waits for more rows before it starts

    # Deadlines.
    default_deadline_ms: float = 1000.0
    max_deadline_ms: float = 10_000.0
    reserve_ms: float = 4.0  # what the last call of the model and the sending of the answer take
    grace_ms: float = 2.0  # how long after its deadline an answer still waits for values

    # Limits of requests.
    max_connections: int = 1000
    max_body_bytes: int = 1 << 18  # the event loop parses it, and delays other answers meanwhile
    max_rows: int = 128
    body_seconds: float = 5.0  # how long a client may take to send its body

    # The end.
    drain_seconds: float = 2.0  # between the signal and the closing of the socket, for load balancers to notice
    close_seconds: float = 10.0  # for what is queued

    log_level: str = "INFO"

    def __post_init__(self) -> None:
        for name in (
            "threads",
            "max_queue_rows",
            "max_batch_rows",
            "model_batch_rows",
            "max_rows",
            "max_body_bytes",
            "max_connections",
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"{variable(name)} must be at least 1, got {getattr(self, name)}")
        for name in ("batch_ms", "default_deadline_ms", "max_deadline_ms", "body_seconds"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{variable(name)} must be positive, got {getattr(self, name)}")
        for name in ("wait_ms", "nice", "reserve_ms", "grace_ms", "drain_seconds", "close_seconds"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{variable(name)} must be at least 0, got {getattr(self, name)}")
        if self.default_deadline_ms > self.max_deadline_ms:
            raise ValueError("EXPLAIN_DEFAULT_DEADLINE_MS must be at most EXPLAIN_MAX_DEADLINE_MS")
        if (self.model is None) != (self.background is None):
            raise ValueError("EXPLAIN_MODEL and EXPLAIN_BACKGROUND go together: set both, or neither")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings. An unknown EXPLAIN_... variable is an error, because it is probably misspelt."""
        given = {
            name: text
            for name, text in (os.environ if environment is None else environment).items()
            if name.startswith("EXPLAIN_")
        }
        types = get_type_hints(cls)
        found: dict[str, Any] = {}
        for field in fields(cls):
            text = given.pop(variable(field.name), None)
            if text is not None:
                found[field.name] = _read(variable(field.name), text, types[field.name])
        if given:
            raise ValueError(f"there is no setting {', '.join(sorted(given))}")
        return cls(**found)


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"EXPLAIN_{name.upper()}"


def _read(name: str, text: str, kind: Any) -> Any:
    """Convert the text of a variable to the type of its setting."""
    if kind is bool:
        if text.lower() in ("1", "true", "yes", "0", "false", "no"):
            return text.lower() in ("1", "true", "yes")
        raise ValueError(f"{name} must be true or false, got {text!r}")
    for number in (int, float):
        if kind in (number, number | None):
            try:
                return number(text)
            except ValueError:
                raise ValueError(
                    f"{name} must be {'an integer' if number is int else 'a number'}, got {text!r}"
                ) from None
    return text
