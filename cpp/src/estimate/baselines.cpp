// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Means of sampled gains and of sampled worths.
#include "estimate/baselines.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "designs/coalition_bits.hpp"
#include "regression/products.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Returns the variance of a mean, from the count, the sum and the sum of squares of its terms.
double variance_of_mean(double count, double sum, double squares) {
  if (count < 2) return unknown;
  return std::max(0.0, squares - sum * sum / count) / (count - 1) / count;
}

}  // namespace

Means monte_carlo(std::span<const std::size_t> players, Worths gains, std::size_t n_players) {
  const std::size_t n_outputs = gains.n_outputs;
  Means result;
  result.values.assign(n_players * n_outputs, 0);
  result.standard_errors.assign(n_players * n_outputs, 0);
  std::vector<double> counts(n_players);
  for (std::size_t p = 0; p < players.size(); ++p) {
    ++counts[players[p]];
    for (std::size_t o = 0; o < n_outputs; ++o) result.values[players[p] * n_outputs + o] += gains.row(p)[o];
  }
  for (std::size_t i = 0; i < n_players; ++i) {
    for (std::size_t o = 0; o < n_outputs; ++o) {
      double& value = result.values[i * n_outputs + o];
      value = counts[i] > 0 ? value / counts[i] : unknown;
    }
  }
  // A second pass computes the deviations, because equal gains must give an error of 0.
  for (std::size_t p = 0; p < players.size(); ++p) {
    for (std::size_t o = 0; o < n_outputs; ++o) {
      const std::size_t at = players[p] * n_outputs + o;
      const double deviation = gains.row(p)[o] - result.values[at];
      result.standard_errors[at] += deviation * deviation;
    }
  }
  // A player's few gains may be equal by chance, so the mean variance over all players counts as one more deviation.
  std::vector<double> pooled(n_outputs);
  double n_deviations = 0;
  for (std::size_t i = 0; i < n_players; ++i) {
    n_deviations += std::max(0.0, counts[i] - 1);
    for (std::size_t o = 0; o < n_outputs; ++o) pooled[o] += result.standard_errors[i * n_outputs + o];
  }
  for (std::size_t i = 0; i < n_players; ++i) {
    for (std::size_t o = 0; o < n_outputs; ++o) {
      double& error = result.standard_errors[i * n_outputs + o];
      error = counts[i] < 2 ? unknown : std::sqrt((error + pooled[o] / n_deviations) / (counts[i] * counts[i]));
    }
  }
  return result;
}

Means msr(const RowSource& rows, Worths worths, std::size_t n_players, int num_threads) {
  const std::size_t n_rows = worths.n_rows(), n_outputs = worths.n_outputs;
  // With the total, one signed sum gives the sums over the coalitions with a player and without it. The sums are of the
  // worths less their mean, of the squares of these, and of ones.
  const std::size_t n_sums = 2 * n_outputs + 1;
  std::vector<double> means(n_outputs), totals(n_sums), sums(n_players * n_sums), terms;
  for (std::size_t r = 0; r < n_rows; ++r)
    for (std::size_t o = 0; o < n_outputs; ++o) means[o] += worths.row(r)[o] / static_cast<double>(n_rows);
  Coalitions scratch, columns;
  for (std::size_t first = 0; first < n_rows; first += chunk_rows) {
    const std::size_t count = std::min(chunk_rows, n_rows - first);
    terms.assign(count * n_sums, 1);
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t o = 0; o < n_outputs; ++o) {
        const double deviation = worths.row(first + r)[o] - means[o];
        terms[r * n_sums + o] = deviation;
        terms[r * n_sums + n_outputs + o] = deviation * deviation;
      }
      for (std::size_t s = 0; s < n_sums; ++s) totals[s] += terms[r * n_sums + s];
    }
    transpose(rows(first, count, scratch), columns, num_threads);
    add_signed_sums(columns.view(), terms.data(), n_sums, sums.data(), num_threads);
  }
  Means result;
  result.values.assign(n_players * n_outputs, unknown);
  result.standard_errors.assign(n_players * n_outputs, unknown);
  for (std::size_t i = 0; i < n_players; ++i) {
    const double* signed_sum = &sums[i * n_sums];
    const auto with = [&](std::size_t s) { return 0.5 * (totals[s] + signed_sum[s]); };
    const auto without = [&](std::size_t s) { return 0.5 * (totals[s] - signed_sum[s]); };
    const double n_with = with(n_sums - 1), n_without = without(n_sums - 1);
    if (n_with < 1 || n_without < 1) continue;
    for (std::size_t o = 0; o < n_outputs; ++o) {
      result.values[i * n_outputs + o] = with(o) / n_with - without(o) / n_without;
      result.standard_errors[i * n_outputs + o] =
          std::sqrt(variance_of_mean(n_with, with(o), with(n_outputs + o)) +
                    variance_of_mean(n_without, without(o), without(n_outputs + o)));
    }
  }
  return result;
}

}  // namespace banzhaf
