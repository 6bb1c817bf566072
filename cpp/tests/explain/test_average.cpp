// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks means over background rows and their errors on made-up estimates. No model is called.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "check.hpp"
#include "explain/average.hpp"

namespace {

using namespace banzhaf;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Rows of the players 0 and 1, with normal values around 3 and 0. Each estimate has an error of its own.
struct Made {
  std::vector<RowEstimate> estimates;
  std::vector<std::vector<std::uint32_t>> players;

  Made(std::size_t n_rows, double error, unsigned seed, double scale = 1) {
    const std::vector<double> draws = testing::normals(4 * n_rows, seed);
    for (std::size_t b = 0; b < n_rows; ++b) {
      RowEstimate made;
      for (std::size_t i = 0; i < 2; ++i) {
        made.values.push_back(scale *
                              (3.0 * (1 - static_cast<double>(i)) + draws[4 * b + i] + error * draws[4 * b + 2 + i]));
        made.standard_errors.push_back(scale * error);
      }
      made.r2 = {0.5};
      made.spread = {1.0};
      made.exponent = {scale == 1 ? 0 : std::ilogb(scale)};
      made.degrees_of_freedom = error > 0 ? 10 : infinity;
      estimates.push_back(std::move(made));
      players.push_back({0, 1});
    }
  }
  [[nodiscard]] std::vector<AveragedRow> rows() const {
    std::vector<AveragedRow> result;
    for (std::size_t b = 0; b < estimates.size(); ++b)
      result.push_back({.players = players[b],
                        .estimate = &estimates[b],
                        .n_pairs = 8,
                        .is_exact = estimates[b].standard_errors[0] == 0});
    return result;
  }
};

RowSample all_of(std::size_t n_rows) {
  const auto n = static_cast<double>(n_rows);
  return {.total_weight = n, .effective_background = n, .n_costly = n, .n_drawn = n};
}

void check_mean() {
  const Made made(5, 0.25, 1);
  const std::vector<AveragedRow> rows = made.rows();
  const Average found = average(rows, all_of(5), 3, 1);
  for (std::size_t i = 0; i < 2; ++i) {
    double mean = 0, square = 0;
    for (const RowEstimate& each : made.estimates) mean += each.values[i] / 5;
    for (const RowEstimate& each : made.estimates) square += (each.values[i] - mean) * (each.values[i] - mean) / 4;
    CHECK(testing::close(found.values[i], mean, 1e-15));
    CHECK(testing::close(found.standard_errors[i], 0.25 / std::sqrt(5.0), 1e-15));
    // The variance between rows, without what the rows' own errors add.
    CHECK(testing::close(found.background_errors[i], std::sqrt(std::max(0.0, square - 0.0625) / 5), 1e-12));
  }
  // A player in which no row differs.
  CHECK(found.values[2] == 0 && found.standard_errors[2] == 0 && found.background_errors[2] == 0);
  CHECK(found.r2[0] == 0.5 && testing::close(found.degrees_of_freedom[0], 50, 1e-12));
}

void check_exact() {
  const Made made(4, 0, 2);
  const Average found = average(made.rows(), all_of(4), 2, 1);
  CHECK(found.standard_errors[0] == 0 && found.degrees_of_freedom[0] == infinity && found.background_errors[0] > 0);
  const Average one = average(std::vector{made.rows()[0]}, all_of(1), 2, 1);
  CHECK(one.values[0] == made.estimates[0].values[0] && std::isnan(one.background_errors[0]));
}

// Whole numbers as weights count like as many copies of the row.
void check_weights() {
  const Made made(4, 0.25, 3);
  const std::vector<double> weights{3, 1, 2, 2};
  std::vector<AveragedRow> weighted = made.rows(), repeated;
  for (std::size_t b = 0; b < 4; ++b) {
    weighted[b].factor = weights[b];
    for (double w = 0; w < weights[b]; ++w) repeated.push_back(made.rows()[b]);
  }
  const RowSample sample{.total_weight = 8, .effective_background = 64.0 / 18, .n_costly = 4, .n_drawn = 4};
  const Average found = average(weighted, sample, 2, 1), expected = average(repeated, all_of(8), 2, 1);
  double squares = 0;
  for (const double weight : weights) squares += weight * weight;
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(testing::close(found.values[i], expected.values[i], 1e-15));
    // One design for a row of weight 3, instead of three independent ones.
    CHECK(testing::close(found.standard_errors[i], 0.25 * std::sqrt(squares) / 8, 1e-15));
    CHECK(found.background_errors[i] > expected.background_errors[i]);
  }
  CHECK(testing::close(found.r2[0], 0.5, 1e-15));
}

