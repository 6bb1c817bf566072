// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Coalitions for values with a probability p other than 1/2. A coalition S of n players has the weight
// p^|S| (1 - p)^(n - |S|).
//
// Where the budget allows half a draw of every coalition of some size, all of these come first, each once. The others are
// drawn: a size from a mixture of its own distribution and a flatter one, then a uniform coalition of this
// size. A drawn coalition counts with the ratio of both distributions, which is at most 1 / own_share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace banzhaf {

/// How the drawn coalitions are distributed.
enum class Draws {
  plain,    ///< Each player is in with probability p, independently, in all rows.
  flat,     ///< All rows are drawn, with flatter sizes.
  complete  ///< The coalitions with the largest weights come first, and the rest is drawn with flatter sizes.
};

/// The share of draws whose sizes keep their own distribution.
inline constexpr double own_share = 0.7;

/// Returns the binomial probabilities of 0, ..., n.
[[nodiscard]] std::vector<double> binomial(std::size_t n, double p);

class WeightedCoalitions {
 public:
  WeightedCoalitions(std::size_t n_players, std::size_t n_rows, double p, Draws draws);

  [[nodiscard]] double p() const noexcept { return p_; }
  /// The number of rows that come first, and are all coalitions of some sizes.
  [[nodiscard]] std::size_t n_certain() const noexcept { return n_certain_; }
  /// The weight of a coalition of a size among all 2^n.
  [[nodiscard]] double weight(std::size_t size) const noexcept;
  /// What a drawn coalition of a size counts. The mean over draws of this times g(S) is the sum over all coalitions that
  /// are not certain of their weights times g(S).
  [[nodiscard]] double importance(std::size_t size) const noexcept;
  /// The probability that a draw has a size.
  [[nodiscard]] double drawn(std::size_t size) const noexcept { return drawn_[rarer(size)]; }
  /// Whether a coalition of this size is certain.
  [[nodiscard]] bool is_certain(std::size_t size) const noexcept { return rarer(size) < n_certain_sizes_; }

  void fill_row(std::size_t row, std::uint64_t seed, std::span<std::uint64_t> out) const;

 private:
  // The number of players in the rarer state: in if p is at most 1/2, otherwise out.
  [[nodiscard]] std::size_t rarer(std::size_t size) const noexcept { return p_ <= 0.5 ? size : n_players_ - size; }

  std::size_t n_players_;
  double p_;
  Draws draws_;
  std::size_t n_certain_ = 0;
  std::size_t n_certain_sizes_ = 0;  // sizes 0, 1, ... of players who are in (p < 1/2) or out (p > 1/2)
  std::vector<double> wanted_;       // the weight of all coalitions that are not certain, by players in the rarer state
  std::vector<double> drawn_;        // the same
  std::vector<double> cumulative_;   // of drawn_
};

}  // namespace banzhaf
