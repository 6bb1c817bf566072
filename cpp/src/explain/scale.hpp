// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A power of 2 that keeps squares in the range of doubles.
#pragma once

#include <algorithm>
#include <cmath>

namespace banzhaf {

/// Returns the exponent of 2 by which numbers are divided before they are squared. `largest` is the largest absolute
/// number; 0 gives 0.
[[nodiscard]] inline int scale_exponent(double largest) {
  return largest > 0 ? std::clamp(std::ilogb(largest), -1000, 1000) : 0;
}

}  // namespace banzhaf
