// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A leaf of worth w adds w times one factor per player on its path to the game, so its values are products too.
#include "trees/groups.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "formats/checksum.hpp"
#include "kernels/kernels.hpp"

namespace banzhaf::trees {
namespace {

constexpr Code rightmost = std::numeric_limits<Code>::max();
constexpr std::size_t most_bits = 12;        // of a pattern, whose type has 16
constexpr std::uint64_t tables_version = 1;  // grows when make_table computes other numbers
constexpr std::size_t most_ranges = 128;  // on the path of a group, so that there are few tests however deep a chain is

// The codes that pass a split to one side.
struct Range {
  std::uint32_t column;
  unsigned low, high;
};

Range range_of(const Split& split, bool left) {
  const unsigned most = split.test.most;
  return left ? Range{split.test.column, 0, most} : Range{split.test.column, most + 1, rightmost};
}

// A player's part in the path from the root to the current place of the search.
struct Above {
  std::uint32_t player;
  std::vector<Range> ranges;
  double share;
};

class Grouping {
 public:
  Grouping(const Tree& tree, std::size_t n_outputs, const TreeLimits& limits, Groups& out)
      : tree_(tree), n_outputs_(n_outputs), limits_(limits), out_(out) {
    n_leaves_.resize(tree.splits.size());
    n_splits_.resize(tree.splits.size());
    // In preorder, children come after their parents.
    for (std::size_t v = tree.splits.size(); v-- > 0;) {
      n_splits_[v] = 1;
      n_leaves_[v] = 0;
      for (const Child child : {tree.splits[v].left, tree.splits[v].right}) {
        n_splits_[v] += is_leaf(child) ? 0 : n_splits_[split_of(child)];
        n_leaves_[v] += is_leaf(child) ? 1 : n_leaves_[split_of(child)];
      }
    }
    out.leaf_is_deep.resize(tree.n_leaves());
    out.split_is_deep.resize(tree.splits.size());
  }

  // Sorts the leaves into groups and deep leaves. It has its own stack, because a tree may be deeper than the thread's.
  void search() {
    struct Step {
      std::size_t split;
      bool left;      // the side that is searched now
      bool deep;      // whether some leaf below is in no group
      Change change;  // of the path, by this side
    };
    std::vector<Step> steps;
    for (Child at = tree_.root;;) {
      if (is_unsettled(at)) {
        const Split& split = tree_.splits[split_of(at)];
        steps.push_back({split_of(at), true, false, descend(split, true)});
        at = split.left;
        continue;
      }
      bool deep = is_leaf(at) ? out_.leaf_is_deep[leaf_of(at)] != 0 : out_.split_is_deep[split_of(at)] != 0;
      for (;; steps.pop_back()) {
        if (steps.empty()) return;
        Step& step = steps.back();
        const Split& split = tree_.splits[step.split];
        step.deep |= deep;
        ascend(step.change);
        if (step.left) {
          step.left = false;
          step.change = descend(split, false);
          at = split.right;
          break;
        }
        deep = step.deep;
        out_.split_is_deep[step.split] = deep ? 1 : 0;
      }
    }
  }

 private:
  // A change of the path above by a split.
  struct Change {
    std::size_t place;  // of the player
    bool is_new;        // whether the player is new
    bool is_added;      // whether the range is new to the player
    std::size_t range;  // otherwise, the range that was made narrower
    Range before;       // the range before the change
    double share_before;
  };

  // Makes a group of the subtree, or marks its leaves as deep, or returns that it must be searched.
  bool is_unsettled(Child at) {
    if (!tree_.is_linear() && fits(at)) {
      add_group(at);
      return false;
    }
    if (is_leaf(at)) {
      add_deep_leaf(at);
      return false;
    }
    if (!tree_.is_linear() && above_.size() <= most_bits && n_ranges_ <= most_ranges) return true;
    // There is no group below, because the path above has too many players or tests.
    const std::size_t v = split_of(at);
    for (std::size_t s = v; s < v + n_splits_[v]; ++s) {
      out_.split_is_deep[s] = 1;
      for (const Child child : {tree_.splits[s].left, tree_.splits[s].right})
        if (is_leaf(child)) add_deep_leaf(child);
    }
    return false;
  }

  void add_deep_leaf(Child at) {
    out_.leaf_is_deep[leaf_of(at)] = 1;
    ++out_.n_deep_leaves;
  }

