// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Draws each block from its own part of two random streams.
#include "designs/fresh_blocks.hpp"

#include <algorithm>
#include <bit>

#include "designs/coalition_bits.hpp"
#include "support/interrupt.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

// More words than the order of any block, which is how many a random order takes.
constexpr std::uint64_t words_per_block = std::uint64_t{1} << 24;
static_assert(max_players < words_per_block);

}  // namespace

FreshBlocks::FreshBlocks(std::size_t n_players, std::size_t order, std::size_t n_blocks, std::uint64_t seed)
    : n_players_(n_players), n_bits_(static_cast<std::size_t>(std::bit_width(order) - 1)) {
  columns_.reserve((n_blocks - 1) * n_players);
  signs_.resize(n_blocks - 1, n_players);
  generators_.resize((n_blocks - 1) * n_bits_, n_players);
  for (std::size_t block = 1; block < n_blocks; ++block) {
    checkpoint();
    const std::span<std::uint64_t> signs = signs_.row(block - 1);
    random_words(seed, Stream::signs, block * signs.size(), signs);
    clear_beyond(signs, n_players);
    const std::vector<std::uint32_t> columns =
        random_order(static_cast<std::uint32_t>(order), n_players, seed, Stream::fresh, block * words_per_block);
    columns_.insert(columns_.end(), columns.begin(), columns.end());
    for (std::size_t t = 0; t < n_bits_; ++t) set_bits(columns, t, generators_.row((block - 1) * n_bits_ + t));
  }
}

std::size_t FreshBlocks::n_bytes() const noexcept {
  const std::size_t words = (signs_.n_rows() + generators_.n_rows()) * words_for(n_players_);
  return sizeof(*this) + columns_.capacity() * sizeof(std::uint32_t) + words * sizeof(std::uint64_t);
}

}  // namespace banzhaf
