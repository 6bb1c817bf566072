// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks crossed explanations in C++: closed forms, budgets, equal bits, and what is kept if the model fails.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>
#include <thread>

#include "banzhaf/crossed.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;

constexpr std::size_t n = 9, n_background = 5, n_explicands = 3;

struct Data {
  std::vector<double> background = testing::normals(n_background * n, 1);
  std::vector<double> explicands = testing::normals(n_explicands * n, 2);
  std::vector<double> weights = testing::normals(n, 3);

  Data() {
    // The first explicand differs from the first background row in four columns, from the second in one, and equals the
    // third.
    for (std::size_t j = 0; j < n; ++j) {
      if (j >= 4) background[j] = explicands[j];
      if (j >= 1) background[n + j] = explicands[j];
      background[2 * n + j] = explicands[j];
    }
  }
  [[nodiscard]] MaskedTable table() const {
    return {background.data(), explicands.data(), n_background, n_explicands, n, sizeof(double), n, {}};
  }
};

struct Calls {
  std::size_t n_rows = 0;
  std::vector<std::size_t> sizes{};
  std::size_t fail_beyond = std::numeric_limits<std::size_t>::max();
  bool order_two = true;
};

void explain(const Data& data, Explanations& run, std::size_t batch, Calls& calls) {
  std::vector<std::uint8_t> buffer(batch * n * sizeof(double));
  const Model model = [&](std::size_t n_rows, std::vector<double>& outputs) {
    if (calls.n_rows + n_rows > calls.fail_beyond) throw std::runtime_error("the model's own");
    calls.n_rows += n_rows;
    calls.sizes.push_back(n_rows);
    for (std::size_t r = 0; r < n_rows; ++r) {
      double row[n];
      std::memcpy(row, buffer.data() + r * sizeof(row), sizeof(row));
      double sum = row[0] * row[1] * (calls.order_two ? 1 : row[2] * row[5]);
      for (std::size_t j = 0; j < n; ++j) sum += data.weights[j] * row[j];
      outputs.push_back(sum);
    }
  };
  run.run(model, buffer);
}

// The mean over background rows, weighted if there are weights, of the values of a product of two columns plus a linear
// part.
double truth(const Data& data, std::size_t x, std::size_t i, const std::vector<double>& row_weights = {}) {
  double sum = 0, total = 0;
  for (std::size_t b = 0; b < n_background; ++b) {
    const double weight = row_weights.empty() ? 1 : row_weights[b];
    const double own = data.explicands[x * n + i], other = data.background[b * n + i];
    total += weight;
    sum += weight * data.weights[i] * (own - other);
    if (i > 1) continue;
    sum += weight * 0.5 * (own - other) * (data.explicands[x * n + 1 - i] + data.background[b * n + 1 - i]);
  }
  return sum / total;
}

