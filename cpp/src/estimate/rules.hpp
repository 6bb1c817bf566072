// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What stopping rules say of values and their errors, and when they are asked. No evaluation happens here.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "banzhaf/stopping.hpp"

namespace banzhaf {

/// Throws std::invalid_argument for rules that cannot be met: a negative tolerance, top_k not below the number of players,
/// or a confidence outside (0, 1).
void require_valid(const StoppingRules& rules, std::size_t n_players);

/// What a rule sees: players x outputs, row-major, and the degrees of freedom of the errors.
struct Look {
  std::span<const double> values;
  std::span<const double> standard_errors;
  std::size_t n_outputs = 1;
  double degrees_of_freedom = 0;
  /// How likely one interaction, wherever it falls, is seen by no standard error: see hidden_probability.
  double hidden = 0;
};

/// Whether the largest standard error is at most the tolerance. One from few degrees of freedom counts as so much larger
/// as Student's t quantile at this confidence exceeds the normal one; an unknown one is never small enough.
[[nodiscard]] bool within_tolerance(const Look& look, double tolerance, double confidence);

/// Whether for every output the k leading players by absolute value are told from all others, with an error
/// probability of at most that given: each of the k leads each of the rest by more than Student's t quantile at
/// error_probability / (2 k (n - k) outputs) times the standard error of their difference. Equal players never part.
[[nodiscard]] bool separated(const Look& look, std::size_t k, double error_probability);

/// The share of the error probability that look number 1, 2, ... may use up: 1 / (look (look + 1)), 1 in all.
[[nodiscard]] double share_of_look(std::size_t look);

/// The first rule that is met, if one is. What hides counts too: the tolerance needs hidden to be at most
/// 1 - confidence; top_k keeps half of its error probability for one hidden interaction on each value.
[[nodiscard]] std::optional<Stopped> met(const StoppingRules& rules, const Look& look, std::size_t number);

/// After complete blocks of a Hadamard design, the probability that an interaction, which falls onto one column in all of
/// them, has done so with the same sign each time: 2^(1 - blocks). If the column is a player's, no residual shows it.
[[nodiscard]] double hidden_probability(std::size_t n_blocks);

/// Sizes to look at: first, then each half as large again as the one before, all below last. If a look's cost grows at
/// least as its size, all of them together cost at most three times what one at last does.
[[nodiscard]] std::vector<std::size_t> looks(std::size_t first, std::size_t last);

}  // namespace banzhaf
