# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What happens around every request: its id, its time, its line in the log, and an answer if it fails."""

from __future__ import annotations

import logging
import re
import uuid
from typing import Any

from . import logs
from .batcher import now
from .service import Service
from .web import answer_json

LATE = 0.010  # an answer may be this late before it counts as late
_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)


class Access:
    """Time, count and log every request. Its answer carries its id."""

    def __init__(self, app: Any, service: Service) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        arrival = now()
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        facts: dict[str, Any] = {"arrival": arrival, "id": given if _ID.fullmatch(given) else uuid.uuid4().hex}
        scope["explain"] = facts
        status = 0

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", facts["id"].encode())]
            await send(message)

        failure: Exception | None = None
        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            failure = error
            if not status:  # the client learns no more than that it failed; the log has the rest
                content = {"error": "the explanation failed", "request": facts["id"]}
                await answer_json(content, 500)(scope, receive, sending)
        self._note(scope, status, now() - arrival, failure)

    def _note(self, scope: Any, status: int, seconds: float, failure: Exception | None) -> None:
        facts = scope["explain"]
        metrics = self.service.metrics
        route = getattr(scope.get("route"), "path", "other")  # a path that is no route would make a metric of its own
        metrics.requests.labels(route, str(status)).inc()
        metrics.latency.labels(route).observe(seconds)
        if "deadline" in facts and seconds > facts["deadline"] + LATE:
            metrics.late.inc()
        if scope["method"] == "GET" and status < 400:
            return  # probes and collectors would fill the log
        logs.event(
            "request",
            level=logging.ERROR if failure else logging.INFO,
            exc_info=failure,
            request=facts["id"],
            route=route,
            status=status,
            elapsed_ms=round(seconds * 1e3, 2),
            deadline_ms=round(facts["deadline"] * 1e3, 2) if "deadline" in facts else None,
            **{name: facts[name] for name in ("rows", "complete", "waited_ms") if name in facts},
        )
