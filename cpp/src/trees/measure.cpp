// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Integrates polynomials by the rules of Gauss and Legendre.
#include "trees/measure.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace banzhaf::trees {
namespace {

// The rule with this many nodes, which is exact up to the degree 2 count - 1.
std::vector<Node> gauss_legendre(std::size_t count) {
  const auto n = static_cast<double>(count);
  std::vector<Node> nodes(count);
  for (std::size_t i = 0; 2 * i < count; ++i) {
    double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (n + 0.5)), slope = 0;
    for (int step = 0; step < 100; ++step) {
      double before = 1, value = x;  // Legendre's polynomials of two neighbouring degrees at x
      for (std::size_t k = 2; k <= count; ++k) {
        const auto degree = static_cast<double>(k);
        const double next = ((2 * degree - 1) * x * value - (degree - 1) * before) / degree;
        before = value;
        value = next;
      }
      slope = n * (x * value - before) / (x * x - 1);
      const double shift = value / slope;
      x -= shift;
      if (std::abs(shift) < 1e-15) break;
    }
    const double weight = 1 / ((1 - x * x) * slope * slope);  // on [0, 1], which is half as long as [-1, 1]
    nodes[i] = {(1 - x) / 2, weight};
    nodes[count - 1 - i] = {(1 + x) / 2, weight};
  }
  return nodes;
}

}  // namespace

Measure Measure::averaged(std::size_t most_degree) {
  Measure measure(0);
  measure.rules_.clear();
  const std::size_t most = most_degree / 2 + 1;
  for (std::size_t count = 1; measure.rules_.empty() || measure.rules_.back().size() < most;
       count += std::max<std::size_t>(1, count / 4))  // few rules for long paths
    measure.rules_.push_back(gauss_legendre(count));
  return measure;
}

std::span<const Node> Measure::nodes(std::size_t degree) const noexcept {
  if (p_ != 0) return rules_[0];
  return *std::find_if(rules_.begin(), rules_.end(),
                       [degree](const std::vector<Node>& rule) { return rule.size() >= degree / 2 + 1; });
}

double Measure::moment(std::size_t present, std::size_t absent) const noexcept {
  if (p_ != 0) return std::pow(p_, static_cast<double>(present)) * std::pow(1 - p_, static_cast<double>(absent));
  // The integral is present! absent! / (present + absent + 1)!.
  const std::size_t sum = present + absent, fewer = std::min(present, absent);
  double value = 1 / static_cast<double>(sum + 1);
  for (std::size_t i = 1; i <= fewer; ++i) value *= static_cast<double>(i) / static_cast<double>(sum - fewer + i);
  return value;
}

}  // namespace banzhaf::trees
