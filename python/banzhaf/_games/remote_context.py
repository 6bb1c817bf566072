# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Which parts of a prompt make a language model give an answer, asked of a server."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._estimate.per_coalition import ByCoalition
from banzhaf._estimate.results import BanzhafValues
from banzhaf._games.by_token import TokenGame
from banzhaf._games.echoed import has_parts, n_echoed, n_last, squeezed
from banzhaf._games.game import rows_of
from banzhaf._games.prompt import Prompt, names_of
from banzhaf._study.asynchronous import estimate_async
from banzhaf._support import arguments as check

_MEASURES = ("log-probability", "mean")
_SHOWN = 300  # characters of a server's answer in an error
_ROUNDING = 1e-3  # of the log-probability of a certain token


class RemoteContextAttribution(TokenGame, ByCoalition):
    r"""The parts of a prompt as players, with a language model behind an OpenAI-compatible server.

    The game is that of `ContextAttribution`. The server must return log-probabilities of the tokens of a prompt: the
    endpoint ``/completions`` with ``echo`` and ``logprobs``, as vLLM and others have it.

    Parameters
    ----------
    url : str
        Address of the server up to its version, such as ``"http://localhost:8000/v1"``. It may end in a query.
    model : str
        Name of the model at the server.
    sources : sequence of str
        The players in order: texts.
    prompt : str
        The prompt, with ``{context}`` where the sources stand. The server gets it as it is, without a chat template.
    answer : str
        The answer whose probability counts. It is appended to the prompt, so that it often begins with a space.
    separator : str, default "\n"
        Text between two sources that are there.
    measure : {"log-probability", "mean"}, default "log-probability"
        Worth of a coalition: the log-probability of the whole answer, or that divided by the number of its tokens.
    api_key : str, optional
        Sent as a bearer token. It is left out of pickles, so that no file or other process gets it.
    headers : mapping of str to str, optional
        Further headers of each request.
    timeout : float, default 60.0
        Seconds after which a request counts as failed.
    max_in_flight : int, default 16
        Largest number of requests at one time.
    player_names : iterable of str, optional
        Names of the players in order, all different. By default the number and first words of each source.

    Attributes
    ----------
    n_players : int
        Number of sources.
    player_names : tuple of str
        Names of the sources in order.
    answer : str
        The answer.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong. No request is made before the game is called.

    See Also
    --------
    ContextAttribution : Does the same with a model in this process.

    Notes
    -----
    Each coalition is one request. A call of the game sends up to `max_in_flight` of them at a time. For long runs, use
    `estimate_async` with ``store=``: it keeps each worth on disk at once, and can try failed requests again.
    `estimate_by_token` and `estimate_in_two_stages` take ``store=`` as well, and the same call resumes a run.

    The tokens of the answer are the last ones of the echoed text whose texts join to the answer. A character, such as
    an emoji, may be several tokens. If no tokens join to the answer, the tokenizer has joined the answer with the end
    of the prompt, and the game raises a ValueError. It also raises one if the echoed text lacks the first source,
    because the server has cut a long prompt.

    Examples
    --------
    >>> from banzhaf.games import RemoteContextAttribution
    >>> passages = ["Anna lives in Rome.", "Ben lives in Oslo."]
    >>> game = RemoteContextAttribution(
    ...     "http://localhost:8000/v1", "gemma", passages, "{context}\nAnna lives in", " Rome"
    ... )
    >>> game.prompt([True, False])
    'Anna lives in Rome.\nAnna lives in'
    >>> game.estimate_by_token(4).values.shape  # doctest: +SKIP
    (2,)
    """

    def __init__(
        self,
        url: str,
        model: str,
        sources: Iterable[str],
        prompt: str,
        answer: str,
        *,
        separator: str = "\n",
        measure: str = "log-probability",
        api_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        max_in_flight: int = 16,
        player_names: Iterable[str] | None = None,
    ) -> None:
        parts = urllib.parse.urlsplit(check.text("url", url))
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"url must begin with http:// or https://, got {url!r}")
        path = parts.path.rstrip("/").removesuffix("/completions") + "/completions"
        self._url = urllib.parse.urlunsplit(parts._replace(path=path, fragment=""))
        self._name = check.text("model", model)
        self._prompt = Prompt(sources, prompt, separator)
        if self._prompt.has_images:
            raise TypeError("sources must be texts: images need ContextAttribution")
        self.n_players = len(self._prompt.sources)
        self.player_names: tuple[str, ...] = names_of(player_names, self._prompt.sources, "sources")
        self.answer = check.text("answer", answer)
        if not answer:
            raise ValueError("answer must not be empty")
        self._measure = check.choice("measure", measure, _MEASURES)
        given = {} if headers is None else dict(headers)
        self._headers = {"Content-Type": "application/json"}
        self._headers |= {check.text("headers", name): check.text("headers", value) for name, value in given.items()}
        self._api_key = None if api_key is None else check.text("api_key", api_key)
        self._timeout = check.positive("timeout", timeout)
        self._max_in_flight = check.integer("max_in_flight", max_in_flight, 1)
        self._answer_tokens: tuple[str, ...] | None = None  # until the server has said them
        self._forget()

    def _forget(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the threads, and the key of the server."""
        state = {name: value for name, value in self.__dict__.items() if name not in ("_pool", "_lock")}
        return {**state, "_api_key": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    def prompt(self, coalition: Any) -> str:
        r"""Give the text that the server gets for a coalition, before the answer.

        Parameters
        ----------
        coalition : array_like of bool, shape (n_players,)
            True for each source that is there.

        Returns
        -------
        str
            The prompt.

        Raises
        ------
        TypeError, ValueError
            If `coalition` is no boolean array of this shape.

        See Also
        --------
        worths_async : Ask the server for the worths of coalitions.

        Examples
        --------
        >>> from banzhaf.games import RemoteContextAttribution
        >>> game = RemoteContextAttribution("http://localhost:8000/v1", "gemma", ["A.", "B."], "{context} So", " C")
        >>> game.prompt([True, True])
        'A.\nB. So'
        """
        return self._prompt.text(self._prompt.row(coalition))

    def token_log_probabilities(self, coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Ask the server for the log-probability of each token of the answer.

        Parameters
        ----------
        coalitions : ndarray of bool, shape (m, n_players)
            True for each source that is there.

        Returns
        -------
        ndarray of float64, shape (m, n_tokens)
            The log-probabilities. This is a game with one output for each token.

        Raises
        ------
        TypeError, ValueError
            If `coalitions` is no boolean array of this shape, the server's answer has no log-probabilities, or the
            server splits the answer into other tokens after another prompt.
        ConnectionError
            If the server refuses a request.

        See Also
        --------
        estimate_by_token : Estimate the values of each token, and add them up.

        Examples
        --------
        >>> import banzhaf
        >>> from banzhaf.games import RemoteContextAttribution
        >>> game = RemoteContextAttribution("http://localhost:8000/v1", "gemma", ["A.", "B."], "{context} So", " C D")
        >>> banzhaf.exact(game.token_log_probabilities, 2).values.shape  # doctest: +SKIP
        (2, 2)
        """
        rows = rows_of(coalitions, self.n_players)
        if not len(rows):
            return np.empty((0, len(self._answer_tokens or ())))
        return np.array(list(self._threads().map(self._same_tokens, rows)), dtype=np.float64)

    async def worths_async(self, coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Ask the server for the worths of coalitions.

        This is an awaitable game, as `banzhaf.estimate_async` and `banzhaf.Study` take it.

        Parameters
        ----------
        coalitions : ndarray of bool, shape (m, n_players)
            True for each source that is there.

        Returns
        -------
        ndarray of float64, shape (m,)
            The worths.

        Raises
        ------
        TypeError, ValueError
            If `coalitions` is no boolean array of this shape, or the server's answer has no log-probabilities.
        ConnectionError
            If the server refuses a request.

        See Also
        --------
        estimate_async : Estimate the values with several requests in flight.

        Examples
        --------
        >>> import banzhaf
        >>> from banzhaf.games import RemoteContextAttribution
        >>> game = RemoteContextAttribution("http://localhost:8000/v1", "gemma", ["A.", "B."], "{context} So", " C")
        >>> study = banzhaf.Study(2, budget=4)
        >>> await study.run_async(game.worths_async)  # doctest: +SKIP
        """
        rows = rows_of(coalitions, self.n_players)
        loop, pool = asyncio.get_running_loop(), self._threads()
        return np.array(await asyncio.gather(*(loop.run_in_executor(pool, self._worth, row) for row in rows)))

    async def estimate_async(self, budget: int, **options: Any) -> BanzhafValues:
        """Estimate the Banzhaf values with several requests in flight.

        Parameters
        ----------
        budget : int
            Largest number of coalitions to evaluate.
        **options
            Further arguments of `banzhaf.estimate_async`, such as ``store``, ``on_error`` and ``retries``.

        Returns
        -------
        BanzhafValues
            Values and standard errors, with the names of the players.

        See Also
        --------
        banzhaf.estimate_async : Does the work.

        Examples
        --------
        >>> from banzhaf.games import RemoteContextAttribution
        >>> game = RemoteContextAttribution("http://localhost:8000/v1", "gemma", ["A.", "B."], "{context} So", " C")
        >>> await game.estimate_async(4, store="values.db", on_error="retry")  # doctest: +SKIP
        """
        chosen = {"player_names": self.player_names, "max_in_flight": self._max_in_flight, **options}
        return await estimate_async(self.worths_async, self.n_players, budget=budget, **chosen)

    def evaluate(self, coalitions: NDArray[np.bool_], finished: Callable[[int, Any], None]) -> None:
        """Ask the server for the worths of coalitions, and report each one at once.

        After a failure, no further request is sent. The worths of those in flight are still reported.

        Parameters
        ----------
        coalitions : ndarray of bool, shape (m, n_players)
            True for each source that is there.
        finished : callable
            Called with the number of a coalition and its worth.

        Raises
        ------
        TypeError, ValueError
            If `coalitions` is no boolean array of this shape, or the server's answer has no log-probabilities.
        ConnectionError
            If the server refuses a request.

        See Also
        --------
        worths_async : Does the same for awaitable games.

        Examples
        --------
        >>> import numpy as np
        >>> from banzhaf.games import RemoteContextAttribution
        >>> game = RemoteContextAttribution("http://localhost:8000/v1", "gemma", ["A.", "B."], "{context} So", " C")
        >>> game.evaluate(np.eye(2, dtype=bool), lambda number, worth: print(number, worth))  # doctest: +SKIP
        """
        rows = rows_of(coalitions, self.n_players)
        asked = {self._threads().submit(self._worth, row): number for number, row in enumerate(rows)}
        failure = None
        try:
            for future in as_completed(asked):
                if future.cancelled():
                    continue
                try:
                    finished(asked[future], future.result())
                except Exception as error:
                    failure = failure or error
                    for other in asked:
                        other.cancel()
        finally:
            for future in asked:
                future.cancel()
        if failure is not None:
            raise failure

    def _worths(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.fromiter(self._threads().map(self._worth, rows), dtype=np.float64, count=len(rows))

    def _threads(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._max_in_flight, thread_name_prefix="banzhaf-requests")
            return self._pool

    def _worth(self, row: NDArray[np.bool_]) -> float:
        _, logs = self._tokens_of(row)
        return sum(logs) / (len(logs) if self._measure == "mean" else 1)

    def _same_tokens(self, row: NDArray[np.bool_]) -> list[float]:
        """Ask for the log-probabilities of the answer's tokens, which must be the same for all coalitions."""
        tokens, logs = self._tokens_of(row)
        with self._lock:
            known = self._answer_tokens = self._answer_tokens or tokens
        if tokens != known:
            raise ValueError(
                f"the server at {self._url} must split answer into the same tokens after every prompt, got "
                f"{list(known)} and {list(tokens)}: end prompt with a text after {{context}}, or call estimate"
            )
        return logs

    def _tokens_of(self, row: NDArray[np.bool_]) -> tuple[tuple[str, ...], list[float]]:
        """Ask for the tokens of the answer, and their log-probabilities."""
        # One token is generated, because some servers refuse none.
        text = self._prompt.text(row) + self.answer
        asked = {
            "model": self._name,
            "prompt": text,
            "echo": True,
            "logprobs": 1,
            "max_tokens": 1,
            "temperature": 0,
        }
        found = self._post(asked)
        answer = self._answer_log_probabilities(found, text)
        self._check_whole(found["choices"][0]["logprobs"]["tokens"], text, row)
        return answer

    def _post(self, asked: dict[str, Any]) -> Any:
        headers = dict(self._headers)
        if self._api_key is not None:
            headers["Authorization"] = f"Bearer {self._api_key}"
        request = urllib.request.Request(self._url, json.dumps(asked).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:
                text = answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                said = error.read().decode(errors="replace")[:_SHOWN]
            raise ConnectionError(f"the server at {self._url} answered {error.code}: {said}") from None
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            raise ValueError(f"the server at {self._url} must answer with JSON, got {text[:_SHOWN]!r}") from None

    def _check_whole(self, tokens: list[str], text: str, row: NDArray[np.bool_]) -> None:
        """Raise if the server has cut the beginning of a long prompt, and with it the first source."""
        read, sent = squeezed("".join(tokens)), squeezed(text)
        # Tokens may be written with more characters than their text has, and marks of a chat may be left out.
        if row.any() and len(read) < len(sent) and squeezed(self._prompt.sources[int(row.argmax())]) not in read:
            raise ValueError(
                f"the server at {self._url} must read the whole prompt, but its tokens hold {len(read)} of {len(sent)} "
                f"characters, without source {int(row.argmax())}: pass fewer sources, or raise the server's limit"
            )

    def _answer_log_probabilities(self, found: Any, text: str) -> tuple[tuple[str, ...], list[float]]:
        """Find the answer's tokens at the end of the echoed text."""
        try:
            logs = found["choices"][0]["logprobs"]
            tokens, numbers = logs["tokens"], logs["token_logprobs"]
            complete = len(tokens) == len(numbers) and all(isinstance(token, str) for token in tokens)
        except (KeyError, IndexError, TypeError):
            complete = False
        if not complete:
            raise ValueError(
                f"the server at {self._url} must return log-probabilities of the prompt (echo and logprobs), got "
                f"{json.dumps(found)[:_SHOWN]}"
            )
        echoed = n_echoed(tokens, text, found.get("usage"))
        answer = n_last(tokens[:echoed], self.answer, text.removesuffix(self.answer))
        if answer == 0:
            shown = tokens[:echoed][-8:]
            advice = "let answer begin with the space, and let prompt end without one"
            if has_parts(shown):
                advice = "some of them are parts of characters, so let answer begin with a space or an ASCII character"
            raise ValueError(
                f"the server's last tokens of the prompt must join to the answer {self.answer!r}, got {shown}: {advice}"
            )
        chosen = numbers[echoed - answer : echoed]
        if any(number is None for number in chosen):
            raise ValueError(f"the server at {self._url} returned no log-probability for a token of the answer")
        for number in chosen:
            if type(number) not in (int, float) or not number <= _ROUNDING:  # NaN is neither
                raise ValueError(
                    f"the server at {self._url} must return log-probabilities, which are not positive, got {number!r}"
                )
        return tuple(tokens[echoed - answer : echoed]), [float(number) for number in chosen]
