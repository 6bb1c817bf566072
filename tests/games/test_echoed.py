# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The answer's tokens among those that servers echo, in the ways in which servers write them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from completions_server import serving

from banzhaf._games.echoed import n_echoed, n_last
from banzhaf.games import RemoteContextAttribution

SMILE, PART = "\U0001f642", "\ufffd"


class TestCharactersOfSeveralTokens:
    @pytest.mark.parametrize(
        ("tokens", "answer", "count"),
        [
            ([":", " ", "", "", SMILE], SMILE, 3),  # vLLM: the last token is the whole character
            ([":", "", f" {SMILE}"], f" {SMILE}", 2),
            ([":", "", SMILE, "", SMILE], SMILE, 2),
            ([":", " ", PART, PART, PART], SMILE, 3),  # each token decoded alone
            ([":", f" {PART}", PART], f" {SMILE}", 2),
            ([":", " ", PART, PART, PART, PART], SMILE + SMILE, 4),
            ([":", " ok", " ", PART, PART, "!"], f" ok {SMILE}!", 5),
            (["A", ":", PART, PART, "\u6587"], "\u4e2d\u6587", 3),
            ([":", r"bytes: \xf0\x9f", r"bytes:\x99\x82"], f" {SMILE}", 2),  # OpenAI
        ],
    )
    def test_all_of_them_count(self, tokens, answer, count):
        assert n_last(tokens, answer, ": ") == count

    def test_empty_tokens_before_ascii_are_others(self):
        assert n_last([":", "", " no"], " no", ":") == 1

    def test_where_the_answer_begins_must_be_known(self):
        """The prompt ends with such a character, and the answer begins with one."""
        assert n_last([":", PART, PART, PART, PART], SMILE, f":{SMILE}") == 0
        tokens = ["A", f" {PART}", PART, PART, " more"]
        found = {"choices": [{"logprobs": {"tokens": tokens, "token_logprobs": [None, -1, -1, -1, -1]}}]}
        with (
            serving(answer=json.dumps(found)) as server,
            pytest.raises(ValueError, match="parts of characters, so let"),
        ):
            RemoteContextAttribution(server.url, "m", ["A"], "{context} \u4e2d", "\u6587")(np.ones((1, 1), dtype=bool))

    @pytest.mark.parametrize("parts", [["", SMILE], [PART, PART]])
    def test_worth(self, parts):
        tokens, numbers = ["A", ":", " ", *parts, " more"], [None, -9, -9, -1, -2, -9]
        found = {"choices": [{"logprobs": {"tokens": tokens, "token_logprobs": numbers}}]}
        with serving(answer=json.dumps(found)) as server:
            game = RemoteContextAttribution(server.url, "m", ["A"], "{context}: ", SMILE)
            assert game(np.ones((1, 1), dtype=bool)).tolist() == [-3]


class TestWhereThePromptEnds:
    @pytest.mark.parametrize(
        ("tokens", "usage", "count"),
        [
            (["a", " no", " no", " no"], {"prompt_tokens": 4, "completion_tokens": 1}, 3),  # counts one not listed
            (["<s>", "a", " no", " no", " no"], {"prompt_tokens": 4, "completion_tokens": 1}, 4),
            (["<s>", "a", " no", " no"], {"prompt_tokens": 4, "completion_tokens": 1}, 4),  # the end is not listed
            (["<s>", "a", " no", " no", " no"], None, 4),
            (["a", " no", " no"], {}, 3),
        ],
    )
    def test_the_text_decides(self, tokens, usage, count):
        """The model generates one more word of the answer, which must not count."""
        assert n_echoed(tokens, "a no no", usage) == count
