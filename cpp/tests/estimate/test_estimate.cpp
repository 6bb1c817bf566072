// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares estimates with games of known values, for every design, batch size and number of threads.
#include <cmath>
#include <limits>

#include "banzhaf/anytime.hpp"
#include "banzhaf/estimate.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;
using testing::close;
using testing::throws;

// A game of order 2 with two outputs, where the second is the first less a constant, and its values.
struct Quadratic {
  std::size_t n;
  std::vector<double> linear, products;

  explicit Quadratic(std::size_t n_players)
      : n(n_players), linear(testing::normals(n, 1)), products(testing::normals(n * n, 2)) {}

  void operator()(CoalitionsView batch, std::vector<double>& worths) const {
    for (std::size_t r = 0; r < batch.n_rows; ++r) {
      double worth = 0;
      for (std::size_t i = 0; i < n; ++i) {
        if (!batch.contains(r, i)) continue;
        worth += linear[i];
        for (std::size_t j = 0; j < i; ++j) worth += batch.contains(r, j) ? products[i * n + j] : 0;
      }
      worths.push_back(worth);
      worths.push_back(worth - 1e3);
    }
  }

  [[nodiscard]] double value(std::size_t i) const {
    double value = linear[i];
    for (std::size_t j = 0; j < n; ++j) value += i == j ? 0 : 0.5 * products[std::max(i, j) * n + std::min(i, j)];
    return value;
  }
};

void check_exactness() {
  for (const std::size_t n : {1, 2, 5, 10, 63, 64, 65, 130}) {
    const Quadratic game(n);
    const Estimate found = estimate(game, Design(DesignKind::paired, n, 6 * n + 40, 3));
    bool right = found.rank == n && found.n_evaluations == 6 * n + 40 && found.n_outputs == 2;
    for (std::size_t i = 0; i < n; ++i) {
      right &= close(found.values[2 * i], game.value(i), 1e-10) && close(found.values[2 * i + 1], game.value(i), 1e-10);
      right &= found.standard_errors[2 * i] < 1e-9;
    }
    CHECK(right);
    if (n > 12) continue;
    const Estimate exact = estimate(game, Design(DesignKind::exhaustive, n, 0, 0));
    right = exact.condition_number == 1 && std::isinf(exact.degrees_of_freedom);
    for (std::size_t i = 0; i < n; ++i)
      right &= close(exact.values[2 * i], game.value(i), 1e-11) && exact.standard_errors[2 * i] == 0;
    CHECK(right);
  }
}

void check_reproducibility() {
  const Quadratic game(70);
  for (const DesignKind kind : {DesignKind::independent, DesignKind::paired, DesignKind::walks}) {
    const Design design(kind, 70, 900, 11);
    const Estimate first = estimate(game, design, {.num_threads = 1}, 900);
    for (const int threads : {1, 2, 7}) {
      for (const std::size_t batch : {1, 13, 256}) {
        const Estimate again = estimate(game, design, {.num_threads = threads}, batch);
        CHECK(again.values == first.values && again.standard_errors == first.standard_errors);
        CHECK(again.mean_worth == first.mean_worth);
      }
    }
  }
}

void check_singular() {
  const Quadratic game(50);
  const Estimate few = estimate(game, Design(DesignKind::paired, 50, 40, 1));
  CHECK(few.rank == 20 && std::isinf(few.condition_number) && std::isnan(few.standard_errors[0]));
  const Estimate ridged = estimate(game, Design(DesignKind::paired, 50, 40, 1), {.ridge = 1});
  CHECK(std::isfinite(ridged.condition_number) && ridged.rank == 20);
  // Ten pairs, ten times each: there are more rows than players, but the rank is below the number of players.
  Coalitions repeated(200, 50);
  const Design design(DesignKind::paired, 50, 20, 1);
  std::vector<double> worths;
  for (std::size_t r = 0; r < 200; ++r) design.fill_row(r % 20, repeated.row(r));
  game(repeated.view(), worths);
  const Estimate twice = Estimator(std::move(repeated), {})({worths, 2});
  CHECK(twice.rank == 10 && twice.n_evaluations == 200);
  const Estimate once = estimate(game, design);
  bool same = true;
  for (std::size_t i = 0; i < 100; ++i) same &= close(twice.values[i], once.values[i], 1e-9);
  CHECK(same);
}

void check_failures() {
  const Quadratic game(20);
  const Design design(DesignKind::paired, 20, 200, 4);
  GameEvaluation interrupted(design);
  std::size_t calls = 0;
  const Game failing = [&](CoalitionsView batch, std::vector<double>& worths) {
    if (++calls == 4) throw std::runtime_error("the game's own");
    game(batch, worths);
  };
  CHECK(throws<std::runtime_error>([&] { interrupted.evaluate(failing, 30); }, "the game's own"));
  CHECK(interrupted.n_evaluated() == 90 && interrupted.worths().values.size() == 180);
  // The evaluated worths are kept, and the evaluation continues from there.
  interrupted.evaluate(failing, 30);
  CHECK(interrupted.n_evaluated() == 200);
  CHECK(estimate(interrupted).values == estimate(game, design).values);

  const Game holed = [&](CoalitionsView batch, std::vector<double>& worths) {
    game(batch, worths);
    for (std::size_t r = 0; r < batch.n_rows; ++r)
      if (batch.contains(r, 0) && batch.contains(r, 1)) worths[2 * r] = std::numeric_limits<double>::quiet_NaN();
  };
  CHECK(throws<std::domain_error>([&] { static_cast<void>(estimate(holed, design)); }, "{0, 1"));
  const Estimate dropped = estimate(holed, design, {}, 0, OnNonfinite::drop);
  CHECK(dropped.n_dropped > 0 && dropped.n_dropped % 2 == 0 && dropped.n_evaluations == 200);
  const Game uneven = [](CoalitionsView batch, std::vector<double>& worths) { worths.assign(batch.n_rows + 1, 0); };
  CHECK(throws<std::invalid_argument>([&] { static_cast<void>(estimate(uneven, design)); },
                                      "one row of worths for each coalition"));
  CHECK(throws<std::invalid_argument>([] { Design(DesignKind::paired, 0, 10, 0); }, "n_players"));
  CHECK(throws<std::invalid_argument>([] { Design(DesignKind::paired, max_players + 1, 10, 0); }, "n_players"));
  CHECK(throws<std::invalid_argument>([] { Design(DesignKind::paired, 3, 1, 0); }, "budget"));
  CHECK(throws<std::invalid_argument>([] { Design(DesignKind::walks, 3, 5, 0); }, "budget"));
  CHECK(throws<std::invalid_argument>([] { Design(DesignKind::exhaustive, 31, 0, 0); }, "n_players"));
}

