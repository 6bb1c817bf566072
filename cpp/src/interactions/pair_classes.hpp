// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Classes of sets of three players, by how strongly the three pairs within them interact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "interactions/sets.hpp"
#include "interactions/terms.hpp"

namespace banzhaf {

/// Class 0 has the sets with the highest scores. A set's score is sqrt(b1 b2) + b3 for the strengths b1 >= b2 >= b3 of
/// its pairs. The classes end at the ranks n/2, n, 2 n, ..., 512 n, and the last one has the rest.
class PairClasses {
 public:
  /// players are those that the search combines, ascending.
  PairClasses(const PairStrengths& strengths, std::span<const std::uint32_t> players);

  /// Lets sets of three add to the strengths of their pairs, and ranks all sets again. The pairs of a strong set are
  /// likely to be within further ones.
  void learn(const Sets& triples, std::span<const double> coefficients);

  /// Returns the number of sets in each class. A class of few sets is joined to the next.
  [[nodiscard]] std::span<const double> sizes() const noexcept { return sizes_; }
  /// Returns the score of a correlation from which on a set of a class is worth a column.
  [[nodiscard]] std::span<const double> thresholds() const noexcept { return thresholds_; }
  /// Returns the class of the players at three positions in the list of players.
  [[nodiscard]] std::uint32_t of(std::size_t i, std::size_t k, std::size_t l) const noexcept;
  /// Returns the class of a set that learn() was given, without what the set itself has added.
  [[nodiscard]] std::uint32_t of(std::span<const std::uint32_t> triple, double coefficient) const noexcept;

 private:
  void rank();
  [[nodiscard]] float score(std::size_t i, std::size_t k, std::size_t l) const noexcept;
  [[nodiscard]] std::uint32_t of_score(float score) const noexcept;

  std::size_t n_, n_players_;
  std::vector<std::uint32_t> positions_;  // of all players, in the list
  std::vector<double> squares_;           // squared strengths, between the players at two positions
  std::vector<float> strengths_;
  std::vector<float> last_scores_;  // of each class but the last
  std::vector<double> sizes_, thresholds_;
};

}  // namespace banzhaf
