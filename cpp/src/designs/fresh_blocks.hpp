// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Sylvester's blocks that share nothing: each has random columns and signs of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

/// The columns, signs and generators of blocks 1, 2, ... of a design of fresh blocks. A block follows from the seed and
/// its number alone. It takes less memory than the worths of its coalitions.
class FreshBlocks {
 public:
  /// n_blocks counts block 0 too, which the design has itself.
  FreshBlocks(std::size_t n_players, std::size_t order, std::size_t n_blocks, std::uint64_t seed);

  /// Returns the column of each player, all different.
  [[nodiscard]] std::span<const std::uint32_t> columns(std::size_t block) const noexcept {
    return std::span(columns_).subspan((block - 1) * n_players_, n_players_);
  }
  /// Returns the words of the players' signs.
  [[nodiscard]] const std::uint64_t* signs(std::size_t block) const noexcept { return signs_.view().row(block - 1); }
  /// Returns one row for each bit of a column's number, which holds this bit of every player's column.
  [[nodiscard]] CoalitionsView generators(std::size_t block) const noexcept {
    return generators_.view().rows((block - 1) * n_bits_, n_bits_);
  }

  [[nodiscard]] std::size_t n_bytes() const noexcept;

 private:
  std::size_t n_players_;
  std::size_t n_bits_;  // of a column's number
  std::vector<std::uint32_t> columns_;
  Coalitions signs_;
  Coalitions generators_;
};

}  // namespace banzhaf
