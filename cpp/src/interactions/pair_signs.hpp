// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The first coalitions of pairs of complements, stored by player: entry +1 or -1 of the matrix X as a bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

/// The halves of pairs.
enum class Half : std::uint8_t {
  odd,  ///< v(S) - v(S^c): products of one, three, five players
  even  ///< v(S) + v(S^c): products of none, two, four players
};

class PairSigns {
 public:
  PairSigns() = default;
  /// Transposes rows, which are the first coalitions of the pairs.
  explicit PairSigns(CoalitionsView rows);

  [[nodiscard]] std::size_t n_pairs() const noexcept { return columns_.n_players(); }
  [[nodiscard]] std::size_t n_players() const noexcept { return columns_.n_rows(); }
  [[nodiscard]] std::size_t n_words() const noexcept { return words_for(n_pairs()); }
  /// Bit p is set if the first coalition of pair p contains the player (X is +1). Bits after the last pair are 0.
  [[nodiscard]] const std::uint64_t* column(std::size_t player) const noexcept { return columns_.view().row(player); }
  /// Whether the first coalition of a pair contains the player.
  [[nodiscard]] bool contains(std::size_t pair, std::size_t player) const noexcept {
    return columns_.view().contains(player, pair);
  }
  /// Returns the given pairs only, in the given order.
  [[nodiscard]] PairSigns subset(std::span<const std::uint32_t> pairs) const;
  /// Writes a player's column as +1 and -1.
  void expand(std::size_t player, std::span<double> out) const;

 private:
  Coalitions columns_;  // a row for each player, a bit for each pair
};

/// Returns the sum over pairs of y times the product of some players' signs.
[[nodiscard]] double sum_of_products(const PairSigns& pairs, std::span<const std::uint32_t> players,
                                     std::span<const double> y);

/// Predicts the odd halves v(S) - v(S^c) of pairs from interactions of three players or more.
class OddModel {
 public:
  virtual ~OddModel() = default;
  /// Writes one prediction for each pair. Its part along the players' own columns does not matter.
  virtual void predict(const PairSigns& pairs, std::span<double> out) const = 0;
};

}  // namespace banzhaf
