// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Estimates that may end before their budget: by rules on the values, a deadline, or the caller's word. For example, with a
// game as in banzhaf/game.hpp, until the standard errors are at most 0.01, or for a minute,
//   const banzhaf::Design design = banzhaf::anytime_design(banzhaf::DesignKind::hadamard, 20, 4000, 0, 60);
//   const banzhaf::Anytime anytime{.rules = {.tolerance = 0.01}, .deadline = 60};
//   banzhaf::estimate(size, design, anytime).values[0];            // 1
#pragma once

#include <cstddef>
#include <functional>
#include <limits>

#include "banzhaf/estimate.hpp"
#include "banzhaf/stopping.hpp"

namespace banzhaf {

struct Anytime {
  StoppingRules rules{};
  /// Seconds from the call on; no batch is begun later. The first pair is evaluated in any case.
  double deadline = std::numeric_limits<double>::infinity();
  /// Gets the estimate of each look at which no rule is met; true stops. It may not change the evaluations.
  std::function<bool(const Estimate&)> callback{};
  /// Seconds since some moment; empty: the steady clock.
  std::function<double()> clock{};
};

/// The design whose coalitions, in this order, may end early: those of an exhaustive design in the order of Hadamard
/// blocks; where there is a deadline, the rows of each block in random order. All its coalitions are those of design.
[[nodiscard]] Design anytime_design(const Design& design, bool deadline);
/// The same from the start: the seconds to the deadline, infinite for none, also limit what the design itself may take.
[[nodiscard]] Design anytime_design(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed,
                                    double deadline);

/// Evaluates the coalitions of an anytime_design until a rule is met or all are done, and estimates from them. Looks
/// come after complete blocks, or at geometrically growing numbers of coalitions where there are none. What comes out is,
/// to the bit, the estimate of design.prefix(n_evaluations) unshuffled, or of the exhaustive design if all 2^n coalitions
/// were evaluated.
[[nodiscard]] Estimate estimate(GameEvaluation& evaluation, const Game& game, const Anytime& anytime,
                                const EstimateOptions& options = {}, std::size_t batch_size = 0,
                                OnNonfinite on_nonfinite = OnNonfinite::raise);

/// The same from the design itself.
[[nodiscard]] Estimate estimate(const Game& game, const Design& design, const Anytime& anytime,
                                const EstimateOptions& options = {}, std::size_t batch_size = 0,
                                OnNonfinite on_nonfinite = OnNonfinite::raise);

}  // namespace banzhaf
