# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Pretraining sources as players: what trainings are called with, sizes, seeds, several scores, and stored runs."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import pickle

import numpy as np
import pytest

import banzhaf
from banzhaf.games import SourceValuation

TASKS = (frozenset(range(0, 20)), frozenset(range(10, 30)))
SOURCES = {
    "near": list(range(0, 16)),
    "far": list(range(25, 60)),
    "both": list(range(12, 22)),
    "noise": list(range(100, 140)),
}


def knows(sources, seed):
    """A stand-in for a training: the share of each task that the examples cover."""
    seen = {example for examples in sources.values() for example in examples}
    return [len(task & seen) / len(task) for task in TASKS]


def noisy(sources, seed):
    return np.array(knows(sources, seed)) + 0.01 * np.random.default_rng(seed).normal(size=2)


class Recorder:
    """Keeps what it is called with."""

    def __init__(self):
        self.calls = []

    def __call__(self, sources, seed):
        self.calls.append((dict(sources), seed))
        return float(len(sources))


def game(function=knows, **options):
    return SourceValuation(SOURCES, function, random_state=0, **options)


class TestTrainings:
    def test_get_the_sources_of_the_coalition_by_name_and_in_order(self):
        recorder = Recorder()
        worths = game(recorder)(np.array([[True, False, True, False], [False] * 4, [True] * 4]))
        assert worths.tolist() == [2, 0, 4]
        (two, _), (none, _), (everything, _) = recorder.calls
        assert list(two.items()) == [("near", SOURCES["near"]), ("both", SOURCES["both"])]
        assert none == {}
        assert list(everything) == list(SOURCES)

    def test_each_coalition_is_trained_once(self):
        recorder = Recorder()
        made = game(recorder)
        rows = np.array([[True, False, True, False]] * 3)
        made(rows)
        made(rows[:1])
        assert len(recorder.calls) == made.n_trainings == 1
        assert pickle.loads(pickle.dumps(game())).n_trainings == 0

    def test_a_coalition_and_its_complement_share_a_seed(self):
        recorder = Recorder()
        rows = np.array([[True, False, False, True], [False, True, True, False], [True, True, False, False]])
        made = game(recorder)
        made(rows)
        made(rows[:1], repeat=np.array([1]))
        seeds = [seed for _, seed in recorder.calls]
        assert seeds[0] == seeds[1]
        assert len(set(seeds)) == 3
        assert all(isinstance(seed, int) for seed in seeds)

    def test_another_random_state_gives_other_seeds(self):
        first, second = Recorder(), Recorder()
        row = np.ones((1, 4), dtype=bool)
        SourceValuation(SOURCES, first, random_state=0)(row)
        SourceValuation(SOURCES, second, random_state=1)(row)
        assert first.calls[0][1] != second.calls[0][1]

    def test_worths_do_not_change_with_what_the_function_returned(self):
        kept = np.zeros(2)

        def train(sources, seed):
            kept[:] = len(sources)
            return kept

        made = game(train)
        rows = np.array([[True] * 4, [True, False, False, False]])
        assert made(rows)[:, 0].tolist() == [4, 1]
        assert made(rows[:1])[0].tolist() == [4, 4]

    @pytest.mark.parametrize("kind", ["array", "table"])
    def test_a_training_that_changes_its_sources_does_not_change_the_next_one(self, kind, pd):
        """Each training sorts its sources in place, after it has read their first entries."""

        def first(sources, seed):
            found = [float(np.asarray(source).ravel()[0]) for source in sources.values()]
            for source in sources.values():
                source[:] = np.sort(source, axis=0)
            return sum(found)

        made = {"a": [3, 1, 2], "b": [5, 4]}
        sources = {name: np.array(x) if kind == "array" else pd.DataFrame({"x": x}) for name, x in made.items()}
        game = SourceValuation(sources, first)
        assert game(np.array([[True, False], [True, True], [False, True]])).tolist() == [3, 8, 5]

    def test_a_training_that_shuffles_a_list_does_not_change_the_next_one(self):
        def train(sources, seed):
            examples = sources["far"]
            first = examples[0]
            examples.reverse()
            examples.pop()
            return float(first)

        rows = np.array([[True] * 4, [False, True, False, False], [True, True, False, False]])
        assert game(train)(rows).tolist() == [25, 25, 25]
        assert SOURCES["far"] == list(range(25, 60))

    def test_the_empty_coalition_may_be_given(self):
        recorder = Recorder()
        assert game(recorder, empty=-7.0)(np.zeros((1, 4), dtype=bool)).tolist() == [-7]
        assert recorder.calls == []
        assert game(empty=[1, 2])(np.zeros((1, 4), dtype=bool)).tolist() == [[1, 2]]

    def test_an_exception_reaches_the_caller_and_keeps_what_was_trained(self):
        def fails(sources, seed):
            if len(sources) == 3:
                raise MemoryError("too large")
            return 1.0

        with pytest.raises(MemoryError, match="too large") as caught:
            game(fails).estimate(16, random_state=0)
        assert caught.value.evaluations is not None


