// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The values of one background row from the derivatives at its pairs of points.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace banzhaf {

/// Values, their corrections and their variances: players x outputs in row-major order.
struct GradientFit {
  std::vector<double> values;
  std::vector<double> corrections;  ///< what the slopes add to the mean derivatives
  std::vector<double> variances;
};

/// Fits for each player and output a straight line in u^2 to the derivatives, and reads it at 1/3.
/// @param points pairs x players: u
/// @param derivatives pairs x players x outputs: the mean derivative at both points of a pair, along x - b
/// @param n_pairs an even number, at least 6
/// @param is_mirrored whether two pairs in a row depend on each other
[[nodiscard]] GradientFit fit_gradients(std::span<const double> points, std::span<const double> derivatives,
                                        std::size_t n_pairs, std::size_t n_players, std::size_t n_outputs,
                                        bool is_mirrored);

}  // namespace banzhaf
