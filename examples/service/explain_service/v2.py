# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The Open Inference Protocol (version 2, of KServe, MLServer and Triton) over HTTP and JSON.

The model NAME returns values by sampling, and NAME-exact those of the trees. Tensors are JSON arrays; the protocol's
binary extension is not served.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from fastapi import APIRouter, Request, Response
from numpy.typing import NDArray

import banzhaf

from . import inputs
from .batcher import now
from .engines import EXACT, SAMPLED, Loaded
from .inputs import Refused
from .service import Explained
from .settings import Settings
from .web import answer_json, as_lists, deadline_of, explained, parse_body, service_of

router = APIRouter(prefix="/v2")
INPUT_TYPES = ("FP32", "FP64", "INT32", "INT64")
INPUT = "rows"


@router.get("")
async def server(request: Request) -> Response:
    """Describe the server."""
    return answer_json({"name": "banzhaf-explain-service", "version": banzhaf.__version__, "extensions": []})


@router.get("/health/live")
async def live(request: Request) -> Response:
    """Tell whether the server receives requests."""
    return answer_json({"live": True})


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """Tell whether all models are ready."""
    is_ready = service_of(request).is_ready
    return answer_json({"ready": is_ready}, 200 if is_ready else 503)


@router.get("/models/{name}")
@router.get("/models/{name}/versions/{version}")
async def metadata(request: Request, name: str, version: str | None = None) -> Response:
    """Describe a model's tensors."""
    loaded = service_of(request).loaded
    engine = _engine(request, name, version)
    n_columns = len(loaded.columns)
    outputs = np.shape(loaded.base_values[engine])
    shapes = {
        "values": ("FP64", [-1, n_columns, *outputs]),
        "standard_errors": ("FP64", [-1, n_columns, *outputs]),
        "base_values": ("FP64", [-1, *outputs]),
        "predictions": ("FP64", [-1, *outputs]),
        "stopped": ("BYTES", [-1]),
        "n_model_rows": ("INT64", [-1]),
    }
    return answer_json(
        {
            "name": name,
            "versions": [loaded.version],
            "platform": "banzhaf",
            "inputs": [
                {"name": INPUT, "datatype": "FP64", "shape": [-1, n_columns], "parameters": {"names": loaded.columns}}
            ],
            "outputs": [
                {"name": output, "datatype": datatype, "shape": shape} for output, (datatype, shape) in shapes.items()
            ],
        }
    )


@router.get("/models/{name}/ready")
@router.get("/models/{name}/versions/{version}/ready")
async def model_ready(request: Request, name: str, version: str | None = None) -> Response:
    """Tell whether a model is ready."""
    is_ready = service_of(request).is_ready
    if is_ready:
        _engine(request, name, version)
    return answer_json({"name": name, "ready": is_ready}, 200 if is_ready else 503)


@router.post("/models/{name}/infer")
@router.post("/models/{name}/versions/{version}/infer")
async def infer(request: Request, name: str, version: str | None = None) -> Response:
    """Explain the rows of the input tensors."""
    try:
        return await _infer(request, name, version)
    except Refused as refused:
        if refused.status == 422:  # the protocol knows 400 for whatever is wrong with a request
            raise Refused(400, refused.text, **refused.headers) from None
        raise


async def _infer(request: Request, name: str, version: str | None) -> Response:
    service = service_of(request)
    loaded = service.loaded
    engine = _engine(request, name, version)
    if "inference-header-content-length" in request.headers:
        raise Refused(400, "binary tensors are not served: send them as JSON arrays")
    body = await parse_body(request, "id", "parameters", "inputs", "outputs")
    parameters = body.get("parameters", {})
    if not isinstance(parameters, dict):
        raise Refused(400, "parameters must be an object")
    deadline = deadline_of(request, parameters.get("deadline_ms"), "parameters.deadline_ms")
    rows = _rows(body.get("inputs"), loaded, service.settings)
    wanted = _wanted(body.get("outputs"))
    found = await explained(request, engine, rows, deadline)
    if not found.is_complete:  # tensors have no room for a missing value
        raise Refused(504, found.missing)
    tensors = _tensors(found, loaded.base_values[engine])
    content = {
        "model_name": name,
        "model_version": loaded.version,
        "parameters": {
            "seed": loaded.seed,
            "elapsed_ms": round((now() - request.scope["explain"]["arrival"]) * 1e3, 3),
        },
        "outputs": [{"name": output, **tensors[output]} for output in wanted or tensors],
    }
    if "id" in body:
        if not isinstance(body["id"], str):
            raise Refused(400, "id must be a string")
        content["id"] = body["id"]
    return answer_json(content)


OUTPUTS = ("values", "standard_errors", "base_values", "predictions", "stopped", "n_model_rows")


