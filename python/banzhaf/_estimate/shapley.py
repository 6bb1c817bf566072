# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Shapley values of a game, beside its Banzhaf values."""

from __future__ import annotations

import dataclasses
import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate import given
from banzhaf._estimate.interaction_sources import interactions_of_values
from banzhaf._estimate.kept import table_of
from banzhaf._estimate.listing import frame_of, lines_of
from banzhaf._estimate.units import in_units, of_each, units_of
from banzhaf._support import archive
from banzhaf._support.fields import as_computed, errors, floats, of_players
from banzhaf._support.intervals import intervals
from banzhaf._support.quantities import SHAPLEY_VALUE

if TYPE_CHECKING:
    import pandas as pd

    from banzhaf._estimate.results import BanzhafValues
    from banzhaf._plots.values_plots import ValuesPlots


@archive.archived
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ShapleyValues(archive.Result):
    """Shapley values of the players, with their standard errors.

    `BanzhafValues.shapley` returns it. A Shapley value is a player's mean contribution to the coalitions of the others,
    where all sizes of coalitions have the same weight. Shapley values add up to the worth of all players minus that of
    none. Arrays are read-only. Two results are equal if all their fields are equal to the last bit.

    Attributes
    ----------
    values : ndarray of float64, shape (n_players,) or (n_players, n_outputs)
        The Shapley values, in the unit of the worths.
    standard_errors : ndarray of float64, shape of `values`
        Standard error of each value, in the unit of the worths. It has two parts: the sampling error, and
        `unresolved_errors`. 0 if the value is exact, NaN if it is unknown.
    unresolved_errors : ndarray of float64, shape of `values`
        The part of `standard_errors` that is due to interactions that the evaluations do not resolve. More evaluations
        of the same kind do not make it smaller.
    worth_empty, worth_full : ndarray of float64, shape () or (n_outputs,)
        Worths of the coalition without players and of that with all players. NaN if they were neither evaluated nor
        given. The values then need not add up to their difference.
    n_evaluations : int
        Number of coalitions that were evaluated.
    design : str
        How coalitions were chosen, as in `BanzhafValues`.
    degrees_of_freedom : float
        Degrees of freedom of Student's t for `intervals`. Infinite if exact.
    player_names : tuple of str or None
        Names of the players in order, if any were given.
    random_state : int or None
        The seed of the evaluations. None if nothing was drawn.

    See Also
    --------
    BanzhafValues.shapley : Compute the Shapley values from the evaluations of a run.
    BanzhafValues : Banzhaf values of the players.
    load : Read a saved result.

    Examples
    --------
    Three players make 6 more together than each on its own. Their Shapley values share it:

    >>> import numpy as np
    >>> import banzhaf
    >>> alone = np.array([3.0, 2.0, 1.0])
    >>> banzhaf.exact(lambda coalitions: coalitions @ alone + 6 * coalitions.all(axis=1), 3).shapley()
    ShapleyValues: 3 players, 8 evaluations, design 'exhaustive', sum 12
      0   5
      1   4
      2   3
    """

    quantity: ClassVar[str] = SHAPLEY_VALUE

    values: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    unresolved_errors: NDArray[np.float64]
    worth_empty: NDArray[np.float64]
    worth_full: NDArray[np.float64]
    n_evaluations: int
    design: str
    degrees_of_freedom: float
    player_names: tuple[str, ...] | None
    random_state: int | None

    def __post_init__(self) -> None:
        """Check the fields and replace the arrays by read-only copies."""
        shared = of_players(self)
        shape = shared["values"].shape
        checked = {
            "unresolved_errors": errors("unresolved_errors", self.unresolved_errors, shape),
            "worth_empty": floats("worth_empty", self.worth_empty, shape[1:]),
            "worth_full": floats("worth_full", self.worth_full, shape[1:]),
        }
        vars(self).update(shared, **checked)

    def __len__(self) -> int:
        """Return the number of players."""
        return len(self.values)

    def intervals(self, level: float = 0.95) -> NDArray[np.float64]:
        """Compute confidence intervals of the values by Student's t.

        Parameters
        ----------
        level : float, default 0.95
            Share of intervals that should cover the true value, strictly between 0 and 1.

        Returns
        -------
        ndarray of float64, shape (n_players, 2) or (n_players, n_outputs, 2)
            Lower and upper ends, in the unit of the worths. Both ends equal the value if it is exact. They are NaN if
            its standard error is unknown.

        Raises
        ------
        TypeError, ValueError
            If `level` is not a number strictly between 0 and 1.

        See Also
        --------
        to_frame : Put values, standard errors and intervals in a DataFrame.

        Examples
        --------
        >>> import banzhaf
        >>> banzhaf.exact(lambda c: c.sum(axis=1), 2).shapley().intervals()
        array([[1., 1.],
               [1., 1.]])
        """
        return intervals(self.values, self.standard_errors, self.degrees_of_freedom, level)

    def to_frame(self) -> pd.DataFrame:
        """Put the values in a tidy pandas DataFrame, one row for each player and output.

        Returns
        -------
        pandas.DataFrame
            Columns player, output (if the worths have several outputs), value, standard_error, lower and upper. The
            last two are the ends of the 95 % interval.

        Raises
        ------
        ImportError
            If pandas is not installed.

        See Also
        --------
        intervals : Compute intervals of another level.

        Examples
        --------
        >>> import banzhaf
        >>> shapley = banzhaf.exact(lambda c: c.all(axis=1), 2, player_names=["ann", "bob"]).shapley()
        >>> shapley.to_frame()[["player", "value"]]
          player  value
        0    ann    0.5
        1    bob    0.5
        """
        return frame_of(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the result to a file that `banzhaf.load` reads.

        Parameters
        ----------
        path : str or path-like
            Name of the file, used as given. An existing file is replaced once the new one is complete.

        Raises
        ------
        OSError
            If the file cannot be written. An existing file is then unchanged.

        See Also
        --------
        load : Read a saved result.

        Examples
        --------
        >>> import os, tempfile
        >>> import banzhaf
        >>> shapley = banzhaf.exact(lambda c: c.sum(axis=1), 2).shapley()
        >>> path = os.path.join(tempfile.mkdtemp(), "shapley.banzhaf")
        >>> shapley.save(path)
        >>> banzhaf.load(path) == shapley
        True
        """
        archive.save(self, path)

    @property
    def plot(self) -> ValuesPlots:
        """Plots of these values, such as ``plot.bar()``."""
        from banzhaf._plots.values_plots import ValuesPlots

        return ValuesPlots(self)

    def __repr__(self) -> str:
        """Show the leading players with their 95 % intervals."""
        n_outputs = self.values.shape[1] if self.values.ndim == 2 else 1
        outputs = f", {n_outputs} outputs" if self.values.ndim == 2 else f", sum {self.values.sum():.6g}"
        first = f"ShapleyValues: {len(self)} players, {self.n_evaluations} evaluations, design {self.design!r}{outputs}"
        return "\n".join([first, *lines_of(self)])

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import shapley_card

        return shapley_card(self)


def shapley_of(values: BanzhafValues, empty: Any, full: Any, ends: Any) -> ShapleyValues:
    """Compute the Shapley values of a result, as `BanzhafValues.shapley` describes."""
    n, outputs = len(values), values.values.shape[1:]
    n_ends = 2 * (n + 1)
    if ends is not None:
        if empty is not None or full is not None:
            raise ValueError("ends must not be passed with empty or full, which are its second and its first worth")
        ends = given.ends(ends, n, outputs)
    elif values.end_worths is not None and empty is None and full is None:
        ends = values.end_worths
    worth_empty, worth_full = _worth("empty", empty, outputs), _worth("full", full, outputs)
    # A run at another probability keeps coalitions that are not uniform, and complete tables all the same.
    kept = values._evaluations
    table = None if kept is None or values.noisy else table_of(kept)
    units = units_of(values) if table is None else None
    if units is not None:
        return _in_units(values, units, empty, full, ends)
    n_evaluations = values.n_evaluations + (0 if values.end_worths is None else n_ends)

    def result(combined: Combined, empty: Any, full: Any, freedom: float) -> ShapleyValues:
        shape = values.values.shape
        return as_computed(
            ShapleyValues,
            values=combined.values.reshape(shape),
            standard_errors=np.hypot(combined.sampling, combined.unresolved).reshape(shape),
            unresolved_errors=combined.unresolved.reshape(shape),
            worth_empty=np.array(empty).reshape(outputs),
            worth_full=np.array(full).reshape(outputs),
            n_evaluations=n_evaluations,
            design=values.design,
            degrees_of_freedom=freedom,
            player_names=values.player_names,
            random_state=values.random_state,
        )

    if table is None and values.p != 0.5:
        raise ValueError("shapley needs uniform coalitions or all of them, but these have another p: leave p out")
    if values.n_evaluations == 0 and ends is None:
        raise ValueError(
            "shapley needs evaluations, and this result has none, because a formula gave its values: use what estimate "
            "returns, or pass ends"
        )
    if table is not None:
        exact = shapley_of_table(table, n)
        nothing = np.zeros_like(exact)
        return result(Combined(exact, nothing, nothing), table[0], table[-1], np.inf)
    banzhaf, errors_of_banzhaf = given.columns(values.values), given.columns(values.standard_errors)
    variance, unexplained = _variance_of_higher(values)
    if ends is not None:
        worths = given.columns(ends)
        found = from_ends(banzhaf, errors_of_banzhaf, variance, unexplained, worths)
        return result(found, worths[1], worths[0], values.degrees_of_freedom)
    threes = _of_threes(values)
    if threes is not None:
        banzhaf, variance = banzhaf + threes[0], threes[1]
    found = from_sample(banzhaf, errors_of_banzhaf, variance, np.atleast_1d(worth_full - worth_empty))
    return result(found, worth_empty, worth_full, values.degrees_of_freedom)


def _in_units(values: BanzhafValues, units: NDArray[np.float64], *worths: Any) -> ShapleyValues:
    """Compute the Shapley values in units in which squares stay in the range of float64."""
    unit = of_each(values, units)
    found = shapley_of(in_units(values, units), *(None if each is None else np.asarray(each) / unit for each in worths))
    sizes = ("values", "standard_errors", "unresolved_errors", "worth_empty", "worth_full")
    return dataclasses.replace(found, **{name: getattr(found, name) * unit for name in sizes})


def _worth(name: str, worth: Any, outputs: tuple[int, ...]) -> NDArray[np.float64]:
    if worth is None:
        return np.full(outputs, np.nan)
    found = given.finite(name, given.numbers(name, worth))
    if found.shape != outputs:
        raise ValueError(f"{name} must have shape {outputs}, a worth for each output, got {found.shape}")
    return found


def _of_threes(values: BanzhafValues) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return what interactions of three players add to the Shapley values, and the variance that remains, if known."""
    if len(values) < 3 or values._evaluations is None:
        return None
    try:
        found = interactions_of_values(values, values._evaluations, 3, None)
    except ValueError:  # too few pairs, or none
        return None
    of_sets = given.columns(found.values)
    added = np.zeros((len(values), of_sets.shape[1]))
    for column in found.players.T:
        np.add.at(added, column, of_sets / 12)  # a coefficient c is an interaction of 8 c, and adds 2 c / 3
    return added, 4.0 * np.atleast_1d(found.unresolved_variance)


def _variance_of_higher(values: BanzhafValues) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the variance of v(S) - v(S^c) by interactions of three players and more, and the share not explained."""
    shares = values.variance_shares.reshape(3, -1)
    variance = 4.0 * shares[2] * np.atleast_1d(values.even_variance + values.odd_variance)
    unexplained = np.ones(variance.shape)
    record = values.adjustment
    if record is not None:
        for output, reason in enumerate(record.reasons):
            if reason == "" and not math.isnan(share := record.left_share(output)):
                unexplained[output] = min(1.0, share)
    return variance, unexplained


class Combined(NamedTuple):
    """Shapley values of several outputs, with the two parts of their errors: arrays (n_players, n_outputs)."""

    values: NDArray[np.float64]
    sampling: NDArray[np.float64]
    unresolved: NDArray[np.float64]


# A set of five players with the coefficient c adds 2 c / 5 to the Shapley value of each, and Simpson's rule 2 c / 3.
_SIMPSON_AT_FIVE = 1 / 3 - 1 / 5


def from_ends(
    banzhaf: NDArray[np.float64],
    errors_of_banzhaf: NDArray[np.float64],
    variance: NDArray[np.float64],
    unexplained: NDArray[np.float64],
    ends: NDArray[np.float64],
) -> Combined:
    """Combine Banzhaf values with the worths of the coalitions of 0, 1, n - 1 and n players, by Simpson's rule.

    Parameters
    ----------
    banzhaf, errors_of_banzhaf : ndarray of float64, shape (n_players, n_outputs)
        Banzhaf values and their standard errors.
    variance : ndarray of float64, shape (n_outputs,)
        Variance of v(S) - v(S^c) that is due to interactions of three players and more.
    unexplained : ndarray of float64, shape (n_outputs,)
        Share of this variance that no interaction found explains: 0 to 1.
    ends : ndarray of float64, shape (2 (n_players + 1), n_outputs)
        Worths of all players, of none, then of each player alone and of all others.

    Notes
    -----
    See theorems 40 to 44 on the theory page. With the mean a of what a player adds to the empty coalition and to all
    others, its Shapley value is (2 banzhaf + a) / 3, up to interactions of five players and more.
    """
    full, empty = ends[0], ends[1]
    gains = (ends[2::2] - empty + full - ends[3::2]) / 2
    higher = gains - banzhaf  # of interactions of three players and more
    sampling = 2 / 3 * errors_of_banzhaf
    # All that is not explained is taken as interactions of five players: with one sign, and with random signs.
    squares = higher**2 + 5 * np.where(np.isnan(variance), 0.0, np.maximum(variance, 0.0)) * shares_of(banzhaf)
    unresolved = _SIMPSON_AT_FIVE * np.sqrt(unexplained * squares)
    return _adding_up((2 * banzhaf + gains) / 3, sampling, unresolved, full - empty)


def from_sample(
    banzhaf: NDArray[np.float64],
    errors_of_banzhaf: NDArray[np.float64],
    variance: NDArray[np.float64],
    total: NDArray[np.float64],
) -> Combined:
    """Take Shapley values from uniform coalitions alone.

    Parameters
    ----------
    banzhaf, errors_of_banzhaf : ndarray of float64, shape (n_players, n_outputs)
        Shapley values of what was found, and the standard errors of the Banzhaf values.
    variance : ndarray of float64, shape (n_outputs,)
        Variance of v(S) - v(S^c) that is due to interactions of three players and more that were not found.
    total : ndarray of float64, shape (n_outputs,)
        Worth of all players less that of none, or NaN.

    Notes
    -----
    A set T of players with the coefficient c adds 2 c / |T| to the Shapley value of each of its players, and (2 c)^2 to
    the variance. If their signs are independent, a third of the variance is the most that they add to the sum of the
    players' squared errors. Sets that share players often have one sign, so three times as much is taken. Half of it
    is divided equally, and half in proportion to the squared values. Without the total, nothing shows what many sets
    of one sign add together, so the errors are unknown.
    """
    unresolved = np.sqrt(np.maximum(variance, 0.0) * shares_of(banzhaf))
    unresolved = np.where(np.isfinite(total), unresolved, np.nan)
    return _adding_up(banzhaf, errors_of_banzhaf, unresolved, total)


def shares_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide 1 among the players: half of it equally, and half in proportion to their squared values."""
    squares = values**2
    sums = squares.sum(axis=0)
    parts = np.where(sums > 0, squares / np.where(sums > 0, sums, 1.0), 1 / len(values))
    return np.asarray((1 / len(values) + parts) / 2)


def _adding_up(
    values: NDArray[np.float64], sampling: NDArray[np.float64], unresolved: NDArray[np.float64], total: Any
) -> Combined:
    """Divide what the values lack of the total by their uncertainty, and count it as an error of each player."""
    variances = sampling**2 + unresolved**2
    known = np.isfinite(variances).all(axis=0) & (variances > 0).any(axis=0)
    parts = np.where(known, variances, 1.0)
    lacking = np.where(np.isfinite(total), total - values.sum(axis=0), 0.0) * parts / parts.sum(axis=0)
    # Rounding is no error.
    scale = np.abs(values).sum(axis=0) + np.abs(np.where(np.isfinite(total), total, 0.0))
    told = np.where(np.abs(lacking).sum(axis=0) > 1e-12 * scale, np.abs(lacking), 0.0)
    return Combined(values + lacking, sampling, np.hypot(unresolved, told))


def weights_by_size(n_players: int) -> NDArray[np.float64]:
    """Return the weights with which coalitions of 0, 1, ... players enter the Shapley values of their players.

    Read backwards, they are the weights with which coalitions are subtracted from the values of all others.
    """
    sizes = range(1, n_players + 1)
    return np.array([0.0, *(1.0 / (size * math.comb(n_players, size)) for size in sizes)])


def shapley_of_table(worths: NDArray[np.float64], n_players: int) -> NDArray[np.float64]:
    """Compute exact Shapley values from the worths of all coalitions.

    Parameters
    ----------
    worths : ndarray of float64, shape (2^n_players, n_outputs)
        The worth of a coalition stands at index sum of 2^i over its players i.
    n_players : int

    Returns
    -------
    ndarray of float64, shape (n_players, n_outputs)

    Notes
    -----
    In the value of one of its members, a coalition of s of n players has the weight 1 / (s C(n, s)). In the value of
    another player, its weight is -1 / ((n - s) C(n, s)). Let w(s) be the one minus the other. The value of a player is
    the sum of w(s) v(S) over its coalitions S, up to a sum over all coalitions that is the same for every player. The
    former sums are Banzhaf values of the game w(s) v(S), up to such a sum.
    """
    n = n_players
    sizes = np.zeros(1, dtype=np.uint8)
    for _ in range(n):
        sizes = np.concatenate([sizes, sizes + np.uint8(1)])
    own = weights_by_size(n)
    other = own[::-1]
    gains = worths - worths[0]
    weighted = gains * (own + other)[sizes][:, np.newaxis]
    # The sum over a player's coalitions is half of the sum over all of them, plus 2^(n - 2) Banzhaf values.
    found = _core.exact(np.ascontiguousarray(weighted), n, 0)
    halves = found.values * 2.0 ** (n - 2)
    common = (0.5 * (own + other) - other)[sizes] @ gains
    return np.asarray(halves + common)
