# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Every plot, light and dark, beside the picture of it that was looked at: ``python tests/plots/pictures.py`` redraws.

The pictures have no texts, since fonts differ between machines. The distance of two pictures is the root mean square
over pixels and colours, which run from 0 to 255. Pictures drawn by matplotlib 3.8.4 and by 3.11.2 have distance 0.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

import pictures  # noqa: E402

TOLERANCE = 1.0  # processors may round differently at the edges of shapes


def distance(name, style):
    wanted = plt.imread(pictures.BASELINE / f"{name}_{style}.png")[..., :3] * 255.0
    found = pictures.picture(name, style)
    assert wanted.shape == found.shape
    return float(np.sqrt(np.mean((wanted - found) ** 2)))


@pytest.mark.parametrize("style", pictures.STYLES)
@pytest.mark.parametrize("name", pictures.PICTURES)
def test_looks_as_it_did(name, style):
    assert distance(name, style) < TOLERANCE


def test_there_is_a_picture_of_each_and_no_other():
    wanted = {f"{name}_{style}.png" for name in pictures.PICTURES for style in pictures.STYLES}
    assert {path.name for path in pictures.BASELINE.iterdir()} == wanted
    assert sum(path.stat().st_size for path in pictures.BASELINE.iterdir()) < 200_000


CHANGES = {
    "a longer bar": ("bar", "WAVES", lambda e: dataclasses.replace(e, values=e.values * [1.0, 1.0, 1.3, 1.0])),
    "no intervals": ("bar", "WAVES", lambda e: dataclasses.replace(e, standard_errors=0.0 * e.values)),
    "one dot elsewhere": (
        "scatter",
        "WAVES",
        lambda e: dataclasses.replace(e, values=np.where(np.arange(24)[:, None] == 12, -e.values, e.values)),
    ),
    "another sign": ("force", "WAVES", lambda e: dataclasses.replace(e, values=e.values * [1.0, 1.0, -1.0, 1.0])),
    "other colours": ("scatter", "WAVES", lambda e: dataclasses.replace(e, data=e.data[:, [0, 2, 1, 3]])),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_picture_fails(what, monkeypatch):
    name, constant, change = CHANGES[what]
    monkeypatch.setattr(pictures, constant, change(getattr(pictures, constant)))
    assert distance(name, "light") > TOLERANCE


def test_a_picture_in_the_other_style_fails():
    wanted = plt.imread(pictures.BASELINE / "row_light.png")[..., :3] * 255.0
    assert np.sqrt(np.mean((wanted - pictures.picture("row", "dark")) ** 2)) > 10 * TOLERANCE
