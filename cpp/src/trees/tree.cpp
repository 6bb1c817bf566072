// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks the forest that a reader made, and packs its trees.
#include "trees/tree.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace banzhaf::trees {
namespace {

void require(bool condition, const char* message) {
  if (!condition) throw std::invalid_argument(std::string("forest: ") + message);
}

void require(bool condition, const char* message, std::size_t t) {
  if (!condition) throw std::invalid_argument(std::string("forest: ") + message + " in tree " + std::to_string(t));
}

// Checks an array over nodes. One that is optional may be empty.
template <typename T>
void require_nodes(const std::vector<T>& array, const char* name, std::size_t n_nodes, bool optional = false) {
  if (array.size() == n_nodes || (optional && array.empty())) return;
  throw std::invalid_argument("forest: " + std::string(name) + " must hold one entry for each of the " +
                              std::to_string(n_nodes) + " nodes, got " + std::to_string(array.size()));
}

// Checks the bounds of the parts of another array that belong to nodes or trees.
void require_bounds(const std::vector<std::size_t>& first, const char* name, std::size_t count, std::size_t end,
                    const char* of_what) {
  if (first.size() == count + 1 && first.front() == 0 && first.back() == end &&
      std::is_sorted(first.begin(), first.end()))
    return;
  throw std::invalid_argument("forest: " + std::string(name) + " must hold " + std::to_string(count + 1) +
                              " entries that rise from 0 to the number of " + of_what + ", " + std::to_string(end));
}

template <typename T>
void require_size(const std::vector<T>& array, const char* name, std::size_t size, const char* of_what) {
  if (array.size() == size) return;
  throw std::invalid_argument("forest: " + std::string(name) + " must hold one entry for each of the " +
                              std::to_string(size) + " " + of_what + ", got " + std::to_string(array.size()));
}

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

void check_linear_leaves(const Forest& forest) {
  const std::size_t n_nodes = forest.left.size();
  if (forest.first_term.empty() && forest.term_feature.empty() && forest.coefficient.empty() &&
      forest.intercept.empty())
    return;
  require_bounds(forest.first_term, "first_term", n_nodes, forest.term_feature.size(), "terms");
  require_size(forest.coefficient, "coefficient", forest.term_feature.size(), "terms");
  require_nodes(forest.intercept, "intercept", n_nodes);
  require(finite(forest.coefficient), "a coefficient is not finite");
  for (const std::uint32_t feature : forest.term_feature)
    require(feature < forest.n_features, "term_feature: a feature is out of range");
}

}  // namespace

void check_forest(const Forest& forest) {
  const std::size_t n_nodes = forest.left.size(), n_trees = forest.n_trees();
  require(forest.n_features >= 1 && forest.n_outputs >= 1, "it must have at least one feature and one output");
  require_bounds(forest.first_node, "first_node", n_trees, n_nodes, "nodes");
  require_nodes(forest.right, "right", n_nodes);
  require_nodes(forest.feature, "feature", n_nodes);
  require_nodes(forest.threshold, "threshold", n_nodes);
  require_nodes(forest.missing, "missing", n_nodes);
  require_nodes(forest.cover, "cover", n_nodes, true);
  if (!forest.first_category.empty() || !forest.category_sides.empty()) {
    require_bounds(forest.first_category, "first_category", n_nodes, forest.category_sides.size(), "category_sides");
    require_nodes(forest.other_left, "other_left", n_nodes, forest.category_sides.empty());
  } else {
    require_nodes(forest.other_left, "other_left", n_nodes, true);
  }
  check_linear_leaves(forest);
  require(forest.base.size() == forest.n_outputs && finite(forest.base),
          "base must hold one finite number for each output");
  require_size(forest.first_value, "first_value", n_trees, "trees");
  for (std::size_t t = 0; t < n_trees; ++t) {
    const std::size_t n = forest.first_node[t + 1] - forest.first_node[t];
    require(n >= 1, "there are no nodes", t);
    require(forest.output_of_tree[t] >= -1 &&
                (forest.output_of_tree[t] < 0 || static_cast<std::size_t>(forest.output_of_tree[t]) < forest.n_outputs),
            "an output is out of range", t);
    const std::size_t width = forest.output_of_tree[t] < 0 ? forest.n_outputs : 1;
    require(forest.first_value[t] <= forest.values.size() && n * width <= forest.values.size() - forest.first_value[t],
            "values are missing", t);
    for (std::size_t v = forest.first_node[t]; v < forest.first_node[t + 1]; ++v) {
      if (forest.left[v] < 0) continue;
      require(forest.feature[v] < forest.n_features, "a feature is out of range", t);
      require(!std::isnan(forest.threshold[v]), "a threshold is not a number", t);
    }
  }
}

