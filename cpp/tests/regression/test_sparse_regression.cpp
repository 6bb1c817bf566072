// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks the lasso by its optimality conditions on a plain matrix, the mixture prior and the cross-validated fit on
// planted players, and errors of rows that are left out by fits without them.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "banzhaf/designs.hpp"
#include "check.hpp"
#include "designs/coalition_bits.hpp"
#include "regression/best_pair.hpp"
#include "regression/lasso.hpp"
#include "regression/mixture_prior.hpp"
#include "regression/regression.hpp"
#include "regression/sparse_regression.hpp"

namespace {

using banzhaf::Coalitions;
using banzhaf::CoalitionsView;
using banzhaf::Lasso;
using banzhaf::SignColumns;
using banzhaf::SparseFit;
using banzhaf::SparseRegression;
using banzhaf::SparseVector;
using banzhaf::testing::close;
using banzhaf::testing::normals;

struct Problem {
  Problem(std::size_t n_rows, std::size_t n_players, std::size_t n_active, double noise, unsigned seed)
      : rows(n_rows, n_players), truth(n_players), numbers(normals(n_rows, seed)) {
    banzhaf::Design(banzhaf::DesignKind::independent, n_players, n_rows, seed).fill(0, rows);
    banzhaf::transpose(rows.view(), columns, 1);
    for (std::size_t k = 0; k < n_active; ++k) truth[(7 * k + 3) % n_players] = k % 2 == 0 ? 1.5 : -1;
    for (std::size_t p = 0; p < n_rows; ++p) {
      numbers[p] *= noise;
      for (std::size_t i = 0; i < n_players; ++i) numbers[p] += sign(p, i) * truth[i];
    }
  }

  [[nodiscard]] double sign(std::size_t p, std::size_t i) const { return rows.view().contains(p, i) ? 1 : -1; }

  Coalitions rows, columns;
  std::vector<double> truth, numbers;
};

std::vector<double> dense(const SparseVector& b, std::size_t size) {
  std::vector<double> all(size);
  for (std::size_t k = 0; k < b.places.size(); ++k) all[b.places[k]] = b.numbers[k];
  return all;
}

double error(const SparseVector& b, const std::vector<double>& truth) {
  const std::vector<double> all = dense(b, truth.size());
  double sum = 0, scale = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    sum += (all[i] - truth[i]) * (all[i] - truth[i]);
    scale += truth[i] * truth[i];
  }
  return sum / scale;
}

// The gradient of the squares is the penalty times the sign of each coefficient, or no larger where it is 0.
void check_lasso(bool centred) {
  const Problem problem(61, 130, 9, 0.5, centred ? 1 : 2);
  std::vector<std::uint8_t> used(61, 1);
  for (std::size_t p = 0; p < 61; p += 5) used[p] = 0;
  const double count = static_cast<double>(std::accumulate(used.begin(), used.end(), 0));
  const SignColumns x(problem.columns.view(), used, centred);
  Lasso lasso(x, problem.numbers);
  double mean = 0;
  for (std::size_t p = 0; p < 61; ++p) mean += used[p] != 0 && centred ? problem.numbers[p] / count : 0;
  for (const double share : {1.0, 0.5, 0.1, 0.02}) {
    const double penalty = share * lasso.largest_penalty();
    CHECK(lasso.solve(penalty));
    const std::vector<double> b = dense(lasso.coefficients(), 130), predicted = lasso.predictions();
    CHECK(share < 1 || lasso.coefficients().places.empty());
    double constant = 0;
    for (std::size_t p = 0; p < 61; ++p) {
      double left = problem.numbers[p];
      for (std::size_t i = 0; i < 130; ++i) left -= problem.sign(p, i) * b[i];
      constant += used[p] != 0 && centred ? left / count : 0;
    }
    std::vector<double> rest(61);
    for (std::size_t p = 0; p < 61; ++p) {
      double sum = constant;
      for (std::size_t i = 0; i < 130; ++i) sum += problem.sign(p, i) * b[i];
      CHECK(close(predicted[p], sum, 1e-10));
      rest[p] = used[p] != 0 ? problem.numbers[p] - sum : 0;
    }
    double worst = 0;
    for (std::size_t i = 0; i < 130; ++i) {
      double gradient = 0;
      for (std::size_t p = 0; p < 61; ++p) gradient += problem.sign(p, i) * rest[p] / count;
      const double excess =
          b[i] == 0 ? std::abs(gradient) - penalty : std::abs(gradient - std::copysign(penalty, b[i]));
      worst = std::max(worst, excess / penalty);
    }
    CHECK(worst < 1e-3);
  }
}

