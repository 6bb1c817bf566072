// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// When an evaluation may end before its budget, and why one did. For example
//   banzhaf::StoppingRules rules{.top_k = 5, .confidence = 0.99};  // when the five leading players are told apart
//   rules.any() ? 1 : 0;                                           // 1
#pragma once

#include <cstddef>

namespace banzhaf {

/// Why an evaluation ended.
enum class Stopped { budget, tolerance, top_k, deadline, callback, running };

/// Rules that look at values and standard errors; the first that is met stops.
struct StoppingRules {
  double tolerance = 0;  ///< of the largest standard error, in the unit of worths; 0: no such rule
  std::size_t top_k =
      0;  ///< how many leading players, by absolute value, are to be told from the rest; 0: no such rule
  double confidence = 0.95;  ///< that a stop is no mistake; see each rule

  [[nodiscard]] bool any() const noexcept { return tolerance > 0 || top_k > 0; }
};

}  // namespace banzhaf
