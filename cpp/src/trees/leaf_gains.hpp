// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The indices of the sets of players of one leaf, for all patterns of an explicand.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trees/columns.hpp"
#include "trees/measure.hpp"

namespace banzhaf::trees {

struct PathPlayer;

/// The indices of the sets of one size. It can be used again for other leaves.
struct LeafGains {
  std::vector<double> gains;    ///< gains[set << players | passed]
  std::vector<Code> members;    ///< the players of each set, as bits
  std::vector<double> partial;  ///< workspace
};

/// Computes the indices of the sets of a leaf of worth 1, for each set `passed` of players that the explicand passes.
/// Interventional indices need counts[passed], the number of background rows that pass just these players. Otherwise,
/// counts is null. Sets of one player come in the order of the players.
void find_leaf_gains(std::span<const PathPlayer> players, std::size_t size, const double* counts,
                     const Measure& measure, LeafGains& found);

}  // namespace banzhaf::trees
