// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Walks to the leaves that some coalition reaches, and no others.
#include "trees/walk.hpp"

#include <algorithm>
#include <span>

namespace banzhaf::trees {
namespace {

// Who decides a player's splits on the way: both rows so far, or one alone.
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

  // Adds to sum the leaves below, each times scale / 2^(players decided on the way).
  void visit(Child at, double scale, std::size_t n_decided, double* sum) {
    while (!is_leaf(at)) {
      if (groups_.split_is_deep[split_of(at)] == 0) return;
      const Split& split = tree_.splits[split_of(at)];
      const bool explicand_left = explicand_.goes_left(split), background_left = background_.goes_left(split);
      std::uint8_t& decider = space_.state[split.player];
      if (decider == both && explicand_left != background_left) {
        double* with = space_.sums.data() + (2 * n_decided + 1) * tree_.width;
        double* without = with + tree_.width;
        std::fill_n(with, 2 * tree_.width, 0.0);
        decider = explicand_alone;
        visit(explicand_left ? split.left : split.right, scale / 2, n_decided + 1, with);
        decider = background_alone;
        visit(background_left ? split.left : split.right, scale / 2, n_decided + 1, without);
        decider = both;
        double* value = values_ + split.player * n_outputs_;
        for (std::size_t k = 0; k < tree_.width; ++k) {
          value[k] += 2 * (with[k] - without[k]);
          sum[k] += with[k] + without[k];
        }
        return;
      }
      at = (decider == background_alone ? background_left : explicand_left) ? split.left : split.right;
    }
    if (groups_.leaf_is_deep[leaf_of(at)] == 0) return;
    const std::span<const double> leaf = tree_.leaf(leaf_of(at));
    for (std::size_t k = 0; k < tree_.width; ++k) sum[k] += leaf[k] * scale;
  }

 private:
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

  void visit(Child at) {
    if (is_leaf(at)) {
      if (groups_.leaf_is_deep[leaf_of(at)] != 0) add_leaf(tree_.leaf(leaf_of(at)));
      return;
    }
    if (groups_.split_is_deep[split_of(at)] == 0) return;
    const Split& split = tree_.splits[split_of(at)];
    const bool goes_left = explicand_.goes_left(split);
    std::uint8_t& seen = space_.state[split.player];
    const bool is_new = seen == 0;
    if (is_new) {
      seen = 1;
      space_.path.push_back(split.player);
    }
    const double share = space_.share[split.player];
    const std::uint32_t fails = space_.fails[split.player];
    for (const bool left : {true, false}) {
      space_.share[split.player] = share * (left ? split.left_share : split.right_share);
      space_.fails[split.player] = fails + (left == goes_left ? 0 : 1);
      visit(left ? split.left : split.right);
    }
    space_.share[split.player] = share;
    space_.fails[split.player] = fails;
    if (is_new) {
      seen = 0;
      space_.path.pop_back();
    }
  }

 private:
  void add_leaf(std::span<const double> leaf) {
    double worth = 2;
    for (const std::uint32_t player : space_.path)
      worth *= ((space_.fails[player] == 0 ? 1 : 0) + space_.share[player]) / 2;
    if (worth == 0) return;  // a player whom no way passes makes no difference, and leaves none to the others
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

void walk_pair(const Tree& tree, const Groups& groups, CodedRow explicand, CodedRow background, double scale,
               std::size_t n_outputs, WalkSpace& space, double* values) {
  // Two sums for each player decided on the way, and one for the root.
  const std::size_t most_decided = std::min(tree.depth, space.state.size());
  if (space.sums.size() < (2 * most_decided + 1) * tree.width) space.sums.resize((2 * most_decided + 1) * tree.width);
  PairWalk(tree, groups, explicand, background, n_outputs, space, values).visit(tree.root, scale, 0, space.sums.data());
}

void walk_shares(const Tree& tree, const Groups& groups, CodedRow explicand, std::size_t n_outputs, WalkSpace& space,
                 double* values) {
  space.fails.resize(space.state.size());
  ShareWalk(tree, groups, explicand, n_outputs, space, values).visit(tree.root);
}

}  // namespace banzhaf::trees
