// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Estimates values from evaluations that may end before their budget.
///
/// A rule on the values, a deadline or the caller's callback can end them. For example, with a game as in
/// banzhaf/game.hpp, this runs until the standard errors are at most 0.01, or for a minute:
/// @code{.cpp}
/// const banzhaf::Design design = banzhaf::anytime_design(banzhaf::DesignKind::hadamard, 20, 4000, 0, 60);
/// const banzhaf::Anytime anytime{.rules = {.tolerance = 0.01}, .deadline = 60};
/// banzhaf::estimate(size, design, anytime).values[0];            // 1
/// @endcode
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include "banzhaf/estimate.hpp"
#include "banzhaf/stopping.hpp"

namespace banzhaf {

/// What may end an evaluation before its budget.
struct Anytime {
  StoppingRules rules{};  ///< The rules on values and standard errors.
  /// The deadline in seconds from the call on. No batch starts after it, but the first pair is always evaluated.
  double deadline = std::numeric_limits<double>::infinity();
  /// Gets the estimate of each check at which no rule is met, and returns true to stop. It must not change the
  /// evaluation.
  std::function<bool(const Estimate&)> callback{};
  /// Returns the time in seconds. If empty, the steady clock is used.
  std::function<double()> clock{};
};

/// Returns a design with the same coalitions, in an order that may end early.
///
/// The coalitions of an exhaustive design are ordered as Hadamard designs. If there is a deadline, the rows of each
/// Hadamard design are shuffled.
/// @param design the design
/// @param deadline whether there is a deadline
/// @return the reordered design
[[nodiscard]] Design anytime_design(const Design& design, bool deadline);
/// Makes a design in an order that may end early.
/// @param kind how coalitions are chosen
/// @param n_players the number of players
/// @param budget the largest number of coalitions
/// @param seed the seed of the random numbers
/// @param deadline seconds to the deadline, which also limit the time to make the design; infinity for no deadline
/// @return the design
/// @throws std::invalid_argument as the constructor of Design does
[[nodiscard]] Design anytime_design(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed,
                                    double deadline);

/// Puts evaluations into the order of the design that their estimate rests on.
///
/// The coalitions of a run may come in another order than those of its design, and the run may end early. The result
/// holds the same evaluations in the design's own order, as many as there are. Its design is
/// design.prefix(n_evaluated) unshuffled, or the exhaustive one if all 2^n coalitions were evaluated.
/// @param evaluation an evaluation of an anytime_design(), or of any other design
/// @return an evaluation of all coalitions of its design
[[nodiscard]] GameEvaluation in_design_order(GameEvaluation evaluation);

/// Returns where the coalitions of an anytime_design() stand in the design that it was made from.
/// @param design the anytime_design()
/// @param first the first coalition of the anytime_design()
/// @param count the number of coalitions
/// @return the rows of the design that anytime_design() took
/// @throws std::invalid_argument if the design has fewer than first + count coalitions
[[nodiscard]] std::vector<std::size_t> rows_in_design(const Design& design, std::size_t first, std::size_t count);

/// Estimates values from what was evaluated of an anytime_design().
///
/// The result is bit for bit the estimate of design.prefix(n_evaluations) unshuffled. If all 2^n coalitions were
/// evaluated, it is that of the exhaustive design.
/// @param evaluation the evaluation of at least one pair, or of one coalition if the design has no pairs
/// @param options the options of the estimate
/// @param on_nonfinite what to do with a worth that is not finite
[[nodiscard]] Estimate estimate_so_far(const GameEvaluation& evaluation, const EstimateOptions& options = {},
                                       OnNonfinite on_nonfinite = OnNonfinite::raise);

/// Evaluates the coalitions of an anytime_design() until a rule is met or all are done, and estimates the values.
///
/// Checks come after complete Hadamard designs. Without these, they come at geometrically growing numbers of
/// coalitions. The result is bit for bit the estimate of design.prefix(n_evaluations) unshuffled. If all 2^n coalitions
/// were evaluated, it is that of the exhaustive design.
/// @param evaluation the evaluation, which gets the worths
/// @param game the game
/// @param anytime what may end the evaluation
/// @param options the options of the estimate
/// @param batch_size the largest number of coalitions in a call, or 0 for GameEvaluation::default_batch_size()
/// @param on_nonfinite what to do with a worth that is not finite
/// @return the estimate; Estimate::stopped holds the reason of the end
/// @throws std::domain_error naming the coalition, if a worth is not finite and on_nonfinite is OnNonfinite::raise
/// @throws std::invalid_argument if a rule cannot be met or needs standard errors that are turned off, or the deadline
///   is not positive
[[nodiscard]] Estimate estimate(GameEvaluation& evaluation, const Game& game, const Anytime& anytime,
                                const EstimateOptions& options = {}, std::size_t batch_size = 0,
                                OnNonfinite on_nonfinite = OnNonfinite::raise);

/// Evaluates a design until a rule is met or all coalitions are done, and estimates the values.
/// @param game the game
/// @param design an anytime_design()
/// @param anytime what may end the evaluation
/// @param options the options of the estimate
/// @param batch_size the largest number of coalitions in a call, or 0 for GameEvaluation::default_batch_size()
/// @param on_nonfinite what to do with a worth that is not finite
/// @return the estimate; Estimate::stopped holds the reason of the end
/// @throws std::domain_error naming the coalition, if a worth is not finite and on_nonfinite is OnNonfinite::raise
/// @throws std::invalid_argument if a rule cannot be met or needs standard errors that are turned off, or the deadline
///   is not positive
[[nodiscard]] Estimate estimate(const Game& game, const Design& design, const Anytime& anytime,
                                const EstimateOptions& options = {}, std::size_t batch_size = 0,
                                OnNonfinite on_nonfinite = OnNonfinite::raise);

}  // namespace banzhaf
