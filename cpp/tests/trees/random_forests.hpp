// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Random forests with all kinds of splits and leaves, and rows for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "banzhaf/trees.hpp"

namespace banzhaf::testing {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Adds a random subtree, and returns its root, counted from the root of the tree.
inline std::int32_t grow(Forest& forest, std::mt19937_64& engine, std::size_t depth, std::size_t width, double cover) {
  const auto uniform = [&] { return std::uniform_real_distribution<double>(0, 1)(engine); };
  const std::size_t v = forest.left.size();
  const auto node = static_cast<std::int32_t>(v - forest.first_node.back());
  const bool splits = depth > 0 && uniform() < 0.9;
  forest.left.push_back(-1);
  forest.right.push_back(-1);
  forest.feature.push_back(static_cast<std::uint32_t>(engine() % forest.n_features));
  forest.threshold.push_back(static_cast<double>(engine() % 7) - 3);
  forest.missing.push_back(static_cast<Missing>(engine() % 5));
  forest.other_left.push_back(0);
  if (splits && engine() % 4 == 0) {
    forest.missing.back() = engine() % 2 == 0 ? Missing::left : Missing::right;
    forest.other_left.back() = static_cast<std::uint8_t>(engine() % 2);
    for (int c = 0; c < 3; ++c) forest.category_sides.push_back(static_cast<Side>(engine() % 3));
  }
  forest.first_category.push_back(forest.category_sides.size());
  forest.cover.push_back(cover);
  for (std::size_t k = 0; k < width; ++k) forest.values.push_back(uniform() - 0.5);
  if (splits) {
    const double share = 0.1 + 0.8 * uniform();
    const std::int32_t left = grow(forest, engine, depth - 1, width, cover * share);
    const std::int32_t right = grow(forest, engine, depth - 1, width, cover * (1 - share));
    forest.left[v] = left;
    forest.right[v] = right;
  }
  return node;
}

inline Forest random_forest(std::size_t n_features, std::size_t n_outputs, std::size_t depth, unsigned seed) {
  std::mt19937_64 engine(seed);
  Forest forest;
  forest.n_features = n_features;
  forest.n_outputs = n_outputs;
  forest.strict = seed % 2 == 0;
  forest.truncate_categories = seed % 3 == 0;
  forest.zero_threshold = seed % 5 == 0 ? 0.25 : 0;
  forest.first_node = {0};
  forest.first_category = {0};
  forest.base.assign(n_outputs, 0.5);
  for (int t = 0; t < 4; ++t) {
    const std::int32_t output = t % 2 == 0 ? -1 : static_cast<std::int32_t>(engine() % n_outputs);
    forest.output_of_tree.push_back(output);
    forest.first_value.push_back(forest.values.size());
    grow(forest, engine, depth, output < 0 ? n_outputs : 1, 100);
    forest.first_node.push_back(forest.left.size());
  }
  return forest;
}

// Gives terms to most leaves. Some leaves have none, and some have a feature twice.
inline void make_linear(Forest& forest, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  forest.first_term = {0};
  for (std::size_t t = 0; t < forest.n_trees(); ++t) {
    const bool may = forest.output_of_tree[t] >= 0 || forest.n_outputs == 1;
    for (std::size_t v = forest.first_node[t]; v < forest.first_node[t + 1]; ++v) {
      const std::size_t n_terms = may && forest.left[v] < 0 ? engine() % 4 : 0;
      for (std::size_t i = 0; i < n_terms; ++i) {
        forest.term_feature.push_back(static_cast<std::uint32_t>(engine() % forest.n_features));
        forest.coefficient.push_back(normal(engine));
      }
      forest.first_term.push_back(forest.term_feature.size());
      forest.intercept.push_back(n_terms > 0 ? normal(engine) : nan);
    }
  }
}

inline std::vector<double> random_rows(std::size_t n_rows, std::size_t n_features, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::vector<double> cells(n_rows * n_features);
  // The thresholds, their neighbours, categories, cells that are no category, and missing cells.
  const double choices[] = {-4, -3, -1, -0.5, 0, 0.2, 1, 2, 2.5, 3, 7, nan};
  for (double& cell : cells) cell = choices[engine() % 12];
  return cells;
}

}  // namespace banzhaf::testing
