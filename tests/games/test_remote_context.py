# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Parts of prompts as players, asked of a local server of OpenAI's shape."""

from __future__ import annotations

import asyncio
import doctest
import pickle
import textwrap
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from completions_server import log_probability, serving

import banzhaf
from banzhaf.games import RemoteContextAttribution

SOURCES = [f"Fact {i}." for i in range(8)]
PROMPT = "Facts: {context}\nThe answer is"
ANSWER = " forty two"
ALL = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(bool)


def game_at(server, **changes):
    arguments = {"url": server.url, "model": "m", "sources": SOURCES, "prompt": PROMPT, "answer": ANSWER}
    return RemoteContextAttribution(**(arguments | changes))


def expected(rows, *, mean=False):
    sums = []
    for row in rows:
        text = "\n".join(source for source, there in zip(SOURCES, row, strict=True) if there)
        logs = [log_probability(text, token) for token in (" forty", " two")]
        sums.append(sum(logs) / (2 if mean else 1))
    return np.array(sums)


@pytest.fixture
def server():
    with serving() as running:
        yield running


class TestWorths:
    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"begins": ["<s>"]},  # some servers count a token that begins the text
            {"generates": 0},
            {"usage": False},
            {"usage": False, "begins": ["<s>"]},
        ],
    )
    def test_are_those_of_the_answers_tokens(self, options):
        with serving(**options) as server:
            assert np.allclose(game_at(server)(ALL[:20]), expected(ALL[:20]))

    def test_mean(self, server):
        assert np.allclose(game_at(server, measure="mean")(ALL[:5]), expected(ALL[:5], mean=True))

    def test_request(self, server):
        game = game_at(server)
        game(ALL[3:4])
        (asked,) = server.asked
        assert asked["prompt"] == "Facts: Fact 0.\nFact 1.\nThe answer is forty two" == game.prompt(ALL[3]) + ANSWER
        assert (asked["model"], asked["echo"], asked["max_tokens"]) == ("m", True, 1)

    def test_requests_in_flight_are_limited(self, server):
        game_at(server, max_in_flight=3)(ALL[:40])
        assert server.most_in_flight <= 3


class TestAsAGame:
    @pytest.fixture
    def values(self):
        return banzhaf.exact(expected, 8).values

    def test_estimate(self, server, values):
        found = game_at(server).estimate(256)
        assert np.allclose(found.values, values)
        assert found.player_names[0] == "1: Fact 0."

    def test_estimate_async(self, server, values):
        found = asyncio.run(game_at(server).estimate_async(256))
        assert np.allclose(found.values, values)
        assert found.player_names[0] == "1: Fact 0."

    def test_a_failure_keeps_what_other_requests_brought(self, values):
        with serving(fails={20}) as server:
            with pytest.raises(ConnectionError, match="503") as caught:
                game_at(server, max_in_flight=4).estimate(64, random_state=0)
            kept = caught.value.evaluations
            assert len(kept.worths) == server.n_requests - 1 >= 20
            assert np.allclose(kept.worths[:, 0], expected(kept.coalitions))

    def test_failed_requests_are_tried_again_and_nothing_is_asked_twice(self, tmp_path, values):
        """The first run ends at a failure, and the second one resumes it."""
        with serving(fails={20, 150}) as server:
            game = game_at(server, max_in_flight=4)
            store = tmp_path / "values.db"
            with pytest.raises(ConnectionError, match="answered 503: overloaded"):
                asyncio.run(game.estimate_async(256, store=store))
            found = asyncio.run(game.estimate_async(256, store=store, on_error="retry"))
        assert np.allclose(found.values, values)
        prompts = [asked["prompt"] for asked in server.asked]
        assert len(set(prompts)) == 256
        assert len(prompts) <= 256 + 2 + 4  # two failures, and those that the first one cut off

    def test_study(self, server, values, tmp_path):
        with banzhaf.Study(8, budget=256, store=tmp_path / "values.db") as study:
            study.run(game_at(server))
            assert np.allclose(study.result().values, values)

    def test_process_pool(self, server, values):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            assert np.allclose(game_at(server).estimate(256, executor=pool).values, values)


