// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares an explicand with background rows, cell by cell.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/masking.hpp"

namespace banzhaf {

/// The players in which an explicand and background rows differ. Cells are equal if their bytes are.
class Differences {
 public:
  Differences(const MaskedTable& table, const void* explicands, std::size_t explicand)
      : table_(table),
        row_bytes_(table.n_columns * table.cell_bytes),
        explicand_(static_cast<const std::uint8_t*>(explicands) + explicand * row_bytes_) {}

  /// Returns the number of players. bits gets a bit for each player.
  std::size_t find(std::size_t b, std::span<std::uint64_t> bits) const {
    std::ranges::fill(bits, 0);
    const std::uint8_t* row = static_cast<const std::uint8_t*>(table_.background) + b * row_bytes_;
    switch (table_.cell_bytes) {
      case 1:
        compare<std::uint8_t>(row, bits);
        break;
      case 2:
        compare<std::uint16_t>(row, bits);
        break;
      case 4:
        compare<std::uint32_t>(row, bits);
        break;
      default:
        compare<std::uint64_t>(row, bits);
    }
    return count_players(bits);
  }

 private:
  template <typename Cell>
  [[nodiscard]] bool differs(const std::uint8_t* row, std::size_t j) const {
    Cell a, b;
    std::memcpy(&a, explicand_ + j * sizeof(Cell), sizeof(Cell));
    std::memcpy(&b, row + j * sizeof(Cell), sizeof(Cell));
    return a != b;
  }

  template <typename Cell>
  void compare(const std::uint8_t* row, std::span<std::uint64_t> bits) const {
    const std::vector<std::uint32_t>& player = table_.player_of_column;
    if (!player.empty()) {
      for (std::size_t j = 0; j < table_.n_columns; ++j)
        bits[player[j] / 64] |= std::uint64_t{differs<Cell>(row, j) ? 1U : 0U} << (player[j] % 64);
      return;
    }
    for (std::size_t w = 0; w < bits.size(); ++w) {
      const std::size_t count = std::min<std::size_t>(64, table_.n_columns - 64 * w);
      std::uint64_t word = 0;
      for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{differs<Cell>(row, 64 * w + i) ? 1U : 0U} << i;
      bits[w] = word;
    }
  }

  const MaskedTable& table_;
  std::size_t row_bytes_;
  const std::uint8_t* explicand_;
};

}  // namespace banzhaf
