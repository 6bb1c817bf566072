# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Reader of models that combine other models, such as isolation forests, bagging, voting, AdaBoost and NGBoost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._trees.readers import sklearn
from banzhaf._trees.readers.combine import Part, combine
from banzhaf._trees.readers.forest import Ensemble, ForestBuilder

_READERS: dict[str, Callable[..., Ensemble]] = {}
_ANY_MODEL = "use banzhaf.Explainer(model, background), which explains any model"


def kind_of(model: Any) -> str | None:
    """Return the name of the supported class of a model, or None."""
    for base in type(model).__mro__:
        if base.__module__.partition(".")[0] in ("sklearn", "ngboost") and base.__name__ in _READERS:
            return base.__name__
    return None


def read(model: Any, read_part: Callable[[Any], Ensemble]) -> Ensemble:
    """Read a fitted model of one of the supported classes.

    Parameters
    ----------
    model : estimator
    read_part : callable
        Reads each of the models that it combines.

    Returns
    -------
    Ensemble
        The outputs are the mean path length of an isolation forest, the distribution parameters of NGBoost, the
        decision function of AdaBoost, and the predictions of all others.

    Raises
    ------
    TypeError
        If it is not fitted, or not a sum of trees.
    """
    kind = kind_of(model)
    assert kind is not None
    if not any(hasattr(model, name) for name in ("estimators_", "base_models")) or not len(_parts_of(model)):
        raise TypeError(f"model must be fitted; this {type(model).__name__} is not")
    return _READERS[kind](model, read_part)


def predict(model: Any, rows: Any) -> Any:
    """Return the library's own predictions of the output that is explained."""
    kind = kind_of(model)
    if kind == "NGBoost":
        return model.pred_param(np.asarray(rows, dtype=np.float64))
    rows = sklearn.named_as_fitted(model, rows)
    if kind == "IsolationForest":
        # The score is -2^(-length / c), where c is the mean path length for max_samples_ rows.
        return -np.log2(-model.score_samples(rows)) * _mean_path_length(np.array([model.max_samples_]))[0]
    if kind == "AdaBoostClassifier":
        return model.decision_function(rows)
    return model.predict_proba(rows) if hasattr(model, "classes_") else model.predict(rows)


def _parts_of(model: Any) -> Any:
    return model.base_models if hasattr(model, "base_models") else model.estimators_


def _ensemble(
    model: Any,
    parts: Sequence[Part],
    n_features: int,
    n_outputs: int,
    output: str,
    *,
    names: Sequence[Any] | None = None,
    has_outputs_axis: bool | None = None,
) -> Ensemble:
    forest, options = combine(parts, n_features, n_outputs)
    columns = getattr(model, "feature_names_in_", None)
    if columns is None:
        columns = next((part.ensemble.feature_names for part in parts if part.ensemble.feature_names), None)
    return Ensemble(
        library=parts[0].ensemble.library,
        forest=forest,
        n_features=n_features,
        feature_names=None if columns is None else tuple(map(str, columns)),
        output_names=None if names is None else tuple(map(str, names)),
        has_outputs_axis=n_outputs > 1 if has_outputs_axis is None else has_outputs_axis,
        output=output,
        **options,
    )


def _read_whole(model: Any, parts: Sequence[Any], read_part: Callable[[Any], Ensemble]) -> list[Ensemble]:
    """Read the parts of a model; refuse parts whose predictions are only a function of a sum of trees."""
    ensembles = [read_part(part) for part in parts]
    for part, ensemble in zip(parts, ensembles, strict=True):
        if ensemble.output not in ("prediction", "probability"):
            raise TypeError(
                f"model cannot be a {type(model).__name__} of a {type(part).__name__}, whose predictions are not "
                f"a sum of its trees: {_ANY_MODEL}"
            )
    return ensembles


