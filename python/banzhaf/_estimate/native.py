# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Games that are compiled functions, which the core calls without the interpreter lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf import _core
from banzhaf._estimate import given
from banzhaf._support import arguments as check
from banzhaf._support import native

__all__ = ["NativeGame", "native_game"]


class NativeGame(native.Compiled):
    """A game that is a compiled function; `native_game` creates it."""

    kind = native.GAME
    core: _core.NativeGame

    def __call__(self, coalitions: ArrayLike) -> NDArray[np.float64]:
        """Return the worths of coalitions, as every game does."""
        rows = given.coalitions(coalitions)
        self.check_players(rows.shape[1])
        worths = self.core.worths(rows, num_threads=0)
        return worths if self.n_outputs > 1 else worths[:, 0]

    def check_players(self, n_players: int) -> None:
        """Refuse another number of players than the game is for."""
        if self.core.n_players not in (0, n_players):
            raise ValueError(f"n_players must be {self.core.n_players}, as game declares, got {n_players}")


def native_game(
    function: Any,
    *,
    n_outputs: int | None = None,
    n_players: int | None = None,
    data: Any = None,
    thread_safe: bool | None = None,
    errors: Mapping[int, str] | None = None,
    unchecked: bool = False,
) -> NativeGame:
    """Make a game from a compiled function: of C, C++, Cython, Rust or numba.

    The core calls the function on packed coalitions from several threads at the same time, without the interpreter
    lock. The function writes the worths into the core's own memory, so no array is made or copied.

    The function must have this signature, which the header ``banzhaf/native.h`` in `get_include` declares::

        int game(const uint64_t *coalitions, size_t n_coalitions, size_t n_players,
                 double *worths, size_t n_outputs, void *data)

    Each coalition is a row of ``(n_players + 63) / 64`` words, without gaps between rows. Player i is bit ``i % 64`` of
    word ``i / 64``. The function writes ``n_coalitions * n_outputs`` worths in row-major order, and returns 0.

    Parameters
    ----------
    function : ctypes function, numba cfunc, scipy.LowLevelCallable, PyCapsule or int
        The function. Its signature is checked if the object knows it. A function of a `ctypes.CDLL` without
        ``argtypes`` does not. The name of a PyCapsule may be a signature, as in Cython. It then holds the function.
        Or the name is ``"banzhaf_game"``, and it holds a pointer to a structure of that name. An int is an address,
        and needs `unchecked`.
    n_outputs : int, optional
        Number of outputs of the game, by default 1. A structure declares it itself.
    n_players : int, optional
        Number of players that the game is for. If given, the game is refused for any other number.
    data : ndarray, ctypes object, bytes-like object or PyCapsule, optional
        What the function gets a pointer to as its argument ``data``; NULL by default. An array must be C-contiguous.
        Several threads may read it at the same time.
    thread_safe : bool, optional
        Whether threads may call the function at the same time, by default True. If False, calls of this game wait for
        each other.
    errors : mapping of int to str, optional
        Texts for the error numbers that the function may return.
    unchecked : bool, default False
        Whether `function` and `data` may be addresses. A wrong address ends the process.

    Returns
    -------
    callable
        A game for `estimate`, `exact`, `monte_carlo` and `msr`. Like every game, it takes a boolean array of shape
        (m, n_players). It keeps `function` and `data` alive, and cannot be pickled.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the function has another signature.

    See Also
    --------
    native_model : Make a model from a compiled function.
    get_include : Find the header.
    per_coalition : Make a game from a Python function of one coalition.

    Notes
    -----
    If the function returns another number than 0, the run ends with a RuntimeError that names the number. A worth that
    the function does not write counts as NaN, which is refused as for every game. In both cases the exception's
    attribute ``evaluations`` holds what was evaluated before.

    The worth of a coalition must not depend on the other coalitions of the call. The values are then the same for any
    number of threads and any batch size. The argument `batch_size` of `estimate` limits the coalitions in one call.
    Without it, a call takes at most 256 KiB of coalitions, and about 0.2 ms.

    A Python function in `ctypes.CFUNCTYPE` works too, but gains nothing: ctypes takes the interpreter lock for each
    call. If such a function raises an exception, ctypes prints it, and the run ends with another one.

    Examples
    --------
    A Python function stands in for a compiled one:

    >>> import ctypes
    >>> import banzhaf
    >>> pointer, size = ctypes.POINTER, ctypes.c_size_t
    >>> @ctypes.CFUNCTYPE(
    ...     ctypes.c_int, pointer(ctypes.c_uint64), size, size, pointer(ctypes.c_double), size, ctypes.c_void_p
    ... )
    ... def majority(coalitions, n_coalitions, n_players, worths, n_outputs, data):
    ...     for row in range(n_coalitions):
    ...         worths[row] = 2 * coalitions[row].bit_count() > n_players
    ...     return 0
    >>> game = banzhaf.native_game(majority)
    >>> banzhaf.exact(game, 3).values
    array([0.5, 0.5, 0.5])
    """
    is_unchecked = check.flag("unchecked", unchecked)
    found = native.pointer_to(function, native.GAME, unchecked=is_unchecked)
    texts = native.texts_of(errors)
    owners: tuple[Any, ...]
    if found.is_description:
        declared = {"n_outputs": n_outputs, "n_players": n_players, "data": data, "thread_safe": thread_safe}
        native.refuse_declared(native.GAME, declared)
        core, owners = _core.NativeGame.described(found.address, texts), (found.owner,)
    else:
        address, owners = native.data_of(data, found, unchecked=is_unchecked)
        core = _core.NativeGame(
            function=found.address,
            data=address,
            n_players=0 if n_players is None else check.players(n_players),
            n_outputs=1 if n_outputs is None else check.integer("n_outputs", n_outputs, 1),
            thread_safe=thread_safe is None or check.flag("thread_safe", thread_safe),
            texts=texts,
        )
    return NativeGame(core, owners, function)
