// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The ways from worths to values. Each is a class behind one interface.
#pragma once

#include <cstddef>
#include <memory>

#include "banzhaf/estimate.hpp"
#include "estimate/moments.hpp"
#include "estimate/sample.hpp"

namespace banzhaf {

/// The worths to fit: one row per coalition of a sample, which holds means if the sample averages repeated coalitions.
struct Observations {
  Worths worths;
  const Moments& moments;
  /// Sums of squares around the means, coalitions x outputs. Empty if nothing was averaged.
  std::span<const double> scatter;
};

/// Prepared once for a sample, which it refers to. It then fits any worths of its coalitions.
class Fitting {
 public:
  virtual ~Fitting() = default;

  /// The same as those of Estimator.
  [[nodiscard]] virtual std::size_t rank() const noexcept = 0;
  [[nodiscard]] virtual double condition_number() const noexcept = 0;
  [[nodiscard]] virtual double degrees_of_freedom() const noexcept = 0;

  /// Sets the values, their standard errors, r2, the even and odd variance, and the shares.
  virtual void fit(const Observations& observed, Estimate& result) const = 0;
};

/// All 2^n coalitions. Their Walsh-Hadamard transform is exact for a game without noise.
[[nodiscard]] std::unique_ptr<const Fitting> fit_by_transform(const Sample& sample, const EstimateOptions& options);

/// Returns the exponent of the power of 2 by which an output's worths are divided so that their powers stay in the range
/// of doubles, or 0 if none is needed. `square` is their sum of squares, or 0 if it is not known.
[[nodiscard]] int exponent_of(Worths worths, std::size_t output, double square);

/// Multiplies the numbers of each output by 2^exponent.
void scale(std::vector<double>& rows, const std::vector<int>& exponents);

/// Kernel Banzhaf: least squares on the differences of pairs, or on worths with a constant.
[[nodiscard]] std::unique_ptr<const Fitting> fit_by_regression(const Sample& sample, const EstimateOptions& options);
/// Throws std::invalid_argument if the system of a design is too large for memory.
void check_regression(const Design& design);

/// Values with options.p other than 1/2, from all 2^n coalitions.
[[nodiscard]] std::unique_ptr<const Fitting> fit_weighted_table(const Sample& sample, const EstimateOptions& options);
/// Values with a probability, from a sample: see regression/left_out.hpp.
[[nodiscard]] std::unique_ptr<const Fitting> fit_weighted(const Sample& sample, const EstimateOptions& options);

/// Monte Carlo: the mean gain of each player over its own walks.
[[nodiscard]] std::unique_ptr<const Fitting> fit_by_walks(const Sample& sample, const EstimateOptions& options);

/// Maximum Sample Reuse: the mean worth with a player less that without it.
[[nodiscard]] std::unique_ptr<const Fitting> fit_by_reuse(const Sample& sample, const EstimateOptions& options);

}  // namespace banzhaf
