# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Check arguments that several public functions share; each error names the argument."""

from __future__ import annotations

import contextlib
import math
import operator
import os
from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from banzhaf._core import MAX_EXHAUSTIVE_PLAYERS, MAX_PLAYERS, fresh_blocks_suit, search_is_costly
from banzhaf._support.cells import similar
from banzhaf._support.labelled import check_own_order, check_same_order
from banzhaf._support.tensors import from_tensor

DESIGNS = ("hadamard", "nested", "fresh", "paired", "independent", "exhaustive")
# Those of full Hadamard designs.
HADAMARD_DESIGNS = ("hadamard", "nested", "fresh")
# Those for a probability p other than 0.5.
WEIGHTED_DESIGNS = ("weighted", "drawn")
# Those of an explainer.
EXPLAINER_DESIGNS = ("hadamard", "paired", "independent", "exhaustive")
MAX_SEED = 2**64 - 1
# What `seed` takes. A string, because importing numpy.random takes as long as importing this package.
Seed: TypeAlias = "int | np.random.Generator | np.random.RandomState | np.random.SeedSequence | None"


def integer(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Check that a value is an integer in a range; booleans are refused."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
    if number < least or (most is not None and number > most):
        allowed = f"at least {least}" if most is None else f"between {least} and {most}"
        raise ValueError(f"{name} must be {allowed}, got {number}")
    if most is None and number >= 2**63:  # the core stores it as a signed 64-bit integer
        raise ValueError(f"{name} must be below 2^63, got {number}")
    return number


def players(n_players: Any) -> int:
    """Check a number of players."""
    return integer("n_players", n_players, 1, MAX_PLAYERS)


def real(name: str, value: Any) -> float:
    """Check that a value is a number; booleans are refused."""
    if isinstance(value, (bool, np.bool_, str, bytes, bytearray)) or getattr(value, "ndim", 0) != 0:
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    except OverflowError:
        raise ValueError(f"{name} must fit into a float, got a larger number") from None


def positive(name: str, value: Any) -> float:
    """Check that a value is a finite positive number."""
    number = real(name, value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name} must be finite and positive, got {value!r}")
    return number


def penalty(ridge: Any) -> float:
    """Check that a ridge penalty is finite and not negative."""
    number = real("ridge", ridge)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(f"ridge must be finite and not negative, got {ridge!r}")
    return number


def probability(p: Any) -> float:
    """Check the probability with which each player is in."""
    number = real("p", p)
    if not 1e-9 <= number <= 1 - 1e-9:
        raise ValueError(f"p must be a probability strictly between 0 and 1, at least 1e-9 from both, got {p!r}")
    return number


def probabilities(p: Any) -> tuple[float, ...] | None:
    """Check a sequence of probabilities; None for a single number."""
    if isinstance(p, (str, bytes, set, frozenset, dict)) or not isinstance(p, (Iterable, np.ndarray)):
        return None
    if getattr(p, "ndim", 1) == 0:
        return None
    found = tuple(probability(each) for each in p)
    if not found:
        raise ValueError("p must hold at least one probability, got none")
    return found


def no_penalty(ridge: Any) -> None:
    """Check that no ridge penalty is given where it has no meaning."""
    if penalty(ridge) != 0:
        raise ValueError(f"ridge must be 0 if p is not 0.5, because the model is penalised by itself, got {ridge!r}")


def flag(name: str, value: Any) -> bool:
    """Check that a value is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def text(name: str, value: Any) -> str:
    """Check that a value is a string; subclasses such as NumPy's become plain str."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, got {value!r}")
    return str.__str__(value)


def choice(name: str, value: Any, allowed: Iterable[str]) -> str:
    """Check that a string is one of the allowed ones."""
    known = tuple(allowed)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, got {value!r}")
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, got {value!r}")
    return str.__str__(value)


def seed(random_state: Any) -> int:
    """Convert a random state to the 64-bit seed of the core's random streams."""
    if random_state is None:
        return int.from_bytes(os.urandom(8), "little")
    with contextlib.suppress(TypeError):
        return integer("random_state", random_state, 0, MAX_SEED)
    # Checked last, because naming these classes imports numpy.random.
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(MAX_SEED, dtype=np.uint64, endpoint=True))
    if isinstance(random_state, np.random.RandomState):
        return int.from_bytes(random_state.bytes(8), "little")
    if isinstance(random_state, np.random.SeedSequence):
        return int(random_state.generate_state(1, np.uint64)[0])
    raise TypeError(
        f"random_state must be an int, a numpy.random Generator, RandomState or SeedSequence, or None, "
        f"got {random_state!r}"
    )


