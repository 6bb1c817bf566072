// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The line goes through the means of near and of far points, so its value at 1/3 is the mean of the near ones.
#include "explain/gradient_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace banzhaf {
namespace {

constexpr double least_rest = 0.05;  // of a leverage, so that a single pair does not decide on the error

}  // namespace

LineFit fit_line(const PairTotals& totals, std::size_t n_pairs, std::size_t n_near, bool is_mirrored) {
  const auto count = static_cast<double>(n_near);
  const double mean = totals.near / count;
  // Residuals of near points are widened by their leverage, 1 / n_near. Of two mirrored pairs, one is near, and the line
  // takes two degrees of freedom.
  const double factor = is_mirrored ? count / std::max(1.0, count - 2) : 1 / std::max(least_rest, 1 - 1 / count);
  const double squares = totals.near_square - totals.near * mean;
  const double variance =
      std::isnan(squares) ? std::numeric_limits<double>::infinity() : factor * std::max(0.0, squares) / (count * count);
  return {totals.origin + mean, mean - totals.all / static_cast<double>(n_pairs), variance};
}

}  // namespace banzhaf