void check_values_and_costs() {
  const Data data;
  for (const std::size_t budget : {120, 121, 160, 500, 100'000}) {
    CrossedExplanations run(data.table(), {.budget = budget, .seed = 4, .num_threads = 2});
    Calls calls;
    CHECK(run.n_model_rows() == n_background + n_explicands * (1 + budget));
    explain(data, run, 50, calls);
    CHECK(run.n_explained() == n_explicands && run.rank() == n);
    bool right = true;
    for (std::size_t x = 0; x < n_explicands; ++x)
      for (std::size_t i = 0; i < n; ++i) right &= testing::close(run.values()[x * n + i], truth(data, x, i), 1e-12);
    CHECK(right);
    const std::size_t rows = std::accumulate(run.row_costs().begin(), run.row_costs().end(), std::size_t{0});
    CHECK(calls.n_rows == n_background + n_explicands + rows && run.n_model_rows() == calls.n_rows);
    CHECK(*std::ranges::max_element(run.row_costs()) <= budget);
    CHECK(run.n_background() == std::vector<std::size_t>(n_explicands, n_background));
    if (budget == 100'000) {
      // 2^4 - 2 coalitions, none for one player or no player, and 2^9 - 2 for the two rows that differ in all columns.
      CHECK(run.row_costs() == (std::vector<std::size_t>{14 + 2 * 510, 5 * 510, 5 * 510}));
      CHECK(std::ranges::all_of(run.standard_errors(), [](double error) { return error == 0; }));
    }
  }
}

void check_same_bits() {
  const Data data;
  Calls calls{.order_two = false};
  CrossedExplanations whole(data.table(), {.budget = 200, .seed = 4, .num_threads = 2});
  explain(data, whole, 1000, calls);
  CHECK(std::ranges::any_of(whole.standard_errors(), [](double error) { return error > 0; }));
  for (const std::size_t batch : {1, 3, 64}) {
    Calls again{.order_two = false};
    CrossedExplanations run(data.table(), {.budget = 200, .seed = 4, .num_threads = 1});
    explain(data, run, batch, again);
    CHECK(run.values() == whole.values() && run.standard_errors() == whole.standard_errors());
    CHECK(run.background_errors() == whole.background_errors() && run.row_costs() == whole.row_costs());
  }
  Calls other{.order_two = false};
  CrossedExplanations seeded(data.table(), {.budget = 200, .seed = 5});
  explain(data, seeded, 1000, other);
  CHECK(seeded.values() != whole.values());
}

// Whenever the model fails, exactly those explicands are there whose rows it has all answered.
// Few rows share a call with the background, within the size of a batch. Many rows come after it.
void check_first_calls() {
  const Data data;
  const auto first_calls = [&](std::size_t n_others, std::size_t n_rows, std::size_t batch, std::ptrdiff_t count) {
    MaskedTable table = data.table();
    table.n_background = n_others;
    table.n_explicands = n_rows;
    CrossedExplanations run(table, {.budget = 40});
    Calls calls;
    explain(data, run, batch, calls);
    return std::vector<std::size_t>(calls.sizes.begin(), calls.sizes.begin() + count);
  };
  CHECK(first_calls(5, 1, 100, 1) == std::vector<std::size_t>{6});
  CHECK(first_calls(3, 3, 100, 1) == std::vector<std::size_t>{6});
  CHECK(first_calls(5, 3, 6, 2) == (std::vector<std::size_t>{6, 2}));
  CHECK(first_calls(5, 3, 2, 4) == std::vector<std::size_t>(4, 2));
  CHECK(first_calls(2, 3, 100, 2) == (std::vector<std::size_t>{2, 3}));
}

void check_failures() {
  const Data data;
  Calls calls;
  CrossedExplanations whole(data.table(), {.budget = 200, .seed = 4});
  explain(data, whole, 1000, calls);
  for (const std::size_t batch : {1, 7, 50}) {
    for (std::size_t limit = 0; limit < calls.n_rows; limit += 3) {
      Calls failing{.fail_beyond = limit};
      CrossedExplanations run(data.table(), {.budget = 200, .seed = 4});
      CHECK(testing::throws<std::runtime_error>([&] { explain(data, run, batch, failing); }, "the model's own"));
      std::size_t expected = 0, answered = n_background + n_explicands;
      while (expected < n_explicands && answered + whole.row_costs()[expected] <= failing.n_rows)
        answered += whole.row_costs()[expected++];
      CHECK(run.n_explained() == expected);
      CHECK(std::equal(run.values().begin(), run.values().end(), whole.values().begin()));
    }
  }
}

// A clock that advances with each model evaluation. At any deadline, there are values of a sample of the background, or
// none.
void check_deadlines(const std::vector<double>& row_weights) {
  const Data data;
  MaskedTable table = data.table();
  table.weights = row_weights;
  table.explicands = &data.explicands[n];
  table.n_explicands = 1;
  std::vector<double> sums(n), squares(n);
  std::size_t n_parts = 0, n_runs = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Calls calls;
    const CrossedOptions options{
        .budget = 400, .seed = seed, .num_threads = 1, .deadline = n_background + 100.0, .clock = [&] {
          return static_cast<double>(calls.n_rows);
        }};
    CrossedExplanations run(table, options);
    explain(data, run, 8, calls);
    const std::size_t found = run.n_background()[0];
    CHECK(run.stopped()[0] == Stopped::deadline && calls.n_rows <= n_background + 108);
    CHECK(run.n_explained() == 1 && found < n_background);
    n_parts += found > 0 ? 1 : 0;
    if (found == 0) {
      CHECK(std::isnan(run.values()[0]) && std::isnan(run.standard_errors()[0]));
      continue;
    }
    ++n_runs;
    for (std::size_t i = 0; i < n; ++i) {
      const double error = run.values()[i] - truth(data, 1, i, row_weights);
      sums[i] += error;
      squares[i] += error * error;
    }
  }
  CHECK(n_parts > 2900);
  // Weighted rows are kept as often as others, and then represent the weights of all rows. This ratio has a bias, which
  // for two or three rows is about a third of its error.
  const double most = row_weights.empty() ? 4.5 : 0.5 * std::sqrt(static_cast<double>(n_runs));
  for (std::size_t i = 0; i < n; ++i) CHECK(std::abs(sums[i]) < most * std::sqrt(squares[i]));
  // Planning stops in time as well.
  double passed = 0;
  Calls calls;
  CrossedExplanations slow(data.table(), {.budget = 400, .deadline = 1.0, .clock = [&] { return passed += 0.2; }});
  explain(data, slow, 1000, calls);
  CHECK(slow.n_explained() == n_explicands && slow.stopped().back() == Stopped::deadline);
  CHECK(std::isnan(slow.values().back()) && slow.n_background().back() == 0);
}

