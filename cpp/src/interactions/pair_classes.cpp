// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/pair_classes.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace banzhaf {

PairClasses::PairClasses(const PairStrengths& strengths, std::span<const std::uint32_t> players)
    : n_(players.size()), strengths_(n_ * n_) {
  std::vector<std::uint32_t> position(strengths.n_players, static_cast<std::uint32_t>(n_));
  for (std::size_t i = 0; i < n_; ++i) position[players[i]] = static_cast<std::uint32_t>(i);
  std::vector<std::vector<std::uint32_t>> partners(n_);
  for (const Term& term : strengths.terms) {
    const std::size_t i = position[term.players[0]], k = position[term.players[1]];
    const auto strength = static_cast<float>(std::abs(term.coefficient));
    if (i == n_ || k == n_ || strength == 0) continue;
    strengths_[i * n_ + k] = strengths_[k * n_ + i] = strength;
    partners[i].push_back(static_cast<std::uint32_t>(k));
    partners[k].push_back(static_cast<std::uint32_t>(i));
  }
  // A set with a score above 0 has a player who interacts with the two others. If all three interact, the first counts.
  std::vector<float> scores;
  for (std::size_t i = 0; i < n_; ++i) {
    std::sort(partners[i].begin(), partners[i].end());
    for (std::size_t a = 0; a < partners[i].size(); ++a) {
      for (std::size_t b = a + 1; b < partners[i].size(); ++b) {
        const std::size_t k = partners[i][a], l = partners[i][b];
        if (strengths_[k * n_ + l] == 0 || i < k) scores.push_back(score(i, k, l));
      }
    }
  }
  const double n = static_cast<double>(strengths.n_players);
  const double n_sets = n * (n - 1) * (n - 2) / 6;
  std::size_t before = 0;
  for (const std::size_t factor : {1, 4, 16, 64}) {
    const std::size_t rank = factor * strengths.n_players;
    if (rank >= scores.size() || rank - before < 10) continue;
    const auto at = scores.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(scores.begin() + static_cast<std::ptrdiff_t>(before), at, scores.end(), std::greater<>());
    thresholds_.push_back(*at);
    sizes_.push_back(static_cast<double>(rank - before));
    before = rank;
  }
  sizes_.push_back(std::max(n_sets - static_cast<double>(before), 1.0));
}

float PairClasses::score(std::size_t i, std::size_t k, std::size_t l) const noexcept {
  const float a = strengths_[i * n_ + k], b = strengths_[i * n_ + l], c = strengths_[k * n_ + l];
  const float low = std::min(a, b), high = std::max(a, b);
  const float least = std::min(low, c), most = std::max(high, c), middle = std::max(low, std::min(high, c));
  return std::sqrt(most * middle) + least;
}

std::uint32_t PairClasses::of(std::size_t i, std::size_t k, std::size_t l) const noexcept {
  if (thresholds_.empty()) return 0;
  const float found = score(i, k, l);
  std::uint32_t result = 0;
  while (result < thresholds_.size() && found <= thresholds_[result]) ++result;
  return result;
}

}  // namespace banzhaf
