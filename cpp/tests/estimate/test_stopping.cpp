// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks the rules on given numbers, prefixes of designs, and the loop with a clock of the test.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include "banzhaf/anytime.hpp"
#include "check.hpp"
#include "estimate/rules.hpp"
#include "support/statistics.hpp"

namespace {

using namespace banzhaf;
using testing::close;
using testing::throws;

constexpr double infinity = std::numeric_limits<double>::infinity();

void check_rules() {
  const std::vector<double> values{3, -5, 1, 0.5}, errors{0.1, 0.2, 0.1, 0.3};
  Look look{.values = values, .standard_errors = errors, .n_outputs = 1, .degrees_of_freedom = infinity, .hidden = 0};
  CHECK(within_tolerance(look, 0.3, 0.95) && !within_tolerance(look, 0.29, 0.95));
  // With 4 degrees of freedom, the largest error is multiplied by 2.7764 / 1.9600.
  look.degrees_of_freedom = 4;
  CHECK(within_tolerance(look, 0.4250, 0.95) && !within_tolerance(look, 0.4249, 0.95));
  look.degrees_of_freedom = 0;
  CHECK(!within_tolerance(look, 1e9, 0.95) && !separated(look, 1, 0.5));

  // -5 leads 3 by 2 with an error of sqrt(0.05), and there are 2 * 1 * 3 comparisons.
  look.degrees_of_freedom = 7;
  const auto tail = [](double t, double p) { return student_t_quantile(1 - p, 7) < t; };
  for (const double p : {0.1, 1e-2, 1e-4, 1e-5, 1e-6}) CHECK(separated(look, 1, p) == tail(2 / std::sqrt(0.05), p / 6));
  CHECK(separated(look, 1, 1e-2) && !separated(look, 1, 1e-6));
  // 1 and 0.5 are not separated, but 3 and 1 are.
  CHECK(separated(look, 2, 0.05) && !separated(look, 3, 0.05));
  CHECK(throws<std::invalid_argument>([&] { static_cast<void>(separated(look, 4, 0.05)); }, "top_k"));

  // A second output in which the same players are all equal.
  std::vector<double> both, both_errors;
  for (const double v : values) both.insert(both.end(), {v, 1});
  for (const double e : errors) both_errors.insert(both_errors.end(), {e, 0});
  const Look two{.values = both, .standard_errors = both_errors, .n_outputs = 2, .degrees_of_freedom = 7, .hidden = 0};
  CHECK(!separated(two, 2, 0.05));
  // Exact values need no degrees of freedom. Values that are equal, or equal up to rounding, are never separated.
  const std::vector<double> zeros(4), nearly{1, 1 + 1e-14, 0, 0}, unknown{0, std::nan(""), 0, 0};
  CHECK(
      separated({.values = values, .standard_errors = zeros, .n_outputs = 1, .degrees_of_freedom = infinity}, 1, 0.05));
  CHECK(!separated({.values = nearly, .standard_errors = zeros, .n_outputs = 1, .degrees_of_freedom = 9}, 1, 0.05));
  CHECK(!separated({.values = values, .standard_errors = unknown, .n_outputs = 1, .degrees_of_freedom = 9}, 1, 0.05));
  CHECK(!within_tolerance({.values = values, .standard_errors = unknown, .n_outputs = 1, .degrees_of_freedom = 9}, 9,
                          0.9));

  double sum = 0;
  for (std::size_t l = 1; l < 5000; ++l) sum += share_of_look(l);
  CHECK(sum < 1 && sum > 0.999);
  const StoppingRules rules{.tolerance = 0.1, .top_k = 1, .confidence = 0.95};
  CHECK(met(rules, look, 1) == Stopped::top_k);
  CHECK(met({.tolerance = 1, .top_k = 1, .confidence = 0.95}, look, 1) == Stopped::tolerance);
  CHECK(!met({.tolerance = 0.1}, look, 1));
  // Half of 5 % for four values: 1 / 160 each.
  look.hidden = 1.0 / 159;
  CHECK(!met(rules, look, 1));
  look.hidden = 1.0 / 161;
  CHECK(met(rules, look, 1) == Stopped::top_k);
  look.hidden = 0.06;
  CHECK(!met({.tolerance = 1}, look, 1));
  look.hidden = 0.04;
  CHECK(met({.tolerance = 1}, look, 1) == Stopped::tolerance);
  CHECK(hidden_probability(1) == 1 && hidden_probability(6) == 1.0 / 32);
}

void check_looks() {
  CHECK((looks(1, 20) == std::vector<std::size_t>{1, 2, 3, 4, 6, 9, 13, 19}));
  CHECK(looks(20, 20).empty());
  for (const std::size_t last : {2, 17, 1000, 1'000'000}) {
    std::size_t sum = 0;
    for (const std::size_t size : looks(1, last)) sum += size;
    CHECK(sum <= 3 * last);
  }
}

std::vector<std::vector<std::uint64_t>> rows_of(const Design& design) {
  std::vector<std::vector<std::uint64_t>> rows(design.n_coalitions(),
                                               std::vector<std::uint64_t>(words_for(design.n_players())));
  for (std::size_t r = 0; r < rows.size(); ++r) design.fill_row(r, rows[r]);
  return rows;
}

// A prefix is the design of that budget, into the second stage and with parts of blocks. Shuffling keeps each block.
void check_prefixes() {
  // With 40 players, all of these budgets use Kerdock's forms.
  for (const std::size_t n : {5, 7, 20, 40, 70}) {
    const std::size_t order = std::bit_ceil(n), most = n < 8 ? std::size_t{1} << n : n == 20 ? 9000 : 5000;
    const Design whole(DesignKind::hadamard, n, most, 3);
    const auto rows = rows_of(whole), shuffled = rows_of(whole.shuffled());
    CHECK(std::set(rows.begin(), rows.end()) == std::set(shuffled.begin(), shuffled.end()));
    CHECK(rows_of(whole.shuffled().unshuffled()) == rows);
    if (order > 8) CHECK(rows != shuffled);
    for (const std::size_t budget : {2 * order, 2 * order + 6, 6 * order, 6 * order + order / 2 * 2, most - 2}) {
      if (budget > most || budget < 2 * order) continue;
      const auto expected = rows_of(Design(DesignKind::hadamard, n, budget, 3));
      CHECK(rows_of(whole.prefix(budget)) == expected);
      const std::set<std::vector<std::uint64_t>> begun(shuffled.begin(),
                                                       shuffled.begin() + static_cast<std::ptrdiff_t>(budget));
      CHECK(begun == std::set(expected.begin(), expected.end()));
    }
  }
  const Design paired(DesignKind::paired, 20, 100, 1);
  CHECK(paired.prefix(31).n_coalitions() == 30);
  CHECK(rows_of(paired.prefix(30)) == rows_of(Design(DesignKind::paired, 20, 30, 1)));
  CHECK(Design(DesignKind::hadamard, 6, 1000, 1).n_coalitions() == 64);
}

// Weights, and a product of three players in addition.
void game(CoalitionsView batch, std::vector<double>& worths) {
  for (std::size_t r = 0; r < batch.n_rows; ++r) {
    double worth = 0, product = 0.5;
    for (std::size_t i = 0; i < batch.n_players; ++i) worth += batch.contains(r, i) ? static_cast<double>(i) : 0;
    for (const std::size_t i : {1, 2, 3}) product *= batch.contains(r, i) ? 1 : -1;
    worths.push_back(worth + product);
  }
}

void check_stops() {
  const Design design(DesignKind::hadamard, 20, 40'000, 5);
  const auto same = [](const Estimate& a, const Estimate& b) {
    return a.values == b.values && a.standard_errors == b.standard_errors && a.r2 == b.r2 &&
           a.mean_worth == b.mean_worth && a.n_evaluations == b.n_evaluations && a.even_variance == b.even_variance;
  };
  const Estimate within = estimate(game, design, Anytime{.rules = {.tolerance = 0.1}});
  CHECK(within.stopped == Stopped::tolerance && within.n_evaluations < 10'000);
  CHECK(same(within, estimate(game, Design(DesignKind::hadamard, 20, within.n_evaluations, 5))));
  const Estimate leading = estimate(game, design, Anytime{.rules = {.top_k = 3}});
  CHECK(leading.stopped == Stopped::top_k);
  std::size_t n_calls = 0;
  Anytime asking;
  asking.callback = [&](const Estimate& found) { return ++n_calls == 3 && found.n_evaluations == 192; };
  const Estimate called = estimate(game, design, asking);
  CHECK(called.stopped == Stopped::callback && called.n_evaluations == 192 && n_calls == 3);
  const Estimate never = estimate(game, design, Anytime{});
  CHECK(never.stopped == Stopped::budget && same(never, estimate(game, design)));
  const Estimate all = estimate(game, Design(DesignKind::exhaustive, 9, 0, 0), Anytime{.deadline = 1e9});
  CHECK(same(all, estimate(game, Design(DesignKind::exhaustive, 9, 0, 0))) && std::isinf(all.degrees_of_freedom));
  CHECK(throws<std::invalid_argument>(
      [&] { static_cast<void>(estimate(game, design, Anytime{.rules = {.top_k = 20}})); }, "top_k"));
  CHECK(throws<std::invalid_argument>(
      [&] { static_cast<void>(estimate(game, design, Anytime{.rules = {.tolerance = 1, .confidence = 1}})); },
      "confidence"));
  CHECK(throws<std::invalid_argument>([&] { static_cast<void>(estimate(game, design, Anytime{.deadline = 0})); },
                                      "deadline"));
}

// A clock that only the game moves: by a time per call, and a time per coalition.
void check_deadline() {
  for (const DesignKind kind : {DesignKind::hadamard, DesignKind::paired, DesignKind::independent}) {
    for (const double per_call : {0.0, 0.5}) {
      for (const double per_coalition : {1e-4, 1e-2, 1.0}) {
        double time = 100, begun = 0;
        std::size_t n_calls = 0;
        Anytime anytime{.deadline = 60};
        anytime.clock = [&] { return time; };
        const Game slow = [&](CoalitionsView batch, std::vector<double>& worths) {
          begun = time;
          ++n_calls;
          time += per_call + per_coalition * static_cast<double>(batch.n_rows);
          game(batch, worths);
        };
        const Estimate found = estimate(slow, Design(kind, 12, 3'000'000, 5).prefix(3'000'000), anytime);
        const double late = time - 160, batch = time - begun;
        const bool all = found.n_evaluations >= (kind == DesignKind::hadamard ? 4096U : 3'000'000U);
        CHECK(all ? found.stopped == Stopped::budget : found.stopped == Stopped::deadline);
        CHECK(begun < 160 && late < batch);
        // Most of the time is used, and not in tiny batches.
        if (!all) CHECK(time > 100 + 0.9 * 60 - 2 * per_call && n_calls < 150);
      }
    }
  }
}

// The share of sets of k different numbers below `order` whose xor is 0, by enumeration.
double share_of_zero_sums(std::size_t order, std::size_t k) {
  std::size_t n_zero = 0, n_sets = 0;
  for (std::uint32_t set = 0; set < std::uint32_t{1} << order; ++set) {
    if (static_cast<std::size_t>(std::popcount(set)) != k) continue;
    unsigned sum = 0;
    for (unsigned x = 0; x < order; ++x) sum ^= ((set >> x) & 1U) != 0 ? x : 0;
    ++n_sets;
    n_zero += sum == 0 ? 1 : 0;
  }
  return static_cast<double>(n_zero) / static_cast<double>(n_sets);
}

// An interaction falls on a player's column if an even number of columns adds up to 0.
void check_hidden_in_fresh_blocks() {
  for (const std::size_t order : {8, 16}) {
    CHECK(close(share_of_zero_sums(order, 4), 1 / (static_cast<double>(order) - 3), 1e-12));
    for (std::size_t k = 2; k < order; k += 2) {
      const double share = share_of_zero_sums(order, k);
      CHECK(share <= 2 * hidden_probability_of_fresh(2, order - 1) * (1 + 1e-12));
    }
    CHECK(share_of_zero_sums(order, order) == 1 && hidden_probability_of_fresh(2, order) == 0.5);
  }
  CHECK(hidden_probability_of_fresh(1, 20) == 1 && hidden_probability_of_fresh(3, 20) == 1.0 / (58 * 58));
}

// The rows of an early order, and estimates from its first coalitions, in all kinds of designs.
void check_orders() {
  const auto worth = [](CoalitionsView rows, std::size_t r) {
    double size = 0;
    for (std::size_t i = 0; i < rows.n_players; ++i) size += rows.contains(r, i) ? 1.5 + static_cast<double>(i) : 0;
    return size * size * size;
  };
  struct Case {
    DesignKind kind;
    std::size_t n_players, budget;
  };
  for (const auto& [kind, n, budget] : {Case{DesignKind::hadamard, 12, 200},
                                        {DesignKind::fresh, 12, 200},
                                        {DesignKind::hadamard, 13, 30},
                                        {DesignKind::hadamard, 12, 20},
                                        {DesignKind::paired, 9, 50},
                                        {DesignKind::independent, 9, 51},
                                        {DesignKind::exhaustive, 6, 0},
                                        {DesignKind::repeated, 4, 48}}) {
    const Design usual(kind, n, budget, 5);
    const Design early = anytime_design(usual, true);
    const std::size_t m = early.n_coalitions();
    const std::vector<std::size_t> rows = rows_in_design(early, 0, m);
    CHECK(std::set(rows.begin(), rows.end()).size() == m && *std::max_element(rows.begin(), rows.end()) == m - 1);
    Coalitions those(m, n), these(1, n);
    early.fill(0, those);
    std::vector<double> worths(m), in_rows(m);
    for (std::size_t r = 0; r < m; ++r) {
      usual.fill_row(rows[r], these.row(0));
      CHECK(std::ranges::equal(those.row(r), these.row(0)));
      in_rows[rows[r]] = worths[r] = worth(those.view(), r);
    }
    // All worths in one go give the bits of a run, and so does a part of them.
    GameEvaluation told(early), run(usual), part(early);
    told.restore({worths, 1});
    run.restore({in_rows, 1});
    if (kind != DesignKind::repeated) CHECK(estimate_so_far(told).values == estimate(run).values);
    const std::size_t some = m / 3 / 2 * 2;
    part.restore({std::span(worths).first(some - 2), 1});
    part.restore({std::span(worths).subspan(some - 2, 2), 1});
    const Estimate found = estimate_so_far(part);
    CHECK(found.n_evaluations == some);
    CHECK(throws<std::invalid_argument>([&] { part.restore({worths, 1}); }, "at most one worth"));
    CHECK(throws<std::invalid_argument>([&] { part.restore({std::span(worths).first(2), 2}); }, "outputs"));
    CHECK(throws<std::invalid_argument>([&] { static_cast<void>(rows_in_design(early, 1, m)); }, "coalitions"));
  }
}

}  // namespace

int main() {
  check_orders();
  check_hidden_in_fresh_blocks();
  check_rules();
  check_looks();
  check_prefixes();
  check_stops();
  check_deadline();
  return banzhaf::testing::finish();
}
