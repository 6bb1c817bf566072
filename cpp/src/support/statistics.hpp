// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The distribution that intervals need: Student's t.
#pragma once

namespace banzhaf {

/// Returns the t with P(T <= t) = probability. degrees_of_freedom may be infinite, which gives the normal distribution.
/// Throws std::invalid_argument unless 0 < probability < 1 and degrees_of_freedom > 0.
[[nodiscard]] double student_t_quantile(double probability, double degrees_of_freedom);

}  // namespace banzhaf
