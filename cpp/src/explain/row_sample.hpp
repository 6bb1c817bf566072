// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Draws the background rows that a budget covers, and says how they represent all rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/masking.hpp"
#include "explain/average.hpp"

namespace banzhaf {

/// Draws each of the places 0, 1, ... with the same probability. The draws are evenly spread over an order that is
/// random within as many parts as there are places to draw, or to leave out. Their number is what the budget covers for
/// any start of the systematic sample, and at least one.
[[nodiscard]] std::vector<std::size_t> systematic_sample(std::span<const std::size_t> costs, std::size_t budget,
                                                         std::uint64_t seed);

/// Draws with unequal weights: each place in proportion to its weight. inclusion gets the probabilities.
[[nodiscard]] std::vector<std::size_t> weighted_sample(std::span<const std::size_t> costs,
                                                       std::span<const double> weights, std::size_t budget,
                                                       std::uint64_t seed, std::vector<double>& inclusion);

/// The background rows that were drawn.
struct DrawnRows {
  std::size_t n_costly = 0;            ///< as Allocation::n_costly
  std::span<const std::size_t> drawn;  ///< as Allocation::drawn
  std::span<const double> inclusion;   ///< as Allocation::inclusion
  const std::vector<std::size_t>* kept =
      nullptr;  ///< those that a deadline left, in the order of their gaps, if not all
};

/// Says how rows with estimates represent all background rows. If they were not equally likely to be drawn, their
/// factors become their factors in the mean.
[[nodiscard]] RowSample sample_of_rows(const MaskedRows& masked, const DrawnRows& from, std::span<AveragedRow> rows);

}  // namespace banzhaf
