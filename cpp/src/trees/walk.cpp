// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Walks to the leaves that some coalition reaches, and to no others.
#include "trees/walk.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace banzhaf::trees {
namespace {

// Which row goes the way at all of a player's splits so far: both rows, or only one of them.
enum Decider : std::uint8_t { both, explicand_alone, background_alone };

class PairWalk {
 public:
  PairWalk(const Tree& tree, const Groups& groups, CodedRow explicand, CodedRow background, std::size_t n_outputs,
           WalkSpace& space, double* values)
      : tree_(tree),
        groups_(groups),
        explicand_(explicand),
        background_(background),
        n_outputs_(n_outputs),
        space_(space),
        values_(values + tree.first_output) {}

  // Adds each leaf times scale / 2^(players decided on the way). A decided player goes with one row only. It has two
  // sums of the leaves below: those with it in the coalition, and those without it.
  void walk(double scale) {
    double* sum = space_.sums.data();
    std::vector<Decision>& decisions = space_.decisions;
    decisions.clear();
    for (Child at = tree_.root;;) {
      if (is_decision(at)) {
        const Split& split = tree_.splits[split_of(at)];
        const bool explicand_left = explicand_.goes_left(split);
        decisions.push_back({explicand_left ? split.right : split.left, split.player, scale});
        space_.state[split.player] = explicand_alone;
        sum = with();
        std::fill_n(sum, 2 * tree_.width, 0.0);
        scale /= 2;
        at = explicand_left ? split.left : split.right;
        continue;
      }
      if (is_leaf(at) && groups_.leaf_is_deep[leaf_of(at)] != 0) add_leaf(leaf_of(at), scale, sum);
      for (;;) {
        if (decisions.empty()) return;
        const Decision& last = decisions.back();
        if (space_.state[last.player] == explicand_alone) {
          space_.state[last.player] = background_alone;
          sum = with() + tree_.width;
          at = last.other;
          break;
        }
        space_.state[last.player] = both;
        const double* with_it = with();
        const double* without = with_it + tree_.width;
        double* value = values_ + last.player * n_outputs_;
        scale = last.scale;
        decisions.pop_back();
        sum = decisions.empty() ? space_.sums.data() : with();
        if (!decisions.empty() && space_.state[decisions.back().player] == background_alone) sum += tree_.width;
        for (std::size_t k = 0; k < tree_.width; ++k) {
          value[k] += 2 * (with_it[k] - without[k]);
          sum[k] += with_it[k] + without[k];
        }
      }
    }
  }

 private:
  // The sums of the player that was decided last: with it, and after that without it.
  double* with() const { return space_.sums.data() + (2 * space_.decisions.size() - 1) * tree_.width; }

  // Follows splits that decide no player. Returns false at a leaf, and where no leaf below is deep.
  bool is_decision(Child& at) const {
    while (!is_leaf(at)) {
      if (groups_.split_is_deep[split_of(at)] == 0) return false;
      const Split& split = tree_.splits[split_of(at)];
      const bool explicand_left = explicand_.goes_left(split), background_left = background_.goes_left(split);
      const std::uint8_t decider = space_.state[split.player];
      if (decider == both && explicand_left != background_left) return true;
      at = (decider == background_alone ? background_left : explicand_left) ? split.left : split.right;
    }
    return false;
  }

  void add_leaf(std::size_t index, double scale, double* sum) {
    const std::span<const double> leaf = tree_.leaf(index);
    for (std::size_t k = 0; k < tree_.width; ++k) sum[k] += leaf[k] * scale;
    const std::span<const Term> terms = tree_.terms_of(index);
    if (!terms.empty()) add_terms(terms, tree_.intercepts[index] - leaf[0], scale, sum[0]);
  }

  // The sum holds the leaf's value. If no cell of the terms is missing, the difference between the linear output and
  // the value comes on top. That is a further condition for each player with terms. If only one row passes a player,
  // that row's terms count in the mean. Otherwise, the mean of both rows' terms counts, and the player gets their
  // difference.
  void add_terms(std::span<const Term> terms, double beyond, double scale, double& sum) {
    std::vector<PlayerTerms>& players = space_.player_terms;
    players.clear();
    for (const Term& term : terms) {
      if (players.empty() || players.back().player != term.player) {
        const std::uint8_t decider = space_.state[term.player];
        players.push_back({term.player, 0, 0, decider != background_alone, decider != explicand_alone});
      }
      PlayerTerms& player = players.back();
      const double x = explicand_.cells[term.feature], b = background_.cells[term.feature];
      player.explicand_passes &= !std::isnan(x);
      player.background_passes &= !std::isnan(b);
      player.explicand += term.coefficient * x;
      player.background += term.coefficient * b;
    }
    double mean = beyond;
    for (const PlayerTerms& player : players) {
      if (!player.explicand_passes && !player.background_passes) return;
      if (player.explicand_passes && player.background_passes) {
        mean += (player.explicand + player.background) / 2;
        continue;
      }
      mean += player.explicand_passes ? player.explicand : player.background;
      if (space_.state[player.player] == both) scale /= 2;
    }
    for (const PlayerTerms& player : players) {
      double& value = values_[player.player * n_outputs_];
      if (player.explicand_passes && player.background_passes)
        value += scale * (player.explicand - player.background);
      else if (space_.state[player.player] == both)
        value += (player.explicand_passes ? 2 : -2) * scale * mean;
    }
    sum += scale * mean;
  }

