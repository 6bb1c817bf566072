// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks explanations by gradients in C++: points and their moments, the line, closed forms, equal bits, and refusals.
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
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

// Where the first points of pairs lie: pairs x players.
std::vector<double> coordinates(std::size_t seed, std::size_t background, std::size_t first, std::size_t n_pairs,
                                GradientShape shape) {
  const PointMarks marks = GradientPoints(n, seed, background)(first, n_pairs, shape);
  const Magnitudes lengths = magnitudes(shape, n_pairs);
  std::vector<double> u(n_pairs * n);
  for (std::size_t r = 0; r < n_pairs; ++r) {
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t word = r / 32 * marks.stride + i;
      const bool is_near = ((marks.near[word] >> (r % 32)) & 1U) != 0, is_up = ((marks.up[word] >> (r % 32)) & 1U) != 0;
      u[r * n + i] = (is_near ? lengths.near : lengths.far) * (is_up ? 1 : -1);
    }
  }
  return u;
}

void check_points() {
  for (const bool is_wide : {false, true}) {
    for (const bool is_mirrored : {false, true}) {
      if (is_wide && is_mirrored) continue;
      const std::size_t n_pairs = 60;
      const GradientShape shape{is_wide, is_mirrored};
      const std::vector<double> u = coordinates(3, 1, 20, n_pairs, shape);
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
      CHECK(coordinates(3, 1, 20, n_pairs, shape) == u);
      CHECK(coordinates(3, 2, 20, n_pairs, shape) != u);
    }
  }
  // Within a whole Hadamard matrix, the signs of two players agree in half of the pairs, from any first pair on.
  const std::size_t order = 16;
  for (const std::size_t first : {std::size_t{0}, order, 2 * order}) {
    const std::vector<double> u = coordinates(5, 0, first, order, {});
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        std::size_t n_equal = 0;
        for (std::size_t r = 0; r < order; ++r)
          n_equal += std::signbit(u[r * n + i]) == std::signbit(u[r * n + j]) ? 1U : 0U;
        CHECK(n_equal == order / 2);
      }
    }
  }
  // Signs do not depend on where a stretch of pairs begins.
  const std::vector<double> all = coordinates(5, 0, 0, 40, {}), rest = coordinates(5, 0, 10, 30, {});
  for (std::size_t at = 0; at < rest.size(); ++at) CHECK(std::signbit(all[10 * n + at]) == std::signbit(rest[at]));
}

// The least-squares line and the variance of its value at 1/3, from residuals that are widened by their leverage. Those
// of mirrored pairs are added up.
LineFit line_by_definition(const std::vector<double>& square, const std::vector<double>& y, bool is_mirrored) {
  const std::size_t count = y.size();
  const auto number = static_cast<double>(count);
  double mean_square = 0, mean = 0, spread = 0, slope = 0;
  for (std::size_t r = 0; r < count; ++r) {
    mean_square += square[r] / number;
    mean += y[r] / number;
  }
  for (std::size_t r = 0; r < count; ++r) {
    spread += (square[r] - mean_square) * (square[r] - mean_square);
    slope += (square[r] - mean_square) * (y[r] - mean);
  }
  slope /= spread;
  const double correction = slope * (1.0 / 3 - mean_square);
  double variance = 0, of_unit = 0;
  for (std::size_t r = 0; r < count; ++r) {
    const double away = square[r] - mean_square;
    const double weight = 1 / number + (1.0 / 3 - mean_square) / spread * away;
    const double residual = weight * (y[r] - mean - slope * away);
    if (!is_mirrored) {
      variance += residual * residual / (1 - 1 / number - away * away / spread);
      continue;
    }
    of_unit += residual;
    if (r % 2 == 0) continue;
    variance += number / (number - 4) * of_unit * of_unit;
    of_unit = 0;
  }
  return {mean + correction, correction, variance};
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
  for (const GradientShape shape : {GradientShape{}, GradientShape{.is_wide = true}, GradientShape{false, true}}) {
    const std::size_t n_pairs = 30;
    const std::vector<double> u = coordinates(1, 0, 0, n_pairs, shape), noise = testing::normals(n_pairs * n, 3);
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<double> square, y;
      for (std::size_t r = 0; r < n_pairs; ++r) {
        square.push_back(u[r * n + i] * u[r * n + i]);
        y.push_back(2 + 3 * square[r] + noise[r * n + i]);
      }
      PairTotals totals{.origin = 2.5, .near = 0, .near_square = 0, .all = 0};
      std::size_t n_near = 0;
      for (std::size_t r = 0; r < n_pairs; ++r) {
        const double moved = y[r] - totals.origin;
        totals.all += moved;
        if (square[r] > 0.5) continue;
        ++n_near;
        totals.near += moved;
        totals.near_square += moved * moved;
      }
      CHECK(n_near == magnitudes(shape, n_pairs).n_near);
      const LineFit found = LineFitter(n_pairs, n_near, shape.is_mirrored)(totals);
      const LineFit expected = line_by_definition(square, y, shape.is_mirrored);
      CHECK(std::abs(found.value - expected.value) < 1e-12);
      CHECK(std::abs(found.correction - expected.correction) < 1e-12);
      CHECK(std::abs(found.variance - expected.variance) < 1e-12);
    }
  }
}

