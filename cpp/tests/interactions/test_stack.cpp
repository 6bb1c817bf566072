// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include <cmath>
#include <vector>

#include "check.hpp"
#include "interactions/stack.hpp"

using banzhaf::nonnegative_least_squares;
using banzhaf::Stack;
using banzhaf::stack_weights;
using Columns = std::vector<std::vector<double>>;

namespace {

constexpr std::size_t n_rows = 40;

double squares_left(const std::vector<double>& target, const Columns& columns, const std::vector<double>& weights) {
  double sum = 0;
  for (std::size_t p = 0; p < target.size(); ++p) {
    double left = target[p];
    for (std::size_t l = 0; l < columns.size(); ++l) left -= weights[l] * columns[l][p];
    sum += left * left;
  }
  return sum;
}

// Least squares on the chosen columns by Gauss-Jordan on the normal equations.
std::vector<double> plain(const std::vector<double>& target, const Columns& columns, unsigned chosen) {
  std::vector<std::size_t> index;
  for (std::size_t l = 0; l < columns.size(); ++l)
    if ((chosen >> l & 1U) != 0) index.push_back(l);
  const std::size_t n = index.size();
  std::vector<std::vector<double>> a(n, std::vector<double>(n + 1));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t p = 0; p < target.size(); ++p) {
      for (std::size_t j = 0; j < n; ++j) a[i][j] += columns[index[i]][p] * columns[index[j]][p];
      a[i][n] += columns[index[i]][p] * target[p];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      if (k == i) continue;
      const double factor = a[k][i] / a[i][i];
      for (std::size_t j = 0; j <= n; ++j) a[k][j] -= factor * a[i][j];
    }
  }
  std::vector<double> weights(columns.size());
  for (std::size_t i = 0; i < n; ++i) weights[index[i]] = a[i][n] / a[i][i];
  return weights;
}

// The best of all sets of columns whose least squares has no weight below 0.
double least_squares_left(const std::vector<double>& target, const Columns& columns) {
  double best = squares_left(target, columns, std::vector<double>(columns.size()));
  for (unsigned chosen = 1; chosen < 1U << columns.size(); ++chosen) {
    const std::vector<double> weights = plain(target, columns, chosen);
    bool allowed = true;
    for (const double w : weights) allowed &= w >= 0;
    if (allowed) best = std::min(best, squares_left(target, columns, weights));
  }
  return best;
}

void test_against_all_sets() {
  for (unsigned seed = 0; seed < 60; ++seed) {
    const std::size_t n = 1 + seed % 5;
    const std::vector<double> target = banzhaf::testing::normals(n_rows, 1000 + seed);
    Columns columns;
    for (std::size_t l = 0; l < n; ++l) {
      columns.push_back(banzhaf::testing::normals(n_rows, 50 * seed + static_cast<unsigned>(l)));
      // Columns that are alike make active sets change often.
      for (std::size_t p = 0; l > 0 && p < n_rows; ++p) columns[l][p] = 0.9 * columns[0][p] + 0.3 * columns[l][p];
    }
    const std::vector<double> weights = nonnegative_least_squares(target, columns);
    bool allowed = weights.size() == n;
    for (const double w : weights) allowed &= w >= 0;
    CHECK(allowed);
    CHECK(banzhaf::testing::close(squares_left(target, columns, weights), least_squares_left(target, columns), 1e-9));
  }
}

void test_degenerate_columns() {
  const std::vector<double> target = banzhaf::testing::normals(n_rows, 3);
  const std::vector<double> nothing(n_rows, 0.0);
  CHECK(!stack_weights(target, Columns{}, 1).used());
  CHECK(!stack_weights(target, Columns{nothing, nothing}, 1).used());
  // The same column twice, and one of zeros: the sum of the weights is what one column would get.
  const std::vector<double> weights = nonnegative_least_squares(target, Columns{target, nothing, target});
  CHECK(banzhaf::testing::close(weights[0] + weights[2], 1, 1e-12) && weights[1] == 0);
  CHECK(nonnegative_least_squares(nothing, Columns{target})[0] == 0);
}

void test_shrinkage() {
  const std::vector<double> signal = banzhaf::testing::normals(n_rows, 5), noise = banzhaf::testing::normals(n_rows, 6);
  std::vector<double> target(n_rows), against(n_rows), doubled(n_rows);
  for (std::size_t p = 0; p < n_rows; ++p) {
    target[p] = signal[p] + 0.01 * noise[p];
    against[p] = -signal[p];
    doubled[p] = 0.5 * signal[p];
  }
  const Stack clear = stack_weights(target, Columns{signal}, 2);
  CHECK(std::abs(clear.weights[0] - 1) < 0.01 && clear.explained_share > 0.99);
  CHECK(!stack_weights(target, Columns{against}, 1).used());
  // Half the signal would need a weight of 2.
  CHECK(stack_weights(target, Columns{doubled}, 1).weights[0] == 1);
  // A slope of 0.3 with noise that is orthogonal to the signal: its standard error is about 0.16.
  double along = 0, squares = 0;
  for (std::size_t p = 0; p < n_rows; ++p) {
    along += noise[p] * signal[p];
    squares += signal[p] * signal[p];
  }
  for (std::size_t p = 0; p < n_rows; ++p) target[p] = noise[p] + (0.3 - along / squares) * signal[p];
  CHECK(banzhaf::testing::close(nonnegative_least_squares(target, Columns{signal})[0], 0.3, 1e-9));
  CHECK(!stack_weights(target, Columns{signal}, 4).used());
  const double shrunken = stack_weights(target, Columns{signal}, 1).weights[0];
  CHECK(shrunken < 0.3 && shrunken > 0);
}

}  // namespace

int main() {
  test_against_all_sets();
  test_degenerate_columns();
  test_shrinkage();
  return banzhaf::testing::finish();
}
