// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Finds ranks by binary search. The last code is reserved for cells that go right at every threshold.
#include "trees/columns.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace banzhaf::trees {
namespace {

constexpr Code rightmost = std::numeric_limits<Code>::max();
constexpr std::size_t most_thresholds = rightmost;  // of one column: the codes 0 to most_thresholds - 1 are ranks

}  // namespace

Columns::Columns(const Forest& forest)
    : n_features_(forest.n_features),
      strict_(forest.strict),
      float32_(forest.float32),
      truncate_categories_(forest.truncate_categories),
      zero_threshold_(forest.zero_threshold),
      tests_(forest.left.size()),
      sides_(forest.category_sides) {
  const std::size_t n_nodes = forest.left.size();
  const bool has_categories = !forest.category_sides.empty();
  const auto is_categorical = [&](std::size_t v) {
    return has_categories && forest.first_category[v] < forest.first_category[v + 1];
  };

  std::vector<std::vector<std::size_t>> nodes(n_features_);
  for (std::size_t v = 0; v < n_nodes; ++v)
    if (forest.left[v] >= 0) nodes[forest.feature[v]].push_back(v);

  for (std::size_t f = 0; f < n_features_; ++f) {
    if (nodes[f].empty()) continue;
    Feature& feature = features_.emplace_back();
    feature.feature = static_cast<std::uint32_t>(f);
    for (const std::size_t v : nodes[f])
      if (!is_categorical(v)) feature.thresholds.push_back(forest.threshold[v]);
    std::sort(feature.thresholds.begin(), feature.thresholds.end());
    feature.thresholds.erase(std::unique(feature.thresholds.begin(), feature.thresholds.end()),
                             feature.thresholds.end());
    for (const std::size_t v : nodes[f]) {
      if (is_categorical(v)) {
        const auto column = static_cast<std::uint32_t>(n_columns_++);
        feature.categorical.push_back({forest.first_category[v],
                                       forest.first_category[v + 1] - forest.first_category[v],
                                       forest.other_left[v] != 0, forest.missing[v] == Missing::left, column});
        tests_[v] = {column, 0};
        continue;
      }
      const auto place = static_cast<std::size_t>(
          std::lower_bound(feature.thresholds.begin(), feature.thresholds.end(), forest.threshold[v]) -
          feature.thresholds.begin());
      const std::size_t first = place / most_thresholds * most_thresholds;
      auto found = std::find_if(feature.numerical.begin(), feature.numerical.end(), [&](const Numerical& column) {
        return column.first == first && column.missing == forest.missing[v];
      });
      if (found == feature.numerical.end()) {
        const std::size_t count = std::min(most_thresholds, feature.thresholds.size() - first);
        feature.numerical.push_back({forest.missing[v], first, count, static_cast<std::uint32_t>(n_columns_++)});
        found = feature.numerical.end() - 1;
      }
      tests_[v] = {found->column, static_cast<Code>(place - first)};
    }
  }
}

std::size_t Columns::rank(const Feature& feature, double cell) const {
  // Returns the number of thresholds that a cell is to the right of: those that it is not less than, or that it
  // exceeds.
  const double* first = feature.thresholds.data();
  std::size_t count = feature.thresholds.size(), below = 0;
  while (count > 0) {
    const std::size_t half = (count + 1) / 2;
    const double threshold = first[below + half - 1];
    const bool right = strict_ ? threshold <= cell : threshold < cell;
    below += right ? half : 0;
    count = right ? count - half : half - 1;
  }
  return below;
}

bool Columns::goes_left(const Categorical& split, double cell) const {
  if (std::isnan(cell)) return split.missing_left;
  const bool valid = truncate_categories_ ? cell > -1 : cell >= 0;
  if (!valid || cell >= static_cast<double>(split.n_sides)) return split.other_left;
  const Side side = sides_[split.first_side + static_cast<std::size_t>(std::max(cell, 0.0))];
  return side == Side::other ? split.other_left : side == Side::left;
}

void Columns::encode(const double* cells, std::size_t n_rows, std::size_t stride, Code* codes) const {
  for (const Feature& feature : features_) {
    const std::size_t zero_rank = rank(feature, 0.0);
    for (std::size_t r = 0; r < n_rows; ++r) {
      double cell = cells[r * n_features_ + feature.feature];
      if (float32_) cell = static_cast<double>(static_cast<float>(cell));
      const bool is_zero = std::abs(cell) <= zero_threshold_;
      if (is_zero) cell = 0;
      const bool is_missing = std::isnan(cell);
      const std::size_t below = is_missing ? zero_rank : rank(feature, cell);
      for (const Numerical& column : feature.numerical) {
        const std::size_t clamped = below <= column.first ? 0 : std::min(below - column.first, column.count);
        // A rank of count is right of all thresholds. It becomes rightmost, because it might not fit into a code.
        Code code = clamped == column.count ? rightmost : static_cast<Code>(clamped);
        const bool as_missing = is_missing || (is_zero && column.missing >= Missing::zero_to_right);
        if (as_missing && column.missing != Missing::as_zero)
          code = column.missing == Missing::left || column.missing == Missing::zero_to_left ? Code{0} : rightmost;
        codes[column.column * stride + r] = code;
      }
      for (const Categorical& split : feature.categorical)
        codes[split.column * stride + r] = goes_left(split, cell) ? Code{0} : rightmost;
    }
  }
}

}  // namespace banzhaf::trees
