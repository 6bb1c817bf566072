// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Values where coalitions are fewer than players: a sparse regression replaces least squares where it predicts better.
#pragma once

#include <vector>

#include "banzhaf/adjustment.hpp"
#include "banzhaf/estimate.hpp"
#include "estimate/sample.hpp"
#include "regression/regression.hpp"

namespace banzhaf {

/// Prepared once for a sample and its regression, which it refers to.
class SparseValues {
 public:
  /// Prepares nothing if options.interactions is none, or if the regression determines every value.
  SparseValues(const Sample& sample, const Regression& regression, const EstimateOptions& options);

  /// Replaces the coefficients and residual squares of those outputs for which a sparse regression predicts rows that it
  /// did not see clearly better than the minimum-norm fit does. Their records say so.
  void operator()(const Targets& targets, LeastSquares::Fit& fit, std::vector<AdjustmentRecord>& records) const;

 private:
  const Regression& regression_;
  EstimateOptions options_;
  bool intercept_;
  Coalitions columns_;  // the rows of X by player, empty if there is nothing to do
};

}  // namespace banzhaf