def _read_bagging(model: Any, read_part: Callable[[Any], Ensemble]) -> Ensemble:
    n_outputs = int(model.n_classes_) if hasattr(model, "classes_") else 1
    ensembles = _read_whole(model, model.estimators_, read_part)
    parts = []
    for estimator, ensemble, features in zip(model.estimators_, ensembles, model.estimators_features_, strict=True):
        n_own = ensemble.forest.n_outputs
        outputs = None
        if hasattr(model, "classes_") and n_own != n_outputs:
            outputs = np.asarray(estimator.classes_)  # encoded
        elif not hasattr(model, "classes_"):
            n_outputs = n_own
        parts.append(Part(ensemble, 1 / len(ensembles), features, outputs))
    is_classifier = hasattr(model, "classes_")
    return _ensemble(
        model,
        parts,
        int(model.n_features_in_),
        n_outputs,
        "probability" if is_classifier else "prediction",
        names=model.classes_ if is_classifier else None,
        has_outputs_axis=is_classifier or n_outputs > 1,
    )


def _read_voting(model: Any, read_part: Callable[[Any], Ensemble]) -> Ensemble:
    is_classifier = hasattr(model, "classes_")
    if is_classifier and model.voting != "soft":
        raise TypeError(
            f"model cannot be a {type(model).__name__} with voting='hard', whose votes are labels; "
            "explain one with voting='soft', or one of model.estimators_"
        )
    ensembles = _read_whole(model, model.estimators_, read_part)
    given = np.ones(len(ensembles)) if model.weights is None else np.asarray(model._weights_not_none, dtype=np.float64)
    weights = given / given.sum()
    n_outputs = len(model.classes_) if is_classifier else 1
    return _ensemble(
        model,
        [Part(ensemble, weight) for ensemble, weight in zip(ensembles, weights, strict=True)],
        ensembles[0].n_features,
        n_outputs,
        "probability" if is_classifier else "prediction",
        names=model.classes_ if is_classifier else None,
        has_outputs_axis=is_classifier,
    )


def _read_targets(model: Any, read_part: Callable[[Any], Ensemble]) -> Ensemble:
    ensembles = _read_whole(model, model.estimators_, read_part)
    parts = [Part(ensemble, 1.0, outputs=[output]) for output, ensemble in enumerate(ensembles)]
    return _ensemble(model, parts, ensembles[0].n_features, len(parts), "prediction", has_outputs_axis=True)


def _read_adaboost(model: Any, read_part: Callable[[Any], Ensemble]) -> Ensemble:
    """Turn leaves into votes, because each tree votes with its weight for one class and against the others."""
    if getattr(model, "algorithm", "SAMME") == "SAMME.R":
        raise TypeError(f"model must use SAMME, not SAMME.R, which adds logarithms of probabilities: {_ANY_MODEL}")
    n_classes = int(model.n_classes_)
    if n_classes < 2:
        raise TypeError(f"model must have at least two classes, but this {type(model).__name__} has {n_classes}")
    binary = n_classes == 2
    builder = ForestBuilder(int(model.n_features_in_), 1 if binary else n_classes, strict=False, float32=True)
    weights = np.asarray(model.estimator_weights_)[: len(model.estimators_)]
    for estimator, weight in zip(model.estimators_, weights / np.sum(model.estimator_weights_), strict=True):
        if sklearn.kind_of(estimator) not in sklearn.TREES:
            raise TypeError(
                f"model must boost trees; this {type(model).__name__} boosts a {type(estimator).__name__}, whose "
                f"votes are not a sum of trees: {_ANY_MODEL}"
            )
        read_part(estimator)  # this refuses a tree that overrides its predictions
        tree = estimator.tree_
        winner = np.searchsorted(model.classes_, estimator.classes_)[tree.value[:, 0].argmax(axis=1)]
        votes = np.where(np.arange(n_classes) == winner[:, np.newaxis], weight, -weight / (n_classes - 1))
        sklearn.add_tree(builder, tree, votes[:, 1] - votes[:, 0] if binary else votes, 0 if binary else -1)
    return sklearn.ensemble_of(
        model, builder.build(0.0), builder.n_outputs, float32=True, has_outputs_axis=not binary, output="decision"
    )


