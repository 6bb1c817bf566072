// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks how budgets are divided: never exceeded, growing with the budget, guided by gaps, and fair to rows left out.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "check.hpp"
#include "designs/hadamard_pairs.hpp"
#include "explain/allocation.hpp"

namespace {

using namespace banzhaf;

std::size_t cost(const std::vector<BackgroundRow>& rows, const Allocation& found) {
  std::size_t sum = 0;
  for (std::size_t b = 0; b < rows.size(); ++b) sum += model_rows(rows[b].n_players, found.n_pairs[b]);
  return sum;
}

std::vector<BackgroundRow> mixed(std::size_t count, unsigned seed) {
  const std::vector<double> draws = testing::normals(2 * count, seed);
  std::vector<BackgroundRow> rows(count);
  for (std::size_t b = 0; b < count; ++b)
    rows[b] = {.n_players = static_cast<std::size_t>(7 * std::abs(draws[2 * b])), .gap = std::abs(draws[2 * b + 1])};
  return rows;
}

void check_sizes() {
  CHECK(all_pairs(0) == 0 && all_pairs(1) == 1 && all_pairs(5) == 16 && all_pairs(60) == std::size_t{1} << 59);
  CHECK(all_pairs(61) == all_pairs(1000) && all_pairs(61) > all_pairs(60));
  // The empty and the full coalition are known. They are certain to occur only in a design of all coalitions.
  CHECK(model_rows(0, 0) == 0 && model_rows(1, 1) == 0 && model_rows(2, 2) == 2 && model_rows(5, 16) == 30);
  CHECK(model_rows(5, 8) == 16 && model_rows(20, 24) == 48);
}

void check_budgets() {
  for (unsigned seed = 0; seed < 8; ++seed) {
    const std::vector<BackgroundRow> rows = mixed(11, seed);
    std::size_t n_costly = 0, whole = 0, most_least = 0;
    for (const BackgroundRow& row : rows) {
      n_costly += row.n_players > 1 ? 1 : 0;
      most_least = std::max(most_least, model_rows(row.n_players, std::min(row.n_players, all_pairs(row.n_players))));
      whole += model_rows(row.n_players, all_pairs(row.n_players));
    }
    std::size_t left_before = 0;
    std::vector<std::size_t> pairs_before(rows.size(), 0);
    for (std::size_t budget = 2; budget < 4000; budget += 1 + budget / 20) {
      const Allocation found = allocate(rows, budget, 3);
      const std::size_t spent = cost(rows, found);
      bool sizes = true, free_rows = true;
      std::size_t n_served = 0;
      for (std::size_t b = 0; b < rows.size(); ++b) {
        const std::size_t n = rows[b].n_players, pairs = found.n_pairs[b];
        sizes &= pairs <= all_pairs(n);
        if (n <= 1) free_rows &= pairs == n;
        if (n > 1 && pairs > 0) ++n_served;
        if (n > 1 && pairs > 0 && !found.below_block) sizes &= pairs >= n || pairs == all_pairs(n);
      }
      CHECK(spent <= budget);
      CHECK(sizes && free_rows);
      CHECK(found.n_costly == n_costly && found.drawn.size() == n_served);
      // At least as many rows as if all were the most expensive.
      CHECK(found.drawn.size() >= std::min(n_costly, budget / most_least));
      if (budget >= whole) CHECK(spent == whole);
      // If all rows are covered, less than a pair is left over, or all rows have everything that helps them.
      if (found.drawn.size() == n_costly && spent < whole) {
        const bool at_stage = std::ranges::all_of(rows, [&](const BackgroundRow& row) {
          const std::size_t b = static_cast<std::size_t>(&row - rows.data()), n = row.n_players;
          return n < 2 || found.n_pairs[b] >= std::min(all_pairs(n), HadamardPairs::least_stage_pairs(n));
        });
        CHECK(budget - spent < 2 || at_stage);
      }
      left_before = budget - spent;
    }
    CHECK(left_before > 0 || whole >= 4000);
  }
}

// Rows of one size and gap: the expected gain grows with the budget.
void check_growth() {
  for (const std::size_t n : {6, 12, 20}) {
    const std::vector<BackgroundRow> rows(5, {.n_players = n, .gap = 1});
    std::size_t before = 0;
    for (std::size_t budget = 2; budget < 20000; budget += 1 + budget / 9) {
      const Allocation found = allocate(rows, budget, 1);
      const std::size_t pairs = std::accumulate(found.n_pairs.begin(), found.n_pairs.end(), std::size_t{0});
      CHECK(pairs >= before);
      before = pairs;
    }
    CHECK(before > 5 * n);
  }
}

void check_gaps() {
  std::vector<BackgroundRow> rows(10, {.n_players = 12, .gap = 1});
  rows[7].gap = 20;
  const Allocation found = allocate(rows, 10 * 32 + 200, 1);
  const std::size_t most = *std::ranges::max_element(found.n_pairs);
  CHECK(found.n_pairs[7] == most && most > 2 * found.n_pairs[0]);
  // The weights are the squares of gaps plus a share of their mean. They are known in advance, and have no unit.
  std::vector<BackgroundRow> scaled = rows;
  for (BackgroundRow& row : scaled) row.gap *= 1e-6;
  CHECK(allocate(scaled, 10 * 32 + 200, 1).n_pairs == found.n_pairs);
  for (BackgroundRow& row : rows) row.gap = 0;
  const Allocation alike = allocate(rows, 10 * 32 + 200, 1);
  CHECK(*std::ranges::max_element(alike.n_pairs) <= 2 * *std::ranges::min_element(alike.n_pairs));
  // No budget takes many steps, or leaves much unused.
  const std::vector<BackgroundRow> many(100, {.n_players = 40, .gap = 1});
  for (const std::size_t budget : {std::size_t{1} << 30, std::size_t{1} << 40, std::size_t{1} << 45}) {
    const std::size_t spent = cost(many, allocate(many, budget, 1));
    CHECK(spent <= budget && spent > budget / 10 * 9);
  }
  CHECK(cost(many, allocate(many, ~std::size_t{0} / 4, 1)) == 100 * ((std::size_t{1} << 40) - 2));
  // A row whose coalitions can all be evaluated gets no more than that.
  CHECK(cost(rows, allocate(rows, std::size_t{1} << 40, 1)) == 10 * ((std::size_t{1} << 12) - 2));
}

// A budget for some of the rows: each is drawn equally often, and the sample is spread over their gaps.
void check_subset() {
  std::vector<BackgroundRow> rows = mixed(9, 5);
  for (std::size_t b = 0; b < rows.size(); ++b) rows[b].n_players = b == 4 ? 0 : 6 + b;
  const std::size_t n_seeds = 8000;
  for (const std::size_t budget : {20, 60, 110, 150}) {
    // A row's share is how often it is drawn, relative to the mean: 1 on average.
    std::vector<double> share(rows.size(), 0), square(rows.size(), 0);
    double costs = 0;
    bool fits = true;
    for (std::uint64_t seed = 0; seed < n_seeds; ++seed) {
      const Allocation found = allocate(rows, budget, seed);
      fits &= cost(rows, found) <= budget && !found.drawn.empty() && found.drawn.size() < 8 && found.n_pairs[4] == 0;
      costs += static_cast<double>(cost(rows, found)) / n_seeds;
      for (const std::size_t b : found.drawn) {
        const double weight = 8 / static_cast<double>(found.drawn.size());
        share[b] += weight / n_seeds;
        square[b] += weight * weight / n_seeds;
      }
    }
    CHECK(fits);
    CHECK(costs > 0.7 * static_cast<double>(budget));
    for (std::size_t b = 0; b < rows.size(); ++b)
      if (b != 4) CHECK(std::abs(share[b] - 1) < 4.5 * std::sqrt((square[b] - 1) / n_seeds));
  }
  // Each of two groups of gaps gets its share, whatever the seed.
  std::vector<BackgroundRow> groups(40, {.n_players = 12, .gap = 1});
  for (std::size_t b = 0; b < 20; ++b) groups[2 * b].gap = 9;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Allocation found = allocate(groups, 10 * 24, seed);
    const auto far = [&](std::size_t b) { return groups[b].gap > 5; };
    CHECK(found.drawn.size() == 10 && std::ranges::count_if(found.drawn, far) == 5);
  }
}

