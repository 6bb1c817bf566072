// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The paper's baselines: Monte Carlo and Maximum Sample Reuse.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "banzhaf/worths.hpp"
#include "regression/regression.hpp"

namespace banzhaf {

/// Values and standard errors, players x outputs. They are NaN for a player with too few coalitions.
struct Means {
  std::vector<double> values;
  std::vector<double> standard_errors;
};

/// Monte Carlo: the mean gains of walks. Walk p is one of player players[p].
[[nodiscard]] Means monte_carlo(std::span<const std::size_t> players, Worths gains, std::size_t n_players);

/// Maximum Sample Reuse (Wang and Jia, AISTATS 2023): the mean worth of the coalitions with a player, less that of the
/// coalitions without it.
[[nodiscard]] Means msr(const RowSource& rows, Worths worths, std::size_t n_players, int num_threads);

}  // namespace banzhaf
