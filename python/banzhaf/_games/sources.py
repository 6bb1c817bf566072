# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Pretraining sources as players: the worth of a coalition is the downstream score of a model pretrained on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._games.trained import TrainedGame
from banzhaf._support import arguments as check
from banzhaf._support.exact import check_exact, check_unmasked
from banzhaf._support.tensors import from_tensor

TrainAndScore = Callable[[dict[str, Any], int], ArrayLike]


class SourceValuation(TrainedGame):
    """Value pretraining sources by what they add to the downstream scores of a model.

    The players are sources of training data, such as corpora, catalogues or web sites. The worth of a coalition is what
    your function returns after pretraining on the union of its sources, and fine-tuning if there is any. It may return
    one score or several, such as minus the cross-entropy, BLEU and chrF. Isik et al. [1]_ show that such scores depend
    on how close a source is to the downstream task.

    Parameters
    ----------
    sources : mapping of str to object
        The sources by their names, in order. A source is whatever `train_and_score` understands: a list of examples, an
        array, a path. It must not be an iterator or an open file, which the first training would use up.
    train_and_score : callable
        ``train_and_score(sources, seed)`` pretrains a model on all of the given sources, and returns its score or an
        array of scores of shape (n_scores,), always of the same shape. `sources` is a dictionary of the coalition's
        names and sources, in their order. Lists, arrays and tables of pandas are copied for each call, so that the
        training may shuffle them. Other sources are shared by all trainings, so it must not change them. `seed` is an
        integer, on which all randomness of the training should depend.
    max_size : int or {"smallest"}, optional
        Most examples of each source. Larger sources are cut to a random sample, which is the same in all coalitions.
        ``"smallest"`` is the size of the smallest source, so that all get the same size. A source must then have a
        length and give examples by position, or by an array of positions if it is an array or a table. By default,
        sources are passed whole. A source is then also worth what its size adds.
    empty : float or array_like of shape (n_scores,), optional
        Worth of the coalition without sources. By default `train_and_score` is called with an empty dictionary. It
        should then skip the pretraining: the worth is what fine-tuning reaches alone.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default None
        Seed of the trainings and samples. A coalition and its complement share a seed, so that much of the noise of
        training cancels. None draws the seed once, so the game stays a function of the coalition. ``repeats=`` of
        `estimate` averages several seeds.
    map : callable, optional
        The ``map`` of a pool, which trains several models at a time; see `per_coalition`.

    Attributes
    ----------
    n_players : int
        Number of sources.
    player_names : tuple of str
        Names of the sources in order.
    sizes : tuple of int or None
        Number of examples of each source, after the cut. None for a source without a length, a text or a mapping.
    n_trainings : int
        Number of coalitions that were scored in this process, each once for each repeat.

    See Also
    --------
    DataValuation : Value training points, or groups of them, for an estimator with the method ``fit``.
    fit_scaling_law : Fit how a score depends on the size of a source.

    Notes
    -----
    Worths are kept in memory, so no coalition is trained twice in the same process. ``store=`` of `estimate` keeps them
    in a file, also across runs. ``executor=`` trains in other processes. The game is then pickled without the worths
    that it keeps, and `train_and_score` must be picklable.

    Exceptions of `train_and_score` reach the caller unchanged.

    References
    ----------
    .. [1] Isik, Ponomareva, Hazimeh, Paparas, Vassilvitskii, Koyejo, "Scaling Laws for Downstream Task Performance in
       Machine Translation", ICLR 2025.

    Examples
    --------
    The "model" of this example knows the words that it has seen. Its scores are the shares of the words of two tasks
    that it knows:

    >>> from banzhaf.games import SourceValuation
    >>> tasks = [["layer", "brush", "image"], ["key", "file", "image"]]
    >>> def train_and_score(sources, seed):
    ...     known = {word for words in sources.values() for word in words}
    ...     return [sum(word in known for word in task) / len(task) for task in tasks]
    >>> sources = {"drawing": ["layer", "image", "brush"], "photos": ["image", "file"], "mail": ["key", "file"]}
    >>> game = SourceValuation(sources, train_and_score, random_state=0)
    >>> game.estimate(8).values.round(2)
    array([[0.83, 0.17],
           [0.17, 0.33],
           [0.  , 0.5 ]])
    """

    def __init__(
        self,
        sources: Mapping[str, Any],
        train_and_score: TrainAndScore,
        *,
        max_size: int | str | None = None,
        empty: ArrayLike | None = None,
        random_state: check.Seed = None,
        map: Callable[..., Iterable[Any]] | None = None,
    ) -> None:
        if not isinstance(sources, Mapping):
            raise TypeError(f"sources must map names to sources, as a dictionary does, got {type(sources).__name__}")
        if not callable(train_and_score):
            raise TypeError(f"train_and_score must be callable, got {type(train_and_score).__name__}")
        self.n_players = check.players(len(sources))
        names = check.names("sources", list(sources), self.n_players, "sources")
        assert names is not None
        self.player_names: tuple[str, ...] = names
        for name, source in sources.items():
            if isinstance(source, Iterator):
                raise TypeError(
                    f"sources must serve many trainings, but {name!r} is an iterator ({type(source).__name__}), which "
                    "the first one would use up: pass a list"
                )
        TrainedGame.__init__(self, random_state, map)
        given = {name: _fresh(source) for name, source in sources.items()}
        self._sources = _cut(given, max_size, self._seed)
        self.sizes = tuple(_size(source) for source in self._sources.values())
        self._train_and_score = train_and_score
        self._empty = None if empty is None else _scores("empty", empty)

    def _evaluate(self, row: NDArray[np.bool_], repeat: int) -> NDArray[np.float64]:
        if self._empty is not None and not row.any():
            return self._empty
        # Copies, because a training that shuffles a source would change the order of the next one.
        chosen = {
            name: _fresh(source) for (name, source), there in zip(self._sources.items(), row, strict=True) if there
        }
        return _scores("train_and_score", self._train_and_score(chosen, self._seed_of(row, repeat)))

    def _described(self) -> str:
        return f"{self.n_players} sources"


