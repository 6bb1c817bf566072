// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Tables of the indices of sets of players, for groups of leaves. They are made in each call. Unlike the tables of
// values, the entries of a set lie together, because a row has many sets and its place is in no cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trees/groups.hpp"
#include "trees/index_walk.hpp"
#include "trees/leaf_gains.hpp"
#include "trees/measure.hpp"
#include "trees/sets.hpp"
#include "trees/tree.hpp"

namespace banzhaf::trees {

/// The sets of a tree's groups that lie on the path of some leaf.
struct GroupSets {
  /// Groups + 1: group g has the sets [first[g], first[g + 1]).
  std::vector<std::size_t> first;
  std::vector<std::size_t> numbers;  ///< of the sets, which rise within a group

  [[nodiscard]] std::span<const std::size_t> of_group(std::size_t g) const noexcept {
    return std::span(numbers).subspan(first[g], first[g + 1] - first[g]);
  }
};

[[nodiscard]] GroupSets sets_of_groups(const Tree& tree, const Groups& groups, const Sets& sets, std::size_t n_outputs);

/// The workspace of make_index_table, which can be used again.
struct IndexTableSpace {
  LeafGains leaf;
  std::vector<double> counts;
  std::vector<Code> local;
};

/// Computes table[(set * tree.width + output) * n_patterns + pattern] for the sets of a group, which have
/// these numbers. Other arguments are those of make_table.
void make_index_table(const Tree& tree, const Groups& groups, const Group& group, std::span<const std::size_t> numbers,
                      const Sets& sets, std::size_t n_outputs, const double* counts, double scale,
                      const Measure& measure, IndexTableSpace& space, double* table);

/// Adds the entries of a group for n_rows rows, which are neighbours in `row`.
void add_index_entries(const Tree& tree, const Group& group, std::span<const std::size_t> numbers, const double* table,
                       const Code* patterns, std::size_t n_rows, IndexRow row);

/// Replaces a matrix by its transpose in place.
void transpose(std::span<double> matrix, std::size_t n_rows, std::vector<double>& space);

}  // namespace banzhaf::trees