def _tensors(found: Explained, base_value: Any) -> dict[str, dict[str, Any]]:
    """Return all output tensors. A standard error that is not known is null."""
    rows = found.rows
    numbers = {
        "values": np.stack([row.values for row in rows if row.values is not None]),
        "standard_errors": np.stack([row.standard_errors for row in rows if row.standard_errors is not None]),
        "base_values": np.array([base_value] * len(rows)),
        "predictions": np.array([row.prediction for row in rows], dtype=np.float64),
    }
    tensors = {
        name: {"shape": list(array.shape), "datatype": "FP64", "data": as_lists(array.ravel())}
        for name, array in numbers.items()
    }
    shape = [len(rows)]
    tensors["stopped"] = {"shape": shape, "datatype": "BYTES", "data": [row.stopped for row in rows]}
    tensors["n_model_rows"] = {"shape": shape, "datatype": "INT64", "data": [row.n_model_rows for row in rows]}
    return tensors


def _engine(request: Request, name: str, version: str | None) -> str:
    """Return the engine of a model."""
    loaded = service_of(request).loaded
    for engine, ending in ((SAMPLED, ""), (EXACT, "-exact")):
        if name == loaded.name + ending and engine in loaded.engines:
            if version not in (None, loaded.version):
                raise Refused(404, f"model {name!r} has no version {version!r}, only {loaded.version!r}")
            return engine
    raise Refused(404, f"there is no model {name[:60]!r}")


def _wanted(given: Any) -> list[str]:
    """Return the names of the outputs that a request asks for, or none for all."""
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(output, dict) for output in given):
        raise Refused(400, "outputs must be an array of objects")
    names = [output.get("name") for output in given]
    for name in names:
        if name not in OUTPUTS:
            raise Refused(400, f"there is no output {str(name)[:60]!r}: the outputs are {', '.join(OUTPUTS)}")
    return names


def _rows(given: Any, loaded: Loaded, settings: Settings) -> NDArray[Any]:
    """Read rows from one tensor of all columns, or from one tensor for each column."""
    if not isinstance(given, list) or not given or not all(isinstance(tensor, dict) for tensor in given):
        raise Refused(400, "inputs must be an array of at least one tensor")
    n_columns = len(loaded.columns)
    names = [tensor.get("name") for tensor in given]
    if len(given) == 1 and names[0] not in loaded.columns:
        cells = _tensor(given[0], settings)
        if cells.ndim != 2 or cells.shape[1] != n_columns:
            raise Refused(400, f"input {names[0]!r} must have the shape [rows, {n_columns}], got {list(cells.shape)}")
    else:
        unknown = [name for name in names if name not in loaded.columns]
        if unknown or len(set(names)) != n_columns or len(names) != n_columns:
            raise Refused(
                400, f"inputs must be one tensor of the shape [rows, {n_columns}], or one for each of the columns"
            )
        by_name = {tensor["name"]: _tensor(tensor, settings) for tensor in given}
        shapes = {array.shape for array in by_name.values()}
        if any(len(shape) not in (1, 2) or shape[1:] not in ((), (1,)) for shape in shapes):
            raise Refused(400, "the tensor of a column must have the shape [rows] or [rows, 1]")
        if len({len(array) for array in by_name.values()}) > 1:
            raise Refused(400, "the tensors of all columns must have as many rows")
        cells = np.stack([by_name[name].ravel() for name in loaded.columns], axis=1)
    if len(cells) > settings.max_rows:
        raise Refused(413, f"inputs must have at most {settings.max_rows} rows, got {len(cells)}")
    return inputs.checked(cells, loaded, settings, "inputs")


def _tensor(given: dict[str, Any], settings: Settings) -> NDArray[np.float64]:
    """Read a tensor of one or two dimensions, whose data are flat, row by row, or nested."""
    name = given.get("name")
    if not isinstance(name, str):
        raise Refused(400, "every input must have a name")
    where = f"input {name[:60]!r}"
    if given.get("datatype") not in INPUT_TYPES:
        raise Refused(400, f"{where}: datatype must be one of {', '.join(INPUT_TYPES)}")
    shape, data = given.get("shape"), given.get("data")
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise Refused(400, f"{where}: shape must be an array of sizes")
    if len(shape) not in (1, 2):
        raise Refused(400, f"{where}: shape must be [rows] or [rows, columns]")
    if not isinstance(data, list):
        raise Refused(400, f"{where}: data must be an array")
    if any(isinstance(row, list) for row in data):  # nested data show their shape
        n_rows, n_columns = shape if len(shape) == 2 else (*shape, None)
        if len(data) != n_rows or not all(isinstance(row, list) and len(row) == n_columns for row in data):
            raise Refused(400, f"{where}: nested data must have the shape {shape}")
        data = [cell for row in data for cell in row]
    flat = [inputs.number(f"{where}: a number", cell, settings.allow_missing) for cell in data]
    if len(flat) != math.prod(shape):
        raise Refused(400, f"{where}: data must be {math.prod(shape)} numbers for the shape {shape}, got {len(flat)}")
    if not flat:
        raise Refused(400, "inputs must have at least one row")
    if given["datatype"].startswith("INT") and not all(cell.is_integer() or math.isnan(cell) for cell in flat):
        raise Refused(400, f"{where}: data must be whole numbers for the datatype {given['datatype']}")
    return np.array(flat).reshape(shape)
