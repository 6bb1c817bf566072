// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The worths of coalitions of a forest's players, by the definition of its splits.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "banzhaf/trees.hpp"

namespace banzhaf::testing {

// A split, by its definition.
inline bool goes_left(const Forest& forest, std::size_t v, double cell) {
  const Missing missing = forest.missing[v];
  const bool small = std::abs(cell) <= forest.zero_threshold;
  if (!forest.first_category.empty() && forest.first_category[v] < forest.first_category[v + 1]) {
    if (std::isnan(cell)) return missing == Missing::left;
    if (small) cell = 0;
    const double whole = std::trunc(cell);
    const bool none = forest.truncate_categories ? whole < 0 || cell <= -1 : cell < 0;
    const auto n_sides = static_cast<double>(forest.first_category[v + 1] - forest.first_category[v]);
    if (none || whole >= n_sides) return forest.other_left[v] != 0;
    const Side side = forest.category_sides[forest.first_category[v] + static_cast<std::size_t>(std::abs(whole))];
    return side == Side::other ? forest.other_left[v] != 0 : side == Side::left;
  }
  const bool zero_is_missing = missing == Missing::zero_to_left || missing == Missing::zero_to_right;
  if (small) cell = 0;
  if (std::isnan(cell) && missing == Missing::as_zero)
    cell = 0;
  else if (std::isnan(cell) || (zero_is_missing && cell == 0))
    return missing == Missing::left || missing == Missing::zero_to_left;
  return forest.strict ? cell < forest.threshold[v] : cell <= forest.threshold[v];
}

// The worth of a node: players in the coalition follow x. Others follow b, or without b both ways by their cover.
inline double worth(const Forest& forest, std::size_t t, std::size_t k, std::int32_t node, const double* x,
                    const double* b, const std::vector<std::uint32_t>& player, std::uint32_t coalition) {
  const std::size_t v = forest.first_node[t] + static_cast<std::size_t>(node);
  if (forest.left[v] < 0) {
    const std::int32_t output = forest.output_of_tree[t];
    if (output >= 0 && static_cast<std::size_t>(output) != k) return 0;
    const std::size_t width = output < 0 ? forest.n_outputs : 1;
    if (forest.is_linear() && forest.first_term[v] < forest.first_term[v + 1]) {
      double sum = forest.intercept[v];
      for (std::size_t i = forest.first_term[v]; i < forest.first_term[v + 1]; ++i) {
        const std::uint32_t f = forest.term_feature[i];
        sum += forest.coefficient[i] * (((coalition >> player[f]) & 1U) != 0 ? x[f] : b[f]);
      }
      if (!std::isnan(sum)) return sum;
    }
    return forest.values[forest.first_value[t] + static_cast<std::size_t>(node) * width + (output < 0 ? k : 0)];
  }
  const auto below = [&](std::int32_t child) { return worth(forest, t, k, child, x, b, player, coalition); };
  const std::uint32_t f = forest.feature[v];
  const bool present = ((coalition >> player[f]) & 1U) != 0;
  if (present || b != nullptr)
    return below(goes_left(forest, v, present ? x[f] : b[f]) ? forest.left[v] : forest.right[v]);
  const auto cover = [&](std::int32_t child) {
    return forest.cover[forest.first_node[t] + static_cast<std::size_t>(child)];
  };
  return (cover(forest.left[v]) * below(forest.left[v]) + cover(forest.right[v]) * below(forest.right[v])) /
         forest.cover[v];
}

}  // namespace banzhaf::testing
