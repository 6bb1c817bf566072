// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The additive model of many rows: a constant and the values, with a penalty on the values.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "regression/left_out.hpp"

namespace banzhaf {

/// Fits any number of rows, in passes over chunks of them. With more than most_players_of_model players, the model is a
/// constant.
[[nodiscard]] std::vector<WeightedFit> fit_linear_left_out(const WeightedRows& rows, std::span<const double> targets,
                                                           std::size_t n_outputs, const WeightedOptions& options);

}  // namespace banzhaf