// Rows that do not show their errors take them from at least three times as many rows that do.
void check_borrowed() {
  Made made(5, 0.25, 4);
  made.estimates[2].standard_errors = {unknown, unknown};
  const Average found = average(made.rows(), all_of(5), 2, 1);
  CHECK(testing::close(found.standard_errors[0], 0.25 / std::sqrt(5.0), 1e-12));
  CHECK(testing::close(found.degrees_of_freedom[0], 25 / (4.0 / 10 + 1.0 / 40), 1e-12));
  std::vector<AveragedRow> doubtful = made.rows();
  doubtful[2].expected_variance = 9;  // it is expected to be larger than that of the others
  CHECK(average(doubtful, all_of(5), 2, 1).standard_errors[0] > 1.5 * found.standard_errors[0]);
  made.estimates[3].standard_errors = {unknown, unknown};
  CHECK(std::isnan(average(made.rows(), all_of(5), 2, 1).standard_errors[0]));
}

// A sample of rows has the stated errors, both for equally likely rows and for rows drawn in proportion to their
// weights.
void check_samples() {
  const std::size_t n_rows = 40, n_drawn = 10, n_runs = 4000;
  const Made made(n_rows, 0, 5);
  double truth = 0, square = 0, claimed = 0;
  for (const RowEstimate& each : made.estimates) truth += each.values[0] / static_cast<double>(n_rows);
  std::vector<std::size_t> order(n_rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (unsigned run = 0; run < n_runs; ++run) {
    const std::vector<double> keys = testing::normals(n_rows, 100 + run);
    std::ranges::sort(order, {}, [&](std::size_t b) { return keys[b]; });
    std::vector<AveragedRow> rows;
    for (std::size_t d = 0; d < n_drawn; ++d) rows.push_back(made.rows()[order[d]]);
    RowSample sample = all_of(n_rows);
    sample.n_drawn = n_drawn;
    sample.left_out = 1 - 10.0 / 40;
    for (std::size_t d = 0; d < n_drawn; ++d) sample.neighbours.push_back(d);
    const Average found = average(rows, sample, 2, 1);
    square += (found.values[0] - truth) * (found.values[0] - truth) / static_cast<double>(n_runs);
    claimed += found.standard_errors[0] * found.standard_errors[0] / static_cast<double>(n_runs);
  }
  CHECK(std::abs(claimed / square - 1) < 0.1);

  // Weights of about 1 to 9, with independent draws in proportion to them.
  std::vector<double> weights, ends;
  double total = 0, squares = 0;
  truth = square = claimed = 0;
  for (std::size_t b = 0; b < n_rows; ++b) {
    weights.push_back(1 + static_cast<double>(b % 9));
    total += weights.back();
    squares += weights.back() * weights.back();
  }
  for (std::size_t b = 0; b < n_rows; ++b) truth += weights[b] * made.estimates[b].values[0] / total;
  for (unsigned run = 0; run < n_runs; ++run) {
    // A systematic sample in a random order.
    const std::vector<double> keys = testing::normals(n_rows + 1, 10'000 + run);
    std::ranges::sort(order, {}, [&](std::size_t b) { return keys[b]; });
    double end = std::abs(keys[n_rows]) - std::floor(std::abs(keys[n_rows]));
    std::vector<AveragedRow> rows;
    RowSample sample{.total_weight = total,
                     .effective_background = total * total / squares,
                     .n_costly = 8,
                     .n_drawn = 8,
                     .has_factors = true};
    double likely = 0;
    for (const std::size_t b : order) {
      const double before = end;
      end += 8 * weights[b] / total;
      if (std::floor(before) == std::floor(end)) continue;
      sample.neighbours.push_back(rows.size());
      rows.push_back(made.rows()[b]);
      rows.back().factor = total / 8;
      likely += weights[b] / total;
    }
    sample.left_out = 1 - likely;
    const Average found = average(rows, sample, 2, 1);
    square += (found.values[0] - truth) * (found.values[0] - truth) / static_cast<double>(n_runs);
    claimed += found.standard_errors[0] * found.standard_errors[0] / static_cast<double>(n_runs);
  }
  CHECK(claimed / square > 0.8 && claimed / square < 1.3);
}

// Squares, and squares of squares, of very small and very large numbers.
void check_scales() {
  const Made ordinary(6, 0.25, 6);
  const Average expected = average(ordinary.rows(), all_of(6), 2, 1);
  for (const int exponent : {-600, -200, 200, 600}) {
    const double scale = std::ldexp(1.0, exponent);
    const Made made(6, 0.25, 6, scale);
    const Average found = average(made.rows(), all_of(6), 2, 1);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(found.values[i] == expected.values[i] * scale);
      CHECK(found.standard_errors[i] == expected.standard_errors[i] * scale);
      CHECK(found.background_errors[i] == expected.background_errors[i] * scale);
    }
    CHECK(found.r2 == expected.r2 && found.degrees_of_freedom == expected.degrees_of_freedom);
  }
}

void check_unseen() {
  const Made made(3, 0, 7);
  RowSample sample = all_of(3);
  sample.unseen = {2};
  const Average found = average(made.rows(), sample, 3, 1);
  CHECK(found.values[2] == 0 && std::isnan(found.standard_errors[2]) && std::isnan(found.background_errors[2]));
}

}  // namespace

int main() {
  check_mean();
  check_exact();
  check_weights();
  check_borrowed();
  check_samples();
  check_scales();
  check_unseen();
  return testing::finish();
}
