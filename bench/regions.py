# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare the regions and words that a model depends on with those of shap's PartitionExplainer and of LIME."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf.games import ImageRegions, TextSpans
from bench._command import Options, Unavailable, main
from bench._table import NOT_INSTALLED, Table, verdict

_BUDGETS = (128, 256, 512)
_WORDS = (25, 60)  # the shortest and the longest text

Scores = NDArray[np.float64]


class Digits:
    """A network that reads digits of 64 pixels, on a black ground; a removed pixel is black."""

    name = "digits, 64 pixels"

    def __init__(self) -> None:
        from sklearn.datasets import load_digits
        from sklearn.neural_network import MLPClassifier

        data = load_digits()
        self._network = MLPClassifier(random_state=0, max_iter=400).fit(data.data[400:], data.target[400:])
        self.inputs = list(data.images[:400])
        classes = self._network.predict(data.data[:400])
        self.outputs = [int(found) for found in classes]

    def probabilities(self, images: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._network.predict_proba(images.reshape(len(images), -1))

    def game(self, image: Any, output: int) -> ImageRegions:
        return ImageRegions(self.probabilities, image, n_regions=64, absence=0.0, output=output, batch_size=1024)

    def banzhaf(self, image: Any, output: int, budget: int) -> NDArray[np.float64]:
        return self.game(image, output).estimate(budget, random_state=0).values

    def shap(self, image: Any, output: int, budget: int) -> NDArray[np.float64]:
        import shap

        masker = shap.maskers.Image(np.zeros((8, 8, 1)), (8, 8, 1))
        explainer = shap.PartitionExplainer(lambda images: self.probabilities(images[..., 0]), masker)
        return explainer(image[None, ..., None], max_evals=budget, silent=True).values[0, :, :, 0, output].ravel()

    def lime(self, image: Any, output: int, budget: int) -> NDArray[np.float64]:
        from lime.lime_image import LimeImageExplainer

        found = LimeImageExplainer(random_state=0).explain_instance(
            np.repeat(image[..., None], 3, axis=2),
            lambda images: self.probabilities(np.asarray(images)[..., 0]),
            labels=[output],
            top_labels=None,
            hide_color=0,
            num_samples=budget,
            num_features=64,
            segmentation_fn=lambda rgb: np.arange(64).reshape(8, 8),
        )
        return np.array([dict(found.local_exp[output])[pixel] for pixel in range(64)])


class Texts:
    """A classifier that tells the docstrings of NumPy from those of scikit-learn; a removed word is gone."""

    name = "docstrings, 25 to 60 words"

    def __init__(self) -> None:
        import sklearn.cluster
        import sklearn.decomposition
        import sklearn.ensemble
        import sklearn.linear_model
        import sklearn.metrics
        import sklearn.preprocessing
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        modules = [sklearn.cluster, sklearn.decomposition, sklearn.ensemble, sklearn.linear_model, sklearn.metrics]
        texts = [(text, 0) for text in _paragraphs([np, np.linalg, np.random, np.fft, np.ma])]
        texts += [(text, 1) for text in _paragraphs([*modules, sklearn.preprocessing])]
        order = np.random.default_rng(0).permutation(len(texts))
        texts = [texts[i] for i in order]
        held_out = len(texts) // 3
        self._model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=30))
        self._model.fit([text for text, _ in texts[held_out:]], [label for _, label in texts[held_out:]])
        self.inputs = [text for text, _ in texts[:held_out]]
        self.outputs = [int(found) for found in self._model.predict(self.inputs)]

    def game(self, text: Any, output: int) -> TextSpans:
        return TextSpans(self._model, text, output=output)

    def banzhaf(self, text: Any, output: int, budget: int) -> NDArray[np.float64]:
        return self.game(text, output).estimate(budget, random_state=0).values

    def shap(self, text: Any, output: int, budget: int) -> NDArray[np.float64]:
        import shap

        masker = shap.maskers.Text(r"\s+", mask_token="...", collapse_mask_token=False)  # which the model skips
        explainer = shap.PartitionExplainer(lambda texts: self._model.predict_proba(list(texts)), masker)
        found = explainer([text], max_evals=budget, silent=True)
        values = [v for token, v in zip(found.data[0], found.values[0][:, output], strict=True) if token.strip()]
        if len(values) != len(text.split()):
            raise RuntimeError(f"shap found {len(values)} words of {len(text.split())}")
        return np.array(values)

    def lime(self, text: Any, output: int, budget: int) -> NDArray[np.float64]:
        from lime.lime_text import LimeTextExplainer

        explainer = LimeTextExplainer(random_state=0, bow=False, split_expression=r"\s+")
        found = explainer.explain_instance(
            text, self._model.predict_proba, labels=[output], num_features=1000, num_samples=budget
        )
        weights = dict(found.local_exp[output])
        return np.array([weights.get(word, 0.0) for word in range(len(text.split()))])


