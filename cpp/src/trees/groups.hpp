// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Groups of neighbouring leaves, each with a table. What a group adds to the values depends on a row only through the
// pattern of the tests that it passes. So it is computed once for each pattern.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/trees.hpp"
#include "trees/columns.hpp"
#include "trees/leaf_gains.hpp"
#include "trees/tree.hpp"

namespace banzhaf::trees {

/// A bit of a pattern: it is set in rows whose code is in [low, low + width].
struct BitTest {
  std::uint32_t column;
  Code low;
  Code width;
  Code bit;
  /// Whether the bit also needs the test before it.
  bool joined;
};

/// A player on the path of a leaf. A row passes if it follows the path at every split of the player.
struct PathPlayer {
  std::uint32_t slot;  ///< its place among the players of the group
  Code mask, wanted;   ///< it passes if (pattern & mask) == wanted
  double share;        ///< the product of the path's shares at the player's splits
};

struct Leaf {
  std::size_t index;
  std::size_t first_player, n_players;
};

/// The leaves of a subtree. The bits of a pattern are first "passes above the subtree" for each player there, then
/// "goes left" for each split in the subtree.
struct Group {
  std::size_t first_test, n_tests;
  std::size_t first_slot, n_slots;
  std::size_t first_leaf, n_leaves;
  unsigned n_bits;

  [[nodiscard]] std::size_t n_patterns() const noexcept { return std::size_t{1} << n_bits; }
  [[nodiscard]] std::size_t n_entries() const noexcept { return n_patterns() * n_slots; }
};

/// The groups of a tree, and the leaves that are in none.
struct Groups {
  std::vector<Group> groups;
  std::vector<BitTest> tests;
  /// Where the numbers of a group are added: at player * n_outputs + output, with the outputs of a player side by side.
  std::vector<std::uint32_t> slots;
  std::vector<Leaf> leaves;
  std::vector<PathPlayer> players;
  /// For each leaf of the tree: whether it is in no group. For each split: whether there is such a leaf below.
  std::vector<std::uint8_t> leaf_is_deep, split_is_deep;
  std::size_t n_deep_leaves = 0;
  std::size_t n_entries = 0;
};

[[nodiscard]] Groups group_leaves(const Tree& tree, std::size_t n_outputs, const TreeLimits& limits);

/// Returns a hash, not 0, of all that decides where a table has which number, and of p. Two versions of this code that
/// give the same hash may use each other's tables.
[[nodiscard]] std::uint64_t layout_of(std::span<const Groups> groups, double p);

/// Computes patterns[r] for n_rows rows from their codes.
void find_patterns(const Groups& groups, const Group& group, const Code* codes, std::size_t stride, std::size_t n_rows,
                   Code* patterns);

/// Finds which of a leaf's players a row with each pattern passes, as bits in the order of the players.
void find_passed(std::span<const PathPlayer> players, std::span<Code> passed);

/// The workspace of make_table, which can be used again.
struct TableSpace {
  std::vector<double> worths;
  std::vector<double> gains;
  std::vector<Code> local;
  LeafGains leaf;  // of probabilities other than 1/2
};

/// Computes table[pattern * n_slots + slot], which a row with this pattern gets. Interventional values need the number
/// of background rows with each pattern, and scale = 1 / background rows. Path-dependent values have no counts, and
/// scale 1. Every other player is in with probability p.
void make_table(const Tree& tree, const Groups& groups, const Group& group, const double* counts, double scale,
                double p, TableSpace& space, double* table);

}  // namespace banzhaf::trees
