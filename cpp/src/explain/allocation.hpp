// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// How a budget of model rows is spread over background rows, each of which has a Hadamard design of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace banzhaf {

/// A background row as one explicand meets it.
struct BackgroundRow {
  std::size_t n_players = 0;  ///< players in which the two differ; all others are null players
  double gap = 0;             ///< |model(explicand) - model(background row)|, known before any coalition is drawn
  double weight = 1;          ///< how much it counts in the mean over rows
};

struct Allocation {
  /// Pairs of coalitions of each background row's design: 0 where nothing need be evaluated, or nothing is.
  std::vector<std::size_t> n_pairs;
  /// The residual variance that is expected of each row, relative to others.
  std::vector<double> variances;
  /// Rows that differ in more than one player (in any, if the model is noisy), which costs evaluations. All others are
  /// known as they are.
  std::size_t n_costly = 0;
  /// Those of them that the budget pays for. If it does not for all: a random sample, each equally likely, by their gaps.
  std::vector<std::size_t> drawn;
  /// With unequal weights, the probability with which each drawn row was drawn; else empty.
  std::vector<double> inclusion;
  bool below_block = false;  ///< not even one row's smallest design could be paid for
};

/// Pairs that make all coalitions of n_players; the largest number there is if that is more.
[[nodiscard]] std::size_t all_pairs(std::size_t n_players) noexcept;
/// Model rows that a design of so many pairs takes: the coalitions of none and of all players are known beforehand, and
/// among all coalitions they are not evaluated again, unless the model is noisy.
[[nodiscard]] std::size_t model_rows(std::size_t n_players, std::size_t n_pairs, bool noisy = false) noexcept;

/// Spends at most budget model rows. First every background row gets its smallest design: a weighing design, or a block
/// (with a column to spare, to judge errors by, if the budget pays for that), or all its coalitions if they are as few;
/// then whole blocks go where the expected fall of the squared error for each model row is largest. What is expected
/// depends on what no design has been asked for, so that it biases nothing: a row's residual variance is taken to grow
/// with the square of its gap, and its error to be that times players over pairs, less what the stage of its blocks,
/// once complete, will have cancelled. If the budget does not pay for all smallest designs, a random sample of the rows
/// gets them, each row equally likely, or as likely as it weighs: a systematic sample of the rows in the order of their
/// gaps. Of a noisy model no output is known beforehand, and beyond all its coalitions a row gets them again.
[[nodiscard]] Allocation allocate(std::span<const BackgroundRow> rows, std::size_t budget, std::uint64_t seed,
                                  bool noisy = false);

}  // namespace banzhaf
