// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The sets after a given one are counted by binomial coefficients.
#include "trees/sets.hpp"

#include <limits>
#include <stdexcept>
#include <string>

namespace banzhaf::trees {

Sets::Sets(std::size_t n_players, std::size_t size) : n_players_(n_players), size_(size), count_(0) {
  if (size < 1 || size > n_players)
    throw std::invalid_argument("order must be between 1 and the number of players, " + std::to_string(n_players) +
                                ", got " + std::to_string(size));
  constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
  // chosen[m] is the number of sets of `of` players among m, for of = 0, 1, ....
  std::vector<std::size_t> chosen(n_players + 1, 1);
  parts_.resize(size * n_players);
  for (std::size_t of = 1; of <= size; ++of) {
    std::size_t before = chosen[0];
    chosen[0] = 0;
    for (std::size_t m = 1; m <= n_players; ++m) {
      const std::size_t fewer = before;
      before = chosen[m];
      chosen[m] = chosen[m - 1] + fewer;
      if (chosen[m] > most)
        throw std::invalid_argument("order must be lower: the sets of " + std::to_string(size) + " of " +
                                    std::to_string(n_players) + " players are too many to be numbered");
    }
    // Member size - of from below has `of` members from itself on. The sets after it replace it by a larger player.
    for (std::size_t player = 0; player < n_players; ++player)
      parts_[(size - of) * n_players + player] = 0 - chosen[n_players - 1 - player];
  }
  count_ = chosen[n_players];
  for (std::size_t player = 0; player < n_players; ++player) parts_[player] += count_ - 1;
}

}  // namespace banzhaf::trees
