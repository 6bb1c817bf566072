// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What pairs of coalitions say beside gradients: the part of their differences that values leave, and a weighted mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "explain/average.hpp"
#include "explain/gradient_plan.hpp"

namespace banzhaf {

/// Draws the coalitions of a background row's pairs: pairs x players flags, which say whether the first coalition of the
/// pair has the player. The second one is its complement.
[[nodiscard]] std::vector<std::uint8_t> compared_coalitions(std::size_t n_pairs, std::size_t n_players,
                                                            std::uint64_t seed, std::size_t background);

/// Adds to residuals, for each output, players times the variance of a pair's difference that the true values leave, for
/// one background row.
/// @param coalitions as from compared_coalitions()
/// @param differences pairs x outputs: the worth of the first coalition less that of its complement
/// @param job its estimate from gradients, whose error is taken out
/// @param factor what the row adds is multiplied by this
void add_residuals(std::span<const std::uint8_t> coalitions, std::span<const double> differences,
                   const GradientJob& job, double factor, std::span<double> residuals);

/// Makes the weighted mean of the values from coalitions and those from gradients, with weights from their squared
/// standard errors. These are added up over the players, so that they are nearly independent of a single value.
/// @param coalitions the values from coalitions, which become the mean
/// @param gradients independent values from gradients, whose standard errors contain their bias
/// @return for each output, the weight of gradients
std::vector<double> combine(Average& coalitions, const Average& gradients, std::size_t n_players,
                            std::size_t n_outputs);

}  // namespace banzhaf
