// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Lists of sets of players.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace banzhaf {

/// Sets of players, all of one size, each in ascending order.
class Sets {
 public:
  explicit Sets(std::size_t order) : order_(order) {}

  [[nodiscard]] std::size_t order() const noexcept { return order_; }
  [[nodiscard]] std::size_t size() const noexcept { return players_.size() / order_; }
  [[nodiscard]] std::span<const std::uint32_t> operator[](std::size_t set) const noexcept {
    return {players_.data() + set * order_, order_};
  }
  /// Adds a set, given by its first order() players.
  void add(std::span<const std::uint32_t> players) {
    players_.insert(players_.end(), players.begin(), players.begin() + static_cast<std::ptrdiff_t>(order_));
  }
  /// Keeps the given sets only, which are ascending.
  void keep(std::span<const std::size_t> sets) {
    for (std::size_t s = 0; s < sets.size(); ++s)
      std::copy_n(players_.begin() + static_cast<std::ptrdiff_t>(sets[s] * order_), order_,
                  players_.begin() + static_cast<std::ptrdiff_t>(s * order_));
    players_.resize(sets.size() * order_);
  }

 private:
  std::size_t order_;
  std::vector<std::uint32_t> players_;
};

}  // namespace banzhaf
