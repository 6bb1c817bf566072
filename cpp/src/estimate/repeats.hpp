// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Coalitions that come more than once: which they are, and what their worths are on average.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/worths.hpp"

namespace banzhaf {

/// Rows as members of groups, one group for each different coalition.
struct Repeats {
  static constexpr std::uint32_t left_out = ~std::uint32_t{0};

  std::vector<std::uint32_t> group;  ///< of each row; left_out if its worth does not count
  std::vector<std::uint32_t> count;  ///< of each group: how many rows it has

  /// Rows beyond the first of each group.
  [[nodiscard]] std::size_t n_spare() const noexcept;
};

/// The groups of rows, in the order of their first ones.
[[nodiscard]] Repeats find_repeats(CoalitionsView coalitions);

/// How many different coalitions some rows hold.
[[nodiscard]] std::size_t count_distinct(CoalitionsView coalitions);

/// Whether n_distinct different ones are so few that n_drawn uniform draws from 2^n_bits would hardly have shown them:
/// somebody repeated coalitions on purpose.
[[nodiscard]] bool repeated_on_purpose(std::size_t n_distinct, std::size_t n_drawn, std::size_t n_bits);

/// Groups x outputs.
struct Averages {
  std::vector<double> means;
  std::vector<double> squares;  ///< of the differences from the means, summed over the group
};

[[nodiscard]] Averages average(const Repeats& repeats, Worths worths);

}  // namespace banzhaf
