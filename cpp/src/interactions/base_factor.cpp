// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/base_factor.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "regression/dense.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t most_plain = 1024;

double dot(const double* a, const double* b, std::size_t count) {
  double sums[4] = {};
  std::size_t k = 0;
  for (; k + 4 <= count; k += 4)
    for (std::size_t l = 0; l < 4; ++l) sums[l] += a[k + l] * b[k + l];
  for (; k < count; ++k) sums[k % 4] += a[k] * b[k];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

void BaseFactor::factor(std::vector<double> gram, std::size_t n, std::size_t n_used) {
  n_ = n;
  lower_ = std::move(gram);
  // The ridge matters only if the columns depend on each other.
  for (std::size_t i = 0; i < n; ++i) lower_[i * n + i] += 1e-10 * static_cast<double>(n_used);
  if (n > most_plain) {
    (void)cholesky(lower_.data(), n, 1);
    return;
  }
  for (std::size_t i = 0; i < n; ++i) {
    double* const row = lower_.data() + i * n;
    for (std::size_t k = 0; k < i; ++k) row[k] = (row[k] - dot(row, lower_.data() + k * n, k)) / lower_[k * n + k];
    row[i] = std::sqrt(std::max(row[i] - dot(row, row, i), 1e-12 * static_cast<double>(n_used)));
  }
}

void BaseFactor::solve(std::vector<double>& b) const {
  if (n_ > most_plain) return cholesky_solve(lower_.data(), n_, b.data());
  for (std::size_t i = 0; i < n_; ++i) {
    const double* row = lower_.data() + i * n_;
    b[i] = (b[i] - dot(row, b.data(), i)) / row[i];
  }
  for (std::size_t i = n_; i-- > 0;) {
    const double* row = lower_.data() + i * n_;
    b[i] /= row[i];
    for (std::size_t k = 0; k < i; ++k) b[k] -= row[k] * b[i];
  }
}

}  // namespace banzhaf
