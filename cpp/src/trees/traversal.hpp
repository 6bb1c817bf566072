// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The ways through a tree to the deep leaves that some coalition reaches. They keep their own stacks, because a tree may
// be deeper than the thread's.
#pragma once

#include <cstdint>

#include "trees/walk.hpp"

namespace banzhaf::trees {

/// Which row goes the way at all of a player's splits so far: both rows, or only one of them.
enum Decider : std::uint8_t { both, explicand_alone, background_alone };

/// Walks with two rows. Where they part, the player is decided: it goes with one of them below. space.decisions holds
/// the decided players, and space.state the row that each of them goes with.
///
/// The handler is told: begin() once the last decided player goes with the explicand, turn() once it goes with the
/// background, end(decision) once it is undecided again, and leaf(index).
template <typename Handler>
void walk_with_both(const Tree& tree, const Groups& groups, CodedRow explicand, CodedRow background, WalkSpace& space,
                    Handler& handler) {
  // Follows splits that decide no player. Returns false at a leaf, and where no leaf below is deep.
  const auto is_decision = [&](Child& at) {
    while (!is_leaf(at)) {
      if (groups.split_is_deep[split_of(at)] == 0) return false;
      const Split& split = tree.splits[split_of(at)];
      const bool explicand_left = explicand.goes_left(split), background_left = background.goes_left(split);
      const std::uint8_t decider = space.state[split.player];
      if (decider == both && explicand_left != background_left) return true;
      at = (decider == background_alone ? background_left : explicand_left) ? split.left : split.right;
    }
    return false;
  };
  std::vector<Decision>& decisions = space.decisions;
  decisions.clear();
  for (Child at = tree.root;;) {
    if (is_decision(at)) {
      const Split& split = tree.splits[split_of(at)];
      const bool explicand_left = explicand.goes_left(split);
      decisions.push_back({explicand_left ? split.right : split.left, split.player});
      space.state[split.player] = explicand_alone;
      handler.begin();
      at = explicand_left ? split.left : split.right;
      continue;
    }
    if (is_leaf(at) && groups.leaf_is_deep[leaf_of(at)] != 0) handler.leaf(leaf_of(at));
    for (;;) {
      if (decisions.empty()) return;
      const Decision last = decisions.back();
      if (space.state[last.player] == explicand_alone) {
        space.state[last.player] = background_alone;
        handler.turn();
        at = last.other;
        break;
      }
      space.state[last.player] = both;
      decisions.pop_back();
      handler.end(last);
    }
  }
}

/// Walks to all deep leaves, where covers weigh the sides of absent players. space.path holds the players on the way,
/// space.share the product of the shares at the splits of each of them, and space.fails the number of those splits that
/// the explicand does not follow. add_leaf(index) is called at each leaf.
template <typename AddLeaf>
void walk_with_covers(const Tree& tree, const Groups& groups, CodedRow explicand, WalkSpace& space,
                      AddLeaf&& add_leaf) {
  const auto follow = [&](const Branch& branch) {
    const Split& split = tree.splits[branch.split];
    space.share[split.player] = branch.share * (branch.left ? split.left_share : split.right_share);
    space.fails[split.player] = branch.fails + (branch.left == explicand.goes_left(split) ? 0 : 1);
    return branch.left ? split.left : split.right;
  };
  std::vector<Branch>& branches = space.branches;
  branches.clear();
  for (Child at = tree.root;;) {
    if (!is_leaf(at) && groups.split_is_deep[split_of(at)] != 0) {
      const Split& split = tree.splits[split_of(at)];
      std::uint8_t& seen = space.state[split.player];
      branches.push_back({split_of(at), true, seen == 0, space.share[split.player], space.fails[split.player]});
      if (seen == 0) {
        seen = 1;
        space.path.push_back(split.player);
      }
      at = follow(branches.back());
      continue;
    }
    if (is_leaf(at) && groups.leaf_is_deep[leaf_of(at)] != 0) add_leaf(leaf_of(at));
    for (;; branches.pop_back()) {
      if (branches.empty()) return;
      Branch& branch = branches.back();
      if (branch.left) {
        branch.left = false;
        at = follow(branch);
        break;
      }
      const std::uint32_t player = tree.splits[branch.split].player;
      space.share[player] = branch.share;
      space.fails[player] = branch.fails;
      if (branch.is_new) {
        space.state[player] = 0;
        space.path.pop_back();
      }
    }
  }
}

}  // namespace banzhaf::trees
