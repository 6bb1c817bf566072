// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The crossed design: every background row has a Hadamard design of its own, over the players in which it differs.
// For example, with a table, a buffer and a model as in banzhaf/explain.hpp,
//   banzhaf::CrossedExplanations crossed(table, {.budget = 1000, .seed = 7});
//   crossed.run(sums, buffer);
//   crossed.values()[2];                                           // 0.5
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

struct CrossedOptions {
  std::size_t budget = 0;  ///< the most model rows for an explicand, beside the explicand itself
  double ridge = 0;        ///< as in EstimateOptions, for each background row's regression
  /// Whether the model gives other outputs when it is called again. The whole budget is spent then, also on coalitions
  /// that were evaluated before, no output is used twice, and the errors hold the noise.
  bool noisy = false;
  std::uint64_t seed = 0;
  int num_threads = 0;  ///< 0: OMP_NUM_THREADS if set, else the usable CPUs

  /// Each explicand stops on its own as soon as one is met.
  StoppingRules rules{};
  /// Seconds from the run's begin; no batch is begun later. Explicands whose first check was not complete have the
  /// values of a random sample of the background rows, those of which no block was complete NaN.
  double deadline = std::numeric_limits<double>::infinity();
  /// Called after each check, once every explicand's values are current; true stops.
  std::function<bool()> callback{};
  /// Seconds since some moment; empty: the steady clock.
  std::function<double()> clock{};

  /// Whether anything checks before the budget is spent.
  [[nodiscard]] bool checks() const { return rules.any() || callback || !std::isinf(deadline); }
};

/// The values of a masked model are the mean over background rows b of those of the game S -> f(explicand on S, b
/// elsewhere). Each b's game is estimated on its own: players in which b equals the explicand are null players; a design
/// of all coalitions is exact; otherwise the errors of different b are independent and average out.
class CrossedExplanations final : public Explanations {
 public:
  /// Throws std::invalid_argument for a budget below 2, a ridge below 0, stopping rules that cannot be met, or a deadline
  /// that is not a number.
  CrossedExplanations(MaskedTable table, CrossedOptions options);
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
