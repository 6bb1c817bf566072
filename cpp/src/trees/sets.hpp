// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Numbers the sets of players of one size, in lexicographic order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace banzhaf::trees {

class Sets {
 public:
  /// Throws std::invalid_argument unless size is in [1, n_players] and there are fewer than 2^32 sets.
  Sets(std::size_t n_players, std::size_t size);

  [[nodiscard]] std::size_t n_players() const noexcept { return n_players_; }
  /// The players of each set.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// The number of sets.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  /// What a player adds to the number of a set if it is the set's member `place`, counted from the smallest. The sum
  /// over the members, in arithmetic that wraps around, is the number of the set.
  [[nodiscard]] std::size_t part(std::size_t place, std::uint32_t player) const noexcept {
    return parts_[place * n_players_ + player];
  }

 private:
  std::size_t n_players_, size_, count_;
  std::vector<std::size_t> parts_;
};

}  // namespace banzhaf::trees
