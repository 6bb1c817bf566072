# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""ONNX Runtime: sessions that are models, with the conversions that their inputs and outputs need."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.adapters.protocol import ModelAdapter
from banzhaf._explain.background import Background
from banzhaf._explain.labels import is_of
from banzhaf._explain.rows import is_frame

__all__ = ["adapter"]

_TYPES: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(string)": object,
}
_NUMBERS = ("tensor(float)", "tensor(double)", "tensor(float16)")


def adapter(model: Any, background: Background) -> ModelAdapter | None:
    """Return the adapter of an ``onnxruntime.InferenceSession``, or None for any other model."""
    is_session = type(model).__name__ == "InferenceSession" or any(
        base.__name__ == "InferenceSession" for base in type(model).__mro__
    )
    return _Session(model, background) if is_session and is_of(model, "onnxruntime") else None


class _Session(ModelAdapter):
    """A session with one input of rows, or with one input for each column of a DataFrame."""

    def __init__(self, session: Any, background: Background) -> None:
        self._session = session
        inputs = session.get_inputs()
        self._types = {each.name: _input_type(each) for each in inputs}
        self._of_columns = len(inputs) > 1
        if self._of_columns:
            self._check_columns(inputs, background)
        else:
            _check_shape(inputs[0], background)
        types = list(self._types.items())
        # The name and dtype of a single input of floating numbers.
        self._single = types[0] if len(types) == 1 and np.dtype(types[0][1]).kind == "f" else None
        columns = _class_columns(session)
        chosen = columns[0] if columns else _output(session)
        self._output, self._is_zipmap = chosen.name, not chosen.type.startswith("tensor")
        self._asked = [each.name for each in columns] or [self._output]
        self._tensors: tuple[Any, ...] | None = None
        self._names: tuple[Any, ...] | None = tuple(name[1:] for name in self._asked) if columns else None
        kinds = sorted({np.dtype(kind).name for kind in self._types.values()} - {"object"})
        outputs = f"outputs {', '.join(map(repr, self._asked))}" if columns else f"output {self._output!r}"
        self.name = f"ONNX Runtime, {outputs}" + (f", rows as {' and '.join(kinds)}" if kinds else "")

    @property
    def output_names(self) -> tuple[str, ...] | None:  # type: ignore[override]
        """The labels of the classes: those of the dicts that ZipMap returns are known after the first call."""
        return None if self._names is None else tuple(str(name) for name in self._names)

    def _check_columns(self, inputs: list[Any], background: Background) -> None:
        names = [each.name for each in inputs]
        unknown = [name for name in names if name not in background.column_names]
        if background.kind not in ("pandas", "polars") or unknown:
            what = f"; it has no column {unknown[0]!r}" if background.kind in ("pandas", "polars") else ""
            raise TypeError(
                f"model has {len(names)} inputs ({', '.join(names)}), so background must be a pandas or polars "
                f"DataFrame with a column for each of them{what}: otherwise pass a function of rows that calls "
                "session.run"
            )
        extra = [name for name in background.column_names if name not in names]
        if extra:
            raise ValueError(f"background has columns that are not inputs of model: {extra}")
        for each in inputs:
            if len(each.shape) > 2 or (len(each.shape) == 2 and each.shape[1] not in (1, None, "")):
                raise TypeError(
                    f"input {each.name!r} of model has shape {each.shape}, which one column cannot fill: pass a "
                    "function of rows that calls session.run"
                )
            if len(each.shape) and isinstance(each.shape[0], int):
                raise _takes_some_rows(each)
        self._shapes = {each.name: (-1, 1)[: len(each.shape)] for each in inputs}

    def _feed(self, rows: Any) -> dict[str, NDArray[Any]]:
        if type(rows) is np.ndarray and rows.dtype.char in "fd" and self._single is not None:  # the usual case
            name, dtype = self._single
            return {name: np.ascontiguousarray(rows, dtype)}
        if self._of_columns:
            return {
                name: np.reshape(_cast(rows[name].to_numpy(), kind, f"column {name!r}"), self._shapes[name])
                for name, kind in self._types.items()
            }
        ((name, kind),) = self._types.items()
        cells = rows if isinstance(rows, np.ndarray) else _as_array(rows)
        return {name: _cast(cells, kind, "a column")}

    def predict(self, rows: Any) -> Any:
        """Run the session for the outputs that are explained."""
        if not self._is_zipmap:
            found = self._session.run(self._asked, self._feed(rows))
            return found[0] if len(found) == 1 else np.stack(found, axis=1)
        if self._tensors is None:
            return self._first_of_zipmap(rows)
        if not self._tensors:
            return self._of_dicts(rows)
        session, name, order = self._tensors
        return session.run([name], self._feed(rows))[0][:, order]

    def _of_dicts(self, rows: Any) -> NDArray[Any]:
        """Turn the dicts of ZipMap into columns."""
        (outputs,) = self._session.run(self._asked, self._feed(rows))
        names = tuple(outputs[0])
        if self._names is None:
            self._names = names
        if names != self._names or any(tuple(row) != names for row in outputs):
            raise ValueError(f"output {self._output!r} of model has other labels in some rows")
        cells = itertools.chain.from_iterable(map(dict.values, outputs))
        return np.fromiter(cells, np.float32, len(outputs) * len(names)).reshape(len(outputs), -1)

    def _first_of_zipmap(self, rows: Any) -> NDArray[Any]:
        """Compare the tensor behind ZipMap with its dicts. If they are equal, later calls take the tensor."""
        wanted = self._of_dicts(rows)
        names = list(self._names or ())
        chosen: tuple[Any, ...] = ()
        found = _before_zipmap(self._session, self._output)
        if found is not None and sorted(map(str, found[2])) == sorted(map(str, names)):
            session, name, labels = found
            order = [labels.index(label) for label in names]
            outputs = session.run([name], self._feed(rows))[0]
            if outputs.shape == wanted.shape and np.array_equal(outputs[:, order], wanted, equal_nan=True):
                chosen = session, name, slice(None) if order == sorted(order) else order
        self._tensors = chosen
        return wanted


