// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The coefficients of products of players' signs, estimated from one half of the pairs with honest errors.
//
// Models of the half are fitted to all pairs, and once more without each fold. Their predictions of pairs that they have
// not seen give them weights, and f is the weighted sum. With r_p the half of pair p minus what the fits without it
// predict, the one-step estimate of the product chi_T is
//
//     y_T = (mean over folds of the coefficient of chi_T in f) + (1 / P) sum_p r_p chi_T(x_p).
//
// It is unbiased for uniform pairs, whatever the models, and its variance is that of r over P. The coefficient m_T of the
// fits to all pairs has the smaller error, because their priors make it small where there is nothing. So m_T is reported,
// with the squared error (y_T - m_T)^2 + var y_T: what the priors have taken away is allowed for.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "interactions/block_layout.hpp"
#include "interactions/folds.hpp"
#include "interactions/pair_signs.hpp"
#include "interactions/sets.hpp"
#include "interactions/terms.hpp"

namespace banzhaf {

/// The pairs of one game, and how they are arranged. All members refer to the caller's objects.
struct HalvedPairs {
  const PairSigns& signs;
  const TermsFitter& fitter;
  const FoldedPairs& folds;
  const FoldedPairs* products = nullptr;  ///< the same folds of all products of two players and a constant, or null
  const BlockLayout* layout = nullptr;    ///< null for pairs in no blocks
  std::uint64_t seed = 0;
};

/// Returns all products of two players as columns, in lexicographic order, and a constant after them.
[[nodiscard]] PairSigns products_of_two(const PairSigns& signs);

/// A coefficient in the fits to all pairs with its error, and its unbiased one-step estimate.
struct OneStep {
  Term term;
  double unbiased = 0;
};

/// One half of one game.
class HalfSpectrum {
 public:
  /// pairs must outlive the object. The folds must be determined.
  HalfSpectrum(const HalvedPairs& pairs, Half half, std::span<const double> odd, std::span<const double> even,
               int num_threads);

  /// Returns the coefficient of each set in the half, with its standard error and the unbiased estimate.
  [[nodiscard]] std::vector<OneStep> estimate(const Sets& sets, int num_threads) const;
  /// Returns the standard error of an estimate: from its distance to an unbiased one, and the variance of that.
  [[nodiscard]] double error(double distance, double variance) const noexcept {
    return std::max(least_, std::sqrt(variance + distance * distance));
  }
  /// The products of the sparse fit to all pairs, the largest first.
  [[nodiscard]] const std::vector<Term>& terms() const noexcept { return terms_; }
  /// The mean square of what the fits leave of the half at pairs that they have not seen.
  [[nodiscard]] double unresolved() const noexcept { return unresolved_; }

 private:
  /// Returns a coefficient of one fit of a model.
  using Coefficient = std::function<double(std::span<const std::uint32_t>)>;
  struct Model {
    std::vector<Coefficient> of_folds;  // and of all pairs, in the end
    std::vector<double> held_out;       // what the fits predict of pairs that they have not seen
    double weight = 0;
  };

  void add_terms(std::span<const double> odd, std::span<const double> even, int num_threads);
  void add_kernel(std::span<const double> odd, std::span<const double> even, int num_threads);
  void add_products(std::span<const double> even);
  /// Writes y at the pairs of fold k, without the values or the constant that the other pairs show.
  void leave_out(std::size_t k, std::span<const double> y, std::span<double> out) const;
  /// A coefficient in the fits to all pairs, and its one-step estimate.
  struct Estimates {
    double full = 0, one_step = 0;
  };
  [[nodiscard]] Estimates estimates_of(std::span<const std::uint32_t> players) const;
  [[nodiscard]] double correlation(std::span<const std::uint32_t> players) const;

  HalvedPairs pairs_;
  Half half_;
  std::vector<Term> terms_;
  std::vector<double> target_;  // the half, as leave_out gives it
  std::vector<Model> models_;
  std::vector<double> residuals_;  // transformed by blocks if there is a layout
  double unresolved_ = 0;
  double variance_ = 0;  // of each one-step estimate
  double least_ = 0;     // the error of rounding
};

}  // namespace banzhaf
