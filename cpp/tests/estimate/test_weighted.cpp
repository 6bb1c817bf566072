// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Tests values with a probability p: the coalitions of their designs, and estimates against the definition.
#include <bit>
#include <cmath>
#include <set>
#include <stdexcept>
#include <vector>

#include "banzhaf/anytime.hpp"
#include "banzhaf/estimate.hpp"
#include "banzhaf/transform.hpp"
#include "check.hpp"
#include "designs/weighted.hpp"

using namespace banzhaf;
using testing::throws;

namespace {

constexpr std::size_t n = 9;

double worth(std::uint64_t bits) {
  const auto in = [&](int i) { return static_cast<double>(bits >> i & 1U); };
  return in(0) + 2 * in(1) * in(2) - in(3) * in(4) * in(5) + 0.1 * std::popcount(bits);
}

std::vector<double> by_definition(double p) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::uint64_t s = 0; s < std::uint64_t{1} << n; ++s) {
      const std::uint64_t bit = std::uint64_t{1} << i;
      if ((s & bit) != 0) continue;
      const double size = std::popcount(s);
      values[i] += std::pow(p, size) * std::pow(1 - p, static_cast<double>(n) - 1 - size) * (worth(s | bit) - worth(s));
    }
  return values;
}

const Game game = [](CoalitionsView batch, std::vector<double>& worths) {
  for (std::size_t r = 0; r < batch.n_rows; ++r) worths.push_back(worth(*batch.row(r)));
};

void check_designs() {
  for (const double p : {0.1, 0.9}) {
    const Design design = Design::weighted(DesignKind::weighted, n, 250, 5, p);
    CHECK(design.n_coalitions() == 250);
    CHECK(design.p() == p);
    CHECK(design.weights()->n_certain() == 1 + n + n * (n - 1) / 2);
    Coalitions all(250, n), row(1, n);
    design.fill(0, all);
    std::set<std::uint64_t> certain;
    for (std::size_t r = 0; r < 250; ++r) {
      design.fill_row(r, row.row(0));
      CHECK(row.row(0)[0] == all.view().row(r)[0]);
      const std::size_t size = count_players(row.row(0)), rare = p < 0.5 ? size : n - size;
      CHECK((rare <= 2) == (r < design.weights()->n_certain()));
      if (rare <= 2) certain.insert(row.row(0)[0]);
      CHECK(design.weights()->importance(size) <= 1 / own_share + 1e-12);
    }
    CHECK(certain.size() == design.weights()->n_certain());
  }
  const Design biased = Design::weighted(DesignKind::biased, 70, 4000, 1, 0.3);
  Coalitions rows(4000, 70);
  biased.fill(0, rows);
  double total = 0, square = 0;
  for (std::size_t r = 0; r < 4000; ++r) {
    const double size = static_cast<double>(count_players(rows.row(r)));
    total += size / 4000;
    square += size * size / 4000;
  }
  CHECK(std::abs(total - 21) < 0.35);
  CHECK(std::abs(square - total * total - 14.7) < 2);
  CHECK(throws<std::invalid_argument>([] { (void)Design::weighted(DesignKind::paired, n, 100, 0, 0.3); }, "biased"));
  CHECK(throws<std::invalid_argument>([] { (void)Design::weighted(DesignKind::weighted, n, 100, 0, 1.0); }, "p must"));
  CHECK(throws<std::invalid_argument>([] { const Design none(DesignKind::weighted, n, 100, 0); }, "Design::weighted"));
}

}  // namespace

int main() {
  check_designs();
  std::vector<double> table;
  for (std::uint64_t s = 0; s < std::uint64_t{1} << n; ++s) table.push_back(worth(s));
  for (const double p : {0.3, 0.4, 0.75}) {
    const std::vector<double> truth = by_definition(p);
    const WeightedValues exact = weighted_values({table, 1}, n, p);
    for (std::size_t i = 0; i < n; ++i) CHECK(std::abs(exact.values[i] - truth[i]) < 1e-12);
    for (const DesignKind kind : {DesignKind::weighted, DesignKind::drawn, DesignKind::biased}) {
      const Design design = Design::weighted(kind, n, 150, 7, p);
      const Estimate found = estimate(game, design, {.interactions = Interactions::automatic});
      CHECK(found.adjustments.size() == 1);
      for (std::size_t i = 0; i < n; ++i)
        CHECK(std::abs(found.values[i] - truth[i]) < 6 * found.standard_errors[i] + 1e-3);
    }
    CHECK(throws<std::invalid_argument>([&] { (void)estimate(game, Design(DesignKind::paired, n, 100, 0), {.p = p}); },
                                        "p = 0.5"));
    CHECK(throws<std::invalid_argument>(
        [&] { (void)estimate(game, Design::weighted(DesignKind::weighted, n, 100, 0, p), {.ridge = 1}); }, "ridge"));
  }
  // The caller's own coalitions are recognised in any order.
  for (const DesignKind kind : {DesignKind::weighted, DesignKind::drawn, DesignKind::biased}) {
    const Design drawn = Design::weighted(kind, n, 200, 3, 0.2);
    Coalitions rows(200, n), reversed(200, n);
    drawn.fill(0, rows);
    std::vector<double> worths, backwards;
    for (std::size_t r = 0; r < 200; ++r) {
      reversed.row(r)[0] = rows.row(199 - r)[0];
      worths.push_back(worth(rows.row(r)[0]));
      backwards.push_back(worth(reversed.row(r)[0]));
    }
    const Estimate of_design = Estimator(drawn, {})({worths, 1});
    const Estimator own(reversed, {.p = 0.2});
    const Estimate found = own({backwards, 1});
    CHECK(own.unevenness().kind == Unevenness::Kind::none);
    for (std::size_t i = 0; i < n; ++i) CHECK(std::abs(found.values[i] - of_design.values[i]) < 1e-5);
  }
  // A rule ends a design of drawn coalitions anywhere.
  const Design design = Design::weighted(DesignKind::drawn, n, 100'000, 7, 0.3);
  const Estimate stopped = estimate(game, design, Anytime{.rules = {.tolerance = 0.05}});
  CHECK(stopped.stopped == Stopped::tolerance);
  CHECK(stopped.values == estimate(game, design.prefix(stopped.n_evaluations)).values);
  return testing::finish();
}
