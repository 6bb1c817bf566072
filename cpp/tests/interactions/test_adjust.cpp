// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include <cmath>
#include <vector>

#include "banzhaf/designs.hpp"
#include "check.hpp"
#include "interactions/adjust.hpp"
#include "interactions/random_pairs.hpp"

using banzhaf::Adjuster;
using banzhaf::Adjustment;
using banzhaf::AdjustOptions;
using banzhaf::AdjustOutcome;
using banzhaf::Coalitions;
using banzhaf::FoldedPairs;
using banzhaf::PairSigns;
using banzhaf::testing::Halves;
using banzhaf::testing::random_pairs;
using banzhaf::testing::signs_of;

namespace {

Halves halves_of(const PairSigns& pairs, double triple, double noise, unsigned seed) {
  const std::size_t n = pairs.n_pairs();
  const std::vector<double> random = banzhaf::testing::normals(2 * n, seed);
  Halves halves{std::vector<double>(n), std::vector<double>(n)};
  const std::vector<double> x = signs_of(pairs, 0), y = signs_of(pairs, 1), z = signs_of(pairs, 2);
  for (std::size_t p = 0; p < n; ++p) {
    halves.odd[p] = x[p] - 2 * y[p] + 0.5 * z[p] + triple * x[p] * y[p] * z[p] + noise * random[p];
    halves.even[p] = 1 + triple * (x[p] * y[p] + y[p] * z[p]) + noise * random[n + p];
  }
  return halves;
}

void test_refusals() {
  const auto outcome = [](std::size_t n_pairs, std::size_t n_players, const AdjustOptions& options) {
    const PairSigns pairs = random_pairs(n_pairs, n_players, 1);
    const Halves halves = halves_of(pairs, 1, 0.1, 2);
    const Adjustment found = banzhaf::adjust(pairs, halves.odd, halves.even, options);
    CHECK(found.explained.empty() && found.held_out.empty() && std::isnan(found.residual_variance));
    return found.outcome;
  };
  AdjustOptions options;
  CHECK(outcome(63, 8, options) == AdjustOutcome::few_pairs);
  CHECK(outcome(100, 80, options) == AdjustOutcome::few_pairs);
  options.n_blocks = 1;
  CHECK(outcome(128, 8, options) == AdjustOutcome::one_block);
  options.n_blocks = 2;
  options.nested = true;
  CHECK(outcome(128, 8, options) == AdjustOutcome::two_nested);
  options.n_blocks = 4;
  options.most_operations = banzhaf::estimated_operations(8, 128, true) * 0.99;
  CHECK(outcome(128, 8, options) == AdjustOutcome::costly);
  options.most_operations = banzhaf::estimated_operations(8, 128, true);
  options.deadline = banzhaf::Deadline(0);
  CHECK(outcome(128, 8, options) == AdjustOutcome::late);
}

void test_exact_stays_exact() {
  const PairSigns pairs = random_pairs(128, 8, 1);
  Halves halves = halves_of(pairs, 0, 0, 2);
  for (double& d : halves.odd) d *= 1.0 / 3;  // not exact in binary
  CHECK(banzhaf::adjust(pairs, halves.odd, halves.even, {}).outcome == AdjustOutcome::nothing_left);
  const std::vector<double> nothing(128, 0.0);
  CHECK(banzhaf::adjust(pairs, nothing, nothing, {}).outcome == AdjustOutcome::nothing_left);
}

void test_folds() {
  constexpr std::size_t n_pairs = 103, n = 6;
  const PairSigns pairs = random_pairs(n_pairs, n, 4);
  const FoldedPairs folds(pairs, 5, 9);
  CHECK(folds.determined());
  std::vector<int> seen(n_pairs);
  const std::vector<double> y = banzhaf::testing::normals(n_pairs, 8);
  std::vector<double> out(n_pairs, 1e9);
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(folds.training(k).size() + folds.held_out(k).size() == n_pairs);
    CHECK(folds.held_out(k).size() == 20 || folds.held_out(k).size() == 21);
    for (const std::uint32_t p : folds.held_out(k)) ++seen[p];
    folds.leave_out(k, y, out);
    // The residuals of the training pairs are orthogonal to the players there.
    const PairSigns part = pairs.subset(folds.training(k));
    const FoldedPairs inside(part, 2, 0);
    std::vector<double> chosen;
    for (const std::uint32_t p : folds.training(k)) chosen.push_back(y[p]);
    const std::vector<double> values = inside.values(chosen);
    for (const std::uint32_t p : folds.held_out(k)) {
      double expected = y[p];
      for (std::size_t i = 0; i < n; ++i) expected -= values[i] * signs_of(pairs, i)[p];
      CHECK(banzhaf::testing::close(out[p], expected, 1e-12));
    }
  }
  CHECK(seen == std::vector<int>(n_pairs, 1));
  const std::vector<double> rest = folds.residuals(y);
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0;
    for (std::size_t p = 0; p < n_pairs; ++p) sum += rest[p] * signs_of(pairs, i)[p];
    CHECK(std::abs(sum) < 1e-10);
  }
  // The residual of a pair from the fit to all pairs is 1 / (1 + h) times the one from the fit without it.
  const FoldedPairs each(pairs, n_pairs, 0);
  for (std::size_t k = 0; k < n_pairs; ++k) each.leave_out(k, y, out);
  for (std::size_t p = 0; p < n_pairs; ++p)
    CHECK(banzhaf::testing::close(out[p] / (1 + each.leverages()[p]), rest[p], 1e-10));
  // Two players that are always together have no values of their own.
  Coalitions rows(70, 2);
  for (std::size_t p = 0; p < 70; ++p) rows.row(p)[0] = p % 2 == 0 ? 3 : 0;
  CHECK(!FoldedPairs(PairSigns(rows.view()), 5, 0).determined());
}

void test_takes_interactions_out() {
  const PairSigns pairs = random_pairs(160, 8, 6);
  const Halves halves = halves_of(pairs, 1, 0.05, 7);
  AdjustOptions options;
  options.num_threads = 1;
  const Adjustment found = banzhaf::adjust(pairs, halves.odd, halves.even, options);
  CHECK(found.used());
  CHECK(found.explained_share > 0.9 && found.residual_variance < 0.1);
  CHECK(found.weights.size() == banzhaf::model_names().size());
  for (const int threads : {2, 5}) {
    options.num_threads = threads;
    const Adjustment again = banzhaf::adjust(pairs, halves.odd, halves.even, options);
    CHECK(again.explained == found.explained && again.held_out == found.held_out && again.weights == found.weights);
  }
  options.seed = 1;
  CHECK(banzhaf::adjust(pairs, halves.odd, halves.even, options).held_out != found.held_out);
  // An output alone is adjusted as among others.
  const Adjuster adjuster(pairs, options);
  const Halves others = halves_of(pairs, 0.2, 1, 8);
  static_cast<void>(adjuster(others.odd, others.even));
  CHECK(adjuster(halves.odd, halves.even).explained ==
        banzhaf::adjust(pairs, halves.odd, halves.even, options).explained);
}

void test_noise_is_left_alone() {
  std::size_t n_used = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    const PairSigns pairs = random_pairs(80, 8, seed);
    const Halves halves = halves_of(pairs, 0, 1, 100 + seed);
    n_used += banzhaf::adjust(pairs, halves.odd, halves.even, {}).used() ? 1 : 0;
  }
  CHECK(n_used <= 6);
}

}  // namespace

int main() {
  test_refusals();
  test_exact_stays_exact();
  test_folds();
  test_takes_interactions_out();
  test_noise_is_left_alone();
  return banzhaf::testing::finish();
}
