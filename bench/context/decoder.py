# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A small Gemma 3 decoder, trained on the spot to answer questions from passages of its prompt.

A passage is "NAME COLOUR ." or, as a bridge, "NAME OTHER .". A question is "? NAME". Its answer is "COLOUR", or "OTHER
COLOUR" for a bridge, or "none" if no passage has the name.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench._command import ROOT, Unavailable

FOLDER = ROOT / "build" / "bench-decoder"
N_PASSAGES = 100
_NAMES = [f"n{i}" for i in range(300)]
_COLOURS = [f"c{i}" for i in range(20)]
_WORDS = ["<pad>", "<bos>", ".", "?", "none", *_COLOURS, *_NAMES]
_NUMBERS = {word: i for i, word in enumerate(_WORDS)}
_LENGTHS = (8, 13, 21, 34, 55, 89, 100)
_TOKENS = 2000  # of one step
_SHORT, _MOST_STEPS, _ENOUGH = 250, 2000, 0.995
_BRIDGES, _ABSENT, _REPEATED = 0.2, 0.15, 0.3


@dataclass(frozen=True)
class Problem:
    """Passages and a question, with the passages that hold the answer."""

    passages: list[str]
    question: str
    answer: str
    holders: frozenset[int]


def decoder() -> tuple[Any, Any]:
    """Give the decoder and its tokenizer, which are kept in the build folder."""
    try:
        import torch
        from transformers import Gemma3ForCausalLM, PreTrainedTokenizerFast
    except ImportError:
        raise Unavailable("the benchmark needs PyTorch and Transformers: pip install '.[context]'") from None
    if not (FOLDER / "config.json").exists():
        torch.manual_seed(0)
        train()
    model = Gemma3ForCausalLM.from_pretrained(FOLDER, local_files_only=True).eval()
    return model, PreTrainedTokenizerFast.from_pretrained(FOLDER, local_files_only=True)


def problem(kind: str, seed: int) -> Problem:
    """Make a problem of the kind "either", "bridge" or "many"."""
    rng = np.random.default_rng([seed, len(kind)])
    names = [_NAMES[i] for i in rng.permutation(len(_NAMES))[: N_PASSAGES + 1]]
    colours = [str(rng.choice(_COLOURS)) for _ in names]
    passages = [f"{name} {colour} ." for name, colour in zip(names, colours, strict=True)][:N_PASSAGES]
    first, second = (int(i) for i in rng.choice(N_PASSAGES, 2, replace=False))
    if kind == "either":
        passages[second] = passages[first]
        return Problem(passages, f"? {names[first]}", colours[first], frozenset({first, second}))
    if kind == "bridge":
        passages[first] = f"{names[first]} {names[second]} ."
        answer = f"{names[second]} {colours[second]}"
        return Problem(passages, f"? {names[first]}", answer, frozenset({first, second}))
    asked = rng.permutation(N_PASSAGES)[: N_PASSAGES // 2]
    (head, *rest) = asked.tolist()
    answer = " ".join([colours[head], *(f"? {names[i]} {colours[i]}" for i in rest)])
    return Problem(passages, f"? {names[head]}", answer, frozenset(asked.tolist()))


def train() -> float:
    """Train the decoder until it answers right, keep it, and give the share of right answers at 100 passages."""
    import torch
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    hidden = 64
    config = Gemma3TextConfig(
        vocab_size=len(_WORDS),
        hidden_size=hidden,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        query_pre_attn_scalar=16,
        sliding_window=3,
        layer_types=["sliding_attention", "full_attention"],
        initializer_range=hidden**-0.5,
        max_position_embeddings=1024,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=0,
    )
    model = Gemma3ForCausalLM(config).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    rng = np.random.default_rng(0)
    start = time.perf_counter()
    right = 0.0
    for step in range(_MOST_STEPS):
        ids, targets = _rows(rng, _length(step), 40 if step % 8 == 7 and step >= _SHORT else 8)
        logits = model(input_ids=ids, use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(
            logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten(), ignore_index=-1
        )
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 50 == 49:
            right = _right(model.eval(), np.random.default_rng(1))
            print(
                f"step {step + 1}: {right:.1%} right, {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True
            )
            model.train()
            if right >= _ENOUGH:
                break
    model.eval()
    model.save_pretrained(FOLDER)
    _tokenizer().save_pretrained(FOLDER)
    return right


def _length(step: int) -> int:
    """Short prompts first, in which it is easiest to learn to look a name up."""
    return _LENGTHS[0] if step < _SHORT else _LENGTHS[step % len(_LENGTHS)]


def _right(model: Any, rng: Any) -> float:
    import torch

    with torch.inference_mode():
        ids, targets = _rows(rng, N_PASSAGES, 8, n_rows=20)
        guessed = model(input_ids=ids, use_cache=False).logits[:, :-1].argmax(-1)
    there = targets[:, 1:] >= 0
    return float((guessed == targets[:, 1:])[there].float().mean())


def _rows(rng: Any, length: int, n_questions: int, n_rows: int | None = None) -> tuple[Any, Any]:
    """Make rows of tokens, and as targets those of the answers, with -1 elsewhere."""
    import torch

    made = [_row(rng, length, n_questions) for _ in range(n_rows or max(1, _TOKENS // (3 * (length + n_questions))))]
    longest = max(len(words) for words, _ in made)
    ids = torch.zeros((len(made), longest), dtype=torch.long)
    targets = torch.full((len(made), longest), -1)
    for r, (words, asked) in enumerate(made):
        numbers = torch.tensor([_NUMBERS[word] for word in words])
        ids[r, : len(words)] = numbers
        where = torch.tensor(asked)
        targets[r, where] = numbers[where]
    return ids, targets


def _row(rng: Any, length: int, n_questions: int) -> tuple[list[str], list[int]]:
    names = [_NAMES[i] for i in rng.permutation(len(_NAMES))]
    known, unknown = names[:length], names[length:]
    answers = {name: [_COLOURS[rng.integers(len(_COLOURS))]] for name in known}
    plain = list(known)
    for name in known[: int(rng.binomial(length // 2, 2 * _BRIDGES))]:
        other = known[rng.integers(length // 2, length)]  # which is no bridge
        answers[name] = [other, *answers[other]]
        plain.remove(name)
    facts = [(name, answers[name][0]) for name in known]
    if rng.random() < _REPEATED:
        facts[rng.integers(length)] = facts[rng.integers(length)]
    stated = dict(facts)
    for name in [name for name in known if name not in stated]:
        answers.pop(name)
    words = ["<bos>"]
    for i in rng.permutation(length):
        words += [*facts[i], "."]
    asked: list[int] = []
    for _ in range(n_questions):
        name = unknown[rng.integers(len(unknown))] if rng.random() < _ABSENT else known[rng.integers(length)]
        answer = answers.get(name, ["none"])
        if len(answer) == 2 and answer[0] not in answers:  # the bridge leads nowhere
            continue
        words += ["?", name, *answer]
        asked += range(len(words) - len(answer), len(words))
    return words, asked


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.WordLevel(_NUMBERS, unk_token="<pad>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<bos>", pad_token="<pad>", eos_token="<pad>")


if __name__ == "__main__":
    print(f"{train():.1%} right at {N_PASSAGES} passages; kept in {Path(FOLDER)}")
