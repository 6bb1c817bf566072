// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The leaves that have no table: walked to, for each explicand and, interventionally, each background row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "trees/columns.hpp"
#include "trees/groups.hpp"
#include "trees/tree.hpp"

namespace banzhaf::trees {

/// A row's codes: column c is codes[c * stride].
struct CodedRow {
  const Code* codes;
  std::size_t stride;

  [[nodiscard]] bool goes_left(const Split& split) const noexcept {
    return codes[split.test.column * stride] <= split.test.most;
  }
};

/// Working space of walks, to be used again.
struct WalkSpace {
  explicit WalkSpace(std::size_t n_players) : state(n_players), share(n_players, 1.0) {}

  std::vector<std::uint8_t> state;
  std::vector<double> share;
  std::vector<std::uint32_t> path;
  std::vector<std::uint32_t> fails;
  std::vector<double> sums;
};

/// Adds to values (players x n_outputs) what the tree's deep leaves give an explicand beside one background row, times
/// scale.
void walk_pair(const Tree& tree, const Groups& groups, CodedRow explicand, CodedRow background, double scale,
               std::size_t n_outputs, WalkSpace& space, double* values);

/// Adds to values what the tree's deep leaves give an explicand, absent players weighing by covers.
void walk_shares(const Tree& tree, const Groups& groups, CodedRow explicand, std::size_t n_outputs, WalkSpace& space,
                 double* values);

}  // namespace banzhaf::trees
