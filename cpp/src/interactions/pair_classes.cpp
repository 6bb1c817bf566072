// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/pair_classes.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace banzhaf {
namespace {

/// Where classes end, in multiples of the number of players, and the thresholds of their sets.
struct End {
  double factor, threshold;
};
constexpr End ends[] = {{0.5, 1.5}, {1, 1.5},  {2, 1.5},   {4, 1.5},   {8, 1.5},  {16, 2.0},
                        {32, 2.2},  {64, 2.3}, {128, 2.4}, {256, 2.5}, {512, 2.6}};
constexpr double last_threshold = 2.8;
constexpr std::size_t least_size = 10;
/// How much of a set's squared coefficient counts for each of its pairs.
constexpr double learnt_share = 0.3;

float score_of(float a, float b, float c) {
  const float low = std::min(a, b), high = std::max(a, b);
  const float least = std::min(low, c), most = std::max(high, c), middle = std::max(low, std::min(high, c));
  return std::sqrt(most * middle) + least;
}

}  // namespace

PairClasses::PairClasses(const PairStrengths& strengths, std::span<const std::uint32_t> players)
    : n_(players.size()),
      n_players_(strengths.n_players),
      positions_(n_players_, static_cast<std::uint32_t>(n_)),
      squares_(n_ * n_) {
  for (std::size_t i = 0; i < n_; ++i) positions_[players[i]] = static_cast<std::uint32_t>(i);
  for (const Term& term : strengths.terms) {
    const std::size_t i = positions_[term.players[0]], k = positions_[term.players[1]];
    if (i < n_ && k < n_) squares_[i * n_ + k] = squares_[k * n_ + i] = term.coefficient * term.coefficient;
  }
  rank();
}

void PairClasses::learn(const Sets& triples, std::span<const double> coefficients) {
  for (std::size_t s = 0; s < triples.size(); ++s) {
    const double added = learnt_share * coefficients[s] * coefficients[s];
    for (const std::uint32_t a : triples[s])
      for (const std::uint32_t b : triples[s])
        if (a != b) squares_[positions_[a] * n_ + positions_[b]] += added;
  }
  rank();
}

void PairClasses::rank() {
  strengths_.resize(n_ * n_);
  for (std::size_t e = 0; e < strengths_.size(); ++e) strengths_[e] = static_cast<float>(std::sqrt(squares_[e]));
  // A set with a score above 0 has a player who interacts with the two others. If all three interact, the first counts.
  std::vector<float> scores;
  std::vector<std::size_t> partners;
  for (std::size_t i = 0; i < n_; ++i) {
    partners.clear();
    for (std::size_t k = 0; k < n_; ++k)
      if (strengths_[i * n_ + k] > 0) partners.push_back(k);
    for (std::size_t a = 0; a < partners.size(); ++a) {
      for (std::size_t b = a + 1; b < partners.size(); ++b) {
        const std::size_t k = partners[a], l = partners[b];
        if (i < k || strengths_[k * n_ + l] == 0) scores.push_back(score(i, k, l));
      }
    }
  }
  const double n = static_cast<double>(n_players_);
  const double n_sets = n * (n - 1) * (n - 2) / 6;
  last_scores_.clear();
  sizes_.clear();
  thresholds_.clear();
  std::size_t before = 0;
  for (const End& end : ends) {
    const auto rank = static_cast<std::size_t>(end.factor * n);
    if (rank >= scores.size() || rank < before + least_size) continue;
    const auto at = scores.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(scores.begin() + static_cast<std::ptrdiff_t>(before), at, scores.end(), std::greater<>());
    last_scores_.push_back(*at);
    sizes_.push_back(static_cast<double>(rank - before));
    thresholds_.push_back(end.threshold);
    before = rank;
  }
  sizes_.push_back(std::max(n_sets - static_cast<double>(before), 1.0));
  thresholds_.push_back(last_threshold);
}

float PairClasses::score(std::size_t i, std::size_t k, std::size_t l) const noexcept {
  return score_of(strengths_[i * n_ + k], strengths_[i * n_ + l], strengths_[k * n_ + l]);
}

std::uint32_t PairClasses::of_score(float score) const noexcept {
  std::uint32_t result = 0;
  while (result < last_scores_.size() && score <= last_scores_[result]) ++result;
  return result;
}

std::uint32_t PairClasses::of(std::size_t i, std::size_t k, std::size_t l) const noexcept {
  return of_score(score(i, k, l));
}

std::uint32_t PairClasses::of(std::span<const std::uint32_t> triple, double coefficient) const noexcept {
  const double own = learnt_share * coefficient * coefficient;
  const auto strength = [&](std::size_t a, std::size_t b) {
    return static_cast<float>(
        std::sqrt(std::max(0.0, squares_[positions_[triple[a]] * n_ + positions_[triple[b]]] - own)));
  };
  return of_score(score_of(strength(0, 1), strength(0, 2), strength(1, 2)));
}

}  // namespace banzhaf
