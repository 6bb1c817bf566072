# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""PyTorch: modules that are models, called on tensors of their own dtype and device, with gradients on request."""

from __future__ import annotations

import copy
import itertools
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.adapters.protocol import ModelAdapter
from banzhaf._explain.background import Background
from banzhaf._explain.gradient_error import GradientError
from banzhaf._explain.rows import cells_of, is_frame
from banzhaf._support.remote_calls import owned
from banzhaf._support.tensors import from_tensor

__all__ = ["adapter"]

_CHECKED_ROWS = 64  # the first so many rows are evaluated again
_REPEATED = 0.1  # of what other products may change, the most that a call may change if it is repeated


def adapter(model: Any, background: Background) -> ModelAdapter | None:
    """Return the adapter of a ``torch.nn.Module``, or None for any other model."""
    torch = sys.modules.get("torch")  # the library of an existing module has been imported
    if torch is None or not isinstance(model, torch.nn.Module):
        return None
    return _Module(model)


class _Module(ModelAdapter):
    """A module in evaluation mode that takes one tensor of rows."""

    def __init__(self, module: Any) -> None:
        import torch

        _check_evaluates(module)
        self._module = module
        lookups = (torch.nn.Embedding, torch.nn.EmbeddingBag)
        self._takes_indices = any(isinstance(part, lookups) for part in module.modules())
        self._takes_tables: bool | None = None
        self._checked: frozenset[bool] = frozenset()  # whether calls on a single row, and on several
        self._path: list[str] = []  # to the first parameter of floating numbers

    @property
    def name(self) -> str:  # type: ignore[override]
        """How the module is called, with the dtype and device of its tensors."""
        if self._takes_tables:
            return f"{type(self._module).__name__}, which takes rows as they are"
        dtype, device = self._dtype_and_device()
        kinds = str(dtype).removeprefix("torch.") if dtype is not None else "their own dtype"
        indices = ", integers as int64" if self._takes_indices else ""
        return f"PyTorch in inference mode, rows as {kinds}{indices} on {device}"

    @property
    def takes_indices(self) -> bool:
        """Whether the module looks integers up."""
        return self._takes_indices

    def _dtype_and_device(self) -> tuple[Any, Any]:
        """Return the module's floating dtype, None if it has none, and its device."""
        import torch

        known = self._parameter_at_path()
        if known is not None and known.is_floating_point():
            return known.dtype, known.device
        first = None
        for path, each in itertools.chain(self._module.named_parameters(), self._module.named_buffers()):
            first = each if first is None else first
            if each.is_floating_point():
                self._path = path.split(".")
                return each.dtype, each.device
        return None, torch.device("cpu") if first is None else first.device

    def _parameter_at_path(self) -> Any:
        """Return the parameter that was the first one in an earlier call, without a walk through all of them."""
        part, parameter = self._module, None
        try:
            for name in self._path[:-1]:
                part = vars(part)["_modules"][name]
            for name in self._path[-1:]:
                parameter = vars(part)["_parameters"][name]
        except (KeyError, TypeError):  # another part stands in its place, or it is a buffer
            return None
        return parameter

    def predict(self, rows: Any) -> Any:
        """Call the module on a tensor of the rows, and return its output as an array."""
        import torch

        _check_evaluates(self._module)
        if self._takes_tables is None:
            self._takes_tables = _takes(self._module, rows)
        if self._takes_tables:
            return self._module(rows)
        tensor = self._tensor(rows)
        with torch.inference_mode():
            if (len(rows) == 1) in self._checked:
                return _array(_checked_outputs(self._module(tensor)))
            few = tensor[:_CHECKED_ROWS].clone()  # the module may change its rows
            outputs = owned(_array(_checked_outputs(self._module(tensor))))
            self._check_outputs(outputs, few)
        self._checked |= {len(rows) == 1}
        return outputs

    def _check_outputs(self, outputs: NDArray[Any], few: Any) -> None:
        """Refuse a module whose output for a row is another one if the row is passed alone, or a second time."""
        if outputs.dtype.kind != "f" or outputs.ndim not in (1, 2) or len(outputs) < len(few):
            return
        table = outputs.reshape(len(outputs), -1).astype(np.float64)
        with np.errstate(all="ignore"):
            spread = np.ptp(table, axis=0)
            # Products of other sizes are rounded in another way, in low precision by a hundredth.
            allowed = 0.1 * spread + 0.02 * np.abs(table).max(axis=0)
            distance = np.abs(table - table.mean(axis=0)).max(axis=1)[: len(few)]
        at, backwards = int(distance.argmax()), list(range(len(few)))[::-1]
        alone = self._again(few, [at])
        if alone is None:  # statistics of a batch need two rows
            alone = self._again(few, [at, at])
        # All rows again, because a random number may happen to be the same for one of them. The same rows in the same
        # order are rounded in the same way, so that little randomness shows.
        reverse = self._again(few, backwards)
        for places, before, again, most in (
            ([at], table[[at]], alone, allowed),
            (backwards, table[backwards], reverse, allowed),
            (backwards, reverse, self._again(few, backwards), _REPEATED * allowed),
        ):
            if before is None or again is None:
                continue
            with np.errstate(all="ignore"):
                differs = np.argwhere(np.abs(again[: len(places)] - before) > most)
            if len(differs):
                r, k = differs[0]
                raise ValueError(
                    f"model must have one output for a row, but gave {before[r, k]:g} for row {places[r]} and then "
                    f"{again[r, k]:g}: its output depends on the other rows of the call (statistics of a batch), on "
                    "random numbers (dropout that is always on), or on earlier calls. If it is random, pass a function "
                    "of rows and noisy=True"
                )

    def _again(self, rows: Any, places: list[int]) -> NDArray[np.float64] | None:
        """Evaluate some rows again, or return None if the module does not take so many."""
        try:
            again = _array(self._module(rows[places]))
            return np.array(again, dtype=np.float64).reshape(len(places), -1)
        except Exception:
            return None

    def value_and_gradient(self, rows: Any) -> tuple[Any, Any]:
        """Return the module's outputs for rows, and their gradients with respect to the rows, as arrays."""
        import torch

        _check_evaluates(self._module)
        if self._takes_tables is None:
            self._takes_tables = _takes(self._module, rows)
        if self._takes_tables:
            raise GradientError(
                "model is a torch module that takes rows as they are, not tensors, so its gradients are unknown: give "
                "it a method value_and_gradient(rows), or pass gradients=False"
            )
        with torch.inference_mode(False), torch.enable_grad():
            tensor = self._tensor(rows).detach()
            if not tensor.is_floating_point():
                raise GradientError("model takes integers, which have no gradients: pass gradients=False")
            tensor.requires_grad_()
            outputs = _checked_outputs(self._outputs(tensor))
            if outputs.ndim not in (1, 2):
                raise ValueError(
                    f"model must return outputs of shape (m,) or (m, n_outputs), got {tuple(outputs.shape)}"
                )
            columns = [outputs] if outputs.ndim == 1 else list(outputs.unbind(1))
            gradients = [
                _gradient(column, tensor, keep=place + 1 < len(columns)) for place, column in enumerate(columns)
            ]
        found = gradients[0] if outputs.ndim == 1 else torch.stack(gradients, dim=1)
        return _array(outputs.detach()), _array(found)

    def _outputs(self, tensor: Any) -> Any:
        """Call the module on rows that require gradients."""
        try:
            return self._module(tensor.clone())  # a module may change its rows, but not a leaf of the graph
        except RuntimeError as error:
            if any(parameter.is_inference() for parameter in self._module.parameters()):
                raise GradientError(
                    "model was made under torch.inference_mode, so it has no gradients: make it outside, or pass "
                    "gradients=False"
                ) from error
            raise

    def _tensor(self, rows: Any) -> Any:
        """Turn rows into a tensor of the module's dtype on its device."""
        import torch

        dtype, device = self._dtype_and_device()
        cells = rows if type(rows) is np.ndarray and rows.dtype.char in "fd" else _numbers(rows)
        if self._takes_indices and cells.dtype.kind in "iu":
            cells, dtype = cells.astype(np.int64, copy=False), None
        elif self._takes_indices and dtype is not None:
            _check_indices(cells, dtype)
        tensor = torch.from_numpy(_own(_near(cells, dtype)))
        if dtype not in (None, tensor.dtype) or device.type != "cpu":
            tensor = tensor.to(device=device, dtype=dtype)
        return tensor


