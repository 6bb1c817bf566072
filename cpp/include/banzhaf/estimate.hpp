// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// From a design through a game to Banzhaf values. For example, with a game as in banzhaf/game.hpp,
//   const banzhaf::Design design(banzhaf::DesignKind::hadamard, 20, 400, 0);    // players, budget, seed
//   const banzhaf::Estimate found = banzhaf::estimate(size, design);
//   found.values[0];                                                            // 1
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/game.hpp"
#include "banzhaf/stopping.hpp"
#include "banzhaf/worths.hpp"

namespace banzhaf {

/// How worths become values; Monte Carlo is what walks always use.
enum class Method { regression, msr };

struct EstimateOptions {
  Method method = Method::regression;
  double ridge = 0;             ///< lambda in min ||A x - b||^2 + lambda ||x||^2, A of entries +-1/2
  bool standard_errors = true;  ///< otherwise they are NaN, and the time for them is saved
  /// Whether the game's worths vary from call to call. Nothing is exact then: all 2^n coalitions and fits without
  /// residuals have errors as well. Without it they are exact, and repeated coalitions whose worths differ show noise.
  bool noisy = false;
  bool doubts_fits = true;  ///< whether a fit on few spare contrasts may be exact by chance
  int num_threads = 0;      ///< 0: OMP_NUM_THREADS if set, else the usable CPUs
};

/// Everything but the coalitions themselves; players x outputs and outputs are row-major.
struct Estimate {
  std::size_t n_players = 0;
  std::size_t n_outputs = 0;
  std::vector<double> values;           ///< players x outputs
  std::vector<double> standard_errors;  ///< players x outputs; 0 if exact, NaN if they cannot be told
  std::vector<double> mean_worth;       ///< outputs: the mean of the worths that were used
  std::vector<double> r2;               ///< outputs: share of their variance that the additive model explains
  std::vector<double> even_variance;    ///< outputs: of (v(S) + v(S^c)) / 2 over the pairs; NaN without pairs
  std::vector<double> odd_variance;     ///< outputs: of (v(S) - v(S^c)) / 2, whose mean is 0; NaN without pairs
  std::vector<double> even_share;       ///< outputs: of even_variance in the worths' variance; NaN without pairs
  std::vector<double> linear_share;     ///< outputs: that of the values themselves; NaN unless the errors are known
  std::vector<double> higher_share;     ///< outputs: what is left, interactions of order 3, 5, ... and noise
  std::size_t n_evaluations = 0;        ///< all that were made, also those dropped
  std::size_t n_dropped = 0;
  std::size_t n_distinct = 0;  ///< different coalitions among those that were used
  std::size_t rank = 0;        ///< these three as the Estimator gives them
  double condition_number = 0;
  double degrees_of_freedom = 0;
  Stopped stopped = Stopped::budget;
};

/// How coalitions differ from uniform ones beyond what chance explains. Values that are fitted to them are biased by
/// interactions.
struct Unevenness {
  enum class Kind {
    none,
    player,     ///< one player is in too many or too few: share of the coalitions
    inclusion,  ///< players on the whole are: share, their mean
    size,       ///< sizes spread too little or too much: share, their mean squared distance from n / 2 over n / 4
    together    ///< players come together too often: share, their mean squared correlation over what chance makes it
  };
  Kind kind = Kind::none;
  std::size_t player = 0;  ///< whom it is about, if it is one
  double share = 0;        ///< what was seen
};

/// Turns worths into values. Prepared once for a set of coalitions, it serves any number of games on them, also from
/// several threads at once.
class Estimator {
 public:
  /// For all coalitions of a design.
  Estimator(const Design& design, EstimateOptions options);
  /// For those of them whose worths are finite: a pair stays if both are, and counts as dropped otherwise.
  Estimator(const Design& design, EstimateOptions options, Worths worths);
  /// For a caller's own coalitions: exact if they are all 2^n, pairs if every one has its complement among them, else
  /// each on its own. Errors allow for coalitions that were repeated on purpose.
  Estimator(Coalitions coalitions, EstimateOptions options);
  ~Estimator();
  Estimator(Estimator&&) noexcept;
  Estimator& operator=(Estimator&&) noexcept;

  /// Throws std::invalid_argument if a design's least squares is too large to hold: to be told before any evaluation.
  static void check_size(const Design& design);

  /// Of the regression; the number of players for methods that solve nothing.
  [[nodiscard]] std::size_t rank() const noexcept;
  /// Of the regression; 1 for all coalitions, NaN for methods that solve nothing.
  [[nodiscard]] double condition_number() const noexcept;
  /// Of Student's t for intervals; infinite if exact, 0 if there is nothing left to judge errors by.
  [[nodiscard]] double degrees_of_freedom() const noexcept;

  /// Of a caller's own coalitions; fewer than one in 10,000 uniform samples show any.
  [[nodiscard]] Unevenness unevenness() const;

  /// One row of worths for each coalition.
  [[nodiscard]] Estimate operator()(Worths worths) const;

 private:
  struct State;
  [[nodiscard]] Estimate scaled(Worths worths, std::vector<int> exponents) const;
  std::unique_ptr<const State> state_;
};

/// The values of a complete evaluation.
[[nodiscard]] Estimate estimate(const GameEvaluation& evaluation, const EstimateOptions& options = {},
                                OnNonfinite on_nonfinite = OnNonfinite::raise);

/// Evaluates a design and turns its worths into values.
[[nodiscard]] Estimate estimate(const Game& game, const Design& design, const EstimateOptions& options = {},
                                std::size_t batch_size = 0, OnNonfinite on_nonfinite = OnNonfinite::raise);

}  // namespace banzhaf
