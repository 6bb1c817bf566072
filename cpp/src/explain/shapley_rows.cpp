// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Exact sums over all coalitions, Simpson's rule, or a guess that is honest about its error.
#include "explain/shapley_rows.hpp"

#include <bit>
#include <cmath>
#include <cstdint>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {
namespace {

// A set of five players with the coefficient c adds 2 c / 5 to the Shapley value of each, and Simpson's rule 2 c / 3.
constexpr double simpson_at_five = 1.0 / 3 - 1.0 / 5;

// Adds up over all pairs. A coalition of s of n players weighs (s - 1)! (n - s)! / n! in the value of its players, and
// its complement as much with the other sign.
void set_exact(const RowDesign& row, std::size_t k, std::vector<double>& values) {
  const std::size_t n = row.players().size();
  std::vector<double> weights(n + 1, 0);
  double ways = 1;  // C(n - 1, s - 1)
  for (std::size_t s = 1; s <= n; ++s) {
    weights[s] = 1 / (static_cast<double>(n) * ways);
    ways *= static_cast<double>(n - s) / static_cast<double>(s);
  }
  const std::span<const double> worths = row.worths(k);
  std::vector<std::uint64_t> coalition(words_for(n));
  values.assign(n * k, 0);
  for (std::size_t p = 0; p < row.n_all(); ++p) {
    row.design().fill_row(2 * p, coalition);
    std::size_t size = 0;
    for (const std::uint64_t word : coalition) size += static_cast<std::size_t>(std::popcount(word));
    for (std::size_t i = 0; i < n; ++i) {
      const bool has = ((coalition[i / 64] >> (i % 64)) & 1U) != 0;
      const double weight = has ? weights[size] : -weights[n - size];
      for (std::size_t o = 0; o < k; ++o)
        values[i * k + o] += weight * (worths[2 * p * k + o] - worths[(2 * p + 1) * k + o]);
    }
  }
}

// A third of the variance that the row's values leave is the sum of the squared errors of its players, if all of it is
// due to interactions of three. Half of it is divided equally, and half in proportion to the squared values.
void set_guess(const RowDesign& row, std::size_t k, std::span<const double> totals, ShapleyEstimate& result) {
  const std::size_t n = row.players().size();
  const RowEstimate& banzhaf = row.found();
  const auto players = static_cast<double>(n);
  for (std::size_t o = 0; o < k; ++o) {
    double sum = 0, squares = 0, errors = 0;
    for (std::size_t i = o; i < n * k; i += k) {
      sum += banzhaf.values[i];
      squares += banzhaf.values[i] * banzhaf.values[i];
      errors += banzhaf.standard_errors[i] * banzhaf.standard_errors[i];
    }
    // Without spare columns, the variance is unknown, and so is the sampling error.
    const double variance = std::isnan(errors) ? 0 : errors / players * static_cast<double>(row.n_used());
    for (std::size_t i = o; i < n * k; i += k) {
      const double part = squares > 0 ? banzhaf.values[i] * banzhaf.values[i] / squares : 1 / players;
      const double added = (totals[o] - sum) * part;
      result.found.values[i] += added;
      result.open_squares[i] = added * added + variance / 3 * (part + 1 / players) / 2;
    }
  }
}

void set_simpson(const RowDesign& row, std::size_t k, std::span<const double> totals, ShapleyEstimate& result) {
  const std::size_t n = row.players().size();
  const RowEstimate& banzhaf = row.found();
  const std::span<const double> ends = row.ends();
  for (std::size_t o = 0; o < k; ++o) {
    double lacking = totals[o];
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t at = i * k + o;
      // The mean of what the player adds to the empty coalition and to all others.
      const double gain = (ends[2 * i * k + o] - ends[(2 * i + 1) * k + o] + totals[o]) / 2;
      result.found.values[at] = (2 * banzhaf.values[at] + gain) / 3;
      result.found.standard_errors[at] = banzhaf.standard_errors[at] * 2 / 3;
      result.open[at] = simpson_at_five * (gain - banzhaf.values[at]);
      lacking -= result.found.values[at];
    }
    for (std::size_t i = o; i < n * k; i += k) {
      result.found.values[i] += lacking / static_cast<double>(n);
      result.open[i] += std::copysign(lacking / static_cast<double>(n), result.open[i]);
    }
  }
}

}  // namespace

ShapleyEstimate shapley_of(const RowDesign& row, std::size_t n_outputs, std::span<const double> totals) {
  const std::size_t size = row.players().size() * n_outputs;
  ShapleyEstimate result{.found = row.found()};
  result.open.assign(size, 0);
  result.open_squares.assign(size, 0);
  if (row.is_exact())
    set_exact(row, n_outputs, result.found.values);
  else if (row.has_ends())
    set_simpson(row, n_outputs, totals, result);
  else
    set_guess(row, n_outputs, totals, result);
  return result;
}

}  // namespace banzhaf
