// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Computes the exact Banzhaf values of the features of tree ensembles in closed form.
///
/// For example, this is one tree that returns 3 if feature 0 is at most 0.5, and 7 otherwise:
/// @code{.cpp}
/// banzhaf::Forest forest{.n_features = 2, .first_node = {0, 3}, .left = {1, -1, -1}, .right = {2, -1, -1},
///                        .feature = {0, 0, 0}, .threshold = {0.5, 0, 0}, .missing = std::vector<banzhaf::Missing>(3),
///                        .output_of_tree = {0}, .first_value = {0}, .values = {0, 3, 7}, .base = {0}};
/// const std::vector<double> background{0, 0, 1, 0}, row{1, 0};
/// const banzhaf::TreeValues trees(forest, {}, 2, background);
/// std::vector<double> values(2);
/// trees.explain(row, values);
/// values[0];                                                     // 2
/// trees.base_values()[0];                                        // 5
/// @endcode
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace banzhaf {

namespace trees {
struct PreparedValues;
}  // namespace trees

/// Where a numerical split sends a missing cell (NaN).
enum class Missing : std::uint8_t {
  right,          ///< Right.
  left,           ///< Left.
  as_zero,        ///< Where it sends 0.
  zero_to_right,  ///< Right, and it sends 0 there too.
  zero_to_left,   ///< Left, and it sends 0 there too.
};

/// Where a categorical split sends a category.
enum class Side : std::uint8_t {
  right,  ///< Right.
  left,   ///< Left.
  other,  ///< Where it sends categories that it does not know: see Forest::other_left.
};

/// A tree ensemble as its library stores it. Its output is base plus the sum of the leaves that a row reaches.
///
/// Arrays over nodes have one entry for each node of each tree.
struct Forest {
  std::size_t n_features = 0;  ///< The number of features, which are the columns of a row.
  std::size_t n_outputs = 1;   ///< The number of outputs.

  bool strict = false;        ///< Whether a split sends x to the left if x < threshold, instead of x <= threshold.
  bool float32 = false;       ///< Whether cells are rounded to float32 before they are compared.
  double zero_threshold = 0;  ///< Numerical cells count as 0 if their absolute value is at most this.
  /// Whether a cell in (-1, 0) is category 0. Otherwise, it is no category, like all negative cells.
  bool truncate_categories = false;

  /// Trees + 1: tree t has the nodes [first_node[t], first_node[t + 1]), and the first of them is its root.
  std::vector<std::size_t> first_node;
  std::vector<std::int32_t> left;      ///< Nodes: the left child, counted from the tree's root, or -1 for a leaf.
  std::vector<std::int32_t> right;     ///< Nodes: the right child, counted from the tree's root, or -1 for a leaf.
  std::vector<std::uint32_t> feature;  ///< Nodes: the feature of the split. It is not read for leaves.
  std::vector<double> threshold;       ///< Nodes: the threshold of a numerical split.
  std::vector<Missing> missing;        ///< Nodes: where the split sends a missing cell.
  /// Nodes + 1: the categorical split of node v has the sides [first_category[v], first_category[v + 1]) of the
  /// categories 0, 1, .... The range is empty for a numerical split. May be empty if no split is categorical.
  std::vector<std::size_t> first_category;
  std::vector<Side> category_sides;      ///< The sides of all categorical splits.
  std::vector<std::uint8_t> other_left;  ///< Nodes: whether Side::other and all further categories go left.
  /// Nodes: the weight of the training rows that reached the node. Only path-dependent values need it.
  std::vector<double> cover;

  /// Trees: the output that a tree adds to, or -1 if its leaves have all outputs.
  std::vector<std::int32_t> output_of_tree;
  /// Trees: where the values of a tree start. A node has one value if the tree has one output, otherwise n_outputs.
  /// The values of node v in tree t start at first_value[t] + (v - first_node[t]) * (values per node).
  std::vector<std::size_t> first_value;
  std::vector<double> values;  ///< The values of all nodes. Only those of leaves are read.
  std::vector<double> base;    ///< Outputs: what is added to the sum of the leaves.

  /// Nodes + 1: a leaf that is linear in features has the terms [first_term[v], first_term[v + 1]).
  ///
  /// Its output is intercept[v] plus the sum of coefficient * (the unrounded cell of term_feature). If one of these
  /// cells is missing, its output is its value instead. A leaf without terms gives its value. Only trees of one output
  /// may have linear leaves, and only interventional values can use them. The four arrays may be empty if no leaf is
  /// linear.
  std::vector<std::size_t> first_term;
  std::vector<std::uint32_t> term_feature;  ///< Terms: the feature.
  std::vector<double> coefficient;          ///< Terms: the coefficient.
  std::vector<double> intercept;            ///< Nodes: the intercept of a leaf with terms.

  /// Returns the number of trees.
  [[nodiscard]] std::size_t n_trees() const noexcept { return output_of_tree.size(); }
  /// Returns whether some leaf is linear in features.
  [[nodiscard]] bool is_linear() const noexcept { return !term_feature.empty(); }
};

/// Limits that trade memory for speed. They affect nothing but the last bits of the values.
struct TreeLimits {
  /// The most doubles in the tables that an explainer keeps. For a larger forest, each call computes its tables again.
  std::size_t kept = std::size_t{1} << 25;
  /// The most table entries (doubles) per leaf when several leaves share a table.
  std::size_t shared_entries = 256;
  /// The most table entries (doubles) of a leaf. A leaf that needs more has no table, and each explained row is
  /// compared with each background row in turn.
  std::size_t most_entries = 5120;
};

/// The exact Banzhaf values of the features of a tree ensemble, with their interactions and their Shapley values.
///
/// A value is the mean of what a player adds to coalitions of the other players. Each of those is in a coalition with
/// probability p, independently. With the default of 1/2, all coalitions have equal weight.
///
/// An object is immutable after construction, so one object can serve many threads.
class TreeValues {
 public:
  /// Prepares path-dependent values: at the splits of an absent player, both sides count by their cover.
  /// @param forest the ensemble
  /// @param player_of_feature the player of each feature, or empty if feature j is player j
  /// @param n_players the number of players
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @param limits limits of memory
  /// @param p the probability that each other player is in a coalition, in (0, 1)
  /// @throws std::invalid_argument if the forest is not consistent or has no cover
  TreeValues(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature, std::size_t n_players,
             int num_threads = 0, const TreeLimits& limits = {}, double p = 0.5);
  /// Prepares interventional values: the features of an absent player come from the background.
  /// @param forest the ensemble
  /// @param player_of_feature the player of each feature, or empty if feature j is player j
  /// @param n_players the number of players
  /// @param background rows of n_features cells, in row-major order
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @param limits limits of memory
  /// @param p the probability that each other player is in a coalition, in (0, 1)
  /// @throws std::invalid_argument if the forest or the background is not consistent
  TreeValues(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature, std::size_t n_players,
             std::span<const double> background, int num_threads = 0, const TreeLimits& limits = {}, double p = 0.5);
  /// Prepares interventional values with a weighted background.
  /// @param forest the ensemble
  /// @param player_of_feature the player of each feature, or empty if feature j is player j
  /// @param n_players the number of players
  /// @param background rows of n_features cells, in row-major order
  /// @param weights one weight per background row, finite and not negative, with a positive sum; only their ratios
  ///   matter, so a whole number counts like as many copies of the row
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @param limits limits of memory
  /// @param p the probability that each other player is in a coalition, in (0, 1)
  /// @throws std::invalid_argument if the forest, the background or the weights are not consistent
  TreeValues(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature, std::size_t n_players,
             std::span<const double> background, std::span<const double> weights, int num_threads = 0,
             const TreeLimits& limits = {}, double p = 0.5);
  /// Frees the tables.
  ~TreeValues();
  /// Moves an object.
  TreeValues(TreeValues&&) noexcept;
  /// Moves an object.
  TreeValues& operator=(TreeValues&&) noexcept;

  /// Returns the number of features.
  [[nodiscard]] std::size_t n_features() const noexcept;
  /// Returns the number of players.
  [[nodiscard]] std::size_t n_players() const noexcept;
  /// Returns the number of outputs.
  [[nodiscard]] std::size_t n_outputs() const noexcept;
  /// Returns n_outputs numbers: the worth of the empty coalition.
  [[nodiscard]] const std::vector<double>& base_values() const noexcept;
  /// Returns the number of leaves without a table. Their time grows with the number of rows times the background.
  [[nodiscard]] std::size_t n_deep_leaves() const noexcept;

  /// Computes the Banzhaf values of rows. No cell may be infinite.
  ///
  /// Up to eight rows are explained on the calling thread, if the tables are kept. Once a thread has explained a row,
  /// calls with so few rows allocate no memory.
  /// @param rows rows of n_features cells, in row-major order
  /// @param values gets rows x players x n_outputs numbers, in the unit of the ensemble's output
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @throws std::invalid_argument if the sizes do not match, or a cell is infinite
  void explain(std::span<const double> rows, std::span<double> values, int num_threads = 0) const;
  /// Returns the probability that each other player is in a coalition.
  [[nodiscard]] double p() const noexcept;

  /// Returns the number of sets of `order` players, which is the number of interactions of a row and an output.
  /// @param order the number of players in a set
  /// @throws std::invalid_argument if order is 0, is above the number of players, or gives 2^32 sets or more
  [[nodiscard]] std::size_t n_interactions(std::size_t order) const;
  /// Computes the Banzhaf interaction indices of all sets of `order` players. No cell may be infinite.
  ///
  /// The index of two players is the mean of v(S + i + j) - v(S + i) - v(S + j) + v(S) over coalitions S of the others,
  /// and that of more players is the mean of their difference of that order. Tables
  /// are made in each call.
  /// @param rows rows of n_features cells, in row-major order
  /// @param order the number of players in a set; with 1, the result is that of explain
  /// @param values gets rows x n_interactions(order) x n_outputs numbers. Sets come in lexicographic order: (0, 1),
  ///   (0, 2), ..., (1, 2), ...
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @throws std::invalid_argument if the sizes do not match, the order is impossible, or a cell is infinite
  void interactions(std::span<const double> rows, std::size_t order, std::span<double> values,
                    int num_threads = 0) const;
  /// Computes the Shapley values of rows, which do not depend on p(). No cell may be infinite.
  ///
  /// The Shapley value is the mean of the Banzhaf value over all p in (0, 1). Tables are made in each call.
  /// @param rows rows of n_features cells, in row-major order
  /// @param values gets rows x players x n_outputs numbers, in the unit of the ensemble's output
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @throws std::invalid_argument if the sizes do not match, or a cell is infinite
  void shapley(std::span<const double> rows, std::span<double> values, int num_threads = 0) const;
  /// Computes the outputs of the ensemble itself.
  /// @param rows rows of n_features cells, in row-major order
  /// @param outputs gets rows x n_outputs numbers
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @throws std::invalid_argument if the sizes do not match
  void predict(std::span<const double> rows, std::span<double> outputs, int num_threads = 0) const;

 private:
  friend struct trees::PreparedValues;
  class Implementation;
  explicit TreeValues(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace banzhaf
