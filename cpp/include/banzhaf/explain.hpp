// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A masked model explained: every explicand's coalitions over the background, through the model, to values.
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

namespace banzhaf {

/// Puts the model's outputs for n_rows rows, which lie at the start of the buffer, into outputs (row-major if there are
/// several), which arrives empty. Every call must give the same number of outputs.
using Model = std::function<void(std::size_t n_rows, std::vector<double>& outputs)>;

/// The run of a design over all explicands of a table, which share its coalitions and so one factorisation. An
/// exception from the model ends the run; the explicands that were complete by then keep their values.
class Explanations {
 public:
  /// estimator must be the design's own; both may serve other runs at the same time.
  Explanations(MaskedTable table, Design design, std::shared_ptr<const Estimator> estimator, int num_threads = 0);

  /// Masked rows are written into buffer, as many at a time as it holds; it must hold at least one.
  /// Throws std::domain_error, naming explicand and coalition, for a worth that is not finite.
  void run(const Model& model, std::span<std::uint8_t> buffer);

  /// Model rows that a run takes: the background once, then every explicand's.
  [[nodiscard]] std::size_t n_model_rows() const noexcept;
  [[nodiscard]] std::size_t n_explained() const noexcept { return n_explained_; }
  [[nodiscard]] std::size_t n_outputs() const noexcept { return n_outputs_; }
  [[nodiscard]] std::size_t n_players() const noexcept { return rows_.table().n_players; }

  /// n_outputs: the mean output over the background, which is the worth of the empty coalition.
  [[nodiscard]] const std::vector<double>& base_values() const noexcept { return base_values_; }
  /// n_explained x players x n_outputs.
  [[nodiscard]] const std::vector<double>& values() const noexcept { return values_; }
  [[nodiscard]] const std::vector<double>& standard_errors() const noexcept { return standard_errors_; }
  /// n_explained x n_outputs.
  [[nodiscard]] const std::vector<double>& r2() const noexcept { return r2_; }

 private:
  void call(const Model& model, std::size_t n_rows);
  void evaluate_background(const Model& model, std::span<std::uint8_t> buffer);
  void evaluate_group(const Model& model, std::span<std::uint8_t> buffer, std::size_t n_explicands,
                      std::vector<double>& worths, std::size_t& n_complete);
  void estimate_group(std::size_t n_explicands, const std::vector<double>& worths);

  MaskedRows rows_;
  Design design_;
  std::shared_ptr<const Estimator> estimator_;
  int num_threads_;
  std::size_t n_explained_ = 0;
  std::size_t n_outputs_ = 0;
  std::vector<double> outputs_;
  std::vector<double> base_values_;
  std::vector<double> values_;
  std::vector<double> standard_errors_;
  std::vector<double> r2_;
};

}  // namespace banzhaf
