// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What is called: a batch of coalitions in, their worths out.
#pragma once

#include <functional>
#include <vector>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

/// Puts one worth for each coalition into worths (row-major if there are several outputs), which arrives empty.
/// Every call must give the same number of outputs. An exception ends the evaluation and reaches the caller as itself.
using Game = std::function<void(CoalitionsView coalitions, std::vector<double>& worths)>;

}  // namespace banzhaf