  const Tree& tree_;
  const Groups& groups_;
  CodedRow explicand_, background_;
  std::size_t n_outputs_;
  WalkSpace& space_;
  double* values_;
};

class ShareWalk {
 public:
  ShareWalk(const Tree& tree, const Groups& groups, CodedRow explicand, std::size_t n_outputs, WalkSpace& space,
            double* values)
      : tree_(tree),
        groups_(groups),
        explicand_(explicand),
        n_outputs_(n_outputs),
        space_(space),
        values_(values + tree.first_output) {}

  void walk() {
    std::vector<Branch>& branches = space_.branches;
    branches.clear();
    for (Child at = tree_.root;;) {
      if (!is_leaf(at) && groups_.split_is_deep[split_of(at)] != 0) {
        const Split& split = tree_.splits[split_of(at)];
        std::uint8_t& seen = space_.state[split.player];
        branches.push_back({split_of(at), true, seen == 0, space_.share[split.player], space_.fails[split.player]});
        if (seen == 0) {
          seen = 1;
          space_.path.push_back(split.player);
        }
        at = follow(branches.back());
        continue;
      }
      if (is_leaf(at) && groups_.leaf_is_deep[leaf_of(at)] != 0) add_leaf(tree_.leaf(leaf_of(at)));
      for (;; branches.pop_back()) {
        if (branches.empty()) return;
        Branch& branch = branches.back();
        if (branch.left) {
          branch.left = false;
          at = follow(branch);
          break;
        }
        const std::uint32_t player = tree_.splits[branch.split].player;
        space_.share[player] = branch.share;
        space_.fails[player] = branch.fails;
        if (branch.is_new) {
          space_.state[player] = 0;
          space_.path.pop_back();
        }
      }
    }
  }

 private:
  // Goes to the side of a branch.
  Child follow(const Branch& branch) {
    const Split& split = tree_.splits[branch.split];
    space_.share[split.player] = branch.share * (branch.left ? split.left_share : split.right_share);
    space_.fails[split.player] = branch.fails + (branch.left == explicand_.goes_left(split) ? 0 : 1);
    return branch.left ? split.left : split.right;
  }

  void add_leaf(std::span<const double> leaf) {
    double worth = 2;
    for (const std::uint32_t player : space_.path)
      worth *= ((space_.fails[player] == 0 ? 1 : 0) + space_.share[player]) / 2;
    if (worth == 0) return;  // if no row passes a player, neither it nor any other player makes a difference
    for (const std::uint32_t player : space_.path) {
      const double share = space_.share[player];
      const double gain = space_.fails[player] == 0 ? worth * ((1 - share) / (1 + share)) : -worth;
      double* value = values_ + player * n_outputs_;
      for (std::size_t k = 0; k < tree_.width; ++k) value[k] += gain * leaf[k];
    }
  }

  const Tree& tree_;
  const Groups& groups_;
  CodedRow explicand_;
  std::size_t n_outputs_;
  WalkSpace& space_;
  double* values_;
};

}  // namespace

double linear_output(const Tree& tree, std::size_t leaf, const double* cells) {
  double output = tree.intercepts[leaf];
  for (const Term& term : tree.terms_of(leaf)) {
    const double cell = cells[term.feature];
    if (std::isnan(cell)) return tree.leaf(leaf)[0];
    output += term.coefficient * cell;
  }
  return output;
}

void walk_pair(const Tree& tree, const Groups& groups, CodedRow explicand, CodedRow background, double scale,
               std::size_t n_outputs, WalkSpace& space, double* values) {
  // Two sums for each decided player, and one for the root.
  const std::size_t most_decided = std::min(tree.depth, space.state.size());
  if (space.sums.size() < (2 * most_decided + 1) * tree.width) space.sums.resize((2 * most_decided + 1) * tree.width);
  PairWalk(tree, groups, explicand, background, n_outputs, space, values).walk(scale);
}

void walk_shares(const Tree& tree, const Groups& groups, CodedRow explicand, std::size_t n_outputs, WalkSpace& space,
                 double* values) {
  ShareWalk(tree, groups, explicand, n_outputs, space, values).walk();
}

}  // namespace banzhaf::trees
