# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Banzhaf interaction indices of pairs, or of larger sets of players, with their errors."""

from __future__ import annotations

import dataclasses
import itertools
import math
import operator
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._estimate import foreign
from banzhaf._estimate.listing import line_of
from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.fields import counts, errors, floats, texts
from banzhaf._support.intervals import intervals, margins

if TYPE_CHECKING:
    import pandas as pd
    import shap
    import shapiq

    from banzhaf._plots.interaction_plots import InteractionPlots

_REPR_SETS = 10
_MOST_SETS = 2**24  # of one order, when all are computed
_MOST_DENSE = 2**27  # entries of a dense array


@archive.archived
@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Interactions(archive.Result):
    """Banzhaf interaction indices of pairs of players, or of larger sets, with their standard errors.

    The index of two players says how much more one of them contributes if the other is in the coalition too, on
    average over all coalitions of the remaining players. It is positive if the two complement each other and negative
    if one can replace the other. The index of more players extends this: it says how much the interaction of all but
    one of them grows if that one is in the coalition too.

    It prints the leading sets with their intervals, and says what was not resolved. Arrays are read-only. Two results
    are equal if all their fields are equal to the last bit; NaN equals NaN.

    Attributes
    ----------
    n_players : int
        Number of players of the game, or of features of the model.
    order : int
        Number of players in each set: 2 for pairs.
    players : ndarray of int64, shape (n_sets, order)
        The sets that are listed: the positions of their players, ascending in each row.
    values : ndarray of float64, shape ([rows,] n_sets [, n_outputs])
        The indices, in the unit of the worths. NaN if the set was not resolved in that row or output. The axis of rows
        is there if a model was explained (see `n_rows`).
    standard_errors : ndarray of float64, shape of `values`
        Standard error of each index. 0 if it is exact, NaN if it is unknown.
    complete : bool
        Whether every set of this order was estimated. If False, a set that is not listed was not resolved: the
        evaluations do not distinguish it from 0.
    unresolved_variance : ndarray of float64, shape ([rows] [, n_outputs])
        Variance of the worths that is due to unresolved interactions and to noise, in the squared unit of the worths.
        0 if nothing is left, NaN if it is unknown.
    n_evaluations : int
        Number of coalitions that were evaluated, or of rows that the model was given.
    design : str
        How the coalitions were chosen, as in the result that the interactions come from.
    player_names : tuple of str or None
        Names of the players in order, if any were given.
    degrees_of_freedom : ndarray of float64, of a shape that broadcasts with `values`
        Degrees of freedom of Student's t for `intervals`. Infinite if exact.
    n_rows : int or None
        Number of explained rows. None if the interactions are those of one game.
    player_values : ndarray of float64, shape ([rows,] n_players [, n_outputs]), or None
        Banzhaf values from the same evaluations, if known.
    base_values : ndarray of float64, shape () or (n_outputs,), or None
        Worth of the empty coalition, if known. For a model it is the mean output over the background.
    output_names : tuple of str or None
        One name for each output, if any were given.
    p : float
        Probability with which each of the other players is in a coalition: 0.5 for Banzhaf interactions.

    Raises
    ------
    TypeError, ValueError
        If a field has the wrong type, or its shape does not match that of `values`.

    See Also
    --------
    BanzhafValues : The values of single players.
    load : Read a saved result.

    Notes
    -----
    Let T be a set of k players, and S a coalition of other players. Take the sum of ``(-1)^(k - |L|) v(S + L)`` over
    all subsets L of T. The index of T is the average of this sum over all S [1]_. It equals 2^k times the coefficient
    of T in the game's Walsh-Hadamard transform over signs that are +1 inside a coalition and -1 outside. For one player
    it is the Banzhaf value.

    References
    ----------
    .. [1] Grabisch, Roubens, "An axiomatic approach to the concept of interaction among players in cooperative games",
       International Journal of Game Theory 28 (1999).

    Examples
    --------
    Two voters carry a motion only together; the third one counts alone:

    >>> import numpy as np
    >>> import banzhaf
    >>> both = banzhaf.Interactions(
    ...     n_players=3, order=2, players=[[0, 1]], values=[1.0], standard_errors=[0.0], complete=False,
    ...     unresolved_variance=0.0, n_evaluations=8, design="exhaustive", player_names=("ann", "bob", "eve"),
    ...     degrees_of_freedom=np.inf,
    ... )
    >>> both.value("bob", "ann")
    1.0
    """

    n_players: int
    order: int
    players: NDArray[np.int64]
    values: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    complete: bool
    unresolved_variance: NDArray[np.float64]
    n_evaluations: int
    design: str
    player_names: tuple[str, ...] | None
    degrees_of_freedom: NDArray[np.float64]
    n_rows: int | None = None
    player_values: NDArray[np.float64] | None = None
    base_values: NDArray[np.float64] | None = None
    output_names: tuple[str, ...] | None = None
    p: float = 0.5

    def __post_init__(self) -> None:
        """Check the fields and replace the arrays by read-only copies."""
        n = check.players(self.n_players)
        order = check.integer("order", self.order, 1, n)
        players = _sets(self.players, n, order)
        values = floats("values", self.values)
        rows: tuple[int, ...] = () if self.n_rows is None else (check.integer("n_rows", self.n_rows, 0),)
        axis = len(rows)
        if values.ndim not in (axis + 1, axis + 2) or values.shape[: axis + 1] != (*rows, len(players)):
            wanted = ", ".join(map(str, (*rows, len(players))))
            raise ValueError(
                f"values must have shape ({wanted}{',' * (not rows)}) or ({wanted}, n_outputs) to match players and "
                f"n_rows, got {values.shape}"
            )
        outputs = values.shape[axis + 1 :]
        checked: dict[str, Any] = {
            "n_players": n,
            "order": order,
            "players": players,
            "values": values,
            "standard_errors": errors("standard_errors", self.standard_errors, values.shape),
            "complete": check.flag("complete", self.complete),
            "unresolved_variance": errors("unresolved_variance", self.unresolved_variance, (*rows, *outputs)),
            "n_evaluations": check.integer("n_evaluations", self.n_evaluations, 0),
            "design": check.text("design", self.design),
            "degrees_of_freedom": _broadcasting("degrees_of_freedom", self.degrees_of_freedom, values.shape),
            "p": check.real("p", self.p),
        }
        if not 0.0 < checked["p"] < 1.0:
            raise ValueError(f"p must lie strictly between 0 and 1, got {self.p!r}")
        if rows:
            checked["n_rows"] = rows[0]
        if self.player_names is not None:
            checked["player_names"] = texts("player_names", self.player_names, n)
        if self.player_values is not None:
            checked["player_values"] = floats("player_values", self.player_values, (*rows, n, *outputs))
        if self.base_values is not None:
            checked["base_values"] = floats("base_values", self.base_values, outputs)
        if self.output_names is not None:
            checked["output_names"] = texts("output_names", self.output_names, *(outputs or [1]))
        vars(self).update(checked)

    @property
    def n_sets(self) -> int:
        """Number of sets of this order that there are, whether listed or not."""
        return math.comb(self.n_players, self.order)

    @property
    def _axis(self) -> int:
        """The axis of `values` that runs over sets."""
        return 0 if self.n_rows is None else 1

    @property
    def _n_outputs(self) -> int | None:
        """Number of outputs, None without an axis of outputs."""
        return self.values.shape[-1] if self.values.ndim == self._axis + 2 else None

    def __len__(self) -> int:
        """Return the number of sets that are listed."""
        return len(self.players)

    def names_of(self, index: int) -> tuple[str, ...]:
        """Name the players of a listed set.

        Parameters
        ----------
        index : int
            Position of the set in `players`.

        Returns
        -------
        tuple of str
            The names; positions as texts if the players have no names.

        Examples
        --------
        >>> import banzhaf
        >>> worths = [0.0, 0.0, 0.0, 1.0]
        >>> banzhaf.exact(worths, 2, player_names=["ann", "bob"]).interactions().names_of(0)
        ('ann', 'bob')
        """
        names = self.player_names
        return tuple(names[player] if names else str(player) for player in self.players[index].tolist())

    def value(self, *players: int | str) -> Any:
        """Look up the index of a set of players.

        Parameters
        ----------
        *players : int or str
            The players, by name or position, in any order.

        Returns
        -------
        float, or ndarray of float64, shape ([rows] [, n_outputs])
            The index, in the unit of the worths. NaN if it was not resolved.

        Raises
        ------
        TypeError, ValueError
            If there is no such player, or the number of players is not `order`.

        Examples
        --------
        >>> import banzhaf
        >>> game = lambda c: 3.0 * c[:, 0] * c[:, 2]
        >>> pairs = banzhaf.exact(game, 3, player_names=["ann", "bob", "eve"]).interactions()
        >>> pairs.value("ann", "eve"), pairs.value(0, 1)
        (3.0, 0.0)
        """
        found = [self._player(player) for player in players]
        if len(set(found)) != self.order or len(found) != self.order:
            raise ValueError(f"players must be {self.order} different players, got {', '.join(map(repr, players))}")
        where = np.flatnonzero((self.players == np.sort(np.array(found, dtype=np.int64))).all(axis=1))
        if not where.size:
            shape = self.values.shape[: self._axis] + self.values.shape[self._axis + 1 :]
            return np.full(shape, np.nan) if shape else math.nan
        value = np.take(self.values, where[0], axis=self._axis)
        return float(value) if value.ndim == 0 else value

    def _player(self, player: int | str) -> int:
        """Find a player by its name or position."""
        return check.position("players", player, self.n_players, self.player_names, "player")

    def row(self, row: int) -> Interactions:
        """Take the interactions of one explained row.

        Parameters
        ----------
        row : int
            Position of the row; negative ones count from the end.

        Returns
        -------
        Interactions
            Without the axis of rows.

        Raises
        ------
        ValueError
            If there are no rows.
        IndexError
            If there is no such row.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> pairs = banzhaf.Interactions(
        ...     n_players=2, order=2, players=[[0, 1]], values=[[1.0], [3.0]], standard_errors=np.zeros((2, 1)),
        ...     complete=True, unresolved_variance=[0.0, 0.0], n_evaluations=4, design="trees", player_names=None,
        ...     degrees_of_freedom=np.inf, n_rows=2,
        ... )
        >>> pairs.row(1).values
        array([3.])
        """
        if self.n_rows is None:
            raise ValueError("row needs interactions of explained rows; these are of one game")
        index = operator.index(row)
        if not -self.n_rows <= index < self.n_rows:
            raise IndexError(f"row must be a position below {self.n_rows}, the number of rows, got {row}")
        return dataclasses.replace(
            self,
            n_rows=None,
            values=self.values[index],
            standard_errors=self.standard_errors[index],
            unresolved_variance=self.unresolved_variance[index],
            degrees_of_freedom=self._freedom(index, 0),
            player_values=None if self.player_values is None else self.player_values[index],
        )

    def output(self, output: str | int) -> Interactions:
        """Pick one output.

        Parameters
        ----------
        output : str or int
            A name from `output_names`, or a position; negative ones count from the end.

        Returns
        -------
        Interactions
            Without the axis of outputs. Its `output_names` holds the name of the output.

        Raises
        ------
        ValueError
            If there is no such output; the message lists the names.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> game = lambda c: np.column_stack([c[:, 0] & c[:, 1], c[:, 0] | c[:, 1]])
        >>> banzhaf.exact(game, 2).interactions().output(1).values
        array([-1.])
        """
        names = self.output_names or ()
        index = check.output_position(output, names, self._n_outputs or 1)
        if self._n_outputs is None:
            return self
        return dataclasses.replace(
            self,
            values=self.values[..., index],
            standard_errors=self.standard_errors[..., index],
            unresolved_variance=self.unresolved_variance[..., index],
            degrees_of_freedom=self._freedom(index, -1),
            player_values=None if self.player_values is None else self.player_values[..., index],
            base_values=None if self.base_values is None else self.base_values[index],
            output_names=(names[index],) if names else None,
        )

    def top(self, k: int = 10) -> Interactions:
        """Take the sets with the largest absolute indices.

        Sets are compared by their mean absolute index over rows. Of several outputs, the largest one counts.

        Parameters
        ----------
        k : int, default 10
            How many sets to take, at least 1.

        Returns
        -------
        Interactions
            Its sets are ordered by size, largest first. All else stays, so `complete` still says whether every set
            was estimated.

        Raises
        ------
        TypeError, ValueError
            If `k` is not a positive integer.

        See Also
        --------
        to_frame : Put all sets in a table.

        Examples
        --------
        >>> import banzhaf
        >>> game = lambda c: 3.0 * c[:, 0] * c[:, 2] - 5.0 * c[:, 1] * c[:, 2]
        >>> banzhaf.exact(game, 3).interactions().top(2).players
        array([[1, 2],
               [0, 2]])
        """
        leading = self._leading()[: check.integer("k", k, 1)]
        return dataclasses.replace(
            self,
            players=self.players[leading],
            values=np.take(self.values, leading, axis=self._axis),
            standard_errors=np.take(self.standard_errors, leading, axis=self._axis),
            degrees_of_freedom=self._freedom(leading, self._axis),
        )

    def _freedom(self, index: Any, axis: int) -> NDArray[np.float64]:
        """Take degrees of freedom along an axis of `values`; one number for all stays one."""
        freedom = self.degrees_of_freedom
        return np.take(np.broadcast_to(freedom, self.values.shape), index, axis=axis) if freedom.ndim else freedom

    def _size(self) -> NDArray[np.float64]:
        """Return the size by which sets are ordered: the mean over rows, and the largest output. NaN counts as 0."""
        size = np.nan_to_num(np.abs(self.values), nan=0.0)
        if self.n_rows is not None:
            size = size.mean(axis=0) if self.n_rows else np.zeros(size.shape[1:])
        found: NDArray[np.float64] = size.max(axis=1, initial=0.0) if size.ndim == 2 else size
        return found

    def _leading(self) -> NDArray[np.intp]:
        """Order the listed sets by size, largest first."""
        return np.argsort(-self._size(), kind="stable")

    def intervals(self, level: float = 0.95, *, simultaneous: bool = False) -> NDArray[np.float64]:
        """Compute confidence intervals of the indices by Student's t.

        Sets that were chosen because their estimates are large, as by `top`, have errors above the average. Their
        ordinary intervals cover less often than `level` says. Simultaneous intervals hold for chosen sets too.

        Parameters
        ----------
        level : float, default 0.95
            Share of intervals that should cover the true index, strictly between 0 and 1.
        simultaneous : bool, default False
            Whether all intervals of a row and output should cover together with the probability `level`, among all
            `n_sets` sets of this order. They are wider then (Bonferroni's inequality).

        Returns
        -------
        ndarray of float64, shape ([rows,] n_sets [, n_outputs], 2)
            Lower and upper ends, in the unit of the worths. Both ends equal the index if it is exact. They are NaN if
            its standard error is unknown.

        Raises
        ------
        TypeError, ValueError
            If `level` is not a number strictly between 0 and 1, or `simultaneous` is not a bool.

        Examples
        --------
        >>> import banzhaf
        >>> banzhaf.exact([0.0, 0.0, 0.0, 1.0], 2).interactions().intervals()
        array([[1., 1.]])
        """
        share = check.real("level", level)
        if check.flag("simultaneous", simultaneous) and 0.0 < share < 1.0:
            share = 1.0 - (1.0 - share) / max(1, self.n_sets)
        return intervals(self.values, self.standard_errors, self.degrees_of_freedom, share)

    def importance(self, level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Average the absolute indices over the explained rows, with intervals.

        The intervals use the mean of the rows' standard errors, which bounds the standard error of the mean whatever
        the correlation of the rows' errors. The absolute value of an uncertain number near 0 is too large on average.
        Rows in which a set was not resolved are left out of its mean.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, in (0, 1).

        Returns
        -------
        means : ndarray of float64, shape (n_sets,) or (n_sets, n_outputs)
            Mean absolute indices, in the unit of the model's output. NaN for a set that was resolved in no row.
        intervals : ndarray of float64, shape (n_sets, 2) or (n_sets, n_outputs, 2)
            Lower and upper ends, never below 0.

        Raises
        ------
        ValueError
            If `level` is not between 0 and 1, or there are no rows.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> pairs = banzhaf.Interactions(
        ...     n_players=2, order=2, players=[[0, 1]], values=[[1.0], [-3.0]], standard_errors=np.zeros((2, 1)),
        ...     complete=True, unresolved_variance=[0.0, 0.0], n_evaluations=4, design="trees", player_names=None,
        ...     degrees_of_freedom=np.inf, n_rows=2,
        ... )
        >>> pairs.importance()[0]
        array([2.])
        """
        if not self.n_rows:
            raise ValueError("importance needs interactions of explained rows; there are none here")
        resolved = ~np.isnan(self.values)
        means = _mean(np.abs(self.values), resolved)
        half = _mean(margins(self.standard_errors, self.degrees_of_freedom, level), resolved)
        return means, np.stack([np.maximum(means - half, 0.0), means + half], axis=-1)

    def to_dense(self) -> NDArray[np.float64]:
        """Put the indices in a symmetric array, with an entry for every order of the players.

        Returns
        -------
        ndarray of float64, shape ([rows,] n_players, ..., n_players [, n_outputs])
            For pairs a symmetric matrix. NaN for a set that was not resolved or is not listed. An entry that names a
            player twice is 0.

        Raises
        ------
        ValueError
            If the array would have more than 2^27 entries.

        Notes
        -----
        For pairs, this is the matrix of second derivatives of the game's multilinear extension, averaged over the cube:
        a player has none with itself.

        Examples
        --------
        >>> import banzhaf
        >>> banzhaf.exact(lambda c: 3.0 * c[:, 0] * c[:, 2], 3).interactions().to_dense()
        array([[0., 0., 3.],
               [0., 0., 0.],
               [3., 0., 0.]])
        """
        rows, outputs = self.values.shape[: self._axis], self.values.shape[self._axis + 1 :]
        shape = (*rows, *[self.n_players] * self.order, *outputs)
        if math.prod(shape) > _MOST_DENSE:
            raise ValueError(
                f"order must be smaller for a dense array, or there must be fewer players, rows or outputs: shape "
                f"{shape} has more than 2^27 entries. Use players and values, or take a row or an output first"
            )
        dense = np.full(shape, np.nan)
        rows_axis: tuple[Any, ...] = (slice(None),) * self._axis
        places = np.indices((self.n_players,) * self.order, sparse=True)
        for first, second in itertools.combinations(range(self.order), 2):
            dense[(*rows_axis, np.broadcast_to(places[first] == places[second], (self.n_players,) * self.order))] = 0.0
        for columns in itertools.permutations(range(self.order)):
            dense[(*rows_axis, *(self.players[:, column] for column in columns))] = self.values
        return dense

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Put the indices in a tidy pandas DataFrame, one line for each row, set and output.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level of the columns `lower` and `upper`.

        Returns
        -------
        pandas.DataFrame
            Columns row (if rows were explained), player_1, player_2, ... (names, or positions as texts), output (if
            there are several), value, standard_error, lower and upper. Sets are in the order of `players`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If `level` is not between 0 and 1.

        Examples
        --------
        >>> import banzhaf
        >>> game = lambda c: 3.0 * c[:, 0] * c[:, 1]
        >>> pairs = banzhaf.exact(game, 2, player_names=["ann", "bob"]).interactions()
        >>> pairs.to_frame()[["player_1", "player_2", "value"]]
          player_1 player_2  value
        0      ann      bob    3.0
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_frame needs pandas: pip install pandas") from error
        bounds = self.intervals(level)
        axes = np.indices(self.values.shape).reshape(self.values.ndim, -1)
        names = np.array(self._names(), dtype=object)
        columns: dict[str, Any] = {} if self.n_rows is None else {"row": axes[0]}
        for place in range(self.order):
            columns[f"player_{place + 1}"] = names[self.players[axes[self._axis], place]]
        if self._n_outputs is not None:
            columns["output"] = np.take(self.output_names, axes[-1]) if self.output_names else axes[-1]
        columns["value"] = self.values.ravel()
        columns["standard_error"] = self.standard_errors.ravel()
        columns["lower"] = bounds[..., 0].ravel()
        columns["upper"] = bounds[..., 1].ravel()
        return pd.DataFrame(columns)

    def to_shap(self, data: ArrayLike | None = None) -> shap.Explanation:
        """Make a shap.Explanation of interactions, as ``shap.TreeExplainer(model)(X, interactions=True)`` returns it.

        shap splits the index of a pair evenly: an entry off the diagonal is half the index of its pair. An entry of the
        diagonal is what is left of the player's Banzhaf value. So a row of the matrix adds up to the Banzhaf value of
        its player. The whole matrix adds up to the sum of the Banzhaf values, which need not be the prediction.
        Pairs that were not resolved are 0 here.

        Parameters
        ----------
        data : array_like of shape (rows, n_players), optional
            The explained rows, for plots that show them. shap's plots take numbers here.

        Returns
        -------
        shap.Explanation
            `values` has shape ([rows,] n_players, n_players [, n_outputs]). Pass them to ``shap.summary_plot``,
            ``shap.dependence_plot`` or ``shap.decision_plot``. Base values are 0 if `base_values` is None.

        Raises
        ------
        ImportError
            If shap is not installed.
        ValueError
            If `order` is not 2, or `player_values` is None.

        See Also
        --------
        to_shapiq : Make an object of shapiq.

        Examples
        --------
        >>> import banzhaf
        >>> pairs = banzhaf.exact(lambda c: c[:, 0] + 3.0 * c[:, 0] * c[:, 1], 2).interactions()
        >>> pairs.player_values
        array([2.5, 1.5])
        >>> pairs.to_shap().values
        array([[1. , 1.5],
               [1.5, 0. ]])
        """
        return foreign.to_shap(self, data)

    def to_shapiq(self) -> shapiq.InteractionValues | list[shapiq.InteractionValues]:
        """Make shapiq's InteractionValues with the index "BII", for its plots and its other functions.

        It holds the listed sets, and the Banzhaf values of single players if they are known. Sets that were not
        resolved are missing, which shapiq reads as 0. shapiq's objects have no standard errors.

        Returns
        -------
        shapiq.InteractionValues, or a list of them
            A list with one for each row if rows were explained, as shapiq's ``explain_X`` gives.

        Raises
        ------
        ImportError
            If shapiq is not installed.
        ValueError
            If there are several outputs: pick one with `output`. If `p` is not 0.5.

        See Also
        --------
        from_shapiq : The way back.

        Examples
        --------
        >>> import banzhaf
        >>> pairs = banzhaf.exact(lambda c: 3.0 * c[:, 0] * c[:, 1], 2).interactions()
        >>> from importlib.util import find_spec
        >>> if find_spec("shapiq") is not None:
        ...     assert pairs.to_shapiq()[(0, 1)] == 3.0
        """
        return foreign.to_shapiq(self)

    @classmethod
    def from_shapiq(
        cls, found: shapiq.InteractionValues, *, order: int | None = None, player_names: tuple[str, ...] | None = None
    ) -> Interactions:
        """Read Banzhaf interactions from shapiq's InteractionValues.

        Parameters
        ----------
        found : shapiq.InteractionValues
            With the index "BII" or "BV", or "FBII". Faithful Banzhaf interactions ("FBII") are Banzhaf interactions
            only for their largest order.
        order : int, optional
            Number of players in each set. By default it is the largest order of `found`.
        player_names : tuple of str, optional
            Names of the players in order.

        Returns
        -------
        Interactions
            Standard errors are NaN if `found` was estimated, because shapiq has none, and else 0.

        Raises
        ------
        TypeError, ValueError
            If `found` is something else, or its index is not a Banzhaf interaction of this order.

        See Also
        --------
        to_shapiq : The way there.

        Examples
        --------
        An object with the attributes of shapiq's stands in for ``shapiq.ExactComputer(game)("BII", 2)``:

        >>> from types import SimpleNamespace
        >>> import banzhaf
        >>> found = SimpleNamespace(
        ...     interactions={(0,): 1.5, (1,): 1.5, (0, 1): 3.0}, index="BII", max_order=2, n_players=2,
        ...     estimated=False, estimation_budget=None, baseline_value=0.0,
        ... )
        >>> banzhaf.Interactions.from_shapiq(found, player_names=("ann", "bob")).value("ann", "bob")
        3.0
        """
        return cls(**foreign.from_shapiq(found, order, player_names))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the interactions to a file that `banzhaf.load` reads.

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
        >>> pairs = banzhaf.exact([0.0, 0.0, 0.0, 1.0], 2).interactions()
        >>> path = os.path.join(tempfile.mkdtemp(), "pairs.banzhaf")
        >>> pairs.save(path)
        >>> banzhaf.load(path) == pairs
        True
        """
        archive.save(self, path)

    def _names(self) -> tuple[str, ...]:
        return self.player_names or tuple(map(str, range(self.n_players)))

    def __repr__(self) -> str:
        """Show the leading sets with their 95 % intervals, and what was not resolved."""
        rows = f"{self.n_players:,} players"
        if self.n_rows is not None:
            rows = f"{self.n_rows:,} rows, {self.n_players:,} features"
        outputs = f", {self._n_outputs} outputs" if self._n_outputs is not None else ""
        spent = f", {self.n_evaluations:,} evaluations" if self.n_evaluations else ""
        weight = "" if self.p == 0.5 else f", p = {self.p:g}"
        lines = [f"Interactions of {things(self.order)}: {rows}{outputs}{spent}, design {self.design!r}{weight}"]
        if not self.complete:
            lines.append(f"  {len(self):,} of {self.n_sets:,} {things(self.order)} resolved{self._left('; ')}")
        elif self._much_is_left():
            lines.append(f"  {self._left()}")
        if self.n_rows is not None:
            lines.append("  mean absolute value over the rows:")
        if self.n_rows == 0:
            return "\n".join([*lines[:-1], "  no rows"])
        shown = self.top(_REPR_SETS)
        labels = [" x ".join(shown.names_of(index)) for index in range(len(shown))]
        width = max(map(len, labels), default=0)
        values, bounds = (shown.values, shown.intervals()) if self.n_rows is None else shown.importance()
        for label, value, ends in zip(labels, values, bounds, strict=True):
            lines.append(line_of(label, width, value, ends))
        if len(self) > len(shown):
            lines.append(f"  ... {len(self) - len(shown):,} more")
        return "\n".join(lines)

    def _left(self, before: str = "") -> str:
        """Say how large what was not resolved is."""
        left = self.unresolved_variance
        if not left.size or np.isnan(left).all():
            return ""
        return f"{before}the rest has standard deviation {math.sqrt(float(np.nanmean(left))):.3g}"

    def _much_is_left(self) -> bool:
        """Whether what no set explains has more than a hundredth of the variance that the sets make."""
        left = float(np.nan_to_num(self.unresolved_variance).sum())
        explained = float(np.nansum((self.values / 2.0**self.order) ** 2))
        return left > 0.01 * explained

    @property
    def plot(self) -> InteractionPlots:
        """Plots of these interactions.

        ``plot.bar()`` draws the largest ones, ``plot.heatmap()`` and ``plot.network()`` draw pairs.
        ``plot.scatter(first, second, explanation)`` draws one pair in all explained rows.
        """
        from banzhaf._plots.interaction_plots import InteractionPlots

        return InteractionPlots(self)

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import interactions_card

        return interactions_card(self)


def things(order: int) -> str:
    """Name sets of this many players."""
    return {1: "single players", 2: "pairs", 3: "triples"}.get(order, f"sets of {order} players")


def all_sets(n_players: int, order: int) -> NDArray[np.int64]:
    """List all sets of `order` players, in lexicographic order."""
    n_sets = math.comb(n_players, order)
    if n_sets > _MOST_SETS:
        raise ValueError(
            f"order must be such that there are at most 2^24 sets, got {order}: {n_players} players have {n_sets} sets"
        )
    flat = itertools.chain.from_iterable(itertools.combinations(range(n_players), order))
    return np.fromiter(flat, dtype=np.int64, count=n_sets * order).reshape(n_sets, order)


def _sets(given: Any, n_players: int, order: int) -> NDArray[np.int64]:
    """Check that each row holds different players in ascending order, and that no row comes twice."""
    players = counts("players", given)
    if players.ndim != 2 or players.shape[1] != order:
        raise ValueError(f"players must have shape (n_sets, {order}) to match order, got {players.shape}")
    if players.size and int(players.max()) >= n_players:
        raise ValueError(f"players must be positions below {n_players}, the number of players, got {players.max()}")
    if (np.diff(players, axis=1) <= 0).any():
        raise ValueError("players must be ascending in each row")
    fits = n_players**order < 2**63  # then a number stands for each set, and numbers are compared far faster
    keys = players @ (n_players ** np.arange(order, dtype=np.int64)) if fits else players
    if len(np.unique(keys, axis=0)) < len(players):
        raise ValueError("players must hold each set once")
    return players


def _broadcasting(name: str, given: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Check that an array broadcasts to a shape."""
    array = floats(name, given)
    try:
        np.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(f"{name} must have a shape that broadcasts to {shape}, got {array.shape}") from None
    return array


def _mean(numbers: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Average over rows where known; NaN where no row is known."""
    n_known = known.sum(axis=0)
    total = np.where(known, numbers, 0.0).sum(axis=0)
    means: NDArray[np.float64] = np.divide(total, n_known, out=np.full(total.shape, np.nan), where=n_known > 0)
    return means
