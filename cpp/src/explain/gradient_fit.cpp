// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A weighted mean, whose weights are those of a straight line in u^2 at 1/3.
#include "explain/gradient_fit.hpp"

#include <algorithm>

namespace banzhaf {
namespace {

constexpr double least_rest = 0.05;         // of a leverage, so that a single pair does not decide on the error
constexpr double square_on_edge = 1.0 / 3;  // the mean of u^2, if u is uniform in [-1, 1]

}  // namespace

GradientFit fit_gradients(std::span<const double> points, std::span<const double> derivatives, std::size_t n_pairs,
                          std::size_t n_players, std::size_t n_outputs, bool is_mirrored) {
  const auto count = static_cast<double>(n_pairs);
  const std::size_t width = n_players * n_outputs;
  GradientFit result{std::vector<double>(width), std::vector<double>(width), std::vector<double>(width)};
  // Sums over pairs run over all players side by side, because a pair's numbers lie together.
  std::vector<double> mean_square(n_players), spread(n_players), mean(width), slope(width);
  for (std::size_t r = 0; r < n_pairs; ++r)
    for (std::size_t i = 0; i < n_players; ++i) mean_square[i] += points[r * n_players + i] * points[r * n_players + i];
  for (double& each : mean_square) each /= count;
  for (std::size_t r = 0; r < n_pairs; ++r) {
    const double* u = &points[r * n_players];
    const double* y = &derivatives[r * width];
    for (std::size_t i = 0; i < n_players; ++i) {
      const double away = u[i] * u[i] - mean_square[i];
      spread[i] += away * away;
      for (std::size_t o = 0; o < n_outputs; ++o) mean[i * n_outputs + o] += y[i * n_outputs + o];
    }
  }
  for (double& each : mean) each /= count;
  for (std::size_t r = 0; r < n_pairs; ++r) {
    const double* u = &points[r * n_players];
    const double* y = &derivatives[r * width];
    for (std::size_t i = 0; i < n_players; ++i) {
      const double away = u[i] * u[i] - mean_square[i];
      for (std::size_t o = 0; o < n_outputs; ++o) {
        const std::size_t at = i * n_outputs + o;
        slope[at] += away * (y[at] - mean[at]);
      }
    }
  }
  for (std::size_t i = 0; i < n_players; ++i) {
    for (std::size_t o = 0; o < n_outputs; ++o) {
      const std::size_t at = i * n_outputs + o;
      slope[at] = spread[i] > 0 ? slope[at] / spread[i] : 0;
      result.corrections[at] = slope[at] * (square_on_edge - mean_square[i]);
      result.values[at] = mean[at] + result.corrections[at];
    }
  }
  // The variance is that of a linear estimate. Residuals are widened by their leverage. Those of mirrored pairs are added
  // up, and widened by the two degrees of freedom that the line takes.
  const std::size_t in_unit = is_mirrored ? 2 : 1, n_units = n_pairs / in_unit;
  const double lost = static_cast<double>(n_units) / static_cast<double>(std::max<std::size_t>(1, n_units - 2));
  for (std::size_t t = 0; t < n_units; ++t) {
    const double* u = &points[t * in_unit * n_players];
    const double* y = &derivatives[t * in_unit * width];
    for (std::size_t i = 0; i < n_players; ++i) {
      const double tilt = spread[i] > 0 ? (square_on_edge - mean_square[i]) / spread[i] : 0;
      const double away = u[i] * u[i] - mean_square[i];
      const double of_next = is_mirrored ? u[n_players + i] * u[n_players + i] - mean_square[i] : 0;
      const double leverage = 1 / count + (spread[i] > 0 ? away * away / spread[i] : 0);
      const double factor = is_mirrored ? lost : 1 / std::max(least_rest, 1 - leverage);
      for (std::size_t o = 0; o < n_outputs; ++o) {
        const std::size_t at = i * n_outputs + o;
        double residual = (1 / count + tilt * away) * (y[at] - mean[at] - slope[at] * away);
        if (is_mirrored) residual += (1 / count + tilt * of_next) * (y[width + at] - mean[at] - slope[at] * of_next);
        result.variances[at] += factor * residual * residual;
      }
    }
  }
  return result;
}

}  // namespace banzhaf
