// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Estimates the Banzhaf values of a game from the worths of a design's coalitions.
///
/// For example, with a game as in banzhaf/game.hpp:
/// @code{.cpp}
/// const banzhaf::Design design(banzhaf::DesignKind::hadamard, 20, 400, 0);    // players, budget, seed
/// const banzhaf::Estimate found = banzhaf::estimate(size, design);
/// found.values[0];                                                            // 1
/// @endcode
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "banzhaf/adjustment.hpp"
#include "banzhaf/coalitions.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/game.hpp"
#include "banzhaf/stopping.hpp"
#include "banzhaf/worths.hpp"

namespace banzhaf {

/// How worths become values. A design of walks always uses Monte Carlo, whatever the method.
enum class Method {
  regression,  ///< Least squares, as in Kernel Banzhaf. It is exact if all coalitions are evaluated.
  msr          ///< Maximum sample reuse: the mean worth with a player minus the mean worth without it.
};

/// The options of an estimate.
struct EstimateOptions {
  Method method = Method::regression;  ///< How worths become values.
  double ridge = 0;  ///< lambda in min |A x - b|^2 + lambda |x|^2, where A has entries +-1/2. It must not be negative.
  bool standard_errors = true;  ///< Whether to compute standard errors. Without, they are NaN, and this saves time.
  /// Whether the worth of a coalition varies from call to call.
  ///
  /// If so, no estimate counts as exact: values from all 2^n coalitions, or from fits without residuals, have standard
  /// errors too. Otherwise such values are exact, and coalitions that are repeated with different worths reveal noise.
  bool noisy = false;
  Interactions interactions = Interactions::none;  ///< Whether to take interactions out of the error.
  /// The longest time to look for interactions, in seconds. If it is not enough, the values are not adjusted.
  double interaction_seconds = std::numeric_limits<double>::infinity();
  /// The probability with which each player is in a coalition of the others: a value is the mean of what the player adds.
  /// 0.5 gives Banzhaf values. A design of Design::weighted brings its own.
  double p = 0.5;
  bool doubts_fits = true;  ///< Whether a perfect fit with few residual degrees of freedom may be perfect by chance.
  int num_threads = 0;      ///< The number of threads, or 0 for default_num_threads().
};

/// The result of an estimate. Arrays over players and outputs are in row-major order.
struct Estimate {
  std::size_t n_players = 0;            ///< The number of players.
  std::size_t n_outputs = 0;            ///< The number of outputs.
  std::vector<double> values;           ///< Players x outputs: the Banzhaf values, in the unit of the worths.
  std::vector<double> standard_errors;  ///< Players x outputs: 0 if a value is exact, NaN if the error is unknown.
  std::vector<double> mean_worth;       ///< Outputs: the mean of the worths that were used.
  std::vector<double> r2;               ///< Outputs: the share of the worths' variance that the values explain.
  std::vector<double> even_variance;    ///< Outputs: the variance of (v(S) + v(S^c)) / 2 over pairs; NaN without pairs.
  std::vector<double> odd_variance;     ///< Outputs: the mean square of (v(S) - v(S^c)) / 2; NaN without pairs.
  std::vector<double> even_share;       ///< Outputs: the share of even_variance in the worths' variance, or NaN.
  std::vector<double> linear_share;     ///< Outputs: the share of the values; NaN if the errors are unknown.
  std::vector<double> higher_share;     ///< Outputs: the rest, from interactions of order 3, 5, ... and from noise.
  std::size_t n_evaluations = 0;        ///< All evaluations, including those that were dropped.
  std::size_t n_dropped = 0;            ///< The evaluations that were dropped.
  std::size_t n_distinct = 0;           ///< The number of different coalitions that were used.
  std::size_t rank = 0;                 ///< See Estimator::rank().
  double condition_number = 0;          ///< See Estimator::condition_number().
  double degrees_of_freedom = 0;        ///< See Estimator::degrees_of_freedom().
  Stopped stopped = Stopped::budget;    ///< Why the evaluation ended.
  /// Outputs: what was done about interactions. Empty with Interactions::none.
  std::vector<AdjustmentRecord> adjustments;
};

/// How a caller's coalitions differ from uniform ones by more than chance explains.
///
/// In such coalitions, interactions bias the fitted values.
struct Unevenness {
  /// The kinds of differences.
  enum class Kind {
    none,       ///< There is no difference.
    player,     ///< One player is in too many or too few coalitions. share is its share of the coalitions.
    inclusion,  ///< Players are in too many or too few coalitions on average. share is their mean share.
    size,       ///< The sizes vary too little or too much. share is the mean of (size - n/2)^2, divided by n/4.
    draws,      ///< It is not clear how coalitions for values with a probability p were drawn.
    together    ///< Players occur together too often. share is their mean squared correlation, relative to chance.
  };
  Kind kind = Kind::none;  ///< The kind of difference.
  std::size_t player = 0;  ///< The player, for Kind::player.
  double share = 0;        ///< The observed share, which depends on the kind.
};

/// Turns worths into values.
///
/// An estimator is prepared once for a set of coalitions. It then serves any number of games on them, and several
/// threads at the same time.
class Estimator {
 public:
  /// Prepares for all coalitions of a design.
  /// @throws std::invalid_argument if options.num_threads is negative, or check_size() throws
  Estimator(const Design& design, EstimateOptions options);
  /// Prepares for the coalitions of a design whose worths are finite. A pair is dropped if one of its worths is not.
  /// @param design the design
  /// @param options the options
  /// @param worths one row for each coalition
  /// @throws std::domain_error if no coalition has a finite worth
  /// @throws std::invalid_argument if options.num_threads is negative, or check_size() throws
  Estimator(const Design& design, EstimateOptions options, Worths worths);
  /// Prepares for a caller's own coalitions.
  ///
  /// The values are exact if these are all 2^n coalitions. If each has its complement among them, they are used as
  /// pairs, otherwise each on its own. Standard errors take into account that coalitions may be repeated.
  /// @param coalitions the coalitions, in any order
  /// @param options the options
  /// @throws std::invalid_argument if there are no coalitions or no players, or options.num_threads is negative
  Estimator(Coalitions coalitions, EstimateOptions options);
  /// Frees the prepared state.
  ~Estimator();
  /// Moves an estimator.
  Estimator(Estimator&&) noexcept;
  /// Moves an estimator.
  Estimator& operator=(Estimator&&) noexcept;

