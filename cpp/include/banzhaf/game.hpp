// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What is called, a batch of coalitions in and their worths out, and the record of its calls. For example
//   const banzhaf::Game size = [](banzhaf::CoalitionsView batch, std::vector<double>& worths) {
//     for (std::size_t r = 0; r < batch.n_rows; ++r) worths.push_back(batch.contains(r, 0) ? 1 : 0);
//   };
//   banzhaf::GameEvaluation evaluation(banzhaf::Design(banzhaf::DesignKind::paired, 20, 400, 0));
//   evaluation.evaluate(size);
//   banzhaf::estimate(evaluation).values[0];    // 1
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/worths.hpp"

namespace banzhaf {

/// Puts one worth for each coalition into worths (row-major if there are several outputs), which arrives empty.
/// Every call must give the same number of outputs. An exception ends the evaluation and reaches the caller as itself.
using Game = std::function<void(CoalitionsView coalitions, std::vector<double>& worths)>;

enum class OnNonfinite { raise, drop };

/// The worths of a design's coalitions, as far as they have been evaluated. An exception from the game leaves what came
/// before it in place.
class GameEvaluation {
 public:
  explicit GameEvaluation(Design design) : design_(design) {}

  /// Calls the game on at most batch_size coalitions at a time (0: some megabytes of them) until all are evaluated.
  /// Throws std::domain_error, naming the coalition, for a worth that is not finite, unless those are to be dropped.
  void evaluate(const Game& game, std::size_t batch_size = 0, OnNonfinite on_nonfinite = OnNonfinite::raise);
  /// The same until n_coalitions have been evaluated: those of the design, or fewer.
  void evaluate_until(std::size_t n_coalitions, const Game& game, std::size_t batch_size = 0,
                      OnNonfinite on_nonfinite = OnNonfinite::raise);
  /// How many coalitions of n_players are some megabytes.
  [[nodiscard]] static std::size_t default_batch_size(std::size_t n_players) noexcept;

  [[nodiscard]] const Design& design() const noexcept { return design_; }
  [[nodiscard]] std::size_t n_evaluated() const noexcept { return worths().n_rows(); }
  [[nodiscard]] std::size_t n_outputs() const noexcept { return n_outputs_; }
  /// One row for each that was evaluated.
  [[nodiscard]] Worths worths() const noexcept { return {worths_, n_outputs_}; }

 private:
  Design design_;
  std::size_t n_outputs_ = 0;
  std::vector<double> worths_;
};

}  // namespace banzhaf
