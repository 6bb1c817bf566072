# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Log-probabilities that a causal language model of Transformers gives to the last tokens of texts."""

from __future__ import annotations

import contextlib
import copy
import inspect
import itertools
import os
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_MOST_LOGITS = 1 << 27  # of one batch: half a gigabyte of float32
_CACHES = ("cache", "past_key_values")  # the later versions' name, and the earlier
_LEAST_PREFIX = 16  # tokens; for fewer, a cache costs more than it saves


class Tokens(NamedTuple):
    """The tokens of one prompt, and what a processor says of its images."""

    ids: list[int]
    others: dict[str, Any]  # tensors of one row


class Likelihood(NamedTuple):
    """What a model says of the last tokens of each text: arrays of shape (n_texts, n_tokens)."""

    log_probabilities: Numbers  # of each token after those before it
    log_complements: Numbers  # log(1 - probability)


class LanguageModel:
    """A causal language model and its tokenizer or processor.

    Parameters
    ----------
    model : str, path-like or PreTrainedModel
        A folder, which is read when it is first needed and once in each process, or a model.
    processor : tokenizer or processor, optional
        Needed for a model. A folder has its own.
    batch_size : int
        Largest number of texts in one call of the model.
    cache_prefix : bool
        Whether tokens that all texts begin with are computed once.
    """

    def __init__(self, model: Any, processor: Any, batch_size: int, cache_prefix: bool) -> None:
        self._folder: str | None = None
        self._model: Any = None
        self._processor = processor
        if isinstance(model, str | os.PathLike):
            self._folder = os.fspath(model)
            if not os.path.isdir(self._folder):
                raise ValueError(
                    f"model must be a model or a folder that holds one, got {self._folder!r}: download the model "
                    "first, for example with huggingface_hub.snapshot_download"
                )
        else:
            _check_model(model)
            if processor is None:
                raise ValueError("tokenizer is needed, unless model is a folder: pass the model's tokenizer")
            self._model = model
        if processor is not None and not callable(processor):
            raise TypeError(f"tokenizer must be a tokenizer or a processor, got {type(processor).__name__}")
        self._batch_size = batch_size
        self._cache_prefix = cache_prefix
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.RLock()
        self._ends: int | None = None
        self._prefix: list[int] = []
        self._cache: Any = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out locks and caches, and a model that the other process reads from its folder."""
        state = {
            name: value for name, value in self.__dict__.items() if name not in ("_lock", "_cache", "_prefix", "_ends")
        }
        if self._folder is not None:
            state["_model"] = None
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    @property
    def model(self) -> Any:
        """The model, which is read from its folder when it is first needed."""
        with self._lock:
            if self._model is None:
                self._model = _read_model(self._folder)
            return self._model

    @property
    def processor(self) -> Any:
        """The tokenizer or processor."""
        with self._lock:
            if self._processor is None:
                self._processor = _transformers().AutoProcessor.from_pretrained(self._folder, local_files_only=True)
            return self._processor

    @property
    def tokenizer(self) -> Any:
        """The tokenizer, which a processor holds."""
        return getattr(self.processor, "tokenizer", self.processor)

    @property
    def image_token(self) -> str | None:
        """What stands in a text for an image, or None if the model takes texts only."""
        if not hasattr(self.processor, "image_processor"):
            return None
        return getattr(self.processor, "boi_token", None) or getattr(self.processor, "image_token", None)

    @property
    def most_tokens(self) -> int | None:
        """The largest number of tokens that the model takes, if its configuration says so."""
        with self._lock:
            folder = self._folder if self._model is None else None
        config = self.model.config if folder is None else _read_config(folder)
        text = config.get_text_config() if hasattr(config, "get_text_config") else config
        return getattr(text, "max_position_embeddings", None)

    def as_chat(self, text: str) -> str:
        """Give the chat in which a user writes the text and the model is to answer."""

        def chat_of(content: Any) -> str:
            messages = [{"role": "user", "content": content}]
            return str(self.processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

        said = "".join(text.split())
        chat = chat_of(text)
        if said not in "".join(chat.split()):
            with contextlib.suppress(Exception):  # of templates that take texts only
                chat = chat_of([{"type": "text", "text": text}])
        if said in "".join(chat.split()):
            return chat
        raise ValueError(
            "chat=True needs a chat template that writes all that the user says, but the tokenizer's template does "
            "not: pass chat=False, and write what the template adds into prompt"
        )

    def encode(self, text: str, images: Sequence[Any] = (), *, special: bool = True, mixed: bool = False) -> Tokens:
        """Turn a text into tokens.

        `special` adds the tokens that begin a text, and `mixed` says that other texts of the same call have images.
        """
        if not mixed:
            ids = list(self.tokenizer(text, add_special_tokens=special)["input_ids"])
            return Tokens(ids[: len(ids) - self._n_ends] if special else ids, {})
        options: dict[str, Any] = {"images": list(images)} if images else {}
        found = self.processor(text=text, add_special_tokens=special, return_tensors="pt", **options)
        ids = found["input_ids"][0].tolist()
        kept = len(ids) - (self._n_ends if special else 0)
        others = {name: value for name, value in found.items() if name not in ("input_ids", "attention_mask")}
        # What is said of each token is cut like the tokens.
        others = {name: value[:, :kept] if name.endswith("token_type_ids") else value for name, value in others.items()}
        return Tokens(ids[:kept], others)

    @property
    def _n_ends(self) -> int:
        """Number of tokens that the tokenizer puts after each text. The answer must follow the text, not these."""
        with self._lock:
            if self._ends is None:
                whole, alone = (
                    self.tokenizer("a", add_special_tokens=special)["input_ids"] for special in (True, False)
                )
                starts = (i for i in range(len(whole)) if alone and whole[i : i + len(alone)] == alone)
                start = next(starts, None)
                self._ends = 0 if start is None else len(whole) - len(alone) - start
            return self._ends

    def set_prefix(self, *texts: Tokens) -> None:
        """Keep the tokens with which all of these texts begin, to compute them once."""
        if not self._cache_prefix or any(text.others for text in texts):
            return
        same = itertools.takewhile(
            lambda column: len(set(column)) == 1, zip(*(text.ids for text in texts), strict=False)
        )
        shared = [column[0] for column in same]
        shared = shared[: min(len(text.ids) for text in texts) - 1]  # something must be left to compute
        with self._lock:
            self._prefix = shared if len(shared) >= _LEAST_PREFIX else []
            self._cache = None

    def likelihood(self, prompts: Sequence[Tokens], answer: Sequence[int]) -> Likelihood:
        """Compute the log-probability of each token of the answer after each prompt."""
        import torch

        if not all(text.ids for text in prompts):
            raise ValueError(
                "prompt must have tokens for each coalition, but that of one has none, so that nothing precedes the "
                "answer: write a text beside {context}, or let the tokenizer begin texts with a token"
            )
        _check_mode(self.model)
        found = Likelihood(*np.empty((2, len(prompts), len(answer))))
        with torch.inference_mode():
            prefix, cache = self._cached_prefix()
            begins = [cache is not None and text.ids[: len(prefix)] == prefix for text in prompts]
            # Texts of similar length go together, so that few tokens are padding.
            order = sorted(range(len(prompts)), key=lambda r: (begins[r], len(prompts[r].ids), r))
            for rows in self._batches(order, prompts, begins, len(answer)):
                start = len(prefix) if begins[rows[0]] else 0
                batch = [Tokens(prompts[r].ids[start:] + list(answer), prompts[r].others) for r in rows]
                log_p, log_q = self._batch(batch, len(answer), cache if start else None, start)
                found.log_probabilities[rows], found.log_complements[rows] = log_p, log_q
        return found

    def continuation(self, prompt: Tokens, most_tokens: int) -> list[int]:
        """Generate the most probable continuation, token by token."""
        import torch

        model = _without_settings(self.model)
        ids = torch.tensor([prompt.ids], device=_device(model))
        others = {name: value.to(ids.device) for name, value in prompt.others.items()}
        with torch.inference_mode():
            found = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                num_beams=1,
                max_new_tokens=most_tokens,
                pad_token_id=0,
                **others,
            )
        special = set(self.tokenizer.all_special_ids)
        answer: list[int] = found[0, ids.shape[1] :].tolist()
        while answer and answer[-1] in special:
            answer.pop()
        return answer

    def _cached_prefix(self) -> tuple[list[int], Any]:
        import torch

        model = self.model
        with self._lock:
            if self._prefix and self._cache is None:
                ids = torch.tensor([self._prefix], device=_device(model))
                output = model(input_ids=ids, use_cache=True, **_keep(model, 1))
                cache = next((output[name] for name in _CACHES if output.get(name) is not None), None)
                if hasattr(cache, "batch_repeat_interleave"):
                    self._cache = cache
                else:  # such as the state of a recurrent model
                    self._prefix = []
            return self._prefix, self._cache

    def _batches(
        self, order: list[int], prompts: Sequence[Tokens], begins: list[bool], n_answer: int
    ) -> list[list[int]]:
        """Split rows so that a batch has one beginning, few rows, and not too many logits."""
        vocabulary = self.model.get_input_embeddings().weight.shape[0]
        batches: list[list[int]] = []
        for r in order:
            if batches:
                first = batches[-1][0]
                spread = len(prompts[r].ids) - len(prompts[first].ids) + n_answer
                logits = (len(batches[-1]) + 1) * spread * vocabulary
                if len(batches[-1]) < self._batch_size and begins[r] == begins[first] and logits <= _MOST_LOGITS:
                    batches[-1].append(r)
                    continue
            batches.append([r])
        return batches

    def _batch(self, rows: list[Tokens], n_answer: int, cache: Any, start: int) -> tuple[Numbers, Numbers]:
        """Compute log p and log(1 - p) for the last tokens of each row. Padding stands on the right."""
        import torch

        model = self.model
        device = _device(model)
        lengths = [len(row.ids) for row in rows]
        longest, n = max(lengths), len(rows)
        ids = torch.zeros((n, longest), dtype=torch.long)
        mask = torch.zeros((n, start + longest), dtype=torch.long)
        for r, row in enumerate(rows):
            ids[r, : lengths[r]] = torch.tensor(row.ids)
            mask[r, : start + lengths[r]] = 1
        # The logits that predict a row's answer begin one token before it.
        first = min(lengths) - n_answer - 1
        kept = torch.arange(first, longest - 1)
        options = {"input_ids": ids, "attention_mask": mask, **_joined([row.others for row in rows], lengths, longest)}
        options = {name: value.to(device) for name, value in options.items()}
        if cache is not None:
            cache = copy.deepcopy(cache)
            cache.batch_repeat_interleave(n)
            options[next(name for name in _CACHES if _takes(model, name))] = cache
        keep = _keep(model, kept)  # on the CPU, which suits models on several devices
        logits = model(**options, use_cache=cache is not None, **keep).logits
        if not keep:
            logits = logits[:, first : longest - 1]
        places = torch.tensor([length - n_answer - 1 - first for length in lengths])[:, None] + torch.arange(n_answer)
        answer = torch.tensor([row.ids[-n_answer:] for row in rows], device=logits.device)
        logits = logits[torch.arange(n, device=logits.device)[:, None], places.to(logits.device)]
        logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
        total = logits.logsumexp(dim=-1)
        log_p = logits.gather(-1, answer[..., None])[..., 0] - total
        log_q = logits.scatter(-1, answer[..., None], -torch.inf).logsumexp(dim=-1) - total
        return log_p.double().cpu().numpy(), log_q.double().cpu().numpy()


def _without_settings(model: Any) -> Any:
    """Give the model without its settings of generation, such as words to suppress: only what ends a text stays.

    They would make another answer than the most probable one. The weights are shared.
    """
    given = getattr(model, "generation_config", None)
    if given is None:
        return model
    plain = copy.copy(model)
    plain.generation_config = type(given)(eos_token_id=given.eos_token_id, bos_token_id=given.bos_token_id)
    return plain


def _joined(others: list[dict[str, Any]], lengths: list[int], longest: int) -> dict[str, Any]:
    """Join what a processor says of each row: one number for each token is padded with 0, the rest is stacked."""
    import torch

    joined: dict[str, Any] = {}
    for name in dict.fromkeys(name for row in others for name in row):
        given = [row.get(name) for row in others]
        if name.endswith("token_type_ids"):
            table = torch.zeros((len(others), longest), dtype=torch.long)
            for r, value in enumerate(given):
                if value is not None:
                    table[r, : value.shape[1]] = value[0]
            joined[name] = table
        else:
            joined[name] = torch.cat([value for value in given if value is not None])
    return joined


def _keep(model: Any, which: Any) -> dict[str, Any]:
    """Ask for the logits of some tokens only, if the model can."""
    return {"logits_to_keep": which} if _takes(model, "logits_to_keep") else {}


def _takes(model: Any, argument: str) -> bool:
    return argument in inspect.signature(model.forward).parameters


def _device(model: Any) -> Any:
    return model.get_input_embeddings().weight.device


def _transformers() -> Any:
    try:
        import transformers
    except ImportError:
        raise ImportError(
            "a model in a folder needs Transformers and PyTorch: pip install 'banzhaf[context]'"
        ) from None
    return transformers


def _read_config(folder: str | None) -> Any:
    return _transformers().AutoConfig.from_pretrained(folder, local_files_only=True)


def _read_model(folder: str | None) -> Any:
    """Read a model from its folder with the class that its configuration names, for evaluation."""
    transformers = _transformers()
    architectures = _read_config(folder).architectures or [""]
    kind = getattr(transformers, architectures[0], transformers.AutoModelForCausalLM)
    model = kind.from_pretrained(folder, dtype="auto", local_files_only=True).eval()
    _check_model(model)
    return model


def _check_model(model: Any) -> None:
    if not callable(model) or not hasattr(model, "get_input_embeddings") or not hasattr(model, "config"):
        raise TypeError(f"model must be a causal language model of Transformers, got {type(model).__name__}")
    if getattr(model.config, "is_encoder_decoder", False):
        raise TypeError(f"model must be a causal language model, but {type(model).__name__} has an encoder")
    if model.get_output_embeddings() is None:
        raise TypeError(
            f"model must be a causal language model, but {type(model).__name__} returns no logits of tokens: load the "
            "class whose name ends in ForCausalLM or ForConditionalGeneration"
        )
    _check_mode(model)


def _check_mode(model: Any) -> None:
    if model.training:
        raise ValueError("model is in training mode, in which dropout may add noise: call model.eval() first")