void check_below_block() {
  const std::vector<BackgroundRow> rows(3, {.n_players = 20, .gap = 1});
  const Allocation found = allocate(rows, 13, 2);
  CHECK(found.below_block && found.drawn.size() == 1 && cost(rows, found) == 12);
  CHECK(!allocate(rows, 40, 2).below_block);
  const std::vector<BackgroundRow> none(3, {.n_players = 0, .gap = 0});
  CHECK(allocate(none, 2, 2).n_costly == 0 && cost(none, allocate(none, 2, 2)) == 0);
}

// A search needs enough pairs, and takes a limited amount of work for each evaluation.
void check_search() {
  const Search none{}, automatic{.interactions = Interactions::automatic}, always{.interactions = Interactions::always};
  CHECK(!none.covers(20, 128) && automatic.covers(20, 128) && always.covers(20, 128));
  CHECK(!automatic.covers(20, 95) && automatic.covers(20, 96) && !automatic.covers(10, 63) && automatic.covers(10, 64));
  CHECK(automatic.covers(100, 512) && automatic.covers(100, 14 * 128) && automatic.covers(241, 2410) &&
        !automatic.covers(1000, 3072) && always.covers(1000, 3072));
  CHECK(automatic.is_costly(1000, 3072) && !always.is_costly(1000, 3072) && !none.is_costly(1000, 3072));
  // Each output has a search of its own.
  CHECK(!Search({.interactions = Interactions::automatic, .n_outputs = 20}).covers(100, 512));

  // Every row gets what a search needs, if the budget is large enough.
  std::vector<BackgroundRow> rows;
  for (std::size_t b = 0; b < 8; ++b) rows.push_back({.n_players = 40, .gap = b == 0 ? 10.0 : 0.1});
  const std::size_t budget = 8 * 2 * 3 * 64;
  const std::vector<std::size_t> plain = allocate(rows, budget, 1).n_pairs;
  CHECK(plain[0] > 3 * 64 && plain[1] < 3 * 64);
  CHECK(allocate(rows, budget, 1, false, automatic).n_pairs == std::vector<std::size_t>(8, 3 * 64));
  CHECK(allocate(rows, budget - 2, 1, false, automatic).n_pairs == allocate(rows, budget - 2, 1).n_pairs);
}

}  // namespace

int main() {
  check_sizes();
  check_budgets();
  check_growth();
  check_gaps();
  check_subset();
  check_below_block();
  check_search();
  return testing::finish();
}