def _read_isolation_forest(model: Any, read_part: Callable[[Any], Ensemble]) -> Ensemble:
    """Turn leaves into path lengths: their depth plus the mean depth at which their training rows would be isolated."""
    n_trees = len(model.estimators_)
    n_features = int(model.n_features_in_)
    builder = ForestBuilder(n_features, 1, strict=False, float32=True)
    for estimator, features in zip(model.estimators_, model.estimators_features_, strict=True):
        tree = estimator.tree_
        depth = np.zeros(tree.node_count)
        for node in range(tree.node_count):  # parents come before their children
            for child in (tree.children_left[node], tree.children_right[node]):
                if child >= 0:
                    depth[child] = depth[node] + 1
        lengths = depth + _mean_path_length(tree.n_node_samples)
        sklearn.add_tree(builder, tree, lengths / n_trees, 0, features=np.asarray(features))
    return sklearn.ensemble_of(model, builder.build(0.0), 1, float32=True, output="mean path length")


def _mean_path_length(n_rows: NDArray[Any]) -> NDArray[np.float64]:
    """Compute the mean depth at which a random tree isolates one of n rows: 2 (H(n - 1) - (n - 1) / n)."""
    n = np.asarray(n_rows, dtype=np.float64)
    many = np.maximum(n, 3)
    lengths = 2 * (np.log(many - 1) + np.euler_gamma) - 2 * (many - 1) / many
    return np.where(n <= 1, 0.0, np.where(n == 2, 1.0, lengths))


def _read_ngboost(model: Any, read_part: Callable[[Any], Ensemble]) -> Ensemble:
    """Add the stages: they start from the parameters fitted to all targets, and each subtracts its scaled trees."""
    start = np.ravel(np.asarray(model.init_params, dtype=np.float64))
    parts = []
    for stage, scaling, features in zip(model.base_models, model.scalings, model.col_idxs, strict=True):
        ensembles = _read_whole(model, stage, read_part)
        for output, ensemble in enumerate(ensembles):
            weight = -float(model.learning_rate) * float(scaling)
            parts.append(Part(ensemble, weight, features, [output]))
    builder = ForestBuilder(int(model.n_features), len(start), strict=False, float32=True)
    for output, value in enumerate(start.tolist()):
        builder.add_tree(
            values=[value], output=output, left=[-1], right=[-1], feature=[0], threshold=[0], missing=[0], cover=[1]
        )
    first = Ensemble("NGBoost", builder.build(0.0), int(model.n_features), float32=True, category_values=True)
    names = _PARAMETERS.get(model.Dist.__name__)
    if names is None or len(names) != len(start):
        names = tuple(f"parameter {k}" for k in range(len(start)))
    return _ensemble(
        model, [Part(first, 1.0), *parts], first.n_features, len(start), "parameter", names=names, has_outputs_axis=True
    )


# Names of the parameters that the stages change, for NGBoost's distributions of numbers.
_PARAMETERS = {
    "Normal": ("loc", "log scale"),
    "LogNormal": ("loc of log", "log scale of log"),
    "Laplace": ("loc", "log scale"),
    "Exponential": ("log scale",),
    "Poisson": ("log rate",),
}

_READERS.update(
    BaggingClassifier=_read_bagging,
    BaggingRegressor=_read_bagging,
    VotingClassifier=_read_voting,
    VotingRegressor=_read_voting,
    AdaBoostClassifier=_read_adaboost,
    IsolationForest=_read_isolation_forest,
    MultiOutputRegressor=_read_targets,
    NGBoost=_read_ngboost,
)
SUPPORTED = tuple(name for name in _READERS if name != "NGBoost")