def threads(num_threads: Any) -> int:
    """Check a number of threads; 0 tells the core to use its default."""
    return 0 if num_threads is None else integer("num_threads", num_threads, 1, 2**16)


def row_weights(weights: Any, n_rows: int, background: Any = None) -> list[float]:
    """Check the weights of background rows; an empty list means equal weights."""
    if weights is None:
        return []
    if isinstance(weights, np.ma.MaskedArray):
        raise TypeError("weights must not be a masked array: give masked rows the weight 0")
    try:
        found = floats(weights)
    except OverflowError:
        raise ValueError("weights must be finite, got a number that no float can hold") from None
    except (TypeError, ValueError):
        of = f" of dtype {weights.dtype}" if isinstance(weights, np.ndarray) else ""
        raise TypeError(f"weights must be an array of numbers, got {type(weights).__name__}{of}") from None
    if found.shape != (n_rows,):
        raise ValueError(f"weights must have shape ({n_rows},), one for each background row, got {found.shape}")
    if not (np.isfinite(found).all() and (found >= 0).all() and (found > 0).any()):
        raise ValueError("weights must be finite, at least 0, and not all 0")
    check_same_order("weights", weights, "background", background)
    found[found / found.max() == 0] = 0  # only ratios count, and the core leaves such rows out
    return [float(weight) for weight in found]


def floats(given: Any) -> NDArray[np.float64]:
    """Convert numbers of any type to float64; raise TypeError or ValueError for texts and complex numbers."""
    found = np.asarray(from_tensor(given, "no numbers:"))
    texts = found.dtype == object and any(isinstance(number, (str, bytes)) for number in found.ravel())
    if texts or found.dtype.kind not in "biufO":  # NumPy would read texts, and drop imaginary parts
        raise TypeError(f"no numbers: dtype {found.dtype}")
    return found.astype(np.float64)


def batch(batch_size: Any) -> int:
    """Check a batch size; 0 tells the core to use its default."""
    return 0 if batch_size is None else integer("batch_size", batch_size, 1)


def names(argument: str, given: Any, count: int, of: str) -> tuple[str, ...] | None:
    """Check that names are distinct strings, one for each item."""
    if given is None:
        return None
    if isinstance(given, (str, bytes)):
        raise TypeError(f"{argument} must be a sequence of {count} names, got {given!r}")
    if isinstance(given, (set, frozenset)):
        raise TypeError(f"{argument} must be {count} names in the order of the {of}, got a set, which has no order")
    check_own_order(given, count, f"{argument} must be in the order of the {of}, got", "Pass")
    try:
        items = tuple(given)
    except TypeError:
        raise TypeError(f"{argument} must be a sequence of {count} names, got {given!r}") from None
    for item in items:
        if not isinstance(item, str):
            raise TypeError(f"{argument} must hold strings, got {item!r}")
    found = tuple(text(argument, item) for item in items)
    if len(found) != count:
        raise ValueError(f"{argument} must name all {count} {of}, got {len(found)} names")
    if len(set(found)) != count:
        twice = next(name for name, times in Counter(found).items() if times > 1)
        raise ValueError(f"{argument} must all be different, got {twice!r} more than once")
    return found


def output_position(output: str | int, names: tuple[str, ...], n_outputs: int) -> int:
    """Find one of the outputs by its name or position."""
    if isinstance(output, str):
        index = names.index(output) if output in names else n_outputs
    else:
        index = operator.index(output)
    if not -n_outputs <= index < n_outputs:
        choice = f"one of {', '.join(map(repr, names))}" if names else f"a position below {n_outputs}"
        raise ValueError(f"output must be {choice}; got {output!r}")
    return index


