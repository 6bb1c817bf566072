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
/// A service prepares the background once, and starts a run for each request:
/// @code{.cpp}
/// const banzhaf::CrossedExplainer explainer(table, {.budget = 1000, .seed = 7});
/// banzhaf::CrossedExplanations run = explainer.start(explicand.data(), 1);
/// run.run(sums, buffer);
/// run.values()[2];                                               // 0.5
/// @endcode
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "banzhaf/adjustment.hpp"
#include "banzhaf/explain.hpp"
#include "banzhaf/kept_rows.hpp"
#include "banzhaf/stopping.hpp"

namespace banzhaf {

/// What was done about interactions of three players or more in the values of an explained row.
enum class RowsAdjusted {
  off,        ///< Nothing, as CrossedOptions::interactions asks.
  exact,      ///< Nothing was left to do: the values are exact.
  few_pairs,  ///< Nothing: no background row had both 64 pairs of coalitions and three full Hadamard designs.
  nested,     ///< Nothing: nested designs do not tell interactions apart, or are complete, so that they cancel.
  costly,     ///< Nothing: the search would take too long for the number of evaluations. See CrossedOptions.
  no_gain,    ///< Nothing was taken out: the interactions found did not predict pairs that the fit had not seen.
  late,       ///< Nothing, because a deadline was set.
  adjusted,   ///< The interactions found were taken out of some background rows or all.
};

/// The same, with the number of background rows.
struct RowsAdjustment {
  RowsAdjusted outcome = RowsAdjusted::few_pairs;  ///< What was done.
  std::size_t n_rows = 0;                          ///< The background rows without the interactions found.
};

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
  /// Whether interactions are found and taken out of the error, which takes much longer than the plain estimate.
  ///
  /// Background rows are adjusted if they have at least 64 pairs and three full Hadamard designs. These are then
  /// DesignKind::fresh, unless nested ones are better. A run with a deadline is not adjusted. Interactions::automatic
  /// leaves out rows whose search would take more than about 0.3 milliseconds for each model evaluation, counted in
  /// operations. Interactions::always leaves out none of them.
  Interactions interactions = Interactions::none;
  /// Whether Shapley values are computed as well, as CrossedExplanations::shapley() returns them.
  ///
  /// The coalitions of one player and of all but one of a background row's design are then evaluated too, within the
  /// budget. If it does not cover them and a design for every background row, no row gets them. Not for a noisy model.
  bool shapley = false;
  /// The most bytes of the model's outputs that the run keeps for take_kept().
  std::size_t most_kept = 0;
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
  /// The numbers of the explained rows in error messages. Empty stands for 0, 1, ...
  std::vector<std::size_t> row_numbers{};

  /// Returns whether there are checks before the budget is used up.
  [[nodiscard]] bool checks() const { return rules.any() || callback || !std::isinf(deadline); }
  /// Returns whether interactions are to be found. This takes too long if there is a deadline.
  [[nodiscard]] bool finds_interactions() const { return interactions != Interactions::none && std::isinf(deadline); }
};

/// What may end a single run before its budget is used up. The members are those of CrossedOptions.
struct CrossedLimits {
  StoppingRules rules{};                                      ///< As in CrossedOptions.
  double deadline = std::numeric_limits<double>::infinity();  ///< As in CrossedOptions.
  std::function<bool()> callback{};                           ///< As in CrossedOptions.
  std::function<double()> clock{};                            ///< As in CrossedOptions.
  std::size_t most_kept = 0;                                  ///< As in CrossedOptions.
  std::vector<std::size_t> row_numbers{};                     ///< As in CrossedOptions.
  BackgroundCheck check{};                                    ///< What to evaluate again if outputs are known.
};