def _checked_outputs(outputs: Any) -> Any:
    """Refuse outputs that are no tensor."""
    import torch

    if not isinstance(outputs, torch.Tensor):
        raise TypeError(
            f"model returns a {type(outputs).__name__} instead of a tensor: pass a function of rows that "
            "returns the part to explain, as an array"
        )
    return outputs


def _array(tensor: Any) -> Any:
    """Turn a tensor into an array on the CPU."""
    import torch

    return from_tensor(tensor.float() if tensor.dtype is torch.float16 else tensor, "model returns")


def _gradient(column: Any, tensor: Any, keep: bool) -> Any:
    """Return the gradient of one output of each row."""
    import torch

    found = None
    if column.requires_grad:
        (found,) = torch.autograd.grad(column.sum(), tensor, retain_graph=keep, allow_unused=True)
    if found is None:
        raise GradientError(
            "model's outputs have no gradients with respect to its inputs: it may run under no_grad, detach its "
            "outputs, round its inputs, or take an argmax. Return outputs that depend smoothly on the inputs, such as "
            "logits, or pass gradients=False"
        )
    return found


def _takes(module: Any, rows: Any) -> bool:
    """Tell whether a module was written for tables, and not for tensors, so that it is called as it is."""
    try:
        outputs = np.asarray(module(copy.copy(rows[:1])))  # which the module may change
    except Exception:
        return False
    return outputs.dtype.kind in "biuf" and outputs.ndim in (1, 2) and len(outputs) == 1


