# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The contenders for set functions, for one row of a model and for trees. Each imports its package when called."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench._games import Game, in_parts, masked_model, numpy_estimate

Values = NDArray[np.float64]

CLOSED_FORM = "NumPy closed form"


@dataclass(frozen=True)
class Contender:
    """A method that computes or estimates Banzhaf values.

    Attributes
    ----------
    name : str
    environment : str
        A key of `bench.peers.environments.ENVIRONMENTS`.
    call : callable
    remark : str
    other_values : bool
        Whether it computes Shapley values instead, so that only its cost is comparable.
    settings : dict
        Passed on to `call`.
    """

    name: str
    environment: str
    call: Callable[..., Values]
    remark: str = ""
    other_values: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


# Set functions. The arguments are the game, the number of players, the budget and the seed.


def _banzhaf(game: Any, n: int, m: int, seed: int, *, threads: int, **settings: str) -> Values:
    import banzhaf

    found = banzhaf.estimate(
        *(game, n), budget=m, random_state=seed, num_threads=threads, standard_errors=False, **settings
    )
    return np.asarray(found.values)


def _numpy(game: Any, n: int, m: int, seed: int, *, threads: int) -> Values:
    return numpy_estimate(game, n, m, np.random.default_rng(seed))


def _shapiq(
    game: Any, n: int, m: int, seed: int, *, threads: int, name: str, binomial: bool = False, **more: Any
) -> Values:
    import shapiq.approximator as peers

    if binomial:
        sizes = np.arange(n + 1)
        logs = np.cumsum(np.log(np.maximum(sizes, 1)))
        more["sampling_weights"] = np.exp(logs[-1] - logs - logs[::-1] - n * np.log(2))
    made = getattr(peers, name)(n=n, random_state=seed, **more)
    return np.asarray(made.approximate(budget=m, game=game).get_n_order_values(1), dtype=np.float64)


