// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A leaf's worth is a product of one factor for each player. So the index of a set is the product of its players'
// differences and of the other players' mean factors.
#include "trees/index_walk.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "trees/traversal.hpp"

namespace banzhaf::trees {
namespace {

void sort_members(std::vector<Member>& members) {
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.player < b.player; });
}

class PairIndexWalk {
 public:
  PairIndexWalk(const Tree& tree, const Groups& groups, CodedRow explicand, CodedRow background, double scale,
                const Sets& sets, const Measure& measure, IndexSpace& space, IndexRow row)
      : tree_(tree),
        groups_(groups),
        explicand_(explicand),
        background_(background),
        scale_(scale),
        sets_(sets),
        measure_(measure),
        space_(space),
        row_(row) {}

  void walk() { walk_with_both(tree_, groups_, explicand_, background_, space_.walk, *this); }

  void begin() {}
  void turn() {}
  void end(const Decision&) {}

  void leaf(std::size_t index) {
    const std::span<const double> values = tree_.leaf(index);
    members_.clear();
    std::size_t n_passing = 0;
    for (const Decision& decision : space_.walk.decisions) {
      const bool passes = space_.walk.state[decision.player] == explicand_alone;
      members_.push_back({decision.player, passes, false, 0});
      n_passing += passes ? 1 : 0;
    }
    const std::size_t n_failing = members_.size() - n_passing;
    weigh(sets_.size(), n_passing, n_failing, {1, 0, 0}, weights_of_whole());
    if (members_.size() >= sets_.size()) {
      sort_members(members_);
      add_sets(values);
    }
    const std::span<const Term> terms = tree_.terms_of(index);
    if (!terms.empty()) add_terms(terms, tree_.intercepts[index] - values[0], n_passing, n_failing);
  }

 private:
  // The mean of a leaf over the players that are not decided: constant + p * explicand + (1 - p) * background.
  struct Mean {
    double constant, explicand, background;
  };

  // Sets weights[t] to the index of a set of `size` decided players of which the explicand passes t.
  void weigh(std::size_t size, std::size_t n_passing, std::size_t n_failing, const Mean& mean, double* weights) const {
    for (std::size_t t = 0; t <= size; ++t) {
      weights[t] = 0;
      if (t > n_passing || size - t > n_failing) continue;
      const std::size_t present = n_passing - t, absent = n_failing - (size - t);
      double weight = mean.constant * measure_.moment(present, absent);
      if (mean.explicand != 0) weight += mean.explicand * measure_.moment(present + 1, absent);
      if (mean.background != 0) weight += mean.background * measure_.moment(present, absent + 1);
      weights[t] = scale_ * ((size - t) % 2 == 0 ? weight : -weight);
    }
  }

  double* weights_of_whole() { return space_.weights.data(); }
  double* weights_of_part() { return space_.weights.data() + sets_.size() + 1; }

  // The linear output less the value comes on top if no cell of the terms is missing. That is a further condition for
  // each player with terms. A set may have one player that both rows pass, which gives the difference of its terms.
  void add_terms(std::span<const Term> terms, double beyond, std::size_t n_passing, std::size_t n_failing) {
    std::vector<PlayerTerms>& players = space_.walk.player_terms;
    collect_terms(terms, explicand_, background_, space_.walk.state, players);
    Mean mean{beyond, 0, 0};
    for (const PlayerTerms& player : players) {
      if (!player.explicand_passes && !player.background_passes) return;
      if (player.explicand_passes && player.background_passes) {
        mean.explicand += player.explicand;
        mean.background += player.background;
        if (player.explicand != player.background)
          members_.push_back({player.player, false, true, player.explicand - player.background});
        continue;
      }
      mean.constant += player.explicand_passes ? player.explicand : player.background;
      if (space_.walk.state[player.player] != both) continue;
      members_.push_back({player.player, player.explicand_passes, false, 0});
      (player.explicand_passes ? n_passing : n_failing) += 1;
    }
    if (members_.size() < sets_.size()) return;
    weigh(sets_.size(), n_passing, n_failing, mean, weights_of_whole());
    weigh(sets_.size() - 1, n_passing, n_failing, {1, 0, 0}, weights_of_part());
    sort_members(members_);
    const double one = 1;
    add_sets({&one, 1});
  }

  void add_sets(std::span<const double> values) { add_sets(values, 0, 0, 0, 0, nullptr); }

