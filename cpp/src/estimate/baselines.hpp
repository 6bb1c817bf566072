// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The baselines of the paper: Monte Carlo and Maximum Sample Reuse.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "banzhaf/worths.hpp"
#include "regression/regression.hpp"

namespace banzhaf {

/// Values and standard errors, players x outputs, NaN for a player that too few coalitions tell of.
struct Means {
  std::vector<double> values;
  std::vector<double> standard_errors;
};

/// Monte Carlo: gains of walks, walk p being of player players[p].
[[nodiscard]] Means monte_carlo(std::span<const std::size_t> players, Worths gains, std::size_t n_players);

/// Maximum Sample Reuse (Wang and Jia, AISTATS 2023): mean worth of the coalitions with a player less that of those
/// without.
[[nodiscard]] Means msr(const RowSource& rows, Worths worths, std::size_t n_players, int num_threads);

}  // namespace banzhaf
