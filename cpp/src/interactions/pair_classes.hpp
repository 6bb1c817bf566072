// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Classes of sets of three players, by how strongly the three pairs within them interact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "interactions/terms.hpp"

namespace banzhaf {

/// Class 0 has the sets with the highest scores. A set's score is sqrt(b1 b2) + b3 for the strengths b1 >= b2 >= b3 of
/// its pairs. The classes end at the ranks n, 4 n, 16 n and 64 n, and the last one has the rest.
class PairClasses {
 public:
  /// players are those that the search combines, ascending.
  PairClasses(const PairStrengths& strengths, std::span<const std::uint32_t> players);

  /// Returns the number of sets in each class. A class of few sets is joined to the next.
  [[nodiscard]] std::span<const double> sizes() const noexcept { return sizes_; }
  /// Returns the class of the players at three positions in the list of players.
  [[nodiscard]] std::uint32_t of(std::size_t i, std::size_t k, std::size_t l) const noexcept;

 private:
  [[nodiscard]] float score(std::size_t i, std::size_t k, std::size_t l) const noexcept;

  std::size_t n_;
  std::vector<float> strengths_;   // between the players at two positions
  std::vector<float> thresholds_;  // the last score of each class but the last
  std::vector<double> sizes_;
};

}  // namespace banzhaf
