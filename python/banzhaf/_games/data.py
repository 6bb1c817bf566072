# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Training data as players: the worth of a coalition is the score of a model that is trained on it."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._explain.labels import is_of
from banzhaf._games import supervised
from banzhaf._games.curves import Curve, order_of
from banzhaf._games.every_class import EveryClass, Renumbered
from banzhaf._games.game import rows_of
from banzhaf._games.own_score import is_plain, own_score, scorer_behind, scorer_of_constants
from banzhaf._games.trained import TrainedGame
from banzhaf._support import arguments as check
from banzhaf._support.exact import check_unmasked
from banzhaf._support.labelled import check_same_order

_KINDS = ("classification", "regression")


class DataValuation(TrainedGame):
    """Value training data by what it adds to the score of a model.

    The players are training points, or groups of them such as sources, batches or annotators. The worth of a coalition
    is the score, on data held out, of a copy of the estimator that is trained on the coalition's points. Wang and Jia
    [1]_ found Banzhaf values to be the most robust ones against the noise of training.

    Parameters
    ----------
    estimator : object
        An estimator with the methods ``fit`` and ``score`` of scikit-learn, or ``fit`` and those that `scoring` calls.
        It is copied before each training, and never changed.
    X : array_like, sparse matrix or DataFrame of shape (n_points, ...)
        Training points.
    y : array_like of shape (n_points,) or (n_points, n_targets)
        Their labels or targets. Several labels of a point count as one.
    X_test : array_like or DataFrame
        Points on which models are scored.
    y_test : array_like
        Their labels or targets.
    groups : array_like of shape (n_points,), optional
        The group of each training point. Groups are then the players, in the order in which they first appear. By
        default each point is a player.
    scoring : str or callable, optional
        A scorer: a name that ``sklearn.metrics.get_scorer`` knows, or ``scoring(model, X_test, y_test)``. By default
        the estimator's own method ``score``. Constant models are scored in the same measure; if that of an own method
        cannot be told, `scoring` must be set. If a coalition lacks a label, the scorer's model predicts probability 0
        for it.
    kind : {"classification", "regression"}, optional
        Whether `y` holds labels or targets. By default, scikit-learn tells it from the estimator.
    min_points : int, default 1
        Coalitions with fewer points train no model. They are worth as much as a constant model, which predicts the
        shares of the labels in the coalition, or the mean of its targets.
    empty : float or {"constant"}, default "constant"
        Worth of a coalition without points. ``"constant"`` is the mean score of the models that always predict the
        same label, over all labels in `y`. In regression, it is the score of the model that predicts the mean of `y`.
    one_class : float or {"constant", "fit"}, default "constant"
        Worth of a coalition whose points all have the same label. ``"constant"`` is the score of the model that always
        predicts this label. ``"fit"`` trains the estimator, which must then accept a single label.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default None
        Seed of the trainings. Each parameter of the estimator that is called ``random_state`` gets a seed that depends
        on the coalition, and so does a splitter without one, such as ``cv=KFold(shuffle=True)``. A coalition and its
        complement share the seed, so that much of the noise cancels. None draws the seed once, so the game stays a
        function of the coalition. ``repeats=`` of `estimate` averages several seeds.
    map : callable, optional
        The ``map`` of a pool, which trains several models at a time; see `per_coalition`.
    player_names : iterable of str, optional
        Names of the players in order, all different. By default the names of the groups.

    Attributes
    ----------
    n_players : int
        Number of players.
    player_names : tuple of str or None
        Names of the players in order.
    n_trainings : int
        Number of coalitions that were scored in this process, each once for each repeat.

    See Also
    --------
    KNNValuation : Exact values for nearest neighbours, without trainings.

    Notes
    -----
    Worths are kept in memory, so no coalition is trained twice in the same process. ``store=`` of `estimate` keeps them
    in a file, and ``executor=`` trains in other processes. The game is then pickled, without the worths that it keeps.

    References
    ----------
    .. [1] Wang, Jia, "Data Banzhaf: A Robust Data Valuation Framework for Machine Learning", AISTATS 2023.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from banzhaf.games import DataValuation
    >>> X, y = load_iris(return_X_y=True)
    >>> sources = ["clinic A", "clinic B", "clinic C"] * 25
    >>> game = DataValuation(GaussianNB(), X[::2], y[::2], X[1::2], y[1::2], groups=sources, random_state=0)
    >>> values = game.estimate(8)
    >>> values.values.round(2)
    array([0.15, 0.15, 0.16])
    """

    def __init__(
        self,
        estimator: Any,
        X: Any,
        y: Any,
        X_test: Any,
        y_test: Any,
        *,
        groups: ArrayLike | None = None,
        scoring: str | Callable[[Any, Any, Any], float] | None = None,
        kind: str | None = None,
        min_points: int = 1,
        empty: float | str = "constant",
        one_class: float | str = "constant",
        random_state: check.Seed = None,
        map: Callable[..., Iterable[Any]] | None = None,
        player_names: Iterable[str] | None = None,
    ) -> None:
        if not callable(getattr(estimator, "fit", None)) or isinstance(estimator, type):
            raise TypeError(f"estimator must be an object with the method fit, got {estimator!r}")
        n_points, n_test = supervised.n_rows(X), supervised.n_rows(X_test)
        self._kind = _kind_of(estimator) if kind is None else check.choice("kind", kind, _KINDS)
        checked = supervised.labels if self._kind == "classification" else supervised.targets
        self._y, self._y_test = checked("y", y, n_points), checked("y_test", y_test, n_test)
        for name, table, targets in (("", X, y), ("_test", X_test, y_test)):
            supervised.check_table(f"X{name}", table)
            check_same_order(f"y{name}", targets, f"X{name}", table)
        supervised.check_same_columns("X_test", X_test, "X", X)
        self._X, self._X_test = _kept(X), _kept(X_test)
        self._estimator = copy.deepcopy(estimator)
        self._score = _scorer(estimator, scoring)
        self._labels = supervised.different("y", self._y) if self._kind == "classification" else None
        if self._labels is not None:
            supervised.check_known(self._y, self._y_test)
        self._min_points = check.integer("min_points", min_points, 1)
        self._empty = _worth("empty", empty, ("constant",))
        self._one_class = _worth("one_class", one_class, ("constant", "fit"))
        self._score_constant = self._scorer_of_constants(estimator, scoring)
        numbers_labels = self._labels is not None and self._labels.ndim == 1 and _needs_numbered_labels(estimator)
        self._renumbers = numbers_labels and (self._score is not own_score or is_plain(estimator))
        TrainedGame.__init__(self, random_state, map)
        labels = np.arange(n_points) if groups is None else supervised.group_of_each(groups, n_points)
        check_same_order("groups", groups, "X", X)
        players: dict[Any, int] = {}  # in the order in which they appear
        self._player_of = np.array([players.setdefault(label, len(players)) for label in labels.tolist()])
        self.n_players = check.players(len(players))
        given = player_names
        if given is None and groups is not None:
            given = [str(labels[at]) for at in np.sort(np.unique(self._player_of, return_index=True)[1])]
        self.player_names = check.names("player_names", given, self.n_players, "players")

    def __call__(
        self, coalitions: NDArray[np.bool_], repeat: NDArray[np.integer[Any]] | None = None
    ) -> NDArray[np.float64]:
        """Train and score a model for each coalition.

        Parameters
        ----------
        coalitions : ndarray of bool, shape (m, n_players)
            True for each player whose points are used.
        repeat : ndarray of int, shape (m,), optional
            Number of the repeat of each coalition, which gives it another seed; ``repeats=`` of `estimate` passes it.

        Returns
        -------
        ndarray of float64, shape (m,)
            The scores.

        Raises
        ------
        TypeError, ValueError
            If the coalitions have the wrong shape or dtype. Exceptions of the estimator reach the caller unchanged.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.linear_model import Ridge
        >>> from banzhaf.games import DataValuation
        >>> x = np.arange(6.0)[:, None]
        >>> game = DataValuation(Ridge(1e-9), x, x[:, 0], x, x[:, 0], empty=0.0)
        >>> game(np.array([[False] * 6, [True] * 6])).round(6)
        array([0., 1.])
        """
        return TrainedGame.__call__(self, coalitions, repeat)

    def train(self, coalition: ArrayLike) -> Any:
        """Train a copy of the estimator on the points of a coalition.

        Parameters
        ----------
        coalition : array_like of bool, shape (n_players,)
            True for each player whose points are used.

        Returns
        -------
        object
            The trained copy. If the labels of a coalition are not 0, 1, ..., k - 1, XGBoost is trained on their
            numbers, and what is returned predicts the labels.

        Raises
        ------
        TypeError, ValueError
            If the coalition has the wrong shape or dtype. Exceptions of the estimator reach the caller unchanged.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.linear_model import LinearRegression
        >>> from banzhaf.games import DataValuation
        >>> x = np.arange(6.0)[:, None]
        >>> game = DataValuation(LinearRegression(), x, 2.0 * x[:, 0], x, x[:, 0])
        >>> game.train([True] * 6).coef_.round(6)
        array([2.])
        """
        row = rows_of(np.asarray(coalition)[None], self.n_players)[0]
        return self._train(row, np.flatnonzero(row[self._player_of]))

    def curve(
        self,
        values: Any,
        *,
        how: str = "drop",
        first: str = "highest",
        sizes: Iterable[int] | None = None,
        X: Any = None,
        y: Any = None,
        random_state: check.Seed = 0,
    ) -> Curve:
        """Score models while players are dropped or added in the order of their values.

        If players of high value matter, the score falls fast when they are dropped first. If those of low value do
        harm, it rises when they are dropped first. Adding the highest first selects sources.

        Parameters
        ----------
        values : BanzhafValues or array_like of shape (n_players,)
            Values of the players.
        how : {"drop", "add"}, default "drop"
            Whether to begin with all players and drop some, or to begin with none and add some.
        first : {"highest", "lowest", "random"}, default "highest"
            Which players are dropped or added first.
        sizes : iterable of int, optional
            Numbers of players to drop or add. By default, about 20 from 0 to half of the players, or to all of them if
            they are added.
        X, y : array_like, optional
            Points on which the models are scored, and their labels. By default those of the game. Other points show
            what the values say about data that they have not seen.
        random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default 0
            Seed of the random order.

        Returns
        -------
        Curve
            The sizes and scores, with the method `plot`.

        Raises
        ------
        TypeError, ValueError
            If an argument is wrong. Exceptions of the estimator reach the caller unchanged.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.linear_model import Ridge
        >>> from banzhaf.games import DataValuation
        >>> x = np.arange(8.0)[:, None]
        >>> y = np.where(np.arange(8) == 7, -9.0, x[:, 0])  # the last target is wrong
        >>> game = DataValuation(Ridge(), x, y, x, x[:, 0])
        >>> curve = game.curve(game.estimate(256), first="lowest", sizes=[0, 1])
        >>> bool(curve.scores[1] > curve.scores[0])
        True
        """
        check.choice("how", how, ("drop", "add"))
        order = order_of(values, self.n_players, self.player_names, first, check.seed(random_state))
        most = self.n_players if how == "add" else max(1, self.n_players // 2)
        steps = np.unique(np.linspace(0, most, 21).round().astype(int)) if sizes is None else sizes
        numbers = [check.integer("sizes", size, 0, self.n_players) for size in steps]
        if (X is None) != (y is None):
            raise ValueError("X and y must be passed together")
        held_out = None if X is None else self._held_out(X, y)
        scores = []
        for number in numbers:
            row = np.full(self.n_players, how == "drop")
            row[order[:number]] = how == "add"
            scores.append(self._worth_of(row) if held_out is None else self._scored(row, *held_out))
        return Curve(sizes=np.array(numbers), scores=np.array(scores), how=how, first=first, n_players=self.n_players)

    def _held_out(self, X: Any, y: Any) -> tuple[Any, NDArray[Any]]:
        """Check points and labels in the way of those of the game."""
        checked = supervised.targets if self._labels is None else supervised.labels
        supervised.check_table("X", X)
        found = checked("y", y, supervised.n_rows(X))
        check_same_order("y", y, "X", X)
        supervised.check_same_columns("X", X, "X of the game", self._X)
        if self._labels is not None:
            supervised.check_known(self._y, found)
        return _kept(X), found

    def _evaluate(self, row: NDArray[np.bool_], repeat: int = 0) -> float:
        return self._scored(row, self._X_test, self._y_test, repeat)

    def _scored(self, row: NDArray[np.bool_], X: Any, y: NDArray[Any], repeat: int = 0) -> float:
        points = np.flatnonzero(row[self._player_of])
        if points.size == 0:
            if isinstance(self._empty, float):
                return self._empty
            models = [_Constant(self._labels, self._y[:0], label) for label in self._labels_or_none()]
            return float(np.mean([self._score_of_constant(model, X, y) for model in models]))
        targets = self._y[points]
        one = self._labels is not None and bool((targets == targets[0]).all())
        if one and isinstance(self._one_class, float):
            return self._one_class
        if len(points) < self._min_points or (one and self._one_class is None):
            return self._score_of_constant(_Constant(self._labels, targets), X, y)
        model = self._train(row, points, repeat)
        if self._labels is not None and self._labels.ndim == 1 and EveryClass.is_needed(model, self._labels):
            model = EveryClass(model, self._labels)
        return _number(self._score(model, _kept(X), y.copy()))  # a model may change what it gets

    def _score_of_constant(self, model: _Constant, X: Any, y: NDArray[Any]) -> float:
        return _number(self._score_constant(model, _kept(X), y.copy()))  # a scorer may change what it gets

    def _labels_or_none(self) -> list[Any]:
        return [self._y.mean(axis=0)] if self._labels is None else list(self._labels)

    def _scorer_of_constants(self, estimator: Any, scoring: Any) -> Callable[[Any, Any, Any], float]:
        """Return what scores models that always predict the same, in the measure of trained models."""
        if self._score is not own_score:
            return self._score
        constant = _Constant(self._labels, self._y)
        found = scorer_of_constants(estimator, constant, _kept(self._X_test), self._y_test.copy())
        is_used = self._empty is None or self._min_points > 1 or (self._labels is not None and self._one_class is None)
        if found is None and is_used:
            raise ValueError(
                f"scoring must be set, because the method score of {type(estimator).__name__} cannot score a model "
                "that always predicts the same. Otherwise pass numbers for empty and one_class, without min_points"
            )
        return found or own_score

    def _train(self, row: NDArray[np.bool_], points: NDArray[np.intp], repeat: int = 0) -> Any:
        model = _copy(self._estimator)
        _set_seeds(model, self._seed_of(row, repeat))
        rows, targets = _rows(self._X, points), self._y[points]
        if self._renumbers and self._labels is not None and np.array_equal(self._labels, np.arange(len(self._labels))):
            known, numbers = np.unique(targets, return_inverse=True)
            if known[-1] >= len(known):
                return Renumbered(model.fit(rows, numbers), known)
        model.fit(rows, targets)
        return model

    def _described(self) -> str:
        players = "points" if self.n_players == len(self._y) else f"groups of {len(self._y)} points"
        return f"{type(self._estimator).__name__}, {self.n_players} {players}"


class _Constant:
    """A model that predicts the same for every row: the shares of some labels, or the mean of some targets."""

    def __init__(self, labels: NDArray[Any] | None, targets: NDArray[Any], prediction: Any = None) -> None:
        self._prediction = prediction
        if labels is None:
            self._estimator_type = "regressor"
            self._prediction = targets.mean(axis=0) if prediction is None else prediction
            return
        self._estimator_type = "classifier"
        # Several labels of each point count as one.
        rows, chosen = labels.reshape(len(labels), -1), targets if prediction is None else np.asarray(prediction)[None]
        same = (chosen.reshape(len(chosen), 1, -1) == rows).all(axis=2)
        self._shares = np.asarray(same.mean(axis=0), dtype=np.float64)
        self._prediction = labels[int(np.argmax(self._shares))]
        self.classes_: Any = labels if labels.ndim == 1 else [np.unique(column) for column in labels.T]
        self._labels = labels

    def fit(self, X: Any, y: Any) -> _Constant:
        """Do nothing; scorers ask whether a model can be fitted."""
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the most frequent label, or the mean target."""
        return np.repeat(np.asarray(self._prediction)[None], supervised.n_rows(X), axis=0)

    def predict_proba(self, X: Any) -> Any:
        """Predict the shares of the labels, in one table for each of several labels."""
        count = supervised.n_rows(X)
        if self._labels.ndim == 1:
            return np.repeat(self._shares[None], count, axis=0)
        shares = [
            (column[:, None] == known).T @ self._shares
            for column, known in zip(self._labels.T, self.classes_, strict=True)
        ]
        return [np.repeat(each[None], count, axis=0) for each in shares]

    def score(self, X: Any, y: NDArray[Any]) -> float:
        """Return the accuracy, or the coefficient of determination."""
        predicted = self.predict(X)
        if self._estimator_type == "classifier":
            same = predicted == y
            return float(np.mean(same if same.ndim == 1 else same.all(axis=1)))
        total = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
        missed = ((y - predicted) ** 2).sum(axis=0)
        return float(np.mean(np.where(total > 0, 1 - missed / np.where(total > 0, total, 1), (missed == 0) * 1.0)))

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, RegressorTags, Tags, TargetTags

        classifies = self._estimator_type == "classifier"
        return Tags(
            estimator_type=self._estimator_type,
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags() if classifies else None,
            regressor_tags=None if classifies else RegressorTags(),
        )


def _scorer(estimator: Any, scoring: Any) -> Callable[[Any, Any, Any], float]:
    if scoring is None:
        if not callable(getattr(estimator, "score", None)):
            raise TypeError(f"scoring must be set, because {type(estimator).__name__} has no method score")
        return scorer_behind(estimator) or own_score
    if isinstance(scoring, str):
        from sklearn.metrics import get_scorer

        found: Callable[[Any, Any, Any], float] = get_scorer(scoring)
        return found
    if not callable(scoring):
        raise TypeError(f"scoring must be a name or a callable, got {type(scoring).__name__}")
    chosen: Callable[[Any, Any, Any], float] = scoring
    return chosen


def _number(score: Any) -> float:
    """Check what a scorer returns."""
    check_unmasked(score, "scoring must return a number, got")
    try:
        found = supervised.exact_floats("what scoring returns", score)
    except (TypeError, OverflowError):
        found = None
    if found is None or score is None:
        raise TypeError(f"scoring must return a number, got {score!r}")
    if found.size != 1:
        raise ValueError(f"scoring must return one number, got an array of shape {found.shape}: take their mean")
    return float(found.reshape(()))


def _kind_of(estimator: Any) -> str:
    """Ask scikit-learn whether an estimator classifies."""
    try:
        from sklearn.base import is_classifier, is_regressor

        # Without either, scikit-learn 1.6 and 1.7 warn.
        says = hasattr(estimator, "__sklearn_tags__") or hasattr(estimator, "_estimator_type")
        if says and is_classifier(estimator):
            return "classification"
        if says and is_regressor(estimator):
            return "regression"
    except (ImportError, AttributeError, TypeError):
        pass
    raise ValueError(
        "kind must be 'classification' or 'regression', because scikit-learn cannot tell it from a "
        f"{type(estimator).__name__}"
    )


def _worth(name: str, given: Any, words: tuple[str, ...]) -> float | str | None:
    """Check a worth for a special coalition; None is the constant model's."""
    if isinstance(given, str):
        word = check.choice(name, given, words)
        return None if word == "constant" else word
    number = check.real(name, given)
    if not np.isfinite(number):
        raise ValueError(f"{name} must be finite, got {given!r}")
    return number


def _kept(X: Any) -> Any:
    """Keep a table as it is and copy anything else into an array, so that later changes do not reach the game."""
    if hasattr(X, "tocsr"):
        return X.tocsr(copy=True)  # other formats may lack rows by position
    if hasattr(X, "iloc"):
        return X.copy()
    if hasattr(X, "get_columns"):  # polars
        return X.clone()
    try:
        return np.array(X)
    except ValueError:  # such as lists of words
        rows = np.empty(len(X), dtype=object)
        rows[:] = X
        return rows


def _rows(X: Any, points: NDArray[np.intp]) -> Any:
    return X.iloc[points] if hasattr(X, "iloc") else X[points]


def _copy(estimator: Any) -> Any:
    if hasattr(estimator, "get_params"):
        from sklearn.base import clone

        with contextlib.suppress(RuntimeError):  # of constructors that change what they get, such as CatBoost's
            return clone(estimator)
    return copy.deepcopy(estimator)


def _needs_numbered_labels(estimator: Any) -> bool:
    """Whether the estimator is, or has inside, one of XGBoost, which refuses labels that are not 0, 1, ..., k - 1."""
    parts = estimator.get_params().values() if hasattr(estimator, "get_params") else ()
    return any(is_of(part, "xgboost") for part in (estimator, *parts))


def _set_seeds(model: Any, seed: int) -> None:
    """Give a seed to all parameters called random_state, and to splitters that would take NumPy's global generator."""
    if not hasattr(model, "get_params"):
        return
    for part in model.get_params().values():
        settings = getattr(part, "__dict__", {})
        if hasattr(part, "split") and settings.get("shuffle", True) and settings.get("random_state", seed) is None:
            part.random_state = seed  # of a copy
    names = [name for name in model.get_params() if name == "random_state" or name.endswith("__random_state")]
    if names:
        model.set_params(**dict.fromkeys(sorted(names), seed))
