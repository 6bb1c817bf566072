// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks explanations by gradients in C++: points and their moments, closed forms, equal bits, and refusals.
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

#include "banzhaf/gradients.hpp"
#include "check.hpp"
#include "explain/gradient_choice.hpp"
#include "explain/gradient_fit.hpp"
#include "explain/gradient_points.hpp"

namespace {

using namespace banzhaf;

constexpr std::size_t n = 12, n_background = 4, n_explicands = 2;

void check_points() {
  for (const bool is_wide : {false, true}) {
    for (const bool is_mirrored : {false, true}) {
      if (is_wide && is_mirrored) continue;
      const std::size_t n_pairs = 60;
      std::vector<double> u;
      GradientPoints(n, 3, 1).fill(20, n_pairs, {is_wide, is_mirrored}, u);
      for (std::size_t i = 0; i < n; ++i) {
        double square = 0;
        for (std::size_t r = 0; r < n_pairs; ++r) square += u[r * n + i] * u[r * n + i];
        CHECK(std::abs(square / static_cast<double>(n_pairs) - 1) < 1e-12);
        if (!is_mirrored) continue;
        for (std::size_t r = 0; r < n_pairs; r += 2) {
          const double first = u[r * n + i], second = u[(r + 1) * n + i];
          CHECK(std::signbit(first) == std::signbit(second));
          CHECK(std::abs(first * first + second * second - 2) < 1e-12);
        }
      }
      std::vector<double> again, other;
      GradientPoints(n, 3, 1).fill(20, n_pairs, {is_wide, is_mirrored}, again);
      GradientPoints(n, 3, 2).fill(20, n_pairs, {is_wide, is_mirrored}, other);
      CHECK(again == u);
      CHECK(other != u);
    }
  }
}

void check_combination() {
  // One output with errors, and one that is exact.
  Average coalitions{.values = {1, 5, 2, 6},
                     .standard_errors = {0.1, 0, 0.3, 0},
                     .background_errors = {},
                     .r2 = {},
                     .degrees_of_freedom = {10, 10}};
  const Average gradients{.values = {2, 0, 4, 0},
                          .standard_errors = {0.2, 0.5, 0.1, 0.5},
                          .background_errors = {},
                          .r2 = {},
                          .degrees_of_freedom = {20, 20}};
  const std::vector<double> weights = combine(coalitions, gradients, 2, 2);
  const double weight = 0.1 / (0.1 + 0.05);
  CHECK(std::abs(weights[0] - weight) < 1e-12);
  CHECK(weights[1] == 0);
  CHECK(std::abs(coalitions.values[0] - (1 + weight)) < 1e-12);
  CHECK(std::abs(coalitions.values[2] - (2 + 2 * weight)) < 1e-12);
  CHECK(coalitions.values[1] == 5 && coalitions.values[3] == 6);
  CHECK(std::abs(coalitions.standard_errors[0] - std::hypot((1 - weight) * 0.1, weight * 0.2)) < 1e-12);
  // The variance of the mean is the first one's share of the sum.
  const double first = (1 - weight) * (1 - weight) * 0.1, second = weight * weight * 0.05;
  CHECK(std::abs(first + second - 0.1 * 0.05 / 0.15) < 1e-12);
  CHECK(std::abs(coalitions.degrees_of_freedom[0] -
                 (first + second) * (first + second) / (first * first / 10 + second * second / 20)) < 1e-9);
}

void check_residuals() {
  // A difference that the values explain leaves nothing, and another one its square less that of the errors.
  GradientJob job;
  job.players = {0, 1, 2};
  job.found.values = {1, -2, 3};
  job.found.standard_errors = {0.5, 0.5, 0.5};
  const std::vector<std::uint8_t> coalitions = compared_coalitions(40, 3, 5, 1);
  CHECK(coalitions == compared_coalitions(40, 3, 5, 1) && coalitions != compared_coalitions(40, 3, 5, 2));
  std::vector<double> differences;
  for (std::size_t r = 0; r < 40; ++r) {
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i) sum += (coalitions[3 * r + i] != 0 ? 1 : -1) * job.found.values[i];
    differences.push_back(sum + (r % 2 == 0 ? 2 : -2));
  }
  std::vector<double> residuals(1);
  add_residuals(coalitions, differences, job, 2, residuals);
  CHECK(std::abs(residuals[0] - 2 * 3 * (4 - 0.75)) < 1e-12);
}

void check_fit() {
  // A straight line in u^2 is read without an error.
  const std::size_t n_pairs = 12;
  std::vector<double> u, y;
  GradientPoints(n, 1, 0).fill(0, n_pairs, {}, u);
  for (const double each : u) {
    y.push_back(2 + 3 * each * each);
    y.push_back(-each * each);
  }
  const GradientFit found = fit_gradients(u, y, n_pairs, n, 2, false);
  for (std::size_t i = 0; i < n; ++i) {
    CHECK(std::abs(found.values[2 * i] - 3) < 1e-12);
    CHECK(std::abs(found.values[2 * i + 1] + 1.0 / 3) < 1e-12);
    CHECK(std::abs(found.corrections[2 * i] + 2) < 1e-12);
    CHECK(found.variances[2 * i] < 1e-24);
  }
}

