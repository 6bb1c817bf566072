// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks Shapley values of crossed explanations against their formula for products, exact and sampled.
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include "banzhaf/crossed.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;

constexpr std::size_t n = 12, n_background = 3;

// The sum of a row's cells, and a product of the first three.
double model_of(const double* row) { return std::accumulate(row, row + n, row[0] * row[1] * row[2]); }

struct Data {
  std::vector<double> background = testing::normals(n_background * n, 1);
  std::vector<double> explicand = testing::normals(n, 2);

  [[nodiscard]] MaskedTable table() const {
    return {background.data(), explicand.data(), n_background, 1, n, sizeof(double), n, {}};
  }
  // The mean over the orders in which the three columns may join: alone, after each other one, and after both.
  [[nodiscard]] double truth(std::size_t i) const {
    double sum = 0;
    for (std::size_t b = 0; b < n_background; ++b) {
      const double* other = &background[b * n];
      double slope = 1;
      if (i < 3) {
        const std::size_t j = (i + 1) % 3, k = (i + 2) % 3;
        slope += (other[j] * other[k] + explicand[j] * explicand[k]) / 3 +
                 (explicand[j] * other[k] + other[j] * explicand[k]) / 6;
      }
      sum += slope * (explicand[i] - other[i]) / n_background;
    }
    return sum;
  }
};

void check(const Data& data, std::size_t budget, double tolerance) {
  CrossedExplanations run(data.table(), {.budget = budget, .shapley = true, .seed = 3});
  std::vector<std::uint8_t> buffer(100 * n * sizeof(double));
  const Model model = [&](std::size_t n_rows, std::vector<double>& outputs) {
    for (std::size_t r = 0; r < n_rows; ++r) {
      double row[n];
      std::memcpy(row, buffer.data() + r * sizeof(row), sizeof(row));
      outputs.push_back(model_of(row));
    }
  };
  run.run(model, buffer);
  const ShapleyResults& found = run.shapley();
  CHECK(run.row_costs()[0] <= budget);
  CHECK(found.values.size() == n);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    CHECK(std::abs(found.values[i] - data.truth(i)) <= tolerance);
    CHECK(found.unresolved_errors[i] >= 0);
    sum += found.values[i];
  }
  const double total = run.predictions()[0] - run.base_values()[0];
  CHECK(std::abs(sum - total) <= 1e-12 * (1 + std::abs(total)));
}

}  // namespace

int main() {
  const Data data;
  check(data, n_background << n, 1e-11);  // all coalitions
  check(data, n_background * 100, 0.3);   // with the coalitions at both ends
  check(data, n_background * 30, 2);      // without them
  CrossedExplanations without(data.table(), {.budget = 60});
  CHECK(without.shapley().values.empty());
  return banzhaf::testing::finish();
}