def position(argument: str, given: str | int, count: int, names: tuple[str, ...] | None, thing: str) -> int:
    """Find a player or feature by its name or position; negative positions count from the end."""
    things = f"{thing}s"
    if isinstance(given, str):
        found = [index for index, name in enumerate(names or ()) if name == given]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(f"{argument} must be a position, since several {things} are called {given!r}: {found}")
        if not names:
            raise ValueError(f"{argument} must be a position, since the {things} have no names; got {given!r}")
        raise ValueError(f"{argument} must be the name of a {thing}, such as {similar(given, names)}; got {given!r}")
    try:
        index = operator.index(given)
    except TypeError:
        raise TypeError(f"{argument} must be a {thing}'s name or position, got {given!r}") from None
    if not -count <= index < count:
        raise ValueError(f"{argument} must be a position below {count}, the number of {things}, got {given}")
    return index % count


def resolve_weighted(design: Any, n_players: int, budget: Any, *, early: bool, noisy: bool) -> str:
    """Check a design for a probability p other than 0.5, and name the one that is used.

    Where the evaluation may end `early`, or the game is `noisy`, all coalitions are drawn.
    """
    wanted = choice("design", design, (*DESIGNS, *WEIGHTED_DESIGNS))
    budget = integer("budget", budget, 1 if wanted == "exhaustive" else 2)
    if wanted in ("nested", "fresh", "paired"):
        raise ValueError(
            f"design must suit p: {wanted!r} is for p=0.5 alone. Leave design out, or take 'weighted', 'drawn' or "
            "'independent'"
        )
    affordable = n_players <= MAX_EXHAUSTIVE_PLAYERS and 2**n_players <= budget
    if wanted == "exhaustive" and not affordable:
        return resolve_design(wanted, n_players, budget)  # raises
    if affordable and not early and not noisy:
        return "exhaustive"
    if wanted == "weighted" and (early or noisy):
        raise ValueError(
            "design='weighted' evaluates some coalitions once each, so it suits neither stopping rules nor noisy "
            "games. Take design='drawn'"
        )
    if wanted in ("hadamard", "exhaustive"):
        return "drawn" if early or noisy else "weighted"
    return wanted


# Fresh designs are drawn before the first evaluation, which takes time and memory for each of them.
_MOST_FRESH_PAIRS = 2**18


def pairs_of_full_design(n_players: int) -> int:
    """Return the number of pairs in one of several full Hadamard designs: the least power of 2 from n_players on."""
    return 1 << (n_players - 1).bit_length()


def full_designs(n_players: int, n_coalitions: int, interactions: str = "none") -> str:
    """Name the full Hadamard designs that the default takes. With fewer than two, they are the same."""
    n_pairs = n_coalitions // 2
    if n_pairs < 2 * pairs_of_full_design(n_players):
        return "hadamard"
    sought = interactions != "none" and n_pairs <= _MOST_FRESH_PAIRS
    if interactions == "auto" and search_is_costly(n_players, n_pairs):
        sought = False  # nested designs have the lower errors of plain least squares
    return "fresh" if sought and fresh_blocks_suit(n_players, n_pairs) else "nested"


def resolve_design(
    design: Any, n_players: int, budget: Any, budget_name: str = "budget", interactions: str = "none"
) -> str:
    """Check a design and its budget, and name the one that is used: "exhaustive" if the budget covers all."""
    if isinstance(design, str) and design in WEIGHTED_DESIGNS:
        raise ValueError(f"design={design!r} is for a probability p other than 0.5. Set p, or leave design out")
    wanted = choice("design", design, DESIGNS)
    budget = integer(budget_name, budget, 1 if wanted == "exhaustive" else 2)
    affordable = n_players <= MAX_EXHAUSTIVE_PLAYERS and 2**n_players <= budget
    if wanted == "exhaustive" and not affordable:
        if n_players > MAX_EXHAUSTIVE_PLAYERS:
            raise ValueError(
                f"n_players must be at most {MAX_EXHAUSTIVE_PLAYERS} for design='exhaustive', got {n_players}"
            )
        raise ValueError(
            f"{budget_name} must be at least 2^{n_players} = {2**n_players}, all coalitions, for design='exhaustive', "
            f"got {budget}"
        )
    if affordable:
        return "exhaustive"
    return full_designs(n_players, budget, interactions) if wanted == "hadamard" else wanted
