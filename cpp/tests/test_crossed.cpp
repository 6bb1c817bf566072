// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Crossed explanations from C++: closed forms, budgets, same bits, and what is kept when the model fails.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

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
    // The first explicand agrees with the first background row but in four columns, with the second but in one, and is
    // the third.
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
  std::size_t fail_beyond = std::numeric_limits<std::size_t>::max();
  bool order_two = true;
};

void explain(const Data& data, Explanations& run, std::size_t batch, Calls& calls) {
  std::vector<std::uint8_t> buffer(batch * n * sizeof(double));
  const Model model = [&](std::size_t n_rows, std::vector<double>& outputs) {
    if (calls.n_rows + n_rows > calls.fail_beyond) throw std::runtime_error("the model's own");
    calls.n_rows += n_rows;
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

// The mean over background rows of the values of a product of two columns and a linear part.
double truth(const Data& data, std::size_t x, std::size_t i) {
  double sum = 0;
  for (std::size_t b = 0; b < n_background; ++b) {
    const double own = data.explicands[x * n + i], other = data.background[b * n + i];
    sum += data.weights[i] * (own - other);
    if (i > 1) continue;
    sum += 0.5 * (own - other) * (data.explicands[x * n + 1 - i] + data.background[b * n + 1 - i]);
  }
  return sum / n_background;
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
    const std::size_t rows = std::accumulate(run.n_rows().begin(), run.n_rows().end(), std::size_t{0});
    CHECK(calls.n_rows == n_background + n_explicands + rows && run.n_model_rows() == calls.n_rows);
    CHECK(*std::ranges::max_element(run.n_rows()) <= budget);
    CHECK(run.n_background() == std::vector<std::size_t>(n_explicands, n_background));
    if (budget == 100'000) {
      // 2^4 - 2 coalitions, none for one player or no player, and 2^9 - 2 for the two rows that differ everywhere.
      CHECK(run.n_rows() == (std::vector<std::size_t>{14 + 2 * 510, 5 * 510, 5 * 510}));
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
    CHECK(run.background_errors() == whole.background_errors() && run.n_rows() == whole.n_rows());
  }
  Calls other{.order_two = false};
  CrossedExplanations seeded(data.table(), {.budget = 200, .seed = 5});
  explain(data, seeded, 1000, other);
  CHECK(seeded.values() != whole.values());
}

// Whenever the model fails, the explicands all of whose rows it has answered are there, and no others.
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
      while (expected < n_explicands && answered + whole.n_rows()[expected] <= failing.n_rows)
        answered += whole.n_rows()[expected++];
      CHECK(run.n_explained() == expected);
      CHECK(std::equal(run.values().begin(), run.values().end(), whole.values().begin()));
    }
  }
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
  check_failures();
  check_arguments();
  return testing::finish();
}
