// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Explains rows with the crossed design: one Hadamard design per background row.
///
/// The players of a background row's design are those in which it differs from the explained row. For example, with a
/// table, a buffer and a model as in banzhaf/explain.hpp:
/// @code{.cpp}
/// banzhaf::CrossedExplanations crossed(table, {.budget = 1000, .seed = 7});
/// crossed.run(sums, buffer);
/// crossed.values()[2];                                           // 0.5
/// @endcode
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "banzhaf/explain.hpp"
#include "banzhaf/stopping.hpp"

namespace banzhaf {

/// The options of the crossed design.
struct CrossedOptions {
  /// The largest number of model evaluations for an explained row, in addition to that of the row itself.
  std::size_t budget = 0;
  double ridge = 0;  ///< As in EstimateOptions, for the regression of each background row.
  /// Whether the model's output for the same row varies from call to call.
  ///
  /// If so, the whole budget is used, even on coalitions that were evaluated before. No output is used twice, and the
  /// standard errors include the noise.
  bool noisy = false;
  std::uint64_t seed = 0;  ///< The seed of the random numbers.
  int num_threads = 0;     ///< The number of threads, or 0 for default_num_threads().

  StoppingRules rules{};  ///< The stopping rules. Each explained row stops on its own when a rule is met.
  /// The deadline in seconds from the start of the run. No batch starts after it.
  ///
  /// A row whose first check was not complete has the values of a random sample of the background rows. A row without
  /// any complete Hadamard design has NaN.
  double deadline = std::numeric_limits<double>::infinity();
  /// Called after each check, once the values of every row are current. It returns true to stop.
  std::function<bool()> callback{};
  /// Returns the time in seconds. If empty, the steady clock is used.
  std::function<double()> clock{};

  /// Returns whether there are checks before the budget is used up.
  [[nodiscard]] bool checks() const { return rules.any() || callback || !std::isinf(deadline); }
};

/// Explains rows with one design per background row.
///
/// The value of a player is the mean over the background rows b of its value in the game of b. In this game, the worth
/// of a coalition S is the model's output for the explained row on S and b elsewhere. Each game has its own estimate.
/// Players in which b equals the explained row have the value 0. If the budget covers all coalitions of the others, the
/// values are exact. Otherwise, the errors of different b are independent and average out.
class CrossedExplanations final : public Explanations {
 public:
  /// Prepares a run.
  /// @param table the rows to explain and the background
  /// @param options the options
  /// @throws std::invalid_argument if the table is not consistent, the budget is below 2, ridge is negative, a stopping
  ///   rule cannot be met, or the deadline is NaN
  CrossedExplanations(MaskedTable table, CrossedOptions options);
  /// Frees the results.
  ~CrossedExplanations() override;

  using Explanations::run;
  void run(const Model& model, const BatchMemory& memory) override;

  [[nodiscard]] std::size_t n_model_rows() const noexcept override { return n_model_rows_; }
  [[nodiscard]] std::size_t rank() const noexcept override { return rank_; }
  [[nodiscard]] double condition_number() const noexcept override { return condition_number_; }

 private:
  class Evaluation;

  CrossedOptions options_;
  std::size_t n_model_rows_;
  std::size_t rank_;
  double condition_number_ = 1;
};

}  // namespace banzhaf
