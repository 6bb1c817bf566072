# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The command ``python -m banzhaf.demo``, which explains a classifier on real data in a few seconds."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from banzhaf._explain.explainer import Explainer

_BACKGROUND_ROWS = 50
_LEADING = 10
_DESCRIPTION = """\
Explain a classifier on real data: train gradient boosting on the breast-cancer data of scikit-learn, estimate the
Banzhaf values of its predictions, print the most important features, and write two pictures and an HTML report.
No network is needed. The same options give the same results."""
_FILES = {
    "bar": ("banzhaf-demo-bar.png", "the table above as a bar chart"),
    "beeswarm": ("banzhaf-demo-beeswarm.png", "one dot for each tumour and feature"),
    "report": ("banzhaf-demo-report.html", "both, and every single tumour; open it in a browser"),
}
_MEANING = """\
The Banzhaf value of a feature says how much the feature changes a prediction. It is the average change of
P(malignant) when the feature becomes known, over all sets of other features that may be known already.
Unlike Shapley values, the Banzhaf values of a tumour need not sum to its prediction; every set counts equally."""
_NEXT = """\
Next, explain a model of your own:

    explanation = banzhaf.Explainer(model, background)(X)
    explanation.plot.beeswarm()

For the raw output of a tree ensemble, banzhaf.TreeExplainer(model, background)(X) computes exact values.
All options are described by help(banzhaf.Explainer) and help(banzhaf.TreeExplainer)."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the demo, which explains a classifier, prints its leading features and writes pictures and a report.

    The files are ``banzhaf-demo-bar.png``, ``banzhaf-demo-beeswarm.png`` and ``banzhaf-demo-report.html``. Existing
    ones are replaced.

    Parameters
    ----------
    arguments : sequence of str, optional
        Command-line arguments. By default those of the process.

    Raises
    ------
    ImportError
        If scikit-learn, matplotlib or tqdm is not installed.
    SystemExit
        If an argument is unknown or out of range.

    Examples
    --------
    >>> from banzhaf.demo import main
    >>> main(["--rows", "2", "--budget", "4000"])  # doctest: +ELLIPSIS
    A gradient-boosting classifier was trained on 398 tumours. ...
    """
    try:
        import matplotlib
        import matplotlib.pyplot as plt
        import tqdm  # noqa: F401
        from sklearn.datasets import load_breast_cancer
        from sklearn.ensemble import GradientBoostingClassifier
        from sklearn.model_selection import train_test_split
    except ImportError as error:
        raise ImportError("the demo needs more packages: pip install 'banzhaf[demo]'") from error

    parser = argparse.ArgumentParser(
        prog="python -m banzhaf.demo",
        description=_DESCRIPTION,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="folder for the files; made if needed")
    parser.add_argument("--rows", type=int, default=100, metavar="N", help="number of tumours to explain, up to 171")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of everything random")
    parser.add_argument(
        "--budget", type=int, default=10_000, metavar="N", help="largest number of model evaluations for each tumour"
    )
    options = parser.parse_args(arguments)
    # Files are written without opening a window, so the demo also runs without a display.
    matplotlib.use("Agg")

    data = load_breast_cancer()
    train, held_out, train_classes, held_out_classes = train_test_split(
        data.data, data.target_names[data.target], test_size=0.3, random_state=options.seed
    )
    if not 1 <= options.rows <= len(held_out):
        parser.error(f"--rows must be from 1 to {len(held_out)}, the number of held-out rows, got {options.rows}")
    options.out.mkdir(parents=True, exist_ok=True)

    model = GradientBoostingClassifier(random_state=options.seed).fit(train, train_classes)
    accuracy = model.score(held_out, held_out_classes)
    print(
        f"A gradient-boosting classifier was trained on {len(train)} tumours. "
        f"It classifies {accuracy:.1%} of {len(held_out)} other tumours correctly."
    )

    background = train[:_BACKGROUND_ROWS]
    explainer = Explainer(
        model,
        background,
        budget=options.budget,
        feature_names=data.feature_names.tolist(),
        random_state=options.seed,
    )
    print(
        f"Explaining {options.rows} of the other tumours against {len(background)} background rows, "
        f"with at most {explainer.n_model_rows:,} model evaluations each."
    )
    start = time.perf_counter()
    explanation = explainer(held_out[: options.rows], progress=True).output("malignant")
    print(f"This took {explanation.n_model_rows:,} model evaluations and {time.perf_counter() - start:.1f} seconds.\n")

    means, intervals = explanation.importance()
    print(f"{'feature':<26}  mean |Banzhaf value| for P(malignant), with 95 % interval")
    for feature in np.argsort(-means)[:_LEADING]:
        low, high = intervals[feature]
        print(f"{explanation.feature_names[feature]:<26}  {means[feature]:.4f}  [{low:.4f}, {high:.4f}]")
    print(f"\n{_MEANING}\n")

    for kind, (name, content) in _FILES.items():
        path = options.out / name
        if kind == "report":
            explanation.to_html(path, title="Why is a tumour classified as malignant?")
        else:
            figure = getattr(explanation.plot, kind)().figure
            figure.savefig(path, dpi=150)
            plt.close(figure)
        print(f"Wrote {path}: {content}.")
    print(f"\n{_NEXT}")


if __name__ == "__main__":
    main()
