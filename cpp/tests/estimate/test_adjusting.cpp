// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks adjusted estimates against the known values of games with planted interactions.
#include <bit>
#include <cmath>

#include "banzhaf/anytime.hpp"
#include "banzhaf/estimate.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;

// A sum of products of +-1 over sets of players, given as bits, times weights.
struct Products {
  std::vector<std::uint64_t> sets;
  std::vector<double> weights;

  Products(std::size_t n, std::size_t n_triples, unsigned seed) {
    for (std::size_t i = 0; i < n; ++i) sets.push_back(std::uint64_t{1} << i);
    const std::vector<double> places = testing::normals(5 * n_triples, seed);
    const auto player = [&](std::size_t k) { return static_cast<std::size_t>(std::abs(places[k]) * 1e6) % n; };
    for (std::size_t t = 0; t < n_triples; ++t) {
      const std::uint64_t two = (std::uint64_t{1} << player(5 * t)) ^ (std::uint64_t{1} << player(5 * t + 1));
      const std::uint64_t three = two ^ (std::uint64_t{1} << player(5 * t + 2));
      if (std::popcount(two) == 2 && std::popcount(three) == 3) sets.insert(sets.end(), {two, three});
    }
    weights = testing::normals(sets.size(), seed + 1);
  }

  [[nodiscard]] Game game() const {
    return [this](CoalitionsView batch, std::vector<double>& worths) {
      for (std::size_t r = 0; r < batch.n_rows; ++r) {
        double worth = 0;
        for (std::size_t k = 0; k < sets.size(); ++k)
          worth += std::popcount(~*batch.row(r) & sets[k]) % 2 == 0 ? weights[k] : -weights[k];
        worths.push_back(worth);
      }
    };
  }

  [[nodiscard]] double error(const Estimate& found) const {
    double largest = 0;
    for (std::size_t i = 0; i < found.n_players; ++i)
      largest = std::max(largest, std::abs(found.values[i] - 2 * weights[i]));
    return largest;
  }
};

void check_planted() {
  const std::size_t n = 14;
  const Products sum(n, 10, 3);
  for (const DesignKind kind : {DesignKind::hadamard, DesignKind::paired}) {
    const Design design(kind, n, 300, 5);
    const Estimate plain = estimate(sum.game(), design);
    const Estimate found = estimate(sum.game(), design, {.interactions = Interactions::automatic});
    CHECK(plain.adjustments.empty() && found.adjustments.size() == 1);
    const AdjustmentRecord& record = found.adjustments[0];
    CHECK(record.adjusted && record.reason.empty());
    CHECK(sum.error(found) < 0.02 * sum.error(plain));
    CHECK(record.adjusted_variance < 0.08 * record.plain_variance && record.seconds > 0);
    CHECK(record.n_terms >= 6 && record.leading.size() == std::min<std::size_t>(record.n_terms, 10));
    // Its leading interaction is the planted triple with the largest weight.
    std::size_t largest = n + 1;
    for (std::size_t k = n + 1; k < sum.sets.size(); k += 2)
      if (std::abs(sum.weights[k]) > std::abs(sum.weights[largest])) largest = k;
    std::uint64_t players = 0;
    for (const std::size_t i : record.leading[0].players) players |= std::uint64_t{1} << i;
    CHECK(players == sum.sets[largest]);
    CHECK(testing::close(record.leading[0].coefficient, sum.weights[largest], 0.01));
    // What does not depend on the values stays the same.
    CHECK(found.rank == plain.rank && found.degrees_of_freedom == plain.degrees_of_freedom);
    CHECK(found.odd_variance == plain.odd_variance && found.even_share == plain.even_share);
    for (std::size_t i = 0; i < n; ++i) CHECK(found.standard_errors[i] < 0.3 * plain.standard_errors[i]);
  }
}

void check_scales() {
  const std::size_t n = 14;
  const Products sum(n, 10, 3);
  const Game game = sum.game();
  const Design design(DesignKind::hadamard, n, 300, 5);
  const EstimateOptions options{.interactions = Interactions::automatic};
  const Estimate found = estimate(game, design, options);
  for (const int exponent : {-600, 600}) {
    const Game scaled = [&](CoalitionsView batch, std::vector<double>& worths) {
      const std::size_t before = worths.size();
      game(batch, worths);
      for (std::size_t r = before; r < worths.size(); ++r) worths[r] = std::ldexp(worths[r], exponent);
    };
    const Estimate other = estimate(scaled, design, options);
    CHECK(other.adjustments[0].adjusted);
    for (std::size_t i = 0; i < n; ++i) {
      CHECK(testing::close(std::ldexp(other.values[i], -exponent), found.values[i], 1e-6));
    }
    CHECK(testing::close(std::ldexp(other.adjustments[0].leading[0].coefficient, -exponent),
                         found.adjustments[0].leading[0].coefficient, 1e-6));
  }
}

// With a clock that never advances, a deadline changes nothing but the order of the coalitions within designs.
void check_anytime() {
  const std::size_t n = 14;
  const Products sum(n, 10, 3);
  const EstimateOptions options{.interactions = Interactions::automatic};
  const Design design(DesignKind::hadamard, n, 500, 5);
  const Estimate all = estimate(sum.game(), design, options);
  std::size_t n_adjusted = 0;
  Anytime anytime{.callback = [&](const Estimate& found) {
    n_adjusted += found.adjustments[0].adjusted ? 1 : 0;
    return false;
  }};
  CHECK(estimate(sum.game(), design, anytime, options).values == all.values);
  CHECK(n_adjusted > 0);
  anytime = {.deadline = 1e6, .clock = [] { return 0.0; }};
  const Estimate timed = estimate(sum.game(), anytime_design(design, true), anytime, options);
  CHECK(timed.values == all.values && timed.standard_errors == all.standard_errors);
  // Adjusted errors are smaller, so a rule is met earlier, and the result is that of the shorter budget.
  anytime = {.rules = {.tolerance = 0.25}};
  const Estimate early = estimate(sum.game(), design, anytime, options);
  const Estimate plain = estimate(sum.game(), design, anytime);
  CHECK(early.stopped == Stopped::tolerance && plain.stopped == Stopped::budget);
  CHECK(early.n_evaluations < 500);
  CHECK(early.values == estimate(sum.game(), design.prefix(early.n_evaluations), options).values);
}

}  // namespace

int main() {
  check_planted();
  check_scales();
  check_anytime();
  return testing::finish();
}