// Outputs of sizes 1e170 and 1e-170 beside a plain one: each gets the values that it has alone.
void check_scales() {
  const Quadratic game(12);
  const double scales[] = {1e170, 1, 1e-170};
  const Game scaled = [&](CoalitionsView batch, std::vector<double>& worths) {
    std::vector<double> plain;
    game(batch, plain);
    for (std::size_t r = 0; r < batch.n_rows; ++r)
      for (const double scale : scales) worths.push_back(scale * (plain[2 * r] + (batch.contains(r, 0) ? 0.1 : 0)));
  };
  for (const DesignKind kind : {DesignKind::hadamard, DesignKind::independent, DesignKind::walks}) {
    const Estimate found = estimate(scaled, Design(kind, 12, 200, 1));
    bool same = true;
    for (std::size_t i = 0; i < 12; ++i) {
      for (const std::size_t o : {0, 2}) {
        same &= close(found.values[3 * i + o] / scales[o], found.values[3 * i + 1], 1e-9);
        same &= close(found.standard_errors[3 * i + o] / scales[o], found.standard_errors[3 * i + 1], 1e-9);
      }
    }
    CHECK(same);
  }
}

// The same worths, once and three times, declared as noisy or not.
void check_noise() {
  const Quadratic game(6);
  const Design all(DesignKind::exhaustive, 6, 0, 0), repeated(DesignKind::repeated, 6, 200, 4);
  const Estimate exact = estimate(game, all), doubted = estimate(game, all, {.noisy = true});
  CHECK(exact.values == doubted.values && exact.standard_errors[0] == 0 && doubted.standard_errors[0] > 0);
  const std::vector<double> noise = testing::normals(400, 5);
  std::size_t n_drawn = 0;
  const Game noisy = [&](CoalitionsView batch, std::vector<double>& worths) {
    game(batch, worths);
    for (double& worth : worths) worth += noise[n_drawn++ % noise.size()];
  };
  const Estimate often = estimate(noisy, repeated, {.noisy = true}, 7);
  CHECK(often.n_evaluations == 200 && often.n_distinct == 64);
  // 2 / sqrt(200), and the spread of its estimate.
  CHECK(often.standard_errors[0] > 0.08 && often.standard_errors[0] < 0.2);
  const Estimate stopped = estimate(noisy, repeated, Anytime{.rules = {.tolerance = 1e-9}}, {.noisy = true});
  CHECK(stopped.stopped == Stopped::budget && stopped.n_evaluations == 200);

  // A caller's own coalitions: all of them, and some again with worths that agree or differ.
  Coalitions own(100, 6);
  std::vector<double> agreeing, differing;
  for (std::size_t r = 0; r < 100; ++r) own.row(r)[0] = r % 64;
  game(own.view(), agreeing);
  differing = agreeing;
  for (std::size_t r = 64; r < 100; ++r) differing[2 * r] += r % 3 == 0 ? 0.5 : -0.5;
  const Estimator estimator(own, {});
  CHECK(estimator({agreeing, 2}).standard_errors[0] == 0);
  CHECK(estimator({differing, 2}).standard_errors[0] > 0 && estimator({differing, 2}).standard_errors[1] == 0);
  CHECK(estimator.unevenness().kind == Unevenness::Kind::none);
  Coalitions uneven(300, 10);
  const Design drawn(DesignKind::independent, 10, 300, 2);
  drawn.fill(0, uneven);
  CHECK(Estimator(uneven, {}).unevenness().kind == Unevenness::Kind::none);
  for (std::size_t r = 0; r < 300; ++r) uneven.row(r)[0] |= r % 10 == 0 ? 0U : 4U;
  const Unevenness seen = Estimator(uneven, {}).unevenness();
  CHECK(seen.kind == Unevenness::Kind::player && seen.player == 2 && seen.share > 0.8);
}

void check_many_players() {
  const Game size = [](CoalitionsView batch, std::vector<double>& worths) {
    for (std::size_t r = 0; r < batch.n_rows; ++r) {
      double count = 0;
      for (std::size_t i = 0; i < batch.n_players; i += 4096) count += batch.contains(r, i) ? 1 : 0;
      worths.push_back(count);
    }
  };
  const Estimate found = estimate(size, Design(DesignKind::paired, max_players, 16, 5));
  CHECK(found.values.size() == max_players && found.rank == 8);
}

}  // namespace

int main() {
  check_exactness();
  check_reproducibility();
  check_singular();
  check_failures();
  check_scales();
  check_noise();
  check_many_players();
  return banzhaf::testing::finish();
}
