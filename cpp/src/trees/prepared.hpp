// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What takes long to compute from a forest and a background, so that a file holds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "banzhaf/trees.hpp"

namespace banzhaf::trees {

/// What TreeValues has computed. It is used in place, so it must live as long as the TreeValues that uses it. So must the
/// background if there are tables.
struct Prepared {
  /// A hash of the groups of leaves. Tables are only used if their groups are the same now.
  std::uint64_t layout = 0;
  std::span<const double> tables;  ///< of all groups, or nothing if each call computes them again
  std::span<const double> base_values;
  double p = 0.5;  ///< the probability of the other players
  /// The most bytes of memory for what is computed anyway, because the forest may come from a hostile file.
  std::size_t most_bytes = std::numeric_limits<std::size_t>::max();
};

/// Looks into TreeValues.
struct PreparedValues {
  /// Makes TreeValues, with what was computed before if it fits. There are no weights if all are equal.
  [[nodiscard]] static TreeValues make(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature,
                                       std::size_t n_players, bool interventional, std::span<const double> background,
                                       std::span<const double> weights, int num_threads, const Prepared& prepared);
  /// Returns what was computed.
  [[nodiscard]] static Prepared of(const TreeValues& tree_values);
  /// Returns whether a row takes about the time of its tables, which is short.
  [[nodiscard]] static bool is_fast(const TreeValues& tree_values);
};

}  // namespace banzhaf::trees
