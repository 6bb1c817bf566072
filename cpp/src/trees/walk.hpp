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

/// A row's codes: column c is codes[c * stride]. Its cells are read for linear leaves only.
struct CodedRow {
  const Code* codes;
  std::size_t stride;
  const double* cells = nullptr;

  [[nodiscard]] bool goes_left(const Split& split) const noexcept {
    return codes[split.test.column * stride] <= split.test.most;
  }
};

/// A split on a walk's way, to come back to.
struct Decision {
  Child other;  ///< the way not taken yet
  std::uint32_t player;
  double scale;
};
struct Branch {
  std::size_t split;
  bool left;    ///< the side that is walked
  bool is_new;  ///< the player, on the path
  double share;
  std::uint32_t fails;
};

/// What a player's terms of a linear leaf give with either row.
struct PlayerTerms {
  std::uint32_t player;
  double explicand, background;
  bool explicand_passes, background_passes;  ///< the path's tests, and no cell is missing
};

/// Working space of walks, to be used again: their stacks too, for a tree may be deeper than the thread's own holds.
struct WalkSpace {
  explicit WalkSpace(std::size_t n_players) : state(n_players), share(n_players, 1.0), fails(n_players) {}

  std::vector<std::uint8_t> state;
  std::vector<double> share;
  std::vector<std::uint32_t> path;
  std::vector<std::uint32_t> fails;
  std::vector<double> sums;
  std::vector<Decision> decisions;
  std::vector<Branch> branches;
  std::vector<PlayerTerms> player_terms;
};

/// What a leaf gives a row that reaches it; one of one output if it has terms.
[[nodiscard]] double linear_output(const Tree& tree, std::size_t leaf, const double* cells);

/// Adds to values (players x n_outputs) what the tree's deep leaves give an explicand beside one background row, times
/// scale.
void walk_pair(const Tree& tree, const Groups& groups, CodedRow explicand, CodedRow background, double scale,
               std::size_t n_outputs, WalkSpace& space, double* values);

/// Adds to values what the tree's deep leaves give an explicand, absent players weighing by covers.
void walk_shares(const Tree& tree, const Groups& groups, CodedRow explicand, std::size_t n_outputs, WalkSpace& space,
                 double* values);

}  // namespace banzhaf::trees
