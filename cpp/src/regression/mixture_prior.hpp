// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Regression whose coefficients have a prior of many scales, 0 among them. It shrinks large coefficients less than the
// lasso does.
#pragma once

#include <vector>

#include "regression/sign_columns.hpp"

namespace banzhaf {

/// Fits y = X b + noise, where each b comes from a mixture of normal distributions of given variances, one of them 0.
///
/// The result holds variational posterior means (Kim, Wang, Carbonetto, Stephens, "A flexible empirical Bayes approach to
/// multiple linear regression and connections with penalized regression", 2024). The shares of the mixture and the
/// variance of the noise are estimated too.
/// numbers are prepared by x. The search begins at start.
[[nodiscard]] SparseVector fit_mixture(const SignColumns& x, const std::vector<double>& numbers,
                                       const SparseVector& start);

}  // namespace banzhaf
