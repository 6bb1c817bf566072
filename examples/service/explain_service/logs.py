# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Logs of one JSON object a line on standard output. They hold no cell of any row."""

from __future__ import annotations

import json
import logging
import sys
import time

LOG = logging.getLogger("explain_service")


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{record.msecs:03.0f}Z",
            "level": record.levelname,
            "event": record.getMessage(),
            "process": record.process,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def start(level: str) -> None:
    """Write the logs of the service and of uvicorn as lines of JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Lines())
    for name in ("explain_service", "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name != "uvicorn.error" else []
        logger.propagate = name == "uvicorn.error"
        logger.setLevel(level)


def event(text: str, *, level: int = logging.INFO, exc_info: BaseException | None = None, **fields: object) -> None:
    """Log an event with its fields."""
    LOG.log(level, text, extra={"fields": fields}, exc_info=exc_info)