// z_0 z_1 + z_1 z_2 + ..., of the cells of a buffer.
template <typename Cell>
struct Chain {
  std::vector<std::uint8_t> points{};
  std::vector<double> outputs{};

  [[nodiscard]] const Cell* row(std::span<const std::uint8_t> memory, std::size_t r) const {
    return reinterpret_cast<const Cell*>(memory.data()) + r * n;
  }
  [[nodiscard]] static double value(const Cell* z) {
    double sum = 0;
    for (std::size_t j = 0; j + 1 < n; ++j) sum += static_cast<double>(z[j]) * static_cast<double>(z[j + 1]);
    return sum;
  }
  // Gradients of double or single precision, whatever the cells are.
  template <typename Number = Cell>
  [[nodiscard]] GradientModel gradients(std::size_t n_rows_in_batch = 7) {
    points.resize(n_rows_in_batch * n * sizeof(Cell));
    auto numbers = std::make_shared<std::vector<Number>>();
    return {[this, numbers](std::size_t n_rows) -> GradientBatch {
              outputs.clear();
              numbers->clear();
              for (std::size_t r = 0; r < n_rows; ++r) {
                const Cell* z = row(points, r);
                outputs.push_back(value(z));
                for (std::size_t j = 0; j < n; ++j) {
                  const double before = j > 0 ? static_cast<double>(z[j - 1]) : 0;
                  const double both = before + (j + 1 < n ? static_cast<double>(z[j + 1]) : 0);
                  numbers->push_back(static_cast<Number>(both));
                }
              }
              return {outputs, std::span<const Number>(*numbers)};
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
  for (const std::size_t n_rows : {1, 2, 64}) {  // of a batch
    GradientExplanations same(table, {.budget = 600, .seed = 4, .num_threads = 3}, chain.gradients(n_rows));
    same.run(model, buffer);
    CHECK(same.values() == run.values());
    CHECK(same.standard_errors() == run.standard_errors());
    CHECK(same.flat() == run.flat());
  }
  GradientExplanations single(table, {.budget = 600, .seed = 4}, chain.template gradients<float>());
  single.run(model, buffer);
  for (std::size_t at = 0; at < n_explicands * n; ++at) CHECK(std::abs(single.values()[at] - run.values()[at]) < 1e-5);
  GradientModel wrong = chain.gradients();
  wrong.model = [](std::size_t) -> GradientBatch { return {}; };
  GradientExplanations short_batch(table, {.budget = 600, .seed = 4}, wrong);
  CHECK(
      testing::throws<std::invalid_argument>([&] { short_batch.run(model, buffer); }, "outputs with their gradients"));

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
