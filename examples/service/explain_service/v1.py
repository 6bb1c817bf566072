# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""KServe's first protocol, as far as an explainer needs it: the verb `:explain`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from . import inputs
from .engines import EXACT, SAMPLED
from .inputs import Refused
from .web import answer_json, as_lists, deadline_of, explained, parse_body, service_of

router = APIRouter(prefix="/v1/models")


@router.get("")
async def models(request: Request) -> Response:
    """List the models."""
    return answer_json({"models": [service_of(request).loaded.name]})


@router.get("/{name}")
async def model(request: Request, name: str) -> Response:
    """Tell whether a model is ready."""
    _check(request, name)
    ready = service_of(request).is_ready
    return answer_json({"name": name, "ready": ready}, 200 if ready else 503)


@router.post("/{name}:explain")
async def explain(request: Request, name: str) -> Response:
    """Explain instances, each an object by column name or an array."""
    _check(request, name)
    service = service_of(request)
    loaded = service.loaded
    body = await parse_body(request, "instances", "deadline_ms")
    deadline = deadline_of(request, body.get("deadline_ms"))
    rows = inputs.rows_of(body.get("instances"), loaded, service.settings, "instances")
    engine = SAMPLED if SAMPLED in loaded.engines else EXACT
    found = await explained(request, engine, rows, deadline)
    content = {
        "predictions": [as_lists(row.prediction) for row in found.rows],
        "explanations": [
            {
                "names": loaded.columns,
                "values": as_lists(row.values),
                "standard_errors": as_lists(row.standard_errors),
                "base_value": loaded.base_values[engine],
                "stopped": row.stopped,
            }
            for row in found.rows
        ],
    }
    if found.is_complete:
        return answer_json(content)
    return answer_json({"error": found.missing, **content}, 504)


def _check(request: Request, name: str) -> None:
    if name != service_of(request).settings.name:
        raise Refused(404, f"there is no model {name[:60]!r}")
