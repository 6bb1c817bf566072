// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Least squares on the columns that every fit adjusts for.
#pragma once

#include <cstddef>
#include <vector>

namespace banzhaf {

/// X^T X of the pairs in use, factored. The kernels' products would have other bits on other CPUs, so they serve only where
/// our own loops would take long.
class BaseFactor {
 public:
  /// Takes the lower triangle of X^T X.
  void factor(std::vector<double> gram, std::size_t n, std::size_t n_used);
  /// Replaces b by the solution.
  void solve(std::vector<double>& b) const;

 private:
  std::size_t n_ = 0;
  std::vector<double> lower_;
};

}  // namespace banzhaf
