# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Windows of time and channels of a series as players."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._games.masked import MaskedInput
from banzhaf._games.supervised import check_same_columns
from banzhaf._support import arguments as check
from banzhaf._support.exact import check_unmasked
from banzhaf._support.labelled import check_same_order
from banzhaf._support.tensors import from_tensor

_WINDOWS = 10


class TimeWindows(MaskedInput):
    """Explain a model's output for one time series by the values of its windows of time, its channels, or both.

    The worth of a coalition is the model's output for the series in which all other parts come from a background
    series, averaged over the background.

    Parameters
    ----------
    model : callable or object
        Takes series, an array of shape (m, n_times, n_channels) with the common dtype of `x` and `background`. Returns
        an array of shape (m,) or (m, n_outputs). An object is called by its ``predict_proba``, else its ``predict``.
    x : array_like of shape (n_times, n_channels)
        The series.
    background : array_like of shape (n_background, n_times, n_channels)
        Series that stand in for absent parts.
    windows : {"auto"}, int, sequence of int or None, default "auto"
        Number of windows of about equal length, or the first times of all windows but the first. ``"auto"`` makes 10
        windows, or one for each time if there are fewer. None makes no windows: a player is then a whole channel.
    by_channel : bool, default False
        Whether each channel of each window is a player of its own.
    output : int, optional
        The output that counts, such as a class. By default all outputs.
    batch_size : int, default 4096
        Largest number of series in one call of the model.
    channel_names : iterable of str, optional
        Names of the channels in order, all different. By default they are numbered.

    Attributes
    ----------
    n_players : int
        Number of windows, of channels, or of both multiplied. Channels of the same window follow each other.
    player_names : tuple of str
        Names that say the times and the channel of each player.

    Warns
    -----
    UserWarning
        If `x` has fewer than 10 times and more channels than times, and `windows` is left out. The shape of `x` then
        looks like (n_channels, n_times).

    See Also
    --------
    banzhaf.Explainer : Values of many rows of a table, with the uncertainty from the background.

    Examples
    --------
    A model that adds up the first five of twenty times:

    >>> import numpy as np
    >>> from banzhaf.games import TimeWindows
    >>> x, background = np.ones((20, 2)), np.zeros((1, 20, 2))
    >>> game = TimeWindows(lambda series: series[:, :5].sum(axis=(1, 2)), x, background, windows=4)
    >>> game.estimate(16)
    BanzhafValues: 4 players, 16 evaluations, design 'exhaustive'
      times 0 to 4    10
      times 5 to 9     0
      times 10 to 14   0
      times 15 to 19   0
    """

    def __init__(
        self,
        model: Any,
        x: ArrayLike,
        background: ArrayLike,
        *,
        windows: str | int | Iterable[int] | None = "auto",
        by_channel: bool = False,
        output: int | None = None,
        batch_size: int = 4096,
        channel_names: Iterable[str] | None = None,
    ) -> None:
        self._set_model(model, output, batch_size)
        for name, given in (("x", x), ("background", background)):
            check_unmasked(given, f"{name} must be numbers, got")
        _check_tables(x, background)
        self._x, self._background = (_array(name, given) for name, given in (("x", x), ("background", background)))
        if self._x.ndim != 2 or 0 in self._x.shape:
            raise ValueError(f"x must have shape (n_times, n_channels), got {self._x.shape}")
        if self._background.ndim != 3 or self._background.shape[1:] != self._x.shape or not len(self._background):
            raise ValueError(
                f"background must have shape (n_background, {self._x.shape[0]}, {self._x.shape[1]}), "
                f"got {self._background.shape}"
            )
        _check_common_dtype(self._x, self._background)
        n_times, n_channels = self._x.shape
        named = check.names("channel_names", channel_names, n_channels, "channels")
        channels = named or tuple(f"channel {c}" for c in range(n_channels))
        _warn_if_channels_come_first(windows, n_times, n_channels)
        starts = _starts(windows, n_times)
        window = np.searchsorted(starts, np.arange(n_times), side="right") - 1
        times = [
            f"times {start} to {end - 1}" if end - start > 1 else f"time {start}"
            for start, end in zip(starts, [*starts[1:], n_times], strict=True)
        ]
        if windows is None:
            self._player = np.broadcast_to(np.arange(n_channels), self._x.shape)
            names = list(channels)
        elif check.flag("by_channel", by_channel):
            self._player = window[:, None] * n_channels + np.arange(n_channels)
            names = [f"{when}, {channel}" for when in times for channel in channels]
        else:
            self._player = np.broadcast_to(window[:, None], self._x.shape)
            names = times
        self.n_players = check.players(len(names))
        self.player_names = check.names("channel_names", names, self.n_players, "players")

    def _worths(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        parts = [self._worths_of(row[None]) for row in rows]
        return np.concatenate(parts) if parts else np.empty(0)

    def _worths_of(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        series = self._masked(rows)
        size = self._batch_size
        outputs = [
            self._predict(series[start : start + size], len(series[start : start + size]))
            for start in range(0, len(series), size)
        ]
        return np.concatenate(outputs).mean(axis=0)[None]

    def _masked(self, rows: NDArray[np.bool_]) -> NDArray[Any]:
        return np.where(rows[0][self._player], self._x, self._background)

    def _described(self) -> str:
        return f"{self.n_players} players of {self._x.shape[0]} times and {self._x.shape[1]} channels"


def _array(name: str, given: Any) -> NDArray[Any]:
    try:
        return np.array(from_tensor(given, f"{name} must be numbers, got"))
    except ValueError:
        raise ValueError(
            f"{name} must be an array, but its series have different numbers of times or channels"
        ) from None


def _check_tables(x: Any, background: Any) -> None:
    """Refuse background tables whose columns or rows are in another order than those of x or of the first table."""
    if not isinstance(background, (list, tuple)):
        return
    tables = [series for series in background if hasattr(series, "columns")]
    for series in tables:
        first, of = (x, "x") if hasattr(x, "columns") else (tables[0], "the first one")
        check_same_columns("each series of background", series, of, first)
        check_same_order("each series of background", series, of, first)


def _check_common_dtype(x: NDArray[Any], background: NDArray[Any]) -> None:
    """Refuse series without a common dtype that holds all of their cells."""
    are_numbers = x.dtype.kind in "biufc" and background.dtype.kind in "biufc"
    if x.dtype.kind != background.dtype.kind and not are_numbers:
        raise TypeError(f"x and background must have a common dtype, got {x.dtype} and {background.dtype}")
    common = np.result_type(x, background)
    for name, cells in (("x", x), ("background", background)):
        if cells.dtype.kind in "iu" and common.kind == "f":
            with np.errstate(invalid="ignore"):
                changed = cells[cells.astype(common).astype(cells.dtype) != cells]
            if changed.size:
                raise ValueError(
                    f"{name} holds {changed[0]}, which {common}, the common dtype of x and background, cannot hold: "
                    "give both the same dtype"
                )


def _warn_if_channels_come_first(windows: Any, n_times: int, n_channels: int) -> None:
    if isinstance(windows, str) and n_times < min(_WINDOWS, n_channels):
        warnings.warn(
            f"x is read as {n_times} times of {n_channels} channels. If its channels come first, pass "
            "numpy.swapaxes(x, 0, 1), the same for each series of background, and let model swap them back. "
            "Otherwise set windows",
            UserWarning,
            stacklevel=3,
        )


def _starts(windows: Any, n_times: int) -> list[int]:
    """Return the first time of each window."""
    if windows is None:
        return [0]
    if isinstance(windows, str):
        check.choice("windows", windows, ("auto",))
        windows = min(_WINDOWS, n_times)
    if not isinstance(windows, Iterable):
        count = check.integer("windows", windows, 1, n_times)
        return [k * n_times // count for k in range(count)]
    starts = [0]
    for given in windows:
        start = check.integer("windows", given, 1, n_times - 1)
        if start <= starts[-1]:
            raise ValueError(f"windows must be ascending first times, got {start} after {starts[-1]}")
        starts.append(start)
    return starts
