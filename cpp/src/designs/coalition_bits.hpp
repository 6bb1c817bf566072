// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Operations on the bits of coalitions that designs and regressions need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

/// Clears the bits of a row after the last player.
void clear_beyond(std::span<std::uint64_t> row, std::size_t n_players) noexcept;

/// Turns a coalition of the listed players into one of all players: bit i becomes bit players[i] of out.
void scatter(std::span<const std::uint64_t> row, std::span<const std::uint32_t> players,
             std::span<std::uint64_t> out) noexcept;

/// Writes bit t of the players' numbers into a row of zeros, one bit for each player.
void set_bits(std::span<const std::uint32_t> numbers, std::size_t t, std::span<std::uint64_t> row) noexcept;

/// Transposes coalitions: row i of out holds the bits of player i, one per coalition, so out.n_players() is
/// coalitions.n_rows.
void transpose(CoalitionsView coalitions, Coalitions& out, int num_threads = 0);

}  // namespace banzhaf
