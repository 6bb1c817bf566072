// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The baselines of the paper: Monte Carlo and Maximum Sample Reuse.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "regression/regression.hpp"

namespace banzhaf {

/// Values and standard errors, players x outputs, NaN for a player that too few coalitions tell of.
struct Means {
  std::vector<double> values;
  std::vector<double> standard_errors;
};

/// Monte Carlo: gains of walks, walk p being of player players[p]; gains: walks x n_outputs.
[[nodiscard]] Means monte_carlo(std::span<const std::size_t> players, std::span<const double> gains,
                                std::size_t n_players, std::size_t n_outputs);

/// Maximum Sample Reuse (Wang and Jia, AISTATS 2023): mean worth of the coalitions with a player less that of those
/// without; worths: rows x n_outputs.
[[nodiscard]] Means msr(const RowSource& rows, std::span<const double> worths, std::size_t n_rows,
                        std::size_t n_players, std::size_t n_outputs, int num_threads);

}  // namespace banzhaf
