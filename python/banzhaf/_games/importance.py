# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Global importance: the features of a model as players, and the loss of the model as what they are worth."""

from __future__ import annotations

import copy
import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._estimate.estimate import estimate
from banzhaf._estimate.given import numbers_of_rows
from banzhaf._estimate.results import BanzhafValues
from banzhaf._explain.labels import check_no_labels, is_of, kind_of_labels
from banzhaf._explain.models import first_step, fitted_on
from banzhaf._explain.rows import type_name
from banzhaf._games import supervised
from banzhaf._games.game import ReadyGame, rows_of
from banzhaf._support import arguments as check
from banzhaf._support.labelled import check_same_order
from banzhaf._support.tensors import from_tensor

_LOSSES = ("auto", "log_loss", "squared_error", "absolute_error", "zero_one")
_SMALLEST = 1e-15  # probability that the logarithm takes instead of 0
_ELSEWHERE = ("store", "executor")  # arguments of `estimate` that call copies of the game


def banzhaf_importance(
    estimator: Any,
    X: Any,
    y: ArrayLike,
    *,
    budget: int = 200_000,
    loss: str | Callable[[NDArray[np.float64], NDArray[Any]], ArrayLike] = "auto",
    n_background: int = 32,
    rows_per_coalition: int = 4,
    random_state: check.Seed = None,
    **options: Any,
) -> BanzhafValues:
    """Estimate how much each feature lowers the loss of a model over a data set.

    The worth of a coalition of features is minus the model's mean loss when it knows only these features. This is the
    game of SAGE [1]_, which takes Shapley values. A feature's Banzhaf value is what it lowers the loss by, on average
    over all coalitions of the other features.

    Parameters
    ----------
    estimator : object or callable
        A fitted model with ``predict_proba`` or ``predict``, or a function of tables such as `X`. Its predictions have
        one row for each row of the table.
    X : ndarray of shape (n_rows, n_features) or pandas.DataFrame
        Rows over which the loss is averaged. Take data that the model was not fitted on.
    y : array_like of shape (n_rows,)
        Labels or targets of the rows.
    budget : int, default 200000
        Largest number of rows that the model gets. It is shared by coalitions, rows and background rows.
    loss : {"auto", "log_loss", "squared_error", "absolute_error", "zero_one"} or callable, default "auto"
        ``"auto"`` takes the log loss if the model has ``predict_proba``, the share of wrong labels if it is another
        classifier, and the squared error otherwise. A callable gets mean predictions of shape (m,) or (m, n_outputs)
        and the m labels, and returns m losses.
    n_background : int, default 32
        Number of rows of `X`, drawn once, that stand in for absent features. Predictions are averaged over them.
    rows_per_coalition : int, default 4
        Number of rows that each coalition is evaluated on. Each coalition gets its own random rows, which its
        complement shares.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default None
        Seed of all draws.
    **options
        Further arguments of `banzhaf.estimate`, such as `tolerance` or `deadline`.

    Returns
    -------
    BanzhafValues
        Values of the features, in the unit of the loss. The standard errors include the sampling of rows. They do not
        include the sampling of the background.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, before the model is called, or if the model returns something wrong.

    See Also
    --------
    ModelLoss : The same game for a `Study`, or on all rows.
    banzhaf.Explainer : Explain single predictions.

    Notes
    -----
    With ``executor=`` or ``store=``, a budget of twice all coalitions or more repeats them by ``repeats=`` of
    `banzhaf.estimate`. Below that, and from an eighth of all coalitions on, the design is nested, so that no coalition
    is evaluated twice. So `design` and `repeats` cannot be set.

    Few rows for each coalition, and many coalitions, use the budget best: both kinds of noise then average out.
    Absent features are drawn independently of the present ones, so the model may get rows that cannot occur.

    References
    ----------
    .. [1] Covert, Lundberg, Lee, "Understanding Global Feature Contributions With Additive Importance Measures",
       NeurIPS 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from banzhaf.games import banzhaf_importance
    >>> X = np.random.default_rng(0).normal(size=(500, 3))
    >>> y = 2.0 * X[:, 0] + X[:, 1]
    >>> values = banzhaf_importance(lambda rows: 2.0 * rows[:, 0] + rows[:, 1], X, y, random_state=0)
    >>> values.values.round() + 0.0
    array([4., 1., 0.])
    """
    seed = check.seed(random_state)
    rows = check.integer("rows_per_coalition", rows_per_coalition, 1)
    game = ModelLoss(estimator, X, y, loss=loss, n_background=n_background, rows_per_coalition=rows, random_state=seed)
    cost = rows * game.n_background
    coalitions = check.integer("budget", budget, 1) // cost
    if coalitions < 2:
        raise ValueError(
            f"budget must be at least {2 * cost}, which is two coalitions of {rows} rows with {game.n_background} "
            f"background rows each, got {budget}"
        )
    if "budget" in options or "noisy" in options:
        raise TypeError("noisy must be left out, because rows are always sampled")
    given = {"player_names": game.player_names, "random_state": seed, "noisy": True, **options}
    if all(options.get(name) is None for name in _ELSEWHERE):
        return estimate(_Counted(game), game.n_players, budget=coalitions, **given)
    if "design" in options or "repeats" in options:
        raise TypeError("design and repeats must be left out with executor or store, because they are chosen")
    # Copies of the game cannot know how often a coalition was evaluated elsewhere.
    everything = 2**game.n_players
    if coalitions >= 2 * everything:
        given["repeats"] = coalitions // everything
        coalitions = given["repeats"] * everything
    elif coalitions >= everything // 8:
        given["design"] = "nested"  # each coalition once
    return estimate(game, game.n_players, budget=coalitions, **given)