  // Adds a split to the path.
  Change descend(const Split& split, bool left) {
    const Range range = range_of(split, left);
    const double share = left ? split.left_share : split.right_share;
    const auto found =
        std::find_if(above_.begin(), above_.end(), [&](const Above& a) { return a.player == split.player; });
    const auto place = static_cast<std::size_t>(found - above_.begin());
    if (found == above_.end()) {
      above_.push_back({split.player, {range}, share});
      ++n_ranges_;
      return {place, true, true, 0, {}, 0};
    }
    Change change{place, false, false, 0, {}, found->share};
    found->share *= share;
    for (; change.range < found->ranges.size(); ++change.range) {
      Range& other = found->ranges[change.range];
      // Two tests of one column become one, unless no code passes both.
      const unsigned low = std::max(other.low, range.low), high = std::min(other.high, range.high);
      if (other.column == range.column && low <= high) {
        change.before = other;
        other.low = low;
        other.high = high;
        return change;
      }
    }
    found->ranges.push_back(range);
    ++n_ranges_;
    change.is_added = true;
    return change;
  }

  // Removes a split from the path.
  void ascend(const Change& change) {
    Above& above = above_[change.place];
    if (change.is_new) {
      above_.pop_back();
      --n_ranges_;
      return;
    }
    above.share = change.share_before;
    if (change.is_added) {
      above.ranges.pop_back();
      --n_ranges_;
    } else {
      above.ranges[change.range] = change.before;
    }
  }

  // Returns the players of the path and the subtree. Those of the path come first, in the order of their first splits.
  const std::vector<std::uint32_t>& players_of(Child at) {
    std::vector<std::uint32_t>& players = players_;
    players.clear();
    for (const Above& a : above_) players.push_back(a.player);
    const std::size_t n_above = players.size();
    if (!is_leaf(at)) {
      const std::size_t v = split_of(at);
      for (std::size_t s = v; s < v + n_splits_[v]; ++s) players.push_back(tree_.splits[s].player);
    }
    const auto first = players.begin() + static_cast<std::ptrdiff_t>(n_above);
    std::sort(first, players.end());
    auto last = std::unique(first, players.end());
    last = std::remove_if(first, last, [&](std::uint32_t p) { return std::find(players.begin(), first, p) != first; });
    players.erase(last, players.end());
    return players;
  }

  bool fits(Child at) {
    if (above_.empty() && is_leaf(at)) return true;  // a tree with one leaf gives no player anything
    const std::size_t n_splits = is_leaf(at) ? 0 : n_splits_[split_of(at)];
    const std::size_t n_leaves = is_leaf(at) ? 1 : n_leaves_[split_of(at)];
    const std::size_t n_bits = above_.size() + n_splits;
    if (n_bits > most_bits) return false;
    const std::size_t entries = (players_of(at).size() * tree_.width) << n_bits;
    if (entries <= limits_.shared_entries * n_leaves) return true;
    // It does not get better further down, because the two leaves of a split share their whole path.
    return n_splits <= 1 && entries <= limits_.most_entries * n_leaves;
  }

  void add_group(Child at) {
    Group group{};
    group.first_test = out_.tests.size();
    group.first_slot = out_.slots.size();
    group.first_leaf = out_.leaves.size();
    if (above_.empty() && is_leaf(at)) return;
    unsigned n_bits = 0;
    for (const Above& a : above_) {
      bool joined = false;
      for (const Range& range : a.ranges) {
        add_test(range, n_bits, joined);
        joined = true;
      }
      ++n_bits;
    }
    for (const std::uint32_t player : players_of(at))
      for (std::size_t k = 0; k < tree_.width; ++k)
        out_.slots.push_back(static_cast<std::uint32_t>(player * n_outputs_ + tree_.first_output + k));
    path_.clear();
    for (std::size_t p = 0; p < above_.size(); ++p)
      path_.push_back(
          {static_cast<std::uint32_t>(p), static_cast<Code>(1U << p), static_cast<Code>(1U << p), above_[p].share});
    add_below(at, n_bits);
    group.n_bits = n_bits;
    group.n_tests = out_.tests.size() - group.first_test;
    group.n_slots = out_.slots.size() - group.first_slot;
    group.n_leaves = out_.leaves.size() - group.first_leaf;
    out_.n_entries += group.n_entries();
    out_.groups.push_back(group);
  }

  void add_test(const Range& range, unsigned bit, bool joined) {
    out_.tests.push_back({range.column, static_cast<Code>(range.low), static_cast<Code>(range.high - range.low),
                          static_cast<Code>(1U << bit), joined});
  }

