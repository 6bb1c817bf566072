# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Studies: any order of asking and telling gives the bits of `estimate`, and stores survive what may happen to them."""

from __future__ import annotations

import pickle
import shutil
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from oracles import curved

import banzhaf

CASES = [
    (20, 200, {}),
    (20, 200, {"design": "paired"}),
    (20, 201, {"design": "independent"}),
    (40, 260, {"interactions": "auto"}),
    (6, 64, {}),
    (4, 46, {"noisy": True}),
    (13, 30, {}),
    (12, 20, {}),
    (1, 2, {}),
    (6, 64, {"tolerance": 1e-9}),
    (20, 400, {"tolerance": 2.0, "confidence": 0.5}),
]


def estimated(n, budget, arguments, game=curved):
    return banzhaf.estimate(game, n, budget=budget, random_state=3, **arguments)


def same(found, expected):
    """Equal but for the time that finding interactions took, which does not count."""
    return found == expected


@pytest.mark.filterwarnings("ignore::banzhaf.BudgetWarning", "ignore::banzhaf.RankWarning")
@pytest.mark.parametrize(("n", "budget", "arguments"), CASES)
def test_any_order_gives_the_bits_of_estimate(n, budget, arguments, tmp_path):
    """Parts of batches, told twice and out of order, and the file opened again in between."""
    rng, path = np.random.default_rng(1), tmp_path / "values.db"
    study = banzhaf.Study(n, budget=budget, random_state=3, store=path, **arguments)
    held = []
    while True:
        batch = study.ask(int(rng.integers(1, 30)))
        held += [batch] if batch else []
        if not held:
            break
        if batch and len(held) < 4:
            continue
        told = held.pop(int(rng.integers(len(held))))
        half = len(told) // 2
        assert study.tell(told.ids[half:], curved(told.coalitions[half:])) == len(told) - half
        if rng.random() < 0.3:
            study.close()
            study = banzhaf.Study.open(path)
        assert study.tell(told, curved(told.coalitions)) == half
    assert study.done
    assert same(study.result(), estimated(n, budget, arguments))
    study.close()


@pytest.mark.parametrize("design", ["nested", "fresh", "paired", "independent"])
def test_a_result_on_the_way_uses_the_beginning_and_is_a_least_squares_fit(design):
    study = banzhaf.Study(12, budget=200, design=design, random_state=0)
    with pytest.raises(ValueError, match="needs worths of the first coalitions"):
        study.result()
    first, second, third = study.ask(60), study.ask(20), study.ask(20)
    study.tell(first, curved(first.coalitions))
    study.tell(third, curved(third.coalitions))
    found = study.result()
    assert found.n_evaluations == 60
    assert found.stopped == "running"
    expected = banzhaf.fit(first.coalitions, curved(first.coalitions))
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-9)
    study.tell(second, curved(second.coalitions))
    assert study.result().n_evaluations == 100


def test_a_pair_with_one_worth_waits():
    study = banzhaf.Study(4, budget=12, random_state=0)
    batch = study.ask(12)
    study.tell(batch.ids[:9], curved(batch.coalitions[:9]))
    assert study.result().n_evaluations == 8


def test_coalitions_come_in_pairs_and_come_back(tmp_path):
    study = banzhaf.Study(12, budget=100, random_state=0, store=tmp_path / "a.db")
    assert [len(study.ask(k)) for k in (1, 2, 3, 7)] == [2, 2, 2, 6]
    lost = study.ask(8, lease=0.01)
    assert not (lost.coalitions[::2] & lost.coalitions[1::2]).any()
    time.sleep(0.02)
    again = study.ask(5)
    np.testing.assert_array_equal(again.ids, lost.ids[:5])
    np.testing.assert_array_equal(again.coalitions, lost.coalitions[:5])
    assert again.attempts.tolist() == [2] * 5
    study.tell(lost, curved(lost.coalitions))  # late, and still taken
    assert study.tell(again, curved(again.coalitions)) == 0
    assert study.n_told == 8
    assert study.n_out == 12


def test_a_second_worth_must_be_the_first(tmp_path):
    study = banzhaf.Study(12, budget=100, random_state=0, store=tmp_path / "a.db")
    batch = study.ask(6)
    study.tell(batch.ids[:2], [1.0, 2.0])
    with pytest.raises(ValueError, match=r"^coalition \{.*\} has another worth than was told before.*noisy=True"):
        study.tell(batch.ids[1:4], [2.5, 3.0, 4.0])
    assert study.n_told == 4
    with pytest.raises(ValueError, match="has another worth"):
        study.tell(batch.ids[[4, 4]], [1.0, 2.0])
    noisy = banzhaf.Study(12, budget=100, random_state=0, noisy=True)
    batch = noisy.ask(2)
    assert noisy.tell(batch, [1.0, 2.0]) == 2
    assert noisy.tell(batch, [5.0, 6.0]) == 0


