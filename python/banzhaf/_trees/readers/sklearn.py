# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Reader of scikit-learn's trees, forests and gradient boosting, from their node arrays."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._trees.readers.forest import Ensemble, ForestBuilder, Missing, Side, bit_positions

TREES = ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
_FORESTS = ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor")
_BOOSTING = ("GradientBoostingClassifier", "GradientBoostingRegressor")
_HISTOGRAM_BOOSTING = ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")
_IDENTITY = ("squared_error", "absolute_error", "quantile")  # with these losses the predictions are sums of trees
SUPPORTED = TREES + _FORESTS + _BOOSTING + _HISTOGRAM_BOOSTING


def kind_of(model: Any) -> str | None:
    """Return the name of the supported class of a model, or None."""
    for base in type(model).__mro__:
        if base.__module__.partition(".")[0] == "sklearn" and base.__name__ in SUPPORTED:
            return base.__name__
    return None


_ANY_MODEL = "use banzhaf.Explainer(model, background), which explains any model"
_REFUSED = {
    "Pipeline": "its steps make new columns for its trees. Explain the trees on those columns with "
    "banzhaf.TreeExplainer(model[-1], model[:-1].transform(background))(model[:-1].transform(X)), "
    "or explain the original columns with banzhaf.Explainer(model, background)",
    "AdaBoostRegressor": f"it predicts a weighted median of its trees, which is not a sum of trees: {_ANY_MODEL}",
    "StackingClassifier": f"another model combines the predictions of its trees: {_ANY_MODEL}",
    "StackingRegressor": f"another model combines the predictions of its trees: {_ANY_MODEL}",
    "CalibratedClassifierCV": f"it calibrates the predictions of its trees, so it is not a sum of trees: {_ANY_MODEL}",
    "TransformedTargetRegressor": "it transforms the predictions of its trees. Explain them before the transformation "
    f"with banzhaf.TreeExplainer(model.regressor_, background); after it, {_ANY_MODEL}",
    "MultiOutputClassifier": "it classifies several targets. Explain one at a time, for example with "
    "banzhaf.TreeExplainer(model.estimators_[0], background)",
    "RegressorChain": f"its later trees use the predictions of earlier ones: {_ANY_MODEL}",
    "ClassifierChain": "its later trees use the predictions of earlier ones: "
    "use banzhaf.Explainer(model.predict_proba, background)",
    "OneVsRestClassifier": f"it normalises the predictions of its models, so they are not a sum of trees: {_ANY_MODEL}",
    "FixedThresholdClassifier": "it predicts labels. Use banzhaf.TreeExplainer(model.estimator_, background)",
    "TunedThresholdClassifierCV": "it predicts labels. Use banzhaf.TreeExplainer(model.estimator_, background)",
}


def unwrapped(model: Any) -> Any:
    """Return the estimator inside a search, a frozen estimator or a pipeline of one step, or the model itself."""
    while _is_of_scikit_learn(model, ("BaseSearchCV", "FrozenEstimator", "Pipeline")):
        if hasattr(model, "steps"):
            if any(step not in (None, "passthrough") for _, step in model.steps[:-1]):
                return model
            model = model.steps[-1][1]
        elif hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        elif type(model).__name__ == "FrozenEstimator":
            model = model.estimator
        else:
            raise TypeError(f"model must be fitted with refit=True; this {type(model).__name__} has no best_estimator_")
    return model


def why_refused(model: Any, given: Any) -> str | None:
    """Return why a model of scikit-learn is refused and what to do instead, in terms of the given model."""
    for base in type(model).__mro__:
        if base.__module__.partition(".")[0] in ("sklearn", "imblearn") and base.__name__ in _REFUSED:
            reason = _REFUSED[base.__name__]
            return reason if model is given else reason.replace("model[", "model.best_estimator_[")
    return None


def _is_of_scikit_learn(model: Any, names: tuple[str, ...]) -> bool:
    return any(
        base.__name__ in names and base.__module__.partition(".")[0] == "sklearn" for base in type(model).__mro__
    )


