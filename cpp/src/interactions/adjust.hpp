// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Interactions of three players and more, found in the odd halves of pairs of complements and taken out of them.
//
// The odd half d = v(S) - v(S^c) of a pair is X phi plus interactions of 3, 5, ... players. Those are the whole error of
// the values, and models can predict a part of them. Values from d minus the prediction have smaller errors:
//
//     const Adjuster adjuster(signs, options);                   // once for each set of pairs
//     const Adjustment found = adjuster(odd, even);              // for each output
//     if (found.used()) ...                                      // least squares of odd - found.explained on X
//
// How much of each prediction to take is learnt from pairs that its model has not seen: the pairs are split into up to
// five folds, and a model is fitted once more without each fold. Folds are whole blocks if there are five blocks, or three
// nested ones. Otherwise they are drawn at random. The same residuals give honest standard errors:
// with V = (X^T X)^-1, the variance of value i is about residual_variance V_ii (homoscedastic), or
// sum_p (V x_p)_i^2 held_out_p^2 (if the variance of the residuals may depend on the coalition).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "interactions/folds.hpp"
#include "interactions/pair_signs.hpp"
#include "interactions/stack.hpp"
#include "interactions/terms.hpp"
#include "support/deadline.hpp"

namespace banzhaf {

/// Why an adjustment was used, or was not.
enum class AdjustOutcome : std::uint8_t {
  used,          ///< the predictions are to be subtracted
  one_block,     ///< not tried: one Hadamard block cannot tell interactions from values
  two_nested,    ///< not tried: nor can two nested blocks, in which too many interactions look alike
  few_pairs,     ///< not tried: fewer than 64 pairs, or too few to hold some out
  costly,        ///< not tried: the estimated work is above most_operations
  nothing_left,  ///< not tried: the values explain the odd halves, up to rounding
  no_gain,       ///< tried, but pairs that the models had not seen were not predicted
  late,          ///< tried, but the deadline came first
};

struct AdjustOptions {
  std::size_t n_blocks = 0;  ///< the Hadamard blocks of the pairs, where a part counts as one; 0 for other pairs
  bool nested = false;       ///< whether the blocks share columns and signs
  /// For incomplete or shuffled blocks, the place of each pair, as TermsFitter takes it. It must outlive the Adjuster.
  std::span<const std::uint32_t> places{};
  std::uint64_t seed = 0;  ///< for the folds
  int num_threads = 0;     ///< 0 means default_num_threads(). It does not change the result.
  double most_operations = std::numeric_limits<double>::infinity();  ///< see estimated_operations
  Deadline deadline{};
};

/// Estimates the work of one output in units of about a nanosecond on one thread: at most a quarter below what was
/// measured, mostly above it. It depends on nothing else, so a rule that uses it gives the same bits on each run.
/// `python -m bench.adjusted --parts work` compares it with measured times.
/// @param n_players the players
/// @param n_pairs the pairs of coalitions
/// @param in_blocks whether the pairs are Sylvester's Hadamard blocks, which take a fraction of the work of other pairs
[[nodiscard]] double estimated_operations(std::size_t n_players, std::size_t n_pairs, bool in_blocks = false);
/// A rougher estimate for the terms model alone, with and without each fold, by which explanations go.
[[nodiscard]] double estimated_operations_of_terms(std::size_t n_players, std::size_t n_pairs);

struct Adjustment {
  static constexpr std::size_t most_terms = 100;

