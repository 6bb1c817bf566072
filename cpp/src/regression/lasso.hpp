// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The lasso by coordinate descent along a falling penalty. It computes inner products of the columns that may enter, and
// checks all others once for each penalty.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "regression/sign_columns.hpp"

namespace banzhaf {

/// Minimises |y - X b|^2 / (2 rows) + penalty |b|_1, for one penalty after another.
class Lasso {
 public:
  /// numbers has one number for each row of X; those of rows that are not used do not matter. x must outlive this object.
  Lasso(const SignColumns& x, std::vector<double> numbers);

  /// Returns the smallest penalty for which every coefficient is 0.
  [[nodiscard]] double largest_penalty() const noexcept { return largest_; }
  /// Solves for a penalty that is not above the one before. Returns false if too many columns would take part. The
  /// coefficients are then those of an earlier penalty.
  [[nodiscard]] bool solve(double penalty);

  [[nodiscard]] SparseVector coefficients() const { return active_.nonzero(b_); }
  /// Returns X b, plus the constant if the columns are centred, for all rows of X.
  [[nodiscard]] std::vector<double> predictions() const;

 private:
  [[nodiscard]] bool add(double least);
  void descend(double threshold);
  [[nodiscard]] double pass(double threshold, bool all);
  void refresh();

  const SignColumns* x_;
  std::vector<double> numbers_;
  double constant_;
  double size_;     // the norm of the numbers
  double largest_;  // penalty
  double before_;   // the penalty that was solved last, times rows
  ActiveColumns active_;
  std::vector<double> b_;         // of the active columns
  std::vector<double> products_;  // of the active columns with the residuals
  std::vector<double> all_products_;
  std::vector<double> image_;  // X b for all rows
};

}  // namespace banzhaf