def test_wrong_tells_store_nothing():
    study = banzhaf.Study(12, budget=100, random_state=0)
    batch = study.ask(4)
    for ids, worths, error, text in [
        (batch, [1.0, 2.0], ValueError, "worths must have shape"),
        (batch, ["a"] * 4, TypeError, "worths must be numbers"),
        ([100], [1.0], ValueError, "ids must be from 0 to 99"),
        ([-1], [1.0], ValueError, "ids must be from 0 to 99"),
        ([0.5], [1.0], TypeError, "ids must be a batch"),
        ([True], [1.0], TypeError, "ids must be a batch"),
        (np.ma.masked_array([0], mask=[True]), [1.0], ValueError, "ids must be a batch .* masked entries"),
    ]:
        with pytest.raises(error, match=text):
            study.tell(ids, worths)
    assert study.n_told == 0
    with pytest.raises(ValueError, match=r"worth of coalition \{.*\} is not finite"):
        study.tell(batch, [1.0, np.nan, 2.0, 3.0])
    assert study.n_told == 3
    with pytest.raises(ValueError, match=r"worths must have shape \(4,\)"):
        study.tell(batch, np.ones((4, 2)))


def test_several_outputs_keep_their_shape(tmp_path):
    def two(coalitions):
        return np.stack([curved(coalitions), coalitions.sum(axis=1)], axis=1)

    for game in (two, lambda coalitions: curved(coalitions)[:, np.newaxis]):
        study = banzhaf.Study(12, budget=64, random_state=3, store=tmp_path / f"{game.__name__[1]}.db")
        study.run(game)
        assert same(study.result(), estimated(12, 64, {}, game))
        study.close()


def test_failures_come_back_and_are_dropped_at_last():
    study = banzhaf.Study(12, budget=64, random_state=0, on_error="drop", retries=1)
    batch = study.ask(4)
    study.tell_failure(batch.ids[2:3], ValueError("no"), worker="w")
    again = study.ask(2)
    assert again.ids[0] == 2
    assert again.attempts.tolist()[0] == 2
    study.tell_failure([2], "no again")
    assert study.n_failed == 1
    assert [f.error for f in study.failures()] == ["no again", "ValueError: no"]
    assert study.failures()[1].worker == "w"
    study.tell(batch.ids[[0, 1, 3]], curved(batch.coalitions[[0, 1, 3]]))
    while batch := study.ask(16):
        study.tell(batch, curved(batch.coalitions))
    study.tell(again.ids[1:], curved(again.coalitions[1:]))
    assert study.done
    with pytest.warns(UserWarning, match="2 of 64 evaluations"):
        found = study.result()
    assert found.n_dropped == 2
    assert study.retry_failed() == 1
    batch = study.ask(9)
    assert batch.ids.tolist() == [2]
    study.tell(batch, curved(batch.coalitions))
    assert study.result() == banzhaf.estimate(curved, 12, budget=64, random_state=0)


@pytest.mark.parametrize(
    ("n", "design", "budget", "larger"),
    [(20, "paired", 50, 90), (20, "hadamard", 64, 200), (20, "independent", 51, 70), (20, "nested", 130, 1000)],
)
def test_a_study_is_extended(n, design, budget, larger, tmp_path):
    path = tmp_path / "a.db"
    study = banzhaf.Study(n, budget=budget, design=design, random_state=3, store=path)
    study.run(curved)
    other = banzhaf.Study.open(path)
    study.extend(larger)
    assert not other.done  # the other one follows
    other.run(curved)
    assert study.result() == banzhaf.estimate(curved, n, budget=larger, design=design, random_state=3)
    assert banzhaf.Study.open(path).n_coalitions == study.n_coalitions


def test_an_extension_with_other_coalitions_is_refused():
    study = banzhaf.Study(13, budget=30, random_state=0)
    study.run(curved)
    with pytest.raises(ValueError, match="budget=60 changes the coalitions of design 'hadamard'"):
        study.extend(60)
    with pytest.raises(ValueError, match="budget must be at least 30"):
        study.extend(20)