/// Shapley values of the explained rows. Arrays are rows x players x outputs in row-major order.
struct ShapleyResults {
  std::vector<double> values;             ///< The values.
  std::vector<double> sampling_errors;    ///< Standard errors from the coalitions and the sample of background rows.
  std::vector<double> unresolved_errors;  ///< What interactions that the evaluations do not resolve may add.
  std::vector<double> background_errors;  ///< Standard errors from the background as a sample of a population.
};

class PreparedCrossed;

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
  /// Returns the Shapley values. Empty unless CrossedOptions::shapley is set.
  [[nodiscard]] const ShapleyResults& shapley() const noexcept { return shapley_; }
  /// Returns what was done about interactions in each explained row.
  [[nodiscard]] const std::vector<RowsAdjustment>& adjustments() const noexcept { return adjustments_; }
  /// Gives the evaluations of a finished run away. KeptRows::keeping says whether they are there.
  [[nodiscard]] KeptRows take_kept() noexcept { return std::exchange(kept_, {}); }

 private:
  class Evaluation;
  friend class CrossedExplainer;

  CrossedExplanations(std::shared_ptr<const PreparedCrossed> prepared, const void* explicands, std::size_t n_explicands,
                      CrossedOptions options, std::span<const double> background_outputs, BackgroundCheck check);

  [[nodiscard]] std::size_t row_number(std::size_t x) const {
    return options_.row_numbers.empty() ? x : options_.row_numbers[x];
  }

  std::shared_ptr<const PreparedCrossed> prepared_;
  CrossedOptions options_;
  std::size_t n_model_rows_;
  std::size_t rank_;
  double condition_number_ = 1;
  std::vector<RowsAdjustment> adjustments_;
  ShapleyResults shapley_;
  KeptRows kept_;
};

/// A background and options that are prepared once, for any number of runs.
///
/// It holds everything that does not depend on the explained rows. A run gives the same results as CrossedExplanations
/// with the same table and options. All members are const and can be called from several threads, so that threads share
/// one object. A run keeps what it needs, so it may outlive the explainer. The background's memory must outlive both.
class CrossedExplainer {
 public:
  /// Prepares a background.
  /// @param table the background; its rows to explain are ignored
  /// @param options the options, whose rules, deadline, callback and clock are ignored
  /// @throws std::invalid_argument if the table is not consistent, the budget is below 2 or ridge is negative
  CrossedExplainer(MaskedTable table, const CrossedOptions& options);

  /// Makes a run that explains rows. The model is not called before Explanations::run().
  /// @param explicands n_explicands rows with the columns and cells of the table, which must outlive the run
  /// @param n_explicands the number of rows to explain
  /// @param limits the limits of this run
  /// @param background_outputs what background_outputs() has returned, so that the run does not evaluate the background
  ///   again, except for the row of CrossedLimits::check. If empty, the run evaluates it.
  /// @return the run
  /// @throws std::invalid_argument if a stopping rule cannot be met, the deadline is NaN, or background_outputs or the
  ///   check has a wrong size
  [[nodiscard]] CrossedExplanations start(const void* explicands, std::size_t n_explicands, CrossedLimits limits = {},
                                          std::span<const double> background_outputs = {}) const;

  /// Calls the model on the background rows of positive weight.
  /// @param model the model
  /// @param memory called before each batch
  /// @return n_background() x outputs numbers in row-major order
  /// @throws std::domain_error naming the row, if an output is not finite
  /// @throws std::invalid_argument if the memory is too small, or the model returns a wrong number of outputs
  [[nodiscard]] std::vector<double> background_outputs(const Model& model, const BatchMemory& memory) const;

  /// Returns the number of background rows of positive weight.
  [[nodiscard]] std::size_t n_background() const noexcept;
  /// Returns the number of columns.
  [[nodiscard]] std::size_t n_columns() const noexcept;
  /// Returns the size of a cell in bytes.
  [[nodiscard]] std::size_t cell_bytes() const noexcept;

 private:
  std::shared_ptr<const PreparedCrossed> prepared_;
};

}  // namespace banzhaf