// Features in which no drawn row differs are 0 for lack of evidence, and this is reported.
void check_unseen() {
  Data data;
  // Each column differs in only one background row.
  for (std::size_t b = 0; b < n_background; ++b)
    for (std::size_t j = 0; j < n; ++j)
      if (j % n_background != b && (j + 1) % n_background != b) data.background[b * n + j] = data.explicands[n + j];
  MaskedTable table = data.table();
  table.explicands = &data.explicands[n];
  table.n_explicands = 1;
  CrossedExplanations run(table, {.budget = 16, .seed = 1});
  Calls calls;
  explain(data, run, 100, calls);
  CHECK(run.n_background()[0] < n_background);
  for (std::size_t i = 0; i < n; ++i) CHECK((run.values()[i] == 0) == std::isnan(run.standard_errors()[i]));
  CHECK(std::ranges::count(run.values(), 0.0) > 0);
}

bool same(const Explanations& a, const Explanations& b) {
  return a.values() == b.values() && a.standard_errors() == b.standard_errors() &&
         a.background_errors() == b.background_errors() && a.r2() == b.r2() && a.row_costs() == b.row_costs() &&
         a.base_values() == b.base_values() && a.condition_number() == b.condition_number();
}

// One explainer serves threads, whatever happens to their models, and its runs outlive it.
void check_prepared() {
  const Data data;
  for (const std::size_t budget : {40, 121, 200, 500}) {
    const CrossedOptions options{.budget = budget, .seed = 4, .num_threads = 1};
    CrossedExplanations whole(data.table(), options);
    Calls calls{.order_two = false};
    explain(data, whole, 1000, calls);
    auto explainer = std::make_unique<const CrossedExplainer>(data.table(), options);
    CHECK(explainer->n_background() == n_background && explainer->n_columns() == n && explainer->cell_bytes() == 8);
    std::vector<int> right(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < right.size(); ++t)
      threads.emplace_back([&, t] {
        for (std::size_t turn = 0; turn < 20; ++turn) {
          CrossedExplanations run = explainer->start(data.explicands.data(), n_explicands);
          Calls mine{.fail_beyond = turn % 3 == 2 ? 30 + turn : ~std::size_t{0} / 2, .order_two = false};
          try {
            explain(data, run, 16, mine);
          } catch (const std::runtime_error&) {
            right[t] += turn % 3 == 2 ? 1 : 0;
            continue;
          }
          right[t] += same(run, whole) ? 1 : 0;
        }
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(right == std::vector<int>(4, 20));
    CrossedExplanations last = explainer->start(data.explicands.data(), n_explicands);
    explainer.reset();
    Calls mine{.order_two = false};
    explain(data, last, 16, mine);
    CHECK(same(last, whole));
  }
}

// A run with known outputs evaluates one background row again, beside the explained rows, and notices a change.
void check_known_outputs() {
  const Data data;
  const CrossedExplainer explainer(data.table(), {.budget = 60, .seed = 4, .num_threads = 1});
  std::vector<double> known;
  for (std::size_t b = 0; b < n_background; ++b) {
    const double* row = &data.background[b * n];
    known.push_back(std::inner_product(row, row + n, data.weights.begin(), row[0] * row[1]));
  }
  const auto start = [&](BackgroundCheck check) {
    return explainer.start(data.explicands.data(), n_explicands, {.check = std::move(check)}, known);
  };
  CrossedExplanations whole = explainer.start(data.explicands.data(), n_explicands);
  Calls all;
  explain(data, whole, 100, all);
  for (const std::size_t batch : {100, 2}) {
    CrossedExplanations run = start({.row = 3, .tolerance = {1e-12}});
    Calls calls;
    explain(data, run, batch, calls);
    CHECK(calls.sizes[0] == std::min<std::size_t>(batch, n_explicands + 1));
    CHECK(calls.n_rows == run.n_model_rows() && calls.n_rows == all.n_rows - n_background + 1);
    CHECK(std::ranges::equal(run.predictions(), whole.predictions()));
    for (std::size_t i = 0; i < run.values().size(); ++i) CHECK(std::abs(run.values()[i] - whole.values()[i]) < 1e-12);
  }
  known[3] += 1;
  CrossedExplanations other = start({.row = 2, .tolerance = {1e-12}}), clear = start({.row = 3, .tolerance = {1e-12}});
  Calls calls;
  explain(data, other, 100, calls);
  CHECK(other.n_confirming() == 0);
  CHECK(testing::throws<ModelChanged>([&] { explain(data, clear, 100, calls); }, "for background row 3, but "));
  // A single row may be rounded in another way. If at least half of them differ, the model has changed. Values come from
  // the new outputs in any case.
  CrossedExplanations rounded = start({.row = 3, .tolerance = {0.5}});
  explain(data, rounded, 100, calls);
  CHECK(rounded.n_confirming() == n_background);
  CHECK(std::abs(rounded.base_values()[0] - whole.base_values()[0]) < 1e-12);
  for (std::size_t i = 0; i < rounded.values().size(); ++i)
    CHECK(std::abs(rounded.values()[i] - whole.values()[i]) < 1e-12);
  for (double& each : known) each += 1;
  CrossedExplanations changed = start({.row = 3, .tolerance = {0.5}});
  CHECK(testing::throws<ModelChanged>([&] { explain(data, changed, 100, calls); }, "for background row 3, but "));
  CHECK(testing::throws<std::invalid_argument>([&] { start({.row = 5, .tolerance = {1}}); }, "check"));
  CHECK(testing::throws<std::invalid_argument>([&] { start({.row = 0, .tolerance = {1, 1}}); }, "check"));
}

// A model may explain another model on the same thread.
void check_nested() {
  const Data data;
  const CrossedOptions options{.budget = 200, .seed = 4, .num_threads = 1};
  CrossedExplanations alone(data.table(), options), inner(data.table(), options), outer(data.table(), options);
  Calls calls;
  explain(data, alone, 50, calls);
  std::vector<std::uint8_t> buffer(50 * n * sizeof(double));
  bool is_first = true;
  const Model model = [&](std::size_t n_rows, std::vector<double>& outputs) {
    if (outer.n_outputs() > 0 && is_first) {
      is_first = false;
      Calls others;
      explain(data, inner, 50, others);
    }
    for (std::size_t r = 0; r < n_rows; ++r) {
      double row[n];
      std::memcpy(row, buffer.data() + r * sizeof(row), sizeof(row));
      double sum = row[0] * row[1];
      for (std::size_t j = 0; j < n; ++j) sum += data.weights[j] * row[j];
      outputs.push_back(sum);
    }
  };
  outer.run(model, buffer);
  CHECK(!is_first && same(inner, alone) && same(outer, alone));
}

void check_arguments() {
  const Data data;
  CHECK(
      testing::throws<std::invalid_argument>([&] { CrossedExplanations run(data.table(), {.budget = 1}); }, "budget"));
  const CrossedExplanations most(data.table(), {.budget = std::numeric_limits<std::size_t>::max()});
  CHECK(most.n_model_rows() > std::size_t{1} << 60);
}

}  // namespace

int main() {
  check_values_and_costs();
  check_same_bits();
  check_first_calls();
  check_failures();
  check_deadlines({});
  check_deadlines({1, 0.5, 2, 0.25, 3});
  check_unseen();
  check_prepared();
  check_known_outputs();
  check_nested();
  check_arguments();
  return testing::finish();
}