def _before_zipmap(session: Any, output: str) -> tuple[Any, str, list[Any]] | None:
    """Make a session that returns the tensor from which ZipMap makes its dicts, with the labels of its columns.

    This needs the package onnx and the model's file or bytes. None if they are not there.
    """
    try:
        import onnx
        import onnxruntime

        content = getattr(session, "_model_bytes", None)
        model = onnx.load_from_string(content) if content else onnx.load(session._model_path)
        node = next(each for each in model.graph.node if output in each.output)
        attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        if node.op_type != "ZipMap":
            return None
        texts = [each.decode() for each in attributes.get("classlabels_strings", [])]
        labels = texts or [int(each) for each in attributes["classlabels_int64s"]]
        model.graph.node.remove(node)
        del model.graph.output[:]
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(node.input[0]))
        made = onnxruntime.InferenceSession(
            model.SerializeToString(),
            session.get_session_options(),
            providers=session.get_providers(),
            provider_options=list(session.get_provider_options().values()),
        )
    except Exception:  # the dicts are right, if slow
        return None
    return made, node.input[0], labels


def _input_type(each: Any) -> Any:
    if each.type not in _TYPES:
        raise TypeError(
            f"input {each.name!r} of model takes {each.type}, which is not a table: pass a function of rows that calls "
            "session.run"
        )
    return _TYPES[each.type]


def _check_shape(each: Any, background: Background) -> None:
    """Refuse an input that does not take any number of the background's rows."""
    if len(each.shape) != 2:
        raise TypeError(
            f"input {each.name!r} of model has shape {each.shape}, and rows have two dimensions: pass a function that "
            "reshapes the rows and calls session.run"
        )
    n_rows, n_columns = each.shape
    if isinstance(n_rows, int):
        raise _takes_some_rows(each)
    if isinstance(n_columns, int) and n_columns != background.n_columns:
        raise ValueError(f"model takes {n_columns} columns, but background has {background.n_columns}")


def _takes_some_rows(each: Any) -> TypeError:
    return TypeError(
        f"input {each.name!r} of model takes exactly {each.shape[0]} rows: export the model with a dynamic first axis, "
        "or pass a function that calls session.run on as many rows at a time"
    )


def _class_columns(session: Any) -> list[Any]:
    """List the outputs of a classifier with an output for each class, as ``zipmap="columns"`` of skl2onnx writes them.

    Their names are those of the classes, after an "i" for integers or an "s" for strings. An empty list for others.
    """
    label, *others = session.get_outputs()
    letter = {"tensor(int64)": "i", "tensor(string)": "s"}.get(label.type)
    are_columns = all(
        each.name[:1] == letter and len(each.shape) == 1 and each.type in ("tensor(float)", "tensor(double)")
        for each in others
    )
    return others if letter and len(others) > 1 and are_columns else []


def _output(session: Any) -> Any:
    """Choose the output to explain: probabilities if there are any, else the first numbers that are no label."""
    outputs = session.get_outputs()
    usable = [each for each in outputs if each.type in _NUMBERS or each.type.startswith("seq(map(")]
    usable = [each for each in usable if "label" not in each.name.lower() or "prob" in each.name.lower()]
    if not usable:
        found = ", ".join(f"{each.name} of type {each.type}" for each in outputs)
        raise TypeError(
            f"model predicts labels: its outputs are {found}. Export it with its probabilities, or pass a function of "
            "rows that calls session.run and returns numbers"
        )
    return next((each for each in usable if "prob" in each.name.lower()), usable[0])


def _as_array(rows: Any) -> NDArray[Any]:
    if is_frame(rows, "pandas") or is_frame(rows, "polars"):
        return rows.to_numpy()  # type: ignore[no-any-return]
    return rows.toarray() if hasattr(rows, "toarray") else np.asarray(rows)


def _cast(cells: NDArray[Any], kind: Any, what: str) -> NDArray[Any]:
    """Convert cells to the type of an input; refuse what would change by more than rounding."""
    if kind is object:
        if cells.dtype == object and all(isinstance(cell, str) for cell in cells.ravel()):
            return cells
        if cells.dtype.kind in "UT":
            return cells.astype(object)
        raise TypeError(f"model takes strings, but {what} of background or X holds other values")
    wanted = np.dtype(kind)
    if cells.dtype.kind not in "biuf":
        try:
            cells = cells.astype(np.float64)
        except (TypeError, ValueError):
            raise TypeError(
                f"model takes {wanted.name}, but {what} of background or X holds other values than numbers"
            ) from None
    with np.errstate(invalid="ignore", over="ignore"):
        converted = np.ascontiguousarray(cells, dtype=wanted)
    if wanted.kind != "f" or cells.dtype.kind in "iu":
        changed = cells[converted != cells]
        if changed.size:
            raise ValueError(f"model takes {wanted.name}, which cannot hold {changed[0]} of {what} of background or X")
    return converted
