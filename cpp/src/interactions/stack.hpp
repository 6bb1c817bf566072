// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// How much of each model's prediction to take: weights from predictions of pairs that the models have not seen.
#pragma once

#include <span>
#include <vector>

namespace banzhaf {

struct Stack {
  std::vector<double> weights;  ///< one for each model, at least 0, with a sum of at most 1
  double explained_share = 0;   ///< the share of the target's squares that the weighted predictions take away

  /// Whether any prediction is to be used.
  [[nodiscard]] bool used() const noexcept;
};

/// Returns the weights w >= 0 that minimise ||target - sum_l w_l predictions[l]||, without a bound on their sum.
/// Predictions may depend on each other linearly, and may be 0.
[[nodiscard]] std::vector<double> nonnegative_least_squares(std::span<const double> target,
                                                            std::span<const std::vector<double>> predictions);

/// Returns the weights for predictions of what each model has not seen.
///
/// They are those of nonnegative_least_squares, made smaller by n_errors standard errors of the slope of target on the
/// weighted prediction. A slope that is clear (at least 5 n_errors standard errors above 0) is not made smaller. If
/// their sum is above 1, it is then made 1. So chance alone seldom makes a prediction count.
[[nodiscard]] Stack stack_weights(std::span<const double> target, std::span<const std::vector<double>> predictions,
                                  double n_errors);

}  // namespace banzhaf
