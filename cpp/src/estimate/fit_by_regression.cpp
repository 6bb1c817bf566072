// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Least squares on a sample: by transforms for complete Hadamard blocks, otherwise by a dense system.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "designs/hadamard_pairs.hpp"
#include "estimate/adjusting.hpp"
#include "estimate/fit_blocks.hpp"
#include "estimate/fitting.hpp"
#include "estimate/sparse_values.hpp"
#include "regression/blocks.hpp"
#include "regression/regression.hpp"

namespace banzhaf {
namespace {

// Returns whether transforms can solve the least squares. Otherwise, a dense system does.
bool by_blocks(const Design& design) {
  const HadamardPairs* pairs = design.hadamard().get();
  return in_blocks(design.kind()) && pairs->sylvester() && pairs->n_blocks() > 0;
}

class RegressionFitting final : public Fitting {
 public:
  RegressionFitting(const Sample& sample, const EstimateOptions& options) : sample_(sample), options_(options) {
    // For a pair, the row of A is half of the row of X, and occurs twice, once negated. For a single coalition, it
    // occurs once.
    double ridge = (sample.in_twos() ? 2 : 4) * options.ridge;
    if (sample.repeats() != nullptr) ridge /= sample.repeats()->count[0];  // each row stands for this many
    const bool whole = sample.design() != nullptr && sample.in_order();
    if (whole && by_blocks(*sample.design()))
      regression_ = std::make_unique<BlockRegression>(sample.design()->hadamard(), sample.n_players(), ridge,
                                                      options.doubts_fits, options.num_threads);
    else {
      auto regression = std::make_unique<Regression>(sample.row_source(), sample.n_units(), sample.n_players(),
                                                     RegressionOptions{.intercept = !sample.in_twos(),
                                                                       .ridge = ridge,
                                                                       .doubts_fits = options.doubts_fits,
                                                                       .drawn = whole && sample.is(DesignKind::paired),
                                                                       .num_threads = options.num_threads});
      sparse_values_ = std::make_unique<const SparseValues>(sample, *regression, options);
      regression_ = std::move(regression);
    }
    adjusting_ = std::make_unique<const Adjusting>(sample, *regression_, options);
  }

  [[nodiscard]] std::size_t rank() const noexcept override { return regression_->rank(); }
  [[nodiscard]] double condition_number() const noexcept override { return regression_->condition_number(); }
  [[nodiscard]] double degrees_of_freedom() const noexcept override {
    return regression_->degrees_of_freedom() / sample_.clustering();
  }

  void fit(const Observations& observed, Estimate& result) const override {
    const std::size_t n_outputs = result.n_outputs;
    const std::vector<double>& squares = observed.moments.squares;
    const bool pairs = sample_.in_twos();
    // Worths in order are read where they lie. Only other samples need an array, which grows with the budget.
    const bool in_order = sample_.in_order() && !sample_.is(DesignKind::walks);
    const std::vector<double> stored = in_order ? std::vector<double>() : sample_.targets(observed.worths);
    const Targets targets = !in_order ? Targets(Worths{stored, n_outputs})
                            : pairs   ? Targets::differences(observed.worths)
                                      : Targets(observed.worths);
    LeastSquares::Fit found = regression_->fit(targets, options_.standard_errors);
    const std::vector<double> plain_squares = found.residual_squares;
    result.adjustments = (*adjusting_)(observed.worths, found);
    if (sparse_values_ != nullptr) (*sparse_values_)(targets, found, result.adjustments);
    const double scale = pairs ? 1 : 2;
    result.values = std::move(found.coefficients);
    for (double& value : result.values) value *= scale;
    if (options_.standard_errors) {
      result.standard_errors = std::move(found.variances);
      for (double& error : result.standard_errors) error = scale * std::sqrt(error * sample_.clustering());
    }
    // The values never explain the even part of a pair. The residual is everything except what the regression explains
    // of the odd part.
    std::vector<double> totals = squares;
    if (pairs) {
      totals.assign(n_outputs, 0);
      for (std::size_t p = 0; p < sample_.n_units(); ++p)
        for (std::size_t o = 0; o < n_outputs; ++o) totals[o] += targets(p, o) * targets(p, o);
      split_variance(squares, totals, sample_.n_units(), false, result);
    }
    for (std::size_t o = 0; o < n_outputs; ++o) {
      const double explained = (totals[o] - found.residual_squares[o]) / (pairs ? 2 : 1);
      result.r2[o] = squares[o] > 0 ? explained / squares[o] : 1;
    }
    judge_fits(totals, plain_squares, result);
  }

 private:
  // If there is noise, a fit without residuals may be perfect by chance. The values contain errors, and so do their
  // squares. These errors are known only if there are residual degrees of freedom, and neither a penalty nor a missing
  // rank changes them.
  void judge_fits(const std::vector<double>& totals, const std::vector<double>& residual_squares,
                  Estimate& result) const {
    const std::size_t k = result.n_outputs, n = result.n_players;
    const bool settled = rank() == n && options_.ridge == 0 && degrees_of_freedom() > 0 && options_.standard_errors;
    std::vector<bool> known(k, settled);
    for (std::size_t o = 0; o < k; ++o) {
      if (!settled || !fits_by_chance(residual_squares[o], totals[o], 0)) continue;
      const double units = static_cast<double>(sample_.n_units());
      double largest = 0;
      for (std::size_t i = 0; i < n; ++i) {
        double& error = result.standard_errors[i * k + o];
        if (options_.noisy) error = error_of_noise(totals[o], sample_.n_units(), sample_.in_twos());
        largest = std::max(largest, error);
      }
      // Rounding may leave an error.
      known[o] = largest * largest * units <= 1e-20 * totals[o];
    }
    split_shares(known, result);
  }

  const Sample& sample_;
  EstimateOptions options_;
  std::unique_ptr<const LeastSquares> regression_;
  std::unique_ptr<const Adjusting> adjusting_;         // refers to the sample and the regression
  std::unique_ptr<const SparseValues> sparse_values_;  // the same
};

}  // namespace

void check_regression(const Design& design) {
  if (design.kind() == DesignKind::exhaustive || design.kind() == DesignKind::walks || design.draws_weighted() ||
      by_blocks(design))
    return;
  Regression::check_size(design.n_coalitions() / (design.in_twos() ? 2 : 1), design.n_players());
}

std::unique_ptr<const Fitting> fit_by_regression(const Sample& sample, const EstimateOptions& options) {
  return std::make_unique<RegressionFitting>(sample, options);
}

}  // namespace banzhaf
