// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/pair_signs.hpp"

#include <algorithm>

#include "designs/coalition_bits.hpp"

namespace banzhaf {

PairSigns::PairSigns(CoalitionsView rows) { transpose(rows, columns_, 1); }

PairSigns PairSigns::subset(std::span<const std::uint32_t> pairs) const {
  PairSigns part;
  part.columns_.resize(n_players(), pairs.size());
  for (std::size_t i = 0; i < n_players(); ++i) {
    const std::span<std::uint64_t> column = part.columns_.row(i);
    std::ranges::fill(column, 0);
    for (std::size_t p = 0; p < pairs.size(); ++p) column[p / 64] |= std::uint64_t{contains(pairs[p], i)} << (p % 64);
  }
  return part;
}

void PairSigns::expand(std::size_t player, std::span<double> out) const {
  for (std::size_t p = 0; p < out.size(); ++p) out[p] = contains(p, player) ? 1 : -1;
}

}  // namespace banzhaf
