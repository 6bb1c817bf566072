// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The errors that complete blocks show: how their sums differ between blocks and between stages.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "designs/hadamard_pairs.hpp"

namespace banzhaf {

/// Collects the sums of the residuals of complete blocks, one after the other. In every column of the transform, a
/// player's or a spare one, the sums show what interactions add to an estimate, with signs that change between blocks.
class BlockSpread {
 public:
  BlockSpread() = default;
  /// with_hidden says whether `hidden` will be called, which needs two more numbers for each pair of a stage.
  BlockSpread(const HadamardPairs& pairs, std::size_t n_players, bool with_hidden, int num_threads) {
    reset(pairs, n_players, with_hidden, num_threads);
  }
  /// Starts again, as the constructor does, in the same memory.
  void reset(const HadamardPairs& pairs, std::size_t n_players, bool with_hidden, int num_threads);

  /// Adds the sums of the residuals of the next block: those of all columns, and those of the players with their signs.
  void add(std::span<const double> columns, std::span<const double> players);

  /// Returns the sum of squares over all blocks in a player's column.
  [[nodiscard]] double square(std::size_t player) const { return squares_[player]; }
  /// Returns the variance of a player's estimate that the differences between complete stages prove, or 0 if chance
  /// explains them.
  [[nodiscard]] double between_stages(std::size_t player) const;
  /// Returns the smallest variance to assume for every player's estimate, because some interactions keep their sign in
  /// all blocks. If these are as large as those that complete stages show, an interaction that a value hides exceeds 7
  /// such standard errors with a probability of at most 2 %. Returns 0 before twice the smallest stage, or if it was
  /// not asked for.
  [[nodiscard]] double hidden() const;

 private:
  void end_stage();

  const HadamardPairs* pairs_ = nullptr;
  std::size_t n_players_ = 0;
  int num_threads_ = 1;
  bool looks_for_hidden_ = false;
  std::size_t n_blocks_ = 0;
  std::vector<double> squares_;
  // The sums of each player over the stage so far, and over all stages.
  std::vector<double> stage_, stages_, squares_of_stages_;
  std::vector<double> columns_of_stage_;  // columns x labels
  std::vector<double> spectrum_;          // columns x sums of cubes: squares of the mean of a stage, over all stages
};

}  // namespace banzhaf
