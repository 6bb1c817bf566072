# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The calls of an explainer: they evaluate the model on masked rows, and wrap what the core finds."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate.stopping import Stopping, says_stop
from banzhaf._explain.adapters import Checked, Direct
from banzhaf._explain.background import Background, Encoded
from banzhaf._explain.budgets import Budget
from banzhaf._explain.cost import CostWatch
from banzhaf._explain.explanation import Explanation, explanation_of_core
from banzhaf._explain.gradient_error import GradientError
from banzhaf._explain.gradients import Gradients, Trial, hidden_jump, no_gradient
from banzhaf._explain.kept_rows import KeptRows, kept_rows
from banzhaf._explain.models import Model
from banzhaf._explain.native import NativeModel
from banzhaf._explain.players import Players
from banzhaf._explain.prepared import Prepared
from banzhaf._support.bridge import Returned, attach, progress_bar
from banzhaf._support.workers import Workers

if TYPE_CHECKING:
    from banzhaf._explain.remote import RemoteModel

__all__ = ["Calls"]

_BATCH_BYTES = 2**24
_MOST_BATCH_ROWS = 2**16
# The cost of a compiled model is of no interest up to so many rows, and that of a model which the core knows.
_SHORT_RUN = 1000
_SHORT_RUN_OF_TREES = 10_000
_NO_BAR = nullcontext()


def _advance_nothing(n_rows: int, total: int | None = None) -> None:
    """Stand for a progress bar that is not shown."""