  // Adds the bits of the subtree's splits in preorder, and its leaves. There are at most most_bits levels.
  void add_below(Child at, unsigned& n_bits) {
    if (is_leaf(at)) {
      out_.leaves.push_back({leaf_of(at), out_.players.size(), path_.size()});
      out_.players.insert(out_.players.end(), path_.begin(), path_.end());
      return;
    }
    const Split& split = tree_.splits[split_of(at)];
    const auto bit = static_cast<Code>(1U << n_bits);
    add_test(range_of(split, true), n_bits++, false);
    const auto slot =
        static_cast<std::uint32_t>(std::find(players_.begin(), players_.end(), split.player) - players_.begin());
    for (const bool left : {true, false}) {
      const double share = left ? split.left_share : split.right_share;
      const Code wanted = left ? bit : Code{0};
      const auto found = std::find_if(path_.begin(), path_.end(), [&](const PathPlayer& p) { return p.slot == slot; });
      const auto place = static_cast<std::size_t>(found - path_.begin());
      const bool is_new = found == path_.end();
      if (is_new) path_.push_back({slot, 0, 0, 1.0});
      PathPlayer& player = path_[place];
      const PathPlayer before = player;
      player.mask = static_cast<Code>(player.mask | bit);
      player.wanted = static_cast<Code>(player.wanted | wanted);
      player.share *= share;
      add_below(left ? split.left : split.right, n_bits);
      if (is_new)
        path_.pop_back();
      else
        path_[place] = before;
    }
  }

