// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Shapley values of one explicand, from the designs of its background rows.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "explain/average.hpp"
#include "explain/row_design.hpp"

namespace banzhaf {

/// The Shapley values of one background row's game. Arrays are players x outputs in row-major order.
struct ShapleyEstimate {
  /// Values, with the sampling errors of the Banzhaf values in them.
  RowEstimate found{};
  /// What interactions that the row does not resolve may add, where its sign is a guess. It averages over the rows as
  /// the values do.
  std::vector<double> open{};
  /// The same as a square, where nothing is known of the sign.
  std::vector<double> open_squares{};
};

/// Computes the Shapley values of a row's game from its estimate. totals has, for each output, the worth of all players
/// less that of none, to which the values add up.
///
/// They are exact if the row has all coalitions. If it has the worths of each player alone and of all others, they come
/// from these and the Banzhaf values by Simpson's rule, which is exact up to interactions of four players. Otherwise,
/// what the Banzhaf values lack of the total is divided in proportion to their squares.
[[nodiscard]] ShapleyEstimate shapley_of(const RowDesign& row, std::size_t n_outputs, std::span<const double> totals);

}  // namespace banzhaf