class TestByToken:
    def test_log_probabilities_of_tokens(self, server):
        found = game_at(server).token_log_probabilities(ALL[:20])
        assert found.shape == (20, 2)
        assert np.allclose(found.sum(axis=1), expected(ALL[:20]))
        assert game_at(server).token_log_probabilities(ALL[:0]).shape[0] == 0

    @pytest.mark.parametrize("measure", ["log-probability", "mean"])
    def test_values_of_tokens_add_up(self, server, measure, tmp_path):
        game = game_at(server, measure=measure)
        found = game.estimate_by_token(256, store=tmp_path / "values.db")
        assert np.allclose(found.values, game.estimate(256).values)
        assert found.player_names == game.player_names
        n_requests = server.n_requests
        again = game_at(server, measure=measure).estimate_by_token(256, store=tmp_path / "values.db")
        assert np.array_equal(again.values, found.values)  # the store knows how many tokens there are
        assert server.n_requests == n_requests

    @pytest.mark.parametrize("measure", ["log-probability", "mean"])
    def test_two_stages(self, measure, tmp_path):
        """Two of 40 sources decide: the second stage finds their values, and resumes after a failure."""
        sources = [f"Fact {i}." if i in (1, 2) else f"Other {i}." for i in range(40)]
        with serving(fails={50}) as server:
            game = game_at(server, sources=sources, measure=measure, max_in_flight=1)
            with pytest.raises(ConnectionError):
                game.estimate_in_two_stages(64, random_state=0, store=tmp_path / "values.db")
            found = game.estimate_in_two_stages(64, random_state=0, store=tmp_path / "values.db")
            assert server.n_requests < 64 + 64
        assert found.design == "two-stage"
        truth = np.zeros(40)
        truth[[1, 2]] = 0.75 * (1 if measure == "mean" else 2)
        assert np.allclose(found.values, truth, atol=1e-6)

    def test_without_leading_sources_it_is_one_stage(self, server):
        game = game_at(server)
        assert game.estimate_in_two_stages(64, random_state=0) == game.estimate_by_token(64, random_state=0)

    def test_process_pool(self, server):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found = game_at(server).estimate_by_token(256, executor=pool)
        assert np.allclose(found.values, banzhaf.exact(expected, 8).values)

    def test_other_tokens_after_another_prompt_are_refused(self):
        """The answer joins the last source, so that its tokens depend on the coalition."""
        with serving(splits={"Fact 7.": "for"}) as server:
            game = game_at(server, prompt="The answer follows. {context}")
            assert np.isfinite(game(ALL[[0, 128]])).all()
            with pytest.raises(ValueError, match=r"must split answer into the same tokens .* or call estimate"):
                game.token_log_probabilities(ALL[[0, 128]])


@pytest.mark.parametrize("name", ["__doc__", "worths_async", "estimate_async", "token_log_probabilities"])
def test_examples_of_docstrings(name, server, tmp_path, monkeypatch):
    """They need a server, so that other tests skip them."""
    monkeypatch.chdir(tmp_path)
    thing = RemoteContextAttribution if name == "__doc__" else getattr(RemoteContextAttribution, name)
    (test,) = doctest.DocTestFinder(recurse=False).find(thing, name, globs={})
    lines = "".join(example.source for example in test.examples).replace("http://localhost:8000/v1", server.url)
    lines = lines.replace("A.", "Fact 0.").replace("B.", "Fact 1.")
    program = f"async def main():\n{textwrap.indent(lines, '    ')}\nasyncio.run(main())"
    exec(program, {"asyncio": asyncio})
    assert server.n_requests == 4


class TestKeys:
    def test_are_sent_and_not_pickled(self):
        with serving(key="secret") as server:
            game = game_at(server, api_key="secret")
            assert np.allclose(game(ALL[:2]), expected(ALL[:2]))
            assert b"secret" not in pickle.dumps(game)
            assert "secret" not in repr(game)
            with pytest.raises(ConnectionError, match="answered 401: wrong key"):
                pickle.loads(pickle.dumps(game))(ALL[:2])


