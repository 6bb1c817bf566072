// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The stopping rules, which depend on values and standard errors only.
#include "estimate/rules.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "support/statistics.hpp"

namespace banzhaf {
namespace {

// Smaller differences, relative to the largest value, are rounding.
constexpr double rounding = 1e-12;

double quantile(double upper_tail, double degrees_of_freedom) {
  // A smaller tail cannot be distinguished from 0 in 1 - tail, so nothing is certain then.
  if (!(upper_tail > 1e-15) || !(degrees_of_freedom > 0)) return std::numeric_limits<double>::infinity();
  return student_t_quantile(1 - upper_tail, degrees_of_freedom);
}

// Returns the square root of a^2 + b^2, even if the squares leave the range of doubles.
double distance(double a, double b) {
  const double square = a * a + b * b;
  return square > 1e-200 && square < 1e200 ? std::sqrt(square) : std::hypot(a, b);
}

}  // namespace

void require_valid(const StoppingRules& rules, std::size_t n_players) {
  if (!(rules.confidence > 0 && rules.confidence < 1))
    throw std::invalid_argument("confidence must lie strictly between 0 and 1");
  if (!(rules.tolerance >= 0)) throw std::invalid_argument("tolerance must not be negative");
  if (rules.top_k > 0 && rules.top_k >= n_players)
    throw std::invalid_argument("top_k must be below the number of players");
}

bool within_tolerance(const Look& look, double tolerance, double confidence) {
  double largest = 0;
  for (const double error : look.standard_errors) {
    if (std::isnan(error)) return false;
    largest = std::max(largest, error);
  }
  if (largest == 0) return true;
  const double tail = (1 - confidence) / 2;
  const double widening =
      quantile(tail, look.degrees_of_freedom) / quantile(tail, std::numeric_limits<double>::infinity());
  return largest * widening <= tolerance;
}

bool separated(const Look& look, std::size_t k, double error_probability) {
  const std::size_t n = look.values.size() / look.n_outputs;
  if (k == 0 || k >= n) throw std::invalid_argument("top_k must be at least 1 and below the number of players");
  const double comparisons = 2.0 * static_cast<double>(k) * static_cast<double>(n - k);
  const double t =
      quantile(error_probability / (comparisons * static_cast<double>(look.n_outputs)), look.degrees_of_freedom);
  std::vector<std::pair<double, double>> players(n);  // absolute value and error
  for (std::size_t o = 0; o < look.n_outputs; ++o) {
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double value = look.values[i * look.n_outputs + o], error = look.standard_errors[i * look.n_outputs + o];
      if (!std::isfinite(value) || !std::isfinite(error)) return false;
      players[i] = {std::abs(value), error};
      largest = std::max(largest, std::abs(value));
    }
    std::nth_element(players.begin(), players.begin() + static_cast<std::ptrdiff_t>(k) - 1, players.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = k; j < n; ++j) {
        const double spread = distance(players[i].second, players[j].second);
        // If both errors are exactly 0, no quantile is needed. It may be infinite.
        const double margin = spread > 0 ? t * spread : 0;
        if (!(players[i].first - players[j].first > margin + rounding * largest)) return false;
      }
    }
  }
  return true;
}

double share_of_look(std::size_t look) {
  if (look == 0) throw std::invalid_argument("checks are numbered from 1, got 0");
  return 1 / (static_cast<double>(look) * (static_cast<double>(look) + 1));
}

std::optional<Stopped> met(const StoppingRules& rules, const Look& look, std::size_t number) {
  const double error = 1 - rules.confidence;
  if (rules.tolerance > 0 && look.hidden <= error && within_tolerance(look, rules.tolerance, rules.confidence))
    return Stopped::tolerance;
  if (rules.top_k == 0) return std::nullopt;
  const double tested = look.hidden > 0 ? error / 2 : error;
  if (static_cast<double>(look.values.size()) * look.hidden > error - tested) return std::nullopt;
  if (separated(look, rules.top_k, tested * share_of_look(number))) return Stopped::top_k;
  return std::nullopt;
}

double hidden_probability(std::size_t n_blocks) {
  return std::ldexp(1.0, 1 - static_cast<int>(std::min<std::size_t>(n_blocks, 1000)));
}

double hidden_probability_of_fresh(std::size_t n_blocks, std::size_t n_players) {
  const std::size_t order = std::bit_ceil(n_players);
  const double stays = n_players == order || order < 4 ? 1 : 1 / static_cast<double>(order - 3);
  return n_blocks == 0 ? 1 : std::pow(stays / 2, static_cast<double>(n_blocks - 1));
}

std::vector<std::size_t> looks(std::size_t first, std::size_t last) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = std::max<std::size_t>(1, first); size < last; size += std::max<std::size_t>(1, size / 2))
    sizes.push_back(size);
  return sizes;
}

}  // namespace banzhaf
