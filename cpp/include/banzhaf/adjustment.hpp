// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Records what interactions were found and taken out of an estimate's error.
///
/// For example:
/// @code{.cpp}
/// const banzhaf::Game size = [](banzhaf::CoalitionsView batch, std::vector<double>& worths) {
///   for (std::size_t r = 0; r < batch.n_rows; ++r) worths.push_back(batch.contains(r, 0) ? 1 : 0);
/// };
/// const banzhaf::Design design(banzhaf::DesignKind::paired, 20, 400, 0);
/// const banzhaf::Estimate found = banzhaf::estimate(size, design, {.interactions = banzhaf::Interactions::automatic});
/// found.adjustments[0].reason;                         // why output 0 was not adjusted: nothing was left to explain
/// @endcode
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace banzhaf {

/// Whether interactions of three players or more are found and taken out of the error of an estimate.
enum class Interactions {
  automatic,  ///< Where the coalitions are pairs, and finding the interactions takes no more work than a rule by counts allows.
  always,  ///< Where the coalitions are pairs, however much work it takes.
  none     ///< Nowhere: values are those of plain least squares.
};

/// An interaction of several players: the coefficient of the product of their signs, which are +1 inside a coalition
/// and -1 outside, in the worths.
struct Interaction {
  std::vector<std::size_t> players;  ///< The players in ascending order.
  double coefficient = 0;            ///< In the unit of the worths.
};

/// What was done to the values of one output.
struct AdjustmentRecord {
  bool adjusted = false;  ///< Whether interactions were taken out of the error.
  std::string reason;     ///< Why not, or empty if they were.
  /// The share of the predictions that was taken, from the sparse model of single interactions: 0 to 1.
  double terms_weight = 0;
  /// The same for the smooth model of all interactions. The two add up to at most 1.
  double kernel_weight = 0;
  std::size_t n_terms = 0;           ///< The number of single interactions in the sparse model.
  std::vector<Interaction> leading;  ///< The largest of them, at most 10.
  /// The variance of the pairs' differences that neither values nor interactions explain: plain least squares.
  double plain_variance = 0;
  /// The same with the interactions taken out, measured at pairs that the fit had not seen. NaN if it was not tried.
  double adjusted_variance = 0;
  /// If coalitions are too few to determine every value: the number of values other than 0 of a sparse regression, which
  /// replaced the minimum-norm solution. 0 if it did not.
  std::size_t n_selected = 0;
  double seconds = 0;  ///< The time that it took.
};

}  // namespace banzhaf