def read(model: Any) -> Ensemble:
    """Read a fitted estimator of one of the `SUPPORTED` classes.

    Parameters
    ----------
    model : estimator

    Returns
    -------
    Ensemble
        The outputs are those of ``predict`` for a regressor, of ``predict_proba`` for a tree or forest that classifies,
        and of ``decision_function`` for a boosted classifier.

    Raises
    ------
    TypeError
        If it is not fitted, classifies several targets, or boosts from another model.
    """
    kind = kind_of(model)
    name = type(model).__name__
    if kind is None:
        raise TypeError(f"model must be one of {', '.join(SUPPORTED)}, got {name}")
    fitted = {TREES: "tree_", _FORESTS: "estimators_", _BOOSTING: "estimators_", _HISTOGRAM_BOOSTING: "_predictors"}
    if not all(hasattr(model, attribute) for kinds, attribute in fitted.items() if kind in kinds):
        raise TypeError(f"model must be fitted; this {name} is not")
    if kind in TREES:
        return _read_averaged(model, [model])
    if kind in _FORESTS:
        return _read_averaged(model, model.estimators_)
    return _read_boosting(model) if kind in _BOOSTING else _read_histogram_boosting(model)


def predict(model: Any, rows: Any) -> Any:
    """Return scikit-learn's own predictions of the output that is explained."""
    kind = kind_of(model)
    rows = named_as_fitted(model, rows)
    if kind in _HISTOGRAM_BOOSTING:
        return model._raw_predict(rows)
    if kind in _BOOSTING and hasattr(model, "classes_"):
        return model.decision_function(rows)
    return model.predict_proba(rows) if hasattr(model, "classes_") else model.predict(rows)


def named_as_fitted(model: Any, rows: Any) -> Any:
    """Return rows with names exactly if the model was fitted with names, because scikit-learn warns otherwise."""
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        return rows if isinstance(rows, np.ndarray) else rows.to_numpy()
    if isinstance(rows, np.ndarray) and "pandas" in sys.modules:
        return sys.modules["pandas"].DataFrame(rows, columns=names)
    if isinstance(rows, np.ndarray) and "polars" in sys.modules:
        return sys.modules["polars"].DataFrame(rows, schema=list(names))
    return rows


def _refused_by(model: Any) -> str:
    """Find out which cells the model refuses. It depends on the version, the kind of model and its settings."""
    row = np.zeros((1, int(model.n_features_in_)))
    for word, cell in (("missing", np.nan), ("infinite", np.inf)):
        row[0, 0] = cell
        try:
            predict(model, row)
        except ValueError:
            return word
    return ""


def ensemble_of(model: Any, forest: Any, n_outputs: int, **options: Any) -> Ensemble:
    """Make the Ensemble of a scikit-learn model from its forest."""
    names = getattr(model, "feature_names_in_", None)
    classes = getattr(model, "classes_", None)
    if classes is not None and len(classes) != n_outputs:
        classes = None
    return Ensemble(
        library="scikit-learn",
        forest=forest,
        n_features=int(model.n_features_in_),
        feature_names=None if names is None else tuple(map(str, names)),
        output_names=None if classes is None else tuple(map(str, classes)),
        category_values=True,
        **options,
    )


def add_tree(
    builder: ForestBuilder, tree: Any, values: NDArray[np.float64], output: int, features: NDArray[Any] | None = None
) -> None:
    """Add a tree of scikit-learn, which may use only some of the forest's features."""
    missing = getattr(tree, "missing_go_to_left", np.zeros(tree.node_count, dtype=bool))
    # Versions 1.3 to 1.8 may store NaN at a split that only separates missing cells: no number goes left.
    threshold = np.where(np.isnan(tree.threshold), -np.inf, tree.threshold)
    builder.add_tree(
        left=tree.children_left,
        right=tree.children_right,
        feature=tree.feature if features is None else features[np.maximum(tree.feature, 0)],
        threshold=threshold,
        missing=np.where(missing, Missing.LEFT, Missing.RIGHT),
        values=values,
        cover=tree.weighted_n_node_samples,
        output=output,
    )


def _read_averaged(model: Any, estimators: Any) -> Ensemble:
    is_classifier = hasattr(model, "classes_")
    if is_classifier and model.n_outputs_ > 1:
        raise TypeError(
            f"model must have one target; this {type(model).__name__} classifies {model.n_outputs_}: explain one of "
            "them with banzhaf.Explainer(lambda rows: model.predict_proba(rows)[0], background)"
        )
    n_outputs = int(model.n_classes_) if is_classifier else int(model.n_outputs_)
    builder = ForestBuilder(int(model.n_features_in_), n_outputs, strict=False, float32=True)
    for estimator in estimators:
        tree = estimator.tree_
        values = np.asarray(tree.value, dtype=np.float64).reshape(tree.node_count, n_outputs)
        if is_classifier:  # before version 1.3 these are counts
            values = values / values.sum(axis=1, keepdims=True)
        add_tree(builder, tree, values / len(estimators), -1)
    return ensemble_of(
        model,
        builder.build(0.0),
        n_outputs,
        float32=True,
        refuses=_refused_by(model),
        has_outputs_axis=is_classifier or n_outputs > 1,
        output="probability" if is_classifier else "prediction",
    )


