// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Minimises a smooth function in a box.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace banzhaf {

/// Returns the value at x and writes the gradient. The value may be infinite where the function is not defined.
using SmoothFunction = std::function<double(std::span<const double> x, std::span<double> gradient)>;

struct Minimum {
  std::vector<double> x;
  double value;
  std::size_t n_calls;
};

/// Takes at most most_steps steps from start, which is put into the box: limited-memory BFGS with projections onto the
/// box (Bertsekas, "Projected Newton methods", SIAM J. Control Optim. 20, 1982). Ends early if a step improves the value
/// by less than tolerance.
[[nodiscard]] Minimum minimise(const SmoothFunction& function, std::vector<double> start,
                               std::span<const double> lowest, std::span<const double> highest, std::size_t most_steps,
                               double tolerance);

}  // namespace banzhaf
