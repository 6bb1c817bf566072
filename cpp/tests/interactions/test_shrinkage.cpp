// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares shrunken coefficients with fixed points that dense matrices give.
#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "check.hpp"
#include "interactions/shrinkage.hpp"
#include "regression/dense.hpp"

using banzhaf::Base;
using banzhaf::BlockLayout;
using banzhaf::Coalitions;
using banzhaf::PairSigns;
using banzhaf::Shrinkage;
using banzhaf::TermSpace;
using banzhaf::testing::normals;

namespace {

constexpr std::size_t n = 12, order = 16, n_blocks = 6;

PairSigns make_pairs() {
  std::mt19937_64 engine(2);
  Coalitions rows(n_blocks * order, n);
  for (std::size_t j = 0; j < n_blocks; ++j) {
    std::vector<std::uint32_t> columns(order);
    for (std::size_t c = 0; c < order; ++c) columns[c] = static_cast<std::uint32_t>(c);
    std::shuffle(columns.begin(), columns.end(), engine);
    const std::uint64_t signs = engine();
    for (std::size_t a = 0; a < order; ++a)
      for (std::size_t i = 0; i < n; ++i)
        if (((std::popcount(a & columns[i]) ^ (signs >> i)) & 1U) != 0)
          rows.row(j * order + a)[0] |= std::uint64_t{1} << i;
  }
  return PairSigns(rows.view());
}

std::vector<double> product(const PairSigns& pairs, const std::vector<std::uint32_t>& players) {
  std::vector<double> out(pairs.n_pairs(), 1.0), column(pairs.n_pairs());
  for (const std::uint32_t i : players) {
    pairs.expand(i, column);
    for (std::size_t p = 0; p < out.size(); ++p) out[p] *= column[p];
  }
  return out;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t p = 0; p < a.size(); ++p) sum += a[p] * b[p];
  return sum;
}

/// Takes out of v what an orthonormal list spans.
void project(const std::vector<std::vector<double>>& basis, std::vector<double>& v) {
  for (const std::vector<double>& q : basis) {
    const double share = dot(q, v);
    for (std::size_t p = 0; p < v.size(); ++p) v[p] -= share * q[p];
  }
}

/// The posterior mean of one coefficient, from densities of the product of its column with the rest.
double posterior_mean(double along, double square, double variance, const std::vector<double>& weights,
                      const std::vector<double>& tau) {
  double total = 0, mean = 0;
  for (std::size_t l = 0; l < tau.size(); ++l) {
    const double spread = square * variance + square * square * tau[l];  // the variance of `along`
    const double density = weights[l] * std::exp(-along * along / (2 * spread)) / std::sqrt(spread);
    total += density;
    mean += density * along * square * tau[l] / spread;
  }
  return mean / total;
}

void check_fixed_point(bool in_blocks) {
  const PairSigns pairs = make_pairs();
  const std::unique_ptr<const BlockLayout> layout = BlockLayout::find(pairs, {});
  CHECK(layout != nullptr);
  std::vector<std::vector<std::uint32_t>> sets;
  for (std::uint32_t i = 0; i + 3 < n; ++i) sets.push_back({i, i + 1, i + 3});
  std::vector<double> y = normals(pairs.n_pairs(), 4);
  for (std::size_t c = 0; c < sets.size(); ++c) {
    const std::vector<double> column = product(pairs, sets[c]);
    for (std::size_t p = 0; p < y.size(); ++p) y[p] += (c % 3 == 0 ? 1.5 : 0.1) * column[p];
  }
  std::vector<std::vector<double>> basis;
  for (std::uint32_t i = 0; i < n; ++i) {
    std::vector<double> column = product(pairs, {i});
    project(basis, column);
    const double length = std::sqrt(dot(column, column));
    for (double& x : column) x /= length;
    basis.push_back(column);
  }
  project(basis, y);
  const double first_variance = dot(y, y) / static_cast<double>(pairs.n_pairs() - n);

  const std::unique_ptr<TermSpace> space =
      banzhaf::make_term_space(pairs, in_blocks ? layout.get() : nullptr, Base::players, {});
  space->set_residuals(y);
  CHECK(banzhaf::testing::close(space->square(), dot(y, y), 1e-9));
  const double n_sets = 220;
  Shrinkage fit(*space, std::vector<double>{n_sets}, 0.0);
  CHECK(banzhaf::testing::close(fit.variance(), first_variance, 1e-9));
  for (const std::vector<std::uint32_t>& set : sets) fit.add(set, 0);
  fit.run(1, 400);  // the prior and the variance keep their first values meanwhile

  // Each coefficient must be its posterior mean given the others.
  std::vector<double> weights(9, 0.02 / 8), tau(9);
  weights[0] = 0.98;
  for (int l = 1; l < 9; ++l)
    tau[static_cast<std::size_t>(l)] =
        first_variance / static_cast<double>(pairs.n_pairs()) * std::pow(4.0, static_cast<double>(l - 2));
  std::vector<std::vector<double>> columns;
  std::vector<double> rest = y;
  for (std::size_t c = 0; c < sets.size(); ++c) {
    columns.push_back(product(pairs, sets[c]));
    project(basis, columns.back());
    for (std::size_t p = 0; p < y.size(); ++p) rest[p] -= fit.coefficient(c) * columns[c][p];
  }
  std::size_t n_large = 0;
  for (std::size_t c = 0; c < sets.size(); ++c) {
    const double square = dot(columns[c], columns[c]);
    const double along = dot(columns[c], rest) + square * fit.coefficient(c);
    const double expected = posterior_mean(along, square, first_variance, weights, tau);
    // Sweeps end when changes are below 2 % of a standard error, and squares are rounded to 1 / 64.
    CHECK(std::abs(fit.coefficient(c) - expected) < 0.05 * std::sqrt(first_variance / square));
    n_large += std::abs(fit.coefficient(c)) > 1 ? 1U : 0U;
  }
  CHECK(n_large == 3);
}

}  // namespace

int main() {
  check_fixed_point(true);
  check_fixed_point(false);
  return banzhaf::testing::finish();
}
