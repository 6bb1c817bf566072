// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The leaves without a table: walks to them for each explicand, and for interventional values for each background row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trees/columns.hpp"
#include "trees/groups.hpp"
#include "trees/tree.hpp"

namespace banzhaf::trees {

/// The codes of a row, where column c is codes[c * stride]. Its cells are read only for linear leaves.
struct CodedRow {
  const Code* codes;
  std::size_t stride;
  const double* cells = nullptr;

  [[nodiscard]] bool goes_left(const Split& split) const noexcept {
    return codes[split.test.column * stride] <= split.test.most;
  }
};

/// A split on the way of a walk, to which it comes back.
struct Decision {
  Child other;  ///< the side that is not walked yet
  std::uint32_t player;
  double scale = 0;  ///< for the handler of the walk
};
struct Branch {
  std::size_t split;
  bool left;    ///< the side that is walked
  bool is_new;  ///< whether the player is new on the path
  double share;
  std::uint32_t fails;
};

/// What the terms of a player in a linear leaf give with either row.
struct PlayerTerms {
  std::uint32_t player;
  double explicand, background;
  bool explicand_passes, background_passes;  ///< whether they pass the tests of the path, and no cell is missing
};

/// The workspace of walks, which can be used again. It includes their stacks, because a tree may be deeper than the
/// thread's own stack allows.
struct WalkSpace {
  explicit WalkSpace(std::size_t n_players) : state(n_players), share(n_players, 1.0), fails(n_players) {}

  /// Makes room for at least this many players. Between walks, all players are in the same state.
  void make_room(std::size_t n_players) {
    if (state.size() >= n_players) return;
    state.resize(n_players);
    share.resize(n_players, 1.0);
    fails.resize(n_players);
  }

  std::vector<std::uint8_t> state;
  std::vector<double> share;
  std::vector<std::uint32_t> path;
  std::vector<std::uint32_t> fails;
  std::vector<double> sums;
  std::vector<Decision> decisions;
  std::vector<Branch> branches;
  std::vector<PlayerTerms> player_terms;
};

/// Collects what the terms of each player in a linear leaf give with either row. `state` says with which row each player
/// goes on the way to the leaf.
void collect_terms(std::span<const Term> terms, CodedRow explicand, CodedRow background,
                   const std::vector<std::uint8_t>& state, std::vector<PlayerTerms>& players);

/// Returns the output of a leaf for a row that reaches it. A leaf with terms has one output.
[[nodiscard]] double linear_output(const Tree& tree, std::size_t leaf, const double* cells);

/// Adds to values (players x n_outputs) what the deep leaves of the tree give an explicand with one background row,
/// times scale.
void walk_pair(const Tree& tree, const Groups& groups, CodedRow explicand, CodedRow background, double scale,
               std::size_t n_outputs, WalkSpace& space, double* values);

/// Adds to values what the deep leaves of the tree give an explicand, where covers weigh the sides of absent players.
void walk_shares(const Tree& tree, const Groups& groups, CodedRow explicand, std::size_t n_outputs, WalkSpace& space,
                 double* values);

}  // namespace banzhaf::trees
