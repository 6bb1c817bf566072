// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/pair_signs.hpp"

#include <algorithm>
#include <bit>

namespace banzhaf {
namespace {

template <typename Number>
void expand_bits(const std::uint64_t* bits, std::span<Number> out) {
  for (std::size_t p = 0; p < out.size(); ++p) out[p] = ((bits[p / 64] >> (p % 64)) & 1U) != 0 ? Number{1} : Number{-1};
}

}  // namespace

PairSigns::PairSigns(CoalitionsView rows)
    : n_pairs_(rows.n_rows), n_players_(rows.n_players), words_(words_for(rows.n_rows) * rows.n_players) {
  const std::size_t stride = n_words();
  for (std::size_t p = 0; p < n_pairs_; ++p) {
    const std::uint64_t* row = rows.row(p);
    const std::uint64_t bit = std::uint64_t{1} << (p % 64);
    for (std::size_t w = 0; w < rows.words_per_row(); ++w) {
      for (std::uint64_t left = row[w]; left != 0; left &= left - 1) {
        const std::size_t player = w * 64 + static_cast<std::size_t>(std::countr_zero(left));
        words_[player * stride + p / 64] |= bit;
      }
    }
  }
}

PairSigns PairSigns::subset(std::span<const std::uint32_t> pairs) const {
  PairSigns part;
  part.n_pairs_ = pairs.size();
  part.n_players_ = n_players_;
  part.words_.assign(words_for(pairs.size()) * n_players_, 0);
  for (std::size_t i = 0; i < n_players_; ++i) {
    const std::uint64_t* from = column(i);
    std::uint64_t* to = part.words_.data() + i * part.n_words();
    for (std::size_t p = 0; p < pairs.size(); ++p)
      to[p / 64] |= ((from[pairs[p] / 64] >> (pairs[p] % 64)) & 1U) << (p % 64);
  }
  return part;
}

void PairSigns::expand(std::size_t player, std::span<float> out) const { expand_bits(column(player), out); }
void PairSigns::expand(std::size_t player, std::span<double> out) const { expand_bits(column(player), out); }

}  // namespace banzhaf
