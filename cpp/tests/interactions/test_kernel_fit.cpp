// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "banzhaf/designs.hpp"
#include "check.hpp"
#include "interactions/kernel_fit.hpp"
#include "interactions/random_pairs.hpp"

using banzhaf::KernelLikelihood;
using banzhaf::KernelModel;
using banzhaf::KernelOptions;
using banzhaf::KernelPairs;
using banzhaf::KernelShape;
using banzhaf::PairSigns;
using banzhaf::testing::Halves;
using banzhaf::testing::random_pairs;
using banzhaf::testing::signs_of;

namespace {

// Halves of a game with interactions of two and three players.
Halves halves_of(const PairSigns& pairs, double noise, unsigned seed) {
  const std::size_t n = pairs.n_players(), n_pairs = pairs.n_pairs();
  const std::vector<double> random = banzhaf::testing::normals(2 * n_pairs + n, seed);
  Halves halves{std::vector<double>(n_pairs), std::vector<double>(n_pairs)};
  std::vector<std::vector<double>> x;
  for (std::size_t i = 0; i < n; ++i) x.push_back(signs_of(pairs, i));
  for (std::size_t p = 0; p < n_pairs; ++p) {
    for (std::size_t i = 0; i < n; ++i) halves.odd[p] += random[2 * n_pairs + i] * x[i][p];
    halves.odd[p] += 0.7 * x[0][p] * x[1][p] * x[2][p] - 0.4 * x[1][p] * x[2][p] * x[3][p] + noise * random[p];
    halves.even[p] = 3 + x[0][p] * x[1][p] - 0.5 * x[2][p] * x[3][p] + noise * random[n_pairs + p];
  }
  return halves;
}

// sinh(sum theta_i x_i z_i) is a sum over the sets of an odd number of players, of products of tanh and of signs.
void test_kernel_is_a_sum_over_odd_sets() {
  constexpr std::size_t n = 6;
  const PairSigns pairs = random_pairs(n + 8, n, 3);
  KernelShape shape{{0.1, 0.7, 0.3, 1.2, 0.05, 0.4}, 0.8, 0.3, 0.2};
  const Halves halves = halves_of(pairs, 0.5, 7);
  const KernelModel model(shape, {&pairs, halves.odd, halves.even, {}});
  CHECK(model.fitted());
  const PairSigns others = random_pairs(20, n, 4);
  std::vector<double> predicted(20), again(20);
  model.predict(others, predicted);
  // The covariance as a sum over sets, then generalised least squares by elimination.
  double total = 0, product = 1;
  for (const double t : shape.strengths) {
    total += t;
    product *= std::cosh(t);
  }
  const auto covariance = [&](const PairSigns& a, std::size_t p, const PairSigns& b, std::size_t q) {
    double sum = 0;
    for (unsigned set = 0; set < 1U << n; ++set) {
      if (std::popcount(set) % 2 == 0) continue;
      double term = product;
      for (std::size_t i = 0; i < n; ++i)
        if ((set >> i & 1U) != 0) term *= std::tanh(shape.strengths[i]) * signs_of(a, i)[p] * signs_of(b, i)[q];
      sum += term;
    }
    return 2 * shape.scale * std::exp(-total) * sum;
  };
  // [K X; X^T 0] [w; phi] = [d; 0], so that predictions are K(z, x) w.
  const std::size_t size = pairs.n_pairs() + n;
  std::vector<std::vector<double>> a(size, std::vector<double>(size + 1));
  for (std::size_t p = 0; p < pairs.n_pairs(); ++p) {
    for (std::size_t q = 0; q < pairs.n_pairs(); ++q) a[p][q] = covariance(pairs, p, pairs, q);
    a[p][p] += shape.odd_noise;
    for (std::size_t i = 0; i < n; ++i) a[p][pairs.n_pairs() + i] = a[pairs.n_pairs() + i][p] = signs_of(pairs, i)[p];
    a[p][size] = halves.odd[p];
  }
  for (std::size_t i = 0; i < size; ++i) {
    std::size_t pivot = i;
    for (std::size_t k = i; k < size; ++k)
      if (std::abs(a[k][i]) > std::abs(a[pivot][i])) pivot = k;
    std::swap(a[i], a[pivot]);
    for (std::size_t k = 0; k < size; ++k) {
      if (k == i) continue;
      const double factor = a[k][i] / a[i][i];
      for (std::size_t j = i; j <= size; ++j) a[k][j] -= factor * a[i][j];
    }
  }
  for (std::size_t p = 0; p < 20; ++p) {
    for (std::size_t q = 0; q < pairs.n_pairs(); ++q)
      again[p] += covariance(others, p, pairs, q) * a[q][size] / a[q][q];
    CHECK(banzhaf::testing::close(predicted[p], again[p], 1e-6));
  }
}

void test_gradient(std::size_t n_players, const std::vector<KernelPairs>& games) {
  const KernelLikelihood likelihood(n_players, games, {});
  CHECK(likelihood.usable());
  std::vector<double> q = likelihood.start(), gradient(q.size()), ignored(q.size());
  for (std::size_t i = 0; i < q.size(); ++i) q[i] += 0.3 * std::sin(static_cast<double>(i));
  static_cast<void>(likelihood(q, gradient));
  for (std::size_t i = 0; i < q.size(); ++i) {
    constexpr double step = 1e-5;
    std::vector<double> up = q, down = q;
    up[i] += step;
    down[i] -= step;
    const double slope = (likelihood(up, ignored) - likelihood(down, ignored)) / (2 * step);
    CHECK(std::abs(gradient[i] - slope) <= 1e-4 * (1 + std::abs(slope)));
  }
}

void test_gradients() {
  const PairSigns pairs = random_pairs(40, 7, 1), others = random_pairs(30, 4, 2);
  const Halves halves = halves_of(pairs, 0.3, 1), more = halves_of(others, 0.3, 2);
  test_gradient(7, {{&pairs, halves.odd, halves.even, {}}});
  const std::vector<std::uint32_t> players = {6, 0, 2, 3};
  test_gradient(7, {{&pairs, halves.odd, halves.even, {}}, {&others, more.odd, more.even, players}});
}

double share_left(const KernelModel& model, std::uint64_t seed) {
  const PairSigns pairs = random_pairs(300, 8, seed);
  const Halves truth = halves_of(pairs, 0, 11);
  std::vector<double> predicted(300);
  model.predict(pairs, predicted);
  // Only what is not linear counts, and its mean square is 0.65.
  double squares = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::vector<double> x = signs_of(pairs, i);
    double slope = 0;
    for (std::size_t p = 0; p < 300; ++p) slope += x[p] * (truth.odd[p] - predicted[p]) / 300;
    for (std::size_t p = 0; p < 300; ++p) predicted[p] += slope * x[p];
  }
  for (std::size_t p = 0; p < 300; ++p) squares += (truth.odd[p] - predicted[p]) * (truth.odd[p] - predicted[p]) / 300;
  return squares / 0.65;
}

