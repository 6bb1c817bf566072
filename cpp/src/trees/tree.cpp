// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks what a reader made, and packs it.
#include "trees/tree.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace banzhaf::trees {
namespace {

constexpr std::size_t most_depth = 10'000;  // walks recurse

void require(bool condition, const char* message) {
  if (!condition) throw std::invalid_argument(std::string("forest: ") + message);
}

void require(bool condition, const char* message, std::size_t t) {
  if (!condition) throw std::invalid_argument(std::string("forest: ") + message + " in tree " + std::to_string(t));
}

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace

void check_forest(const Forest& forest) {
  const std::size_t n_nodes = forest.left.size(), n_trees = forest.n_trees();
  require(forest.n_features >= 1 && forest.n_outputs >= 1, "it needs at least one feature and one output");
  require(forest.first_node.size() == n_trees + 1 && forest.first_node.front() == 0 &&
              forest.first_node.back() == n_nodes && std::is_sorted(forest.first_node.begin(), forest.first_node.end()),
          "first_node must lead from 0 to the number of nodes");
  require(forest.right.size() == n_nodes && forest.feature.size() == n_nodes && forest.threshold.size() == n_nodes &&
              forest.missing.size() == n_nodes && forest.other_left.size() == n_nodes &&
              (forest.cover.empty() || forest.cover.size() == n_nodes),
          "every array of nodes must have the same length");
  require(forest.first_category.size() == n_nodes + 1 && forest.first_category.front() == 0 &&
              forest.first_category.back() == forest.category_sides.size() &&
              std::is_sorted(forest.first_category.begin(), forest.first_category.end()),
          "first_category must lead from 0 to the number of category sides");
  require(forest.base.size() == forest.n_outputs && finite(forest.base), "base must hold a finite number an output");
  require(forest.first_value.size() == n_trees, "every tree needs a first value");
  for (std::size_t t = 0; t < n_trees; ++t) {
    const std::size_t n = forest.first_node[t + 1] - forest.first_node[t];
    require(n >= 1, "there is no node", t);
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
    require(tree.depth <= most_depth, "a path has more than 10,000 splits", t);
    const std::size_t v = first + static_cast<std::size_t>(next.node);
    Child child = 0;
    if (forest.left[v] < 0) {
      require(forest.right[v] < 0, "a node has one child only", t);
      child = ~static_cast<Child>(tree.n_leaves());
      const double* value =
          forest.values.data() + forest.first_value[t] + static_cast<std::size_t>(next.node) * tree.width;
      require(finite({value, tree.width}), "a leaf's value is not finite", t);
      tree.values.insert(tree.values.end(), value, value + tree.width);
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
                "a split was reached by no training rows, or does not tell by how many", t);
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
