# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The eight data sets of the paper as numbers, four data sets of scikit-learn, and the models trained on them.

In a text column, each text becomes its rank among the sorted texts of the column. A missing number becomes the mean of
its column. All numbers are float32, as in XGBoost, so that a model and a reader of its trees see the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench._command import Unavailable

N_BACKGROUND = 50
# The file, and the median error of Kernel Banzhaf at m = 20 n in the paper's Table 1.
_SETS = {
    "Diabetes": ("diabetes.csv", "0.0006"),
    "Adult": ("adult.csv.gz", "0.0006"),
    "Bank": ("bank.csv.gz", "0.0012"),
    "German Credit": ("german_credit.csv", "0.0009"),
    "NHANES": ("nhanes.csv.gz", "< 0.00005"),
    "BRCA": ("brca.csv", "0.0005"),
    "Communities & Crime": ("communities.csv", "0.0008"),
    "TUANDROMD": ("tuandromd.csv.gz", "0.0012"),
}
_REGRESSIONS = ("NHANES", "Communities & Crime")
NAMES = tuple(_SETS)
# Data sets that scikit-learn installs with itself: the name of the loader, and whether the target is a class.
_SHIPPED = {
    "breast cancer": ("load_breast_cancer", True),
    "diabetes progression": ("load_diabetes", False),
    "wine": ("load_wine", True),
    "digits": ("load_digits", True),
}
SHIPPED_CLASSES = ("wine", "digits")  # with three classes or more, of which models explain the first
SHIPPED = tuple(name for name in _SHIPPED if name not in SHIPPED_CLASSES)


@dataclass(frozen=True)
class Dataset:
    """A data set that is split into training rows, with the background among them, and held-out rows to explain.

    Attributes
    ----------
    name : str
    paper_error : str
        The paper's error of Kernel Banzhaf at m = 20 n, or an empty text if the paper does not use the data set.
    n_classes : int
        The number of classes, or 0 if the target is a number.
    train, background, explicands : ndarray of float32, shape (rows, n_features)
    targets : ndarray of float64, shape (rows of train,)
        Numbers, or classes from 0.
    """

    name: str
    paper_error: str
    n_classes: int
    train: NDArray[np.float32]
    background: NDArray[np.float32]
    explicands: NDArray[np.float32]
    targets: NDArray[np.float64]

    @property
    def n_features(self) -> int:
        """The number of columns, which are the players."""
        return int(self.train.shape[1])


def load(name: str, folder: Path, *, n_background: int = N_BACKGROUND, seed: int = 0) -> Dataset:
    """Read a data set, and hold out a fifth of its rows, drawn at random, to be explained.

    Raises
    ------
    Unavailable
        If the folder, the file or pandas is missing.
    """
    try:
        import pandas as pd
    except ImportError:
        raise Unavailable("the data sets need pandas: pip install pandas") from None
    file, paper_error = _SETS[name]
    path = folder / file
    if not path.is_file():
        raise Unavailable(
            f"{name} is missing: there is no {path}. The data sets are not part of the project. "
            f"Name their folder with --data DIR. It holds {', '.join(f for f, _ in _SETS.values())}."
        )
    table = pd.read_csv(path)
    cells = np.column_stack([_numbers(table[column]) for column in table.columns[:-1]]).astype(np.float32)
    target = table[table.columns[-1]]
    classification = name not in _REGRESSIONS
    targets = np.unique(target, return_inverse=True)[1] if classification else target.to_numpy()
    return _split(name, paper_error, cells, targets, classification, n_background, seed)


def shipped(name: str, *, n_background: int = N_BACKGROUND, seed: int = 0) -> Dataset:
    """Return one of the data sets that scikit-learn installs, split in the same way.

    Raises
    ------
    Unavailable
        If scikit-learn is not installed.
    """
    try:
        from sklearn import datasets
    except ImportError:
        raise Unavailable("the data sets need scikit-learn: pip install scikit-learn") from None
    loader, classification = _SHIPPED[name]
    cells, targets = getattr(datasets, loader)(return_X_y=True)
    return _split(name, "", cells.astype(np.float32), targets, classification, n_background, seed)


def _split(
    name: str,
    paper_error: str,
    cells: NDArray[np.float32],
    targets: NDArray[Any],
    classification: bool,
    n_background: int,
    seed: int,
) -> Dataset:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(cells))
    held_out, kept = np.split(order, [len(cells) // 5])
    return Dataset(
        name=name,
        paper_error=paper_error,
        n_classes=int(targets.max()) + 1 if classification else 0,
        train=cells[kept],
        background=cells[kept[:n_background]],
        explicands=cells[held_out],
        targets=targets[kept].astype(np.float64),
    )


def _numbers(column: Any) -> NDArray[np.float64]:
    if column.dtype.kind in "iufb":
        return np.asarray(column.fillna(column.mean()), dtype=np.float64)
    return np.unique(column.astype(str), return_inverse=True)[1].astype(np.float64)


def boost(data: Dataset, *, threads: int, n_trees: int = 100, max_depth: int = 6) -> Any:
    """Train an XGBoost booster with its defaults. Each round adds one tree, or one per class with three or more.

    Raises
    ------
    Unavailable
        If XGBoost is not installed.
    """
    try:
        import xgboost
    except ImportError:
        raise Unavailable("the models need XGBoost: pip install xgboost") from None
    settings: dict[str, Any] = {"max_depth": max_depth, "nthread": threads, "seed": 0}
    if data.n_classes == 0:
        settings["objective"] = "reg:squarederror"
    elif data.n_classes == 2:
        settings["objective"] = "binary:logistic"
    else:
        settings.update(objective="multi:softprob", num_class=data.n_classes)
    return xgboost.train(settings, xgboost.DMatrix(data.train, data.targets, nthread=threads), n_trees)