class TestRefuses:
    @pytest.mark.parametrize(
        ("changes", "kind", "message"),
        [
            ({"url": "localhost:8000"}, ValueError, "url must begin with http"),
            ({"url": 8000}, TypeError, "url"),
            ({"answer": ""}, ValueError, "answer must not be empty"),
            ({"answer": None}, TypeError, "answer"),
            ({"sources": [object()]}, TypeError, "images need ContextAttribution"),
            ({"measure": "log-odds"}, ValueError, "measure"),
            ({"timeout": 0}, ValueError, "timeout"),
            ({"headers": {"X-Tenant": 3}}, TypeError, "headers must be a string, got 3"),
            ({"max_in_flight": 0}, ValueError, "max_in_flight"),
            ({"prompt": "none"}, ValueError, "{context} once"),
        ],
    )
    def test_wrong_arguments(self, server, changes, kind, message):
        with pytest.raises(kind, match=message):
            game_at(server, **changes)
        assert server.n_requests == 0

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            ("no json", "must answer with JSON"),
            ('{"choices": [{"text": "a", "logprobs": null}]}', "must return log-probabilities of the prompt"),
            ('{"error": "no such model"}', "no such model"),
            (
                '{"choices": [{"logprobs": {"tokens": ["The answer", " is forty", " two", "."], '
                '"token_logprobs": [null, -1, -1, -1]}}]}',
                "must join to the answer",
            ),
            (
                '{"choices": [{"logprobs": {"tokens": [" is", " forty", " two", "."], '
                '"token_logprobs": [null, null, -1, -1]}}]}',
                "no log-probability for a token",
            ),
            (
                '{"choices": [{"logprobs": {"tokens": [" is", " forty", " two", "."], '
                '"token_logprobs": [null, -1, -1]}}]}',
                "must return log-probabilities of the prompt",
            ),
            (
                '{"choices": [{"logprobs": {"tokens": [" is", " forty", " two", "."], '
                '"token_logprobs": [null, 0.9, 0.8, 0.1]}}]}',
                "log-probabilities, which are not positive, got 0.9",
            ),
            (
                '{"choices": [{"logprobs": {"tokens": [" is", " forty", " two", "."], '
                '"token_logprobs": [null, "-1", "-2", "-3"]}}]}',
                "log-probabilities, which are not positive, got '-1'",
            ),
            (
                '{"choices": [{"logprobs": {"tokens": [" is", " forty", " two", "."], '
                '"token_logprobs": [null, NaN, -2, -3]}}]}',
                "log-probabilities, which are not positive, got nan",
            ),
        ],
    )
    def test_answers_of_another_shape(self, answer, message):
        with serving(answer=answer) as server, pytest.raises(ValueError, match=message):
            game_at(server)(ALL[:1])

    def test_usage_without_a_number(self):
        answer = (
            '{"choices": [{"logprobs": {"tokens": [" is", " forty", " two", "."], '
            '"token_logprobs": [null, -1, -2, -4]}}], "usage": {"prompt_tokens": null}}'
        )
        with serving(answer=answer) as server:
            assert game_at(server, sources=["is"], prompt="{context}")(np.ones((1, 1), bool))[0] == -3

    @pytest.mark.parametrize(
        ("end", "path"),
        [("", "/v1/completions"), ("/completions", "/v1/completions"), ("?version=2", "/v1/completions?version=2")],
    )
    def test_addresses(self, server, end, path):
        assert np.allclose(game_at(server, url=server.url + end)(ALL[:2]), expected(ALL[:2]))
        assert server.paths == [path] * 2

    def test_a_server_that_cuts_long_prompts(self):
        with serving(limit=20) as server:
            with pytest.raises(
                ValueError, match=r"must read the whole prompt, .*, without source 0: pass fewer sources"
            ):
                game_at(server)(ALL[-1:])
            few = np.zeros((1, ALL.shape[1]), dtype=bool)
            few[0, 1] = True
            assert game_at(server)(few) == pytest.approx(expected(few))

    def test_a_server_that_is_not_there(self, server):
        game = game_at(server, url="http://127.0.0.1:9/v1", timeout=1)
        with pytest.raises(OSError):  # noqa: PT011  # the system's own words
            game(ALL[:1])
