// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The values of one background row from the derivatives at its pairs of points.
#pragma once

#include <cstddef>
#include <vector>

namespace banzhaf {

/// Values, their corrections and their variances: players x outputs in row-major order.
struct GradientFit {
  std::vector<double> values;
  std::vector<double> corrections;  ///< what the slopes add to the mean derivatives
  std::vector<double> variances;
};

/// Sums over pairs for one derivative. y is the sum of the derivative over the two points of a pair.
struct PairTotals {
  double origin;       ///< a number near to most y
  double near;         ///< the sum of y - origin over the pairs with near points
  double near_square;  ///< that of its square
  double all;          ///< the sum of y - origin over all pairs
};

/// What a straight line in u^2 says of a derivative.
struct LineFit {
  double value;       ///< of the line at u^2 = 1/3
  double correction;  ///< what it adds to the mean of y
  double variance;    ///< of the value
};

/// Fits a straight line in u^2 to the y of n_pairs pairs, an even number of at least 6. In n_near of them, u^2 is 1/3.
/// @param is_mirrored whether two pairs in a row depend on each other
[[nodiscard]] LineFit fit_line(const PairTotals& totals, std::size_t n_pairs, std::size_t n_near, bool is_mirrored);

}  // namespace banzhaf
