// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Products with the +-1 matrix of coalitions, computed from its bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

[[nodiscard]] constexpr std::size_t ceil_div(std::size_t a, std::size_t b) noexcept { return (a + b - 1) / b; }

/// The number of rows held at a time: sixteen cache lines of words per player.
inline constexpr std::size_t chunk_rows = 8192;

/// Adds to counts[i * n_rows + j] the number of bits in which rows i and j differ, for j <= i.
void add_differences(CoalitionsView bits, std::vector<std::uint32_t>& counts, int num_threads);

/// Adds to out[r * n_outputs + o] the sum over the bits j of row r of +-values[j * n_outputs + o], with plus for set
/// bits.
void add_signed_sums(CoalitionsView bits, const double* values, std::size_t n_outputs, double* out, int num_threads);

/// Writes a row as +-1.
void expand_signs(const std::uint64_t* row, std::size_t n_players, double* signs);

}  // namespace banzhaf
