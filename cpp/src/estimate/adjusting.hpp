// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Takes interactions out of the error of least squares on pairs: fits them, subtracts them from the pairs' differences,
// and fits the values again.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "banzhaf/adjustment.hpp"
#include "banzhaf/estimate.hpp"
#include "estimate/sample.hpp"
#include "interactions/adjust.hpp"
#include "interactions/pair_signs.hpp"
#include "regression/regression.hpp"

namespace banzhaf {

/// The number of complete nested designs that make up the sample, or 0 if pairs are missing or left over.
[[nodiscard]] std::size_t complete_stages(const Sample& sample);

/// The place of each pair in Sylvester's Hadamard designs, as TermsFitter takes it. Empty for other pairs.
[[nodiscard]] std::vector<std::uint32_t> places_of(const Sample& sample);

/// Returns whether Interactions::automatic leaves interactions of one output in Hadamard designs, because finding them
/// would take too much work.
[[nodiscard]] bool search_is_costly(std::size_t n_players, std::size_t n_pairs);

/// v(S) - v(S^c) and v(S) + v(S^c) of each pair.
struct Halves {
  std::vector<double> odd, even;
};

/// Returns the halves of one output.
[[nodiscard]] Halves halves_of(const Sample& sample, Worths worths, std::size_t output);

/// Prepared once for a sample and its regression, which it refers to.
class Adjusting {
 public:
  /// Prepares nothing if options.interactions is none, or if the sample cannot be adjusted.
  Adjusting(const Sample& sample, const LeastSquares& regression, const EstimateOptions& options);

  /// Adjusts the plain fit of these worths: replaces the values, variances and residual squares of the outputs that it
  /// adjusts. Returns what was done for each output, or nothing if options.interactions is none.
  [[nodiscard]] std::vector<AdjustmentRecord> operator()(Worths worths, LeastSquares::Fit& fit) const;

 private:
  [[nodiscard]] AdjustmentRecord adjust(Worths worths, std::size_t output, const Adjuster& adjuster,
                                        const Deadline& deadline, LeastSquares::Fit& fit) const;
  [[nodiscard]] bool stages_agree(std::span<const double> odd) const;
  [[nodiscard]] std::vector<double> as_of_one_fit(const FoldedPairs& folds, std::vector<double> held_out) const;
  [[nodiscard]] std::vector<double> products(const std::vector<double>& beta, std::size_t n_outputs) const;

  const Sample& sample_;
  const LeastSquares& regression_;
  EstimateOptions options_;
  std::string refusal_;  // why nothing can be adjusted, or empty
  PairSigns signs_;
  bool one_parity_ = false;  // whether all coalitions may be even, or all odd
  double hidden_ = 0;        // the probability that an interaction on a player's column looks like a part of the value
  std::vector<std::uint32_t> places_;  // of the pairs in Hadamard designs: see TermsFitter
};

}  // namespace banzhaf
