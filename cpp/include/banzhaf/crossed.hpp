// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The crossed design: every background row has a Hadamard design of its own, over the players in which it differs.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "banzhaf/explain.hpp"
#include "banzhaf/stopping.hpp"
#include "explain/allocation.hpp"

namespace banzhaf {

struct CrossedOptions {
  std::size_t budget = 0;  ///< the most model rows for an explicand, beside the explicand itself
  double ridge = 0;        ///< as in EstimateOptions, for each background row's regression
  std::uint64_t seed = 0;
  int num_threads = 0;  ///< 0: OMP_NUM_THREADS if set, else the usable CPUs

  /// Each explicand stops on its own as soon as one is met.
  StoppingRules rules{};
  /// Seconds from the run's begin; no batch is begun later. Explicands whose first look was not complete have the
  /// values of a random sample of the background rows, those of which no block was complete NaN.
  double deadline = std::numeric_limits<double>::infinity();
  /// Called when all explicands have had another look, which the run then tells of; true stops.
  std::function<bool()> callback{};
  /// Seconds since some moment; empty: the steady clock.
  std::function<double()> clock{};

  /// Whether anything looks before the budget is spent.
  [[nodiscard]] bool looks() const { return rules.any() || callback || !std::isinf(deadline); }
};

/// The values of a masked model are the mean over background rows b of those of the game S -> f(explicand on S, b
/// elsewhere). Each b's game is estimated on its own: players in which b equals the explicand are null players; a design
/// of all coalitions is exact; otherwise the errors of different b are independent and average out.
class CrossedExplanations final : public Explanations {
 public:
  /// Throws std::invalid_argument for a budget below 2, or top_k not below the number of players.
  CrossedExplanations(MaskedTable table, CrossedOptions options);
  ~CrossedExplanations() override;

  void run(const Model& model, std::span<std::uint8_t> buffer) override;

  [[nodiscard]] std::size_t n_model_rows() const noexcept override { return n_model_rows_; }
  [[nodiscard]] std::size_t rank() const noexcept override { return rank_; }
  [[nodiscard]] double condition_number() const noexcept override { return condition_number_; }

 private:
  struct Job;
  struct Found;
  struct Plan;
  [[nodiscard]] Plan plan(std::size_t explicand) const;
  void set_order(const std::vector<BackgroundRow>& rows, Plan& plan) const;
  void keep_whole(Plan& plan) const;
  void add_looks(const std::vector<BackgroundRow>& rows, Plan& plan) const;
  void run_group(const Model& model, std::span<std::uint8_t> buffer, std::span<Plan> plans);
  [[nodiscard]] bool evaluate(const Model& model, std::span<std::uint8_t> buffer, std::span<Plan> plans);
  void settle(std::span<Plan> plans);
  void estimate(std::span<Plan> plans);
  void combine(Plan& plan);
  void combine(Plan& plan, std::size_t output) const;
  [[nodiscard]] std::vector<double> sample_spreads(const Plan& plan, std::size_t output) const;
  void publish(std::span<const Plan> plans);
  [[nodiscard]] std::size_t batch_within_deadline(std::size_t most) const;
  [[nodiscard]] double now() const;
  [[nodiscard]] const double* background_output(std::size_t b) const { return &background_outputs_[b * n_outputs_]; }
  [[nodiscard]] const double* explicand_output(std::size_t x) const { return &explicand_outputs_[x * n_outputs_]; }

  CrossedOptions options_;
  std::vector<double> background_outputs_;
  std::vector<double> explicand_outputs_;
  std::size_t n_final_ = 0;  // explicands that are over
  std::size_t n_model_rows_;
  std::size_t rank_;
  double condition_number_ = 1;
  double start_ = 0;
  double seconds_per_row_ = 0;  // of the last batch
};

}  // namespace banzhaf
