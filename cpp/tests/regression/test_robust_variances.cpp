// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares variances from sums of integers with those in doubles, and both with the formula.
#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

#include "check.hpp"
#include "regression/dense.hpp"
#include "regression/robust_variances.hpp"

namespace {

using namespace banzhaf;
using banzhaf::testing::close;
using banzhaf::testing::normals;

/// A regression on random rows, solved by the simplest means.
struct Problem {
  std::size_t n_rows;
  std::size_t n_players;
  Coalitions rows;
  RowSource source;
  std::vector<double> signs;  // rows x players, less their means if there is an intercept
  std::vector<double> means;
  std::vector<double> inverse;
  double largest = 0;

  Problem(std::size_t n_rows_, std::size_t n_players_, double inclusion, bool intercept, double ridge)
      : n_rows(n_rows_), n_players(n_players_), rows(n_rows_, n_players_), signs(n_rows_ * n_players_) {
    std::mt19937_64 engine(n_rows + n_players);
    std::bernoulli_distribution in(inclusion);
    for (std::size_t r = 0; r < n_rows; ++r) {
      for (std::size_t i = 0; i < n_players; ++i) {
        const bool chosen = in(engine);
        if (chosen) rows.row(r)[i / 64] |= std::uint64_t{1} << (i % 64);
        signs[r * n_players + i] = chosen ? 1 : -1;
      }
    }
    source = [this](std::size_t first, std::size_t count, Coalitions&) { return rows.view().rows(first, count); };
    if (intercept) {
      means.resize(n_players);
      for (std::size_t r = 0; r < n_rows; ++r)
        for (std::size_t i = 0; i < n_players; ++i) means[i] += signs[r * n_players + i] / static_cast<double>(n_rows);
      for (std::size_t r = 0; r < n_rows; ++r)
        for (std::size_t i = 0; i < n_players; ++i) signs[r * n_players + i] -= means[i];
    }
    std::vector<double> gram(n_players * n_players);
    multiply_add(n_players, n_players, n_rows, 1, {signs.data(), 1, n_players}, {signs.data(), n_players, 1},
                 gram.data(), n_players, false, 1);
    for (std::size_t i = 0; i < n_players; ++i) gram[i * n_players + i] += ridge;
    largest = largest_eigenvalue(n_players, [&](const std::vector<double>& v, std::vector<double>& image) {
      symmetric_product(gram.data(), n_players, v.data(), image.data());
    });
    CHECK(cholesky(gram.data(), n_players, 1) > 0);
    inverse = cholesky_inverse(gram.data(), n_players, 1);
  }

  [[nodiscard]] SolvedRegression solved(int num_threads) const {
    const double spare = static_cast<double>(n_rows - n_players - (means.empty() ? 0 : 1));
    return {source, n_rows, n_players, means, spare, largest, num_threads};
  }

  /// The formula, term by term.
  [[nodiscard]] std::vector<double> expected(const std::vector<double>& residuals, std::size_t n_outputs) const {
    std::vector<double> variances(n_players * n_outputs), influence(n_players);
    for (std::size_t r = 0; r < n_rows; ++r) {
      const double* x = &signs[r * n_players];
      double free_share = means.empty() ? 1 : 1 - 1 / static_cast<double>(n_rows);
      for (std::size_t i = 0; i < n_players; ++i) {
        influence[i] = 0;
        for (std::size_t j = 0; j < n_players; ++j) influence[i] += inverse[i * n_players + j] * x[j];
        free_share -= influence[i] * x[i];
      }
      for (std::size_t i = 0; i < n_players; ++i) {
        for (std::size_t o = 0; o < n_outputs; ++o) {
          const double e = residuals[r * n_outputs + o];
          variances[i * n_outputs + o] += influence[i] * influence[i] * (e * e / free_share);
        }
      }
    }
    return variances;
  }
};

/// Returns the largest relative difference of the standard errors.
double difference(const std::vector<double>& variances, const std::vector<double>& expected) {
  double largest = variances.size() == expected.size() ? 0 : 1;
  for (std::size_t i = 0; i < variances.size(); ++i)
    largest = std::max(largest, std::abs(std::sqrt(variances[i] / expected[i]) - 1));
  return largest;
}

/// Residuals with heavy tails: one in fifty is ten times as large.
std::vector<double> heavy(std::size_t count, unsigned seed) {
  std::vector<double> residuals = normals(count, seed);
  for (std::size_t p = 0; p < count; p += 50) residuals[p] *= 10;
  return residuals;
}

/// Whether integers serve, they change standard errors by far less than their bound.
void check_integers(const Problem& problem, bool serve) {
  for (const bool tails : {false, true}) {
    const std::vector<double> residuals = tails ? heavy(problem.n_rows, 3) : normals(problem.n_rows, 2);
    const std::vector<double> expected = problem.expected(residuals, 1);
    const std::vector<double> doubles = robust_variances_in_doubles(problem.solved(1), problem.inverse, residuals, 1);
    const std::vector<double> found = robust_variances(problem.solved(1), problem.inverse, residuals, 1);
    CHECK(difference(doubles, expected) < 1e-11);
    CHECK(difference(found, expected) < (serve ? 2e-4 : 1e-11));
    if (serve && !tails) CHECK(found != doubles);
    if (!serve) CHECK(found == doubles);
    CHECK(found == robust_variances(problem.solved(3), problem.inverse, residuals, 1));
  }
}

}  // namespace

