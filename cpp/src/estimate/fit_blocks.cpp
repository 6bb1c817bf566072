// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The steps of Estimator for such blocks, without a sample, a count of coalitions, or shares of the variance.
#include "estimate/fit_blocks.hpp"

#include <algorithm>
#include <cmath>

#include "estimate/fitting.hpp"
#include "estimate/moments.hpp"

namespace banzhaf {

double error_of_noise(double total, std::size_t n_units, bool in_twos) {
  return (in_twos ? 1 : 2) * std::sqrt(total) / static_cast<double>(n_units);
}

bool estimate_from_blocks(const std::shared_ptr<const HadamardPairs>& pairs, std::size_t n_players, Worths worths,
                          const EstimateOptions& options, BlockScratch& scratch, BlockEstimate& result) {
  const std::size_t n_pairs = pairs->n_pairs(), k = worths.n_outputs;
  if (!pairs->sylvester() || pairs->n_blocks() == 0 || 2 * n_pairs > moments_block) return false;
  short_moments(worths, scratch.column, *result.means, scratch.squares);
  for (std::size_t o = 0; o < k; ++o)
    if (exponent_of(worths, o, scratch.squares[o]) != 0) return false;

  const double* worth = worths.values.data();
  scratch.targets.resize(n_pairs * k);
  scratch.totals.assign(k, 0);
  for (std::size_t p = 0; p < n_pairs; ++p)
    for (std::size_t o = 0; o < k; ++o) {
      const double target = worth[2 * p * k + o] - worth[(2 * p + 1) * k + o];
      scratch.targets[p * k + o] = target;
      scratch.totals[o] += target * target;
    }
  const BlockRegression regression(pairs, n_players, 2 * options.ridge, options.doubts_fits, 1,
                                   result.condition_number);
  LeastSquares::Fit& fit = scratch.fit;
  regression.fit(Targets(Worths{scratch.targets, k}), options.standard_errors, scratch.regression, fit);
  result.values->assign(fit.coefficients.begin(), fit.coefficients.end());
  result.degrees_of_freedom = regression.degrees_of_freedom();
  result.condition_number = regression.condition_number();
  if (options.standard_errors) {
    result.standard_errors->resize(fit.variances.size());
    std::ranges::transform(fit.variances, result.standard_errors->begin(), [](double x) { return std::sqrt(x); });
  }
  result.r2->resize(k);
  for (std::size_t o = 0; o < k; ++o) {
    const double total = scratch.totals[o], residual = fit.residual_squares[o], explained = (total - residual) / 2;
    (*result.r2)[o] = scratch.squares[o] > 0 ? explained / scratch.squares[o] : 1;
    const bool settled = options.ridge == 0 && result.degrees_of_freedom > 0 && options.standard_errors;
    if (!options.noisy || !settled || !fits_by_chance(residual, total, 0)) continue;
    for (std::size_t i = 0; i < n_players; ++i)
      (*result.standard_errors)[i * k + o] = error_of_noise(total, n_pairs, true);
  }
  return true;
}

}  // namespace banzhaf
