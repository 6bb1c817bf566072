// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Walks to the leaves that some coalition reaches, and to no others.
#include "trees/walk.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "trees/traversal.hpp"

namespace banzhaf::trees {
namespace {

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
    scale_ = scale;
    sum_ = space_.sums.data();
    walk_with_both(tree_, groups_, explicand_, background_, space_, *this);
  }

  void begin() {
    space_.decisions.back().scale = scale_;
    sum_ = with(space_.decisions.size());
    std::fill_n(sum_, 2 * tree_.width, 0.0);
    scale_ /= 2;
  }

  void turn() { sum_ = with(space_.decisions.size()) + tree_.width; }

  void end(const Decision& last) {
    const std::vector<Decision>& decisions = space_.decisions;
    const double* with_it = with(decisions.size() + 1);
    const double* without = with_it + tree_.width;
    double* value = values_ + last.player * n_outputs_;
    scale_ = last.scale;
    sum_ = decisions.empty() ? space_.sums.data() : with(decisions.size());
    if (!decisions.empty() && space_.state[decisions.back().player] == background_alone) sum_ += tree_.width;
    for (std::size_t k = 0; k < tree_.width; ++k) {
      value[k] += 2 * (with_it[k] - without[k]);
      sum_[k] += with_it[k] + without[k];
    }
  }

  void leaf(std::size_t index) {
    const std::span<const double> values = tree_.leaf(index);
    for (std::size_t k = 0; k < tree_.width; ++k) sum_[k] += values[k] * scale_;
    const std::span<const Term> terms = tree_.terms_of(index);
    if (!terms.empty()) add_terms(terms, tree_.intercepts[index] - values[0], scale_, sum_[0]);
  }

 private:
  // The sums of the player that was decided last of so many: with it, and after that without it.
  double* with(std::size_t n_decided) const { return space_.sums.data() + (2 * n_decided - 1) * tree_.width; }

  // The sum holds the leaf's value. If no cell of the terms is missing, the difference between the linear output and
  // the value comes on top. That is a further condition for each player with terms. If only one row passes a player,
  // that row's terms count in the mean. Otherwise, the mean of both rows' terms counts, and the player gets their
  // difference.
  void add_terms(std::span<const Term> terms, double beyond, double scale, double& sum) {
    std::vector<PlayerTerms>& players = space_.player_terms;
    collect_terms(terms, explicand_, background_, space_.state, players);
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
  double scale_ = 0;
  double* sum_ = nullptr;
};

}  // namespace

void collect_terms(std::span<const Term> terms, CodedRow explicand, CodedRow background,
                   const std::vector<std::uint8_t>& state, std::vector<PlayerTerms>& players) {
  players.clear();
  for (const Term& term : terms) {
    if (players.empty() || players.back().player != term.player) {
      const std::uint8_t decider = state[term.player];
      players.push_back({term.player, 0, 0, decider != background_alone, decider != explicand_alone});
    }
    PlayerTerms& player = players.back();
    const double x = explicand.cells[term.feature], b = background.cells[term.feature];
    player.explicand_passes &= !std::isnan(x);
    player.background_passes &= !std::isnan(b);
    player.explicand += term.coefficient * x;
    player.background += term.coefficient * b;
  }
}

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
  walk_with_covers(tree, groups, explicand, space, [&](std::size_t index) {
    const std::span<const double> leaf = tree.leaf(index);
    double worth = 2;
    for (const std::uint32_t player : space.path)
      worth *= ((space.fails[player] == 0 ? 1 : 0) + space.share[player]) / 2;
    if (worth == 0) return;  // if no row passes a player, neither it nor any other player makes a difference
    for (const std::uint32_t player : space.path) {
      const double share = space.share[player];
      const double gain = space.fails[player] == 0 ? worth * ((1 - share) / (1 + share)) : -worth;
      double* value = values + tree.first_output + player * n_outputs;
      for (std::size_t k = 0; k < tree.width; ++k) value[k] += gain * leaf[k];
    }
  });
}

}  // namespace banzhaf::trees
