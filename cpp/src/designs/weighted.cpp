// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "designs/weighted.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "designs/coalition_bits.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

// The flatter distribution of sizes is in proportion to this power of their own.
constexpr double flatness = 0.3;
// All coalitions of a size are taken if each would be drawn so often, or more.
constexpr double enough_draws = 0.5;

// A uniform number in [0, 1).
double uniform(std::uint64_t word) { return static_cast<double>(word >> 11) * 0x1p-53; }

// Writes the set of count players with this number among the sets of that size in lexicographic order.
void unrank(std::size_t n, std::size_t count, double number, std::span<std::uint64_t> out) {
  // The number of sets of `left` players among those after player i.
  const auto sets = [&](std::size_t i, std::size_t left) {
    double product = 1;
    for (std::size_t j = 0; j < left; ++j)
      product = product * static_cast<double>(n - 1 - i - j) / static_cast<double>(j + 1);
    return std::round(product);
  };
  for (std::size_t i = 0; count > 0; ++i) {
    const double with = n - 1 - i < count - 1 ? 0 : sets(i, count - 1);
    if (number < with) {
      out[i / 64] |= std::uint64_t{1} << (i % 64);
      --count;
    } else {
      number -= with;
    }
  }
}

}  // namespace

std::vector<double> binomial(std::size_t n, double p) {
  std::vector<double> found(n + 1);
  const double size = static_cast<double>(n), odds = p / (1 - p);
  const std::size_t mode = std::min(n, static_cast<std::size_t>((size + 1) * p));
  found[mode] = 1;  // from the largest outwards
  for (std::size_t k = mode; k < n; ++k)
    found[k + 1] = found[k] * ((size - static_cast<double>(k)) / (static_cast<double>(k) + 1) * odds);
  for (std::size_t k = mode; k > 0; --k)
    found[k - 1] = found[k] * (static_cast<double>(k) / ((size - static_cast<double>(k) + 1) * odds));
  const double total = std::accumulate(found.begin(), found.end(), 0.0);
  for (double& each : found) each /= total;
  return found;
}

WeightedCoalitions::WeightedCoalitions(std::size_t n_players, std::size_t n_rows, double p, Draws draws)
    : n_players_(n_players), p_(p), draws_(draws) {
  const double rare = std::min(p, 1 - p);
  wanted_ = binomial(n_players, rare);
  if (draws == Draws::complete) {
    const double rows = static_cast<double>(n_rows), n = static_cast<double>(n_players);
    double total = 0, sets = 1, rest = 1;
    for (std::size_t k = 0; k < n_players; ++k) {
      const double size = static_cast<double>(k);
      const double drawn = (rows - total) / rest * std::pow(rare, size) * std::pow(1 - rare, n - size);
      if (total + sets > rows / 2 || drawn < enough_draws) break;
      rest -= wanted_[k];
      total += sets;
      n_certain_sizes_ = k + 1;
      sets = std::round(sets * (n - size) / (size + 1));
    }
    n_certain_ = static_cast<std::size_t>(total);
    std::fill_n(wanted_.begin(), n_certain_sizes_, 0.0);
  }
  drawn_ = wanted_;
  if (draws != Draws::plain) {
    std::vector<double> flat(wanted_.size());
    std::transform(wanted_.begin(), wanted_.end(), flat.begin(), [](double w) { return std::pow(w, flatness); });
    const double own = std::accumulate(wanted_.begin(), wanted_.end(), 0.0);
    const double all = std::accumulate(flat.begin(), flat.end(), 0.0);
    for (std::size_t k = 0; k <= n_players; ++k)
      drawn_[k] = own_share * (wanted_[k] / own) + (1 - own_share) * (flat[k] / all);
  }
  cumulative_.resize(drawn_.size());
  std::partial_sum(drawn_.begin(), drawn_.end(), cumulative_.begin());
}

double WeightedCoalitions::weight(std::size_t size) const noexcept {
  return std::pow(p_, static_cast<double>(size)) * std::pow(1 - p_, static_cast<double>(n_players_ - size));
}

double WeightedCoalitions::importance(std::size_t size) const noexcept {
  const std::size_t k = rarer(size);
  return draws_ == Draws::plain ? 1 : drawn_[k] > 0 ? wanted_[k] / drawn_[k] : 0;
}

void WeightedCoalitions::fill_row(std::size_t row, std::uint64_t seed, std::span<std::uint64_t> out) const {
  std::fill(out.begin(), out.end(), std::uint64_t{0});
  const std::size_t n = n_players_;
  if (row < n_certain_) {
    double number = static_cast<double>(row), sets = 1;
    std::size_t size = 0;
    while (number >= sets) {
      number -= sets;
      sets = std::round(sets * static_cast<double>(n - size) / static_cast<double>(size + 1));
      ++size;
    }
    unrank(n, size, number, out);
  } else {
    std::vector<std::uint64_t> words(n + 1);
    random_words(seed, Stream::weighted, row * words.size(), words);
    const double at = uniform(words[n]) * cumulative_.back();
    const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), at);
    std::size_t needed = std::min(n, static_cast<std::size_t>(found - cumulative_.begin()));
    // Each player is taken with the share of those who are still needed among those who are left.
    for (std::size_t i = 0; i < n && needed > 0; ++i) {
      if (uniform(words[i]) * static_cast<double>(n - i) >= static_cast<double>(needed)) continue;
      out[i / 64] |= std::uint64_t{1} << (i % 64);
      --needed;
    }
  }
  if (p_ <= 0.5) return;
  for (std::uint64_t& word : out) word = ~word;
  clear_beyond(out, n);
}

}  // namespace banzhaf