  AdjustOutcome outcome = AdjustOutcome::no_gain;
  /// The numbers to subtract from the odd halves, one for each pair. Empty unless used.
  std::vector<double> explained;
  /// The residuals of the odd halves, one for each pair, from fits that have not seen the pair. They are divided by
  /// sqrt(1 + leverage), so that their mean square estimates the variance around the adjusted fit, and then multiplied
  /// by sqrt(pairs / (pairs - players)) for what was learnt from all pairs. They also allow for one more pair, with the
  /// largest residual of the plain fit. If that is most of the variance, they are the plain fit's residuals, made
  /// smaller. Empty unless used.
  std::vector<double> held_out;
  /// The mean square of held_out, and NaN unless used. It is a little too large, because models that see all pairs are
  /// better than those that see four fifths.
  double residual_variance = std::numeric_limits<double>::quiet_NaN();
  /// The degrees of freedom of residual_variance: pairs minus players.
  double degrees_of_freedom = 0;
  /// The weights of the models in the order of model_names(). Empty unless tried.
  std::vector<double> weights;
  /// The largest interactions of the terms model, times its weight: at most most_terms.
  std::vector<Term> terms;
  std::size_t n_terms = 0;  ///< the number of all interactions of the terms model
  /// The share of the plain fit's squared errors at held-out pairs that the adjustment takes away.
  double explained_share = 0;
  double seconds = 0;

  [[nodiscard]] bool used() const noexcept { return outcome == AdjustOutcome::used; }
};

/// The names of the models that an Adjuster may use.
[[nodiscard]] std::span<const char* const> model_names();

/// What several models predict for the pairs of one game, with what is needed to weigh them. The crossed design collects
/// one for each background row, and uses the same weights for all.
class CrossFit {
 public:
  /// folds must be determined, and must outlive the object. odd has one number for each pair.
  CrossFit(const FoldedPairs& folds, std::span<const double> odd);

  /// Adds a model: fitted to all pairs, and fitted without each fold. The order of calls with different k does not
  /// matter, and they may run at the same time.
  std::size_t add_model();
  void set_full(std::size_t model, const OddModel& fitted);
  void set_fold(std::size_t model, std::size_t k, const OddModel& fitted);
  /// The same for predictions of all pairs. Their part along the players' own columns does not matter.
  void set_full(std::size_t model, std::vector<double> predicted);
  void set_fold(std::size_t model, std::size_t k, std::span<const double> predicted);

  /// The errors of the plain fit at held-out pairs, which the models are to predict.
  [[nodiscard]] const std::vector<double>& target() const noexcept { return target_; }
  /// For each model, its predictions of target.
  [[nodiscard]] const std::vector<std::vector<double>>& held_out() const noexcept { return held_out_; }

  /// Returns the adjustment with given weights.
  [[nodiscard]] Adjustment weigh(const std::vector<double>& weights) const;

 private:
  const FoldedPairs* folds_;
  std::vector<double> target_;
  std::vector<std::vector<double>> full_;
  std::vector<std::vector<double>> held_out_;
};

/// Adjusts any number of outputs of the same pairs.
class Adjuster {
 public:
  /// signs must outlive the object.
  Adjuster(const PairSigns& signs, const AdjustOptions& options);

  /// odd and even hold v(S) - v(S^c) and v(S) + v(S^c) of each pair. The result of an output does not depend on the
  /// other outputs. Throws what an interrupt throws, and nothing else of its own.
  [[nodiscard]] Adjustment operator()(std::span<const double> odd, std::span<const double> even) const;

  /// The folds of Adjustment::held_out, unless nothing is tried.
  [[nodiscard]] const FoldedPairs& folds() const noexcept { return *splits_.back().folds; }
  /// Why nothing is tried for any output, or `used` if it is tried.
  [[nodiscard]] AdjustOutcome refusal() const noexcept { return refusal_; }

 private:
  /// The pairs in folds.
  struct Split {
    std::unique_ptr<const FoldedPairs> folds;
    std::vector<PairSigns> training;              // the pairs outside each fold, for the kernel
    std::vector<std::vector<std::uint8_t>> held;  // for each fold, whether a pair is in it
  };

  /// Adds a split, if its folds determine the values.
  void add_split(std::size_t n_folds, std::size_t block_size);

  const PairSigns* signs_;
  AdjustOptions options_;
  AdjustOutcome refusal_ = AdjustOutcome::used;
  std::vector<Split> splits_;  // the first gives the weights of the models, and the last the errors
  std::unique_ptr<const TermsFitter> terms_;
};

/// Adjusts one output.
[[nodiscard]] Adjustment adjust(const PairSigns& signs, std::span<const double> odd, std::span<const double> even,
                                const AdjustOptions& options);

}  // namespace banzhaf