int main() {
  static_assert(most_rounding == 1e-3);
  check_integers(Problem(400, 31, 0.5, false, 0), false);  // few players: doubles take no longer
  check_integers(Problem(400, 32, 0.5, false, 0), true);
  check_integers(Problem(1100, 65, 0.5, false, 0), true);
  check_integers(Problem(1100, 97, 0.5, true, 0), true);
  check_integers(Problem(2500, 130, 0.5, false, 10), true);
  check_integers(Problem(130, 100, 0.5, false, 0), false);  // an inverse that integers cannot hold well enough
  check_integers(Problem(2000, 64, 0.8, false, 0), true);   // players that occur together

  // A single row that dominates makes the bound too large, and each output is on its own.
  const Problem problem(1100, 65, 0.5, false, 0);
  std::vector<double> residuals = normals(problem.n_rows, 4), pair(2 * problem.n_rows);
  std::vector<double> peak = residuals;
  peak[7] = 1e4;
  for (std::size_t p = 0; p < problem.n_rows; ++p) {
    pair[2 * p] = residuals[p];
    pair[2 * p + 1] = peak[p];
  }
  const std::vector<double> both = robust_variances(problem.solved(2), problem.inverse, pair, 2);
  const std::vector<double> first = robust_variances(problem.solved(1), problem.inverse, residuals, 1);
  const std::vector<double> second = robust_variances(problem.solved(1), problem.inverse, peak, 1);
  CHECK(second == robust_variances_in_doubles(problem.solved(1), problem.inverse, peak, 1));
  for (std::size_t i = 0; i < problem.n_players; ++i) {
    CHECK(both[2 * i] == first[i]);
    CHECK(both[2 * i + 1] == second[i]);
  }

  // The size of the residuals does not matter, down to those of a perfect fit.
  for (const double size : {0x1p-400, 0x1p400}) {
    std::vector<double> scaled(residuals);
    for (double& e : scaled) e *= size;
    const std::vector<double> found = robust_variances(problem.solved(1), problem.inverse, scaled, 1);
    for (std::size_t i = 0; i < problem.n_players; ++i) CHECK(found[i] == first[i] * size * size);
  }
  const std::vector<double> none(problem.n_rows);
  for (const double variance : robust_variances(problem.solved(1), problem.inverse, none, 1)) CHECK(variance == 0);

  // Orthogonal columns have an inverse without anything beside its diagonal.
  Problem orthogonal(64, 32, 0.5, false, 0);
  for (std::size_t r = 0; r < 64; ++r) {
    orthogonal.rows.row(r)[0] = 0;
    for (std::size_t i = 0; i < 32; ++i) {
      const bool odd = std::popcount(r & (i + 1)) % 2 != 0;
      if (odd) orthogonal.rows.row(r)[0] |= std::uint64_t{1} << i;
      orthogonal.signs[r * 32 + i] = odd ? 1 : -1;
    }
  }
  std::fill(orthogonal.inverse.begin(), orthogonal.inverse.end(), 0.0);
  for (std::size_t i = 0; i < 32; ++i) orthogonal.inverse[i * 33] = 1.0 / 64;
  orthogonal.largest = 64;
  const std::vector<double> few = normals(64, 5);
  CHECK(difference(robust_variances(orthogonal.solved(1), orthogonal.inverse, few, 1), orthogonal.expected(few, 1)) <
        1e-5);
  return banzhaf::testing::finish();
}
