// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Sums in fixed blocks, over worths in memory order or in the order of the sample.
#include "estimate/moments.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include "kernels/kernels.hpp"
#include "regression/products.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t block = moments_block;

// Returns, for one output, the sum over rows [first, last) of the squared differences from the mirrored rows.
double square_of_differences(std::span<const double> table, std::size_t first, std::size_t last) {
  // Eight sums that do not depend on each other.
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> parts{};
  const double* mirror = &table[table.size() - 1];
  std::size_t s = first;
  for (; s + lanes <= last; s += lanes) {
    for (std::size_t l = 0; l < lanes; ++l) {
      const double d = table[s + l] - *(mirror - s - l);
      parts[l] += d * d;
    }
  }
  for (; s < last; ++s) parts[0] += (table[s] - *(mirror - s)) * (table[s] - *(mirror - s));
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

// Combines the sums of all blocks, where worths and their squares are taken relative to an origin.
void set_moments(std::span<const double> sums, double origin, std::size_t n_used, double& mean, double& square_around) {
  double sum = 0, square = 0;
  for (std::size_t b = 0; b < sums.size() / 2; ++b) {
    sum += sums[2 * b];
    square += sums[2 * b + 1];
  }
  const double count = static_cast<double>(n_used);
  mean = origin + sum / count;
  square_around = std::max(0.0, square - sum * (sum / count));
}

// For a table of one output: a block and its mirror image together, while both are in the cache.
Moments table_moments(std::span<const double> table, int num_threads) {
  const std::size_t n_blocks = table.size() / block;
  const double origin = table[0];
  std::vector<double> sums(2 * n_blocks), mirror_sums(n_blocks / 2);
  parallel_for(threads_for(num_threads, table.size()), n_blocks / 2, [&](std::size_t b) {
    mirror_sums[b] = square_of_differences(table, b * block, (b + 1) * block);
    for (const std::size_t c : {b, n_blocks - 1 - b})
      kernels().add_moments(&table[c * block], origin, block, &sums[2 * c]);
  });
  Moments result{
      std::vector<double>(1), std::vector<double>(1), {std::accumulate(mirror_sums.begin(), mirror_sums.end(), 0.0)}};
  set_moments(sums, origin, table.size(), result.means[0], result.squares[0]);
  return result;
}

}  // namespace

Moments moments(const Sample& sample, Worths worths, int num_threads) {
  const std::size_t n_outputs = worths.n_outputs;
  const std::span<const double> values = worths.values;
  const bool as_they_lie = sample.in_order();
  const std::size_t n_used = sample.n_used(), n_blocks = ceil_div(n_used, block);
  if (sample.is_table() && n_outputs == 1 && n_blocks > 1) return table_moments(values, num_threads);
  Moments result{std::vector<double>(n_outputs), std::vector<double>(n_outputs), {}};
  const auto row_of = [&](std::size_t j) {
    if (as_they_lie) return j;
    if (!sample.in_twos()) return sample.unit(j).first;
    return j % 2 == 0 ? sample.unit(j / 2).first : sample.unit(j / 2).second;
  };
  for (std::size_t o = 0; o < n_outputs; ++o) {
    // Sums are relative to one of the worths, so that equal worths have no variance by rounding.
    const double origin = values[row_of(0) * n_outputs + o];
    std::vector<double> sums(2 * n_blocks);
    parallel_for(threads_for(num_threads, n_used), n_blocks, [&](std::size_t b) {
      const std::size_t first = b * block, count = std::min(block, n_used - first);
      if (as_they_lie && n_outputs == 1) {
        kernels().add_moments(&values[first], origin, count, &sums[2 * b]);
        return;
      }
      std::vector<double> column(count);
      for (std::size_t j = 0; j < count; ++j) column[j] = values[row_of(first + j) * n_outputs + o];
      kernels().add_moments(column.data(), origin, count, &sums[2 * b]);
    });
    set_moments(sums, origin, n_used, result.means[o], result.squares[o]);
  }
  return result;
}

void short_moments(Worths worths, std::vector<double>& column, std::vector<double>& means,
                   std::vector<double>& squares) {
  const std::size_t n_rows = worths.n_rows(), n_outputs = worths.n_outputs;
  means.resize(n_outputs);
  squares.resize(n_outputs);
  for (std::size_t o = 0; o < n_outputs; ++o) {
    const double* numbers = worths.values.data();
    const double origin = numbers[o];
    if (n_outputs > 1) {
      column.resize(n_rows);
      for (std::size_t r = 0; r < n_rows; ++r) column[r] = numbers[r * n_outputs + o];
      numbers = column.data();
    }
    std::array<double, 2> sums{};
    kernels().add_moments(numbers, origin, n_rows, sums.data());
    set_moments(sums, origin, n_rows, means[o], squares[o]);
  }
}

std::vector<double> squares_of_differences(Worths table, int num_threads) {
  const std::size_t n_outputs = table.n_outputs, n_coalitions = table.n_rows();
  const std::size_t half = n_coalitions / 2, n_blocks = ceil_div(half, block);
  std::vector<double> sums(n_blocks * n_outputs), result(n_outputs);
  parallel_for(threads_for(num_threads, half * n_outputs), n_blocks, [&](std::size_t b) {
    const std::size_t first = b * block, last = std::min(half, first + block);
    if (n_outputs == 1) {
      sums[b] = square_of_differences(table.values, first, last);
      return;
    }
    for (std::size_t s = first; s < last; ++s) {
      const std::span<const double> row = table.row(s), mirror = table.row(n_coalitions - 1 - s);
      for (std::size_t o = 0; o < n_outputs; ++o) {
        const double d = row[o] - mirror[o];
        sums[b * n_outputs + o] += d * d;
      }
    }
  });
  for (std::size_t b = 0; b < n_blocks; ++b)
    for (std::size_t o = 0; o < n_outputs; ++o) result[o] += sums[b * n_outputs + o];
  return result;
}

void split_variance(const std::vector<double>& squares, const std::vector<double>& difference_squares,
                    std::size_t n_pairs, bool all, Estimate& result) {
  const double pairs = static_cast<double>(n_pairs);
  for (std::size_t o = 0; o < result.n_outputs; ++o) {
    const double even = std::max(0.0, squares[o] - difference_squares[o] / 2) / 2;
    result.odd_variance[o] = difference_squares[o] / 4 / pairs;
    if (all)
      result.even_variance[o] = even / pairs;
    else
      result.even_variance[o] = n_pairs > 1 ? even / (pairs - 1) : std::numeric_limits<double>::quiet_NaN();
  }
}

void split_shares(const std::vector<bool>& known, Estimate& result) {
  const std::size_t k = result.n_outputs;
  for (std::size_t o = 0; o < k; ++o) {
    const double odd = result.odd_variance[o], total = result.even_variance[o] + odd;
    result.even_share[o] = result.even_variance[o] / total;
    if (!known[o]) continue;
    // On average, the square of an estimated value is too large by the square of its error.
    double squares = 0;
    for (std::size_t i = 0; i < result.n_players; ++i) {
      const double value = result.values[i * k + o], error = result.standard_errors[i * k + o];
      squares += value * value - error * error;
    }
    const double linear = std::clamp(squares / 4, 0.0, odd);
    result.linear_share[o] = linear / total;
    result.higher_share[o] = odd / total - linear / total;
  }
}

}  // namespace banzhaf
