// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The ways from worths to values, one class each behind one interface.
#pragma once

#include <cstddef>
#include <memory>

#include "banzhaf/estimate.hpp"
#include "estimate/moments.hpp"
#include "estimate/sample.hpp"

namespace banzhaf {

/// What is fitted: a row of worths for each of a sample's coalitions, averaged where it averages repeated ones.
struct Observations {
  Worths worths;
  const Moments& moments;
  std::span<const double> scatter;  ///< Averages' squares, coalitions x outputs; empty if nothing was averaged
};

/// Prepared once for a sample, which it refers to, it serves any worths of its coalitions.
class Fitting {
 public:
  virtual ~Fitting() = default;

  /// As Estimator says of them.
  [[nodiscard]] virtual std::size_t rank() const noexcept = 0;
  [[nodiscard]] virtual double condition_number() const noexcept = 0;
  [[nodiscard]] virtual double degrees_of_freedom() const noexcept = 0;

  /// Sets the values, their standard errors, r2, the even and odd variance, and the shares.
  virtual void fit(const Observations& observed, Estimate& result) const = 0;
};

/// All 2^n coalitions: their Walsh-Hadamard transform is exact for a game without noise.
[[nodiscard]] std::unique_ptr<const Fitting> fit_by_transform(const Sample& sample, const EstimateOptions& options);

/// Kernel Banzhaf: least squares on pairs' differences, or on worths beside a constant.
[[nodiscard]] std::unique_ptr<const Fitting> fit_by_regression(const Sample& sample, const EstimateOptions& options);
/// Throws std::invalid_argument if a design's system is too large to hold.
void check_regression(const Design& design);

/// Monte Carlo: each player's mean gain over the walks of its own.
[[nodiscard]] std::unique_ptr<const Fitting> fit_by_walks(const Sample& sample, const EstimateOptions& options);

/// Maximum Sample Reuse: the mean worth with a player less that without.
[[nodiscard]] std::unique_ptr<const Fitting> fit_by_reuse(const Sample& sample, const EstimateOptions& options);

}  // namespace banzhaf
