// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Explains the rows of a masked model: writes masked rows, calls the model on them, and computes the values.
///
/// The model reads masked rows from a buffer that it shares with the run. For example, with a table as in
/// banzhaf/masking.hpp:
/// @code{.cpp}
/// std::vector<std::uint8_t> buffer(256 * 3 * sizeof(float));
/// const banzhaf::Model sums = [&](std::size_t n_rows, std::vector<double>& outputs) {
///   const auto* cells = reinterpret_cast<const float*>(buffer.data());
///   for (std::size_t r = 0; r < n_rows; ++r)
///     outputs.push_back(std::accumulate(cells + 3 * r, cells + 3 * r + 3, 0.0));
/// };
/// const banzhaf::Design design(banzhaf::DesignKind::paired, 3, 200, 0);
/// const auto estimator = std::make_shared<const banzhaf::Estimator>(design, banzhaf::EstimateOptions{});
/// banzhaf::SharedExplanations run(table, design, estimator);
/// run.run(sums, buffer);
/// run.values()[2];                                               // 0.5
/// @endcode
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "banzhaf/designs.hpp"
#include "banzhaf/estimate.hpp"
#include "banzhaf/masking.hpp"
#include "banzhaf/stopping.hpp"

namespace banzhaf {

/// A model: it appends its outputs for the first n_rows rows of the buffer to outputs, which is empty at the call.
///
/// With several outputs per row, outputs is in row-major order. Every call must give the same number per row. An
/// exception ends the run and reaches the caller unchanged.
using Model = std::function<void(std::size_t n_rows, std::vector<double>& outputs)>;

/// Returns the memory for the next batch. It may be the same each time or not, but always has the same size in bytes.
using BatchMemory = std::function<std::span<std::uint8_t>()>;

/// A background row that a run with known outputs evaluates again, to notice a model that has changed.
///
/// If an output differs by up to 1000 times its tolerance, all background rows are evaluated again: the model has changed
/// if at least half of them differ. If fewer do, their new outputs are used. A model that rounds its outputs, or works in
/// low precision, may differ in a few rows by chance.
struct BackgroundCheck {
  std::size_t row = 0;  ///< Its number among the background rows of positive weight.
  /// The largest difference of each output by rounding. If empty, nothing is checked.
  std::vector<double> tolerance{};
};

/// What a run throws if the model returns other outputs for the background than those that are known.
class ModelChanged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A run over all rows of a table that are explained.
///
/// If the model throws an exception, the rows that were complete keep their values. An object must not be used by
/// several threads at the same time. All arrays are in row-major order, and n_outputs is that of the model.
class Explanations {
 public:
  /// Frees the results.
  virtual ~Explanations() = default;

  /// Explains all rows.
  /// @param model the model
  /// @param buffer memory for masked rows, which must hold at least one; a batch has as many rows as it holds
  /// @throws std::domain_error naming the row and the coalition, if a worth is not finite
  /// @throws std::invalid_argument if the buffer is too small, or the model returns a wrong number of outputs
  void run(const Model& model, std::span<std::uint8_t> buffer) {
    run(model, [buffer] { return buffer; });
  }
  /// Explains all rows with a model that may keep the memory of a batch.
  /// @param model the model
  /// @param memory called before each batch
  /// @throws std::domain_error naming the row and the coalition, if a worth is not finite
  /// @throws std::invalid_argument if the memory is too small, or the model returns a wrong number of outputs
  virtual void run(const Model& model, const BatchMemory& memory) = 0;

  /// Returns the number of model evaluations (rows passed to the model) of a run, including the background.
  ///
  /// Before the run, this is the largest possible number if the exact one is unknown.
  [[nodiscard]] virtual std::size_t n_model_rows() const noexcept = 0;
  /// Returns the smallest rank of the regressions, or the number of players if every regression has full rank.
  [[nodiscard]] virtual std::size_t rank() const noexcept = 0;
  /// Returns the largest condition number of the regressions.
  [[nodiscard]] virtual double condition_number() const noexcept = 0;

  /// Returns the number of rows that are explained so far.
  [[nodiscard]] std::size_t n_explained() const noexcept { return row_costs_.size(); }
  /// Returns the number of background rows that were evaluated because the checked row seemed to have changed.
  [[nodiscard]] std::size_t n_confirming() const noexcept { return n_confirming_; }
  /// Returns the number of outputs of the model, or 0 before its first call.
  [[nodiscard]] std::size_t n_outputs() const noexcept { return n_outputs_; }
  /// Returns the number of players.
  [[nodiscard]] std::size_t n_players() const noexcept { return rows_->table().n_players; }

