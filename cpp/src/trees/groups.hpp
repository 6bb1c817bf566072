// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Groups of neighbouring leaves, each with a table: what they add to the values depends on a row only through the
// pattern of tests that it passes, so it is worked out once for each pattern.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "banzhaf/trees.hpp"
#include "trees/columns.hpp"
#include "trees/tree.hpp"

namespace banzhaf::trees {

/// Which rows have this bit in their pattern: those whose code is in [low, low + width].
struct BitTest {
  std::uint32_t column;
  Code low;
  Code width;
  Code bit;
  /// The bit needs the test before as well.
  bool joined;
};

/// A player on a leaf's path. A row passes if it goes the path's way at every split of the player's.
struct PathPlayer {
  std::uint32_t slot;  ///< among the group's players
  Code mask, wanted;   ///< it passes if pattern & mask == wanted
  double share;        ///< product of the path's shares at the player's splits
};

struct Leaf {
  std::size_t index;
  std::size_t first_player, n_players;
};

/// A subtree's leaves. Bits of a pattern: first "passes above the subtree" for each player there, then "goes left" for
/// each of its splits.
struct Group {
  std::size_t first_test, n_tests;
  std::size_t first_slot, n_slots;
  std::size_t first_leaf, n_leaves;
  unsigned n_bits;

  [[nodiscard]] std::size_t n_patterns() const noexcept { return std::size_t{1} << n_bits; }
  [[nodiscard]] std::size_t n_entries() const noexcept { return n_patterns() * n_slots; }
};

/// The groups of a tree, and the leaves in none.
struct Groups {
  std::vector<Group> groups;
  std::vector<BitTest> tests;
  /// Where a group's numbers are added: player * n_outputs + output, the outputs of a player side by side.
  std::vector<std::uint32_t> slots;
  std::vector<Leaf> leaves;
  std::vector<PathPlayer> players;
  /// For each leaf of the tree: whether it is in no group; for each split: whether such a leaf is below.
  std::vector<std::uint8_t> leaf_is_deep, split_is_deep;
  std::size_t n_deep_leaves = 0;
  std::size_t n_entries = 0;
};

[[nodiscard]] Groups group_leaves(const Tree& tree, std::size_t n_outputs, const TreeLimits& limits);

/// patterns[r] of n_rows rows, from their codes.
void find_patterns(const Groups& groups, const Group& group, const Code* codes, std::size_t stride, std::size_t n_rows,
                   Code* patterns);

/// Working space of make_table, to be used again.
struct TableSpace {
  std::vector<double> worths;
  std::vector<double> gains;
  std::vector<Code> local;
};

/// table[pattern * n_slots + slot]: what a row of that pattern gets. Interventional: counts of background rows for each
/// pattern, and scale = 1 / background rows. Path-dependent: no counts, and scale 1.
void make_table(const Tree& tree, const Groups& groups, const Group& group, const double* counts, double scale,
                TableSpace& space, double* table);

}  // namespace banzhaf::trees