class TestSizes:
    def test_are_those_of_the_sources(self):
        assert game().sizes == (16, 35, 10, 40)
        others = {"a": "folder/a", "b": 3, "c": {"x": [1], "y": [2]}, "d": {1, 2}, "e": np.array(5)}
        assert SourceValuation(others, Recorder()).sizes == (None, None, None, 2, None)

    @pytest.mark.parametrize("kind", ["csr_matrix", "coo_array"])
    def test_sparse_sources(self, kind):
        make = getattr(pytest.importorskip("scipy.sparse"), kind)
        rows, recorder = np.eye(6)[:, :3], Recorder()
        made = SourceValuation({"a": make(rows), "b": make(rows[:2])}, recorder, max_size=4, random_state=0)
        assert made.sizes == (4, 2)
        made(np.ones((1, 2), dtype=bool))
        a, b = recorder.calls[0][0].values()
        assert a.shape == (4, 3)
        assert set(map(tuple, a.toarray())) <= set(map(tuple, rows))
        assert np.array_equal(b.toarray(), rows[:2])

    def test_later_changes_of_lists_do_not_reach_the_game(self):
        words = ["a", "b"]
        made = SourceValuation({"one": words, "two": ["c"]}, lambda sources, seed: float(len(sources.get("one", ()))))
        words.clear()
        assert made(np.ones((1, 2), bool))[0] == 2

    def test_tables_of_polars_stay_tables(self, pl):
        seen = {}
        made = {"a": pl.DataFrame({"x": range(5)}), "b": pl.Series(range(4))}
        SourceValuation(made, lambda sources, seed: seen.update(sources) or 0.0, max_size=3)(np.ones((1, 2), bool))
        assert isinstance(seen["a"], pl.DataFrame)
        assert seen["a"].shape == (3, 1)
        assert isinstance(seen["b"], pl.Series)
        assert len(seen["b"]) == 3

    def test_masked_scores(self):
        with pytest.raises(ValueError, match="train_and_score must return scores, got a masked array"):
            game(lambda sources, seed: np.ma.masked_equal([1.0, 0.0], 0.0))(np.ones((1, 4), bool))

    @pytest.mark.parametrize(("most", "sizes"), [(12, (12, 12, 10, 12)), ("smallest", (10, 10, 10, 10))])
    def test_are_cut(self, most, sizes):
        recorder = Recorder()
        made = game(recorder, max_size=most)
        assert made.sizes == sizes
        made(np.array([[True] * 4, [True, True, False, False]]))
        whole, part = (sources for sources, _ in recorder.calls)
        assert tuple(map(len, whole.values())) == sizes
        assert part == {name: whole[name] for name in ("near", "far")}  # the same sample in all coalitions
        for name, examples in whole.items():
            assert examples == sorted(set(examples) & set(SOURCES[name]))

    def test_samples_of_arrays_and_tables(self, pd):
        recorder = Recorder()
        sources = {"array": np.arange(50).reshape(25, 2), "table": pd.DataFrame({"x": range(9)}), "short": (1, 2)}
        SourceValuation(sources, recorder, max_size=4, random_state=0)(np.ones((1, 3), dtype=bool))
        array, table, short = recorder.calls[0][0].values()
        assert array.shape == (4, 2)
        assert (array[:, 1] == array[:, 0] + 1).all()
        assert list(table.index) == list(table["x"])
        assert len(table) == 4
        assert short == (1, 2)


