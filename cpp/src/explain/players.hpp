// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Players that are stored as bits.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace banzhaf {

/// Adds the players whose bits are set, in ascending order. Each word has the bits of 64 players.
inline void add_players(std::span<const std::uint64_t> bits, std::vector<std::uint32_t>& result) {
  for (std::size_t w = 0; w < bits.size(); ++w)
    for (std::uint64_t rest = bits[w]; rest != 0; rest &= rest - 1)
      result.push_back(static_cast<std::uint32_t>(64 * w) + static_cast<std::uint32_t>(std::countr_zero(rest)));
}

}  // namespace banzhaf
