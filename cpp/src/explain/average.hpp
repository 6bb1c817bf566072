// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Computes the mean over the background rows and its errors, from the estimate of each row. No model is called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace banzhaf {

/// The estimate of one background row's design. Arrays are players x outputs in row-major order.
struct RowEstimate {
  std::vector<double> values;
  std::vector<double> standard_errors;  ///< 0 if exact, NaN if unknown
  std::vector<double> r2;               ///< outputs
  /// Outputs: the variance of the row's worths in units of 4^exponent, so that it stays in the range of doubles.
  std::vector<double> spread;
  std::vector<int> exponent;
  double degrees_of_freedom = 0;
};

/// A background row in the mean.
struct AveragedRow {
  std::span<const std::uint32_t> players;  ///< those in which it differs from the explicand, and which the estimate has
  const RowEstimate* estimate = nullptr;
  std::size_t n_pairs = 0;  ///< of the estimate
  bool is_exact = false;
  /// Whether it is one of the costly rows, of which a sample may represent all.
  bool is_costly = true;
  /// Its factor in the mean: 1 or its weight, divided by its probability to be drawn if rows are not equally likely.
  double factor = 1;
  /// Its expected residual variance, relative to the other rows.
  double expected_variance = 1;
  std::size_t background = 0;  ///< its number in the background
};

/// How the rows represent all background rows.
struct RowSample {
  double total_weight = 0;          ///< of all background rows
  double effective_background = 0;  ///< the number of rows of equal weight that determine a mean as well
  double n_costly = 0;              ///< costly rows; n_drawn of them were drawn, with the same share of their factors
  double n_drawn = 0;
  /// The rows that were drawn by chance, where neighbours are similar. Empty if all costly rows are there.
  std::vector<std::size_t> neighbours{};
  /// For these rows, the part of the variance between rows that the draw leaves: 1 - the mean probability to be drawn.
  double left_out = 0;
  /// Whether factors differ. If so, the differences of neighbours are taken relative to the mean.
  bool has_factors = false;
  /// Players in which no drawn row differs, but others do. Nothing is known about them.
  std::vector<std::uint32_t> unseen{};
};

/// Means over background rows. Arrays are players x outputs, or outputs, in row-major order.
struct Average {
  std::vector<double> values;
  std::vector<double> standard_errors;    ///< from the coalitions, and from the sample of rows if not all are used
  std::vector<double> background_errors;  ///< from the background as a sample of a population
  std::vector<double> r2;
  std::vector<double> degrees_of_freedom;  ///< of the standard errors
};

/// Appends one member of the averages that plans have found to the first n_final rows of results. `size` is that of a
/// row. A plan that has found nothing gets NaN.
template <typename Plan>
void append_found(std::vector<double>& results, std::size_t n_final, std::span<const Plan> plans,
                  std::vector<double> Average::* member, std::size_t size) {
  results.resize(n_final * size);
  for (const Plan& plan : plans) {
    const std::vector<double>& found = plan.found.*member;
    results.insert(results.end(), found.begin(), found.end());
    if (found.empty()) results.resize(results.size() + size, std::numeric_limits<double>::quiet_NaN());
  }
}

/// Computes the means. Each output has its own scale.
[[nodiscard]] Average average(std::span<const AveragedRow> rows, const RowSample& sample, std::size_t n_players,
                              std::size_t n_outputs);

}  // namespace banzhaf
