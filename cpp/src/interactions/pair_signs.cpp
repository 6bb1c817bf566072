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

double sum_of_products(const PairSigns& pairs, std::span<const std::uint32_t> players, std::span<const double> y) {
  double sum = 0;
  for (std::size_t w = 0; w < pairs.n_words(); ++w) {
    std::uint64_t product = players.size() % 2 == 0 ? ~std::uint64_t{0} : 0;
    for (const std::uint32_t player : players) product ^= pairs.column(player)[w];
    const std::size_t end = std::min(y.size(), 64 * (w + 1));
    for (std::size_t p = 64 * w; p < end; ++p, product >>= 1) sum += (product & 1U) != 0 ? y[p] : -y[p];
  }
  return sum;
}

}  // namespace banzhaf