def _odd_regression(game: Any, n: int, m: int, seed: int, *, threads: int) -> Values:
    """Estimate by OddSHAP's idea (arXiv 2602.01399) on uniform pairs, where it needs no weights.

    Boosted trees on all worths name interactions of odd order, as many as a tenth of the evaluations. They join the
    players in the least squares of the differences. shapiq has the original, which computes Shapley values only.
    """
    from lightgbm import LGBMRegressor
    from shapiq.approximator.proxy._routes import tree_to_fourier

    half = np.random.default_rng(seed).random((m // 2, n)) < 0.5
    coalitions = np.concatenate([half, ~half])
    worths = np.asarray(game(coalitions))
    trees = LGBMRegressor(verbose=-1, n_jobs=threads, random_state=seed, max_depth=10)
    named = tree_to_fourier(trees.fit(coalitions.astype(float), worths), n)
    odd = sorted((T for T in named if len(T) > 1 and len(T) % 2 == 1), key=lambda T: -abs(named[T]))
    signs = half * 2.0 - 1.0
    products = [signs[:, list(T)].prod(axis=1) for T in odd[: -(-m // 10)]]
    columns = np.column_stack([signs, *products])
    return np.linalg.lstsq(columns, worths[: len(half)] - worths[len(half) :], rcond=None)[0][:n]


def _pydvl(game: Any, n: int, m: int, seed: int, *, threads: int) -> Values:
    from pydvl.valuation.dataset import Dataset
    from pydvl.valuation.methods import MSRBanzhafValuation
    from pydvl.valuation.stopping import MaxUpdates
    from pydvl.valuation.utility.base import UtilityBase

    class Utility(UtilityBase):
        """A game in place of the training of a model."""

        def __call__(self, sample: Any) -> float:
            coalition = np.zeros((1, n), dtype=bool)
            if sample is not None:
                coalition[0, np.asarray(sample.subset, dtype=int)] = True
            return float(game(coalition)[0])

    points = Dataset(np.zeros((n, 1)), np.zeros(n))
    # Each evaluation updates either the mean with a point or the mean without it, so m evaluations are m / 2 updates.
    valuation = MSRBanzhafValuation(
        Utility(), is_done=MaxUpdates(m // 2), seed=seed, show_warnings=False, progress=False
    )
    valuation.fit(points)
    return np.asarray(valuation.result.sort(key="index").values, dtype=np.float64)


def _of_shapiq(label: str, name: str, remark: str = "", **settings: Any) -> Contender:
    return Contender(f"shapiq {label}", "shapiq", _shapiq, remark, settings={"name": name, **settings})


GAMES = (
    Contender("banzhaf", "banzhaf", _banzhaf, "its defaults: Hadamard designs, and interactions taken out"),
    Contender(
        *("banzhaf, hadamard", "banzhaf", _banzhaf, "without interactions taken out"),
        settings={"design": "hadamard", "interactions": "none"},
    ),
    Contender(
        *("banzhaf, paired", "banzhaf", _banzhaf, "Kernel Banzhaf"),
        settings={"design": "paired", "interactions": "none"},
    ),
    Contender("NumPy", "banzhaf", _numpy, "the paper's estimator (pairs, differences, least squares)"),
    _of_shapiq("RegressionFBII, pairs", "RegressionFBII", max_order=1, pairing_trick=True),
    _of_shapiq("RegressionFBII", "RegressionFBII", "its defaults", max_order=1),
    Contender(
        *("sparse odd regression", "shapiq", _odd_regression),
        "OddSHAP's idea on uniform pairs, a few lines with LightGBM and shapiq's transform of trees",
    ),
    _of_shapiq("RegressionMSR, linear proxy", "RegressionMSR", index="BV", proxy_model="linear"),
    _of_shapiq("RegressionMSR", "RegressionMSR", "its defaults, with XGBoost as proxy", index="BV"),
    _of_shapiq("ProxySHAP", "ProxySHAP", "its defaults, with XGBoost as proxy", max_order=1, index="BV"),
    _of_shapiq("ProxySHAP, adjusted", "ProxySHAP", "", max_order=1, index="BV", adjustment=True),
    _of_shapiq("ProxySHAP, pairs", "ProxySHAP", "", max_order=1, index="BV", pairing_trick=True),
    _of_shapiq("ProxySPEX", "ProxySPEX", "without its parameter search", max_order=1, index="FBII", hpo=False),
    Contender("shapiq SPEX", "shapiq-sparse", _shapiq, settings={"name": "SPEX", "max_order": 1, "index": "FBII"}),
    _of_shapiq("SVARM", "SVARM", "its defaults, which weight sizes as Shapley values do", index="BV"),
    _of_shapiq("SVARM, binomial, pairs", "SVARM", "", index="BV", binomial=True, pairing_trick=True),
    _of_shapiq("SHAPIQ", "SHAPIQ", "its defaults, which weight sizes as Shapley values do", max_order=1, index="BV"),
    _of_shapiq("SHAPIQ, binomial, pairs", "SHAPIQ", "", max_order=1, index="BV", binomial=True, pairing_trick=True),
    Contender("pyDVL MSRBanzhafValuation", "pydvl", _pydvl, "one coalition at a time"),
)


# One row of a model. The arguments are the model, the row, the background, m and the seed. The budget is as many model
# evaluations as m coalitions need on all background rows.


def _explainer(model: Any, x: Any, background: Any, m: int, seed: int, *, design: str, threads: int) -> Values:
    import banzhaf

    explainer = banzhaf.Explainer(
        model, background, budget=m * len(background), design=design, random_state=seed, num_threads=threads
    )
    return np.asarray(explainer(x[np.newaxis]).values[0])


def _masked(model: Any, x: Any, background: Any) -> Game:
    return in_parts(masked_model(model, x, background), max(1, 2**22 // background.size))


def _numpy_row(model: Any, x: Any, background: Any, m: int, seed: int, *, threads: int) -> Values:
    return numpy_estimate(_masked(model, x, background), len(x), m, np.random.default_rng(seed))


def _shapiq_row(model: Any, x: Any, background: Any, m: int, seed: int, *, pairs: bool, threads: int) -> Values:
    from shapiq import RegressionFBII, TabularExplainer

    regression = RegressionFBII(len(x), max_order=1, pairing_trick=pairs, random_state=seed)
    explainer = TabularExplainer(
        *(model, background), approximator=regression, index="BV", max_order=1, sample_size=len(background)
    )
    return np.asarray(explainer.explain(x, budget=m).get_n_order_values(1))


def _shap_row(model: Any, x: Any, background: Any, m: int, seed: int, *, threads: int) -> Values:
    from shap import KernelExplainer

    np.random.seed(seed)  # noqa: NPY002 - it draws from the global generator
    explainer = KernelExplainer(model, background)
    return np.asarray(explainer.shap_values(x, nsamples=m, l1_reg=False, silent=True))


ROWS = (
    Contender("banzhaf.Explainer, hadamard", "banzhaf", _explainer, settings={"design": "hadamard"}),
    Contender("banzhaf.Explainer, paired", "banzhaf", _explainer, "Kernel Banzhaf", settings={"design": "paired"}),
    Contender("NumPy", "banzhaf", _numpy_row, "the paper's estimator on masked rows"),
    Contender("shapiq TabularExplainer, pairs", "shapiq", _shapiq_row, settings={"pairs": True}),
    Contender(
        "shapiq TabularExplainer", "shapiq", _shapiq_row, "the defaults of RegressionFBII", settings={"pairs": False}
    ),
    Contender("shap KernelExplainer", "shap", _shap_row, "Shapley values, so only its cost is comparable", True),
)


def _shap_permutations(model: Any, x: Any, background: Any, m: int, seed: int, *, threads: int) -> Values:
    from shap import PermutationExplainer
    from shap.maskers import Independent

    masker = Independent(background, max_samples=len(background))  # the default would keep 100 rows
    explainer = PermutationExplainer(model, masker, seed=seed)
    return np.asarray(explainer(x[np.newaxis], max_evals=m, silent=True).values[0])


PERMUTATIONS = Contender("shap PermutationExplainer", "shap", _shap_permutations, "Shapley values", True)


# Trees. The arguments are an XGBoost model with one output, the rows and the background (None if path-dependent).


def _own_trees(booster: Any, X: Any, background: Any, *, threads: int) -> Values:
    import banzhaf

    if not hasattr(banzhaf, "TreeExplainer"):
        raise NotImplementedError("this version of banzhaf has no TreeExplainer")
    return np.asarray(banzhaf.TreeExplainer(booster, background)(X).values)


def _numpy_trees(booster: Any, X: Any, background: Any, *, threads: int) -> Values:
    if background is None:
        raise NotImplementedError("only against background rows")
    from bench._tree_truth import Paths

    paths = Paths(booster)
    return np.array([paths.terms(x, background).banzhaf_values() for x in X])


def _shapiq_trees(booster: Any, X: Any, background: Any, *, threads: int) -> Values:
    from shapiq import TreeExplainer

    mode = "pathdependent" if background is None else "interventional"
    explainer = TreeExplainer(booster, mode=mode, reference_dataset=background, index="BV", max_order=1)
    found = explainer.explain_X(X)
    return np.array([found[row].get_n_order_values(1) for row in range(len(X))], dtype=np.float64)


def _woodelf_trees(booster: Any, X: Any, background: Any, *, threads: int) -> Values:
    import pandas as pd
    from woodelf import WoodelfExplainer

    names = [f"f{i}" for i in range(X.shape[1])]
    table = pd.DataFrame(X, columns=names)
    if background is None:
        explainer = WoodelfExplainer(booster, feature_perturbation="tree_path_dependent")
    else:
        explainer = WoodelfExplainer(booster, pd.DataFrame(background, columns=names))
    found = explainer.banzhaf_values(table, as_df=True)
    return np.column_stack([found[name] if name in found else np.zeros(len(X)) for name in names])


def _shap_trees(booster: Any, X: Any, background: Any, *, threads: int) -> Values:
    from shap import TreeExplainer

    mode = "tree_path_dependent" if background is None else "interventional"
    return np.asarray(
        TreeExplainer(booster, background, feature_perturbation=mode).shap_values(X, check_additivity=False)
    )


TREES = (
    Contender("banzhaf.TreeExplainer", "banzhaf", _own_trees),
    Contender(CLOSED_FORM, "banzhaf", _numpy_trees, "the reference values of these benchmarks"),
    Contender("woodelf", "woodelf", _woodelf_trees),
    Contender("shapiq TreeExplainer", "shapiq", _shapiq_trees),
    Contender("shap TreeExplainer", "shap", _shap_trees, "Shapley values, so only its cost is comparable", True),
)


# Shapley values of set functions and of one row of a model. The arguments are those of the Banzhaf values above.


def _shapley(game: Any, n: int, m: int, seed: int, *, threads: int) -> Values:
    import banzhaf

    found = banzhaf.estimate(
        game, n, budget=m, shapley=True, interactions="auto", random_state=seed, num_threads=threads
    )
    return np.asarray(found.shapley().values)


def _shapley_row(model: Any, x: Any, background: Any, m: int, seed: int, *, threads: int) -> Values:
    import banzhaf

    explainer = banzhaf.Explainer(
        *(model, background),
        budget=m * len(background),
        shapley=True,
        interactions="auto",
        random_state=seed,
        num_threads=threads,
    )
    return np.asarray(explainer(x[np.newaxis]).shapley().values[0])


def _shapiq_shapley_row(model: Any, x: Any, background: Any, m: int, seed: int, *, threads: int, name: str) -> Values:
    masked = _masked(model, x, background)

    def game(coalitions: Any) -> Values:
        return masked(np.asarray(coalitions, dtype=bool))

    return _shapiq(game, len(x), m, seed, threads=threads, name=name)


SHAPLEY_GAMES = (
    Contender("banzhaf", "banzhaf", _shapley),
    _of_shapiq("LeverageSHAP", "LeverageSHAP"),
    _of_shapiq("OddSHAP", "OddSHAP"),
    _of_shapiq("KernelSHAP, pairs", "KernelSHAP", pairing_trick=True),
    _of_shapiq("PermutationSamplingSV", "PermutationSamplingSV"),
)
SHAPLEY_ROWS = (
    Contender("banzhaf", "banzhaf", _shapley_row),
    Contender("shapiq LeverageSHAP", "shapiq", _shapiq_shapley_row, settings={"name": "LeverageSHAP"}),
    Contender("shapiq OddSHAP", "shapiq", _shapiq_shapley_row, settings={"name": "OddSHAP"}),
    Contender("shap PermutationExplainer", "shap", _shap_permutations),
    Contender("shap KernelExplainer", "shap", _shap_row),
)

KINDS = {
    "game": GAMES,
    "row": ROWS,
    "trees": TREES,
    "shapley game": SHAPLEY_GAMES,
    "shapley row": SHAPLEY_ROWS,
}


def find(kind: str, name: str) -> Contender:
    """Return a contender by its name."""
    return next(contender for contender in KINDS[kind] if contender.name == name)


def call(kind: str, name: str, threads: int, *arguments: Any) -> Values:
    """Run one contender by its name."""
    return run(find(kind, name), threads, *arguments)


def run(contender: Contender, threads: int, *arguments: Any) -> Values:
    """Run one contender, without the warnings that it gives about its own use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return partial(contender.call, threads=threads, **contender.settings)(*arguments)
