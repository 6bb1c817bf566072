// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/minimise.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

namespace banzhaf {
namespace {

constexpr std::size_t memory = 10;       // the last steps that shape the next one
constexpr std::size_t most_trials = 20;  // shorter and shorter steps in one direction

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// A step and what it did to the gradient.
struct Pair {
  std::vector<double> step, change;
  double product;
};

// The two-loop recursion of L-BFGS, in the coordinates that are free.
std::vector<double> direction(const std::deque<Pair>& pairs, const std::vector<double>& gradient,
                              const std::vector<bool>& held) {
  const std::size_t n = gradient.size();
  std::vector<double> d(n);
  for (std::size_t i = 0; i < n; ++i) d[i] = held[i] ? 0 : -gradient[i];
  std::vector<double> share(pairs.size());
  for (std::size_t k = pairs.size(); k-- > 0;) {
    share[k] = dot(pairs[k].step, d) / pairs[k].product;
    for (std::size_t i = 0; i < n; ++i) d[i] -= share[k] * pairs[k].change[i];
  }
  if (!pairs.empty()) {
    const double scale = pairs.back().product / dot(pairs.back().change, pairs.back().change);
    for (double& x : d) x *= scale;
  } else {
    const double norm = std::sqrt(dot(d, d));
    for (double& x : d) x /= std::max(norm, 1.0);
  }
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const double rest = share[k] - dot(pairs[k].change, d) / pairs[k].product;
    for (std::size_t i = 0; i < n; ++i) d[i] += rest * pairs[k].step[i];
  }
  for (std::size_t i = 0; i < n; ++i)
    if (held[i]) d[i] = 0;
  return d;
}

}  // namespace

Minimum minimise(const SmoothFunction& function, std::vector<double> start, std::span<const double> lowest,
                 std::span<const double> highest, std::size_t most_steps, double tolerance) {
  const std::size_t n = start.size();
  for (std::size_t i = 0; i < n; ++i) start[i] = std::clamp(start[i], lowest[i], highest[i]);
  std::vector<double> gradient(n), next(n), next_gradient(n);
  Minimum at{std::move(start), 0, 1};
  at.value = function(at.x, gradient);
  std::deque<Pair> pairs;
  std::vector<bool> held(n);
  for (std::size_t step = 0; step < most_steps && std::isfinite(at.value); ++step) {
    // A coordinate at its bound is held there while the gradient points outwards.
    for (std::size_t i = 0; i < n; ++i)
      held[i] = (at.x[i] <= lowest[i] && gradient[i] > 0) || (at.x[i] >= highest[i] && gradient[i] < 0);
    std::vector<double> d = direction(pairs, gradient, held);
    if (!(dot(d, gradient) < 0)) {
      pairs.clear();
      d = direction(pairs, gradient, held);
      if (!(dot(d, gradient) < 0)) break;
    }
    double length = 1, value = 0;
    bool found = false;
    for (std::size_t trial = 0; trial < most_trials && !found; ++trial, length *= found ? 1 : 0.4) {
      double promised = 0;
      for (std::size_t i = 0; i < n; ++i) {
        next[i] = std::clamp(at.x[i] + length * d[i], lowest[i], highest[i]);
        promised += gradient[i] * (next[i] - at.x[i]);
      }
      value = function(next, next_gradient);
      ++at.n_calls;
      found = std::isfinite(value) && value <= at.value + 1e-4 * promised;
    }
    if (!found) {
      if (pairs.empty()) break;
      pairs.clear();  // start again along the gradient
      continue;
    }
    Pair pair{std::vector<double>(n), std::vector<double>(n), 0};
    for (std::size_t i = 0; i < n; ++i) {
      pair.step[i] = next[i] - at.x[i];
      pair.change[i] = next_gradient[i] - gradient[i];
    }
    pair.product = dot(pair.step, pair.change);
    // Only pairs with positive curvature keep the approximation positive definite.
    if (pair.product > 1e-10 * std::sqrt(dot(pair.step, pair.step) * dot(pair.change, pair.change))) {
      pairs.push_back(std::move(pair));
      if (pairs.size() > memory) pairs.pop_front();
    }
    const double gain = at.value - value;
    std::swap(at.x, next);
    std::swap(gradient, next_gradient);
    at.value = value;
    if (gain < tolerance) break;
  }
  return at;
}

}  // namespace banzhaf
