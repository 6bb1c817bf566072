# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Gemma 3's own classes with tiny random weights, and tokenizers made on the spot."""

from __future__ import annotations

from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    Gemma3Config,
    Gemma3ForCausalLM,
    Gemma3ForConditionalGeneration,
    Gemma3ImageProcessor,
    Gemma3Processor,
    Gemma3TextConfig,
    PreTrainedTokenizerFast,
)

WORDS = (
    "the a red green blue old new house river bridge road town is was near has no more than Anna Ben Carl Dora lives"
)
SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
IMAGE = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<start_of_turn> {{ m['role'] }} {{ m['content'] | trim }} <end_of_turn> "
    "{% endfor %}{% if add_generation_prompt %}<start_of_turn> model{% endif %}"
)
SIDE = 32  # pixels of an image
IMAGE_TOKENS = 4


def tokenizer() -> PreTrainedTokenizerFast:
    """Make a tokenizer of whole words that begins each text with <bos>."""
    words = [*SPECIAL, *IMAGE.values(), "user", "model", ".", "?", *dict.fromkeys(WORDS.split())]
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()])
    made.post_processor = processors.TemplateProcessing(
        single="<bos> $A", special_tokens=[("<bos>", words.index("<bos>"))]
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        extra_special_tokens={"start": "<start_of_turn>", "end": "<end_of_turn>", **IMAGE},
    )
    wrapped.chat_template = TEMPLATE
    return wrapped


def text_settings(**changes: Any) -> dict[str, Any]:
    """Give a configuration of three layers, two of which see a window of eight tokens."""
    return {
        "vocab_size": 64,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "query_pre_attn_scalar": 16,
        "sliding_window": 8,
        "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        "max_position_embeddings": 512,
        "initializer_range": 0.3,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "bos_token_id": 2,
        **changes,
    }


def text_model(seed: int = 0, **changes: Any) -> Gemma3ForCausalLM:
    """Make a text model."""
    torch.manual_seed(seed)
    return Gemma3ForCausalLM(Gemma3TextConfig(**text_settings(**changes))).eval()


def image_model(seed: int = 0) -> tuple[Gemma3ForConditionalGeneration, Gemma3Processor]:
    """Make a model that takes images of 32 x 32 pixels, and its processor."""
    torch.manual_seed(seed)
    words = tokenizer()
    config = Gemma3Config(
        text_config=text_settings(),
        vision_config={
            "hidden_size": 16,
            "intermediate_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": SIDE,
            "patch_size": 8,
        },
        mm_tokens_per_image=IMAGE_TOKENS,
        boi_token_index=words.boi_token_id,
        eoi_token_index=words.eoi_token_id,
        image_token_index=words.image_token_id,
    )
    model = Gemma3ForConditionalGeneration(config).eval()
    with torch.no_grad():  # 0 by default, so that images have no effect
        model.model.multi_modal_projector.mm_input_projection_weight.normal_(std=0.3)
    pictures = Gemma3ImageProcessor(size={"height": SIDE, "width": SIDE})
    return model, Gemma3Processor(pictures, words, chat_template=TEMPLATE, image_seq_length=IMAGE_TOKENS)
