// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The values of one background row from the derivatives at its pairs of points.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
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

/// Fits straight lines in u^2 to the y of n_pairs pairs, an even number of at least 6. In n_near of them, u^2 is 1/3.
class LineFitter {
 public:
  /// is_mirrored says whether two pairs in a row depend on each other.
  LineFitter(std::size_t n_pairs, std::size_t n_near, bool is_mirrored);

  [[nodiscard]] LineFit operator()(const PairTotals& totals) const {
    const double mean = totals.near / n_near_, squares = totals.near_square - totals.near * mean;
    const double variance = std::isnan(squares) ? std::numeric_limits<double>::infinity()
                                                : factor_ * std::max(0.0, squares) / (n_near_ * n_near_);
    return {totals.origin + mean, mean - totals.all / n_pairs_, variance};
  }

 private:
  double n_pairs_, n_near_, factor_;
};

}  // namespace banzhaf
