// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Pairs split into folds, with least squares on the players for all pairs and for all pairs without one fold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "interactions/pair_signs.hpp"

namespace banzhaf {

/// Least squares of numbers, one for each pair, on all columns.
struct ColumnFit {
  std::vector<double> values;     ///< one for each column; empty if the pairs do not determine them
  std::vector<double> variances;  ///< of the values, from the mean square of the residuals
};

/// Fits once. There must be more pairs than columns.
[[nodiscard]] ColumnFit fit_columns(const PairSigns& columns, std::span<const double> y, int num_threads);

/// Pairs that are split into folds, at random or by blocks. A fold is held out while models are fitted to the other pairs.
///
///     const FoldedPairs folds(signs, 5, seed);
///     const std::vector<double> rest = folds.residuals(odd);  // odd without its best linear part
///     folds.leave_out(k, odd, held_out);                      // errors at the pairs of fold k, which the fit has not seen
class FoldedPairs {
 public:
  /// signs must outlive the folds. If block_size is above 0, the pairs are blocks of so many pairs, one after another,
  /// and a fold consists of whole blocks. Without with_fits, only the folds are made: values, residuals and leverages
  /// may not be asked for.
  FoldedPairs(const PairSigns& signs, std::size_t n_folds, std::uint64_t seed, int num_threads = 0,
              std::size_t block_size = 0, bool with_fits = true);

  [[nodiscard]] const PairSigns& signs() const noexcept { return *signs_; }
  [[nodiscard]] std::size_t n_folds() const noexcept { return training_.size(); }
  /// Whether the pairs outside each fold determine a value for each player. Otherwise nothing below may be called.
  [[nodiscard]] bool determined() const noexcept { return determined_; }
  /// The pairs outside fold k, in ascending order.
  [[nodiscard]] std::span<const std::uint32_t> training(std::size_t k) const noexcept { return training_[k]; }
  /// Returns y (one number for each pair) at the pairs outside fold k.
  [[nodiscard]] std::vector<double> training_part(std::size_t k, std::span<const double> y) const;
  /// The pairs of fold k, in ascending order.
  [[nodiscard]] std::span<const std::uint32_t> held_out(std::size_t k) const noexcept { return held_out_[k]; }
  /// Returns a flag for each pair, 1 for those of fold k.
  [[nodiscard]] std::vector<std::uint8_t> flags(std::size_t k) const;

  /// Returns the least-squares values of y (one number for each pair) on the players' signs.
  [[nodiscard]] std::vector<double> values(std::span<const double> y) const;
  /// Returns the least-squares values from the pairs outside fold k.
  [[nodiscard]] std::vector<double> values_without(std::size_t k, std::span<const double> y) const {
    return solve(factors_[k], y, masks_[k]);
  }
  /// Returns y without its least-squares fit on the players' signs.
  [[nodiscard]] std::vector<double> residuals(std::span<const double> y) const;
  /// Fits y by least squares on the pairs outside fold k. Writes y minus the fit to out, at the pairs of fold k only.
  void leave_out(std::size_t k, std::span<const double> y, std::span<double> out) const;
  /// The leverage h of each pair: x^T (X^T X)^-1 x, where X has the pairs outside the pair's fold. The variance of what
  /// leave_out writes is 1 + h times that of y around its linear part.
  [[nodiscard]] const std::vector<double>& leverages() const noexcept { return leverages_; }

 private:
  [[nodiscard]] std::vector<double> solve(const std::vector<double>& factor, std::span<const double> y,
                                          std::span<const std::uint64_t> mask) const;

  const PairSigns* signs_;
  bool determined_ = false;
  std::vector<std::vector<std::uint32_t>> training_;
  std::vector<std::vector<std::uint32_t>> held_out_;
  std::vector<std::vector<std::uint64_t>> masks_;  // bits of the pairs outside each fold
  std::vector<std::uint64_t> all_;                 // bits of all pairs
  std::vector<double> factor_;                     // the Cholesky factor of X^T X
  std::vector<std::vector<double>> factors_;       // and of each X^T X without a fold
  std::vector<double> leverages_;
};

}  // namespace banzhaf
