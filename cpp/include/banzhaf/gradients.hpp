// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Explains rows of a differentiable model from its gradients, at points between the explained and the background rows.
///
/// One gradient tells something about every player, so networks with many inputs need far fewer model evaluations. For
/// example, with a table of double cells, a buffer and a model as in banzhaf/explain.hpp:
/// @code{.cpp}
/// std::vector<std::uint8_t> points(64 * 3 * sizeof(double));
/// std::vector<double> outputs, gradients;
/// const auto with_gradients = [&](std::size_t n_rows) -> banzhaf::GradientBatch {
///   const auto* cells = reinterpret_cast<const double*>(points.data());
///   outputs.clear();
///   for (std::size_t r = 0; r < n_rows; ++r)
///     outputs.push_back(std::accumulate(cells + 3 * r, cells + 3 * r + 3, 0.0));
///   gradients.assign(3 * n_rows, 1.0);
///   return {outputs, std::span<const double>(gradients)};
/// };
/// banzhaf::GradientExplanations by_gradients(table, {.budget = 1000, .seed = 7},
///                                            {with_gradients, [&] { return std::span(points); }});
/// by_gradients.run(sums, buffer);
/// @endcode
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "banzhaf/crossed.hpp"
#include "banzhaf/explain.hpp"
#include "banzhaf/masking.hpp"
#include "banzhaf/stopping.hpp"

namespace banzhaf {

/// What a model returns for a batch of rows. The memory stays the model's.
struct GradientBatch {
  std::span<const double> outputs;  ///< n_rows x n_outputs
  /// The partial derivatives of the outputs by the cells: n_rows x n_outputs x n_columns.
  std::variant<std::span<const double>, std::span<const float>> gradients;
};

/// A model that returns its outputs together with their gradients.
struct GradientModel {
  /// Returns outputs and gradients for the first rows of the memory. They must stay valid until the next call.
  std::function<GradientBatch(std::size_t n_rows)> model;
  /// Returns the memory for the next batch, as for Explanations::run(). It holds at least one row.
  BatchMemory memory;
};

/// The options of an explanation by gradients.
struct GradientOptions {
  /// The largest cost of an explained row in model evaluations, in addition to that of the row itself.
  std::size_t budget = 0;
  /// How many model evaluations a row of outputs and gradients counts. 0 means 1 + 1.5 n_outputs.
  double gradient_cost = 0;
  /// Whether the model's output for the same row varies from call to call. If so, nothing counts as exact.
  bool noisy = false;
  /// Whether outputs on coalitions take the place of gradients, wholly or in part, where their error is expected to be
  /// smaller. Otherwise, all values come from gradients.
  bool compares_values = false;
  std::uint64_t seed = 0;  ///< The seed of the random numbers.
  int num_threads = 0;     ///< The number of threads, or 0 for default_num_threads().

  StoppingRules rules{};  ///< The stopping rules. They are checked after half of the budget.
  /// The deadline in seconds from the start of the run. No batch starts after it.
  double deadline = std::numeric_limits<double>::infinity();
  /// Called after each check, once the values of every row are current. It returns true to stop.
  std::function<bool()> callback{};
  /// Returns the time in seconds. If empty, the steady clock is used.
  std::function<double()> clock{};
};

/// Returns in how many players the background rows must differ from an explained row, on average, so that gradients may
/// have a smaller error than outputs on coalitions.
/// @param gradient_cost how many model evaluations a row of outputs and gradients counts
/// @see GradientOptions::compares_values
[[nodiscard]] double least_players_for_gradients(double gradient_cost) noexcept;

class GradientPlan;

/// Explains rows by gradients at pairs of points that mirror each other in the middle of the two rows.
///
/// The point of a pair is z = (x + b) / 2 + u (x - b) / 2 for the explained row x and the background row b. The u of a
/// player has a random sign, and magnitudes whose mean square is 1, as on the corners. The value of a player is the
/// mean of the derivative along x - b at u^2 = 1/3, the mean square of a uniform u along the edge. It is found by a
/// straight line in u^2. Fourth moments differ from those of corners, which causes a bias that falls with the number of
/// players. The standard errors allow for it by a share of what the line adds to the mean derivative. Half of the budget is divided equally among the background
/// rows, and the rest goes to those with large variances. A background row whose coalitions cost less than its points is
/// evaluated on all of them.
///
/// With GradientOptions::compares_values, an explained row is left to CrossedExplanations, which take interactions out
/// of their errors, if it differs in few players for the cost of a gradient. If gradients may be better, and the budget
/// is large enough, a few gradients of each background row and a few pairs of coalitions decide. The gradients then
/// take part in the values, weighted by the estimated squared errors.
class GradientExplanations final : public Explanations {
 public:
  /// Prepares a run.
  /// @param table the rows to explain and the background, whose cells are float (4 bytes) or double (8 bytes)
  /// @param options the options
  /// @param gradients the model that returns gradients
  /// @param background_outputs what CrossedExplainer::background_outputs() has returned, or empty
  /// @param check what to evaluate again if these outputs are known
  /// @throws std::invalid_argument if the table is not consistent, its cells are not floating, the budget is below 2,
  ///   a stopping rule cannot be met, or the deadline is NaN
  GradientExplanations(MaskedTable table, GradientOptions options, GradientModel gradients,
                       std::span<const double> background_outputs = {}, BackgroundCheck check = {});
  /// Frees the results.
  ~GradientExplanations() override;

  using Explanations::run;
  /// Explains all rows. The model evaluates the background, the explained rows, and coalitions of few players.
  /// @param model the model without gradients
  /// @param memory called before each batch
  /// @throws std::domain_error if an output or a gradient is not finite
  /// @throws std::invalid_argument if the memory is too small, a model returns a wrong number of outputs, or the budget
  ///   does not cover the fewest points of one background row
  void run(const Model& model, const BatchMemory& memory) override;

  [[nodiscard]] std::size_t n_model_rows() const noexcept override { return n_model_rows_; }
  [[nodiscard]] std::size_t rank() const noexcept override { return n_players(); }
  [[nodiscard]] double condition_number() const noexcept override { return 1; }
  /// Returns the rows passed to either model so far, without the background and the explained rows themselves.
  [[nodiscard]] std::size_t n_passed() const noexcept { return n_passed_; }
  /// Returns for each explained row the number of rows whose gradients were computed.
  [[nodiscard]] const std::vector<std::size_t>& gradient_rows() const noexcept { return gradient_rows_; }
  /// Returns n_explained x outputs weights: which part of the values comes from gradients, and not from outputs on
  /// coalitions. It is 0 or 1 where only one of them was used.
  [[nodiscard]] const std::vector<double>& gradient_weights() const noexcept { return gradient_weights_; }
  /// Returns what was done about interactions in each explained row: nothing in those that come from gradients alone.
  [[nodiscard]] const std::vector<RowsAdjustment>& adjustments() const noexcept { return adjustments_; }
  /// Returns n_explained x players flags: 1 for players whose derivatives were all 0, and 0 for others, or if there were
  /// none. Such a player has no effect, or the model hides it from its gradients.
  [[nodiscard]] const std::vector<std::uint8_t>& flat() const noexcept { return flat_; }

 private:
  class Evaluation;

  GradientOptions options_;
  GradientModel gradients_;
  std::size_t n_model_rows_ = 0;
  std::size_t n_passed_ = 0;
  std::vector<std::size_t> gradient_rows_;
  std::vector<double> gradient_weights_;
  std::vector<RowsAdjustment> adjustments_;
  std::vector<std::uint8_t> flat_;
};

}  // namespace banzhaf
