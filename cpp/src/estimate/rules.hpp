// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The stopping rules, and the times of the looks (checks) at which they are applied. Nothing is evaluated here.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "banzhaf/stopping.hpp"

namespace banzhaf {

/// Throws std::invalid_argument for rules that cannot be met: a negative tolerance, a top_k that is not below the
/// number of players, or a confidence outside (0, 1).
void require_valid(const StoppingRules& rules, std::size_t n_players);

/// The input of a rule: arrays of players x outputs in row-major order, and the degrees of freedom of the errors.
struct Look {
  std::span<const double> values;
  std::span<const double> standard_errors;
  std::size_t n_outputs = 1;
  double degrees_of_freedom = 0;
  /// The probability that no standard error shows one interaction that may fall on any column: see hidden_probability.
  double hidden = 0;
};

/// Returns whether the largest standard error is at most the tolerance. With few degrees of freedom, it is first
/// multiplied by the ratio of Student's t quantile at this confidence to the normal quantile. An unknown error is never
/// small enough.
[[nodiscard]] bool within_tolerance(const Look& look, double tolerance, double confidence);

/// Returns whether, for every output, the k leading players by absolute value are separated from all others, with at
/// most the given error probability. Each of the k must lead each of the others by more than t times the standard error
/// of their difference. Here t is Student's quantile at error_probability / (2 k (n - k) outputs). Equal players are
/// never separated.
[[nodiscard]] bool separated(const Look& look, std::size_t k, double error_probability);

/// Returns the share of the error probability for look number 1, 2, ...: 1 / (look (look + 1)). The shares add up to 1.
[[nodiscard]] double share_of_look(std::size_t look);

/// Returns the first rule that is met, if any. Hidden interactions count too: the tolerance needs hidden to be at most
/// 1 - confidence. top_k reserves half of its error probability for one hidden interaction on each value.
[[nodiscard]] std::optional<Stopped> met(const StoppingRules& rules, const Look& look, std::size_t number);

/// Returns the probability that an interaction that falls on the same column in all complete blocks of a Hadamard
/// design has the same sign each time: 2^(1 - blocks). If this is a player's column, no residual shows the interaction.
[[nodiscard]] double hidden_probability(std::size_t n_blocks);

/// Returns the same probability for fresh blocks, if the interaction falls on a player's column in the first block. It
/// falls on that player's column in another block with a probability of at most 1 / (order - 3), or surely if every
/// column belongs to a player and it has order - 1 players.
[[nodiscard]] double hidden_probability_of_fresh(std::size_t n_blocks, std::size_t n_players);

/// Returns the sizes at which to look: first, then each half as large again as the one before, all below last. If the
/// time of a look grows at least like its size, all looks take at most three times as long as one at the size last.
[[nodiscard]] std::vector<std::size_t> looks(std::size_t first, std::size_t last);

}  // namespace banzhaf