// Without noise, a few players among many are found exactly, with their signs.
void check_recovery() {
  const Problem problem(64, 400, 6, 0, 3);
  const SparseRegression regression(problem.columns.view(), {.num_threads = 1});
  const SparseFit found = regression.fit(problem.numbers);
  CHECK(error(found.coefficients, problem.truth) < 1e-8);
  for (const double rest : found.rest) CHECK(std::abs(rest) < 1e-3);

  // With noise, the mixture prior shrinks large coefficients less than the lasso.
  const Problem noisy(100, 400, 6, 0.5, 4);
  const SignColumns x(noisy.columns.view(), std::vector<std::uint8_t>(100, 1), false);
  Lasso lasso(x, noisy.numbers);
  CHECK(lasso.solve(lasso.largest_penalty()) && lasso.solve(0.15 * lasso.largest_penalty()));
  const SparseVector mixture = banzhaf::fit_mixture(x, noisy.numbers, lasso.coefficients());
  CHECK(error(mixture, noisy.truth) < 0.5 * error(lasso.coefficients(), noisy.truth));
}

// The best pair explains most among all pairs of columns, each fitted by least squares.
void check_best_pair(bool centred) {
  const Problem problem(21, 40, 3, 1.0, centred ? 8 : 9);
  std::vector<std::uint8_t> used(21, 1);
  used[4] = used[13] = 0;
  const SignColumns x(problem.columns.view(), used, centred);
  std::vector<double> numbers(problem.numbers);
  x.prepare(numbers);
  const auto left = [&](const SparseVector& b) {
    double sum = 0;
    for (const double rest : x.residuals(numbers, x.image(b))) sum += rest * rest;
    return sum;
  };
  const SparseVector found = banzhaf::best_pair(x, numbers);
  CHECK(found.places.size() == 2);
  const double least = left(found);
  const std::vector<double> products = x.products(numbers);
  for (std::uint32_t i = 0; i < 40; ++i)
    for (std::uint32_t j = 0; j < i; ++j) {
      const double both = x.product(i, j), determinant = x.square(i) * x.square(j) - both * both;
      if (determinant < 1e-6) continue;
      const double b_i = (x.square(j) * products[i] - both * products[j]) / determinant;
      const double b_j = (x.square(i) * products[j] - both * products[i]) / determinant;
      CHECK(left({.places = {i, j}, .numbers = {b_i, b_j}}) > least - 1e-9);
    }
  for (const double step : {-1e-3, 1e-3})  // no other coefficients of these columns leave less
    for (const std::size_t k : {0, 1}) {
      SparseVector moved = found;
      moved.numbers[k] += step;
      CHECK(left(moved) > least);
    }
  CHECK(banzhaf::best_pair(x, std::vector<double>(21)).places.empty());
}

// The held-out errors come from fits without the row: they change by its own change alone.
void check_held_out() {
  Problem problem(50, 120, 5, 0.3, 5);
  for (const bool intercept : {false, true}) {
    const SparseRegression regression(problem.columns.view(), {.intercept = intercept, .num_threads = 1});
    const SparseFit before = regression.fit(problem.numbers);
    std::vector<double> changed(problem.numbers);
    changed[17] += 1e-7;
    const SparseFit after = regression.fit(changed);
    CHECK(close(after.held_out[17] - before.held_out[17], 1e-7, 1e-6));
    for (const int threads : {2, 5}) {
      const SparseFit again = SparseRegression(problem.columns.view(), {.intercept = intercept, .num_threads = threads})
                                  .fit(problem.numbers);
      CHECK(again.coefficients.numbers == before.coefficients.numbers && again.held_out == before.held_out);
    }
  }
}