void test_finds_interactions() {
  const PairSigns pairs = random_pairs(120, 8, 5);
  const Halves halves = halves_of(pairs, 0, 11);
  const KernelModel model = banzhaf::fit_kernel(pairs, halves.odd, halves.even, {});
  CHECK(model.fitted());
  CHECK(share_left(model, 6) < 0.1);
}

void test_nothing_to_learn() {
  const PairSigns pairs = random_pairs(40, 5, 9);
  std::vector<double> odd = signs_of(pairs, 1), even(40, 2.0), out(40, 1.0);
  const KernelModel linear = banzhaf::fit_kernel(pairs, odd, even, {});
  CHECK(!linear.fitted());
  linear.predict(pairs, out);
  CHECK(out == std::vector<double>(40, 0.0));
  // Numbers that no decomposition survives.
  const Halves halves = halves_of(pairs, 0.1, 1);
  odd = halves.odd;
  odd[3] = std::numeric_limits<double>::quiet_NaN();
  CHECK(!banzhaf::fit_kernel(pairs, odd, even, {}).fitted());
  odd = halves.odd;
  for (double& x : odd) x *= 1e200;
  const KernelModel large = banzhaf::fit_kernel(pairs, odd, even, {});
  large.predict(pairs, out);
  bool finite = true;
  for (const double x : out) finite &= std::isfinite(x);
  CHECK(finite);
}

}  // namespace

int main() {
  test_kernel_is_a_sum_over_odd_sets();
  test_gradients();
  test_finds_interactions();
  test_nothing_to_learn();
  return banzhaf::testing::finish();
}
