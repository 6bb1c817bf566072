// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Least squares with fewer rows than players, where few players matter: a lasso and a mixture prior, combined by
// cross-validation, and used only where they predict held-out rows better than the minimum-norm solution.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "regression/sign_columns.hpp"
#include "support/deadline.hpp"

namespace banzhaf {

struct SparseOptions {
  bool intercept = false;  ///< whether there is a constant beside the coefficients
  int num_threads = 0;     ///< 0 means default_num_threads()
  Deadline deadline{};     ///< after it, the search ends
};

/// A fit and its errors on rows that it did not see.
struct SparseFit {
  SparseVector coefficients;
  std::vector<double> held_out;  ///< one error for each row: its number less the prediction from other rows
  std::vector<double> rest;      ///< one for each row: its number less the prediction from all rows
  double penalty = 0;            ///< of the lasso
  double mixture = 0;            ///< the share of the mixture prior's fit; the rest is the lasso's
};

class SparseRegression {
 public:
  /// columns holds the rows of X as bits by player, and must outlive this object.
  SparseRegression(CoalitionsView columns, SparseOptions options);

  /// Returns whether the number of rows allows cross-validation, and the work is within bounds.
  [[nodiscard]] static bool suits(std::size_t n_rows, std::size_t n_players, std::size_t n_outputs) noexcept;

  /// Fits one number for each row. Returns no coefficients if nothing is found, or the deadline has passed.
  [[nodiscard]] SparseFit fit(const std::vector<double>& numbers) const;

 private:
  struct Fold;

  CoalitionsView columns_;
  SparseOptions options_;
};

/// Returns whether the first errors are smaller: whether the mean of their squares is below that of the second by three
/// standard errors. Up to 64 errors, and half as many as players, it must be below half. Two standard errors are then
/// enough for less than 0.25 of it, and 1.5 for less than 0.36.
[[nodiscard]] bool clearly_smaller(std::span<const double> errors, std::span<const double> others,
                                   std::size_t n_players);

}  // namespace banzhaf
