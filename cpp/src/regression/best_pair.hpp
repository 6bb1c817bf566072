// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The two columns that explain numbers best together. With few rows the lasso may miss them, if each of them alone is
// no better than many others.
#pragma once

#include <vector>

#include "regression/sign_columns.hpp"

namespace banzhaf {

/// Returns the two columns whose least-squares fit of prepared numbers leaves least, with their coefficients. One of
/// them is among the 64 columns that explain most alone. Returns nothing if no two columns can be told apart.
[[nodiscard]] SparseVector best_pair(const SignColumns& x, const std::vector<double>& numbers);

}  // namespace banzhaf
