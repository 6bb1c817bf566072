// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Weighing designs: +-1 rows for numbers of pairs that are not the order of a Hadamard matrix.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "banzhaf/coalitions.hpp"
#include "support/deadline.hpp"

namespace banzhaf {

/// The largest number of players for a search. For more players, it takes longer than it is worth.
inline constexpr std::size_t max_weighing_players = 256;

/// Returns n_rows >= n_players rows, where a set bit means +1, with a small trace of (X^T X)^-1. This trace is the mean
/// squared error of least squares on them. The search exchanges single entries as long as this helps, from several
/// starts. The rows are the same on every machine. Returns nothing if the deadline comes before the search ends.
[[nodiscard]] std::optional<Coalitions> weighing_rows(std::size_t n_players, std::size_t n_rows,
                                                      const Deadline& deadline = {});

/// Returns the same rows, which are made once and shared, or null if the deadline comes first.
[[nodiscard]] std::shared_ptr<const Coalitions> shared_weighing_rows(std::size_t n_players, std::size_t n_rows,
                                                                     const Deadline& deadline = {});

}  // namespace banzhaf
