// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Finds the sets of each group, and sums the indices of its leaves.
#include "trees/indices.hpp"

#include <algorithm>
#include <bit>

namespace banzhaf::trees {
namespace {

// The numbers of the sets of players of leaves.
class Numbering {
 public:
  Numbering(const Tree& tree, const Groups& groups, const Sets& sets, std::size_t n_outputs)
      : tree_(tree), groups_(groups), sets_(sets), n_outputs_(n_outputs) {}

  // The number of the set of those of a leaf's players whose bits are set.
  std::size_t number_of(const Group& group, std::span<const PathPlayer> players, Code members) {
    chosen_.clear();
    for (unsigned bits = members; bits != 0; bits &= bits - 1) {
      const std::uint32_t slot = players[static_cast<std::size_t>(std::countr_zero(bits))].slot;
      chosen_.push_back(static_cast<std::uint32_t>(groups_.slots[group.first_slot + slot * tree_.width] / n_outputs_));
    }
    std::sort(chosen_.begin(), chosen_.end());
    std::size_t number = 0;
    for (std::size_t place = 0; place < chosen_.size(); ++place) number += sets_.part(place, chosen_[place]);
    return number;
  }

 private:
  const Tree& tree_;
  const Groups& groups_;
  const Sets& sets_;
  std::size_t n_outputs_;
  std::vector<std::uint32_t> chosen_;
};

std::span<const PathPlayer> players_of(const Groups& groups, const Leaf& leaf) {
  return {groups.players.data() + leaf.first_player, leaf.n_players};
}

}  // namespace

GroupSets sets_of_groups(const Tree& tree, const Groups& groups, const Sets& sets, std::size_t n_outputs) {
  GroupSets found;
  found.first.push_back(0);
  Numbering numbering(tree, groups, sets, n_outputs);
  std::vector<std::size_t> numbers;
  for (const Group& group : groups.groups) {
    numbers.clear();
    for (std::size_t l = group.first_leaf; l < group.first_leaf + group.n_leaves; ++l) {
      const std::span players = players_of(groups, groups.leaves[l]);
      for (unsigned members = 0; members < 1U << players.size(); ++members)
        if (static_cast<std::size_t>(std::popcount(members)) == sets.size())
          numbers.push_back(numbering.number_of(group, players, static_cast<Code>(members)));
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    found.numbers.insert(found.numbers.end(), numbers.begin(), numbers.end());
    found.first.push_back(found.numbers.size());
  }
  return found;
}

void make_index_table(const Tree& tree, const Groups& groups, const Group& group, std::span<const std::size_t> numbers,
                      const Sets& sets, std::size_t n_outputs, const double* counts, double scale,
                      const Measure& measure, IndexTableSpace& space, double* table) {
  const std::size_t n_patterns = group.n_patterns();
  std::fill_n(table, numbers.size() * tree.width * n_patterns, 0.0);
  Numbering numbering(tree, groups, sets, n_outputs);
  space.local.resize(n_patterns);
  for (std::size_t l = group.first_leaf; l < group.first_leaf + group.n_leaves; ++l) {
    const Leaf& leaf = groups.leaves[l];
    const std::span players = players_of(groups, leaf);
    find_passed(players, space.local);
    if (counts != nullptr) {
      space.counts.assign(std::size_t{1} << players.size(), 0.0);
      for (std::size_t p = 0; p < n_patterns; ++p) space.counts[space.local[p]] += counts[p];
    }
    find_leaf_gains(players, sets.size(), counts != nullptr ? space.counts.data() : nullptr, measure, space.leaf);
    const std::span<const double> values = tree.leaf(leaf.index);
    for (std::size_t s = 0; s < space.leaf.members.size(); ++s) {
      const double* gains = space.leaf.gains.data() + (s << players.size());
      const std::size_t number = numbering.number_of(group, players, space.leaf.members[s]);
      const auto place =
          static_cast<std::size_t>(std::lower_bound(numbers.begin(), numbers.end(), number) - numbers.begin());
      for (std::size_t k = 0; k < tree.width; ++k) {
        const double value = values[k] * scale;
        double* entries = table + (place * tree.width + k) * n_patterns;
        for (std::size_t p = 0; p < n_patterns; ++p) entries[p] += value * gains[space.local[p]];
      }
    }
  }
}

void add_index_entries(const Tree& tree, const Group& group, std::span<const std::size_t> numbers, const double* table,
                       const Code* patterns, std::size_t n_rows, IndexRow row) {
  for (const std::size_t number : numbers) {
    double* values = row.values + (number * row.n_outputs + tree.first_output) * row.stride;
    for (std::size_t k = 0; k < tree.width; ++k, values += row.stride, table += group.n_patterns())
      for (std::size_t r = 0; r < n_rows; ++r) values[r] += table[patterns[r]];
  }
}

void transpose(std::span<double> matrix, std::size_t n_rows, std::vector<double>& space) {
  constexpr std::size_t side = 16;
  const std::size_t n_columns = matrix.size() / n_rows;
  space.assign(matrix.begin(), matrix.end());
  for (std::size_t first = 0; first < n_rows; first += side)
    for (std::size_t c = 0; c < n_columns; ++c)
      for (std::size_t r = first; r < std::min(first + side, n_rows); ++r)
        matrix[c * n_rows + r] = space[r * n_columns + c];
}

}  // namespace banzhaf::trees