def _paragraphs(modules: list[Any]) -> list[str]:
    """Return paragraphs of the docstrings in some modules, without examples and lists."""
    found = set()
    for module in modules:
        for name in dir(module):
            text = inspect.getdoc(getattr(module, name)) or ""
            for paragraph in re.split(r"\n\s*\n", text):
                words = " ".join(paragraph.split())
                if _WORDS[0] <= len(words.split()) <= _WORDS[1] and not re.search(r">>>|---|\.\. ", words):
                    found.add(words)
    return sorted(found)


def deletion(game: Any, values: NDArray[np.float64]) -> float:
    """Return the mean output while the highest players are removed one after the other, up to half of them."""
    order = np.argsort(-values, kind="stable")
    most = len(order) // 2
    rows = np.ones((most + 1, len(order)), dtype=bool)
    for count in range(1, most + 1):
        rows[count, order[:count]] = False
    return float(game(rows).mean())


def tables(options: Options) -> Iterator[Table]:
    n_inputs = 10 if options.quick else 40
    methods = ("banzhaf", "shap", "lime")
    table = Table(
        "Deletion: mean probability of the predicted class while the highest players are removed",
        *("model", "evaluations", "banzhaf.games", "shap Partition", "LIME", "difference from the better one"),
        *("its standard error", "at or below", "at random"),
        note=f"""
            Mean over {n_inputs} inputs; lower is better. Up to half of the players are removed, in the order of their
            values. Every method explains the same players, with the same absence and the same number of evaluations.
            The difference is taken input by input from the better of the other two packages, and a positive one is a
            higher curve. "at or below" allows a difference of one standard error.
        """,
    )
    try:
        problems = (Digits(), Texts())
    except ImportError:
        raise Unavailable("the models need scikit-learn: pip install scikit-learn") from None
    for problem in problems:
        chosen = list(zip(problem.inputs, problem.outputs, strict=True))[:n_inputs]
        games = [problem.game(*each) for each in chosen]
        rng = np.random.default_rng(0)
        chance = np.mean([deletion(game, rng.random(game.n_players)) for game in games for _ in range(5)])
        for budget in _BUDGETS:
            scores = {method: _scores(getattr(problem, method), chosen, games, budget) for method in methods}
            cells = [NOT_INSTALLED if found is None else f"{found.mean():.4f}" for found in scores.values()]
            ours, *others = (found for found in scores.values() if found is not None)
            judged = ["", "", ""]
            if others:
                differences = ours - min(others, key=np.mean)
                error = differences.std(ddof=1) / np.sqrt(n_inputs)
                judged = [f"{differences.mean():.4f}", f"{error:.4f}", verdict(differences.mean() <= error)]
            table.add(problem.name, budget, *cells, *judged, f"{chance:.4f}")
    yield table


def _scores(explain: Callable[..., Any], chosen: list[Any], games: list[Any], budget: int) -> Scores | None:
    """Return a method's deletion score of each input, None if it is not installed."""
    found = []
    for (given, output), game in zip(chosen, games, strict=True):
        try:
            with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
                warnings.simplefilter("ignore")
                found.append(deletion(game, explain(given, output, budget)))
        except ImportError:
            return None
    return np.array(found)


if __name__ == "__main__":
    main(tables, __doc__)
