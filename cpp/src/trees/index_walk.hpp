// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The leaves without a table, for indices of sets of players and for any weights of the coalitions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "trees/measure.hpp"
#include "trees/sets.hpp"
#include "trees/walk.hpp"

namespace banzhaf::trees {

/// Where indices are added: that of set s and output k at values[(s * n_outputs + k) * stride].
struct IndexRow {
  double* values;
  std::size_t stride;
  std::size_t n_outputs;
};

/// A player that makes a difference to a leaf.
struct Member {
  std::uint32_t player;
  bool passes;        ///< whether the explicand passes it
  bool has_terms;     ///< whether both rows pass it, and the leaf is linear in it
  double difference;  ///< with terms: what the explicand's terms give more. Otherwise, what follows from the share.
};

struct IndexSpace {
  explicit IndexSpace(std::size_t n_players) : walk(n_players) {}

  WalkSpace walk;
  std::vector<Member> members;
  std::vector<double> weights;
};

/// Adds what the deep leaves of the tree give an explicand with one background row, times scale.
void walk_pair_indices(const Tree& tree, const Groups& groups, CodedRow explicand, CodedRow background, double scale,
                       const Sets& sets, const Measure& measure, IndexSpace& space, IndexRow row);

/// Adds what the deep leaves of the tree give an explicand, where covers weigh the sides of absent players.
void walk_share_indices(const Tree& tree, const Groups& groups, CodedRow explicand, const Sets& sets,
                        const Measure& measure, IndexSpace& space, IndexRow row);

}  // namespace banzhaf::trees
