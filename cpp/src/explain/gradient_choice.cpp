// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Residuals of pairs of coalitions, and weights from squared errors.
#include "explain/gradient_choice.hpp"

#include <algorithm>
#include <cmath>

#include "support/random.hpp"

namespace banzhaf {
namespace {

constexpr int bits_of_row = 40;  // of the words of one background row
// Of a sum of squares, which stays after a correction: the errors of a few gradients are stated with caution.
constexpr double least_share = 0.75;
constexpr double least_weight = 1e-3;  // with which gradients are worth their part in the values

}  // namespace

std::vector<std::uint8_t> compared_coalitions(std::size_t n_pairs, std::size_t n_players, std::uint64_t seed,
                                              std::size_t background) {
  const std::size_t n_words = (n_players + 63) / 64;
  std::vector<std::uint64_t> words(n_words);
  std::vector<std::uint8_t> result(n_pairs * n_players);
  for (std::size_t r = 0; r < n_pairs; ++r) {
    random_words(seed, Stream::comparisons, (static_cast<std::uint64_t>(background) << bits_of_row) + r * n_words,
                 words);
    for (std::size_t i = 0; i < n_players; ++i) result[r * n_players + i] = (words[i / 64] >> (i % 64)) & 1U;
  }
  return result;
}

// A difference less what the estimates predict has the residual variance, and the squared error of the estimates: the
// players of a random coalition are independent.
void add_residuals(std::span<const std::uint8_t> coalitions, std::span<const double> differences,
                   const GradientJob& job, double factor, std::span<double> residuals) {
  const std::size_t m = job.players.size(), k = residuals.size(), n_pairs = differences.size() / k;
  for (std::size_t o = 0; o < k; ++o) {
    double squares = 0, errors = 0;
    for (std::size_t r = 0; r < n_pairs; ++r) {
      double rest = differences[r * k + o];
      for (std::size_t i = 0; i < m; ++i)
        rest -= coalitions[r * m + i] != 0 ? job.found.values[i * k + o] : -job.found.values[i * k + o];
      squares += rest * rest / static_cast<double>(n_pairs);
    }
    for (std::size_t i = 0; i < m; ++i)
      errors += job.found.standard_errors[i * k + o] * job.found.standard_errors[i * k + o];
    residuals[o] += factor * static_cast<double>(m) * std::max(least_share * squares, squares - errors);
  }
}

std::vector<double> combine(Average& coalitions, const Average& gradients, std::size_t n_players,
                            std::size_t n_outputs) {
  std::vector<double> weights(n_outputs);
  for (std::size_t o = 0; o < n_outputs; ++o) {
    double one = 0, other = 0;
    for (std::size_t i = 0; i < n_players; ++i) {
      const std::size_t at = i * n_outputs + o;
      one += coalitions.standard_errors[at] * coalitions.standard_errors[at];
      other += gradients.standard_errors[at] * gradients.standard_errors[at];
    }
    const double weight = one / (one + other);
    if (!(weight >= least_weight)) continue;  // or unknown
    weights[o] = weight;
    for (std::size_t i = 0; i < n_players; ++i) {
      const std::size_t at = i * n_outputs + o;
      double& value = coalitions.values[at];
      double& error = coalitions.standard_errors[at];
      value += weight * (gradients.values[at] - value);
      error = std::hypot((1 - weight) * error, weight * gradients.standard_errors[at]);
    }
    const double first = (1 - weight) * (1 - weight) * one, second = weight * weight * other;
    double& freedom = coalitions.degrees_of_freedom[o];  // after Welch and Satterthwaite
    freedom = (first + second) * (first + second) /
              (first * first / freedom + second * second / gradients.degrees_of_freedom[o]);
  }
  return weights;
}

}  // namespace banzhaf
