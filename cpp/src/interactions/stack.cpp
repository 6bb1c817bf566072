// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/stack.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace banzhaf {
namespace {

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t p = 0; p < a.size(); ++p) sum += a[p] * b[p];
  return sum;
}

// The normal equations of the models: inner products with each other, and with the target.
struct Products {
  std::size_t size;
  std::vector<double> gram;
  std::vector<double> with_target;
};

Products products_of(std::span<const double> target, std::span<const std::vector<double>> predictions) {
  const std::size_t size = predictions.size();
  Products found{size, std::vector<double>(size * size), std::vector<double>(size)};
  for (std::size_t k = 0; k < size; ++k) {
    found.with_target[k] = dot(predictions[k], target);
    for (std::size_t l = 0; l <= k; ++l)
      found.gram[k * size + l] = found.gram[l * size + k] = dot(predictions[k], predictions[l]);
  }
  return found;
}

// Solves the normal equations of the chosen models by Cholesky. A model that depends on those before it gets 0.
std::vector<double> solve(const Products& of, const std::vector<std::size_t>& chosen) {
  const std::size_t n = chosen.size();
  std::vector<double> l(n * n), x(n), weights(of.size);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = of.gram[chosen[i] * of.size + chosen[j]];
      for (std::size_t k = 0; k < j; ++k) rest -= l[i * n + k] * l[j * n + k];
      const double diagonal = of.gram[chosen[i] * of.size + chosen[i]];
      if (i == j)
        l[i * n + i] = rest > 1e-12 * diagonal ? std::sqrt(rest) : 0;
      else
        l[i * n + j] = l[j * n + j] > 0 ? rest / l[j * n + j] : 0;
    }
    double rest = of.with_target[chosen[i]];
    for (std::size_t k = 0; k < i; ++k) rest -= l[i * n + k] * x[k];
    x[i] = l[i * n + i] > 0 ? rest / l[i * n + i] : 0;
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) x[i] -= l[k * n + i] * x[k];
    x[i] = l[i * n + i] > 0 ? x[i] / l[i * n + i] : 0;
    weights[chosen[i]] = x[i];
  }
  return weights;
}

}  // namespace

bool Stack::used() const noexcept {
  return std::any_of(weights.begin(), weights.end(), [](double w) { return w > 0; });
}

// Lawson and Hanson, "Solving Least Squares Problems", 1974, chapter 23.
std::vector<double> nonnegative_least_squares(std::span<const double> target,
                                              std::span<const std::vector<double>> predictions) {
  const Products of = products_of(target, predictions);
  std::vector<double> weights(of.size);
  std::vector<std::size_t> chosen;
  const double squares = dot(target, target);
  for (std::size_t round = 0; round < 10 * of.size; ++round) {
    std::size_t best = of.size;
    double most = 0;
    for (std::size_t k = 0; k < of.size; ++k) {
      if (std::find(chosen.begin(), chosen.end(), k) != chosen.end() || !(of.gram[k * of.size + k] > 0)) continue;
      double slope = of.with_target[k];
      for (std::size_t l = 0; l < of.size; ++l) slope -= of.gram[k * of.size + l] * weights[l];
      slope /= std::sqrt(of.gram[k * of.size + k]);
      if (slope > most && slope * slope > 1e-20 * squares) {
        most = slope;
        best = k;
      }
    }
    if (best == of.size) break;
    chosen.push_back(best);
    while (!chosen.empty()) {
      const std::vector<double> wanted = solve(of, chosen);
      // The longest step towards the wanted weights that keeps all of them at 0 or above, and the model that ends it.
      double step = 1;
      std::size_t last = of.size;
      for (const std::size_t k : chosen) {
        if (wanted[k] > 0) continue;
        const double fits = weights[k] > 0 ? weights[k] / (weights[k] - wanted[k]) : 0;
        if (last == of.size || fits < step) last = k;
        step = std::min(step, fits);
      }
      for (const std::size_t k : chosen) weights[k] += step * (wanted[k] - weights[k]);
      if (last == of.size) break;
      weights[last] = 0;
      std::erase(chosen, last);
    }
  }
  return weights;
}

Stack stack_weights(std::span<const double> target, std::span<const std::vector<double>> predictions, double n_errors) {
  Stack stack;
  stack.weights = nonnegative_least_squares(target, predictions);
  std::vector<double> sum(target.size());
  for (std::size_t l = 0; l < predictions.size(); ++l)
    for (std::size_t p = 0; p < sum.size(); ++p) sum[p] += stack.weights[l] * predictions[l][p];
  const double squares = dot(sum, sum);
  if (!(squares > 0) || !std::isfinite(squares)) {
    stack.weights.assign(predictions.size(), 0);
    return stack;
  }
  // The standard error of the slope allows residuals of unequal variance.
  const double slope = dot(sum, target) / squares;
  double spread = 0;
  for (std::size_t p = 0; p < sum.size(); ++p) {
    const double term = sum[p] * (target[p] - sum[p]);
    spread += term * term;
  }
  const double error = std::sqrt(spread) / squares;
  double kept = std::clamp(1 - n_errors * error / slope, 0.0, 1.0);
  if (kept > 0.8) kept = 1;
  double total = 0;
  for (double& weight : stack.weights) total += weight *= kept;
  if (total > 1)
    for (double& weight : stack.weights) weight /= total;
  double rest = 0, all = 0;
  for (std::size_t p = 0; p < sum.size(); ++p) {
    double left = target[p];
    for (std::size_t l = 0; l < predictions.size(); ++l) left -= stack.weights[l] * predictions[l][p];
    rest += left * left;
    all += target[p] * target[p];
  }
  stack.explained_share = all > 0 ? 1 - rest / all : 0;
  return stack;
}

}  // namespace banzhaf