def _trains(module: Any) -> bool:
    """Tell whether a part is in training mode. Unlike `modules`, this does not look for parts that occur twice."""
    parts = vars(module).get("_modules")
    if not isinstance(parts, dict):  # compiled by TorchScript
        return any(part.training for part in module.modules())
    if module.training:
        return True
    for part in parts.values():  # noqa: SIM110 (a generator takes twice as long)
        if part is not None and _trains(part):
            return True
    return False


def _check_evaluates(module: Any) -> None:
    is_exported = "eval" in vars(module)  # torch.export fixes what each part does, and its eval raises
    if not is_exported and _trains(module):
        part = next(name or type(module).__name__ for name, part in module.named_modules() if part.training)
        raise ValueError(
            f"model must be in evaluation mode, but its part {part!r} is in training mode, where dropout and batch "
            "normalisation change the outputs: call model.eval(). If you want random outputs, pass a function of rows "
            "and noisy=True"
        )


def _numbers(rows: Any) -> NDArray[Any]:
    """Turn rows into an array of numbers."""
    cells = cells_of(rows)
    if cells.dtype == object and is_frame(rows, "pandas"):
        cells = rows.astype(np.float64).to_numpy() if all(kind.kind in "biuf" for kind in rows.dtypes) else cells
    if cells.dtype.kind not in "biuf":
        raise TypeError(
            f"model is a torch module, which takes numbers, but background has dtype {cells.dtype}: pass a function "
            "of rows that makes tensors of them"
        )
    return cells  # type: ignore[no-any-return]


def _near(cells: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """Convert to the NumPy dtype of a torch dtype if there is one; torch converts to the others."""
    import torch

    if dtype is None:
        return cells
    wanted: type[Any] = np.float64 if cells.dtype.kind == "f" else np.int64
    if dtype in (torch.float32, torch.float64):
        wanted = np.float32 if dtype is torch.float32 else np.float64
    return cells.astype(wanted, copy=False)


def _own(cells: NDArray[Any]) -> NDArray[Any]:
    """Copy rows that torch may not share: read-only ones, and those with strides or bytes that it does not know."""
    return cells if cells.flags.writeable and cells.flags.c_contiguous and cells.dtype.isnative else cells.copy()


def _check_indices(cells: NDArray[Any], dtype: Any) -> None:
    """Refuse indices that a floating dtype would round to their neighbours."""
    import torch

    most = 2 / torch.finfo(dtype).eps
    if cells.size and np.nanmax(np.abs(cells)) > most:
        raise ValueError(
            f"rows hold numbers beyond {most:.0f}, which {str(dtype).removeprefix('torch.')} rounds, and model looks "
            "integers up in an embedding: pass rows of integers, or a function of rows"
        )
