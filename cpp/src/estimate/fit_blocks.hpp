// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Estimates from Sylvester's blocks of pairs, in memory that is used again. It does what Estimator does for such a design,
// to the last bit, and leaves out what a mean over many designs does not need.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "banzhaf/estimate.hpp"
#include "banzhaf/worths.hpp"
#include "designs/hadamard_pairs.hpp"
#include "regression/blocks.hpp"

namespace banzhaf {

/// Memory that estimates on one thread share.
struct BlockScratch {
  BlockRegression::Scratch regression{};
  LeastSquares::Fit fit{};
  std::vector<double> targets{}, column{}, means{}, squares{}, totals{};
};

/// The parts of an estimate that are kept.
struct BlockEstimate {
  std::vector<double>* values;           ///< players x outputs
  std::vector<double>* standard_errors;  ///< players x outputs, or untouched if they are not asked for
  std::vector<double>* r2;               ///< outputs
  std::vector<double>* means;            ///< outputs
  double degrees_of_freedom = 0;
  double condition_number = 0;  ///< of an earlier estimate with the same design and ridge, if one is known
};

/// Estimates from all pairs of a Hadamard design, whose rank is then full. Returns false if it cannot: if no block of
/// Sylvester's is complete, the worths are many, or they need scaling. The result is then unspecified, and Estimator is
/// to be used.
[[nodiscard]] bool estimate_from_blocks(const std::shared_ptr<const HadamardPairs>& pairs, std::size_t n_players,
                                        Worths worths, const EstimateOptions& options, BlockScratch& scratch,
                                        BlockEstimate& result);

/// What replaces the standard errors of an output whose fit leaves no residuals, although there is noise.
[[nodiscard]] double error_of_noise(double total, std::size_t n_units, bool in_twos);

}  // namespace banzhaf