class ModelLoss(ReadyGame):
    """The features of a model as players, and minus its loss over a data set as what they are worth.

    The worth of a coalition of features is minus the model's mean loss when it knows only these features. The cells of
    absent features come from background rows, over which the predictions are averaged. `banzhaf_importance` estimates
    the values of this game. The class is for a `Study`, for losses on all rows, and for worths of your own coalitions.

    Parameters
    ----------
    estimator : object or callable
        A fitted model with ``predict_proba`` or ``predict``, or a function of tables such as `X`. Its predictions have
        one row for each row of the table.
    X : ndarray of shape (n_rows, n_features) or pandas.DataFrame
        Rows over which the loss is averaged. Take data that the model was not fitted on.
    y : array_like of shape (n_rows,)
        Labels or targets of the rows.
    loss : {"auto", "log_loss", "squared_error", "absolute_error", "zero_one"} or callable, default "auto"
        As for `banzhaf_importance`.
    n_background : int, default 32
        Number of rows of `X`, drawn once, that stand in for absent features.
    rows_per_coalition : int, optional
        Number of rows that each coalition is evaluated on. Each coalition gets its own random rows, which its
        complement shares. By default all rows. The model gets `n_background` times as many rows.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default None
        Seed of the background and of the rows.

    Attributes
    ----------
    n_players : int
        Number of features.
    player_names : tuple of str or None
        Names of the features in order, if `X` has them.
    n_background : int
        Number of background rows.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, before the model is called, or if the model returns something wrong.

    See Also
    --------
    banzhaf_importance : Estimate the values within a budget of rows.

    Notes
    -----
    A coalition gets the same rows each time. So worths can be kept in a file, and do not depend on the process that
    computes them. With `rows_per_coalition`, pass ``noisy=True`` to `estimate`, so that its standard errors count the
    choice of the rows. A budget of all coalitions or more needs ``repeats=`` instead: each repeat draws other rows.

    References
    ----------
    .. [1] Covert, Lundberg, Lee, "Understanding Global Feature Contributions With Additive Importance Measures",
       NeurIPS 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from banzhaf.games import ModelLoss
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> y = 2.0 * X[:, 0] + X[:, 1]
    >>> game = ModelLoss(lambda rows: 2.0 * rows[:, 0] + rows[:, 1], X, y, random_state=0)
    >>> game
    ModelLoss(3 features, 200 rows)
    >>> bool(abs(game(np.array([[True, True, False]]))[0]) < 1e-12)
    True
    """

    def __init__(
        self,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        loss: str | Callable[[NDArray[np.float64], NDArray[Any]], ArrayLike] = "auto",
        n_background: int = 32,
        rows_per_coalition: int | None = None,
        random_state: check.Seed = None,
    ) -> None:
        proba, predict = (getattr(estimator, name, None) for name in ("predict_proba", "predict"))
        self._has_probabilities = callable(proba)
        self._predict = proba if callable(proba) else predict if callable(predict) else estimator
        self._labels_only = not callable(proba) and kind_of_labels(estimator) == "classifier"
        if not callable(proba) and callable(predict) and not self._labels_only:
            check_no_labels(estimator, "model")
        if not callable(self._predict):
            raise TypeError(f"estimator must be callable, or have predict_proba or predict, got {estimator!r}")
        supervised.check_table("X", X)
        if hasattr(X, "columns") and not hasattr(X, "iloc"):
            raise TypeError(f"X must be a NumPy array or a pandas DataFrame, not a {type_name(X)}: pass X.to_pandas()")
        _check_columns(estimator, X)
        self._is_table = hasattr(X, "iloc")
        self._X: Any = (
            X.copy()
            if self._is_table
            else np.array(from_tensor(X, "X must be a NumPy array or a pandas DataFrame, got"))
        )
        shape = self._X.shape
        if len(shape) != 2 or 0 in shape:
            raise ValueError(f"X must have shape (n_rows, n_features), got {shape}")
        self._y = supervised.one_label_each("y", y, shape[0])
        check_same_order("y", y, "X", X)
        self.n_players = check.players(shape[1])
        names = [str(name) for name in X.columns] if self._is_table else None
        self.player_names = check.names("X.columns", names, self.n_players, "features")
        self._loss = self._resolved(loss)
        if self._loss in ("squared_error", "absolute_error"):
            try:
                self._y = supervised.exact_floats("y", self._y)
            except TypeError:
                raise TypeError(
                    f"y must hold numbers for loss={self._loss!r}, got {self._y.ravel()[0]!r}: pass a classifier or "
                    "a loss of your own for labels"
                ) from None
        self._classes = None
        if self._loss in ("log_loss", "zero_one"):
            classes = getattr(estimator, "classes_", None)
            known = np.unique(self._y) if classes is None else np.asarray(classes)
            unknown = sorted(set(self._y.tolist()) - set(known.tolist()), key=str)
            if unknown:
                raise ValueError(f"y must hold labels that the model knows, got {unknown[0]!r}")
            self._classes = known if self._has_probabilities else None
        self.n_background = min(check.integer("n_background", n_background, 1), shape[0])
        self._rows = None if rows_per_coalition is None else check.integer("rows_per_coalition", rows_per_coalition, 1)
        self._seed = check.seed(random_state)
        self._background = np.random.default_rng([self._seed, 0]).permutation(shape[0])[: self.n_background]

    def __call__(
        self, coalitions: NDArray[np.bool_], repeat: NDArray[np.integer[Any]] | None = None
    ) -> NDArray[np.float64]:
        """Compute the worths of coalitions.

        Parameters
        ----------
        coalitions : ndarray of bool, shape (m, n_players)
            True for each feature that the model knows.
        repeat : ndarray of int, shape (m,), optional
            Number of the repeat of each coalition, which draws other rows; ``repeats=`` of `estimate` passes it.

        Returns
        -------
        ndarray of float64, shape (m,)
            Minus the mean losses.

        Raises
        ------
        TypeError, ValueError
            If the coalitions have the wrong shape or dtype. Exceptions of the model reach the caller unchanged.

        Examples
        --------
        >>> import numpy as np
        >>> from banzhaf.games import ModelLoss
        >>> X = np.array([[0.0], [2.0]])
        >>> game = ModelLoss(lambda rows: rows[:, 0], X, X[:, 0])
        >>> game(np.array([[False], [True]])) + 0.0
        array([-1.,  0.])
        """
        rows = rows_of(coalitions, self.n_players)
        numbers = np.zeros(len(rows), dtype=np.int64) if repeat is None else np.asarray(repeat)
        return np.array([-self._mean_loss(row, int(number)) for row, number in zip(rows, numbers, strict=True)])

    def _resolved(self, loss: Any) -> Any:
        if callable(loss):
            return loss
        word = check.choice("loss", loss, _LOSSES)
        if word == "auto":
            return "log_loss" if self._has_probabilities else "zero_one" if self._labels_only else "squared_error"
        if word == "log_loss" and not self._has_probabilities:
            raise ValueError("loss must not be 'log_loss', because the model has no predict_proba")
        if word in ("squared_error", "absolute_error") and self._has_probabilities:
            raise ValueError(f"loss must be 'log_loss' or 'zero_one' for a model with predict_proba, got {word!r}")
        if word in ("squared_error", "absolute_error") and self._labels_only:
            raise ValueError(f"loss must be 'zero_one' for a classifier without predict_proba, got {word!r}")
        return word

    def _worths(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        return self(rows)

    def _described(self) -> str:
        return f"{self.n_players} features, {len(self._y)} rows"

    def _mean_loss(self, row: NDArray[np.bool_], repeat: int) -> float:
        taken = np.arange(len(self._y)) if self._rows is None else self._drawn(row, repeat)
        shape = (len(taken), self.n_background)
        present = np.broadcast_to(taken[:, None], shape).ravel()
        absent = np.broadcast_to(self._background, shape).ravel()
        returned = self._predict(self._mixed(row, present, absent))
        is_labels = self._loss == "zero_one" and not self._has_probabilities
        found = np.asarray(returned) if is_labels else numbers_of_rows("what estimator returns", returned, "its rows")
        if found.ndim not in (1, 2) or len(found) != len(present):
            raise ValueError(f"estimator must return {len(present)} rows, one for each row, got shape {found.shape}")
        if is_labels:
            losses = (found.reshape(shape) != self._y[taken][:, None]).mean(axis=1)
        else:
            means = found.reshape(*shape, *found.shape[1:]).mean(axis=1)
            losses = self._losses(means, self._y[taken])
        return float(losses.mean())

    def _drawn(self, row: NDArray[np.bool_], repeat: int) -> NDArray[np.intp]:
        """Draw rows by the coalition and the number of the repeat; its complement gets the same."""
        half = np.packbits(row if row[0] else ~row).tobytes()
        key = (repeat + 1).to_bytes(8, "little") + self._seed.to_bytes(8, "little")
        digest = hashlib.blake2b(half, key=key, digest_size=16).digest()
        rng = np.random.default_rng(int.from_bytes(digest, "little"))
        return rng.integers(0, len(self._y), self._rows)

    def _mixed(self, row: NDArray[np.bool_], present: NDArray[np.intp], absent: NDArray[np.intp]) -> Any:
        """Take each column from the present rows if its feature is in, and from the background otherwise."""
        if not self._is_table:
            return np.where(row, self._X[present], self._X[absent])
        columns = {
            name: self._X.iloc[present if known else absent, j].reset_index(drop=True)
            for j, (name, known) in enumerate(zip(self._X.columns, row, strict=True))
        }
        mixed = type(self._X)(columns)
        mixed.columns = self._X.columns  # with their own name
        mixed.attrs = copy.deepcopy(self._X.attrs)
        return mixed

    def _losses(self, predicted: NDArray[np.float64], y: NDArray[Any]) -> NDArray[np.float64]:
        if callable(self._loss):
            found = numbers_of_rows("what loss returns", self._loss(predicted, y), "the predictions")
            if found.shape != (len(y),):
                raise ValueError(f"loss must return {len(y)} losses, one for each row, got shape {found.shape}")
            return found
        if self._classes is not None:
            if predicted.shape != (len(y), len(self._classes)):
                raise ValueError(
                    f"estimator must return probabilities of {len(self._classes)} classes, got shape {predicted.shape}"
                )
            if self._loss == "zero_one":
                return np.asarray(self._classes[predicted.argmax(axis=1)] != y, dtype=np.float64)
            own = predicted[np.arange(len(y)), np.argmax(y[:, None] == self._classes, axis=1)]
            return np.asarray(-np.log(np.maximum(own, _SMALLEST)))
        if predicted.ndim == 2:
            if predicted.shape[1] != 1:
                raise ValueError(f"estimator must return one number for each row, got shape {predicted.shape}")
            predicted = predicted[:, 0]
        differences = predicted - np.asarray(y, dtype=np.float64)
        return np.abs(differences) if self._loss == "absolute_error" else differences**2


def _check_columns(estimator: Any, X: Any) -> None:
    """Refuse a DataFrame whose columns are in another order than LightGBM's, which does not look at their names."""
    if not hasattr(X, "columns") or not is_of(first_step(estimator), "lightgbm"):
        return
    fitted, _ = fitted_on(estimator)
    given = [str(name).replace(" ", "_") for name in X.columns]
    if fitted is not None and given != fitted and sorted(given) == sorted(fitted):
        raise ValueError(f"X must have its columns in the order of estimator, which was fitted on {fitted}")


class _Counted:
    """A game that draws other rows each time that it is called on the same coalition."""

    def __init__(self, game: ModelLoss) -> None:
        self._game = game
        self._calls: Counter[bytes] = Counter()

    def __call__(self, coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        repeat = np.empty(len(coalitions), dtype=np.int64)
        for i, packed in enumerate(np.packbits(coalitions, axis=1)):
            key = packed.tobytes()
            repeat[i] = self._calls[key]
            self._calls[key] += 1
        return self._game(coalitions, repeat)
