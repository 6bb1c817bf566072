// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The one distribution that intervals need.
#pragma once

namespace banzhaf {

/// The t with P(T <= t) = probability; degrees_of_freedom may be infinite (the normal distribution).
/// Throws std::invalid_argument unless 0 < probability < 1 and degrees_of_freedom > 0.
[[nodiscard]] double student_t_quantile(double probability, double degrees_of_freedom);

}  // namespace banzhaf
