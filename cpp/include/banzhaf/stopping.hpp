// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Defines the rules that end an evaluation before its budget, and the reasons why one ended.
///
/// For example:
/// @code{.cpp}
/// banzhaf::StoppingRules rules{.top_k = 5, .confidence = 0.99};  // stop when the five leading players are known
/// rules.any() ? 1 : 0;                                           // 1
/// @endcode
#pragma once

#include <cstddef>

namespace banzhaf {

/// Why an evaluation ended.
enum class Stopped {
  budget,     ///< The budget was used up.
  tolerance,  ///< The standard errors met StoppingRules::tolerance.
  top_k,      ///< The leading players were known, as StoppingRules::top_k asks.
  deadline,   ///< The deadline passed.
  callback,   ///< The caller's callback returned true.
  running     ///< It has not ended: a callback gets an estimate of this kind.
};

/// Rules on values and standard errors. The first rule that is met ends the evaluation.
struct StoppingRules {
  /// The largest standard error that is small enough, in the unit of the worths. 0 means that there is no such rule.
  double tolerance = 0;
  /// The number of leading players, by absolute value, to separate from all others. 0 means that there is no such rule.
  std::size_t top_k = 0;
  /// The confidence of a stop, strictly between 0 and 1. For top_k, it is the probability that the players are right.
  /// For tolerance, it sets how much standard errors with few degrees of freedom are widened first.
  double confidence = 0.95;

  /// Returns whether there is any rule.
  [[nodiscard]] bool any() const noexcept { return tolerance > 0 || top_k > 0; }
};

}  // namespace banzhaf
