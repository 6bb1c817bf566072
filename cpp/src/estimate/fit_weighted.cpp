// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Values with a probability p: exactly from all coalitions, or from a sample by a model and what it leaves.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "banzhaf/transform.hpp"
#include "estimate/fitting.hpp"
#include "estimate/weighted_sample.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
// With "auto", a model with interactions is fitted to at most this many groups of rows.
constexpr std::size_t most_groups = 20;

class WeightedTableFitting final : public Fitting {
 public:
  WeightedTableFitting(const Sample& sample, const EstimateOptions& options) : sample_(sample), options_(options) {}

  [[nodiscard]] std::size_t rank() const noexcept override { return sample_.n_players(); }
  [[nodiscard]] double condition_number() const noexcept override { return 1; }
  [[nodiscard]] double degrees_of_freedom() const noexcept override {
    return options_.noisy || sample_.repeats() != nullptr ? 0 : std::numeric_limits<double>::infinity();
  }

  void fit(const Observations& observed, Estimate& result) const override {
    const std::size_t k = result.n_outputs, n = sample_.n_players();
    std::vector<double> sorted;
    for (const std::size_t row : sample_.table_rows())
      sorted.insert(sorted.end(), observed.worths.row(row).begin(), observed.worths.row(row).end());
    const Worths table = sorted.empty() ? observed.worths : Worths{sorted, k};
    WeightedValues found = weighted_values(table, n, options_.p, options_.num_threads);
    result.mean_worth = found.means;
    for (std::size_t o = 0; o < k; ++o) {
      double explained = 0;
      for (std::size_t i = 0; i < n; ++i) explained += found.values[i * k + o] * found.values[i * k + o];
      explained *= options_.p * (1 - options_.p);
      result.r2[o] = found.variance[o] > 0 ? std::min(1.0, explained / found.variance[o]) : 1;
    }
    result.values = std::move(found.values);
    // Noise leaves errors that one worth for each coalition does not show.
    const bool exact = std::isinf(degrees_of_freedom());
    result.standard_errors.assign(result.values.size(), exact ? 0 : unknown);
  }

 private:
  const Sample& sample_;
  EstimateOptions options_;
};

class WeightedFitting final : public Fitting {
 public:
  WeightedFitting(const Sample& sample, const EstimateOptions& options)
      : sample_(sample), options_(options), own_(weighted_sample(sample, options.p)) {}

  // The model is penalised, so that it needs no full rank.
  [[nodiscard]] std::size_t rank() const noexcept override { return sample_.n_players(); }
  [[nodiscard]] double condition_number() const noexcept override { return unknown; }
  [[nodiscard]] double degrees_of_freedom() const noexcept override {
    return own_.rows.n_drawn() > 2 ? static_cast<double>(own_.rows.n_drawn() - 2) : 0;
  }

  void fit(const Observations& observed, Estimate& result) const override {
    const std::size_t k = result.n_outputs, n = sample_.n_players();
    std::vector<double> targets;
    targets.reserve(own_.places.size() * k);
    for (const std::size_t place : own_.places)
      targets.insert(targets.end(), observed.worths.row(place).begin(), observed.worths.row(place).end());
    const bool always = options_.interactions == Interactions::always;
    const std::vector<WeightedFit> found =
        fit_left_out(own_.rows, targets, k,
                     {.interactions = options_.interactions != Interactions::none,
                      .noisy = options_.noisy,
                      .standard_errors = options_.standard_errors,
                      .most_smooth = always ? std::numeric_limits<std::size_t>::max() : most_groups,
                      .num_threads = options_.num_threads});
    result.values.resize(n * k);
    result.standard_errors.assign(n * k, unknown);
    for (std::size_t o = 0; o < k; ++o) {
      for (std::size_t i = 0; i < n; ++i) {
        result.values[i * k + o] = found[o].values[i];
        if (options_.standard_errors) result.standard_errors[i * k + o] = std::sqrt(found[o].variances[i]);
      }
      result.mean_worth[o] = mean_of(targets, o, k);
      result.r2[o] = unknown;
      if (options_.interactions == Interactions::none) continue;
      AdjustmentRecord record;
      record.adjusted = found[o].smooth;
      if (!found[o].smooth)
        record.reason = own_.rows.n_drawn() > most_groups * rows_of_smooth_model && !always
                            ? "there are too many coalitions"
                            : "the values alone predict coalitions best";
      record.kernel_weight = found[o].smooth ? 1 : 0;
      record.plain_variance = found[o].additive_square;
      record.adjusted_variance = found[o].residual_square;
      result.adjustments.push_back(std::move(record));
    }
  }

 private:
  // The mean worth where each player is in with probability p.
  [[nodiscard]] double mean_of(const std::vector<double>& targets, std::size_t o, std::size_t k) const {
    double certain = 0, share = 1, sum = 0, total = 0;
    for (std::size_t c = 0; c < own_.rows.n_certain(); ++c) {
      certain += own_.rows.weights[c] * targets[c * k + o];
      share -= own_.rows.weights[c];
    }
    for (std::size_t r = 0; r < own_.rows.n_drawn(); ++r) {
      sum += own_.rows.importance[r] * targets[(own_.rows.n_certain() + r) * k + o];
      total += own_.rows.importance[r];
    }
    return certain + (total > 0 ? share * sum / total : 0);
  }

  const Sample& sample_;
  EstimateOptions options_;
  WeightedSample own_;
};

}  // namespace

std::unique_ptr<const Fitting> fit_weighted_table(const Sample& sample, const EstimateOptions& options) {
  return std::make_unique<WeightedTableFitting>(sample, options);
}

std::unique_ptr<const Fitting> fit_weighted(const Sample& sample, const EstimateOptions& options) {
  return std::make_unique<WeightedFitting>(sample, options);
}

}  // namespace banzhaf