  /// Checks before any evaluation that the least-squares problem of a design fits into memory.
  /// @throws std::invalid_argument if it is too large
  static void check_size(const Design& design);

  /// Returns the rank of the regression, or the number of players for methods without one.
  [[nodiscard]] std::size_t rank() const noexcept;
  /// Returns the condition number of the regression: 1 for all coalitions, and NaN for methods without a regression.
  [[nodiscard]] double condition_number() const noexcept;
  /// Returns the degrees of freedom of Student's t for intervals.
  ///
  /// They are infinite if the values are exact, and 0 if nothing is left to estimate the errors.
  [[nodiscard]] double degrees_of_freedom() const noexcept;

  /// Returns how a caller's own coalitions differ from uniform ones.
  ///
  /// Fewer than one in 10,000 samples of uniform coalitions are reported.
  [[nodiscard]] Unevenness unevenness() const;

  /// Estimates the values.
  /// @param worths one row for each coalition
  /// @return the estimate
  /// @throws std::invalid_argument if the number of worths is wrong
  [[nodiscard]] Estimate operator()(Worths worths) const;

 private:
  struct State;
  [[nodiscard]] Estimate scaled(Worths worths, std::vector<int> exponents) const;
  std::unique_ptr<const State> state_;
};

/// Estimates values from a complete evaluation.
/// @param evaluation an evaluation of all coalitions of its design
/// @param options the options
/// @param on_nonfinite OnNonfinite::drop leaves out worths that are not finite
/// @return the estimate
/// @throws std::invalid_argument if the evaluation is not complete, or options.num_threads is negative
[[nodiscard]] Estimate estimate(const GameEvaluation& evaluation, const EstimateOptions& options = {},
                                OnNonfinite on_nonfinite = OnNonfinite::raise);

/// Evaluates a design and estimates values from its worths.
/// @param game the game
/// @param design the design
/// @param options the options
/// @param batch_size the largest number of coalitions in a call, or 0 for GameEvaluation::default_batch_size()
/// @param on_nonfinite what to do with a worth that is not finite
/// @return the estimate
/// @throws std::domain_error naming the coalition, if a worth is not finite and on_nonfinite is OnNonfinite::raise
/// @throws std::invalid_argument if the game returns a wrong number of worths, or options.num_threads is negative
[[nodiscard]] Estimate estimate(const Game& game, const Design& design, const EstimateOptions& options = {},
                                std::size_t batch_size = 0, OnNonfinite on_nonfinite = OnNonfinite::raise);

}  // namespace banzhaf
