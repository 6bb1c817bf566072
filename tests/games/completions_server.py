# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A server of the shape of OpenAI's completions, with log-probabilities that a formula gives."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def log_probability(prompt, token):
    """The log-probability of a token of the answer: it depends on the passages that are there."""
    present = [number for number in range(8) if f"Fact {number}." in prompt]
    return -3 + 0.5 * (0 in present) + 1.5 * (1 in present and 2 in present) - 0.25 * len(token) - 0.1 * (5 in present)


class Server(ThreadingHTTPServer):
    """Counts requests and those in flight at once; `fails` lists the requests to answer with 503.

    `splits` maps texts to beginnings of words, which are tokens of their own in prompts with these texts.
    """

    daemon_threads = True
    # More than five requests may arrive at once.
    request_queue_size = 64

    def __init__(self, *, begins=(), generates=1, usage=True, answer=None, fails=(), key=None, limit=None, splits=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.begins, self.generates, self.usage, self.answer = list(begins), generates, usage, answer
        self.fails, self.key, self.limit, self.splits = set(fails), key, limit, splits or {}
        self.n_requests = self.in_flight = self.most_in_flight = 0
        self.asked, self.paths = [], []
        self.lock = threading.Lock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        server = self.server
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with server.lock:
            number = server.n_requests
            server.n_requests += 1
            server.in_flight += 1
            server.most_in_flight = max(server.most_in_flight, server.in_flight)
            server.asked.append(asked)
            server.paths.append(self.path)
        time.sleep(0.002)
        code, body = 200, self.complete(asked)
        if number in server.fails:
            code, body = 503, "overloaded"
        if server.key is not None and self.headers["Authorization"] != f"Bearer {server.key}":
            code, body = 401, "wrong key"
        with server.lock:
            server.in_flight -= 1
        self.send_response(code)
        self.end_headers()
        self.wfile.write(body.encode())

    def complete(self, asked):
        server = self.server
        if server.answer is not None:
            return server.answer
        pieces = [piece for text, piece in server.splits.items() if text in asked["prompt"]]
        pattern = "|".join([*(rf"\s{piece}" for piece in pieces), r"\s?[^\s.]+|\.|\s"])
        tokens = [*server.begins, *re.findall(pattern, asked["prompt"])]
        tokens = tokens[-server.limit :] if server.limit else tokens
        echoed = len(tokens)
        tokens += [" more"] * server.generates
        numbers = [None, *(log_probability(asked["prompt"], token) for token in tokens[1:])]
        found = {"choices": [{"text": "", "logprobs": {"tokens": tokens, "token_logprobs": numbers}}]}
        if server.usage:
            found["usage"] = {"prompt_tokens": echoed, "completion_tokens": server.generates}
        return json.dumps(found)

    def log_message(self, *_):
        """Keep quiet."""


@contextlib.contextmanager
def serving(**options):
    """Run a server in a thread."""
    with Server(**options) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