  // Completes a set that has `place` members, of which the explicand passes some, and perhaps one with terms.
  void add_sets(std::span<const double> values, std::size_t first, std::size_t place, std::size_t number,
                std::size_t n_passing, const Member* with_terms) {
    const std::size_t last = members_.size() - (sets_.size() - place) + 1;
    for (std::size_t m = first; m < last; ++m) {
      const Member& member = members_[m];
      if (member.has_terms && with_terms != nullptr) continue;
      const Member* terms = member.has_terms ? &member : with_terms;
      const std::size_t set = number + sets_.part(place, member.player), passing = n_passing + (member.passes ? 1 : 0);
      if (place + 1 < sets_.size()) {
        add_sets(values, m + 1, place + 1, set, passing, terms);
        continue;
      }
      const double weight =
          terms == nullptr ? weights_of_whole()[passing] : terms->difference * weights_of_part()[passing];
      double* value = row_.values + (set * row_.n_outputs + tree_.first_output) * row_.stride;
      for (std::size_t k = 0; k < values.size(); ++k) value[k * row_.stride] += weight * values[k];
    }
  }

  const Tree& tree_;
  const Groups& groups_;
  CodedRow explicand_, background_;
  double scale_;
  const Sets& sets_;
  const Measure& measure_;
  IndexSpace& space_;
  std::vector<Member>& members_ = space_.members;
  IndexRow row_;
};

class ShareIndices {
 public:
  ShareIndices(const Tree& tree, const Sets& sets, const Measure& measure, IndexSpace& space, IndexRow row)
      : tree_(tree), sets_(sets), measure_(measure), space_(space), row_(row) {}

  void add_leaf(std::size_t index) {
    const WalkSpace& walk = space_.walk;
    std::vector<Member>& members = space_.members;
    members.clear();
    for (const std::uint32_t player : walk.path) {
      const bool passes = walk.fails[player] == 0;
      if (!passes && walk.share[player] == 0) return;  // no coalition reaches the leaf
      // A player whose splits send all rows the explicand's way makes no difference.
      if (passes && walk.share[player] == 1) continue;
      members.push_back({player, passes, false, passes ? 1 - walk.share[player] : -walk.share[player]});
    }
    if (members.size() < sets_.size()) return;
    sort_members(members);
    space_.weights.resize(members.size());
    for (const Node& node : measure_.nodes(members.size() - sets_.size())) {
      double worth = node.weight;
      for (std::size_t m = 0; m < members.size(); ++m) {
        const Member& member = members[m];
        const double factor = member.passes ? node.p + (1 - node.p) * walk.share[member.player]
                                            : (1 - node.p) * walk.share[member.player];
        worth *= factor;
        space_.weights[m] = member.difference / factor;
      }
      add_sets(tree_.leaf(index), 0, 0, 0, worth);
    }
  }

 private:
  void add_sets(std::span<const double> values, std::size_t first, std::size_t place, std::size_t number,
                double weight) {
    const std::size_t last = space_.members.size() - (sets_.size() - place) + 1;
    for (std::size_t m = first; m < last; ++m) {
      const std::size_t set = number + sets_.part(place, space_.members[m].player);
      const double changed = weight * space_.weights[m];
      if (place + 1 < sets_.size()) {
        add_sets(values, m + 1, place + 1, set, changed);
        continue;
      }
      double* value = row_.values + (set * row_.n_outputs + tree_.first_output) * row_.stride;
      for (std::size_t k = 0; k < values.size(); ++k) value[k * row_.stride] += changed * values[k];
    }
  }

  const Tree& tree_;
  const Sets& sets_;
  const Measure& measure_;
  IndexSpace& space_;
  IndexRow row_;
};

}  // namespace

void walk_pair_indices(const Tree& tree, const Groups& groups, CodedRow explicand, CodedRow background, double scale,
                       const Sets& sets, const Measure& measure, IndexSpace& space, IndexRow row) {
  space.weights.resize(std::max(space.weights.size(), 2 * sets.size() + 1));
  PairIndexWalk(tree, groups, explicand, background, scale, sets, measure, space, row).walk();
}

void walk_share_indices(const Tree& tree, const Groups& groups, CodedRow explicand, const Sets& sets,
                        const Measure& measure, IndexSpace& space, IndexRow row) {
  ShareIndices indices(tree, sets, measure, space, row);
  walk_with_covers(tree, groups, explicand, space.walk, [&](std::size_t index) { indices.add_leaf(index); });
}

}  // namespace banzhaf::trees
