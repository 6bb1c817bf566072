// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// One tree, checked and packed: splits are in preorder, so that the splits of a subtree are neighbours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/trees.hpp"
#include "trees/columns.hpp"

namespace banzhaf::trees {

/// The index of a split if it is not negative, otherwise the complement of a leaf's index.
using Child = std::int32_t;

[[nodiscard]] constexpr bool is_leaf(Child child) noexcept { return child < 0; }
[[nodiscard]] constexpr std::size_t leaf_of(Child child) noexcept { return static_cast<std::size_t>(~child); }
[[nodiscard]] constexpr std::size_t split_of(Child child) noexcept { return static_cast<std::size_t>(child); }

struct Split {
  Test test;
  std::uint32_t player = 0;
  Child left = 0, right = 0;
  /// The share of the training rows that go there, or 0 in a forest without covers.
  double left_share = 0, right_share = 0;
};

/// A leaf's coefficient of one feature.
struct Term {
  std::uint32_t feature;
  std::uint32_t player;
  double coefficient;
};

struct Tree {
  Child root = 0;
  std::vector<Split> splits;
  /// The values: n_leaves x width.
  std::vector<double> values;
  std::size_t width = 1;         ///< the outputs of a leaf
  std::size_t first_output = 0;  ///< the first of them
  std::size_t depth = 0;         ///< the splits on the longest path
  /// The terms of leaf l are [first_term[l], first_term[l + 1]), with those of a player side by side. Empty if no leaf
  /// is linear.
  std::vector<std::size_t> first_term;
  std::vector<Term> terms;
  std::vector<double> intercepts;  ///< of leaves

  [[nodiscard]] bool is_linear() const noexcept { return !terms.empty(); }
  [[nodiscard]] std::span<const Term> terms_of(std::size_t leaf) const noexcept {
    if (terms.empty()) return {};
    return {terms.data() + first_term[leaf], first_term[leaf + 1] - first_term[leaf]};
  }
  [[nodiscard]] std::size_t n_leaves() const noexcept { return values.size() / width; }
  [[nodiscard]] std::span<const double> leaf(std::size_t index) const noexcept {
    return {values.data() + index * width, width};
  }
};

/// Throws std::invalid_argument unless the arrays match each other, and are finite where they must be.
void check_forest(const Forest& forest);

/// Packs tree t of a checked forest. Throws std::invalid_argument if it is not a tree, or if covers are needed and a
/// split has none.
[[nodiscard]] Tree pack_tree(const Forest& forest, std::size_t t, const std::vector<Test>& tests,
                             std::span<const std::uint32_t> player_of_feature, bool needs_cover);

}  // namespace banzhaf::trees
