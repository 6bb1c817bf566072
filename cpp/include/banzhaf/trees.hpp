// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Tree ensembles, and the exact Banzhaf values of their features in closed form. For example, one tree that gives 3 where
// feature 0 is at most 0.5, and 7 elsewhere:
//   banzhaf::Forest forest{.n_features = 2, .first_node = {0, 3}, .left = {1, -1, -1}, .right = {2, -1, -1},
//                          .feature = {0, 0, 0}, .threshold = {0.5, 0, 0}, .missing = std::vector<banzhaf::Missing>(3),
//                          .output_of_tree = {0}, .first_value = {0}, .values = {0, 3, 7}, .base = {0}};
//   const std::vector<double> background{0, 0, 1, 0}, row{1, 0};
//   const banzhaf::TreeValues trees(forest, {}, 2, background);
//   std::vector<double> values(2);
//   trees.explain(row, values);
//   values[0];                                                     // 2
//   trees.base_values()[0];                                        // 5
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace banzhaf {

/// Where a numerical split sends a missing cell (NaN).
enum class Missing : std::uint8_t {
  right,
  left,
  as_zero,        ///< where it sends 0
  zero_to_right,  ///< right, and zeros too
  zero_to_left,   ///< left, and zeros too
};

/// Where a categorical split sends a category.
enum class Side : std::uint8_t { right, left, other };

/// An ensemble as its library holds it; its output is base plus the sum of the leaves that a row reaches.
struct Forest {
  std::size_t n_features = 0;
  std::size_t n_outputs = 1;

  /// Left is x < threshold, not x <= threshold.
  bool strict = false;
  /// Cells are rounded to float32 before they are compared.
  bool float32 = false;
  /// Numerical cells no larger than this in absolute value are 0.
  double zero_threshold = 0;
  /// A cell in (-1, 0) is category 0; else it is no category, as all negative cells are.
  bool truncate_categories = false;

  /// Tree t holds the nodes [first_node[t], first_node[t + 1]); its root comes first.
  std::vector<std::size_t> first_node;
  /// Children, counted from the tree's root; -1 in both for a leaf.
  std::vector<std::int32_t> left, right;
  std::vector<std::uint32_t> feature;
  std::vector<double> threshold;
  std::vector<Missing> missing;
  /// Categorical node: sides [first_category[v], first_category[v + 1]) of categories 0, 1, ...; empty for a numerical
  /// one. Side::other and all further categories go left if other_left. A missing cell goes right or left by missing.
  /// All three arrays may be empty if no node is categorical.
  std::vector<std::size_t> first_category;
  std::vector<Side> category_sides;
  std::vector<std::uint8_t> other_left;
  /// Weight of the training rows that reached the node. Path-dependent values need it; may be empty otherwise.
  std::vector<double> cover;

  /// The output that a tree adds to, or -1 if its leaves hold all outputs.
  std::vector<std::int32_t> output_of_tree;
  /// One value a node for a tree of one output, n_outputs for the others: node v of tree t starts at
  /// first_value[t] + (v - first_node[t]) * width. Only leaves' values are read.
  std::vector<std::size_t> first_value;
  std::vector<double> values;
  std::vector<double> base;  ///< n_outputs

  /// Leaves that are linear in features: leaf v has the terms [first_term[v], first_term[v + 1]), and gives intercept[v]
  /// plus the sum of coefficient * (the cell of term_feature, as it is). If one of these cells is missing, it gives its
  /// value instead. A leaf without terms gives its value. Only trees of one output may have such leaves, and only
  /// interventional values know them. All four arrays may be empty if no leaf is linear.
  std::vector<std::size_t> first_term;
  std::vector<std::uint32_t> term_feature;
  std::vector<double> coefficient;
  std::vector<double> intercept;  ///< one a node; read for leaves with terms

  [[nodiscard]] std::size_t n_trees() const noexcept { return output_of_tree.size(); }
  [[nodiscard]] bool is_linear() const noexcept { return !term_feature.empty(); }
};

/// How much memory to trade for speed. The values' last bits may depend on it, and on nothing else.
struct TreeLimits {
  /// Doubles in the tables that an explainer keeps; larger forests have them made anew in each call.
  std::size_t kept = std::size_t{1} << 25;
  /// Doubles a leaf of a subtree that several leaves share a table in.
  std::size_t shared_entries = 256;
  /// Doubles a leaf beyond which no table is made, but each explicand walked beside each background row.
  std::size_t most_entries = 5120;
};

/// Exact Banzhaf values of an ensemble's features. Immutable: one object serves many threads.
class TreeValues {
 public:
  /// Path-dependent: an absent player's splits weigh both ways by their covers.
  /// player_of_feature may be empty if features are players.
  /// Throws std::invalid_argument for a forest that is none.
  TreeValues(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature, std::size_t n_players,
             int num_threads = 0, const TreeLimits& limits = {});
  /// Interventional: an absent player's features come from the background, row-major with n_features columns.
  TreeValues(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature, std::size_t n_players,
             std::span<const double> background, int num_threads = 0, const TreeLimits& limits = {});
  /// Interventional with a weighted background: one weight a row, finite and not negative, with a positive sum. Only
  /// their ratios count; whole numbers weigh as rows repeated so often.
  TreeValues(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature, std::size_t n_players,
             std::span<const double> background, std::span<const double> weights, int num_threads = 0,
             const TreeLimits& limits = {});
  ~TreeValues();
  TreeValues(TreeValues&&) noexcept;
  TreeValues& operator=(TreeValues&&) noexcept;

  [[nodiscard]] std::size_t n_features() const noexcept;
  [[nodiscard]] std::size_t n_players() const noexcept;
  [[nodiscard]] std::size_t n_outputs() const noexcept;
  /// n_outputs: the worth of the empty coalition.
  [[nodiscard]] const std::vector<double>& base_values() const noexcept;
  /// Leaves that have no table: their cost grows with explicands times background.
  [[nodiscard]] std::size_t n_deep_leaves() const noexcept;

  /// Writes rows x players x n_outputs; rows are row-major with n_features columns.
  void explain(std::span<const double> rows, std::span<double> values, int num_threads = 0) const;
  /// Writes rows x n_outputs: the ensemble's own outputs.
  void predict(std::span<const double> rows, std::span<double> outputs, int num_threads = 0) const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace banzhaf