  const Tree& tree_;
  std::size_t n_outputs_;
  const TreeLimits& limits_;
  Groups& out_;
  std::vector<std::size_t> n_leaves_, n_splits_;
  std::vector<Above> above_;
  std::size_t n_ranges_ = 0;            // of all players above
  std::vector<std::uint32_t> players_;  // of players_of
  std::vector<PathPlayer> path_;
};

// Interventional: worths[q] is what a row that passes at least the players q gets from the leaf, summed over the
// background. The factor of a player is 1 if both rows pass, 1/2 if one does, and 0 if neither does.
void weigh_background(std::span<double> worths, std::size_t n_players) {
  for (std::size_t half = 1; half < std::size_t{1} << n_players; half *= 2)
    for (std::size_t first = 0; first < worths.size(); first += 2 * half)
      for (std::size_t q = first; q < first + half; ++q) {
        const double failed = worths[q], passed = worths[q + half];
        worths[q] = passed / 2;
        worths[q + half] = failed / 2 + passed;
      }
}

// Path-dependent: the factor of a player is (1 + share) / 2 if the row passes, otherwise share / 2.
void weigh_shares(std::span<const PathPlayer> players, std::span<double> worths) {
  worths[0] = 1;
  for (std::size_t j = 0; j < players.size(); ++j) {
    const std::size_t half = std::size_t{1} << j;
    for (std::size_t q = 0; q < half; ++q) {
      worths[q + half] = worths[q] * ((1 + players[j].share) / 2);
      worths[q] *= players[j].share / 2;
    }
  }
}

// Finds the difference that each player makes if all others are in with probability 1/2.
void find_halved_gains(std::span<const PathPlayer> players, bool interventional, TableSpace& space) {
  const std::size_t n = players.size();
  if (interventional)
    weigh_background(space.worths, n);
  else
    weigh_shares(players, space.worths);
  // The difference that a player makes, from the factors of both kinds of rows.
  space.gains.resize(space.worths.size() * n);
  for (std::size_t q = 0; q < space.worths.size(); ++q) {
    const double worth = space.worths[q];
    for (std::size_t j = 0; j < n; ++j) {
      const bool passed = ((q >> j) & 1U) != 0;
      double gain = -2 * worth;
      if (passed && interventional) gain = 2 * worth - 4 * space.worths[q ^ (std::size_t{1} << j)];
      if (passed && !interventional) gain = 2 * worth * ((1 - players[j].share) / (1 + players[j].share));
      space.gains[q * n + j] = gain;
    }
  }
}

void find_other_gains(std::span<const PathPlayer> players, bool interventional, double p, TableSpace& space) {
  const std::size_t n = players.size(), n_passed = space.worths.size();
  find_leaf_gains(players, 1, interventional ? space.worths.data() : nullptr, Measure::fixed(p), space.leaf);
  space.gains.resize(n_passed * n);
  for (std::size_t q = 0; q < n_passed; ++q)
    for (std::size_t j = 0; j < n; ++j) space.gains[q * n + j] = space.leaf.gains[j * n_passed + q];
}

}  // namespace

Groups group_leaves(const Tree& tree, std::size_t n_outputs, const TreeLimits& limits) {
  Groups groups;
  Grouping(tree, n_outputs, limits, groups).search();
  return groups;
}

std::uint64_t layout_of(std::span<const Groups> groups, double p) {
  std::vector<std::uint64_t> words{tables_version, groups.size()};
  if (p != 0.5) words.push_back(std::bit_cast<std::uint64_t>(p));
  for (const Groups& tree : groups) {
    words.insert(words.end(), {tree.groups.size(), tree.tests.size(), tree.slots.size(), tree.leaves.size(),
                               tree.players.size(), tree.n_deep_leaves, tree.n_entries});
    for (const Group& g : tree.groups)
      words.insert(words.end(), {g.first_test, g.n_tests, g.first_slot, g.n_slots, g.first_leaf, g.n_leaves, g.n_bits});
    for (const BitTest& test : tree.tests) {
      words.push_back(std::uint64_t{test.column} << 32 | std::uint64_t{test.low} << 16 | test.width);
      words.push_back(std::uint64_t{test.bit} << 1 | (test.joined ? 1U : 0U));
    }
    words.insert(words.end(), tree.slots.begin(), tree.slots.end());
    for (const Leaf& leaf : tree.leaves) words.insert(words.end(), {leaf.index, leaf.first_player, leaf.n_players});
    for (const PathPlayer& player : tree.players) {
      words.push_back(std::uint64_t{player.slot} << 32 | std::uint64_t{player.mask} << 16 | player.wanted);
      words.push_back(std::bit_cast<std::uint64_t>(player.share));
    }
  }
  return std::max<std::uint64_t>(1, formats::checksum(std::as_bytes(std::span(words))));
}

void find_patterns(const Groups& groups, const Group& group, const Code* codes, std::size_t stride, std::size_t n_rows,
                   Code* patterns) {
  const Kernels& use = kernels();
  std::fill_n(patterns, n_rows, Code{0});
  const BitTest* test = groups.tests.data() + group.first_test;
  for (const BitTest* const last = test + group.n_tests; test < last; ++test) {
    const auto find = test->joined ? use.keep_bits : use.set_bits;
    find(codes + test->column * stride, n_rows, test->low, test->width, test->bit, patterns);
  }
}

void find_passed(std::span<const PathPlayer> players, std::span<Code> passed) {
  for (std::size_t p = 0; p < passed.size(); ++p) {
    unsigned bits = 0;
    for (std::size_t j = 0; j < players.size(); ++j)
      bits |= ((p & players[j].mask) == players[j].wanted ? 1U : 0U) << j;
    passed[p] = static_cast<Code>(bits);
  }
}

void make_table(const Tree& tree, const Groups& groups, const Group& group, const double* counts, double scale,
                double p, TableSpace& space, double* table) {
  const std::size_t n_patterns = group.n_patterns();
  std::fill_n(table, group.n_entries(), 0.0);
  space.local.resize(n_patterns);
  for (std::size_t l = group.first_leaf; l < group.first_leaf + group.n_leaves; ++l) {
    const Leaf& leaf = groups.leaves[l];
    const std::span players(groups.players.data() + leaf.first_player, leaf.n_players);
    const std::size_t n = leaf.n_players;
    find_passed(players, space.local);
    space.worths.assign(std::size_t{1} << n, 0.0);
    if (counts != nullptr)
      for (std::size_t q = 0; q < n_patterns; ++q) space.worths[space.local[q]] += counts[q];
    if (p == 0.5)
      find_halved_gains(players, counts != nullptr, space);
    else
      find_other_gains(players, counts != nullptr, p, space);
    const std::span<const double> values = tree.leaf(leaf.index);
    for (std::size_t k = 0; k < tree.width; ++k) {
      const double value = values[k] * scale;
      for (std::size_t q = 0; q < n_patterns; ++q) {
        const double* gains = space.gains.data() + space.local[q] * n;
        double* entry = table + q * group.n_slots + k;
        for (std::size_t j = 0; j < n; ++j) entry[players[j].slot * tree.width] += value * gains[j];
      }
    }
  }
}

}  // namespace banzhaf::trees
