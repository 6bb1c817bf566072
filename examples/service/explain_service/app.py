# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The web application and the service's own routes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from . import engines, inputs, logs, v1, v2
from .access import Access
from .batcher import Answer, now
from .engines import EXACT, SAMPLED, Loaded
from .inputs import Refused
from .metrics import CONTENT_TYPE
from .service import FAILED, Service
from .settings import Settings
from .signals import leave_first
from .web import answer_json, as_lists, deadline_of, explained, parse_body

_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["rows"],
                "properties": {
                    "rows": {"type": "array", "items": {"oneOf": [{"type": "object"}, {"type": "array"}]}},
                    "deadline_ms": {"type": "number", "exclusiveMinimum": 0},
                },
            }
        }
    },
}


def create_app(settings: Settings | None = None, load: Callable[[Settings], Loaded] = engines.load) -> FastAPI:
    """Make the application. Each process that serves it loads a model of its own."""
    settings = settings or Settings.from_environment()
    logs.start(settings.log_level)
    service = Service(settings, load)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        preparing = loop.run_in_executor(None, service.prepare)
        with leave_first(service, loop):
            yield
        await preparing
        await loop.run_in_executor(None, service.close)

    app = FastAPI(title="Explanations by Banzhaf values", lifespan=lifespan)
    app.state.service = service
    app.add_middleware(Access, service=service)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _gone)

    @app.post("/explain", openapi_extra={"requestBody": _BODY})
    async def explain(request: Request) -> Response:
        """Explain predictions by sampling, as well as the deadline allows."""
        return await _explain(request, service, SAMPLED)

    @app.post("/explain/exact", openapi_extra={"requestBody": _BODY})
    async def explain_exactly(request: Request) -> Response:
        """Explain the raw output of the trees exactly."""
        return await _explain(request, service, EXACT)

    @app.get("/model")
    async def model() -> Response:
        """Describe what is served, with a background row as an example."""
        found = service.loaded
        return answer_json(
            {
                "model": found.name,
                "version": found.version,
                "columns": found.columns,
                "outputs": dict(found.outputs),
                "base_values": dict(found.base_values),
                "seed": found.seed,
                "example": dict(zip(found.columns, as_lists(found.examples[0]), strict=True)),
            }
        )

    @app.get("/healthz")
    async def healthz() -> Response:
        """Tell whether the process should live on."""
        if service.state == FAILED:
            return answer_json({"status": FAILED, "error": service.failure}, 500)
        return answer_json({"status": "alive"})

    @app.get("/readyz")
    async def readyz() -> Response:
        """Tell whether load balancers should send requests."""
        return answer_json({"status": service.state}, 200 if service.is_ready else 503)

    @app.get("/metrics")
    async def metrics() -> Response:
        """Give the metrics in Prometheus's format."""
        return Response(service.metrics.text(), media_type=CONTENT_TYPE)

    app.include_router(v1.router)
    app.include_router(v2.router)
    return app


async def _explain(request: Request, service: Service, engine: str) -> Response:
    """Answer in the service's own protocol."""
    loaded = service.loaded
    if engine not in loaded.engines:
        raise Refused(404, f"this service has no {engine} explainer")
    body = await parse_body(request, "rows", "deadline_ms")
    deadline = deadline_of(request, body.get("deadline_ms"))
    rows = inputs.rows_of(body.get("rows"), loaded, service.settings)
    found = await explained(request, engine, rows, deadline)
    content = {
        "model": loaded.name,
        "version": loaded.version,
        "names": loaded.columns,
        "output": loaded.outputs[engine],
        "base_value": loaded.base_values[engine],
        "rows": [_row(row) for row in found.rows],
        "seed": loaded.seed,
        "n_model_rows": found.n_model_rows,
        "elapsed_ms": round((now() - request.scope["explain"]["arrival"]) * 1e3, 3),
    }
    if found.is_complete:
        return answer_json(content)
    return answer_json({"error": found.missing, **content}, 504)


def _row(row: Answer) -> dict[str, Any]:
    return {
        "values": as_lists(row.values),
        "standard_errors": as_lists(row.standard_errors),
        "prediction": as_lists(row.prediction),
        "stopped": row.stopped,
        "n_background": row.n_background,
        "n_model_rows": row.n_model_rows,
    }


def _refused(request: Request, error: Any) -> Response:
    return answer_json({"error": error.text}, error.status, error.headers)


def _http_error(request: Request, error: Any) -> Response:
    return answer_json({"error": str(error.detail)}, error.status_code, error.headers)


def _gone(request: Request, error: Any) -> Response:
    """Answer a client that has hung up; the status is for the log."""
    return Response(status_code=499)
