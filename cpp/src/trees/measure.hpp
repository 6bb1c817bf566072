// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// How the coalitions of the other players are weighted: each of them is in with probability p. Banzhaf values fix p, and
// Shapley values average over all p in [0, 1].
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace banzhaf::trees {

/// A probability, and the weight of the polynomial's value there.
struct Node {
  double p, weight;
};

class Measure {
 public:
  /// Every other player is in with probability p, in (0, 1).
  [[nodiscard]] static Measure fixed(double p) { return Measure(p); }
  /// Averages over p, uniform on [0, 1]. Prepares polynomials up to a degree.
  [[nodiscard]] static Measure averaged(std::size_t most_degree);

  /// Returns nodes whose weighted sum is exact for polynomials in p up to a degree that was prepared.
  [[nodiscard]] std::span<const Node> nodes(std::size_t degree) const noexcept;
  /// Returns the weighted mean of p^present (1 - p)^absent.
  [[nodiscard]] double moment(std::size_t present, std::size_t absent) const noexcept;

 private:
  explicit Measure(double p) : p_(p), rules_{{{p, 1.0}}} {}

  double p_ = 0;  // or 0 for the average
  std::vector<std::vector<Node>> rules_;
};

}  // namespace banzhaf::trees
