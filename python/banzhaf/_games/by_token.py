# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Games whose worth is the log-probability of an answer: estimates from the log-probabilities of its tokens."""

from __future__ import annotations

import os
from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._estimate.estimate import estimate
from banzhaf._estimate.results import BanzhafValues
from banzhaf._games.game import ReadyGame, sum_of_outputs
from banzhaf._games.two_stages import two_stages
from banzhaf._support import arguments as check

__all__ = ["TokenGame"]


class TokenGame(ReadyGame):
    """A game whose worth is the log-probability of an answer, or a measure that it determines."""

    player_names: tuple[str, ...]
    _measure: str

    @abstractmethod
    def token_log_probabilities(self, coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Compute the log-probability of each token of the answer."""

    def estimate_by_token(self, budget: int, **options: Any) -> BanzhafValues:
        r"""Estimate the values of each token of the answer, and add them up.

        The log-probability of an answer is the sum of those of its tokens, and so are its values. Each token depends on
        fewer sources than the whole answer does. With fewer evaluations than twice the sources, a sparse regression
        for each token therefore often has a much smaller error than `estimate`. It takes no further evaluations.

        Parameters
        ----------
        budget : int
            Largest number of coalitions to evaluate.
        **options
            Further arguments of `banzhaf.estimate`. Stopping rules apply to each token.

        Returns
        -------
        BanzhafValues
            Values of the log-probability of the answer, divided by its number of tokens if `measure` is ``"mean"``.
            Standard errors are the sums of the tokens' standard errors. The true ones are not larger, because the
            errors of tokens may partly cancel. `r2` and the shares of the variance are NaN.

        Raises
        ------
        ValueError
            If `measure` is ``"log-odds"``, which tokens do not add up to.
        TypeError, ValueError
            If an argument of `banzhaf.estimate` is wrong.

        See Also
        --------
        estimate_in_two_stages : Sample again where the answer still varies.

        Examples
        --------
        >>> from banzhaf.games import ContextAttribution
        >>> passages = ["Anna lives in Rome .", "Ben lives in Oslo ."]
        >>> game = ContextAttribution("gemma", passages, "{context}\nAnna lives in", " Rome .")  # doctest: +SKIP
        >>> game.estimate_by_token(4).values.shape  # doctest: +SKIP
        (2,)
        """
        if self._measure == "log-odds":
            raise ValueError('measure="log-odds" is not a sum over tokens: call estimate')
        given = {"player_names": self.player_names, **options}
        found = estimate(self.token_log_probabilities, self.n_players, budget=budget, **given)
        return sum_of_outputs(found, 1 / found.values.shape[1] if self._measure == "mean" else 1.0)

    def estimate_in_two_stages(
        self,
        budget: int,
        *,
        random_state: check.Seed = None,
        store: str | os.PathLike[str] | None = None,
    ) -> BanzhafValues:
        r"""Estimate the values in two stages, the second of which depends on the first.

        The first stage is the first half of the design of `estimate_by_token`. If up to three sources decide most of
        the answer, their 2^k subsets are the strata of the second stage. It takes more coalitions from strata in which
        the log-probability varies more, and draws all other sources at random. The values of the sources that decide,
        and their standard errors, come from the second stage. Those of the others come from a sparse regression for
        each token on both stages.

        Parameters
        ----------
        budget : int
            Largest number of coalitions to evaluate.
        random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default None
            Seed, as for `banzhaf.estimate`.
        store : str or path-like, optional
            Name of a file that keeps each evaluation, as for `banzhaf.estimate`. The second stage has a file of its
            own, whose name ends in ``-second``. The same call resumes both.

        Returns
        -------
        BanzhafValues
            Values of the worth. If its `design` is ``"two-stage"``, the sources that decide have standard errors, those
            of the others are NaN, and the evaluations are not kept. Otherwise, it is the result of `estimate_by_token`,
            or of `estimate` for log-odds, with the same bits: a second stage does not pay.

        Raises
        ------
        TypeError, ValueError
            If an argument is wrong.
        RuntimeError
            If another process works with the same store.

        Warns
        -----
        RankWarning
            As for `banzhaf.estimate`, if there is no second stage.

        See Also
        --------
        estimate_by_token : Estimate from one design.

        Notes
        -----
        Sources decide if their subsets explain at least 80 % of the variance of the first stage's worths. In
        addition, each of them must be needed for that, and no other sources may explain nearly as much. There is no
        second stage with fewer than 64 evaluations, or from twice the sources on, where one design determines all
        values.

        The second stage is a stratified sample with Neyman's allocation [1]_. What the sparse regressions predict from
        other evaluations is taken off it, which narrows the intervals. If the sources do not decide in the second stage
        what they did in the first, a regression on all evaluations gives the values, without standard errors.

        References
        ----------
        .. [1] Neyman, "On the Two Different Aspects of the Representative Method", Journal of the Royal Statistical
           Society 97 (1934).

        Examples
        --------
        >>> from banzhaf.games import ContextAttribution
        >>> passages = ["Anna lives in Rome ."] + [f"Guest {i} lives in Oslo ." for i in range(2)]
        >>> game = ContextAttribution("gemma", passages, "{context}\nAnna lives in", " Rome .")  # doctest: +SKIP
        >>> game.estimate_in_two_stages(64, random_state=0).values.shape  # doctest: +SKIP
        (3,)
        """
        by_token = self._measure != "log-odds"
        return two_stages(
            self.token_log_probabilities if by_token else self,
            self.n_players,
            budget,
            mean=self._measure == "mean",
            player_names=self.player_names,
            random_state=random_state,
            store=store,
        )