namespace {

void add_terms(const Forest& forest, std::size_t v, std::span<const std::uint32_t> player_of_feature, Tree& tree,
               std::size_t t) {
  if (tree.first_term.empty()) tree.first_term.push_back(0);
  const std::size_t first = tree.terms.size();
  for (std::size_t i = forest.first_term[v]; i < forest.first_term[v + 1]; ++i) {
    const std::uint32_t feature = forest.term_feature[i];
    tree.terms.push_back(
        {feature, player_of_feature.empty() ? feature : player_of_feature[feature], forest.coefficient[i]});
  }
  const bool has_terms = tree.terms.size() > first;
  require(!has_terms || tree.width == 1, "a leaf with several outputs is linear", t);
  require(!has_terms || std::isfinite(forest.intercept[v]), "a leaf's intercept is not finite", t);
  std::stable_sort(tree.terms.begin() + static_cast<std::ptrdiff_t>(first), tree.terms.end(),
                   [](const Term& a, const Term& b) { return a.player < b.player; });
  tree.first_term.push_back(tree.terms.size());
  tree.intercepts.push_back(has_terms ? forest.intercept[v] : 0.0);
}

}  // namespace

Tree pack_tree(const Forest& forest, std::size_t t, const std::vector<Test>& tests,
               std::span<const std::uint32_t> player_of_feature, bool needs_cover) {
  const std::size_t first = forest.first_node[t];
  const auto n_nodes = static_cast<std::int64_t>(forest.first_node[t + 1] - first);
  Tree tree;
  const std::int32_t output = forest.output_of_tree[t];
  tree.width = output < 0 ? forest.n_outputs : 1;
  tree.first_output = output < 0 ? 0 : static_cast<std::size_t>(output);

  struct Pending {
    std::int32_t node;
    std::size_t parent;
    bool left;
    std::size_t depth;
  };
  std::vector<Pending> pending{{0, 0, false, 0}};
  std::int64_t n_seen = 0;
  while (!pending.empty()) {
    const Pending next = pending.back();
    pending.pop_back();
    require(next.node >= 0 && next.node < n_nodes && ++n_seen <= n_nodes, "nodes do not form a tree", t);
    tree.depth = std::max(tree.depth, next.depth);
    const std::size_t v = first + static_cast<std::size_t>(next.node);
    Child child = 0;
    if (forest.left[v] < 0) {
      require(forest.right[v] < 0, "a node has only one child", t);
      child = ~static_cast<Child>(tree.n_leaves());
      const double* value =
          forest.values.data() + forest.first_value[t] + static_cast<std::size_t>(next.node) * tree.width;
      require(finite({value, tree.width}), "a leaf's value is not finite", t);
      tree.values.insert(tree.values.end(), value, value + tree.width);
      if (forest.is_linear()) add_terms(forest, v, player_of_feature, tree, t);
    } else {
      child = static_cast<Child>(tree.splits.size());
      Split& split = tree.splits.emplace_back();
      split.test = tests[v];
      split.player = player_of_feature.empty() ? forest.feature[v] : player_of_feature[forest.feature[v]];
      pending.push_back({forest.right[v], split_of(child), false, next.depth + 1});
      pending.push_back({forest.left[v], split_of(child), true, next.depth + 1});
      if (needs_cover) {
        const std::int32_t left = forest.left[v], right = forest.right[v];
        require(left < n_nodes && right >= 0 && right < n_nodes, "nodes do not form a tree", t);
        const double all = forest.cover[v], l = forest.cover[first + static_cast<std::size_t>(left)],
                     r = forest.cover[first + static_cast<std::size_t>(right)];
        require(std::isfinite(all) && all > 0 && l >= 0 && r >= 0 && std::isfinite(l) && std::isfinite(r),
                "a split must have a positive cover and its children finite ones", t);
        split.left_share = l / all;
        split.right_share = r / all;
      }
    }
    if (next.depth == 0) {
      tree.root = child;
    } else {
      (next.left ? tree.splits[next.parent].left : tree.splits[next.parent].right) = child;
    }
  }
  return tree;
}

}  // namespace banzhaf::trees