def _read_boosting(model: Any) -> Ensemble:
    if type(model.init_).__name__ not in ("DummyClassifier", "DummyRegressor") and model.init_ != "zero":
        raise TypeError(
            f"model must be made of trees only; it boosts from a {type(model.init_).__name__} (init): {_ANY_MODEL}"
        )
    n_outputs = model.estimators_.shape[1]
    n_features = int(model.n_features_in_)
    builder = ForestBuilder(n_features, n_outputs, strict=False, float32=True)
    for stage in model.estimators_:
        for output, estimator in enumerate(stage):
            tree = estimator.tree_
            add_tree(builder, tree, model.learning_rate * tree.value.reshape(tree.node_count), output)
    base = model._raw_predict_init(np.zeros((1, n_features), dtype=np.float32))[0]
    return ensemble_of(
        model,
        builder.build(base),
        n_outputs,
        float32=True,
        refuses=_refused_by(model),
        has_outputs_axis=n_outputs > 1,
        output="margin" if hasattr(model, "classes_") else "prediction",
    )


def _read_histogram_boosting(model: Any) -> Ensemble:
    n_outputs = len(model._predictors[0]) if model._predictors else int(model.n_trees_per_iteration_)
    n_features = int(model.n_features_in_)
    is_categorical = model.is_categorical_
    has_encoder = getattr(model, "_preprocessor", None) is not None
    columns = np.arange(n_features)
    known: list[NDArray[np.int64]] = []
    feature_of_known: Any = None
    if is_categorical is not None:
        if has_encoder:  # the encoder puts categorical columns first
            columns = np.concatenate([np.flatnonzero(is_categorical), np.flatnonzero(~is_categorical)])
        bitsets, feature_of_known = model._bin_mapper.make_known_categories_bitsets()
        known = [bit_positions(words) for words in bitsets]
    builder = ForestBuilder(n_features, n_outputs, strict=False, float32=False)
    for stage in model._predictors:
        for output, predictor in enumerate(stage):
            nodes = predictor.nodes
            is_leaf = nodes["is_leaf"].astype(bool)
            missing_left = nodes["missing_go_to_left"].astype(bool)
            categories = {}
            for node in np.flatnonzero(nodes["is_categorical"].astype(bool) & ~is_leaf).tolist():
                # Known categories go to the side where they are listed; all others count as missing.
                codes = known[feature_of_known[nodes["feature_idx"][node]]]
                listed = bit_positions(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]])
                sides = np.full(max([*codes.tolist(), *listed.tolist(), 0]) + 1, Side.OTHER, dtype=np.uint8)
                sides[codes] = Side.RIGHT
                sides[listed] = Side.LEFT
                categories[node] = (sides, bool(missing_left[node]))
            builder.add_tree(
                left=np.where(is_leaf, -1, nodes["left"].astype(np.int64)),
                right=np.where(is_leaf, -1, nodes["right"].astype(np.int64)),
                feature=columns[np.where(is_leaf, 0, nodes["feature_idx"])],
                threshold=nodes["num_threshold"],
                missing=np.where(missing_left, Missing.LEFT, Missing.RIGHT),
                values=nodes["value"],
                cover=nodes["count"],
                output=output,
                categories=categories,
            )

    return ensemble_of(
        model,
        builder.build(np.ravel(model._baseline_prediction)),
        n_outputs,
        float32=False,
        has_outputs_axis=n_outputs > 1,
        encode=partial(_encode, model, columns) if has_encoder else None,
        output="prediction" if getattr(model, "loss", None) in _IDENTITY else "margin",
    )


def _encode(model: Any, columns: NDArray[np.int64], rows: Any) -> NDArray[np.float64]:
    cells = np.empty((len(rows), len(columns)))
    cells[:, columns] = model._preprocess_X(rows, reset=False)
    return cells
