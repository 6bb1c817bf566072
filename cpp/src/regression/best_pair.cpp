// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "regression/best_pair.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "support/interrupt.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t most_first = 64;
constexpr double least_angle = 1e-9;  // the square of the sine between two columns; equal ones cannot be told apart

}  // namespace

SparseVector best_pair(const SignColumns& x, const std::vector<double>& numbers) {
  const std::vector<double> products = x.products(numbers);
  std::vector<double> explained(products.size());
  for (std::size_t i = 0; i < products.size(); ++i)
    explained[i] = x.square(i) > 0 ? products[i] * products[i] / x.square(i) : 0;
  std::vector<std::uint32_t> order(products.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](std::uint32_t i, std::uint32_t j) { return explained[i] > explained[j]; });

  double most = 0;
  SparseVector found;
  for (std::size_t first = 0; first < std::min(most_first, order.size()); ++first) {
    checkpoint();
    const std::uint32_t i = order[first];
    if (!(explained[i] > 0)) break;
    for (std::size_t second = first + 1; second < order.size(); ++second) {
      const std::uint32_t j = order[second];
      const double both = x.product(i, j), determinant = x.square(i) * x.square(j) - both * both;
      if (!(determinant > least_angle * x.square(i) * x.square(j))) continue;
      const double b_i = (x.square(j) * products[i] - both * products[j]) / determinant;
      const double b_j = (x.square(i) * products[j] - both * products[i]) / determinant;
      const double together = b_i * products[i] + b_j * products[j];
      if (together > most) {
        most = together;
        found = {.places = {i, j}, .numbers = {b_i, b_j}};
      }
    }
  }
  return found;
}

}  // namespace banzhaf