void check_edges() {
  const Problem problem(20, 70, 0, 0, 6);
  const SparseFit found = SparseRegression(problem.columns.view(), {.num_threads = 1}).fit(problem.numbers);
  CHECK(found.coefficients.places.empty());
  const std::vector<double> same(20, 3);
  const SparseFit constant = SparseRegression(problem.columns.view(), {.intercept = true, .num_threads = 1}).fit(same);
  CHECK(constant.coefficients.places.empty());
  CHECK(!SparseRegression::suits(9, 100, 1) && SparseRegression::suits(10, 100, 1));
  CHECK(SparseRegression::suits(5000, 10'000, 1) && !SparseRegression::suits(5000, 10'000, 100));
  const std::vector<double> small(100, 0.1), large(100, 1);
  CHECK(banzhaf::clearly_smaller(small, large, 150) && !banzhaf::clearly_smaller(large, small, 150));
  CHECK(!banzhaf::clearly_smaller(large, large, 150));
  const std::vector<double> most(40, 0.9), half(40, 0.5), all(40, 1);
  CHECK(banzhaf::clearly_smaller(half, all, 80) && banzhaf::clearly_smaller(half, all, 79));
  CHECK(!banzhaf::clearly_smaller(most, all, 80) && banzhaf::clearly_smaller(most, all, 79));
  std::vector<double> one(100, 1);
  one[5] = 1.5;  // better in one row is no proof
  CHECK(!banzhaf::clearly_smaller(large, one, 150));
}

// The errors of rows that are left out are those of minimum-norm fits without them.
void check_left_out() {
  const std::size_t n = 60;
  for (const bool intercept : {false, true}) {
    const Problem problem(25, n, 8, 0.4, 7);
    const auto fit = [&](const std::vector<std::size_t>& kept) {
      auto rows = std::make_shared<Coalitions>(kept.size(), n);
      for (std::size_t r = 0; r < kept.size(); ++r)
        std::copy_n(problem.rows.view().row(kept[r]), banzhaf::words_for(n), rows->row(r).begin());
      return banzhaf::Regression(
          [rows](std::size_t first, std::size_t count, Coalitions&) { return rows->view().rows(first, count); },
          kept.size(), n, {.intercept = intercept, .num_threads = 1});
    };
    std::vector<std::size_t> everything(25);
    std::iota(everything.begin(), everything.end(), 0);
    const banzhaf::Regression whole = fit(everything);
    CHECK(whole.interpolates());
    const std::vector<double> errors = whole.left_out_errors(banzhaf::Worths{problem.numbers, 1});
    for (const std::size_t out : {0, 11, 24}) {
      std::vector<std::size_t> kept;
      std::vector<double> numbers;
      for (std::size_t p = 0; p < 25; ++p) {
        if (p == out) continue;
        kept.push_back(p);
        numbers.push_back(problem.numbers[p]);
      }
      const std::vector<double> b = fit(kept).fit(banzhaf::Worths{numbers, 1}, false).coefficients;
      const auto predict = [&](std::size_t p) {
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i) sum += problem.sign(p, i) * b[i];
        return sum;
      };
      double constant = 0;
      for (std::size_t k = 0; k < kept.size(); ++k)
        constant += intercept ? (numbers[k] - predict(kept[k])) / static_cast<double>(kept.size()) : 0;
      CHECK(close(errors[out], problem.numbers[out] - predict(out) - constant, 1e-8));
    }
  }
}

}  // namespace

int main() {
  check_lasso(false);
  check_lasso(true);
  check_recovery();
  check_best_pair(false);
  check_best_pair(true);
  check_held_out();
  check_edges();
  check_left_out();
  return banzhaf::testing::finish();
}