def _fresh(source: Any) -> Any:
    """Copy a list, an array or a table of pandas. Arrays in files, and other objects, may be too large."""
    if type(source) is list or type(source) is np.ndarray or hasattr(source, "iloc"):
        return source.copy()
    return source


def _scores(name: str, given: Any) -> NDArray[np.float64]:
    """Copy one or several scores, so that later changes of the user's array do not reach them."""
    check_unmasked(given, f"{name} must {'be' if name == 'empty' else 'return'} scores, got")
    try:
        scores = np.asarray(from_tensor(given, f"{name} must return numbers, got"))
    except ValueError:  # rows of different lengths
        scores = np.empty(0)
    if scores.dtype.kind not in "biuf" or scores.ndim > 1 or scores.size == 0:
        does = "be" if name == "empty" else "return"
        raise TypeError(f"{name} must {does} a number or a one-dimensional array of numbers, got {given!r}")
    check_exact(given, scores, f"{name} must {'be' if name == 'empty' else 'return'} numbers that float64 holds, got")
    scores = np.array(scores, dtype=np.float64)
    if name == "empty" and not np.isfinite(scores).all():
        raise ValueError(f"empty must be finite, got {given!r}")
    return scores


def _size(source: Any) -> int | None:
    """Count the examples of a source, if it has a length that is their number."""
    if isinstance(source, str | bytes | Mapping):
        return None
    try:
        return int(source.shape[0]) if hasattr(source, "tocsr") else len(source)  # sparse matrices refuse len()
    except TypeError:
        return None


def _cut(sources: dict[str, Any], max_size: int | str | None, seed: int) -> dict[str, Any]:
    """Cut each source to a random sample of at most `max_size` examples, in their order."""
    if max_size is None:
        return sources
    sizes: dict[str, int] = {}
    for name, source in sources.items():
        size = _size(source)
        by_position = hasattr(source, "__getitem__") or hasattr(source, "tocsr")  # COO matrices have rows only as CSR
        if size is None or not by_position:
            raise TypeError(
                f"max_size needs sources with a length and examples by position, but {name!r} is a "
                f"{type(source).__name__}"
            )
        sizes[name] = size
    if isinstance(max_size, str):
        check.choice("max_size", max_size, ("smallest",))
        most = min(sizes.values())
        if most == 0:
            raise ValueError("max_size='smallest' would leave no examples, because a source is empty")
    else:
        most = check.integer("max_size", max_size, 1)
    return {
        name: source
        if sizes[name] <= most
        else _sample(source, np.sort(np.random.default_rng([seed, player]).permutation(sizes[name])[:most]))
        for player, (name, source) in enumerate(sources.items())
    }


def _sample(source: Any, positions: NDArray[np.int64]) -> Any:
    if hasattr(source, "iloc"):
        return source.iloc[positions]
    if hasattr(source, "tocsr"):
        return source.tocsr()[positions]
    if isinstance(source, np.ndarray) or type(source).__module__.partition(".")[0] in ("polars", "torch"):
        return source[positions]
    return [source[int(i)] for i in positions]
