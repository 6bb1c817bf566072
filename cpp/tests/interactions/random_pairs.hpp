// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Pairs whose first coalitions are uniform and independent, and what tests read of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "banzhaf/designs.hpp"
#include "interactions/pair_signs.hpp"

namespace banzhaf::testing {

inline PairSigns random_pairs(std::size_t n_pairs, std::size_t n_players, std::uint64_t seed) {
  const Design design(DesignKind::independent, n_players, n_pairs, seed);
  Coalitions rows(n_pairs, n_players);
  design.fill(0, rows);
  return PairSigns(rows.view());
}

inline std::vector<double> signs_of(const PairSigns& pairs, std::size_t player) {
  std::vector<double> out(pairs.n_pairs());
  pairs.expand(player, out);
  return out;
}

struct Halves {
  std::vector<double> odd, even;
};

}  // namespace banzhaf::testing