def test_other_arguments_are_named(tmp_path):
    path = tmp_path / "a.db"
    banzhaf.Study(12, budget=64, random_state=1, store=path, player_names=list("abcdefghijkl")).close()
    with pytest.raises(ValueError, match=r"made with other arguments: budget is 64, got 128.*extend\(budget\)"):
        banzhaf.Study(12, budget=128, random_state=1, store=path, player_names=list("abcdefghijkl"))
    with pytest.raises(
        ValueError, match=r"design is 'nested', got 'paired'; player_names is .*; random_state is 1, got 2"
    ):
        banzhaf.Study(12, budget=64, design="paired", random_state=2, store=path)
    kept = banzhaf.Study(12, budget=64, store=path, player_names=list("abcdefghijkl"), ridge=0.5)
    assert kept.random_state == 1
    assert banzhaf.Study.open(path)._fitting["ridge"] == 0.5


def test_other_files_are_refused_and_not_touched(tmp_path):
    text, foreign, empty = tmp_path / "a.txt", tmp_path / "foreign.db", tmp_path / "empty.db"
    text.write_bytes(b"player,worth\n" * 1000)
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    empty.touch()
    for path, words in [(text, "damaged, or no store"), (foreign, "an SQLite file of another program")]:
        before = path.read_bytes()
        for make in (
            lambda path=path: banzhaf.Study(9, budget=40, store=path),
            lambda path=path: banzhaf.Study.open(path),
        ):
            with pytest.raises(ValueError, match=words):
                make()
        assert path.read_bytes() == before
    with pytest.raises(ValueError, match="is empty: no study"):
        banzhaf.Study.open(empty)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        banzhaf.Study.open(tmp_path / "none.db")
    with pytest.raises(OSError, match="folder"):
        banzhaf.Study(9, budget=40, store=tmp_path)
    assert banzhaf.Study(9, budget=40, store=empty).n_told == 0


def test_a_damaged_worth_is_seen(tmp_path):
    path = tmp_path / "a.db"
    with banzhaf.Study(9, budget=40, random_state=0, store=path) as study:
        study.run(curved)
    content = bytearray(path.read_bytes())
    worth = np.float64(curved(banzhaf.sample_coalitions(9, 40, random_state=0)[:1])[0]).tobytes()
    place = content.find(worth)
    assert place > 0
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is damaged: row 1 of its table 'told' fails its checksum"):
        banzhaf.Study.open(path)


def test_other_coalitions_of_another_version_are_refused(tmp_path):
    path = tmp_path / "a.db"
    banzhaf.Study(9, budget=40, random_state=0, store=path).close()
    connection = sqlite3.connect(path)
    connection.execute("""UPDATE study SET value = '"0.0"' WHERE key IN ('fingerprint', 'version')""")
    connection.commit()
    connection.close()
    with pytest.raises(ValueError, match=r"made by banzhaf 0.0, which draws other coalitions"):
        banzhaf.Study.open(path)


def test_a_full_disk_keeps_the_worths(tmp_path):
    path = tmp_path / "a.db"
    study = banzhaf.Study(200, budget=4000, random_state=0, store=path)
    (pages,) = study._store._connection.execute("PRAGMA page_count").fetchone()
    study._store._connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    with pytest.raises(OSError, match="disk is full") as caught:
        study.run(curved)
    lost = caught.value.evaluations
    assert len(lost) == 64
    np.testing.assert_array_equal(lost.worths[:, 0], curved(lost.coalitions))
    told = study.n_told
    study.close()
    study = banzhaf.Study.open(path)
    assert study.n_told == told
    study.run(curved)
    assert study.result() == banzhaf.estimate(curved, 200, budget=4000, random_state=0)


def test_a_study_pickles_by_its_file(tmp_path):
    study = banzhaf.Study(9, budget=40, random_state=0, store=tmp_path / "a.db")
    other = pickle.loads(pickle.dumps(study))
    batch = other.ask(40)
    other.tell(batch, curved(batch.coalitions))
    assert study.done
    assert repr(study) == repr(other)
    with pytest.raises(TypeError, match="in memory cannot be pickled"):
        pickle.dumps(banzhaf.Study(9, budget=40))
    study.close()
    with pytest.raises(ValueError, match="is closed"):
        study.ask(2)


