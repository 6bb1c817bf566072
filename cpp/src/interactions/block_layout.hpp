// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// How pairs lie in Sylvester's Hadamard blocks, in which products of players are columns too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "interactions/pair_signs.hpp"

namespace banzhaf {

/// In block j, the entry of player i in row a is -1 to the power <a, column_ij> + sign_ij. So a product of players is
/// the column given by the xor of their codes, each of which holds a column and a sign.
class BlockLayout {
 public:
  /// The bit of a code that holds the sign.
  static constexpr std::uint32_t sign_bit = std::uint32_t{1} << 31;

  /// Returns the layout of pairs, or null if they are not Sylvester's blocks. places is as for TermsFitter.
  static std::unique_ptr<const BlockLayout> find(const PairSigns& pairs, std::span<const std::uint32_t> places);

  [[nodiscard]] std::size_t order() const noexcept { return order_; }
  [[nodiscard]] std::size_t n_blocks() const noexcept { return n_blocks_; }
  [[nodiscard]] std::size_t n_players() const noexcept { return n_players_; }
  /// Returns the place of a pair: block x order + row.
  [[nodiscard]] std::size_t place(std::size_t pair) const noexcept { return places_.empty() ? pair : places_[pair]; }
  /// Returns the codes of all players in a block.
  [[nodiscard]] const std::uint32_t* codes(std::size_t block) const noexcept {
    return codes_.data() + block * n_players_;
  }

  /// Returns the sum over pairs of y times the product of some players' signs. transformed holds y at the places of the
  /// pairs and 0 at all others, and then went through transform_blocks.
  [[nodiscard]] double sum_of_products(std::span<const std::uint32_t> players,
                                       std::span<const double> transformed) const noexcept;

 private:
  BlockLayout() = default;

  std::size_t order_ = 0, n_blocks_ = 0, n_players_ = 0;
  std::vector<std::uint32_t> places_, codes_;
};

/// Replaces each block of `order` numbers by its Walsh-Hadamard transform.
void transform_blocks(std::span<double> values, std::size_t order);

}  // namespace banzhaf