class TestAsGame:
    def test_values_of_all_coalitions(self):
        exact = banzhaf.exact(game(), 4).values
        found = game().estimate(16)
        assert found.player_names == tuple(SOURCES)
        np.testing.assert_allclose(found.values, exact, atol=1e-12)
        assert exact[3].tolist() == [0, 0]
        assert exact[0, 0] > exact[2, 0] > exact[1, 0] == 0

    def test_weighted_values(self):
        exact = banzhaf.exact(game(), 4, p=0.2)
        np.testing.assert_allclose(game().estimate(16, p=0.2).values, exact.values, atol=1e-12)

    def test_study_on_sqlite_resumes_without_new_trainings(self, tmp_path):
        first, second = Recorder(), Recorder()
        path = tmp_path / "sources.db"
        values = []
        for recorder in (first, second):
            study = banzhaf.Study(4, budget=16, store=path, random_state=0)
            study.run(game(recorder))
            values.append(study.result().values)
        assert len(first.calls) == 16
        assert second.calls == []
        assert np.array_equal(*values)

    def test_processes(self):
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            values = game(noisy).estimate(16, random_state=0, executor=pool).values
        assert np.array_equal(values, game(noisy).estimate(16, random_state=0).values)

    def test_threads_by_map(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            values = game(noisy, map=pool.map).estimate(16, random_state=0).values
        assert np.array_equal(values, game(noisy).estimate(16, random_state=0).values)

    def test_repeats(self):
        values = game(noisy).estimate(32, random_state=0, repeats=2)
        assert values.noisy
        assert (values.standard_errors > 0).all()

    def test_repr(self):
        assert repr(game()) == "SourceValuation(4 sources)"


class TestRefused:
    @pytest.mark.parametrize(
        ("change", "error", "message"),
        [
            ({"sources": [1, 2]}, TypeError, "sources must map names to sources, as a dictionary does, got list"),
            ({"sources": {}}, ValueError, "n_players"),
            ({"sources": {1: [1]}}, TypeError, "sources must hold strings, got 1"),
            ({"sources": {"a": [1], "b": iter([2])}}, TypeError, "'b' is an iterator .* pass a list"),
            ({"sources": {"a": (x for x in [1])}}, TypeError, r"'a' is an iterator \(generator\)"),
            ({"train_and_score": 3}, TypeError, "train_and_score must be callable, got int"),
            ({"max_size": 0}, ValueError, "max_size must be at least 1"),
            ({"max_size": "largest"}, ValueError, "max_size must be one of 'smallest'"),
            (
                {"max_size": 2, "sources": {"a": "path"}},
                TypeError,
                "max_size needs .* 'a' is a str",
            ),
            ({"max_size": "smallest", "sources": {"a": [], "b": [1]}}, ValueError, "would leave no examples"),
            ({"empty": "nothing"}, TypeError, "empty must be a number or a one-dimensional array"),
            ({"empty": float("inf")}, ValueError, "empty must be finite"),
        ],
    )
    def test_arguments(self, change, error, message):
        given = {"sources": SOURCES, "train_and_score": knows, **change}
        with pytest.raises(error, match=message):
            SourceValuation(given.pop("sources"), given.pop("train_and_score"), **given)

    @pytest.mark.parametrize("returned", [None, "3", [[1.0]], [], [[1.0], [1.0, 2.0]]])
    def test_what_is_no_score(self, returned):
        made = game(lambda sources, seed: returned)
        with pytest.raises(TypeError, match="train_and_score must return a number or a one-dimensional array"):
            made(np.ones((1, 4), dtype=bool))

    def test_scores_of_another_shape(self):
        made = game(lambda sources, seed: [1.0] * max(1, len(sources)))
        with pytest.raises(ValueError, match="shape"):
            made(np.array([[True] * 4, [False] * 4]))
