// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Variances of regression coefficients that allow rows to have different variances: the HC2 of MacKinnon and White
// (1985).
#pragma once

#include <cstddef>
#include <vector>

#include "regression/regression.hpp"

namespace banzhaf {

/// A solved regression, as far as its variances need it.
struct SolvedRegression {
  const RowSource& rows;
  std::size_t n_rows;
  std::size_t n_players;
  const std::vector<double>& column_means;  ///< of X if there is an intercept, otherwise empty
  double n_spare;                           ///< rows less fitted parameters
  double largest_eigenvalue;                ///< of the system, within a few per cent; 0 if unknown
  int num_threads;
};

/// The largest share of a standard error that integers instead of doubles may change.
inline constexpr double most_rounding = 1e-3;

/// Returns the variances of all coefficients, players x outputs: the sum over rows p of (G^-1 x_p)_i^2 e_p^2 / (1 - h_p),
/// with h_p = x_p^T G^-1 x_p. Takes the inverse of the system, and the residuals, rows x outputs.
///
/// The products of G^-1 with all rows are sums of integers if a bound of their rounding, at the end, is at most
/// most_rounding of each standard error of an output. Otherwise that output's are doubles.
[[nodiscard]] std::vector<double> robust_variances(const SolvedRegression& solved, std::vector<double> inverse,
                                                   const std::vector<double>& residuals, std::size_t n_outputs);

/// The same with doubles in any case.
[[nodiscard]] std::vector<double> robust_variances_in_doubles(const SolvedRegression& solved,
                                                              const std::vector<double>& inverse,
                                                              const std::vector<double>& residuals,
                                                              std::size_t n_outputs);

}  // namespace banzhaf
