// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What complete blocks tell of their own errors: how their sums differ from block to block and from stage to stage.
#pragma once

#include <cstddef>
#include <vector>

#include "designs/hadamard_pairs.hpp"

namespace banzhaf {

/// Collects the residuals' sums of one complete block after the other. In every column of the transform, a player's or a
/// spare one, they are what interactions add to an estimate, with signs that change from block to block.
class BlockSpread {
 public:
  /// with_hidden: whether `hidden` will be asked for, which takes two more numbers for each pair of a stage.
  BlockSpread(const HadamardPairs& pairs, std::size_t n_players, bool with_hidden, int num_threads);

  /// The sums of the next block's residuals: in all columns, and those of the players with their signs.
  void add(const std::vector<double>& columns, const std::vector<double>& players);

  /// Squared sums of all blocks in a player's column.
  [[nodiscard]] double square(std::size_t player) const { return squares_[player]; }
  /// Variance of a player's estimate that the differences between complete stages prove; 0 if they are like chance.
  [[nodiscard]] double between_stages(std::size_t player) const;
  /// Least variance of any player's estimate, for interactions that keep their sign in all blocks: those that some
  /// player's value hides exceed 7 such standard errors with a probability of at most 2 %, if they are as large as those
  /// that complete stages show. 0 before twice the least stage, or if it was not asked for.
  [[nodiscard]] double hidden() const;

 private:
  void end_stage();

  const HadamardPairs& pairs_;
  std::size_t n_players_;
  int num_threads_;
  bool looks_for_hidden_;
  std::size_t n_blocks_ = 0;
  std::vector<double> squares_;
  std::vector<double> stage_, stages_, squares_of_stages_;  // each player's sums over the stage so far and over all
  std::vector<double> columns_of_stage_;                    // columns x labels
  std::vector<double> spectrum_;  // columns x sums of cubes: squares of a stage's mean, over all stages
};

}  // namespace banzhaf
