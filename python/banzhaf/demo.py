# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""``python -m banzhaf.demo``: explain a gradient-boosting classifier on scikit-learn's breast-cancer data."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from banzhaf._explain.explainer import Explainer

_BACKGROUND_ROWS = 50
_LEADING = 10


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, explain, print the leading features and write two plots.

    Parameters
    ----------
    arguments : sequence of str, optional
        Command-line arguments; by default those of the process.

    Raises
    ------
    ImportError
        If scikit-learn, matplotlib or tqdm is not installed.
    SystemExit
        If an argument is unknown or out of range.
    """
    try:
        import matplotlib
        import matplotlib.pyplot as plt
        import tqdm  # noqa: F401
        from sklearn.datasets import load_breast_cancer
        from sklearn.ensemble import GradientBoostingClassifier
        from sklearn.model_selection import train_test_split
    except ImportError as error:
        raise ImportError("the demo needs more packages: pip install banzhaf[demo]") from error

    parser = argparse.ArgumentParser(prog="python -m banzhaf.demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where the plots go (here)")
    parser.add_argument("--rows", type=int, default=100, help="how many held-out rows to explain (100)")
    parser.add_argument("--seed", type=int, default=0, help="of the split, the model and the coalitions (0)")
    parser.add_argument("--budget", type=int, default=30_000, help="model rows per explained row (30000)")
    options = parser.parse_args(arguments)
    # Files are written and no window is opened, with or without a display.
    matplotlib.use("Agg")

    data = load_breast_cancer()
    train, held_out, train_classes, held_out_classes = train_test_split(
        data.data, data.target_names[data.target], test_size=0.3, random_state=options.seed
    )
    if not 1 <= options.rows <= len(held_out):
        parser.error(f"--rows must be from 1 to {len(held_out)}, the number of held-out rows")
    options.out.mkdir(parents=True, exist_ok=True)

    model = GradientBoostingClassifier(random_state=options.seed)
    model.fit(train, train_classes)
    accuracy = model.score(held_out, held_out_classes)
    print(f"Gradient boosting on {len(train)} tumours: {accuracy:.1%} right on {len(held_out)} held out.")

    explainer = Explainer(
        model,
        train[:_BACKGROUND_ROWS],
        budget=options.budget,
        feature_names=data.feature_names.tolist(),
        random_state=options.seed,
    )
    print(f"Explaining {options.rows} of them with {explainer.n_model_rows:,} model rows each.")
    start = time.perf_counter()
    explanation = explainer(held_out[: options.rows], progress=True).output("malignant")
    print(f"{explanation.n_model_rows:,} model rows in {time.perf_counter() - start:.1f} s.\n")

    means, intervals = explanation.importance()
    print(f"{'feature':<26}  mean |Banzhaf value| for malignant, 95 % interval")
    for feature in np.argsort(-means)[:_LEADING]:
        low, high = intervals[feature]
        print(f"{explanation.feature_names[feature]:<26}  {means[feature]:.4f}  [{low:.4f}, {high:.4f}]")
    print()
    for name in ("bar", "beeswarm"):
        path = options.out / f"banzhaf-demo-{name}.png"
        figure = getattr(explanation.plot, name)().figure
        figure.savefig(path, dpi=150)
        plt.close(figure)
        print(f"Wrote {path}")


if __name__ == "__main__":
    main()