// z_0 z_1 + z_1 z_2 + ..., of the cells of a buffer.
template <typename Cell>
struct Chain {
  std::vector<std::uint8_t> points = std::vector<std::uint8_t>(7 * n * sizeof(Cell));

  [[nodiscard]] const Cell* row(std::span<const std::uint8_t> memory, std::size_t r) const {
    return reinterpret_cast<const Cell*>(memory.data()) + r * n;
  }
  [[nodiscard]] static double value(const Cell* z) {
    double sum = 0;
    for (std::size_t j = 0; j + 1 < n; ++j) sum += static_cast<double>(z[j]) * static_cast<double>(z[j + 1]);
    return sum;
  }
  [[nodiscard]] GradientModel gradients() {
    return {[this](std::size_t n_rows, std::vector<double>& out) {
              for (std::size_t r = 0; r < n_rows; ++r) {
                const Cell* z = row(points, r);
                out.push_back(value(z));
                for (std::size_t j = 0; j < n; ++j) {
                  const double before = j > 0 ? static_cast<double>(z[j - 1]) : 0;
                  out.push_back(before + (j + 1 < n ? static_cast<double>(z[j + 1]) : 0));
                }
              }
            },
            [this] { return std::span(points); }};
  }
};

template <typename Cell>
void check_values(double tolerance) {
  std::vector<Cell> background, explicands;
  for (const double each : testing::normals(n_background * n, 1)) background.push_back(static_cast<Cell>(each));
  for (const double each : testing::normals(n_explicands * n, 2)) explicands.push_back(static_cast<Cell>(each));
  // The first explicand differs from the first background row in three columns, and equals the second.
  for (std::size_t j = 0; j < n; ++j) {
    if (j >= 3) background[j] = explicands[j];
    background[n + j] = explicands[j];
  }
  const MaskedTable table{background.data(), explicands.data(), n_background, n_explicands, n, sizeof(Cell), n, {}};
  std::vector<std::uint8_t> buffer(5 * n * sizeof(Cell));
  Chain<Cell> chain;
  const Model model = [&](std::size_t n_rows, std::vector<double>& out) {
    for (std::size_t r = 0; r < n_rows; ++r) out.push_back(chain.value(chain.row(buffer, r)));
  };
  GradientExplanations run(table, {.budget = 600, .seed = 4}, chain.gradients());
  run.run(model, buffer);
  CHECK(run.n_explained() == n_explicands);
  CHECK(run.gradient_rows()[1] > 100);
  for (std::size_t x = 0; x < n_explicands; ++x) {
    CHECK(run.row_costs()[x] <= 600);
    for (std::size_t j = 0; j < n; ++j) {
      double expected = 0;
      for (std::size_t b = 0; b < n_background; ++b) {
        const auto at = [&](std::size_t c) {
          return c >= n ? 0.0
                        : (static_cast<double>(explicands[x * n + c]) + static_cast<double>(background[b * n + c])) / 2;
        };
        const double step = static_cast<double>(explicands[x * n + j]) - static_cast<double>(background[b * n + j]);
        expected += step * ((j > 0 ? at(j - 1) : 0) + at(j + 1)) / n_background;
      }
      CHECK(std::abs(run.values()[x * n + j] - expected) < tolerance);
    }
  }
  GradientExplanations same(table, {.budget = 600, .seed = 4, .num_threads = 3}, chain.gradients());
  same.run(model, buffer);
  CHECK(same.values() == run.values());
  CHECK(same.standard_errors() == run.standard_errors());

  GradientExplanations small(table, {.budget = 20, .seed = 4}, chain.gradients());
  CHECK(testing::throws<std::invalid_argument>([&] { small.run(model, buffer); }, "budget must be at least"));
  explicands[n + 5] = std::numeric_limits<Cell>::infinity();
  GradientExplanations infinite(table, {.budget = 600, .seed = 4}, chain.gradients());
  CHECK(testing::throws<std::domain_error>([&] { infinite.run(model, buffer); }, "finite"));
}

void check_arguments() {
  const std::vector<std::uint16_t> cells(n);
  const MaskedTable table{cells.data(), cells.data(), 1, 1, n, sizeof(std::uint16_t), n, {}};
  CHECK(testing::throws<std::invalid_argument>([&] { GradientExplanations run(table, {.budget = 600}, {}); }, "cells"));
}

}  // namespace

int main() {
  check_points();
  check_fit();
  check_combination();
  check_residuals();
  check_values<double>(1e-12);
  check_values<float>(1e-5);
  check_arguments();
  return testing::finish();
}