  /// Returns n_outputs numbers: the (weighted) mean output over the background, the worth of the empty coalition.
  [[nodiscard]] const std::vector<double>& base_values() const noexcept { return base_values_; }
  /// Returns n_explained x n_outputs numbers: the model's outputs for the explained rows themselves. It is empty if
  /// the run does not call the model on them.
  [[nodiscard]] std::span<const double> predictions() const noexcept {
    return std::span(predictions_).first(std::min(predictions_.size(), n_explained() * n_outputs_));
  }
  /// Returns n_explained x players x n_outputs numbers: the Banzhaf values, in the unit of the model's output.
  [[nodiscard]] const std::vector<double>& values() const noexcept { return values_; }
  /// Returns as many standard errors of the values. They cover the random coalitions, and the random choice of
  /// background rows if not all of them were used.
  [[nodiscard]] const std::vector<double>& standard_errors() const noexcept { return standard_errors_; }
  /// Returns as many standard errors that cover the background as a sample of a larger population, or NaN if unknown.
  [[nodiscard]] const std::vector<double>& background_errors() const noexcept { return background_errors_; }
  /// Returns n_explained x n_outputs shares of the worths' variance that the values explain.
  [[nodiscard]] const std::vector<double>& r2() const noexcept { return r2_; }
  /// Returns n_explained x n_outputs degrees of freedom of standard_errors().
  [[nodiscard]] const std::vector<double>& degrees_of_freedom() const noexcept { return degrees_of_freedom_; }
  /// Returns the number of model evaluations of each explained row.
  [[nodiscard]] const std::vector<std::size_t>& row_costs() const noexcept { return row_costs_; }
  /// Returns the number of background rows that each explained row used.
  [[nodiscard]] const std::vector<std::size_t>& n_background() const noexcept { return n_background_; }
  /// Returns why the evaluation of each explained row ended.
  [[nodiscard]] const std::vector<Stopped>& stopped() const noexcept { return stopped_; }

 protected:
  /// Takes the table and the number of threads, or 0 for default_num_threads().
  Explanations(MaskedTable table, int num_threads);
  /// Takes a prepared background, which runs can share, the rows to explain, and the number of threads.
  Explanations(std::shared_ptr<const MaskedRows> rows, const void* explicands, std::size_t n_explicands,
               int num_threads);

  /// Calls the model on the first rows of the buffer, and keeps its outputs.
  void call(const Model& model, std::size_t n_rows);
  /// Unmasked rows that lie one after the other.
  struct Cells {
    const void* cells;   ///< The first row.
    std::size_t n_rows;  ///< The number of rows.
  };
  /// Calls the model on unmasked rows, which share batches, and returns rows x n_outputs numbers.
  [[nodiscard]] std::vector<double> call_on(std::initializer_list<Cells> parts, const Model& model,
                                            const BatchMemory& memory);
  /// Calls the model on the background, sets the base values, and returns the outputs.
  std::vector<double> evaluate_background(const Model& model, const BatchMemory& memory);
  /// Takes outputs for the background that are known before the run, or none, and the row to evaluate again.
  void set_known_outputs(std::span<const double> outputs, BackgroundCheck check);
  /// Returns the number of background rows that evaluate_unmasked() passes to the model.
  [[nodiscard]] std::size_t n_evaluated_background() const noexcept;
  /// Calls the model on the background, unless its outputs are known, and on the rows to explain. Sets base values and
  /// predictions, and returns the outputs for the background.
  std::vector<double> evaluate_unmasked(const Model& model, const BatchMemory& memory);
  /// Compares the outputs for the row that was evaluated again, and calls the model on more rows if rounding may explain
  /// the difference.
  void require_unchanged(std::span<const double> outputs, const Model& model, const BatchMemory& memory);
  /// Returns the largest difference from the known outputs for a background row, in units of the tolerance.
  [[nodiscard]] double change_of(std::size_t row, std::span<const double> outputs) const;
  /// Sets the base values from the outputs for the background.
  void set_base_values(std::span<const double> outputs);

  /// @cond
  std::shared_ptr<const MaskedRows> rows_;
  const void* explicands_;
  std::size_t n_explicands_;
  int num_threads_;
  std::size_t n_outputs_ = 0;
  std::vector<double> known_outputs_;  // of the model for the background, if they are known before the run
  BackgroundCheck check_;
  std::size_t n_confirming_ = 0;
  std::vector<double> outputs_;
  std::vector<double> base_values_;
  std::vector<double> values_;
  std::vector<double> standard_errors_;
  std::vector<double> background_errors_;
  std::vector<double> predictions_;  // of all rows to explain
  std::vector<double> r2_;
  std::vector<double> degrees_of_freedom_;
  std::vector<std::size_t> row_costs_;
  std::vector<std::size_t> n_background_;
  std::vector<Stopped> stopped_;
  /// @endcond
};

/// Explains every row with the same coalitions, each evaluated on the whole background.
///
/// All rows therefore share one factorisation of the regression.
class SharedExplanations final : public Explanations {
 public:
  /// Prepares a run.
  /// @param table the rows to explain and the background
  /// @param design the coalitions
  /// @param estimator the estimator of this design; it may serve other runs at the same time
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @throws std::invalid_argument if the table is not consistent, or has other players than the design
  SharedExplanations(MaskedTable table, Design design, std::shared_ptr<const Estimator> estimator, int num_threads = 0);

  using Explanations::run;
  void run(const Model& model, const BatchMemory& memory) override;
  [[nodiscard]] std::size_t n_model_rows() const noexcept override;
  [[nodiscard]] std::size_t rank() const noexcept override { return estimator_->rank(); }
  [[nodiscard]] double condition_number() const noexcept override { return estimator_->condition_number(); }

 private:
  void evaluate_group(const Model& model, const BatchMemory& memory, std::size_t n_explicands,
                      std::vector<double>& worths, std::size_t& n_complete);
  void estimate_group(std::size_t n_explicands, const std::vector<double>& worths);

  Design design_;
  std::shared_ptr<const Estimator> estimator_;
};

}  // namespace banzhaf
