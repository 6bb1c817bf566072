// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// From what each background row's design has found to the mean over background rows, and its errors. No model is called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace banzhaf {

/// What the design of one background row has found; players x outputs, row-major.
struct RowEstimate {
  std::vector<double> values;
  std::vector<double> standard_errors;  ///< 0 if exact, NaN where nothing judges them
  std::vector<double> r2;               ///< outputs
  /// outputs: the variance of the row's worths, in units of 4^exponent, so that no scale leaves the range of numbers.
  std::vector<double> spread;
  std::vector<int> exponent;
  double degrees_of_freedom = 0;
};

/// A background row that the mean is over.
struct AveragedRow {
  std::span<const std::uint32_t> players;  ///< those in which it differs from the explicand: the estimate's
  const RowEstimate* estimate = nullptr;
  std::size_t n_pairs = 0;  ///< that the estimate is from
  bool is_exact = false;
  /// Whether it is one of the costly rows, of which a sample may stand for all.
  bool is_costly = true;
  /// How much it counts: 1, or its weight, over its probability to be drawn where rows are not equally likely.
  double factor = 1;
  /// The residual variance that was expected of it, relative to others.
  double expected_variance = 1;
};

/// How the rows stand for all background rows.
struct RowSample {
  double total_weight = 0;          ///< of all background rows
  double effective_background = 0;  ///< as many rows of equal weight tell as much
  double n_costly = 0;  ///< costly rows, of which n_drawn were drawn, each with the same share of its factor
  double n_drawn = 0;
  /// Places of the rows that were drawn by chance, neighbours being alike. Empty if all costly rows are there.
  std::vector<std::size_t> neighbours{};
  /// Of these, the part of the variance between rows that their draw leaves: 1 - the mean probability to be drawn.
  double left_out = 0;
  /// Whether factors differ: the differences of neighbours are then taken about the mean.
  bool has_factors = false;
  /// Players in which none of the rows differs, but others do: nothing is known of them.
  std::vector<std::uint32_t> unseen{};
};

/// Means over background rows; players x outputs and outputs, row-major.
struct Average {
  std::vector<double> values;
  std::vector<double> standard_errors;    ///< from the coalitions, and from the sample of rows if not all are there
  std::vector<double> background_errors;  ///< from the background as a sample of a population
  std::vector<double> r2;
  std::vector<double> degrees_of_freedom;  ///< of the standard errors
};

/// Each output by its own scale.
[[nodiscard]] Average average(std::span<const AveragedRow> rows, const RowSample& sample, std::size_t n_players,
                              std::size_t n_outputs);

}  // namespace banzhaf