class Calls:
    """Everything that the calls of an explainer share. A call changes nothing that another one can notice.

    Parameters
    ----------
    model : Model
    background : Background
    players : Players
    weights : list of float
        Those of the background rows; empty if all are equal.
    budget : Budget
    design : str
        The design that is used, which is exhaustive if the budget covers all coalitions.
    n_coalitions : int
        For all designs but ``"hadamard"``: how many coalitions are evaluated on every background row.
    seed : int
    batch_size : int
        Largest number of rows in one call of the model; 0 leaves it to the call.
    num_threads : int
        0 stands for the default.
    interactions : str
        Whether interactions are found and taken out of the error: ``"auto"``, ``"always"`` or ``"none"``.
    shapley : bool, default False
        Whether to compute Shapley values as well.
    p : float
        Probability with which features have the explained row's cells.
    executor : Executor or callable, optional
        Where the model is called. Pickles and copies have none.
    gradients : Gradients, optional
        The model's gradients, if values come from them.
    """

    def __init__(
        self,
        model: Model,
        background: Background,
        players: Players,
        *,
        weights: list[float],
        budget: Budget,
        design: str,
        n_coalitions: int,
        seed: int,
        batch_size: int,
        num_threads: int,
        interactions: str = "none",
        shapley: bool = False,
        p: float = 0.5,
        executor: Any = None,
        gradients: Gradients | None = None,
    ) -> None:
        self.model = model
        self.background = background
        self.players = players
        self.weights = weights
        self.budget = budget
        self.design = design
        self.n_coalitions = n_coalitions
        self.seed = seed
        self.batch_size = batch_size
        self.prepared: Prepared | None = None
        self.interactions = interactions
        self.shapley = shapley
        self.p = p
        self.executor = executor
        self.gradients = gradients
        self._num_threads = num_threads
        self._player_of_column = players.of_columns
        self._owners = np.array(players.of_columns or range(len(players)), dtype=np.intp)
        self._make_estimator()

    def _make_estimator(self) -> None:
        """Prepare what the core shares among all explained rows."""
        self._core: tuple[NDArray[Any], _core.PreparedExplainer] | None = None  # for the background's cells
        self.estimator: _core.Estimator | None = None
        if self.design == "hadamard":
            return
        n_players = len(self.players)
        self.n_coalitions = _core.count_coalitions(self.design, n_players, self.n_coalitions)
        options = _core.EstimateOptions(
            ridge=self.budget.ridge,
            num_threads=self._num_threads,
            noisy=self.budget.noisy,
            interactions="none" if self.p == 0.5 else self.interactions,
            p=self.p,
        )
        self.estimator = _core.Estimator(self.design, n_players, self.n_coalitions, self.seed, options)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the core's objects and the executor, which cannot be pickled or copied."""
        return self.__dict__ | {"estimator": None, "_core": None, "executor": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Prepare the core's objects again."""
        self.__dict__.update(state)
        self._make_estimator()

    @property
    def n_model_rows(self) -> int:
        """Largest number of model evaluations for each explained row."""
        if self.estimator is None:
            return self.budget.n_rows
        return self.n_coalitions * self.budget.n_background

    def core(self, encoded: Encoded) -> _core.PreparedExplainer:
        """Return the core's explainer for these cells of the background, the same one as long as they are the same."""
        kept = self._core
        if kept is None or kept[0] is not encoded.background_cells:
            columns = self._player_of_column
            if encoded.columns is not None:
                columns = [columns[j] for j in encoded.columns] if columns else encoded.columns.tolist()
            core = _core.PreparedExplainer(
                encoded.background_cells,
                n_players=len(self.players),
                player_of_column=columns,
                weights=self.weights,
                budget=self.budget.n_rows,
                ridge=self.budget.ridge,
                noisy=self.budget.noisy,
                interactions=self.interactions,
                shapley=self.shapley,
                seed=self.seed,
                num_threads=self._num_threads,
            )
            kept = (encoded.background_cells, core)
            if encoded.is_kept:
                self._core = kept
        return kept[1]

    def most_batch_rows(self, encoded: Encoded, prepared: Prepared | None = None) -> int:
        """Return the largest number of rows in one call of the model."""
        most = self.batch_size or self.batch_rows_in_memory(encoded)
        return most if prepared is None else min(most, prepared.batch_size)

    def batch_rows_in_memory(self, encoded: Encoded) -> int:
        """Return the largest number of rows that are made at one time."""
        cells = encoded.background_cells
        return min(_MOST_BATCH_ROWS, max(1, _BATCH_BYTES // int(cells.itemsize * cells.shape[1])))

    def explain(
        self,
        X: Any,
        rules: Stopping | None,
        start: float,
        shown: bool,
        prepared: Prepared | None,
        stacklevel: int,
        most_kept: int = 0,
        executor: Any = None,
    ) -> Explanation:
        """Explain rows.

        Parameters
        ----------
        X : array_like, sparse matrix or DataFrame
            The rows to explain.
        rules : Stopping, optional
            What may end the evaluation before the budget.
        start : float
            When the call started, by ``time.perf_counter``.
        shown : bool
            Whether to show a progress bar.
        prepared : Prepared, optional
            What `Explainer.prepare` found.
        stacklevel : int
            That of `warnings.warn`, seen from the caller; 0 suppresses warnings.
        most_kept : int, default 0
            The most bytes of the model's outputs that the explanation keeps.
        executor : Executor or callable, optional
            Where the model is called.

        Returns
        -------
        Explanation
        """
        if executor is None:
            return self._explain(X, rules, start, shown, prepared, stacklevel + 1 if stacklevel else 0, most_kept)
        from banzhaf._explain.remote import RemoteModel

        if type(self.model.way) is NativeModel:
            raise ValueError(
                "executor must be None for a native_model, which already runs on all threads of the core: leave it out"
            )
        # The fast ways of calling a model keep tables of their own in this process, and give the bits of the plain one.
        way = self.model.way
        model = replace(self.model, way=way.plain) if isinstance(way, Checked) else self.model
        workers = Workers(executor, model, "model")
        part_rows = self.batch_size if prepared is None else prepared.batch_size
        try:
            remote = RemoteModel(model, workers, part_rows)
            return self._explain(
                X, rules, start, shown, prepared, stacklevel + 1 if stacklevel else 0, most_kept, remote
            )
        finally:
            workers.close()

    def _explain(
        self,
        X: Any,
        rules: Stopping | None,
        start: float,
        shown: bool,
        prepared: Prepared | None,
        stacklevel: int,
        most_kept: int,
        remote: RemoteModel | None = None,
    ) -> Explanation:
        """Explain rows; with `remote`, the model is called in workers."""
        model = self.model if remote is None else remote.model
        encoded = model.encode(self.background, X)
        if self.gradients is not None and remote is None:
            found = self._explain_by_gradients(self.gradients, encoded, rules, start, shown, prepared, stacklevel)
            if found is not None:
                return found
        compiled = None if remote is not None else model.compiled(encoded)
        run = None
        if compiled is not None and rules is None and not shown and self.estimator is None:
            run = self._start(encoded, rules, start, prepared, None, most_kept)
            if run.n_model_rows <= (_SHORT_RUN_OF_TREES if type(compiled) is Direct else _SHORT_RUN):
                return self._explain_shortly(run, compiled, encoded, prepared, stacklevel)
        decode, predict = encoded.decode, model.predict
        returned = Returned("model", "rows", None if compiled is None else compiled.trailing)
        # Workers take parts of a batch, so a batch is as large as memory allows.
        batch_rows = self.most_batch_rows(encoded, prepared) if remote is None else self.batch_rows_in_memory(encoded)
        if prepared is not None:
            returned = prepared.returned()

        # The run owns `intermediate`, so `intermediate` must not own the run: the list is emptied at the end.
        running: list[_core.Explanations] = []

        def intermediate() -> bool:
            found = self._explanation(running[0], encoded, returned, prepared, remote=remote)
            return says_stop(rules.callback(found)) if rules is not None and rules.callback else False

        if run is None:
            run = self._start(encoded, rules, start, prepared, intermediate, most_kept)
        # A user who set a stopping rule has already limited the cost. The first calls of workers are slow.
        is_long = remote is None and (compiled is None or run.n_model_rows > _SHORT_RUN)
        watch = CostWatch(self._most_model_rows(run, encoded)) if rules is None and stacklevel and is_long else None

        def finished(n_rows: int) -> float | None:
            """Count rows, and return the seconds left if they deserve a warning."""
            nonlocal watch
            seconds = None
            if watch is not None:
                seconds = watch.stop(n_rows)
                if watch.is_over:
                    watch = None
            if advance is not None:
                advance(n_rows)
            return seconds

        def evaluated(rows: NDArray[Any]) -> NDArray[np.float64]:
            if remote is not None:
                return np.concatenate([returned(outputs, n_rows) for outputs, n_rows in remote(rows, decode)])
            return returned(predict(decode(rows)), len(rows))

        def called(rows: NDArray[Any]) -> NDArray[np.float64]:
            if watch is not None:
                watch.start()
            outputs = evaluated(rows)
            seconds = finished(len(rows))
            if seconds is not None:
                self.budget.warn_of_cost(self.n_model_rows, seconds, stacklevel + 1)
            return outputs

        def otherwise(rows: NDArray[Any]) -> NDArray[np.float64]:
            """Evaluate rows with which a compiled model has trouble, such as one that was trained further."""
            nonlocal returned
            returned = Returned("model", "rows") if prepared is None else prepared.returned()
            return evaluated(rows)

        def counted(n_rows: int) -> None:
            seconds = finished(n_rows)
            if seconds is not None:
                self.budget.warn_of_cost(self.n_model_rows, seconds, stacklevel + 1)
            if watch is not None:
                watch.start()

        with progress_bar(shown, run.n_model_rows, " evaluations") if shown else _NO_BAR as advance:
            running.append(run)
            try:
                if compiled is None:
                    run.run(called, min(batch_rows, run.n_model_rows))
                else:
                    follow = shown or watch is not None
                    if watch is not None:
                        watch.start()
                    run.run(
                        compiled.core,
                        min(batch_rows, run.n_model_rows),
                        self._num_threads,
                        counted if follow else None,
                        otherwise,
                    )
            except BaseException as error:
                if run.n_explained:
                    attach(error, "explanation", self._explanation(run, encoded, returned, prepared, remote=remote))
                raise
            finally:
                running.clear()
            if advance is not None:
                advance(0, run.n_model_rows)
        return self._finished(run, encoded, returned, prepared, stacklevel, remote)

    def _explain_by_gradients(
        self,
        gradients: Gradients,
        encoded: Encoded,
        rules: Stopping | None,
        start: float,
        shown: bool,
        prepared: Prepared | None,
        stacklevel: int,
    ) -> Explanation | None:
        """Explain rows by the model's gradients. Return None if a trial speaks against them and values can be used."""
        returned = Returned("model", "rows") if prepared is None else prepared.returned()
        batch_rows = self.most_batch_rows(encoded, prepared)

        def evaluated(rows: NDArray[Any]) -> NDArray[np.float64]:
            return returned(self.model.predict(encoded.decode(rows)), len(rows))

        n_background, n_columns = encoded.background_cells.shape
        trial = Trial(gradients, encoded, evaluated, batch_rows)
        try:
            if gradients.may_help(len(self.players), self.budget):
                self._try(trial, n_background)
        except GradientError:
            if gradients.is_automatic:
                return None
            raise
        running: list[_core.Explanations] = []

        def explanation() -> Explanation:
            return self._explanation(running[0], encoded, returned, prepared, trial=trial)

        def intermediate() -> bool:
            return says_stop(rules.callback(explanation())) if rules is not None and rules.callback else False

        def called(rows: NDArray[Any]) -> NDArray[np.float64]:
            outputs = evaluated(rows)
            advance(len(rows))
            return outputs

        def differentiated(rows: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[Any]]:
            numbers = trial.numbers(rows)
            advance(len(rows))
            return numbers

        n_outputs = (trial.returned.trailing or (1,))[0]
        run = _core.Explanations.gradients(
            encoded.background_cells,
            encoded.explicand_cells,
            gradients=differentiated,
            batch_rows=min(batch_rows, gradients.most_rows(n_outputs, n_columns)),
            n_players=len(self.players),
            player_of_column=self._player_of_column,
            weights=self.weights,
            budget=self.budget.n_rows,
            gradient_cost=gradients.cost,
            noisy=self.budget.noisy,
            compares_values=not gradients.is_only,
            seed=self.seed,
            num_threads=self._num_threads,
            **(prepared.known(encoded) if prepared is not None else {}),
            **self._limits(rules, start, intermediate),
        )
        with progress_bar(shown, run.n_model_rows, " evaluations") if shown else _NO_BAR as bar:
            advance = bar or _advance_nothing
            running.append(run)
            try:
                run.run(called, batch_rows)
                flat = self._flat_player(run, trial, encoded)
            except BaseException as error:
                if run.n_explained:
                    attach(error, "explanation", explanation())
                raise
            finally:
                running.clear()
            if shown:
                advance(0, run.n_model_rows)
        if flat is not None:
            if gradients.is_automatic:
                return None
            raise no_gradient(self.players.names[flat])
        return self._finished(run, encoded, returned, prepared, stacklevel + 1 if stacklevel else 0, trial=trial)

    def _try(self, trial: Trial, n_background: int) -> None:
        """Compare gradients with differences of outputs, and raise a GradientError if they cannot be used."""
        edges = None
        if not self.budget.noisy:
            places = np.flatnonzero(self.weights) if self.weights else np.arange(n_background)
            edges = trial.edges(self._owners, places, self.seed)
        codes = trial.start(self.budget.noisy, edges)
        if codes.size:
            owners = self._owners
            hidden = trial.finish(0, np.setdiff1d(owners[codes], np.delete(owners, codes)), owners)
            if hidden is not None:
                raise no_gradient(self.players.names[hidden])
        is_missed, player = (False, None) if edges is None else trial.missed(edges)
        if is_missed:
            raise hidden_jump(None if player is None else self.players.names[player])

    def _flat_player(self, run: _core.Explanations, trial: Trial, encoded: Encoded) -> int | None:
        """Return a player whose gradients were all 0 although the model depends on it, if there is one."""
        if self.budget.noisy:
            return None
        n_players, owners = len(self.players), self._owners
        checked = np.zeros(n_players, dtype=bool)
        for row, is_flat in enumerate(run.flat.astype(bool)):
            new = is_flat & ~checked
            checked |= is_flat
            found = trial.finish(row, np.flatnonzero(new), owners) if new.any() else None
            if found is not None:
                return found
        return None

    def _limits(self, rules: Stopping | None, start: float, intermediate: Callable[[], bool] | None) -> dict[str, Any]:
        """Return what may end a run before its budget, as the core takes it."""
        if rules is None:
            return {}
        return {
            "rules": _core.StoppingRules(tolerance=rules.tolerance, top_k=rules.top_k, confidence=rules.confidence),
            "deadline": max(0.0, rules.deadline - (time.perf_counter() - start)),
            "callback": intermediate if rules.callback else None,
        }

    def _explain_shortly(
        self,
        run: _core.Explanations,
        compiled: NativeModel | Direct,
        encoded: Encoded,
        prepared: Prepared | None,
        stacklevel: int,
    ) -> Explanation:
        """Explain rows by a compiled model, with nothing that takes time: it may take less than what surrounds it."""
        returned = Returned("model", "rows", compiled.trailing)

        def otherwise(rows: NDArray[Any]) -> NDArray[np.float64]:
            nonlocal returned
            returned = Returned("model", "rows") if prepared is None else prepared.returned()
            return returned(self.model.predict(encoded.decode(rows)), len(rows))

        try:
            batch_rows = min(self.most_batch_rows(encoded, prepared), run.n_model_rows)
            run.run(compiled.core, batch_rows, self._num_threads, None, otherwise)
        except BaseException as error:
            if run.n_explained:
                attach(error, "explanation", self._explanation(run, encoded, returned, prepared))
            raise
        return self._finished(run, encoded, returned, prepared, stacklevel + 1 if stacklevel else 0)

    def _finished(
        self,
        run: _core.Explanations,
        encoded: Encoded,
        returned: Returned,
        prepared: Prepared | None,
        stacklevel: int,
        remote: RemoteModel | None = None,
        trial: Trial | None = None,
    ) -> Explanation:
        """Make the explanation of a whole run, and warn if its budget was too small."""
        kept = kept_rows(run, len(self.players), self.seed, self.budget.noisy)
        explanation = self._explanation(run, encoded, returned, prepared, kept, remote, trial)
        if self.estimator is None and stacklevel:
            budget, counts = self.budget, explanation.n_background.tolist()
            if explanation.rank == budget.n_players and min(counts, default=0) == budget.n_background:
                return explanation
            try:
                budget.warn_of_background(counts, explanation.stopped, stacklevel + 1)
                budget.warn_of_rank(explanation.rank, 2 * budget.most_different, stacklevel + 1)
            except Warning as error:  # where warnings are errors
                attach(error, "explanation", explanation)
                raise
        return explanation

    def _start(
        self,
        encoded: Encoded,
        rules: Stopping | None,
        start: float,
        prepared: Prepared | None,
        intermediate: Callable[[], bool] | None,
        most_kept: int,
    ) -> _core.Explanations:
        """Make the core's run."""
        if self.estimator is not None:
            columns = self._player_of_column
            if encoded.columns is not None:
                columns = [columns[j] for j in encoded.columns] if columns else encoded.columns.tolist()
            return _core.Explanations.shared(
                encoded.background_cells,
                encoded.explicand_cells,
                n_players=len(self.players),
                player_of_column=columns,
                weights=self.weights,
                design=self.design,
                n_coalitions=self.n_coalitions,
                seed=self.seed,
                estimator=self.estimator,
                num_threads=self._num_threads,
                p=self.p,
            )
        known = {} if prepared is None else prepared.known(encoded)
        return self.core(encoded).start(
            encoded.explicand_cells, most_kept=most_kept, **known, **self._limits(rules, start, intermediate)
        )

    def _most_model_rows(self, run: _core.Explanations, encoded: Encoded) -> int:
        """Return an upper limit for the model evaluations of a run; all coalitions may cost less than the budget."""
        budget = self.budget
        if self.estimator is not None or budget.noisy:
            return run.n_model_rows
        each = 1 + min(budget.n_rows, budget.of_all_coalitions)
        return budget.n_background + len(encoded.explicand_cells) * each

    def _adjustments(self, run: _core.Explanations, n_rows: int) -> tuple[str, ...]:
        """Say what was done about interactions in each row."""
        if self.interactions == "none" and self.gradients is None:
            return ("none",) * n_rows
        return run.adjustments if self.estimator is None else ("design",) * n_rows

    def _shapley(self, run: _core.Explanations, has_outputs_axis: bool) -> NDArray[np.float64] | None:
        """Return Shapley values and their errors from sampling, what is not resolved, and the background."""
        if not self.shapley:
            return None
        found = run.shapley if has_outputs_axis else run.shapley[..., 0]
        found.setflags(write=False)
        return found

    def _explanation(
        self,
        run: _core.Explanations,
        encoded: Encoded,
        returned: Returned,
        prepared: Prepared | None,
        kept: KeptRows | None = None,
        remote: RemoteModel | None = None,
        trial: Trial | None = None,
    ) -> Explanation:
        """Make an Explanation of the rows that are complete."""
        has_outputs_axis = returned.has_outputs_axis
        found = run.results(has_outputs_axis)
        base, values, errors, background_errors, r2, freedom, predictions, costs, n_background, stopped, *rest = found
        _, rank, worst = rest
        names = (remote or self.model).output_names
        if names is not None and (not has_outputs_axis or len(names) != len(base)):
            names = None
        n_rows = len(values)
        is_known = prepared is not None and prepared.outputs is not None
        n_others = 1 + run.n_confirming if is_known else self.budget.n_background
        if self.estimator is None:  # designs of single background rows evaluate the explained rows too
            n_others += n_rows
        n_model_rows, n_gradient_rows, estimators = n_others + sum(costs.tolist()), 0, ("values",) * n_rows
        weights = None
        if trial is not None:
            gradient_rows = run.gradient_rows
            # A row of gradients is one row for the model, but costs several evaluations.
            n_model_rows = (
                (n_others if run.n_explained else 0) + run.n_passed + trial.n_value_rows + trial.n_gradient_rows
            )
            n_gradient_rows = sum(gradient_rows) + trial.n_gradient_rows
            weights = run.gradient_weights
            estimators = tuple(map(_estimator, weights))
            weights = weights if has_outputs_axis else weights[:, 0]
            weights.setflags(write=False)
            weights = weights if weights.any() else None
        return explanation_of_core(
            {
                "values": values,
                "standard_errors": errors,
                "background_errors": background_errors,
                "base_values": base,
                "data": self.players.data(encoded.data if n_rows == len(encoded.data) else encoded.data[:n_rows]),
                "feature_names": self.players.names,
                "output_names": names,
                "n_model_rows": n_model_rows,
                "row_costs": costs,
                "n_background": n_background,
                "design": self.design,
                "rank": rank,
                "condition_number": worst,
                "degrees_of_freedom": freedom,
                "r2": r2,
                "random_state": self.seed,
                "stopped": stopped,
                "predictions": predictions,
                "adjustments": self._adjustments(run, n_rows),
                "_shapley": self._shapley(run, has_outputs_axis),
                "_evaluations": kept,
                "p": self.p,
                "n_gradient_rows": n_gradient_rows,
                "estimators": estimators,
                "gradient_weights": weights,
            }
        )


def _estimator(weights: NDArray[np.float64]) -> str:
    """Name what the values of a row come from, given the weight of gradients in each output."""
    if not weights.any():
        return "values"
    return "gradients" if (weights == 1).all() else "both"
