// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Folds a complete table with the weights p and 1 - p, one player after another. Every step is a mean of two numbers, so
// no p makes it unstable.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "banzhaf/transform.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

// The players whose coalitions make one task.
constexpr std::size_t block_bits = 14;

// Returns for each number of players the weights of their coalitions: p^|S| (1 - p)^(bits - |S|).
std::vector<std::vector<double>> weight_tables(std::size_t bits, double p) {
  std::vector<std::vector<double>> tables(bits + 1);
  tables[0] = {1};
  for (std::size_t i = 0; i < bits; ++i) {
    const std::size_t size = tables[i].size();
    tables[i + 1].resize(2 * size);
    for (std::size_t s = 0; s < size; ++s) {
      tables[i + 1][s] = (1 - p) * tables[i][s];
      tables[i + 1][s + size] = p * tables[i][s];
    }
  }
  return tables;
}

// Folds 2^bits numbers. gains[i] gets the mean of what bit i adds, and the mean of all is returned.
double fold(double* values, std::size_t bits, double p, const std::vector<std::vector<double>>& tables, double* gains) {
  for (std::size_t i = bits; i-- > 0;) {
    const std::size_t half = std::size_t{1} << i;
    const double *low = values, *high = values + half, *weights = tables[i].data();
    double sum = 0;
    for (std::size_t s = 0; s < half; ++s) sum += weights[s] * (high[s] - low[s]);
    gains[i] = sum;
    for (std::size_t s = 0; s < half; ++s) values[s] = (1 - p) * low[s] + p * high[s];
  }
  return values[0];
}

}  // namespace

WeightedValues weighted_values(Worths worths, std::size_t n_players, double p, int num_threads) {
  require_threads(num_threads);
  if (!(p > 0 && p < 1)) throw std::invalid_argument("p must be strictly between 0 and 1");
  const std::size_t n_outputs = worths.n_outputs;
  if (n_players < 1 || n_players > 62 || !worths.has_rows(std::size_t{1} << n_players))
    throw std::invalid_argument("worths must hold 2^n_players x n_outputs numbers");
  const std::size_t bits = std::min(n_players, block_bits), block = std::size_t{1} << bits;
  const std::size_t upper_bits = n_players - bits, n_blocks = std::size_t{1} << upper_bits;
  const std::vector<std::vector<double>> tables = weight_tables(std::max(bits, upper_bits), p);
  WeightedValues found;
  found.values.resize(n_players * n_outputs);
  found.means.resize(n_outputs);
  found.variance.resize(n_outputs);
  std::vector<double> means(n_blocks), squares(n_blocks), gains(n_blocks * bits), upper(upper_bits);
  for (std::size_t o = 0; o < n_outputs; ++o) {
    const double origin = worths.values[o];
    parallel_for(threads_for(num_threads, worths.values.size()), n_blocks, [&](std::size_t b) {
      std::vector<double> numbers(block);
      const double* source = worths.values.data() + b * block * n_outputs + o;
      double square = 0;
      for (std::size_t r = 0; r < block; ++r) {
        numbers[r] = source[r * n_outputs];
        square += tables[bits][r] * ((numbers[r] - origin) * (numbers[r] - origin));
      }
      squares[b] = square;
      means[b] = fold(numbers.data(), bits, p, tables, gains.data() + b * bits);
    });
    double square = 0;
    const std::vector<double>& weights = tables[upper_bits];
    for (std::size_t b = 0; b < n_blocks; ++b) square += weights[b] * squares[b];
    for (std::size_t i = 0; i < bits; ++i) {
      double sum = 0;
      for (std::size_t b = 0; b < n_blocks; ++b) sum += weights[b] * gains[b * bits + i];
      found.values[i * n_outputs + o] = sum;
    }
    found.means[o] = fold(means.data(), upper_bits, p, tables, upper.data());
    for (std::size_t i = 0; i < upper_bits; ++i) found.values[(bits + i) * n_outputs + o] = upper[i];
    const double away = found.means[o] - origin;
    found.variance[o] = std::max(0.0, square - away * away);
  }
  return found;
}

}  // namespace banzhaf
