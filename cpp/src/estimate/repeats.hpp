// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Finds coalitions that occur more than once, and averages their worths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/worths.hpp"
#include "regression/regression.hpp"

namespace banzhaf {

/// Rows sorted into groups, one group for each different coalition.
struct Repeats {
  static constexpr std::uint32_t left_out = ~std::uint32_t{0};

  std::vector<std::uint32_t> group;  ///< the group of each row; left_out if its worth is left out
  std::vector<std::uint32_t> count;  ///< the number of rows in each group

  /// The number of rows after the first of each group.
  [[nodiscard]] std::size_t n_spare() const noexcept;
};

/// Groups rows. The groups are in the order of their first rows.
[[nodiscard]] Repeats find_repeats(CoalitionsView coalitions);

/// Returns the number of different coalitions in some rows.
[[nodiscard]] std::size_t count_distinct(CoalitionsView coalitions);
/// Does the same for rows that are made again when they are needed. However many there are, it holds about most_bytes of
/// them at a time, and reads all of them once for each part of that size.
[[nodiscard]] std::size_t count_distinct(const RowSource& rows, std::size_t n_rows, std::size_t n_players,
                                         std::size_t most_bytes = std::size_t{1} << 26);

/// Returns whether n_distinct is so small that n_drawn uniform draws from 2^n_bits would hardly give it. If so,
/// coalitions were repeated on purpose.
[[nodiscard]] bool repeated_on_purpose(std::size_t n_distinct, std::size_t n_drawn, std::size_t n_bits);

/// The means, groups x outputs.
struct Averages {
  std::vector<double> means;
  std::vector<double> squares;  ///< of the differences from the means, summed over the group
};

[[nodiscard]] Averages average(const Repeats& repeats, Worths worths);

}  // namespace banzhaf
