// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The search for sets of players whose products correlate with residuals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "interactions/pair_classes.hpp"
#include "interactions/sets.hpp"
#include "interactions/term_space.hpp"

namespace banzhaf {

/// A set of two or three players that a search has found.
struct Found {
  std::uint32_t players[3];
  std::uint32_t of_class;
  double score;  ///< the correlation in units of its standard error
};

/// Finds the pairs of players, and the sets of three, whose scores reach the threshold of their class. The scores are
/// correlations times `scale`. The result is in lexicographic order, whatever the number of threads.
[[nodiscard]] std::vector<Found> search_pairs(TermSpace& space, std::span<const std::uint32_t> players, double scale,
                                              double threshold, int num_threads);
[[nodiscard]] std::vector<Found> search_triples(TermSpace& space, std::span<const std::uint32_t> players,
                                                const PairClasses& classes, double scale,
                                                std::span<const double> thresholds, int num_threads);

/// Drops the sets that are known already, and all but the `most` whose scores exceed their thresholds by most. Sorts
/// the others by falling score.
void choose(std::vector<Found>& found, const Sets& known, std::span<const double> thresholds, std::size_t most);

/// Returns the sets of five that are unions of two of the given sets of three.
[[nodiscard]] Sets unions_of_two(const Sets& triples, std::span<const std::size_t> chosen, std::size_t n_players);

}  // namespace banzhaf