def test_a_copy_of_the_file_at_any_time_is_a_store(tmp_path):
    """What a power cut leaves: the file and its log up to some moment."""
    path = tmp_path / "a.db"
    study = banzhaf.Study(12, budget=64, random_state=3, store=path)
    for k in range(8):
        batch = study.ask(8)
        study.tell(batch, curved(batch.coalitions))
        cut = tmp_path / f"cut{k}.db"
        log = (tmp_path / "a.db-wal").read_bytes()
        shutil.copy(path, cut)
        (tmp_path / f"cut{k}.db-wal").write_bytes(log[: len(log) - 37 * k])  # torn in the last transaction
        left = banzhaf.Study.open(cut)
        assert 8 * (k + (k == 0)) <= left.n_told <= 8 * (k + 1)
        left.release()
        left.run(curved)
        assert left.result() == estimated(12, 64, {})
        left.close()


def test_threads_share_a_study():
    study = banzhaf.Study(12, budget=400, random_state=3)

    def serve(k):
        while batch := study.ask(1 + k):
            study.tell(batch, curved(batch.coalitions), worker=str(k))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(serve, range(4)))
    assert study.result() == estimated(12, 400, {})


def test_a_change_of_folder_changes_no_store(tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    with banzhaf.Study(12, budget=64, random_state=3, store="a.db") as study:
        monkeypatch.chdir(tmp_path / "other")
        study.run(curved)
        with pickle.loads(pickle.dumps(study)) as other:
            assert other.done
    assert not list((tmp_path / "other").iterdir())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE study SET value = '[]' WHERE key = 'arguments'", "it holds no arguments"),
        ("UPDATE study SET value = '{\"a\": 1}' WHERE key = 'arguments'", "its arguments are wrong"),
        ("UPDATE study SET value = '{\"ridg\": 1}' WHERE key = 'options'", "its arguments are wrong"),
        ("UPDATE study SET value = 'x' WHERE key = 'options'", "its note 'options' is not JSON"),
        ("UPDATE study SET value = '41' WHERE key = 'n_coalitions'", "it has 41 coalitions instead of 40"),
        ("UPDATE study SET value = '-1' WHERE key = 'n_coalitions'", "it does not say how many coalitions there are"),
        ("UPDATE leased SET until = 'soon'", "its table 'leased' holds values of a wrong type"),
        ("UPDATE leased SET ids = x'0102'", "its table 'leased' holds values of a wrong type"),
        ("UPDATE leased SET ids = x'ffffffffffffff00'", "its table 'leased' holds coalitions that the study lacks"),
        ("UPDATE told SET worths = 'text'", "row 1 of its table 'told' fails its checksum"),
        ("UPDATE told SET attempts = 1", "its table 'told' holds values of a wrong type"),
        ("UPDATE frontier SET next = -3", "its table 'frontier' holds values of a wrong type"),
    ],
)
def test_a_damaged_row_is_refused(change, words, tmp_path):
    path = tmp_path / "a.db"
    with banzhaf.Study(9, budget=40, random_state=0, store=path) as study:
        batch = study.ask(8, lease=1e-6)
        study.tell(batch.ids[:4], curved(batch.coalitions[:4]))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(change)
    connection.close()

    def use():
        with banzhaf.Study.open(path) as study:
            study.ask(8)

    with pytest.raises(ValueError, match=f"is damaged: .*{words}"):
        use()


def test_a_coalition_may_be_tried_many_times(tmp_path):
    study = banzhaf.Study(9, budget=40, random_state=0, store=tmp_path / "a.db", retries=10**6)
    study._store.hand_out(2, seconds=3600.0)
    study._store._connection.execute("UPDATE leased SET attempt = 1000, until = 0")
    batch = study.ask(2)
    assert batch.attempts.tolist() == [1001, 1001]
    assert study.tell(batch, [1.0, 2.0]) == 2


def test_a_batch_of_another_study_is_refused(tmp_path):
    study = banzhaf.Study(12, budget=64, random_state=0, store=tmp_path / "a.db")
    for other in (
        banzhaf.Study(12, budget=64, random_state=1),
        banzhaf.Study(12, budget=640, random_state=0),
        banzhaf.Study(13, budget=64, random_state=0),
    ):
        batch = other.ask(640)
        for tell in (
            lambda batch: study.tell(batch, np.ones(len(batch))),
            lambda batch: study.tell_failure(batch, "no"),
        ):
            with pytest.raises(ValueError, match="the batch is of another study"):
                tell(batch)
    assert study.n_told == 0


def test_a_batch_may_be_told_by_a_handle_that_has_not_seen_extend(tmp_path):
    one = banzhaf.Study(12, budget=64, design="paired", random_state=0, store=tmp_path / "a.db")
    with banzhaf.Study.open(tmp_path / "a.db") as other:
        other.extend(128)
        batch = other.ask(128)
    assert one.tell(batch, curved(batch.coalitions)) == 128
