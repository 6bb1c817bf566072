# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What the routes of all protocols share: bodies, deadlines and JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from fastapi import Request, Response
from numpy.typing import ArrayLike, NDArray

from . import inputs
from .inputs import Refused
from .service import Explained, Service


def service_of(request: Request) -> Service:
    """Return the service of the application that a request has reached."""
    found: Service = request.app.state.service
    return found


def answer_json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON that has no NaN."""
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return Response(text, status, headers, "application/json")


def as_lists(numbers: ArrayLike | None) -> Any:
    """Turn numbers into lists, which keep every bit in JSON. A number that is not known becomes null."""
    if numbers is None:
        return None
    array = np.asarray(numbers)
    if np.isfinite(array).all():
        return array.tolist()
    known = array.astype(object)
    known[~np.isfinite(array)] = None
    return known.tolist()


async def parse_body(request: Request, *fields: str) -> dict[str, Any]:
    """Read a JSON object with no other than the given fields, from a client that may not take forever to send it."""
    settings = service_of(request).settings
    limit = settings.max_body_bytes
    too_large = Refused(413, f"the body must be at most {limit} bytes", Connection="close")
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > limit:
        raise too_large

    async def read() -> bytes:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise too_large
        return bytes(body)

    try:
        body = inputs.parse(await asyncio.wait_for(read(), settings.body_seconds))
    except asyncio.TimeoutError:
        raise Refused(408, "the body came too slowly", Connection="close") from None
    inputs.known(body, *fields)
    return body


def deadline_of(request: Request, given: Any = None, where: str = "deadline_ms") -> float:
    """Return the time by which a request must be answered. It counts from the request's arrival."""
    settings = service_of(request).settings
    header = request.headers.get("x-deadline-ms")
    seconds = inputs.deadline_of(header, given, where, settings.default_deadline_ms, settings.max_deadline_ms)
    facts = request.scope["explain"]
    facts["deadline"] = seconds
    return float(facts["arrival"] + seconds)


async def explained(request: Request, engine: str, rows: NDArray[Any], deadline: float) -> Explained:
    """Explain rows, and note for the access log how it went."""
    found = await service_of(request).explain(engine, rows, deadline)
    request.scope["explain"].update(
        rows=len(found.rows),
        complete=found.is_complete,
        waited_ms=None if found.waited is None else round(found.waited * 1e3, 2),
    )
    return found
