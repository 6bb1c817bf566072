// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Estimates interactions of several players from the evaluations of a run.
///
/// Every game is a sum of products of signs, v(S) = sum over sets T of c_T chi_T(S). Here chi_T is the product over the
/// players of T of +1 inside S and -1 outside. The Banzhaf value of player i is 2 c_i, and the Banzhaf interaction of k
/// players is 2^k c_T. For example, with an evaluation as in banzhaf/game.hpp:
/// @code{.cpp}
/// const banzhaf::Spectrum found = banzhaf::estimate_spectrum(evaluation.design(), evaluation.worths(), 2);
/// found.coefficients[0] * 4;    // the interaction of players found.players[0] and found.players[1]
/// @endcode
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/worths.hpp"

namespace banzhaf {

/// The options of estimate_spectrum().
struct SpectrumOptions {
  /// If there are more sets of players than this, only those that a fit has found are estimated.
  std::size_t most_sets = std::size_t{1} << 21;
  std::uint64_t seed = 0;  ///< The seed of the folds into which pairs are split.
  int num_threads = 0;     ///< The number of threads, or 0 for default_num_threads(). They do not change the result.
};

/// Estimated coefficients of all products of one number of players, or of those that were found.
struct Spectrum {
  std::size_t order = 0;               ///< The number of players in each set.
  std::size_t n_players = 0;           ///< The number of players of the game.
  std::size_t n_outputs = 0;           ///< The number of outputs.
  std::vector<std::uint32_t> players;  ///< Sets x order: the players, ascending in each set. The sets are sorted.
  std::vector<double> coefficients;    ///< Sets x outputs: c_T, in the unit of the worths.
  std::vector<double> errors;          ///< Sets x outputs: the standard errors of the coefficients.
  /// Sets x outputs: unbiased estimates with larger errors. The square of a standard error is the variance of this
  /// estimate, plus the square of its distance from the coefficient.
  std::vector<double> unbiased;
  bool complete = false;  ///< Whether all sets of this order are there.
  /// Outputs: the variance of the worths that products of the same parity leave, at pairs that no fit has seen.
  std::vector<double> unresolved_variance;
  double degrees_of_freedom = 0;  ///< The degrees of freedom of Student's t for intervals.

  /// Returns the number of sets.
  [[nodiscard]] std::size_t n_sets() const noexcept { return order == 0 ? 0 : players.size() / order; }
};

/// Estimates the coefficients of products of two or three players from a design's worths.
///
/// Worths that are not finite are left out with their pairs.
/// @param design the design, which must not have all 2^n coalitions
/// @param worths one row for each coalition
/// @param order 2 or 3
/// @param options the options
/// @return the coefficients
/// @throws std::invalid_argument if the coalitions are too few or no pairs, or an argument is wrong
[[nodiscard]] Spectrum estimate_spectrum(const Design& design, Worths worths, std::size_t order,
                                         const SpectrumOptions& options = {});
/// Estimates the coefficients of products of two or three players from a caller's own coalitions.
/// @param coalitions the coalitions, uniformly drawn
/// @param worths one row for each coalition
/// @param order 2 or 3
/// @param options the options
/// @return the coefficients
/// @throws std::invalid_argument if the coalitions are too few or no pairs, or an argument is wrong
[[nodiscard]] Spectrum estimate_spectrum(Coalitions coalitions, Worths worths, std::size_t order,
                                         const SpectrumOptions& options = {});

}  // namespace banzhaf
