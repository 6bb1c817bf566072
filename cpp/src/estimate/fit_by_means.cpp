// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The baselines on a sample: Monte Carlo and Maximum Sample Reuse.
#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "estimate/baselines.hpp"
#include "estimate/fitting.hpp"

namespace banzhaf {
namespace {

// There is no linear system, and no fitted model that could explain a share of the variance.
class MeansFitting : public Fitting {
 public:
  MeansFitting(const Sample& sample, const EstimateOptions& options) : sample_(sample), options_(options) {}

  [[nodiscard]] std::size_t rank() const noexcept final { return sample_.n_players(); }
  [[nodiscard]] double condition_number() const noexcept final { return unknown; }

  void fit(const Observations& observed, Estimate& result) const final {
    const std::vector<double> targets = sample_.targets(observed.worths);
    Means found = means({targets, result.n_outputs});
    result.values = std::move(found.values);
    if (options_.standard_errors) result.standard_errors = std::move(found.standard_errors);
    std::fill(result.r2.begin(), result.r2.end(), unknown);
  }

 protected:
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] virtual Means means(Worths targets) const = 0;

  const Sample& sample_;
  EstimateOptions options_;
};

class WalkFitting final : public MeansFitting {
 public:
  using MeansFitting::MeansFitting;

  // The degrees of freedom: the deviations of the player with the fewest gains, and one for the mean variance.
  [[nodiscard]] double degrees_of_freedom() const noexcept override {
    const std::size_t gains = sample_.n_units() / sample_.n_players();
    return gains < 2 ? 0 : static_cast<double>(gains);
  }

 private:
  [[nodiscard]] Means means(Worths targets) const override {
    std::vector<std::size_t> players(sample_.n_units());
    for (std::size_t p = 0; p < players.size(); ++p) players[p] = sample_.unit(p).first / 2 % sample_.n_players();
    return monte_carlo(players, targets, sample_.n_players());
  }
};

class ReuseFitting final : public MeansFitting {
 public:
  using MeansFitting::MeansFitting;

  [[nodiscard]] double degrees_of_freedom() const noexcept override {
    return sample_.n_units() > 2 ? static_cast<double>(sample_.n_units() - 2) : 0;
  }

 private:
  [[nodiscard]] Means means(Worths targets) const override {
    return msr(sample_.row_source(), targets, sample_.n_players(), options_.num_threads);
  }
};

}  // namespace

std::unique_ptr<const Fitting> fit_by_walks(const Sample& sample, const EstimateOptions& options) {
  return std::make_unique<WalkFitting>(sample, options);
}

std::unique_ptr<const Fitting> fit_by_reuse(const Sample& sample, const EstimateOptions& options) {
  return std::make_unique<ReuseFitting>(sample, options);
}

}  // namespace banzhaf
