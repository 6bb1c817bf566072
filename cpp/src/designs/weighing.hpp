// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Weighing designs: +-1 rows for numbers of pairs that no Hadamard matrix has.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "banzhaf/coalitions.hpp"
#include "support/deadline.hpp"

namespace banzhaf {

/// The most players for whom rows are searched: beyond, the search would take longer than it is worth.
inline constexpr std::size_t max_weighing_players = 256;

/// n_rows >= n_players rows, a set bit for +1, with a small trace of (X^T X)^-1: the mean squared error of least squares
/// on them. Found by exchanging single entries while that helps, from several starts. The same rows on every machine.
/// None if the deadline comes before the search ends.
[[nodiscard]] std::optional<Coalitions> weighing_rows(std::size_t n_players, std::size_t n_rows,
                                                      const Deadline& deadline = {});

/// The same, made once and kept for all who ask; null if the deadline comes first.
[[nodiscard]] std::shared_ptr<const Coalitions> shared_weighing_rows(std::size_t n_players, std::size_t n_rows,
                                                                     const Deadline& deadline = {});

}  // namespace banzhaf
