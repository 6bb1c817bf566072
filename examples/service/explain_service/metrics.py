# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What Prometheus collects. With several processes, PROMETHEUS_MULTIPROC_DIR names the folder that they share."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """The metrics of one application. Each has a registry of its own, so that tests can make several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, namespace="explain", registry=self.registry)

        def histogram(name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
            return Histogram(name, text, labels, namespace="explain", registry=self.registry, buckets=buckets)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, namespace="explain", registry=self.registry, multiprocess_mode="livesum")

        self.requests = counter("requests", "Requests, by route and status code", "route", "code")
        self.latency = histogram("latency_seconds", "From a request's arrival to its answer", _SECONDS, "route")
        self.wait = histogram("queue_wait_seconds", "From a request's arrival to its first batch", _SECONDS)
        self.batch_rows = histogram("batch_rows", "Rows in a batch", _ROWS, "engine")
        self.batch_seconds = histogram("batch_seconds", "Time of a batch", _SECONDS, "engine")
        self.model_rows = counter("model_rows", "Rows that the model evaluated for explanations", "engine")
        self.rows = counter("rows", "Explained rows, by what ended their evaluation", "engine", "stopped")
        self.deadline_misses = counter("deadline_misses", "Requests with a row that had no values in time")
        self.late = counter("late_answers", "Answers later than 10 ms after their deadline")
        self._queue = gauge("queue_rows", "Rows that wait")
        self._ready = gauge("ready", "Whether the service is ready")
        self._queue_length: Callable[[], int] = lambda: 0
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            ProcessCollector(registry=self.registry)
            GCCollector(registry=self.registry)

    def watch(self, queue_length: Callable[[], int]) -> None:
        """Say how long the queue is."""
        self._queue_length = queue_length

    def set_ready(self, ready: bool) -> None:
        """Say whether the service is ready."""
        self._ready.set(ready)

    def batch(self, engine: str, rows: int, seconds: float, model_rows: int) -> None:
        """Count a batch."""
        self.batch_rows.labels(engine).observe(rows)
        self.batch_seconds.labels(engine).observe(seconds)
        self.model_rows.labels(engine).inc(model_rows)
        self.note_queue()

    def note_queue(self) -> None:
        """Store the length of the queue, which another process may be asked for."""
        self._queue.set(self._queue_length())

    def text(self) -> bytes:
        """Return the metrics in Prometheus's format."""
        self.note_queue()
        registry = self.registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
