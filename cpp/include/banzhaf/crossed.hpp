// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The crossed design: every background row has a Hadamard design of its own, over the players in which it differs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/allocation.hpp"
#include "banzhaf/explain.hpp"

namespace banzhaf {

struct CrossedOptions {
  std::size_t budget = 0;  ///< the most model rows for an explicand, beside the explicand itself
  double ridge = 0;        ///< as in EstimateOptions, for each background row's regression
  std::uint64_t seed = 0;
  int num_threads = 0;  ///< 0: OMP_NUM_THREADS if set, else the usable CPUs
};

/// The values of a masked model are the mean over background rows b of those of the game S -> f(explicand on S, b
/// elsewhere). Each b's game is estimated on its own: players in which b equals the explicand are null players; a design
/// of all coalitions is exact; otherwise the errors of different b are independent and average out.
class CrossedExplanations final : public Explanations {
 public:
  /// Throws std::invalid_argument for a budget below 2.
  CrossedExplanations(MaskedTable table, CrossedOptions options);

  void run(const Model& model, std::span<std::uint8_t> buffer) override;

  [[nodiscard]] std::size_t n_model_rows() const noexcept override { return n_model_rows_; }
  [[nodiscard]] std::size_t rank() const noexcept override { return rank_; }
  [[nodiscard]] double condition_number() const noexcept override { return condition_number_; }

 private:
  struct Job;
  struct Plan;
  [[nodiscard]] Plan plan(std::size_t explicand) const;
  void evaluate(const Model& model, std::span<std::uint8_t> buffer, std::vector<Plan>& plans, std::size_t& n_complete);
  void estimate(std::span<Plan> plans);
  void combine(const Plan& plan);
  void combine(const Plan& plan, std::size_t output, std::size_t at);
  [[nodiscard]] const double* background_output(std::size_t b) const { return &background_outputs_[b * n_outputs_]; }
  [[nodiscard]] const double* explicand_output(std::size_t x) const { return &explicand_outputs_[x * n_outputs_]; }

  CrossedOptions options_;
  std::vector<double> background_outputs_;
  std::vector<double> explicand_outputs_;
  std::size_t n_model_rows_;
  std::size_t rank_;
  double condition_number_ = 1;
};

}  // namespace banzhaf
