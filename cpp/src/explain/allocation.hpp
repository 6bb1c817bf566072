// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Divides a budget of model evaluations among background rows, each of which has its own Hadamard design.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/adjustment.hpp"

namespace banzhaf {

/// A background row compared with one explicand (explained row).
struct BackgroundRow {
  std::size_t n_players = 0;  ///< the players in which the two differ; all others have the value 0
  double gap = 0;             ///< |model(explicand) - model(background row)|, known before any coalition is drawn
  double weight = 1;          ///< its weight in the mean over the rows
};

struct Allocation {
  /// The pairs of coalitions in the design of each row. 0 means that nothing needs to be evaluated, or nothing is.
  std::vector<std::size_t> n_pairs;
  /// The expected residual variance of each row, relative to the other rows.
  std::vector<double> variances;
  /// The costly rows: those that differ in more than one player (in any, if the model is noisy), which needs
  /// evaluations. All other rows are known already.
  std::size_t n_costly = 0;
  /// The costly rows that the budget covers. If it does not cover all, they are a random sample in the order of their
  /// gaps.
  std::vector<std::size_t> drawn;
  /// With unequal weights, the probability with which each drawn row was drawn. Otherwise empty.
  std::vector<double> inclusion;
  bool below_block = false;  ///< whether the budget covers not even the smallest design of one row
};

/// Whether interactions are sought in the pairs of background rows, to be taken out of their estimates.
struct Search {
  Interactions interactions = Interactions::none;
  std::size_t n_outputs = 1;

  /// Whether interactions are sought in a design: it has enough pairs, and unless they are always sought, this takes at
  /// most about 0.3 milliseconds of one thread for each model evaluation.
  [[nodiscard]] bool covers(std::size_t n_players, std::size_t n_pairs) const;
  /// Whether the search is left out because it takes longer.
  [[nodiscard]] bool is_costly(std::size_t n_players, std::size_t n_pairs) const;
};

/// Returns the pairs in all coalitions of n_players, or the largest integer if there are more.
[[nodiscard]] std::size_t all_pairs(std::size_t n_players) noexcept;
/// Returns the model evaluations of a design with this many pairs. The empty and the full coalition are known already.
/// In a design of all coalitions, they are not evaluated again, unless the model is noisy.
[[nodiscard]] std::size_t model_rows(std::size_t n_players, std::size_t n_pairs, bool noisy = false) noexcept;

/// Divides at most budget model evaluations.
///
/// First, every background row gets its smallest design: a weighing design, a block, or all its coalitions if these are
/// as few. If the budget is large enough, the block has a spare column, which shows its errors. Then whole blocks go
/// where the squared error is expected to fall most per model evaluation.
///
/// The expectation does not depend on outputs of any design, so it causes no bias. The residual variance of a row is
/// assumed to grow with the square of its gap. Its squared error is assumed to be the residual variance times players
/// over pairs, less what the stage of its blocks will have cancelled once it is complete.
///
/// If interactions are sought, and the budget is large enough, every row gets the pairs that this needs before any
/// row gets more.
///
/// If the budget does not cover all smallest designs, a random sample of the rows gets them. Each row is equally
/// likely, or likely in proportion to its weight. The sample is a systematic sample of the rows in the order of their
/// gaps. If the model is noisy, no output is known in advance, and a row that has all its coalitions gets them again.
[[nodiscard]] Allocation allocate(std::span<const BackgroundRow> rows, std::size_t budget, std::uint64_t seed,
                                  bool noisy = false, const Search& search = {});
/// The same, in the memory of the result.
void allocate(std::span<const BackgroundRow> rows, std::size_t budget, std::uint64_t seed, bool noisy,
              const Search& search, Allocation& result);

/// With fewer pairs of a background row, taking interactions out makes errors larger about as often as smaller.
inline constexpr std::size_t least_blocks_for_interactions = 3, least_pairs_for_interactions = 64;
/// Whether there are as many, in blocks of this order.
[[nodiscard]] bool show_interactions(std::size_t n_pairs, std::size_t order) noexcept;

}  // namespace banzhaf
