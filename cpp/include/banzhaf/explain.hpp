// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A masked model explained: every explicand's coalitions over the background, through the model, to values. A model reads
// masked rows from the buffer that it shares with the run. For example, with a table as in banzhaf/masking.hpp,
//   std::vector<std::uint8_t> buffer(256 * 3 * sizeof(float));
//   const banzhaf::Model sums = [&](std::size_t n_rows, std::vector<double>& outputs) {
//     const auto* cells = reinterpret_cast<const float*>(buffer.data());
//     for (std::size_t r = 0; r < n_rows; ++r) outputs.push_back(std::accumulate(cells + 3 * r, cells + 3 * r + 3, 0.0));
//   };
//   const banzhaf::Design design(banzhaf::DesignKind::paired, 3, 200, 0);
//   const auto estimator = std::make_shared<const banzhaf::Estimator>(design, banzhaf::EstimateOptions{});
//   banzhaf::SharedExplanations run(table, design, estimator);
//   run.run(sums, buffer);
//   run.values()[2];                                               // 0.5
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "banzhaf/designs.hpp"
#include "banzhaf/estimate.hpp"
#include "banzhaf/masking.hpp"
#include "banzhaf/stopping.hpp"

namespace banzhaf {

/// Puts the model's outputs for n_rows rows, which lie at the start of the buffer, into outputs (row-major if there are
/// several), which arrives empty. Every call must give the same number of outputs.
using Model = std::function<void(std::size_t n_rows, std::vector<double>& outputs)>;

/// Gives the memory that the next batch is written to: always as many bytes, the same as before or others.
using BatchMemory = std::function<std::span<std::uint8_t>()>;

/// A run over all explicands of a table. An exception from the model ends it; the explicands that were complete by then
/// keep their values.
class Explanations {
 public:
  virtual ~Explanations() = default;

  /// Masked rows are written into buffer, as many at a time as it holds; it must hold at least one.
  /// Throws std::domain_error, naming explicand and coalition, for a worth that is not finite.
  void run(const Model& model, std::span<std::uint8_t> buffer) {
    run(model, [buffer] { return buffer; });
  }
  /// The same where a model may keep a batch: memory is asked for before each.
  virtual void run(const Model& model, const BatchMemory& memory) = 0;

  /// Model rows that a run takes, the background among them; the most it may take until that is known.
  [[nodiscard]] virtual std::size_t n_model_rows() const noexcept = 0;
  [[nodiscard]] virtual std::size_t rank() const noexcept = 0;
  [[nodiscard]] virtual double condition_number() const noexcept = 0;

  [[nodiscard]] std::size_t n_explained() const noexcept { return row_costs_.size(); }
  [[nodiscard]] std::size_t n_outputs() const noexcept { return n_outputs_; }
  [[nodiscard]] std::size_t n_players() const noexcept { return rows_.table().n_players; }

  /// n_outputs: the (weighted) mean output over the background, which is the worth of the empty coalition.
  [[nodiscard]] const std::vector<double>& base_values() const noexcept { return base_values_; }
  /// n_explained x players x n_outputs.
  [[nodiscard]] const std::vector<double>& values() const noexcept { return values_; }
  /// Of values: what the draw of coalitions, and of background rows if not all were used, leaves uncertain.
  [[nodiscard]] const std::vector<double>& standard_errors() const noexcept { return standard_errors_; }
  /// Of values: what the background leaves uncertain as a sample of a larger population; NaN where it is not known.
  [[nodiscard]] const std::vector<double>& background_errors() const noexcept { return background_errors_; }
  /// n_explained x n_outputs.
  [[nodiscard]] const std::vector<double>& r2() const noexcept { return r2_; }
  /// n_explained x n_outputs, of standard_errors.
  [[nodiscard]] const std::vector<double>& degrees_of_freedom() const noexcept { return degrees_of_freedom_; }
  /// n_explained: model rows that each took; background rows that its mean is over.
  [[nodiscard]] const std::vector<std::size_t>& row_costs() const noexcept { return row_costs_; }
  [[nodiscard]] const std::vector<std::size_t>& n_background() const noexcept { return n_background_; }
  /// n_explained: why each ended.
  [[nodiscard]] const std::vector<Stopped>& stopped() const noexcept { return stopped_; }

 protected:
  Explanations(MaskedTable table, int num_threads);

  /// The model on the first rows of the buffer; its outputs end in outputs_.
  void call(const Model& model, std::size_t n_rows);
  /// The model on rows of a table as they are: n_rows x n_outputs.
  [[nodiscard]] std::vector<double> call_on(const void* cells, std::size_t n_rows, const Model& model,
                                            const BatchMemory& memory);
  /// The model on the background, whose outputs are returned and whose mean becomes the base values.
  std::vector<double> evaluate_background(const Model& model, const BatchMemory& memory);

  MaskedRows rows_;
  int num_threads_;
  std::size_t n_outputs_ = 0;
  std::vector<double> outputs_;
  std::vector<double> base_values_;
  std::vector<double> values_;
  std::vector<double> standard_errors_;
  std::vector<double> background_errors_;
  std::vector<double> r2_;
  std::vector<double> degrees_of_freedom_;
  std::vector<std::size_t> row_costs_;
  std::vector<std::size_t> n_background_;
  std::vector<Stopped> stopped_;
};

/// Every explicand on the same coalitions, each of them on the whole background, and so with one factorisation.
class SharedExplanations final : public Explanations {
 public:
  /// estimator must be the design's own; both may serve other runs at the same time.
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
