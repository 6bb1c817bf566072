// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A row alone gets the bits that it gets among many, without an allocation, from any number of threads.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <span>
#include <thread>

#include "allocations.hpp"
#include "banzhaf/trees.hpp"
#include "check.hpp"
#include "trees/random_forests.hpp"

namespace {

using banzhaf::Forest;
using banzhaf::TreeLimits;
using banzhaf::TreeValues;
using banzhaf::testing::make_linear;
using banzhaf::testing::random_forest;
using banzhaf::testing::random_rows;

// With tables for groups of leaves, with small and with large ones only, and without any.
const TreeLimits all_limits[] = {{},
                                 {.shared_entries = 20, .most_entries = 60},
                                 {.shared_entries = 5'000, .most_entries = std::size_t{1} << 14},
                                 {.shared_entries = 0, .most_entries = 0},
                                 {.kept = 50}};

// Explains all rows in one call, one in each call, and a few in each call, and compares the bits.
void check_forest(const TreeValues& found, std::span<const double> rows) {
  const std::size_t n_features = found.n_features(), n_rows = rows.size() / n_features;
  const std::size_t n_values = found.n_players() * found.n_outputs();
  std::vector<double> expected(n_rows * n_values), values(n_rows * n_values);
  found.explain(rows, expected, 1);
  for (const std::size_t step : {1, 3, 8}) {
    std::fill(values.begin(), values.end(), 5.0);
    for (std::size_t r = 0; r < n_rows; r += step) {
      const std::size_t count = std::min(step, n_rows - r);
      found.explain(rows.subspan(r * n_features, count * n_features),
                    std::span(values).subspan(r * n_values, count * n_values));
    }
    CHECK(values == expected);
  }
  std::vector<double> outputs(n_rows * found.n_outputs()), output(found.n_outputs());
  found.predict(rows, outputs, 1);
  bool same = true;
  for (std::size_t r = 0; r < n_rows; ++r) {
    found.predict(rows.subspan(r * n_features, n_features), output);
    same &= std::equal(output.begin(), output.end(), outputs.begin() + static_cast<std::ptrdiff_t>(r * output.size()));
  }
  CHECK(same);
}

void check_bits() {
  for (unsigned seed = 0; seed < 36; ++seed) {
    // Up to 120 values and 100 columns, so that all ways of looking up and adding are taken.
    const std::size_t n_features = seed % 9 == 8 ? 40 : 1 + seed % 9, n_outputs = 1 + seed % 3, depth = seed % 10;
    Forest forest = random_forest(n_features, n_outputs, depth, seed);
    std::vector<std::uint32_t> player(n_features);
    const std::size_t n_players = seed % 4 == 3 ? (n_features + 1) / 2 : n_features;
    for (std::size_t f = 0; f < n_features; ++f) player[f] = static_cast<std::uint32_t>(f % n_players);
    const std::vector<double> background = random_rows(9, n_features, seed + 100),
                              rows = random_rows(60, n_features, seed);
    for (const TreeLimits& limits : all_limits) {
      check_forest(TreeValues(forest, player, n_players, background, 1, limits), rows);
      check_forest(TreeValues(forest, player, n_players, 1, limits), rows);
    }
    if (depth > 6) continue;
    make_linear(forest, seed);
    check_forest(TreeValues(forest, player, n_players, background, 1), rows);
  }
}

void check_allocations() {
  const std::vector<double> background = random_rows(50, 6, 2), rows = random_rows(200, 6, 3);
  for (const std::size_t depth : {0, 6, 9}) {
    Forest forest = random_forest(6, 1, depth, 4);
    for (const bool linear : {false, true}) {
      if (linear) make_linear(forest, 4);
      for (const TreeLimits& limits : {all_limits[0], all_limits[1], all_limits[3]}) {
        const TreeValues found(forest, {}, 6, background, 1, limits);
        std::vector<double> values(200 * 6), output(1);
        const auto count = [&](std::size_t n_rows, int num_threads) {
          const std::size_t before = n_allocations;
          found.explain(std::span(rows).first(n_rows * 6), std::span(values).first(n_rows * 6), num_threads);
          return n_allocations - before;
        };
        for (std::size_t r = 0; r < 200; ++r)
          found.explain(std::span(rows).subspan(6 * r, 6), std::span(values).first(6));
        CHECK(count(1, 0) == 0);
        CHECK(count(1, 8) == 0);
        CHECK(count(5, 1) == 0);
        const std::size_t before = n_allocations;
        for (std::size_t r = 0; r < 200; ++r) {
          found.explain(std::span(rows).subspan(6 * r, 6), std::span(values).first(6));
          found.predict(std::span(rows).subspan(6 * r, 6), output);
        }
        CHECK(n_allocations == before);
        // Many rows allocate once for each tile of at least 32 rows.
        CHECK(count(32, 1) == count(9, 1));
        CHECK(count(200, 1) <= 7 * count(32, 1));
      }
    }
  }
}

// Threads share explainers of different sizes, and each changes between them.
void check_threads() {
  const Forest small = random_forest(3, 1, 4, 1), large = random_forest(40, 3, 9, 2);
  const std::vector<double> background = random_rows(20, 40, 5), rows = random_rows(100, 40, 6);
  const TreeValues few(small, {}, 3, std::span(background).first(30), 1);
  const TreeValues many(large, {}, 40, background, 1, all_limits[1]);
  std::vector<double> of_few(100 * 3), of_many(100 * 120);
  few.explain(std::span(rows).first(300), of_few, 1);
  many.explain(rows, of_many, 1);
  CHECK(many.n_deep_leaves() > 0);
  std::atomic<int> n_same{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      bool same = true;
      std::vector<double> values(120);
      for (std::size_t i = 0; i < 100; ++i) {
        const std::size_t r = (i * 7 + t * 31) % 100;
        few.explain(std::span(rows).subspan(r * 3, 3), std::span(values).first(3));
        same &= std::equal(values.begin(), values.begin() + 3, of_few.begin() + static_cast<std::ptrdiff_t>(3 * r));
        many.explain(std::span(rows).subspan(r * 40, 40), values);
        same &= std::equal(values.begin(), values.end(), of_many.begin() + static_cast<std::ptrdiff_t>(120 * r));
      }
      n_same += same ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(n_same == 4);
}

}  // namespace

int main() {
  check_bits();
  check_allocations();
  check_threads();
  return banzhaf::testing::finish();
}
